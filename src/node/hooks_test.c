// SPDX-License-Identifier: MIT OR Apache-2.0
/// Hooks around the life of an actor, and what becomes of messages when an incarnation fails with them.
#include <stdio.h>

#include "node/life_testing.h"

static const airs_actor_id nobody = {0};

#define CALLS_MAX 64

/// What the hooks were called with, and what they are to say.
typedef struct hook_notes {
    _Atomic int calls;
    char call[CALLS_MAX][96];
    airs_status pre_start;
    airs_status post_start;
    _Atomic int verdict;
    _Atomic int drops;
    _Atomic uint32_t sleep_ms;
    /// Which one is to sleep.
    const char *sleeper;
} hook_notes;

static void note(const airs_hook_info *info, const char *what, int number, const char *text)
{
    hook_notes *notes = info->user;
    int at = notes->calls;
    if (at < CALLS_MAX)
        (void)snprintf(notes->call[at], sizeof notes->call[at], "%s %s %d %.40s", info->name, what, number, text);
    if (notes->sleeper != NULL && strcmp(notes->sleeper, what) == 0) {
        uint64_t end_ns = os_clock_now_ns() + (uint64_t)notes->sleep_ms * 1000000u;
        while (os_clock_now_ns() < end_ns)
            os_thread_yield();
    }
    notes->calls++;
}

static airs_status refuse(airs_error *error, airs_status status)
{
    if (status != AIRS_OK)
        memcpy(error->text, "not now", sizeof "not now");
    return status;
}

static airs_status pre_start(const airs_hook_info *info, airs_error *error)
{
    note(info, "pre_start", (int)info->restarts, "");
    return refuse(error, ((const hook_notes *)info->user)->pre_start);
}

static airs_status post_start(const airs_hook_info *info, airs_error *error)
{
    note(info, "post_start", (int)info->restarts, info->component);
    return refuse(error, ((const hook_notes *)info->user)->post_start);
}

static airs_status pre_stop(const airs_hook_info *info, airs_exit reason, airs_error *error)
{
    note(info, "pre_stop", (int)reason, "");
    return refuse(error, AIRS_E_FAILED);
}

static airs_status post_stop(const airs_hook_info *info, airs_exit reason, airs_error *error)
{
    note(info, "post_stop", (int)reason, "");
    return refuse(error, AIRS_E_FAILED);
}

static airs_hook_verdict on_message(const airs_hook_info *info, const airs_message *message, char *reason)
{
    (void)message;
    hook_notes *notes = info->user;
    note(info, "on_message", 0, "");
    if (notes->drops == 0)
        return AIRS_HOOK_PASS;
    notes->drops--;
    memcpy(reason, "not wanted", sizeof "not wanted");
    return AIRS_HOOK_DROP;
}

static airs_error_verdict on_error(const airs_hook_info *info, airs_exit reason, const char *text)
{
    note(info, "on_error", (int)reason, text);
    return (airs_error_verdict)((const hook_notes *)info->user)->verdict;
}

static void on_restart(const airs_hook_info *info, airs_exit reason, const char *text)
{
    note(info, "on_restart", (int)reason, text);
}

static airs_hooks all_hooks(hook_notes *notes)
{
    // No limit but where a test is about it: the machine may be busy.
    return (airs_hooks){pre_start, post_start, pre_stop, post_stop, on_message, on_error, on_restart, 60000, notes};
}

static void assert_call(const hook_notes *notes, int at, const char *call)
{
    assert_true(at < notes->calls);
    assert_string_equal(notes->call[at], call);
}

