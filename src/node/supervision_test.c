// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/supervision.h with native actors. What supervisors decide is in tests/stories; here it is the
/// functions, their errors, and what can be looked at.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "airssys/system.h"
#include "os/clock.h"
#include "os/thread.h"

// ---------------------------------------------------------------- actors for the tests

/// What is seen of a worker, over all its incarnations.
typedef struct worker_log {
    _Atomic int starts;
    _Atomic int stops;
    _Atomic int messages;
    /// The next so many starts fail.
    _Atomic int failing_starts;
    /// What the verbs gave inside of a handler.
    airs_status inside[6];
    char greeting[16];
} worker_log;

static airs_status worker_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    worker_log *log = airs_context_user(context);
    for (size_t i = 0; i < info->config_count; i++) {
        if (strcmp(info->config[i].key, "greeting") == 0)
            memcpy(log->greeting, info->config[i].value, strlen(info->config[i].value) + 1);
    }
    if (log->failing_starts > 0) {
        log->failing_starts--;
        memcpy(error->text, "not today", sizeof "not today");
        return AIRS_E_FAILED;
    }
    log->starts++;
    return AIRS_OK;
}

static void worker_stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    ((worker_log *)airs_context_user(context))->stops++;
}

static void try_verbs(worker_log *log, airs_context *context)
{
    airs_system *system = airs_context_system(context);
    airs_actor_id self = airs_context_self(context);
    airs_actor_id id;
    log->inside[0] = airs_restart_actor(system, self, NULL);
    log->inside[1] = airs_kill(system, self);
    log->inside[2] = airs_pause(system, self);
    log->inside[3] = airs_quarantine(system, self);
    log->inside[4] = airs_release(system, self);
    log->inside[5] = airs_spawn_child(system, self, NULL, NULL, 0, &id, NULL);
}

static airs_status worker_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    worker_log *log = airs_context_user(context);
    if (message->payload.len == 5 && memcmp(message->payload.data, "crash", 5) == 0)
        airs_context_exit(context, "crashed as asked");
    else if (message->payload.len == 4 && memcmp(message->payload.data, "done", 4) == 0)
        airs_context_exit(context, NULL);
    else if (message->payload.len == 5 && memcmp(message->payload.data, "verbs", 5) == 0)
        try_verbs(log, context);
    log->messages++;
    return message->request.raw == 0 ? AIRS_OK : airs_context_reply(context, message->request, "ok", 2);
}

static const airs_child_fns worker_child = {.start = worker_start, .stop = worker_stop};
static const airs_actor_fns worker_actor = {.handle = worker_handle};

static airs_native worker_of(worker_log *log)
{
    return (airs_native){"worker", &worker_child, &worker_actor, 8, log};
}

// ---------------------------------------------------------------- helpers

static airs_system *make(void)
{
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 100, .window_ms = 60000};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

static airs_actor_id spawn(airs_system *system, worker_log *log, airs_spawn_options options)
{
    airs_native native = worker_of(log);
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static airs_actor_id over(airs_system *system, airs_supervisor_options options)
{
    airs_actor_id id;
    airs_error error = {.status = AIRS_OK, .text = ""};
    airs_status status = airs_spawn_supervisor(system, &options, &id, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, AIRS_OK);
    return id;
}

static airs_actor_info info_of(airs_system *system, airs_actor_id id)
{
    airs_actor_info info;
    if (airs_actor_get_info(system, id, &info) != AIRS_OK)
        info = (airs_actor_info){.state = AIRS_ACTOR_TERMINATED};
    return info;
}

static void tell(airs_system *system, airs_actor_id id, const char *text)
{
    assert_int_equal(airs_send(system, id, text, strlen(text)), AIRS_OK);
}

/// The machine may be slow and loaded: what is waited for may take its time, but not for ever.
#define wait_until(condition)                                            \
    do {                                                                 \
        uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 30000); \
        while (!(condition) && os_clock_now_ns() < deadline_ns)          \
            os_thread_yield();                                           \
        assert_true(condition);                                          \
    } while (0)

static airs_actor_id root_of(airs_system *system)
{
    airs_actor_id root;
    assert_true(airs_actor_list(system, &root, 1) > 0);
    return root;
}

