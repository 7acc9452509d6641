// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other settings for actors and supervisors that run: they are in force at once, nobody is started for them, and they
/// go back.
#include "component/template.h"
#include "node/life_testing.h"
#include "node/live.h"

static const airs_actor_id nobody = {0};

static airs_status give(node_live *live)
{
    airs_error error = {0};
    airs_status status = node_live_give(live, &error);
    print_message("%s\n", error.text);
    return status;
}

static void an_actor_has_others_and_has_its_own_again(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, true, (airs_spawn_options){.limits.mailbox_max = 7});
    node_live live = {.system = system};
    airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY,
                                  .significant = true,
                                  .limits = {.mailbox_max = 3, .max_message = 64, .max_mailbox_age_ms = 60000},
                                  .health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 1}};
    assert_int_equal(node_live_add_actor(&live, id, &options, NULL), AIRS_OK);
    assert_int_equal(notes.checks, 0);
    assert_int_equal(give(&live), AIRS_OK);
    // It is asked how it is: nobody did before.
    WAIT_FOR(notes.checks > 1);
    airs_usage usage;
    assert_int_equal(airs_actor_get_usage(system, id, &usage), AIRS_OK);
    assert_int_equal(usage.limits.mailbox_max, 3);
    assert_int_equal(usage.limits.max_mailbox_age_ms, 60000);
    airs_actor_info info = life_info(system, id);
    assert_int_equal(info.restart, AIRS_RESTART_TEMPORARY);
    assert_true(info.significant);
    static const char large[100] = "large";
    assert_int_equal(airs_send(system, id, large, sizeof large), AIRS_E_TOO_LARGE);
    node_live_take_back(&live);
    assert_int_equal(airs_actor_get_usage(system, id, &usage), AIRS_OK);
    assert_int_equal(usage.limits.mailbox_max, 7);
    assert_int_equal(life_info(system, id).restart, AIRS_RESTART_PERMANENT);
    assert_int_equal(airs_send(system, id, large, sizeof large), AIRS_OK);
    // Restarted, as its supervisor has it again.
    life_send(system, id, LIFE_CRASH, nobody);
    WAIT_FOR(notes.starts == 2);
    node_live_fini(&live);
    airs_system_stop(system);
    airs_system_destroy(system);
}

// Events of an actor in one turn, as of actor/cell.c.
#define TURN_EVENTS 128

/// One that is given other terms when it has just answered its first probe.
typedef struct prober_notes {
    airs_system *system;
    airs_actor_id id;
    actor_terms terms;
    int taken;
    int probes;
    int probe_at;
    int messages;
    int replies;
} prober_notes;

static void on_taken(actor_terms *terms, airs_status status)
{
    prober_notes *notes = ds_container_of(terms, prober_notes, terms);
    assert_int_equal(status, AIRS_OK);
    notes->taken++;
}

static airs_status prober_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    prober_notes *notes = airs_context_user(context);
    notes->messages++;
    if (message->request.raw == 0)
        return AIRS_OK;
    if (notes->probes++ == 0) {
        notes->probe_at = notes->messages;
        actor *self = actor_find(&notes->system->actors, notes->id.raw);
        assert_int_equal(actor_terms_give(self, &notes->terms, error), AIRS_OK);
    }
    return airs_context_reply(context, message->request, "well", 4);
}

static airs_status prober_handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)reply;
    (void)error;
    prober_notes *notes = airs_context_user(context);
    notes->replies++;
    return AIRS_OK;
}

static const airs_health_options probing = {
    .kind = AIRS_HEALTH_MESSAGE, .interval_ms = 20, .timeout_ms = 20000, .probe = {(const uint8_t *)"well?", 5}};

