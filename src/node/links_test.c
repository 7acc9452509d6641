// SPDX-License-Identifier: MIT OR Apache-2.0
/// Monitors and links of native actors: who is told what, how often, and who ends with whom.
#include "node/life_testing.h"

static const airs_spawn_options defaults = {0};
static const airs_spawn_options temporary = {.restart = AIRS_RESTART_TEMPORARY};
static const airs_actor_id nobody = {0};

static void a_monitor_is_told_of_each_end(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes watcher_notes = {0};
    life_notes target_notes = {0};
    airs_actor_id watcher = life_spawn(system, &watcher_notes, false, defaults);
    airs_actor_id target = life_spawn(system, &target_notes, false, defaults);
    life_do(system, watcher, &watcher_notes, LIFE_MONITOR, target);
    assert_int_equal(watcher_notes.last_status, AIRS_OK);
    for (int i = 0; i < 3; i++) {
        life_send(system, target, LIFE_CRASH, nobody);
        WAIT_FOR(watcher_notes.downs > i);
        const life_down *down = &watcher_notes.down[i];
        assert_int_equal(down->monitor, watcher_notes.monitor);
        assert_int_equal(down->actor, target.raw);
        assert_int_equal(down->reason, AIRS_EXIT_FAILED);
        assert_string_equal(down->text, "crashed as asked");
        assert_true(down->will_restart);
        WAIT_FOR(target_notes.starts == i + 2);
    }
    assert_int_equal(airs_stop(system, target), AIRS_OK);
    WAIT_FOR(watcher_notes.downs == 4);
    assert_int_equal(watcher_notes.down[3].reason, AIRS_EXIT_SHUTDOWN);
    assert_false(watcher_notes.down[3].will_restart);
    airs_system_destroy(system);
    assert_int_equal(watcher_notes.downs, 4);
}

static void one_that_has_ended_is_told_at_once(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id watcher = life_spawn(system, &notes, false, defaults);
    life_notes gone_notes = {0};
    airs_actor_id gone = life_spawn(system, &gone_notes, false, defaults);
    assert_int_equal(airs_stop(system, gone), AIRS_OK);
    life_do(system, watcher, &notes, LIFE_MONITOR, gone);
    WAIT_FOR(notes.downs == 1);
    assert_int_equal(notes.down[0].monitor, notes.monitor);
    assert_false(notes.down[0].will_restart);
    life_do(system, watcher, &notes, LIFE_LINK, gone);
    WAIT_FOR(notes.downs == 2);
    assert_int_equal(notes.down[1].monitor, 0);
    assert_int_not_equal(notes.down[1].reason, AIRS_EXIT_NORMAL);
    life_do(system, watcher, &notes, LIFE_MONITOR, watcher);
    assert_int_equal(notes.last_status, AIRS_E_INVALID);
    life_do(system, watcher, &notes, LIFE_LINK, nobody);
    assert_int_equal(notes.last_status, AIRS_E_INVALID);
    airs_system_destroy(system);
}

static void after_demonitor_nothing_comes(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    life_notes target_notes = {0};
    airs_actor_id watcher = life_spawn(system, &notes, false, defaults);
    airs_actor_id target = life_spawn(system, &target_notes, false, defaults);
    life_do(system, watcher, &notes, LIFE_MONITOR, target);
    life_do(system, watcher, &notes, LIFE_DEMONITOR, nobody);
    assert_int_equal(notes.last_status, AIRS_OK);
    life_do(system, watcher, &notes, LIFE_DEMONITOR, nobody);
    assert_int_equal(notes.last_status, AIRS_E_NOT_FOUND);
    life_send(system, target, LIFE_CRASH, nobody);
    WAIT_FOR(target_notes.starts == 2);
    // A second monitor is told of the next end, in order: what the first was told would have come before.
    life_do(system, watcher, &notes, LIFE_MONITOR, target);
    life_send(system, target, LIFE_CRASH, nobody);
    WAIT_FOR(notes.downs == 1);
    assert_int_equal(notes.down[0].monitor, notes.monitor);
    airs_system_destroy(system);
}

static void the_failure_of_one_ends_the_other(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    for (int way = 0; way < 2; way++) {
        life_notes notes[2] = {{0}};
        airs_actor_id ids[2];
        ids[0] = life_spawn(system, &notes[0], true, temporary);
        ids[1] = life_spawn(system, &notes[1], true, temporary);
        life_do(system, ids[0], &notes[0], LIFE_LINK, ids[1]);
        life_do(system, ids[1], &notes[1], LIFE_LINK, ids[0]);
        life_send(system, ids[way], LIFE_CRASH, nobody);
        WAIT_FOR(life_info(system, ids[1 - way]).state == AIRS_ACTOR_TERMINATED);
        assert_int_equal(notes[1 - way].stops, 1);
    }
    airs_system_destroy(system);
}

static void the_linked_failure_says_why(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes[2] = {{0}};
    airs_actor_id kept = life_spawn(system, &notes[0], true, defaults);
    airs_actor_id failing = life_spawn(system, &notes[1], true, temporary);
    life_do(system, kept, &notes[0], LIFE_LINK, failing);
    life_send(system, failing, LIFE_CRASH, nobody);
    WAIT_FOR(notes[0].starts == 2);
    airs_actor_info info = life_info(system, kept);
    assert_int_equal(info.last_exit, AIRS_EXIT_FAILED);
    assert_non_null(strstr(info.last_failure, "to which it is linked"));
    assert_non_null(strstr(info.last_failure, "crashed as asked"));
    airs_system_destroy(system);
}

