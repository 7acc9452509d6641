// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/testing.h"

#include <string.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "base/bytes.h"
#include "component/component_actor.h"

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)

/// As much of a component as its authority looks at.
typedef struct world {
    actor_space actors;
    component_space space;
    authority_observer observer;
    component_actor self;
    /// What the observer was told last, and how often.
    capability_decision last;
    char object[64];
    bool first;
    uint32_t told;
    /// What it answers.
    bool answer;
} world;

static bool note(void *user, component_actor *self, capability_decision *decision, airs_bytes object, bool first)
{
    world *it = user;
    assert_ptr_equal(self, &it->self);
    it->told++;
    it->first = first;
    base_text_copy(it->object, sizeof it->object, object);
    if (!it->answer)
        base_text_copy(decision->text, sizeof decision->text, base_bytes_of("the log is full"));
    it->last = *decision;
    return it->answer;
}

static world *begin_as_child(const airs_spawn_options *options, world *parent)
{
    world *it = base_alloc_aligned(base_allocator_default(), sizeof *it, BASE_CACHE_LINE);
    assert_non_null(it);
    memset(it, 0, sizeof *it);
    it->actors.allocator = base_allocator_default();
    it->space.actors = &it->actors;
    it->observer = (authority_observer){.tell = note, .user = it};
    it->space.observer = &it->observer;
    it->answer = true;
    it->self.cell.space = &it->actors;
    it->self.cell.id = 7;
    it->self.space = &it->space;
    it->self.refusals.per_second = RATE_NO_LIMIT;
    assert_int_equal(authority_init(&it->self.authority, base_allocator_default(), options,
                                    parent == NULL ? NULL : &parent->self, &it->space, NULL),
                     AIRS_OK);
    return it;
}

static world *begin(const airs_spawn_options *options)
{
    return begin_as_child(options, NULL);
}

static void end(world *it)
{
    authority_fini(&it->self.authority, base_allocator_default());
    base_free_aligned(base_allocator_default(), it);
}

static bool may_publish(world *it, const char *topic)
{
    return authority_check_publish(&it->self, base_bytes_of(topic)) == AIRS_OK;
}

static bool may_subscribe(world *it, const char *pattern)
{
    return authority_check_subscribe(&it->self, base_bytes_of(pattern)) == AIRS_OK;
}

static bool may_register(world *it, const char *name)
{
    return authority_check_name(&it->self, base_bytes_of(name)) == AIRS_OK;
}

static bool has(world *it, capability_right right)
{
    capability_decision decision;
    (void)capability_check_plain(authority_policy(&it->self), right, &decision);
    return authority_tell(&it->self, &decision, (airs_bytes){0});
}

static void nothing_is_granted_by_default(void **user)
{
    (void)user;
    world *it = begin(&(airs_spawn_options){0});
    assert_false(may_publish(it, "a"));
    assert_string_equal(it->self.text, "no grant: messaging.publish does not match \"a\"");
    assert_false(may_subscribe(it, "a"));
    assert_false(may_register(it, "a"));
    end(it);
}

static void a_kind_that_is_written_has_no_default(void **user)
{
    (void)user;
    world *it = begin(&(airs_spawn_options){0});
    assert_true(has(it, CAPABILITY_CLOCK_WALL));
    assert_true(has(it, CAPABILITY_RANDOM_SECURE));
    assert_true(has(it, CAPABILITY_STDIO_OUT));
    assert_false(has(it, CAPABILITY_STDIO_IN));
    end(it);
    const airs_grant written = {.rights = AIRS_RIGHT_CLOCK_MONOTONIC};
    it = begin(&(airs_spawn_options){.grants = &written, .grants_count = 1});
    assert_false(has(it, CAPABILITY_CLOCK_WALL));
    assert_true(has(it, CAPABILITY_CLOCK_MONOTONIC));
    assert_true(has(it, CAPABILITY_STDIO_ERR));
    end(it);
    it = begin(&(airs_spawn_options){.grants = &written, .grants_count = 1, .nothing_by_default = true});
    assert_true(has(it, CAPABILITY_CLOCK_MONOTONIC));
    assert_false(has(it, CAPABILITY_STDIO_ERR));
    assert_false(has(it, CAPABILITY_RANDOM_INSECURE));
    end(it);
}

static void its_own_variables_may_be_read(void **user)
{
    (void)user;
    const airs_setting env[] = {{"HOME", "/"}, {"LANG", "C"}};
    world *it = begin(&(airs_spawn_options){.env = env, .env_count = 2});
    capability_decision decision;
    const capability_policy *policy = authority_policy(&it->self);
    assert_true(capability_check_name(policy, CAPABILITY_ENV_READ, base_bytes_of("LANG"), &decision));
    assert_int_equal(decision.grant, 1);
    assert_false(capability_check_name(policy, CAPABILITY_ENV_READ, base_bytes_of("PATH"), &decision));
    end(it);
}

