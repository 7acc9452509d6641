// SPDX-License-Identifier: MIT OR Apache-2.0
/// Health checks and the limit on the mailbox's age, of native actors.
#include "node/life_testing.h"

static const airs_actor_id nobody = {0};

typedef struct event_notes {
    _Atomic int shown[3];
    _Atomic int paused;
    _Atomic int resumed;
    _Atomic int failed;
} event_notes;

static void on_event(void *user, const airs_event *event)
{
    event_notes *notes = user;
    if (event->kind == AIRS_EVENT_HEALTH)
        notes->shown[event->health]++;
    notes->paused += event->kind == AIRS_EVENT_PAUSED;
    notes->resumed += event->kind == AIRS_EVENT_RESUMED;
    notes->failed += event->kind == AIRS_EVENT_FAILED;
}

static airs_health_options check_every(uint32_t interval_ms)
{
    return (airs_health_options){.kind = AIRS_HEALTH_CHECK, .interval_ms = interval_ms, .failures_max = 2};
}

static void degraded_is_shown_and_unhealthy_fails(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    event_notes events = {.paused = 0};
    airs_system_on_event(system, on_event, &events);
    life_notes notes = {.health = AIRS_HEALTH_DEGRADED};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.health = check_every(1)});
    WAIT_FOR(notes.checks >= 3);
    WAIT_FOR(life_info(system, id).health == AIRS_HEALTH_DEGRADED);
    assert_string_equal(life_info(system, id).health_text, "as set");
    assert_int_equal(events.shown[AIRS_HEALTH_DEGRADED], 1);
    assert_int_equal(notes.starts, 1);
    notes.health = AIRS_HEALTH_UNHEALTHY;
    WAIT_FOR(notes.starts >= 2);
    notes.health = AIRS_HEALTH_HEALTHY;
    airs_actor_info info = life_info(system, id);
    assert_int_equal(info.last_exit, AIRS_EXIT_FAILED);
    assert_string_equal(info.last_failure, "unhealthy: as set");
    assert_true(events.shown[AIRS_HEALTH_UNHEALTHY] >= 1);
    airs_system_destroy(system);
}

static void one_that_works_or_rests_is_not_asked(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    event_notes events = {.paused = 0};
    airs_system_on_event(system, on_event, &events);
    life_notes notes = {.health = AIRS_HEALTH_UNHEALTHY};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.health = check_every(50)});
    assert_true(life_signal(system, id, ACTOR_SIGNAL_PAUSE));
    WAIT_FOR(events.paused == 1);
    int checks = notes.checks;
    uint64_t end_ns = os_clock_now_ns() + 300u * 1000000u;
    while (os_clock_now_ns() < end_ns)
        os_thread_yield();
    assert_int_equal(notes.checks, checks);
    notes.health = AIRS_HEALTH_HEALTHY;
    assert_true(life_signal(system, id, ACTOR_SIGNAL_RESUME));
    WAIT_FOR(events.resumed == 1);
    WAIT_FOR(notes.checks > checks);
    airs_system_destroy(system);
}

static void any_reply_to_a_probe_is_healthy(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    event_notes events = {.paused = 0};
    airs_system_on_event(system, on_event, &events);
    life_notes notes = {0};
    airs_health_options probe = {.kind = AIRS_HEALTH_MESSAGE,
                                 .interval_ms = 1,
                                 .timeout_ms = 20000,
                                 .failures_max = 1,
                                 .probe = {(const uint8_t *)"well?", 5}};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.health = probe});
    WAIT_FOR(notes.messages >= 5);
    assert_int_equal(life_info(system, id).health, AIRS_HEALTH_HEALTHY);
    assert_int_equal(notes.starts, 1);
    airs_system_destroy(system);
    assert_int_equal(events.failed, 0);
}

/// It takes the probe for a message that it has nothing to say to.
static void a_probe_without_an_answer_is_a_failure(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    life_order silent = {.verb = LIFE_NOTHING};
    airs_health_options probe = {.kind = AIRS_HEALTH_MESSAGE,
                                 .interval_ms = 1,
                                 .timeout_ms = 1,
                                 .failures_max = 3,
                                 .probe = {(const uint8_t *)&silent, sizeof silent}};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.health = probe});
    WAIT_FOR(notes.starts >= 2);
    assert_string_equal(life_info(system, id).last_failure, "unhealthy: no answer within 1 ms");
    airs_system_destroy(system);
}