static void they_are_called_in_order(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes hooked = {.verdict = AIRS_ERROR_DEFAULT};
    airs_hooks hooks = all_hooks(&hooked);
    airs_system_set_hooks(system, &hooks);
    life_notes notes = {0};
    // The supervisor at the root was there before the hooks.
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.name = "n"});
    life_do(system, id, &notes, LIFE_NOTHING, nobody);
    life_do(system, id, &notes, LIFE_ERROR, nobody);
    life_send(system, id, LIFE_CRASH, nobody);
    WAIT_FOR(notes.starts == 2);
    assert_int_equal(airs_stop(system, id), AIRS_OK);
    static const char *const calls[] = {
        "n pre_start 0 ",        "n post_start 0 life",
        "n on_message 0 ",       "n on_message 0 ",
        "n on_error 0 as asked", "n on_message 0 ",
        "n pre_stop 6 ",         "n on_error 6 crashed as asked",
        "n post_stop 6 ",        "n on_restart 6 crashed as asked",
        "n pre_start 0 ",        "n post_start 0 life",
        "n pre_stop 1 ",         "n post_stop 1 ",
    };
    for (int i = 0; i < (int)(sizeof calls / sizeof calls[0]); i++)
        assert_call(&hooked, i, calls[i]);
    assert_int_equal(hooked.calls, sizeof calls / sizeof calls[0]);
    airs_system_destroy(system);
}

static void an_actors_own_are_called_instead(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes of_system = {.verdict = 0};
    hook_notes of_actor = {.verdict = 0};
    airs_hooks common = all_hooks(&of_system);
    airs_hooks own = {.pre_start = pre_start, .user = &of_actor};
    airs_system_set_hooks(system, &common);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.hooks = &own});
    life_do(system, id, &notes, LIFE_ERROR, nobody);
    assert_int_equal(of_actor.calls, 1);
    assert_int_equal(of_system.calls, 0);
    airs_system_destroy(system);
}

static void a_start_that_they_refuse_has_failed(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    for (int i = 0; i < 4; i++) {
        bool late = i >= 2;
        hook_notes hooked = {.pre_start = i == 0 ? AIRS_E_FAILED : AIRS_OK,
                             .post_start = i == 1 ? AIRS_E_DENIED : AIRS_OK,
                             .sleep_ms = 2000,
                             .sleeper = i == 2   ? "pre_start"
                                        : i == 3 ? "post_start"
                                                 : NULL};
        airs_hooks hooks = {
            .pre_start = pre_start, .post_start = post_start, .user = &hooked, .timeout_ms = late ? 1000 : 60000};
        life_notes notes = {0};
        airs_spawn_options options = {.hooks = &hooks};
        airs_actor_id id;
        airs_error error = {.text = ""};
        airs_status status = life_try_spawn(system, &notes, false, &options, &id, &error);
        assert_int_equal(status, late ? AIRS_E_TIMEOUT : AIRS_E_FAILED);
        assert_non_null(strstr(error.text, i % 2 == 0 ? "pre_start" : "post_start"));
        assert_non_null(strstr(error.text, late ? "took longer than 1000 ms" : "not now"));
        // What `start` took is given back.
        assert_int_equal(notes.starts, i % 2);
        assert_int_equal(notes.stops, i % 2);
    }
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- messages

static bool keep_letter(void *user, const airs_dead_letter *letter)
{
    char *text = user;
    (void)snprintf(text, 128, "%s: %s", airs_drop_reason_name(letter->reason), letter->text);
    return true;
}

static void a_message_that_is_dropped_is_a_dead_letter(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes hooked = {.drops = 2};
    airs_hooks hooks = all_hooks(&hooked);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.hooks = &hooks});
    airs_buffer reply = {0};
    airs_error error = {.text = ""};
    assert_int_equal(airs_ask(system, id, "?", 1, 60000, &reply, &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "not wanted"));
    life_send(system, id, LIFE_CRASH, nobody);
    assert_int_equal(airs_ask(system, id, "?", 1, 60000, &reply, &error), AIRS_OK);
    airs_buffer_free(&reply);
    WAIT_FOR(notes.messages == 1);
    assert_int_equal(notes.starts, 1);
    char text[128] = "";
    assert_int_equal(airs_dead_letters(system, 0, keep_letter, text), 2);
    assert_string_equal(text, "hook: not wanted");
    airs_metrics metrics;
    do
        airs_system_get_metrics(system, &metrics);
    while (metrics.messages_handled == 0);
    assert_int_equal(metrics.messages_dropped, 2);
    assert_int_equal(metrics.messages_sent, 3);
    airs_system_destroy(system);
}