static void a_subscription_may_match_no_more_than_its_grant(void **user)
{
    (void)user;
    const char *topics[] = {"orders.*", "log.>"};
    const char *names[] = {"worker-*"};
    world *it = begin(&(airs_spawn_options){
        .may_subscribe = topics, .may_subscribe_count = 2, .may_register = names, .may_register_count = 1});
    assert_true(may_subscribe(it, "orders.new"));
    assert_false(may_subscribe(it, "orders.>"));
    assert_true(may_subscribe(it, "log.a.b"));
    assert_false(may_subscribe(it, ">"));
    assert_false(may_publish(it, "orders.new"));
    assert_true(may_register(it, "worker-1"));
    assert_false(may_register(it, "boss"));
    end(it);
}

static void what_the_runtime_publishes_is_not_forged(void **user)
{
    (void)user;
    const char *all[] = {">"};
    world *it = begin(&(airs_spawn_options){.may_publish = all, .may_publish_count = 1});
    assert_true(may_publish(it, "airssys"));
    assert_false(may_publish(it, "airssys.dead-letters.gone"));
    assert_non_null(strstr(it->self.text, "the runtime's own"));
    assert_false(it->last.allowed);
    end(it);
}

static void what_is_wrong_is_named(void **user)
{
    (void)user;
    static const char *const patterns[] = {"fine.*", "not..fine"};
    static const char *const names[] = {"a b"};
    static const airs_grant grants[] = {{.rights = AIRS_RIGHT_FILES_READ, .pattern = "/data/[z-a]"}, {.rights = 0}};
    static const airs_mount mounts[] = {{"/data", "/tmp"}, {"data/", "/tmp"}};
    static const struct {
        airs_spawn_options options;
        const char *begins;
    } wrong[] = {
        {{.may_publish = patterns, .may_publish_count = 2}, "messaging.publish \"not..fine\": "},
        {{.may_send = names, .may_send_count = 1}, "messaging.send,ask \"a b\": "},
        {{.grants = grants, .grants_count = 1, .mounts = mounts, .mounts_count = 1}, "files.read \"/data/[z-a]\": "},
        {{.grants = &grants[1], .grants_count = 1}, "grants[0]: "},
        {{.mounts = mounts, .mounts_count = 2}, "mounts[1]: "},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        component_space space = {0};
        authority self;
        airs_error error = {.text = ""};
        assert_int_equal(authority_init(&self, base_allocator_default(), &wrong[i].options, NULL, &space, &error),
                         AIRS_E_INVALID);
        if (strncmp(error.text, wrong[i].begins, strlen(wrong[i].begins)) != 0)
            fail_msg("%s", error.text);
        authority_fini(&self, base_allocator_default());
    }
}

// ---------------------------------------------------------------- children

/// Whether a child that asks for `wanted` may register `name`, with a parent that has `had`.
static bool child_has(const char *had, const char *wanted, const char *name)
{
    world *parent = begin(&(airs_spawn_options){.may_register = &had, .may_register_count = 1});
    world *child = begin_as_child(&(airs_spawn_options){.may_register = &wanted, .may_register_count = 1}, parent);
    assert_int_equal(child->self.authority.parent, 7);
    bool may = may_register(child, name);
    end(child);
    end(parent);
    return may;
}

static void a_child_has_no_more_than_its_parent(void **user)
{
    (void)user;
    assert_true(child_has("db-*", "*", "db-1"));
    assert_false(child_has("db-*", "*", "cache"));
    assert_true(child_has("db-*", "db-1*", "db-12"));
    assert_false(child_has("db-*", "db-1*", "db-2"));
    assert_true(child_has("db", "db", "db"));
    assert_false(child_has("db", "cache", "cache"));
    assert_false(child_has("db", "cache", "db"));
    assert_false(child_has("*", "db", "cache"));
    // Of patterns that overlap only, neither is the other's: nothing is left.
    assert_false(child_has("a*", "*a", "aa"));
}

static void a_child_s_topics_are_bounded(void **user)
{
    (void)user;
    const char *had[] = {"orders.*", "log.>"};
    const char *wanted[] = {"orders.>", "log.a", "news"};
    world *parent = begin(&(airs_spawn_options){
        .may_publish = had, .may_publish_count = 2, .may_subscribe = had, .may_subscribe_count = 2});
    world *child = begin_as_child(
        &(airs_spawn_options){
            .may_publish = wanted, .may_publish_count = 3, .may_subscribe = wanted, .may_subscribe_count = 3},
        parent);
    assert_true(may_publish(child, "orders.new"));
    assert_false(may_publish(child, "orders.new.1"));
    assert_true(may_publish(child, "log.a"));
    assert_false(may_publish(child, "log.b"));
    assert_false(may_publish(child, "news"));
    assert_true(may_subscribe(child, "orders.*"));
    assert_false(may_subscribe(child, "orders.>"));
    end(child);
    end(parent);
}