// ---------------------------------------------------------------- supervisors

static void bad_options_are_refused(void **user)
{
    (void)user;
    airs_system *system = make();
    worker_log log = {0};
    airs_native native = worker_of(&log);
    airs_template of = {.name = "worker", .native = &native};
    airs_template empty = {.name = "worker"};
    const airs_supervisor_options bad[] = {
        {.strategy = (airs_strategy)9},
        {.auto_shutdown = (airs_auto_shutdown)9},
        {.max_restarts = 1000001, .window_ms = 1000},
        {.backoff = {.kind = AIRS_BACKOFF_EXPONENTIAL, .factor = 0.5}},
        {.backoff = {.kind = AIRS_BACKOFF_DELAY, .jitter_percent = 101}},
        {.backoff = {.kind = (airs_backoff_kind)9}},
        {.strategy = AIRS_SIMPLE_ONE_FOR_ONE},
        {.strategy = AIRS_ONE_FOR_ONE, .child_template = &of},
        {.strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &empty},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        airs_actor_id id = {77};
        airs_error error = {.status = AIRS_OK, .text = ""};
        assert_int_equal(airs_spawn_supervisor(system, &bad[i], &id, &error), AIRS_E_INVALID);
        assert_string_not_equal(error.text, "");
        assert_int_equal(id.raw, 77);
    }
    airs_actor_id id;
    airs_supervisor_options gone = {.supervisor = {12345}};
    assert_int_equal(airs_spawn_supervisor(system, &gone, &id, NULL), AIRS_E_GONE);
    airs_supervisor_options named = {.name = "pool", .max_restarts = 1000000, .window_ms = 1000};
    assert_int_equal(airs_spawn_supervisor(system, &named, &id, NULL), AIRS_OK);
    assert_int_equal(airs_spawn_supervisor(system, &named, &id, NULL), AIRS_E_TAKEN);
    airs_system_destroy(system);
    airs_system_options root = {.strategy = AIRS_SIMPLE_ONE_FOR_ONE};
    assert_int_equal(airs_system_create(&root, &system, NULL), AIRS_E_INVALID);
}

static void a_group_restarts_as_its_strategy_says(void **user)
{
    (void)user;
    static const struct {
        airs_strategy strategy;
        int starts[3];
    } cases[] = {{AIRS_ONE_FOR_ONE, {1, 2, 1}}, {AIRS_ONE_FOR_ALL, {2, 2, 2}}, {AIRS_REST_FOR_ONE, {1, 2, 2}}};
    for (size_t i = 0; i < 3; i++) {
        airs_system *system = make();
        airs_actor_id pool = over(system, (airs_supervisor_options){.strategy = cases[i].strategy});
        worker_log logs[3] = {0};
        airs_actor_id ids[3];
        for (int k = 0; k < 3; k++)
            ids[k] = spawn(system, &logs[k], (airs_spawn_options){.supervisor = pool});
        assert_int_equal(info_of(system, pool).children, 3);
        assert_int_equal(info_of(system, root_of(system)).children, 1);
        assert_int_equal(info_of(system, ids[0]).children, 0);
        tell(system, ids[1], "crash");
        for (int k = 0; k < 3; k++)
            wait_until(logs[k].starts == cases[i].starts[k]);
        wait_until(airs_actor_is_ready(system, pool));
        airs_actor_info info = info_of(system, ids[1]);
        assert_int_equal(info.restarts, 1);
        assert_int_equal(info.hold, AIRS_HOLD_NONE);
        assert_int_equal(info_of(system, pool).kind, AIRS_KIND_SUPERVISOR);
        airs_system_destroy(system);
    }
}

