// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys:actor/supervision: children that guests spawn, monitors and links, and what is told of ends.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attack.h"

static const char *const guests[] = {"family", "family-actor"};

/// The parent, and the component that its templates are made of.
typedef struct home {
    attack *self;
    airs_component *child;
    airs_actor_id parent;
} home;

static home begin(attack *self, size_t guest, const airs_spawn_options *child_options, uint32_t children_max)
{
    static const char *const names[] = {"kid-*"};
    static const char *const friends[] = {"friend", "kid-*"};
    home it = {.self = self, .child = attack_load(self, guests[guest])};
    airs_template templates[] = {
        {.name = "kid", .component = it.child, .options = *child_options},
        {.name = "stillborn", .component = it.child, .options = *child_options},
    };
    static const airs_setting error = {"start", "not today"};
    templates[1].options.config = &error;
    templates[1].options.config_count = 1;
    airs_spawn_options options = {.name = "parent",
                                  .may_register = names,
                                  .may_register_count = 1,
                                  .may_send = friends,
                                  .may_send_count = 2,
                                  .templates = templates,
                                  .templates_count = 2,
                                  .children_max = children_max};
    it.parent = attack_spawn(self, guests[guest], &options);
    return it;
}

static void end(home *it)
{
    attack_stop(it->self, it->parent, ATTACK_PATIENCE_MS);
    airs_component_release(it->child);
    // Its children end on their own.
    for (uint64_t begin = attack_now_ms(); airs_actor_list(it->self->system, NULL, 0) > it->self->actors;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("its children are still there");
        attack_sleep_ms(1);
    }
    attack_check(it->self);
}

static airs_actor_id ask_id(attack *self, airs_actor_id whom, const char *message)
{
    char text[256];
    assert_int_equal(attack_ask(self, whom, message, text), AIRS_OK);
    char *rest;
    airs_actor_id id = {strtoull(text, &rest, 10)};
    if (id.raw == 0 || *rest != '\0')
        fail_msg("\"%s\" is answered \"%s\"", message, text);
    return id;
}

/// Asks with an id behind the word.
static void expect_of(attack *self, airs_actor_id whom, const char *word, airs_actor_id id, const char *answer)
{
    char message[128];
    (void)snprintf(message, sizeof message, "%s %" PRIu64, word, id.raw);
    attack_expect(self, whom, message, answer);
}

static void wait_downs(attack *self, airs_actor_id whom, const char *pattern)
{
    char text[1024];
    for (uint64_t begin = attack_now_ms(); attack_now_ms() - begin < ATTACK_PATIENCE_MS; attack_sleep_ms(1)) {
        assert_int_equal(attack_ask(self, whom, "downs", text), AIRS_OK);
        if (text[0] != '\0') {
            // Below the sentence of a trap stand its functions, a line each.
            for (char *at = text; (at = strchr(at, '\n')) != NULL;)
                *at = '/';
            attack_assert_text(text, pattern);
            return;
        }
    }
    fail_msg("nobody told of \"%s\"", pattern);
}

static airs_actor_info info_of(attack *self, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(self->system, id, &info), AIRS_OK);
    return info;
}

static void wait_ready(attack *self, airs_actor_id id)
{
    for (uint64_t begin = attack_now_ms(); info_of(self, id).state != AIRS_ACTOR_READY; attack_sleep_ms(1)) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("it does not become ready");
    }
}

static void a_child_is_spawned_talked_to_and_stopped(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        airs_actor_id kid = ask_id(self, it.parent, "spawn kid kid-1 hello-you");
        wait_ready(self, kid);
        assert_string_equal(info_of(self, kid).name, "kid-1");
        // The parent's settings win; the child may send to its parent, and the parent to its child.
        attack_expect(self, kid, "greeting", "hello-you");
        expect_of(self, it.parent, "ask", kid, "*");
        char message[64];
        (void)snprintf(message, sizeof message, "ask %" PRIu64 " greeting", kid.raw);
        attack_expect(self, it.parent, message, "hello-you");
        (void)snprintf(message, sizeof message, "ask %" PRIu64 " hello", it.parent.raw);
        attack_expect(self, kid, message, "hello");
        // Only its own children it may stop.
        expect_of(self, it.parent, "stop", self->witness, "no");
        expect_of(self, kid, "stop", it.parent, "no");
        expect_of(self, it.parent, "stop", kid, "yes");
        attack_wait_gone(self, kid);
        expect_of(self, it.parent, "stop", kid, "no");
        end(&it);
    }
    attack_end(self);
}