static void what_a_parent_gets_later_is_not_the_child_s(void **user)
{
    (void)user;
    world *parent =
        begin(&(airs_spawn_options){.grants = &(airs_grant){.rights = AIRS_RIGHT_CLOCK_WALL}, .grants_count = 1});
    world *child = begin_as_child(&(airs_spawn_options){0}, parent);
    assert_true(has(child, CAPABILITY_CLOCK_WALL));
    assert_false(has(child, CAPABILITY_CLOCK_MONOTONIC));
    end(child);
    end(parent);
}

// ---------------------------------------------------------------- telling, and changing

static void each_decision_is_told(void **user)
{
    (void)user;
    const char *topics[] = {"a", "b"};
    world *it = begin(&(airs_spawn_options){.may_publish = topics, .may_publish_count = 2});
    assert_true(may_publish(it, "b"));
    assert_int_equal(it->told, 1);
    assert_true(it->first);
    assert_int_equal(it->last.grant, 1);
    assert_int_equal(it->last.right, CAPABILITY_MESSAGING_PUBLISH);
    assert_string_equal(it->object, "b");
    assert_true(may_publish(it, "b"));
    assert_false(it->first);
    assert_false(may_publish(it, "c"));
    assert_false(it->last.allowed);
    assert_int_equal(it->told, 3);
    assert_int_equal(authority_uses(&it->self, 1), 2);
    assert_int_equal(authority_uses(&it->self, 0), 0);
    assert_int_equal(authority_uses(&it->self, 99), 0);
    assert_int_equal(base_atomic_load_relaxed(&it->self.authority.refused), 1);
    // What can't be told is not done.
    it->answer = false;
    assert_false(may_publish(it, "a"));
    assert_string_equal(it->self.text, "the log is full");
    end(it);
}

/// As authority_change, without a system around it whose actors could hold something.
static void change(world *it, uint32_t revoked, const airs_grant *added)
{
    capability_policy *after;
    assert_int_equal(
        capability_policy_change(
            authority_policy(&it->self),
            &(capability_change){.revoked = &revoked, .revoked_count = 1, .added = added, .added_count = 1}, &after,
            NULL, NULL),
        AIRS_OK);
    capability_holder_set(&it->self.authority.holder, after);
}

static void a_change_holds_from_the_next_use(void **user)
{
    (void)user;
    const char *topics[] = {"a", "b"};
    world *it = begin(&(airs_spawn_options){.may_publish = topics, .may_publish_count = 2});
    assert_true(may_publish(it, "a"));
    uint64_t epoch = authority_epoch(&it->self);
    const airs_grant more = {.rights = AIRS_RIGHT_MESSAGING_PUBLISH, .pattern = "c.*"};
    assert_true(authority_still(&it->self));
    change(it, 0, &more);
    assert_false(authority_still(&it->self));
    assert_int_not_equal(authority_epoch(&it->self), epoch);
    assert_false(may_publish(it, "a"));
    assert_true(may_publish(it, "b"));
    assert_true(may_publish(it, "c.1"));
    // Two of the options, four by default.
    assert_int_equal(it->last.grant, 6);
    assert_int_equal(authority_uses(&it->self, 0), 1);
    assert_int_equal(authority_uses(&it->self, 6), 1);
    airs_error error;
    assert_int_equal(authority_change(&it->self, &(capability_change){.revoked = (uint32_t[]){70}, .revoked_count = 1},
                                      NULL, &error),
                     AIRS_E_NOT_FOUND);
    end(it);
}

static void out_of_memory_is_a_status(void **user)
{
    (void)user;
    const char *names[] = {"a", "b*"};
    airs_spawn_options options = {.may_send = names, .may_send_count = 2};
    world *parent = begin(&options);
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    for (uint64_t at = 1;; at++) {
        authority self;
        base_alloc_fault_arm(&fault, at, 1);
        airs_status status = authority_init(&self, &fault.allocator, &options, &parent->self, &parent->space, NULL);
        authority_fini(&self, &fault.allocator);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (!base_alloc_fault_hit(&fault)) {
            assert_int_equal(status, AIRS_OK);
            break;
        }
        assert_int_equal(status, AIRS_E_NOMEM);
    }
    end(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_granted_by_default),
        cmocka_unit_test(a_kind_that_is_written_has_no_default),
        cmocka_unit_test(its_own_variables_may_be_read),
        cmocka_unit_test(a_subscription_may_match_no_more_than_its_grant),
        cmocka_unit_test(what_the_runtime_publishes_is_not_forged),
        cmocka_unit_test(what_is_wrong_is_named),
        cmocka_unit_test(a_child_has_no_more_than_its_parent),
        cmocka_unit_test(a_child_s_topics_are_bounded),
        cmocka_unit_test(what_a_parent_gets_later_is_not_the_child_s),
        cmocka_unit_test(each_decision_is_told),
        cmocka_unit_test(a_change_holds_from_the_next_use),
        cmocka_unit_test(out_of_memory_is_a_status),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