static void a_late_answer_is_none(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes hooked = {.drops = 1, .sleep_ms = 2000, .sleeper = "on_message", .verdict = AIRS_ERROR_STOP};
    airs_hooks hooks = all_hooks(&hooked);
    hooks.timeout_ms = 1000;
    hooks.pre_start = hooks.post_start = NULL;
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.hooks = &hooks});
    life_do(system, id, &notes, LIFE_NOTHING, nobody);
    assert_int_equal(hooked.calls, 1);
    hooked.sleeper = "on_error";
    life_do(system, id, &notes, LIFE_ERROR, nobody);
    // Two of on_message, and the one of on_error, which comes after the handler has returned.
    WAIT_FOR(hooked.calls == 3);
    hooked.sleeper = NULL;
    life_do(system, id, &notes, LIFE_NOTHING, nobody);
    assert_int_equal(notes.starts, 1);
    airs_system_destroy(system);
}

/// What on_error says is done, whatever the restart type.
static void a_verdict_overrules_the_restart_type(void **user)
{
    (void)user;
    static const struct {
        airs_error_verdict verdict;
        airs_restart restart;
        life_verb verb;
        /// Starts of the actor and of its sibling; whether the actor lives on.
        int starts;
        int sibling_starts;
        bool lives;
    } cases[] = {
        {AIRS_ERROR_DEFAULT, AIRS_RESTART_PERMANENT, LIFE_ERROR, 1, 1, true},
        {AIRS_ERROR_DEFAULT, AIRS_RESTART_TEMPORARY, LIFE_CRASH, 1, 1, false},
        {AIRS_ERROR_RESUME, AIRS_RESTART_PERMANENT, LIFE_ERROR, 1, 1, true},
        {AIRS_ERROR_RESUME, AIRS_RESTART_TEMPORARY, LIFE_CRASH, 2, 1, true},
        {AIRS_ERROR_RESTART, AIRS_RESTART_TEMPORARY, LIFE_ERROR, 2, 1, true},
        {AIRS_ERROR_STOP, AIRS_RESTART_PERMANENT, LIFE_ERROR, 1, 1, false},
        {AIRS_ERROR_STOP, AIRS_RESTART_PERMANENT, LIFE_CRASH, 1, 1, false},
        // The supervisor gives up, and is started again with its children.
        {AIRS_ERROR_ESCALATE, AIRS_RESTART_PERMANENT, LIFE_ERROR, 2, 2, true},
        {AIRS_ERROR_ESCALATE, AIRS_RESTART_PERMANENT, LIFE_CRASH, 2, 2, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        airs_system *system = life_system(2);
        hook_notes hooked = {.verdict = cases[i].verdict};
        airs_hooks hooks = {.on_error = on_error, .user = &hooked, .timeout_ms = 60000};
        airs_supervisor_options group = {.name = "group", .max_restarts = 100, .window_ms = 60000};
        airs_spawn_options options = {.restart = cases[i].restart, .hooks = &hooks};
        airs_spawn_options plain = {0};
        assert_int_equal(airs_spawn_supervisor(system, &group, &options.supervisor, NULL), AIRS_OK);
        plain.supervisor = options.supervisor;
        life_notes notes = {0};
        life_notes sibling_notes = {0};
        airs_actor_id id = life_spawn(system, &notes, false, options);
        airs_actor_id sibling = life_spawn(system, &sibling_notes, false, plain);
        life_send(system, id, cases[i].verb, nobody);
        WAIT_FOR(hooked.calls == 1);
        airs_actor_info info;
        if (cases[i].lives)
            WAIT_FOR(notes.starts == cases[i].starts && life_info(system, id).state == AIRS_ACTOR_READY);
        else
            WAIT_FOR(airs_actor_get_info(system, id, &info) == AIRS_E_GONE);
        WAIT_FOR(sibling_notes.starts == cases[i].sibling_starts &&
                 life_info(system, sibling).state == AIRS_ACTOR_READY);
        life_do(system, sibling, &sibling_notes, LIFE_NOTHING, nobody);
        assert_int_equal(notes.starts, cases[i].starts);
        assert_int_equal(life_info(system, options.supervisor).restarts, cases[i].sibling_starts - 1);
        airs_system_destroy(system);
    }
}

typedef struct hung_notes {
    _Atomic bool reported;
} hung_notes;

static void on_log(void *user, const airs_log_record *record)
{
    hung_notes *notes = user;
    if (strstr(record->text, "hook pre_start") != NULL && strstr(record->text, "has been running") != NULL)
        notes->reported = true;
}

/// Until another worker has reported it.
static airs_status hang(const airs_hook_info *info, airs_error *error)
{
    (void)error;
    hung_notes *notes = info->user;
    uint64_t end_ns = os_clock_now_ns() + LIFE_PATIENCE_NS;
    while (!notes->reported && os_clock_now_ns() < end_ns)
        os_thread_yield();
    return AIRS_OK;
}

static void one_that_does_not_return_is_reported(void **user)
{
    (void)user;
    hung_notes hung = {.reported = false};
    airs_system *system;
    airs_system_options options = {.workers = 2, .log = on_log, .log_user = &hung};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    airs_hooks hooks = {.pre_start = hang, .timeout_ms = 10, .user = &hung};
    life_notes notes = {0};
    airs_actor_id id;
    airs_spawn_options spawn = {.hooks = &hooks};
    assert_int_equal(life_try_spawn(system, &notes, false, &spawn, &id, NULL), AIRS_E_TIMEOUT);
    assert_true(hung.reported);
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- what a failure does to messages

static bool visit_failure(void *user, const airs_failure *failure)
{
    airs_failure *last = user;
    *last = *failure;
    return true;
}

/// The hook says that a failed message is the end of the incarnation, so that each try is one.
static void a_message_is_tried_again_and_then_lost(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes hooked = {.verdict = AIRS_ERROR_RESTART};
    airs_hooks hooks = {.on_error = on_error, .user = &hooked, .timeout_ms = 60000};
    life_notes notes = {0};
    airs_spawn_options options = {.hooks = &hooks, .on_failure.retries = 2};
    airs_actor_id id = life_spawn(system, &notes, false, options);
    life_order order = {.verb = LIFE_ERROR, .number = 7};
    airs_buffer reply = {0};
    airs_error error = {.text = ""};
    assert_int_equal(airs_ask(system, id, &order, sizeof order, 60000, &reply, &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "as asked"));
    assert_int_equal(notes.messages, 3);
    assert_int_equal(notes.last_attempt, 3);
    WAIT_FOR(notes.starts == 4);
    char text[128] = "";
    WAIT_FOR(airs_dead_letters(system, 0, keep_letter, text) == 1);
    assert_string_equal(text, "poison: ");
    airs_failure last = {.number = 0};
    assert_int_equal(airs_actor_failures(system, id, visit_failure, &last), 3);
    assert_int_equal(last.number, 3);
    assert_int_equal(last.attempt, 3);
    assert_int_equal(strlen(last.message_id), 16);
    WAIT_FOR(airs_actor_failures(system, id, visit_failure, &last) == 3 && last.action == AIRS_ACTION_RESTARTED);
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    assert_int_equal(metrics.messages_sent, 1);
    assert_int_equal(metrics.messages_failed, 1);
    airs_system_destroy(system);
}

static void what_waits_stays_and_keeps_its_order(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    hook_notes hooked = {.verdict = AIRS_ERROR_RESTART};
    airs_hooks hooks = {.on_error = on_error, .user = &hooked, .timeout_ms = 60000};
    life_notes notes = {0};
    airs_actor_id id =
        life_spawn(system, &notes, false, (airs_spawn_options){.hooks = &hooks, .on_failure.drop_message = true});
    assert_true(life_signal(system, id, ACTOR_SIGNAL_PAUSE));
    WAIT_FOR(life_info(system, id).hold == AIRS_HOLD_PAUSED);
    for (uint64_t i = 1; i <= 5; i++) {
        life_order order = {.verb = i == 2 ? LIFE_ERROR : LIFE_NOTHING, .number = i};
        assert_int_equal(airs_send(system, id, &order, sizeof order), AIRS_OK);
    }
    assert_true(life_signal(system, id, ACTOR_SIGNAL_RESUME));
    WAIT_FOR(notes.messages == 5);
    assert_int_equal(notes.last_number, 5);
    assert_int_equal(notes.starts, 2);
    // It was only counted.
    assert_int_equal(airs_dead_letters(system, 0, NULL, NULL), 0);
    airs_system_destroy(system);
}

static void a_mailbox_may_be_cleared(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){.on_failure.clear_mailbox = true});
    assert_true(life_signal(system, id, ACTOR_SIGNAL_PAUSE));
    WAIT_FOR(life_info(system, id).hold == AIRS_HOLD_PAUSED);
    for (int i = 0; i < 10; i++)
        life_send(system, id, LIFE_NOTHING, nobody);
    // The pause goes on in the next incarnation.
    assert_true(life_signal(system, id, ACTOR_SIGNAL_CRASH));
    WAIT_FOR(notes.starts == 2);
    WAIT_FOR(airs_dead_letters(system, 0, NULL, NULL) == 10);
    WAIT_FOR(life_info(system, id).hold == AIRS_HOLD_PAUSED);
    assert_int_equal(life_info(system, id).last_exit, AIRS_EXIT_KILLED);
    assert_true(life_signal(system, id, ACTOR_SIGNAL_RESUME));
    life_do(system, id, &notes, LIFE_NOTHING, nobody);
    assert_int_equal(notes.messages, 1);
    airs_system_destroy(system);
}