static void what_is_out_of_range_is_refused(void **user)
{
    (void)user;
    airs_system *system = life_system(1);
    life_notes notes = {0};
    static const struct {
        airs_spawn_options options;
        const char *names;
    } cases[] = {
        {{.health = {.kind = (airs_health_kind)7}}, "health 7"},
        {{.health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 86400001}}, "health.interval"},
        {{.health = {.kind = AIRS_HEALTH_CHECK, .timeout_ms = 86400001}}, "health.timeout"},
        {{.health = {.kind = AIRS_HEALTH_CHECK, .failures_max = 1000001}}, "health.failures_max"},
        {{.health = {.kind = AIRS_HEALTH_CHECK, .start_grace_ms = 86400001}}, "health.start_grace"},
        {{.health = {.kind = AIRS_HEALTH_MESSAGE, .probe = {NULL, 3}}}, "health.probe"},
        {{.limits.max_message = 2, .health = {.kind = AIRS_HEALTH_MESSAGE, .probe = {(const uint8_t *)"abc", 3}}},
         "health.probe"},
        {{.limits.max_mailbox_age_ms = 86400001}, "max_mailbox_age"},
        {{.backoff = {.kind = (airs_backoff_kind)9}}, "backoff 9"},
        {{.backoff = {.factor = 0.5}}, "backoff.factor is 0.5, it has to be 1 to 100"},
        {{.backoff = {.factor = -1.0}}, "backoff.factor"},
        {{.backoff = {.factor = 101.0}}, "backoff.factor"},
        {{.backoff = {.jitter_percent = 101}}, "backoff.jitter"},
        {{.backoff = {.delay_ms = 500, .delay_max_ms = 100}}, "backoff.delay"},
        {{.restart = (airs_restart)5}, "restart 5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        airs_actor_id id;
        airs_error error = {.text = ""};
        assert_int_equal(life_try_spawn(system, &notes, false, &cases[i].options, &id, &error), AIRS_E_INVALID);
        if (strstr(error.text, cases[i].names) == NULL)
            fail_msg("case %zu: \"%s\" does not name %s", i, error.text, cases[i].names);
    }
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- the mailbox's age

typedef struct slow_notes {
    _Atomic int starts;
} slow_notes;

static airs_status slow_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    slow_notes *notes = airs_context_user(context);
    notes->starts++;
    return AIRS_OK;
}

/// Each message costs it so long that those behind wait too long.
static airs_status slow_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)context;
    (void)error;
    uint64_t end_ns = os_clock_now_ns() + 1000000u;
    while (os_clock_now_ns() < end_ns)
        os_thread_yield();
    return AIRS_OK;
}

static void a_mailbox_that_is_too_old_is_a_failure(void **user)
{
    (void)user;
    // Run by hand, timers are looked at between any two turns of a task, however long these are.
    airs_system *system = life_system(AIRS_WORKERS_NONE);
    slow_notes notes = {0};
    static const airs_child_fns child = {.start = slow_start};
    static const airs_actor_fns messages = {.handle = slow_handle};
    airs_native native = {"slow", &child, &messages, 0, &notes};
    airs_spawn_options options = {.limits.max_mailbox_age_ms = 40};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    // So many that three turns are needed: it looks at the mailbox's age between them.
    for (int i = 0; i < 300; i++)
        assert_int_equal(airs_send(system, id, "x", 1), AIRS_OK);
    WAIT_FOR(airs_system_run_once(system, 1) == AIRS_OK && notes.starts >= 2);
    airs_actor_info info = life_info(system, id);
    assert_int_equal(info.last_exit, AIRS_EXIT_LIMIT);
    assert_string_equal(info.last_failure, "a message waited in its mailbox longer than max_mailbox_age, 40 ms");
    WAIT_FOR(airs_system_run_once(system, 1) == AIRS_OK && life_info(system, id).mailbox_len == 0);
    airs_system_destroy(system);
}

static void a_paused_one_may_let_its_mailbox_wait(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.limits.max_mailbox_age_ms = 20});
    assert_true(life_signal(system, id, ACTOR_SIGNAL_PAUSE));
    WAIT_FOR(life_info(system, id).hold == AIRS_HOLD_PAUSED);
    life_send(system, id, LIFE_NOTHING, nobody);
    uint64_t end_ns = os_clock_now_ns() + 200u * 1000000u;
    while (os_clock_now_ns() < end_ns)
        os_thread_yield();
    assert_int_equal(life_info(system, id).mailbox_len, 1);
    assert_int_equal(notes.starts, 1);
    assert_true(life_signal(system, id, ACTOR_SIGNAL_RESUME));
    WAIT_FOR(notes.messages == 1);
    assert_int_equal(notes.starts, 1);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(degraded_is_shown_and_unhealthy_fails),
        cmocka_unit_test(one_that_works_or_rests_is_not_asked),
        cmocka_unit_test(any_reply_to_a_probe_is_healthy),
        cmocka_unit_test(a_probe_without_an_answer_is_a_failure),
        cmocka_unit_test(what_is_out_of_range_is_refused),
        cmocka_unit_test(a_mailbox_that_is_too_old_is_a_failure),
        cmocka_unit_test(a_paused_one_may_let_its_mailbox_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
