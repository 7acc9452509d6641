// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "route/topic_node.h"
#include "route/topics.h"

// ---------------------------------------------------------------- a retirer without readers

static void retire_now(void *user, base_retired *retired, base_retired_fn fn)
{
    (void)user;
    fn(retired);
}

static topics make(void)
{
    topics made;
    base_retirer retirer = {retire_now, NULL};
    assert_int_equal(topics_init(&made, 1000000, base_hash_key_random(), retirer, base_allocator_default()), AIRS_OK);
    return made;
}

static uint64_t subscribe(topics *self, uint64_t actor, const char *pattern, const char *group)
{
    uint64_t id = 0;
    assert_int_equal(topics_subscribe(self, actor, base_bytes_of(pattern), base_bytes_of(group), &id, NULL), AIRS_OK);
    return id;
}

/// What was delivered: a count for each actor below 64, and who refuses. What was refused at the last try is lost.
typedef struct sink {
    uint32_t counts[64];
    uint64_t refuses;
    uint32_t lost;
} sink;

static bool deliver(void *user, uint64_t actor, topic_share share)
{
    sink *self = user;
    if (self->refuses >> actor & 1u) {
        self->lost += share != TOPIC_GROUP_TRY;
        return false;
    }
    self->counts[actor]++;
    return true;
}

static uint32_t publish(topics *self, const char *topic, sink *to)
{
    return topics_publish(self, base_bytes_of(topic), deliver, to);
}

// ---------------------------------------------------------------- tests