static void what_can_t_be_spawned_says_why(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options of = {0};
    home it = begin(self, 0, &of, 3);
    attack_expect(self, it.parent, "spawn nothing", "not: 12 no template \"nothing\" for this actor");
    attack_expect(self, it.parent, "spawn kid other", "not: 4 no grant: messaging.register does not match \"other\"");
    attack_expect(self, it.parent, "spawn kid kid-?", "not: * *");
    airs_actor_id kid = ask_id(self, it.parent, "spawn kid kid-1");
    attack_expect(self, it.parent, "spawn kid kid-1", "not: 11 *");
    attack_expect(self, it.parent, "spawn-all kid", "2 it has children_max children, 3");
    // A place that is free again is taken again, when its supervisor knows.
    expect_of(self, it.parent, "stop", kid, "yes");
    attack_wait_gone(self, kid);
    char text[256];
    for (uint64_t begun = attack_now_ms();
         attack_ask(self, it.parent, "spawn kid kid-1", text) == AIRS_OK && strncmp(text, "not:", 4) == 0;
         attack_sleep_ms(1)) {
        attack_assert_text(text, "not: 10 it has children_max children, 3");
        if (attack_now_ms() - begun > ATTACK_PATIENCE_MS)
            fail_msg("the place of a child that has ended is not given back");
    }
    // Who was spawned may not spawn: its template has no templates.
    end(&it);
    attack_end(self);
}

/// A start that fails is told to who looks on, as any other end.
static void a_start_that_fails_is_told(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        uint64_t failures = self->failures;
        airs_actor_id kid = ask_id(self, it.parent, "spawn stillborn");
        attack_wait_failure(self, failures);
        attack_assert_text(self->text, "start: not today");
        attack_wait_gone(self, kid);
        expect_of(self, it.parent, "monitor", kid, "*");
        wait_downs(self, it.parent, "* gone: *;");
        end(&it);
    }
    attack_end(self);
}

static void children_end_with_their_parent(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        airs_actor_id one = ask_id(self, it.parent, "spawn kid kid-1");
        airs_actor_id two = ask_id(self, it.parent, "spawn kid");
        wait_ready(self, one);
        wait_ready(self, two);
        // By a trap; the next incarnation has none, and may have its own.
        assert_int_equal(attack_ask(self, it.parent, "die", NULL), AIRS_E_FAILED);
        attack_wait_gone(self, one);
        attack_wait_gone(self, two);
        attack_wait_restarted(self, it.parent, 1);
        airs_actor_id three = ask_id(self, it.parent, "spawn kid kid-1");
        wait_ready(self, three);
        end(&it);
        airs_actor_info info;
        assert_int_equal(airs_actor_get_info(self->system, three, &info), AIRS_E_GONE);
    }
    attack_end(self);
}

/// A child that fails is started again, its parent is told, and its siblings go on.
static void children_are_supervised(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {.restart = AIRS_RESTART_TRANSIENT};
        home it = begin(self, i, &of, 0);
        airs_actor_id kid = ask_id(self, it.parent, "spawn kid kid-1");
        airs_actor_id other = ask_id(self, it.parent, "spawn kid kid-2");
        expect_of(self, it.parent, "monitor", kid, "*");
        wait_ready(self, other);
        assert_int_equal(attack_ask(self, kid, "die", NULL), AIRS_E_FAILED);
        wait_downs(self, it.parent, "* trap again: *`unreachable`* in actor_handle/actor_handle/*;");
        attack_wait_restarted(self, kid, 1);
        attack_expect(self, kid, "hello", "hello");
        assert_int_equal(info_of(self, other).restarts, 0);
        // One that leaves in order is not started again.
        attack_expect(self, kid, "leave", "bye");
        wait_downs(self, it.parent, "* normal gone: ;");
        attack_wait_gone(self, kid);
        end(&it);
    }
    attack_end(self);
}