static void the_root_has_a_strategy_too(void **user)
{
    (void)user;
    airs_system *system;
    airs_system_options options = {.workers = 2, .strategy = AIRS_ONE_FOR_ALL};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    worker_log logs[2] = {0};
    airs_actor_id first = spawn(system, &logs[0], (airs_spawn_options){0});
    (void)spawn(system, &logs[1], (airs_spawn_options){0});
    tell(system, first, "crash");
    wait_until(logs[1].starts == 2);
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- children of a template

static void children_come_of_a_template(void **user)
{
    (void)user;
    airs_system *system = make();
    worker_log log = {0};
    airs_native native = worker_of(&log);
    airs_setting settings[] = {{"greeting", "template"}, {"other", "1"}};
    airs_template of = {.native = &native,
                        .options = {.restart = AIRS_RESTART_TEMPORARY, .config = settings, .config_count = 2}};
    airs_actor_id pool =
        over(system,
             (airs_supervisor_options){.strategy = AIRS_SIMPLE_ONE_FOR_ONE, .child_template = &of, .children_max = 2});
    // Copied: what was given may change.
    settings[0].value = "changed";
    airs_actor_id ids[3];
    assert_int_equal(airs_spawn_child(system, pool, "one", NULL, 0, &ids[0], NULL), AIRS_OK);
    assert_string_equal(log.greeting, "template");
    airs_setting own = {"greeting", "own"};
    assert_int_equal(airs_spawn_child(system, pool, NULL, &own, 1, &ids[1], NULL), AIRS_OK);
    assert_string_equal(log.greeting, "own");
    assert_int_equal(info_of(system, ids[0]).restart, AIRS_RESTART_TEMPORARY);
    airs_error error = {.status = AIRS_OK, .text = ""};
    assert_int_equal(airs_spawn_child(system, pool, NULL, NULL, 0, &ids[2], &error), AIRS_E_LIMIT);
    assert_non_null(strstr(error.text, "children_max"));
    // One that has gone makes room.
    tell(system, ids[0], "done");
    airs_status status = AIRS_E_LIMIT;
    wait_until(status == AIRS_OK ||
               (status = airs_spawn_child(system, pool, "one", NULL, 0, &ids[2], NULL)) == AIRS_OK);
    assert_int_equal(airs_spawn_child(system, pool, "one", NULL, 0, &ids[0], NULL), AIRS_E_LIMIT);

    airs_actor_id id;
    airs_spawn_options under = {.supervisor = pool};
    assert_int_equal(airs_spawn_native(system, &native, &under, &id, NULL), AIRS_E_INVALID);
    airs_supervisor_options nested = {.supervisor = pool};
    assert_int_equal(airs_spawn_supervisor(system, &nested, &id, NULL), AIRS_E_INVALID);
    assert_int_equal(airs_spawn_child(system, root_of(system), NULL, NULL, 0, &id, NULL), AIRS_E_UNSUPPORTED);
    assert_int_equal(airs_spawn_child(system, ids[1], NULL, NULL, 0, &id, NULL), AIRS_E_UNSUPPORTED);
    assert_int_equal(airs_spawn_child(system, (airs_actor_id){12345}, NULL, NULL, 0, &id, NULL), AIRS_E_GONE);
    assert_int_equal(airs_spawn_child(system, pool, NULL, NULL, 1, &id, NULL), AIRS_E_INVALID);
    airs_system_destroy(system);
    assert_int_equal(log.starts, log.stops);
}

// ---------------------------------------------------------------- what an operator does

static void a_restart_counts_for_nothing(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){.max_restarts = 0, .window_ms = 60000});
    worker_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.supervisor = pool, .restart = AIRS_RESTART_TEMPORARY});
    for (int i = 2; i < 10; i++) {
        assert_int_equal(airs_restart_actor(system, id, NULL), AIRS_OK);
        assert_int_equal(log.starts, i);
        assert_int_equal(info_of(system, id).state, AIRS_ACTOR_READY);
    }
    assert_int_equal(log.stops, 8);
    log.failing_starts = 1;
    airs_error error = {.status = AIRS_OK, .text = ""};
    assert_int_equal(airs_restart_actor(system, id, &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "not today"));
    airs_system_destroy(system);
}

