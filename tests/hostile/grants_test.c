// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grants: guessed ids, what is held when a grant is revoked, and what children keep.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/capability.h"
#include "attack.h"
#include "component/component_actor.h"
#include "node/system.h"

static airs_actor_id ask_id(attack *self, airs_actor_id whom, const char *message)
{
    char text[256];
    assert_int_equal(attack_ask(self, whom, message, text), AIRS_OK);
    airs_actor_id id = {strtoull(text, NULL, 10)};
    if (id.raw == 0)
        fail_msg("\"%s\" is answered \"%s\"", message, text);
    return id;
}

/// `format` has one %s, for the id.
static void expect_by_id(attack *self, airs_actor_id whom, const char *verb, airs_actor_id id, const char *answer)
{
    char message[128];
    (void)snprintf(message, sizeof message, "%s %" PRIu64 " add", verb, id.raw);
    attack_expect(self, whom, message, answer);
}

static void revoke(attack *self, airs_actor_id whom, uint32_t number)
{
    airs_error error = {.text = ""};
    if (airs_grant_revoke(self->system, whom, &number, 1, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

static uint32_t grant(attack *self, airs_actor_id whom, const char *text)
{
    airs_grant_text made;
    uint32_t number = UINT32_MAX;
    airs_error error = {.text = ""};
    if (airs_grant_parse(text, &made, &error) != AIRS_OK ||
        airs_grant_add(self->system, whom, &made.grant, 1, &number, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return number;
}

static uint64_t heard(attack *self, airs_actor_id whom)
{
    char text[256];
    assert_int_equal(attack_ask(self, whom, "heard", text), AIRS_OK);
    return strtoull(text, NULL, 10);
}

static void wait_heard(attack *self, airs_actor_id whom, uint64_t at_least)
{
    for (uint64_t begin = attack_now_ms(); heard(self, whom) < at_least;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("it never heard %" PRIu64, at_least);
        attack_sleep_ms(1);
    }
}

// ---------------------------------------------------------------- ids

static void a_guessed_id_is_refused(void **user)
{
    (void)user;
    static const char *const verbs[] = {"send", "ask", "request", "forward", "after", "every"};
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "holds", NULL);
    airs_actor_id nameless = attack_spawn(self, "holds", NULL);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        char expected[100];
        (void)snprintf(expected, sizeof expected, "not: no grant: messaging.%s does not match \"witness\"",
                       i == 1 || i == 2 ? "ask" : "send");
        expect_by_id(self, id, verbs[i], self->witness, expected);
        expect_by_id(self, id, verbs[i], nameless, "not: no grant for an actor without a name");
    }
    assert_int_equal(airs_actor_refusals(self->system, id), 12);
    // What it has heard is nothing: the witness is asked for its count by the check at the end.
    assert_int_equal(heard(self, nameless), 0);
    // One that it may send to may be named by its id; but to send is not to ask.
    uint32_t number = grant(self, id, "messaging.send witness");
    expect_by_id(self, id, "ask", self->witness, "not: no grant: messaging.ask does not match \"witness\"");
    revoke(self, id, number);
    expect_by_id(self, id, "send", self->witness, "not: no grant: messaging.send does not match \"witness\"");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, nameless, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void numbers_around_a_known_id_are_nobody_s(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_actor_id id = attack_spawn(self, "holds", NULL);
    // Neither a neighbour's slot nor another generation of the witness's is an actor that it could reach.
    airs_actor_id root = {0};
    assert_true(airs_actor_list(self->system, &root, 1) > 0);
    for (uint64_t bit = 0; bit < 64; bit++) {
        char message[64];
        char text[256];
        uint64_t guess = self->witness.raw ^ (UINT64_C(1) << bit);
        // Those are its own, and its supervisor's.
        if (guess == id.raw || guess == root.raw)
            continue;
        (void)snprintf(message, sizeof message, "send %" PRIu64 " add", guess);
        assert_int_equal(attack_ask(self, id, message, text), AIRS_OK);
        if (strncmp(text, "not: ", 5) != 0)
            fail_msg("\"%s\" is answered \"%s\"", message, text);
    }
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

// ---------------------------------------------------------------- revoked

static void a_subscription_ends_with_its_grant(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const patterns[] = {"news.*", "news.>", "log.a"};
    airs_spawn_options options = {.may_subscribe = patterns, .may_subscribe_count = 3};
    airs_actor_id id = attack_spawn(self, "holds", &options);
    attack_expect(self, id, "subscribe news.today", "ok");
    attack_expect(self, id, "subscribe news.a.*.>", "ok");
    attack_expect(self, id, "subscribe log.a", "ok");
    uint32_t reached = 0;
    assert_int_equal(airs_publish(self->system, "news.today", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 1);
    wait_heard(self, id, 1);
    // Another grant covers it still.
    revoke(self, id, 0);
    assert_int_equal(airs_publish(self->system, "news.today", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 1);
    revoke(self, id, 1);
    assert_int_equal(airs_publish(self->system, "news.today", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 0);
    assert_int_equal(airs_publish(self->system, "news.a.b.c", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 0);
    assert_int_equal(airs_publish(self->system, "log.a", "x", 1, &reached, NULL), AIRS_OK);
    assert_int_equal(reached, 1);
    attack_expect(self, id, "subscribe news.today", "not: no grant: messaging.subscribe does not match \"news.today\"");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void a_timer_ends_with_its_grant(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options other_options = {.name = "other"};
    airs_actor_id other = attack_spawn(self, "holds", &other_options);
    static const char *const others[] = {"oth*"};
    airs_spawn_options options = {.name = "timing", .may_send = others, .may_send_count = 1};
    airs_actor_id id = attack_spawn(self, "holds", &options);
    attack_expect(self, id, "every other tick", "ok");
    attack_expect(self, id, "every timing tick", "ok");
    wait_heard(self, other, 3);
    revoke(self, id, 0);
    // What was on its way has come by the time that this is answered.
    uint64_t last = heard(self, other);
    attack_sleep_ms(50);
    assert_true(heard(self, other) <= last + 1);
    last = heard(self, other);
    // One to itself needs no grant.
    wait_heard(self, id, heard(self, id) + 3);
    assert_int_equal(heard(self, other), last);
    attack_expect(self, id, "after other tick", "not: no grant: messaging.send does not match \"other\"");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void a_name_ends_with_its_grant(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const names[] = {"shop-*"};
    airs_spawn_options options = {.name = "shop-0", .may_register = names, .may_register_count = 1};
    airs_actor_id id = attack_spawn(self, "holds", &options);
    attack_expect(self, id, "register shop-1", "ok");
    assert_int_equal(airs_register(self->system, "shop-2", id, NULL), AIRS_OK);
    airs_actor_id found;
    assert_int_equal(airs_lookup(self->system, "shop-1", &found), AIRS_OK);
    revoke(self, id, 0);
    assert_int_equal(airs_lookup(self->system, "shop-1", &found), AIRS_E_NOT_FOUND);
    // The name that it was spawned with, and what others have bound to it, is not its own to lose.
    assert_int_equal(airs_lookup(self->system, "shop-0", &found), AIRS_OK);
    assert_int_equal(airs_lookup(self->system, "shop-2", &found), AIRS_OK);
    attack_expect(self, id, "register shop-3", "not: no grant: messaging.register does not match \"shop-3\"");
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_end(self);
}

static void children_lose_what_their_parent_loses(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_component *child = attack_load(self, "family");
    static const char *const all[] = {"*"};
    static const char *const friends[] = {"friend"};
    airs_template inner = {.name = "kid", .component = child, .options = {.may_send = all, .may_send_count = 1}};
    airs_template kid = {.name = "kid",
                         .component = child,
                         .options = {.may_send = all, .may_send_count = 1, .templates = &inner, .templates_count = 1}};
    airs_spawn_options options = {.may_send = friends, .may_send_count = 1, .templates = &kid, .templates_count = 1};
    airs_actor_id parent = attack_spawn(self, "family", &options);
    airs_spawn_options friend_options = {.name = "friend"};
    airs_actor_id friend = attack_spawn(self, "family", &friend_options);
    airs_actor_id first = ask_id(self, parent, "spawn kid");
    airs_actor_id second = ask_id(self, first, "spawn kid");
    attack_expect(self, second, "ask friend hello", "hello");
    // The child may have more of its own, which the parent has not: it loses that too, and keeps its numbers.
    uint32_t number = grant(self, second, "messaging.ask witness");
    revoke(self, parent, 0);
    attack_expect(self, first, "ask friend hello", "not: no grant: messaging.ask does not match \"friend\"");
    attack_expect(self, second, "ask friend hello", "not: no grant: messaging.ask does not match \"friend\"");
    attack_expect(self, second, "ask witness add", "not: no grant: messaging.ask does not match \"witness\"");
    assert_true(grant(self, second, "messaging.ask friend") > number);
    attack_expect(self, second, "ask friend hello", "hello");
    attack_stop(self, parent, ATTACK_PATIENCE_MS);
    attack_stop(self, friend, ATTACK_PATIENCE_MS);
    airs_component_release(child);
    for (uint64_t begin = attack_now_ms(); airs_actor_list(self->system, NULL, 0) > self->actors;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("somebody is still there");
        attack_sleep_ms(1);
    }
    attack_end(self);
}

/// Takes grant number `revoked` from an actor as another thread does, but not yet what was got by it.
static void take_away(attack *self, airs_actor_id from, uint32_t revoked)
{
    actor_space *space = &self->system->actors;
    capability_policy *after;
    sched_read read = sched_read_enter(space->sched);
    capability_holder *holder = &component_actor_of(actor_find(space, from.raw))->authority.holder;
    const capability_policy *before = capability_holder_get(holder);
    capability_change change = {.revoked = &revoked, .revoked_count = 1};
    assert_int_equal(capability_policy_change(before, &change, &after, NULL, NULL), AIRS_OK);
    capability_holder_set(holder, after);
    capability_policy_release(before);
    sched_read_leave(space->sched, read);
}

static uint32_t reach(attack *self, const char *topic)
{
    uint32_t reached = 0;
    assert_int_equal(airs_publish(self->system, topic, "x", 1, &reached, NULL), AIRS_OK);
    return reached;
}

/// A revocation that finds no child yet, and a child that runs before its parent sees the revocation.
static void a_child_born_meanwhile_keeps_nothing(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_component *holds = attack_load(self, "holds");
    airs_component *family = attack_load(self, "family");
    static const char *const patterns[] = {"news"};
    static const char *const names[] = {"shop-*"};
    const airs_spawn_options rights = {
        .may_subscribe = patterns, .may_subscribe_count = 1, .may_register = names, .may_register_count = 1};
    airs_template grandchild = {.name = "kid", .component = holds, .options = rights};
    airs_template child = {.name = "kid", .component = family, .options = rights};
    child.options.templates = &grandchild;
    child.options.templates_count = 1;
    airs_spawn_options options = child.options;
    options.templates = &child;
    airs_actor_id parent = attack_spawn(self, "family", &options);
    airs_actor_id born = ask_id(self, parent, "spawn kid");
    airs_actor_id below = ask_id(self, born, "spawn kid");
    attack_expect(self, below, "subscribe news", "ok");
    attack_expect(self, below, "register shop-1", "ok");
    assert_int_equal(reach(self, "news"), 1);
    // As they are numbered: first to subscribe, then to register.
    take_away(self, parent, 0);
    take_away(self, parent, 1);
    airs_actor_id found;
    assert_int_equal(airs_lookup(self->system, "shop-1", &found), AIRS_OK);
    sched_read read = sched_read_enter(self->system->actors.sched);
    authority_born(component_actor_of(actor_find(&self->system->actors, parent.raw)), born.raw);
    sched_read_leave(self->system->actors.sched, read);
    assert_int_equal(reach(self, "news"), 0);
    assert_int_equal(airs_lookup(self->system, "shop-1", &found), AIRS_E_NOT_FOUND);
    attack_expect(self, below, "register shop-2", "not: no grant: messaging.register does not match \"shop-2\"");
    attack_stop(self, parent, ATTACK_PATIENCE_MS);
    airs_component_release(holds);
    airs_component_release(family);
    for (uint64_t begin = attack_now_ms(); airs_actor_list(self->system, NULL, 0) > self->actors;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("somebody is still there");
        attack_sleep_ms(1);
    }
    attack_end(self);
}

// ---------------------------------------------------------------- children by number

static void wait_spawned(attack *self, airs_actor_id parent, const char *message)
{
    char text[256];
    for (uint64_t begin = attack_now_ms();; attack_sleep_ms(1)) {
        assert_int_equal(attack_ask(self, parent, message, text), AIRS_OK);
        if (strncmp(text, "not: ", 5) != 0)
            return;
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("\"%s\" is answered \"%s\"", message, text);
    }
}

static void a_grant_has_so_many_children(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_component *child = attack_load(self, "family");
    const airs_template templates[] = {{.name = "kid", .component = child}, {.name = "other", .component = child}};
    static const airs_grant two = {.rights = AIRS_RIGHT_SPAWN_START, .pattern = "k*", .count_max = 2};
    airs_spawn_options options = {.templates = templates, .templates_count = 2, .grants = &two, .grants_count = 1};
    airs_actor_id parent = attack_spawn(self, "family", &options);
    airs_actor_id first = ask_id(self, parent, "spawn kid");
    (void)ask_id(self, parent, "spawn kid");
    attack_expect(self, parent, "spawn kid", "not: * spawn.start \"k*\" allows 2 children, which are alive");
    attack_expect(self, parent, "spawn other", "not: * no grant: spawn.start does not match \"other\"");
    // One that has ended makes room.
    attack_stop(self, first, ATTACK_PATIENCE_MS);
    wait_spawned(self, parent, "spawn kid");
    attack_expect(self, parent, "spawn kid", "not: * spawn.start \"k*\" allows 2 children, which are alive");
    // Another grant has a number of its own, and what is revoked spawns nothing more; those that are there live on.
    uint32_t number = grant(self, parent, "spawn.start kid max=1");
    airs_actor_id third = ask_id(self, parent, "spawn kid");
    attack_expect(self, parent, "spawn kid", "not: * which are alive");
    revoke(self, parent, 0);
    revoke(self, parent, number);
    attack_expect(self, parent, "spawn kid", "not: * no grant: spawn.start does not match \"kid\"");
    attack_expect(self, third, "hello", "hello");
    attack_stop(self, parent, ATTACK_PATIENCE_MS);
    airs_component_release(child);
    for (uint64_t begin = attack_now_ms(); airs_actor_list(self->system, NULL, 0) > self->actors;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("somebody is still there");
        attack_sleep_ms(1);
    }
    attack_end(self);
}

// ---------------------------------------------------------------- counted

static bool sum_uses(void *user, const airs_grant_info *info)
{
    *(uint64_t *)user += info->uses;
    return true;
}

static void each_use_is_counted(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options other_options = {.name = "a-long-name-for-no-prefix"};
    airs_actor_id other = attack_spawn(self, "holds", &other_options);
    static const char *const names[] = {"a-long-name-for*", "x"};
    airs_spawn_options options = {.may_send = names, .may_send_count = 2};
    airs_actor_id id = attack_spawn(self, "holds", &options);
    for (int i = 0; i < 10; i++)
        attack_expect(self, id, "send a-long-name-for-no-prefix tick", "ok");
    uint64_t uses = 0;
    assert_int_equal(airs_actor_each_grant(self->system, id, sum_uses, &uses), AIRS_OK);
    assert_int_equal(uses, 10);
    wait_heard(self, other, 10);
    attack_stop(self, id, ATTACK_PATIENCE_MS);
    attack_stop(self, other, ATTACK_PATIENCE_MS);
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guessed_id_is_refused),
        cmocka_unit_test(numbers_around_a_known_id_are_nobody_s),
        cmocka_unit_test(a_subscription_ends_with_its_grant),
        cmocka_unit_test(a_timer_ends_with_its_grant),
        cmocka_unit_test(a_name_ends_with_its_grant),
        cmocka_unit_test(children_lose_what_their_parent_loses),
        cmocka_unit_test(a_child_born_meanwhile_keeps_nothing),
        cmocka_unit_test(a_grant_has_so_many_children),
        cmocka_unit_test(each_use_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