/// Children that fail too often bring their supervisor down, and that its parent: the supervisor above decides.
static void children_that_fail_too_often(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        airs_actor_id kid = ask_id(self, it.parent, "spawn kid kid-1");
        wait_ready(self, kid);
        for (uint64_t deaths = 1; deaths <= 4; deaths++) {
            assert_int_equal(attack_ask(self, kid, "die", NULL), AIRS_E_FAILED);
            if (deaths <= 3)
                attack_wait_restarted(self, kid, deaths);
        }
        attack_wait_restarted(self, it.parent, 1);
        airs_actor_info info = info_of(self, it.parent);
        assert_int_equal(info.last_exit, AIRS_EXIT_FAILED);
        attack_assert_text(info.last_failure, "its children: more than 3 restarts within 5000 ms*");
        attack_wait_gone(self, kid);
        end(&it);
    }
    attack_end(self);
}

/// A child gets no more than its parent has: here it asks for everything.
static void grants_are_bounded_by_the_parent_s(void **user)
{
    (void)user;
    attack *self = attack_begin();
    static const char *const all[] = {"*"};
    airs_spawn_options of = {.may_send = all, .may_send_count = 1, .may_register = all, .may_register_count = 1};
    home it = begin(self, 0, &of, 0);
    airs_spawn_options friend_options = {.name = "friend"};
    airs_actor_id friend = attack_spawn(self, "family", &friend_options);
    airs_actor_id kid = ask_id(self, it.parent, "spawn kid kid-1");
    wait_ready(self, kid);
    attack_expect(self, kid, "ask friend hello", "hello");
    attack_expect(self, kid, "ask witness add", "not: no grant: messaging.ask does not match \"witness\"");
    char message[64];
    (void)snprintf(message, sizeof message, "ask %" PRIu64 " add", self->witness.raw);
    attack_expect(self, kid, message, "not: no grant: *");
    attack_stop(self, friend, ATTACK_PATIENCE_MS);
    end(&it);
    attack_end(self);
}

static void monitors_tell_each_end(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        airs_spawn_options options = {.name = "friend"};
        airs_actor_id friend = attack_spawn(self, guests[i], &options);
        airs_actor_id monitor = ask_id(self, it.parent, "monitor friend");
        assert_int_equal(attack_ask(self, friend, "die", NULL), AIRS_E_FAILED);
        char expected[128];
        (void)snprintf(expected, sizeof expected, "%" PRIu64 " trap again: *`unreachable`*;", monitor.raw);
        wait_downs(self, it.parent, expected);
        attack_wait_restarted(self, friend, 1);
        // The monitor stays.
        attack_expect(self, friend, "leave too tired", "bye");
        (void)snprintf(expected, sizeof expected, "%" PRIu64 " failed again: too tired;", monitor.raw);
        wait_downs(self, it.parent, expected);
        attack_wait_restarted(self, friend, 2);
        expect_of(self, it.parent, "demonitor", monitor, "yes");
        expect_of(self, it.parent, "demonitor", monitor, "no");
        assert_int_equal(attack_ask(self, friend, "die", NULL), AIRS_E_FAILED);
        attack_wait_restarted(self, friend, 3);
        attack_expect(self, it.parent, "downs", "");
        // Of one that is stopped for good, and of one that has ended.
        monitor = ask_id(self, it.parent, "monitor friend");
        attack_stop(self, friend, ATTACK_PATIENCE_MS);
        (void)snprintf(expected, sizeof expected, "%" PRIu64 " shutdown gone: ;", monitor.raw);
        wait_downs(self, it.parent, expected);
        expect_of(self, it.parent, "monitor", friend, "*");
        wait_downs(self, it.parent, "* gone: *;");
        // Whom it may not send to it may not look at.
        expect_of(self, it.parent, "monitor", self->witness, "0");
        assert_true(attack_lines_with(self, "runtime", "no grant: messaging.send does not match \"witness\"") > 0);
        end(&it);
    }
    attack_end(self);
}