static void an_end_as_it_should_be_ends_nobody(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes[3] = {{0}};
    airs_actor_id deaf = life_spawn(system, &notes[0], true, defaults);
    airs_actor_id hearing = life_spawn(system, &notes[1], false, defaults);
    airs_actor_id ending = life_spawn(system, &notes[2], true, temporary);
    life_do(system, ending, &notes[2], LIFE_LINK, deaf);
    life_do(system, ending, &notes[2], LIFE_LINK, hearing);
    life_send(system, ending, LIFE_EXIT, nobody);
    WAIT_FOR(notes[1].downs == 1);
    assert_int_equal(notes[1].down[0].reason, AIRS_EXIT_NORMAL);
    assert_int_equal(notes[1].down[0].monitor, 0);
    life_do(system, deaf, &notes[0], LIFE_NOTHING, nobody);
    assert_int_equal(notes[0].starts, 1);
    airs_system_destroy(system);
}

static void unlinked_ones_do_not_end_together(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes[2] = {{0}};
    airs_actor_id a = life_spawn(system, &notes[0], true, defaults);
    airs_actor_id b = life_spawn(system, &notes[1], true, defaults);
    life_do(system, a, &notes[0], LIFE_LINK, b);
    life_do(system, b, &notes[1], LIFE_UNLINK, a);
    life_send(system, a, LIFE_CRASH, nobody);
    WAIT_FOR(notes[0].starts == 2);
    // The link of the last incarnation has ended with it.
    life_do(system, a, &notes[0], LIFE_LINK, b);
    life_send(system, b, LIFE_CRASH, nobody);
    WAIT_FOR(notes[0].starts == 3 && notes[1].starts == 2);
    life_send(system, a, LIFE_CRASH, nobody);
    WAIT_FOR(notes[0].starts == 4);
    life_do(system, b, &notes[1], LIFE_NOTHING, nobody);
    assert_int_equal(notes[1].starts, 2);
    airs_system_destroy(system);
}

/// The newest takes the place of what was not taken yet: one that does not listen is not flooded.
static void a_crash_loop_does_not_fill_a_mailbox(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    life_notes target_notes = {0};
    airs_actor_id watcher = life_spawn(system, &notes, false, (airs_spawn_options){.limits.mailbox_max = 1});
    airs_actor_id target = life_spawn(system, &target_notes, false, defaults);
    life_do(system, watcher, &notes, LIFE_MONITOR, target);
    assert_true(life_signal(system, watcher, ACTOR_SIGNAL_PAUSE));
    WAIT_FOR(life_info(system, watcher).hold == AIRS_HOLD_PAUSED);
    for (int i = 0; i < 50; i++) {
        life_send(system, target, LIFE_CRASH, nobody);
        WAIT_FOR(target_notes.starts == i + 2);
    }
    assert_int_equal(airs_stop(system, target), AIRS_OK);
    assert_int_equal(life_info(system, watcher).mailbox_len, 0);
    assert_true(life_signal(system, watcher, ACTOR_SIGNAL_RESUME));
    WAIT_FOR(notes.downs == 1);
    assert_false(notes.down[0].will_restart);
    life_do(system, watcher, &notes, LIFE_NOTHING, nobody);
    assert_int_equal(notes.downs, 1);
    airs_system_destroy(system);
}

static void there_are_no_more_than_a_thousand(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    life_notes target_notes = {0};
    airs_actor_id watcher = life_spawn(system, &notes, false, defaults);
    airs_actor_id target = life_spawn(system, &target_notes, false, defaults);
    for (int i = 0; i < 1024; i++) {
        life_do(system, watcher, &notes, LIFE_MONITOR, target);
        assert_int_equal(notes.last_status, AIRS_OK);
    }
    life_do(system, watcher, &notes, LIFE_MONITOR, target);
    assert_int_equal(notes.last_status, AIRS_E_LIMIT);
    life_do(system, target, &target_notes, LIFE_LINK, watcher);
    assert_int_equal(target_notes.last_status, AIRS_E_LIMIT);
    life_do(system, watcher, &notes, LIFE_DEMONITOR, nobody);
    life_do(system, watcher, &notes, LIFE_MONITOR, target);
    assert_int_equal(notes.last_status, AIRS_OK);
    assert_int_equal(airs_stop(system, target), AIRS_OK);
    WAIT_FOR(notes.downs == 1024);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_monitor_is_told_of_each_end),     cmocka_unit_test(one_that_has_ended_is_told_at_once),
        cmocka_unit_test(after_demonitor_nothing_comes),     cmocka_unit_test(the_failure_of_one_ends_the_other),
        cmocka_unit_test(the_linked_failure_says_why),       cmocka_unit_test(an_end_as_it_should_be_ends_nobody),
        cmocka_unit_test(unlinked_ones_do_not_end_together), cmocka_unit_test(a_crash_loop_does_not_fill_a_mailbox),
        cmocka_unit_test(there_are_no_more_than_a_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