/// Of what is kept the oldest goes, and numbers go on.
static void sixteen_failures_are_kept(void **user)
{
    (void)user;
    airs_system *system = life_system(2);
    life_notes notes = {0};
    airs_actor_id id = life_spawn(system, &notes, false, (airs_spawn_options){0});
    for (int i = 0; i < 20; i++) {
        life_send(system, id, LIFE_CRASH, nobody);
        WAIT_FOR(notes.starts == i + 2);
    }
    airs_failure last = {.number = 0};
    assert_int_equal(airs_actor_failures(system, id, visit_failure, &last), 20);
    assert_int_equal(last.number, 20);
    assert_string_equal(last.message_id, "");
    assert_int_equal(last.reason, AIRS_EXIT_FAILED);
    assert_true(last.time_ns > 0);
    assert_int_equal(airs_actor_failures(system, nobody, visit_failure, &last), 0);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_called_in_order),
        cmocka_unit_test(an_actors_own_are_called_instead),
        cmocka_unit_test(a_start_that_they_refuse_has_failed),
        cmocka_unit_test(a_message_that_is_dropped_is_a_dead_letter),
        cmocka_unit_test(a_late_answer_is_none),
        cmocka_unit_test(a_verdict_overrules_the_restart_type),
        cmocka_unit_test(one_that_does_not_return_is_reported),
        cmocka_unit_test(a_message_is_tried_again_and_then_lost),
        cmocka_unit_test(what_waits_stays_and_keeps_its_order),
        cmocka_unit_test(a_mailbox_may_be_cleared),
        cmocka_unit_test(sixteen_failures_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