static void a_kill_is_a_failure(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){.max_restarts = 1, .window_ms = 60000});
    worker_log logs[2] = {0};
    airs_actor_id id = spawn(system, &logs[0], (airs_spawn_options){.supervisor = pool});
    (void)spawn(system, &logs[1], (airs_spawn_options){.supervisor = pool});
    assert_int_equal(airs_kill(system, id), AIRS_OK);
    wait_until(logs[0].starts == 2 && info_of(system, id).state == AIRS_ACTOR_READY);
    assert_int_equal(info_of(system, id).last_exit, AIRS_EXIT_KILLED);
    assert_int_equal(logs[1].starts, 1);
    // Once more is too much, and takes the sibling with it. A supervisor can be killed too.
    assert_int_equal(airs_kill(system, id), AIRS_OK);
    wait_until(logs[1].starts == 2 && airs_actor_is_ready(system, pool));
    assert_int_equal(airs_kill(system, pool), AIRS_OK);
    wait_until(logs[1].starts == 3 && airs_actor_is_ready(system, pool));
    assert_int_equal(info_of(system, pool).restarts, 2);
    airs_system_destroy(system);
}

static void a_paused_actor_takes_no_message(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){0});
    worker_log logs[2] = {0};
    airs_actor_id ids[2];
    for (int i = 0; i < 2; i++)
        ids[i] = spawn(system, &logs[i], (airs_spawn_options){.supervisor = pool});
    assert_int_equal(airs_pause(system, ids[0]), AIRS_OK);
    assert_int_equal(info_of(system, ids[0]).hold, AIRS_HOLD_PAUSED);
    assert_int_equal(airs_pause(system, ids[0]), AIRS_OK);
    tell(system, ids[0], "hello");
    airs_buffer reply;
    assert_int_equal(airs_ask(system, ids[0], "hello", 5, 20, &reply, NULL), AIRS_E_TIMEOUT);
    assert_int_equal(logs[0].messages, 0);
    assert_int_equal(airs_resume(system, ids[0]), AIRS_OK);
    wait_until(logs[0].messages == 2);
    // A supervisor with all its children, whatever becomes of them, and with those to come.
    assert_int_equal(airs_pause(system, pool), AIRS_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(info_of(system, ids[i]).hold, AIRS_HOLD_PAUSED);
    assert_int_equal(airs_kill(system, ids[1]), AIRS_OK);
    wait_until(logs[1].starts == 2);
    wait_until(info_of(system, ids[1]).hold == AIRS_HOLD_PAUSED);
    assert_int_equal(airs_restart_actor(system, ids[1], NULL), AIRS_OK);
    worker_log late = {0};
    airs_actor_id last = spawn(system, &late, (airs_spawn_options){.supervisor = pool});
    wait_until(info_of(system, last).hold == AIRS_HOLD_PAUSED);
    assert_int_equal(airs_resume(system, pool), AIRS_OK);
    wait_until(info_of(system, ids[0]).hold == AIRS_HOLD_NONE && info_of(system, last).hold == AIRS_HOLD_NONE);
    airs_system_destroy(system);
}

static void quarantine_lasts_until_release(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){.strategy = AIRS_ONE_FOR_ALL});
    worker_log logs[2] = {0};
    airs_actor_id ids[2];
    for (int i = 0; i < 2; i++)
        ids[i] = spawn(system, &logs[i], (airs_spawn_options){.supervisor = pool});
    assert_int_equal(airs_release(system, ids[0]), AIRS_E_INVALID);
    assert_int_equal(airs_quarantine(system, ids[0]), AIRS_OK);
    assert_int_equal(info_of(system, ids[0]).hold, AIRS_HOLD_QUARANTINED);
    assert_false(airs_actor_is_ready(system, pool));
    tell(system, ids[0], "hello");
    tell(system, ids[1], "crash");
    wait_until(logs[1].starts == 2);
    assert_int_equal(logs[0].starts, 1);
    assert_int_equal(airs_release(system, ids[0]), AIRS_OK);
    assert_int_equal(logs[0].starts, 2);
    wait_until(logs[0].messages == 1);
    // With its supervisor: what is wanted of it meanwhile fails.
    assert_int_equal(airs_quarantine(system, pool), AIRS_OK);
    assert_int_equal(logs[0].stops, 2);
    airs_error error = {.status = AIRS_OK, .text = ""};
    assert_int_equal(airs_restart_actor(system, ids[0], &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "quarantined"));
    assert_int_equal(airs_restart_actor(system, pool, NULL), AIRS_OK);
    assert_int_equal(logs[0].starts, 3);
    assert_true(airs_actor_is_ready(system, pool));
    airs_system_destroy(system);
}