static void links_tell_both_sides(void **user)
{
    (void)user;
    attack *self = attack_begin();
    for (size_t i = 0; i < 2; i++) {
        airs_spawn_options of = {0};
        home it = begin(self, i, &of, 0);
        airs_spawn_options options = {.name = "friend"};
        airs_actor_id friend = attack_spawn(self, guests[i], &options);
        attack_expect(self, it.parent, "link friend", "ok");
        assert_int_equal(attack_ask(self, friend, "die", NULL), AIRS_E_FAILED);
        wait_downs(self, it.parent, "0 trap *: *`unreachable`*;");
        attack_wait_restarted(self, friend, 1);
        // The other way round; both live on, since both are told.
        attack_expect(self, it.parent, "link friend", "ok");
        assert_int_equal(attack_ask(self, it.parent, "die", NULL), AIRS_E_FAILED);
        wait_downs(self, friend, "0 trap *: *`unreachable`*;");
        attack_wait_restarted(self, it.parent, 1);
        attack_expect(self, it.parent, "link friend", "ok");
        attack_expect(self, it.parent, "unlink friend", "ok");
        assert_int_equal(attack_ask(self, friend, "die", NULL), AIRS_E_FAILED);
        attack_wait_restarted(self, friend, 2);
        attack_expect(self, it.parent, "downs", "");
        attack_stop(self, friend, ATTACK_PATIENCE_MS);
        end(&it);
    }
    attack_end(self);
}

/// A link is no weapon: who would not be told, but end, is linked to by nobody but its parent.
static void links_do_not_end_strangers(void **user)
{
    (void)user;
    attack *self = attack_begin();
    airs_spawn_options of = {0};
    home it = begin(self, 0, &of, 0);
    airs_spawn_options options = {.name = "friend"};
    airs_actor_id friend = attack_spawn(self, "only-messages-actor", &options);
    attack_expect(self, it.parent, "link friend", "ok");
    assert_int_equal(attack_ask(self, it.parent, "die", NULL), AIRS_E_FAILED);
    attack_wait_restarted(self, it.parent, 1);
    assert_int_equal(info_of(self, friend).restarts, 0);
    assert_true(attack_lines_with(self, "runtime", "link of actor") > 0);
    attack_stop(self, friend, ATTACK_PATIENCE_MS);
    end(&it);
    attack_end(self);
}

/// A program that knows nothing of actors is supervised as any other.
static void programs_are_supervised(void **user)
{
    (void)user;
    attack *self = attack_begin();
    // Exit 1, permanent: again and again, each time later, until that was too often.
    airs_supervisor_options of = {
        .name = "above", .max_restarts = 3, .window_ms = 60000, .restart = AIRS_RESTART_TEMPORARY};
    airs_actor_id above;
    assert_int_equal(airs_spawn_supervisor(self->system, &of, &above, NULL), AIRS_OK);
    airs_spawn_options options = {.supervisor = above, .backoff = {.kind = AIRS_BACKOFF_EXPONENTIAL, .delay_ms = 40}};
    uint64_t began = attack_now_ms();
    airs_actor_id id = attack_spawn(self, "run-exit-error", &options);
    attack_wait_gone(self, id);
    // 40, 80 and 160 ms.
    assert_true(attack_now_ms() - began >= 280);
    assert_int_equal(attack_escalations(self), 1);
    // Exit 0, transient: it has done its work.
    uint64_t failures = self->failures;
    options = (airs_spawn_options){.restart = AIRS_RESTART_TRANSIENT};
    id = attack_spawn(self, "run-exit-ok", &options);
    attack_wait_gone(self, id);
    assert_int_equal(self->failures, failures);
    // Exit 1, transient, is a failure.
    options.restart = AIRS_RESTART_TEMPORARY;
    id = attack_spawn(self, "program-fails", &options);
    attack_wait_gone(self, id);
    attack_assert_text(self->text, "it exited with code *");
    for (uint64_t begin = attack_now_ms(); airs_actor_list(self->system, NULL, 0) > self->actors;) {
        if (attack_now_ms() - begin > ATTACK_PATIENCE_MS)
            fail_msg("somebody is still there");
        attack_sleep_ms(1);
    }
    attack_end(self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_is_spawned_talked_to_and_stopped),
        cmocka_unit_test(what_can_t_be_spawned_says_why),
        cmocka_unit_test(a_start_that_fails_is_told),
        cmocka_unit_test(children_end_with_their_parent),
        cmocka_unit_test(children_are_supervised),
        cmocka_unit_test(children_that_fail_too_often),
        cmocka_unit_test(grants_are_bounded_by_the_parent_s),
        cmocka_unit_test(monitors_tell_each_end),
        cmocka_unit_test(links_tell_both_sides),
        cmocka_unit_test(links_do_not_end_strangers),
        cmocka_unit_test(programs_are_supervised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