static void patterns_match_as_in_nats(void **user)
{
    (void)user;
    static const struct {
        const char *pattern;
        const char *topic;
        bool matches;
    } cases[] = {
        {"a", "a", true},         {"a", "b", false},         {"a", "a.b", false},     {"a.b", "a.b", true},
        {"a.*", "a.b", true},     {"a.*", "a", false},       {"a.*", "a.b.c", false}, {"*.b", "a.b", true},
        {"*", "a", true},         {"*", "a.b", false},       {">", "a", true},        {">", "a.b.c", true},
        {"a.>", "a.b", true},     {"a.>", "a.b.c", true},    {"a.>", "a", false},     {"a.>", "b.c", false},
        {"a.*.c", "a.b.c", true}, {"a.*.c", "a.b.d", false}, {"*.*", "a.b", true},    {"a.*.>", "a.b.c.d", true},
        {"a.*.>", "a.b", false},  {"*.b.>", "a.b.c", true},  {"ab", "a", false},      {"a", "ab", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        topics self = make();
        subscribe(&self, 1, cases[i].pattern, "");
        sink to = {0};
        assert_int_equal(publish(&self, cases[i].topic, &to), cases[i].matches);
        topics_fini(&self);
    }
}

static void malformed_ones_are_refused_with_the_place(void **user)
{
    (void)user;
    static const struct {
        const char *text;
        const char *pattern_error;
        const char *topic_error;
    } cases[] = {
        {"", "0 bytes", "0 bytes"},
        {"a..b", "character 3: an empty level", "character 3: an empty level"},
        {".a", "character 1", "character 1"},
        {"a.", "character 3", "character 3"},
        {"a.>.b", "character 3: `>` is only allowed at the end", "character 3: `>` is for patterns only"},
        {"a.*", NULL, "character 3: `*` is for patterns only"},
        {"a.>", NULL, "character 3: `>` is for patterns only"},
        {"a b", "character 2", "character 2"},
        {"a*", "character 2", "character 2"},
        {"a.b\n", "character 4", "character 4"},
        {"a.\xff", "not UTF-8", "not UTF-8"},
        {"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17", "more than 16 levels", "more than 16 levels"},
        {"1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        airs_error error = {.text = ""};
        airs_status status = topics_check_pattern(base_bytes_of(cases[i].text), &error);
        assert_int_equal(status, cases[i].pattern_error == NULL ? AIRS_OK : AIRS_E_INVALID);
        if (cases[i].pattern_error != NULL)
            assert_non_null(strstr(error.text, cases[i].pattern_error));
        status = topics_check_topic(base_bytes_of(cases[i].text), &error);
        assert_int_equal(status, cases[i].topic_error == NULL ? AIRS_OK : AIRS_E_INVALID);
        if (cases[i].topic_error != NULL)
            assert_non_null(strstr(error.text, cases[i].topic_error));
    }
    char text[TOPIC_LEN_MAX + 1];
    memset(text, 'a', sizeof text);
    assert_int_equal(topics_check_topic((airs_bytes){(uint8_t *)text, TOPIC_LEN_MAX}, NULL), AIRS_OK);
    assert_int_equal(topics_check_topic((airs_bytes){(uint8_t *)text, TOPIC_LEN_MAX + 1}, NULL), AIRS_E_INVALID);
}

static void each_subscription_gets_a_copy(void **user)
{
    (void)user;
    topics self = make();
    subscribe(&self, 1, "a.b", "");
    subscribe(&self, 1, "a.*", "");
    subscribe(&self, 2, "a.>", "");
    subscribe(&self, 3, "b.>", "");
    sink to = {0};
    assert_int_equal(publish(&self, "a.b", &to), 3);
    assert_int_equal(to.counts[1], 2);
    assert_int_equal(to.counts[2], 1);
    assert_int_equal(to.counts[3], 0);
    topics_fini(&self);
}

static void one_of_a_group_gets_each_in_turn(void **user)
{
    (void)user;
    topics self = make();
    for (uint64_t actor = 1; actor <= 4; actor++)
        subscribe(&self, actor, actor == 4 ? "jobs.*" : "jobs.new", "workers");
    subscribe(&self, 5, "jobs.new", "others");
    subscribe(&self, 6, "jobs.new", "");
    sink to = {0};
    for (int i = 0; i < 400; i++)
        assert_int_equal(publish(&self, "jobs.new", &to), 3);
    for (uint64_t actor = 1; actor <= 4; actor++)
        assert_int_equal(to.counts[actor], 100);
    assert_int_equal(to.counts[5], 400);
    assert_int_equal(to.counts[6], 400);

    // Those that can't be reached are passed over, and nothing is lost; none left is nobody reached, and lost once a
    // group and a subscriber.
    to = (sink){.refuses = 1u << 1 | 1u << 2 | 1u << 3};
    assert_int_equal(publish(&self, "jobs.new", &to), 3);
    assert_int_equal(to.counts[4], 1);
    assert_int_equal(to.lost, 0);
    to = (sink){.refuses = UINT64_MAX};
    assert_int_equal(publish(&self, "jobs.new", &to), 0);
    assert_int_equal(to.lost, 3);
    topics_fini(&self);
}

/// Members of 1,000 groups in one list, and of one group in each of 128 lists: each group once, none lost.
static void any_number_of_groups_is_served(void **user)
{
    (void)user;
    enum {
        GROUPS = 1000,
        LEVELS = 7,
        PATTERNS = 1 << LEVELS
    };
    topics self = make();
    char name[32];
    for (int i = 0; i < GROUPS; i++) {
        (void)snprintf(name, sizeof name, "group-%d", i);
        subscribe(&self, (uint64_t)i % 50, "many", name);
        subscribe(&self, (uint64_t)i % 50, "many", name);
    }
    sink to = {0};
    assert_int_equal(publish(&self, "many", &to), GROUPS);
    for (int i = 0; i < 50; i++)
        assert_int_equal(to.counts[i], GROUPS / 50);

    for (int i = 0; i < PATTERNS; i++) {
        char pattern[2 * LEVELS] = "";
        for (int level = 0; level < LEVELS; level++) {
            pattern[2 * level] = (i >> level & 1) != 0 ? '*' : 'a';
            pattern[2 * level + 1] = level + 1 < LEVELS ? '.' : '\0';
        }
        (void)snprintf(name, sizeof name, "one-of-%d", i % 3);
        subscribe(&self, 50 + (uint64_t)(i % 3), pattern, name);
    }
    to = (sink){0};
    for (int i = 0; i < PATTERNS; i++)
        assert_int_equal(publish(&self, "a.a.a.a.a.a.a", &to), 3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(to.counts[50 + i], PATTERNS);
    topics_fini(&self);
}

static void unsubscribing_leaves_nothing(void **user)
{
    (void)user;
    topics self = make();
    uint64_t id = subscribe(&self, 1, "a.b.c", "group");
    assert_false(topics_unsubscribe(&self, id, 2));
    assert_false(topics_unsubscribe(&self, id + 1, 1));
    assert_true(topics_unsubscribe(&self, id, 1));
    assert_false(topics_unsubscribe(&self, id, 1));
    sink to = {0};
    assert_int_equal(publish(&self, "a.b.c", &to), 0);
    assert_int_equal(topics_count(&self), 0);
    assert_null(self.groups);
    topics_fini(&self);
}

/// Against a plain list of subscriptions, matched level by level.
static bool naive_match(const char *pattern, const char *topic)
{
    for (;;) {
        if (strcmp(pattern, ">") == 0)
            return true;
        size_t p = strcspn(pattern, ".");
        size_t t = strcspn(topic, ".");
        if (!(p == 1 && pattern[0] == '*') && (p != t || strncmp(pattern, topic, p) != 0))
            return false;
        if (pattern[p] == '\0' || topic[t] == '\0')
            return pattern[p] == topic[t];
        pattern += p + 1;
        topic += t + 1;
    }
}

static void random_text(unsigned *seed, bool pattern, char *ret)
{
    int levels = 1 + rand_r(seed) % 4;
    for (int i = 0; i < levels; i++) {
        int words = pattern ? (i + 1 == levels ? 5 : 4) : 3;
        *ret++ = "abc*>"[rand_r(seed) % words];
        *ret++ = i + 1 < levels ? '.' : '\0';
    }
}

static void it_agrees_with_a_plain_list(void **user)
{
    (void)user;
    enum {
        COUNT = 200
    };
    topics self = make();
    char patterns[COUNT][32] = {0};
    uint64_t ids[COUNT] = {0};
    unsigned seed = 1;
    for (int step = 0; step < 20000; step++) {
        int at = rand_r(&seed) % COUNT;
        if (ids[at] == 0) {
            random_text(&seed, true, patterns[at]);
            ids[at] = subscribe(&self, (uint64_t)at % 60, patterns[at], "");
        } else {
            assert_true(topics_unsubscribe(&self, ids[at], (uint64_t)at % 60));
            ids[at] = 0;
        }
        char topic[32];
        random_text(&seed, false, topic);
        uint32_t expected = 0;
        for (int i = 0; i < COUNT; i++)
            expected += ids[i] != 0 && naive_match(patterns[i], topic);
        sink to = {0};
        assert_int_equal(publish(&self, topic, &to), expected);
    }
    topics_fini(&self);
}

static void many_topics_under_one_level(void **user)
{
    (void)user;
    topics self = make();
    enum {
        COUNT = 20000
    };
    uint64_t *ids = calloc(COUNT, sizeof *ids);
    char text[32];
    for (int i = 0; i < COUNT; i++) {
        (void)snprintf(text, sizeof text, "device.%d.state", i);
        ids[i] = subscribe(&self, 1, text, "");
    }
    sink to = {0};
    assert_int_equal(publish(&self, "device.12345.state", &to), 1);
    for (int i = 0; i < COUNT; i++)
        assert_true(topics_unsubscribe(&self, ids[i], 1));
    assert_true(topic_node_is_empty(self.root));
    free(ids);
    topics_fini(&self);
}

static void each_failing_allocation(void **user)
{
    (void)user;
    for (uint64_t failing = 1;; failing++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        base_alloc_fault_arm(&fault, failing, 1);
        topics self;
        base_retirer retirer = {retire_now, NULL};
        uint64_t id = 0;
        airs_status status = topics_init(&self, 10, base_hash_key_random(), retirer, &fault.allocator);
        if (status == AIRS_OK) {
            status = topics_subscribe(&self, 1, base_bytes_of("a.*.b.>"), base_bytes_of("g"), &id, NULL);
            sink to = {0};
            assert_int_equal(publish(&self, "a.x.b.c", &to), status == AIRS_OK);
            assert_int_equal(topics_count(&self), status == AIRS_OK);
        }
        topics_fini(&self);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (!base_alloc_fault_hit(&fault))
            break;
        assert_int_equal(status, AIRS_E_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_as_in_nats),      cmocka_unit_test(malformed_ones_are_refused_with_the_place),
        cmocka_unit_test(each_subscription_gets_a_copy),  cmocka_unit_test(one_of_a_group_gets_each_in_turn),
        cmocka_unit_test(any_number_of_groups_is_served), cmocka_unit_test(unsubscribing_leaves_nothing),
        cmocka_unit_test(it_agrees_with_a_plain_list),    cmocka_unit_test(many_topics_under_one_level),
        cmocka_unit_test(each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