static void one_at_rest_can_be_brought_back(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){.strategy = AIRS_ONE_FOR_ALL});
    worker_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.supervisor = pool, .restart = AIRS_RESTART_TRANSIENT});
    tell(system, id, "done");
    wait_until(info_of(system, id).hold == AIRS_HOLD_ENDED && info_of(system, id).state == AIRS_ACTOR_TERMINATED);
    assert_true(airs_actor_is_ready(system, pool));
    assert_int_equal(airs_send(system, id, "x", 1), AIRS_E_GONE);
    assert_int_equal(airs_restart_actor(system, id, NULL), AIRS_OK);
    assert_int_equal(log.starts, 2);
    tell(system, id, "x");
    wait_until(log.messages == 2);
    airs_system_destroy(system);
}

static void one_that_waits_for_its_backoff_says_so(void **user)
{
    (void)user;
    airs_system *system = make();
    worker_log log = {0};
    airs_backoff backoff = {.kind = AIRS_BACKOFF_DELAY, .delay_ms = 20000};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.backoff = backoff});
    tell(system, id, "crash");
    wait_until(info_of(system, id).hold == AIRS_HOLD_BACKOFF);
    airs_actor_info info = info_of(system, id);
    assert_in_range(info.restart_due_ms, 1, 20000);
    assert_false(airs_actor_is_ready(system, id));
    // No longer than somebody wants it to.
    assert_int_equal(airs_restart_actor(system, id, NULL), AIRS_OK);
    assert_int_equal(info_of(system, id).hold, AIRS_HOLD_NONE);
    assert_int_equal(log.starts, 2);
    airs_system_destroy(system);
}

typedef struct failure_log {
    int count;
    airs_action action;
    uint32_t delay_ms;
} failure_log;

static bool note_failure(void *user, const airs_failure *failure)
{
    failure_log *log = user;
    log->count++;
    log->action = failure->action;
    log->delay_ms = failure->delay_ms;
    return true;
}

static void what_was_done_about_a_failure_is_kept(void **user)
{
    (void)user;
    airs_system *system = make();
    airs_actor_id pool = over(system, (airs_supervisor_options){.max_restarts = 1, .window_ms = 60000});
    worker_log log = {0};
    airs_backoff backoff = {.kind = AIRS_BACKOFF_DELAY, .delay_ms = 5};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.supervisor = pool, .backoff = backoff});
    tell(system, id, "crash");
    wait_until(log.starts == 2);
    failure_log seen = {0};
    assert_int_equal(airs_actor_failures(system, id, note_failure, &seen), 1);
    assert_int_equal(seen.action, AIRS_ACTION_RESTARTED);
    assert_int_equal(seen.delay_ms, 5);
    tell(system, id, "crash");
    wait_until(log.starts == 3);
    seen = (failure_log){0};
    assert_int_equal(airs_actor_failures(system, id, note_failure, &seen), 2);
    assert_int_equal(seen.action, AIRS_ACTION_ESCALATED);
    airs_system_destroy(system);
}

static void the_root_and_the_gone_are_refused(void **user)
{
    (void)user;
    airs_system *system = make();
    worker_log log = {0};
    airs_actor_id root = root_of(system);
    airs_actor_id gone = spawn(system, &log, (airs_spawn_options){0});
    assert_int_equal(airs_stop(system, gone), AIRS_OK);
    airs_actor_id ids[] = {root, gone, {0}};
    airs_status expected[] = {AIRS_E_INVALID, AIRS_E_GONE, AIRS_E_GONE};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(airs_restart_actor(system, ids[i], NULL), expected[i]);
        assert_int_equal(airs_kill(system, ids[i]), expected[i]);
        assert_int_equal(airs_pause(system, ids[i]), expected[i]);
        assert_int_equal(airs_resume(system, ids[i]), expected[i]);
        assert_int_equal(airs_quarantine(system, ids[i]), expected[i]);
        assert_int_equal(airs_release(system, ids[i]), expected[i]);
    }
    assert_true(airs_actor_is_ready(system, root));
    assert_false(airs_actor_is_ready(system, gone));
    airs_actor_id asker = spawn(system, &log, (airs_spawn_options){0});
    airs_buffer reply = {0};
    assert_int_equal(airs_ask(system, asker, "verbs", 5, 30000, &reply, NULL), AIRS_OK);
    airs_buffer_free(&reply);
    for (int i = 0; i < 6; i++)
        assert_int_equal(log.inside[i], AIRS_E_WOULD_BLOCK);
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- verbs against each other