/// It answers a probe in the last event of its turn, and has the other terms at the beginning of the next: the answer
/// is in its own mailbox then.
static void probe_and_change(prober_notes *notes, const airs_spawn_options *options)
{
    static const airs_actor_fns fns = {.handle = prober_handle, .handle_reply = prober_handle_reply};
    const airs_native native = {"prober", NULL, &fns, 0, notes};
    airs_system *system = notes->system = life_system(AIRS_WORKERS_NONE);
    assert_int_equal(airs_spawn_native(system, &native, &(airs_spawn_options){.health = probing}, &notes->id, NULL),
                     AIRS_OK);
    WAIT_FOR(airs_system_run_once(system, 0) == AIRS_OK && life_info(system, notes->id).state == AIRS_ACTOR_READY);
    const actor_options with = template_actor_options(options);
    actor *self = actor_find(&system->actors, notes->id.raw);
    assert_int_equal(actor_terms_init(&notes->terms, self, &with, NULL), AIRS_OK);
    notes->terms.told = on_taken;
    // It is due, and nothing has been handled.
    uint64_t end_ns = os_clock_now_ns() + 2u * probing.interval_ms * 1000000u;
    while (os_clock_now_ns() < end_ns)
        os_thread_yield();
    for (int i = 1; i < TURN_EVENTS; i++)
        assert_int_equal(airs_send(system, notes->id, "x", 1), AIRS_OK);
    WAIT_FOR(airs_system_run_once(system, 0) == AIRS_OK && notes->taken == 1);
    assert_int_equal(notes->probe_at, TURN_EVENTS);
    // Behind the answer in the mailbox.
    assert_int_equal(airs_send(system, notes->id, "x", 1), AIRS_OK);
    WAIT_FOR(airs_system_run_once(system, 0) == AIRS_OK && notes->messages > TURN_EVENTS);
    assert_int_equal(notes->replies, 0);
}

static uint64_t end_probing(prober_notes *notes)
{
    airs_metrics metrics;
    airs_system_get_metrics(notes->system, &metrics);
    actor_terms_fini(&notes->terms);
    airs_system_destroy(notes->system);
    return metrics.replies_late;
}

static void an_answer_to_a_probe_that_was_given_up_is_no_event(void **user)
{
    (void)user;
    prober_notes notes = {0};
    airs_spawn_options options = {.health = probing};
    options.health.interval_ms = 60000;
    probe_and_change(&notes, &options);
    assert_int_equal(end_probing(&notes), 1);
}

static void a_probe_is_not_given_up_for_other_terms(void **user)
{
    (void)user;
    prober_notes notes = {0};
    airs_spawn_options options = {.restart = AIRS_RESTART_TRANSIENT, .health = probing};
    probe_and_change(&notes, &options);
    assert_int_equal(life_info(notes.system, notes.id).restart, AIRS_RESTART_TRANSIENT);
    assert_int_equal(end_probing(&notes), 0);
}

static void its_supervisor_looks_at_them_from_then_on(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, true, (airs_spawn_options){.restart = AIRS_RESTART_PERMANENT});
    node_live live = {.system = system};
    assert_int_equal(node_live_add_actor(&live, id, &(airs_spawn_options){.restart = AIRS_RESTART_TEMPORARY}, NULL),
                     AIRS_OK);
    assert_int_equal(give(&live), AIRS_OK);
    life_send(system, id, LIFE_CRASH, nobody);
    WAIT_FOR(life_info(system, id).state == AIRS_ACTOR_TERMINATED);
    assert_int_equal(notes.starts, 1);
    // One that has ended needs nothing, on the way back too.
    node_live_take_back(&live);
    node_live_fini(&live);
    live = (node_live){.system = system};
    assert_int_equal(node_live_add_actor(&live, id, &(airs_spawn_options){0}, NULL), AIRS_OK);
    assert_null(live.changes);
    airs_system_stop(system);
    airs_system_destroy(system);
}

static void what_is_out_of_its_range_is_refused_before(void **user)
{
    (void)user;
    airs_system *system = life_system(1);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, true, (airs_spawn_options){0});
    node_live live = {.system = system};
    airs_error error = {0};
    assert_int_equal(node_live_add_actor(&live, id, &(airs_spawn_options){.limits.mailbox_max = UINT32_MAX}, &error),
                     AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "mailbox_max"));
    assert_null(live.changes);
    airs_system_stop(system);
    airs_system_destroy(system);
}