typedef struct racer {
    airs_system *system;
    airs_actor_id ids[4];
    uint32_t seed;
    _Atomic bool *over;
} racer;

static void ignore(airs_status status)
{
    (void)status;
}

static void race(void *user)
{
    racer *it = user;
    for (uint32_t i = it->seed; !*it->over; i = i * 1103515245u + 12345u) {
        airs_actor_id id = it->ids[(i >> 8) % 4];
        switch ((i >> 16) % 6) {
        case 0:
            ignore(airs_restart_actor(it->system, id, NULL));
            break;
        case 1:
            ignore(airs_kill(it->system, id));
            break;
        case 2:
            if (airs_quarantine(it->system, id) == AIRS_OK)
                ignore(airs_release(it->system, id));
            break;
        case 3:
            if (airs_pause(it->system, id) == AIRS_OK)
                ignore(airs_resume(it->system, id));
            break;
        default:
            ignore(airs_send(it->system, id, "crash", 5));
            break;
        }
    }
}

/// Verbs and crashes race restarts; in the end everybody is up again, and nobody waits for ever.
static void verbs_race_restarts(void **user)
{
    (void)user;
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 1000000, .window_ms = 1};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    airs_supervisor_options pools = {.strategy = AIRS_REST_FOR_ONE, .max_restarts = 1000000, .window_ms = 1000};
    worker_log logs[3] = {0};
    _Atomic bool is_over = false;
    racer racers[3];
    racers[0] = (racer){.system = system, .seed = 1, .over = &is_over};
    racers[0].ids[0] = over(system, pools);
    for (int i = 0; i < 3; i++)
        racers[0].ids[i + 1] = spawn(system, &logs[i], (airs_spawn_options){.supervisor = racers[0].ids[0]});
    racers[1] = racers[2] = racers[0];
    racers[1].seed = 7;
    racers[2].seed = 99;
    os_thread threads[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(os_thread_start(&threads[i], "racer", 0, race, &racers[i]), AIRS_OK);
    uint64_t end_ns = os_deadline_ms(os_clock_now_ns(), 500);
    wait_until(os_clock_now_ns() >= end_ns);
    is_over = true;
    for (int i = 0; i < 3; i++)
        os_thread_join(&threads[i]);
    // What one had quarantined another may have found quarantined, and not released.
    for (int i = 3; i >= 0; i--) {
        ignore(airs_resume(system, racers[0].ids[i]));
        ignore(airs_release(system, racers[0].ids[i]));
    }
    for (int i = 0; i < 4; i++)
        ignore(airs_release(system, racers[0].ids[i]));
    wait_until(airs_actor_is_ready(system, racers[0].ids[0]));
    airs_buffer reply = {0};
    for (int i = 0; i < 3; i++) {
        ignore(airs_resume(system, racers[0].ids[i + 1]));
        airs_status status = AIRS_E_TIMEOUT;
        wait_until(status == AIRS_OK ||
                   (status = airs_ask(system, racers[0].ids[i + 1], "hello", 5, 1000, &reply, NULL)) == AIRS_OK);
        airs_buffer_free(&reply);
    }
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_options_are_refused),
        cmocka_unit_test(a_group_restarts_as_its_strategy_says),
        cmocka_unit_test(the_root_has_a_strategy_too),
        cmocka_unit_test(children_come_of_a_template),
        cmocka_unit_test(a_restart_counts_for_nothing),
        cmocka_unit_test(a_kill_is_a_failure),
        cmocka_unit_test(a_paused_actor_takes_no_message),
        cmocka_unit_test(quarantine_lasts_until_release),
        cmocka_unit_test(one_at_rest_can_be_brought_back),
        cmocka_unit_test(one_that_waits_for_its_backoff_says_so),
        cmocka_unit_test(what_was_done_about_a_failure_is_kept),
        cmocka_unit_test(the_root_and_the_gone_are_refused),
        cmocka_unit_test(verbs_race_restarts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