/// A group of two, of which the first is told to crash until the second has been started so often too.
static void a_group_has_another_strategy_and_intensity(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes[2] = {0};
    airs_supervisor_options options = {.name = "crew", .max_restarts = 1, .window_ms = 60000};
    airs_actor_id crew, ids[2];
    assert_int_equal(airs_spawn_supervisor(system, &options, &crew, NULL), AIRS_OK);
    for (size_t i = 0; i < 2; i++)
        ids[i] = life_spawn(system, &notes[i], true, (airs_spawn_options){.supervisor = crew});
    node_live live = {.system = system};
    options.strategy = AIRS_ONE_FOR_ALL;
    options.max_restarts = 100;
    assert_int_equal(node_live_add_group(&live, crew, &options, NULL), AIRS_OK);
    assert_int_equal(give(&live), AIRS_OK);
    for (int round = 1; round <= 3; round++) {
        life_send(system, ids[0], LIFE_CRASH, nobody);
        WAIT_FOR(notes[0].starts == 1 + round && notes[1].starts == 1 + round);
        WAIT_FOR(life_info(system, ids[1]).state == AIRS_ACTOR_READY);
    }
    assert_string_equal(life_info(system, crew).component, "one_for_all");
    node_live_take_back(&live);
    assert_string_equal(life_info(system, crew).component, "one_for_one");
    life_send(system, ids[0], LIFE_CRASH, nobody);
    WAIT_FOR(notes[0].starts == 5);
    assert_int_equal(notes[1].starts, 4);
    // One more than it takes now.
    life_send(system, ids[0], LIFE_CRASH, nobody);
    WAIT_FOR(life_info(system, crew).restarts == 1 || life_info(system, crew).state == AIRS_ACTOR_TERMINATED);
    node_live_fini(&live);
    airs_system_stop(system);
    airs_system_destroy(system);
}

static void a_group_in_the_middle_of_a_restart_is_left_alone(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes[2] = {0};
    airs_supervisor_options options = {.name = "crew",
                                       .strategy = AIRS_ONE_FOR_ALL,
                                       .max_restarts = 5,
                                       .backoff = {.kind = AIRS_BACKOFF_DELAY, .delay_ms = 60000}};
    airs_actor_id crew;
    assert_int_equal(airs_spawn_supervisor(system, &options, &crew, NULL), AIRS_OK);
    airs_actor_id inner = life_spawn(system, &notes[0], true, (airs_spawn_options){.supervisor = crew});
    airs_actor_id outer = life_spawn(system, &notes[1], true, (airs_spawn_options){0});
    life_send(system, inner, LIFE_CRASH, nobody);
    WAIT_FOR(life_info(system, inner).hold == AIRS_HOLD_BACKOFF);
    node_live live = {.system = system, .give_timeout_ms = 50};
    options.max_restarts = 9;
    assert_int_equal(node_live_add_group(&live, crew, &options, NULL), AIRS_OK);
    // It is given first, and taken back.
    assert_int_equal(node_live_add_actor(&live, outer, &(airs_spawn_options){.restart = AIRS_RESTART_TRANSIENT}, NULL),
                     AIRS_OK);
    assert_int_equal(give(&live), AIRS_E_TIMEOUT);
    assert_int_equal(life_info(system, outer).restart, AIRS_RESTART_PERMANENT);
    // And it can be tried again.
    assert_int_equal(give(&live), AIRS_E_TIMEOUT);
    node_live_fini(&live);
    airs_system_stop(system);
    airs_system_destroy(system);
}

static void a_group_does_not_become_another_kind_of_one(void **user)
{
    (void)user;
    airs_system *system = life_system(1);
    airs_supervisor_options options = {.name = "crew"};
    airs_actor_id crew;
    airs_error error = {0};
    assert_int_equal(airs_spawn_supervisor(system, &options, &crew, NULL), AIRS_OK);
    node_live live = {.system = system};
    options.strategy = AIRS_SIMPLE_ONE_FOR_ONE;
    assert_int_equal(node_live_add_group(&live, crew, &options, &error), AIRS_E_UNSUPPORTED);
    options = (airs_supervisor_options){.max_restarts = UINT32_MAX};
    assert_int_equal(node_live_add_group(&live, crew, &options, &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "max_restarts"));
    airs_system_stop(system);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_actor_has_others_and_has_its_own_again),
        cmocka_unit_test(an_answer_to_a_probe_that_was_given_up_is_no_event),
        cmocka_unit_test(a_probe_is_not_given_up_for_other_terms),
        cmocka_unit_test(its_supervisor_looks_at_them_from_then_on),
        cmocka_unit_test(what_is_out_of_its_range_is_refused_before),
        cmocka_unit_test(a_group_has_another_strategy_and_intensity),
        cmocka_unit_test(a_group_in_the_middle_of_a_restart_is_left_alone),
        cmocka_unit_test(a_group_does_not_become_another_kind_of_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
