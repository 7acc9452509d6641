// SPDX-License-Identifier: MIT OR Apache-2.0
/// The public C API with native actors: no component, so no engine.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "airssys/system.h"
#include "node/system.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

// ---------------------------------------------------------------- actors for the tests

/// What the tests see of a probe, over all its incarnations.
typedef struct probe_log {
    _Atomic int starts;
    _Atomic int stops;
    _Atomic int messages;
    _Atomic int replies;
    airs_start_cause last_cause;
    airs_status last_reply;
    airs_request_id kept;
    airs_actor_id peer;
} probe_log;

typedef struct probe_state {
    uint64_t count;
} probe_state;

static airs_status probe_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)error;
    probe_log *log = airs_context_user(context);
    assert_int_equal(((probe_state *)state)->count, 0);
    log->starts++;
    log->last_cause = info->cause;
    return info->config_count > 0 && strcmp(info->config[0].key, "refuse") == 0 ? AIRS_E_FAILED : AIRS_OK;
}

static void probe_stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    probe_log *log = airs_context_user(context);
    log->stops++;
}

static bool is(const airs_message *message, const char *text)
{
    return message->payload.len == strlen(text) && memcmp(message->payload.data, text, message->payload.len) == 0;
}

static airs_status probe_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    probe_state *self = state;
    probe_log *log = airs_context_user(context);
    log->messages++;
    self->count++;
    if (is(message, "fail")) {
        memcpy(error->text, "as asked", sizeof "as asked");
        return AIRS_E_FAILED;
    }
    if (is(message, "crash")) {
        airs_context_exit(context, "crashed as asked");
        return AIRS_OK;
    }
    if (is(message, "done")) {
        airs_context_exit(context, NULL);
        return AIRS_OK;
    }
    if (is(message, "keep")) {
        log->kept = message->request;
        return AIRS_OK;
    }
    if (is(message, "answer the kept one"))
        return airs_context_reply(context, log->kept, "late", 4);
    if (is(message, "forward") && log->peer.raw != 0)
        return airs_context_forward(context, log->peer);
    if (is(message, "request")) {
        airs_request_id request;
        return airs_context_request(context, log->peer, "count", 5, 1000, &request);
    }
    if (is(message, "block")) {
        airs_buffer reply;
        return airs_ask(airs_context_system(context), airs_context_self(context), "", 0, 10, &reply, error);
    }
    if (message->request.raw != 0)
        return airs_context_reply(context, message->request, &self->count, sizeof self->count);
    return AIRS_OK;
}

static airs_status probe_handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)error;
    probe_log *log = airs_context_user(context);
    log->last_reply = reply->status;
    log->replies++;
    return AIRS_OK;
}

static const airs_child_fns probe_child = {.start = probe_start, .stop = probe_stop};
static const airs_actor_fns probe_actor = {.handle = probe_handle, .handle_reply = probe_handle_reply};

static airs_native probe_of(probe_log *log)
{
    return (airs_native){"probe", &probe_child, &probe_actor, sizeof(probe_state), log};
}

// ---------------------------------------------------------------- helpers

static airs_system *make(uint32_t workers)
{
    airs_system *system;
    airs_system_options options = {.workers = workers};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

static airs_actor_id spawn(airs_system *system, probe_log *log, airs_spawn_options options)
{
    airs_native native = probe_of(log);
    airs_actor_id id;
    airs_error error = {0};
    airs_status status = airs_spawn_native(system, &native, &options, &id, &error);
    if (status != AIRS_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, AIRS_OK);
    return id;
}

static airs_status ask_text(airs_system *system, airs_actor_id to, const char *text, uint64_t *ret_count,
                            airs_error *error)
{
    airs_buffer reply = {0};
    airs_status status = airs_ask(system, to, text, strlen(text), 2000, &reply, error);
    if (status == AIRS_OK && reply.len == sizeof *ret_count)
        memcpy(ret_count, reply.data, sizeof *ret_count);
    airs_buffer_free(&reply);
    return status;
}

/// Waits up to two seconds for something that happens on another thread.
#define wait_until(condition)                                           \
    do {                                                                \
        uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 2000); \
        while (!(condition) && os_clock_now_ns() < deadline_ns)         \
            os_thread_yield();                                          \
        assert_true(condition);                                         \
    } while (0)

static airs_actor_info info_of(airs_system *system, airs_actor_id id)
{
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(system, id, &info), AIRS_OK);
    return info;
}

// ---------------------------------------------------------------- tests

static void an_actor_lives(void **user)
{
    (void)user;
    airs_system *system = make(2);
    probe_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.name = "probe"});
    assert_int_equal(log.starts, 1);
    assert_int_equal(log.last_cause, AIRS_START_FRESH);
    airs_actor_id found;
    assert_int_equal(airs_lookup(system, "probe", &found), AIRS_OK);
    assert_true(airs_actor_id_equal(found, id));
    assert_int_equal(info_of(system, id).state, AIRS_ACTOR_READY);

    uint64_t count = 0;
    for (uint64_t i = 1; i <= 1000; i++) {
        assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
        assert_int_equal(count, i);
    }
    assert_int_equal(airs_send(system, id, "x", 1), AIRS_OK);
    wait_until(info_of(system, id).messages_handled == 1001);

    assert_int_equal(airs_stop(system, id), AIRS_OK);
    assert_int_equal(log.stops, 1);
    assert_int_equal(airs_lookup(system, "probe", &found), AIRS_E_NOT_FOUND);
    assert_int_equal(airs_send(system, id, "x", 1), AIRS_E_GONE);
    assert_int_equal(airs_stop(system, id), AIRS_E_GONE);
    airs_actor_info info;
    assert_int_equal(airs_actor_get_info(system, id, &info), AIRS_E_GONE);
    airs_system_destroy(system);
}

/// The states of the one actor that is spawned after the system; its events come one after the other.
typedef struct state_log {
    airs_actor_id actor;
    _Atomic int count;
    airs_actor_state states[16];
} state_log;

static void note_state(void *user, const airs_event *event)
{
    state_log *log = user;
    if (event->kind != AIRS_EVENT_STATE || event->name == NULL || strcmp(event->name, "watched") != 0)
        return;
    log->actor = event->actor;
    log->states[log->count++ % 16] = event->state;
}

static void each_state_is_told(void **user)
{
    (void)user;
    static const airs_actor_state expected[] = {AIRS_ACTOR_CREATING, AIRS_ACTOR_STARTING, AIRS_ACTOR_READY,
                                                AIRS_ACTOR_STOPPING, AIRS_ACTOR_FAILED,   AIRS_ACTOR_STARTING,
                                                AIRS_ACTOR_READY,    AIRS_ACTOR_STOPPING, AIRS_ACTOR_TERMINATED};
    airs_system *system = make(2);
    state_log states = {0};
    airs_system_on_event(system, note_state, &states);
    probe_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.name = "watched"});
    uint64_t count;
    assert_int_equal(airs_send(system, id, "crash", 5), AIRS_OK);
    assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
    assert_int_equal(airs_stop(system, id), AIRS_OK);
    assert_int_equal(states.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        assert_int_equal(states.states[i], expected[i]);
    assert_true(airs_actor_id_equal(states.actor, id));
    airs_system_destroy(system);
}

static void a_failed_message_is_not_a_failed_actor(void **user)
{
    (void)user;
    airs_system *system = make(1);
    probe_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){0});
    uint64_t count = 0;
    airs_error error = {0};
    assert_int_equal(ask_text(system, id, "fail", &count, &error), AIRS_E_FAILED);
    assert_string_equal(error.text, "as asked");
    assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
    assert_int_equal(count, 2);
    assert_int_equal(log.starts, 1);
    assert_int_equal(info_of(system, id).messages_failed, 1);
    airs_system_destroy(system);
    assert_int_equal(log.stops, 1);
}

static void a_restart_keeps_the_id_and_the_mailbox(void **user)
{
    (void)user;
    airs_system *system = make(2);
    probe_log log = {0};
    probe_log sibling_log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.name = "crashing"});
    airs_actor_id sibling = spawn(system, &sibling_log, (airs_spawn_options){0});
    uint64_t count = 0;
    assert_int_equal(ask_text(system, sibling, "count", &count, NULL), AIRS_OK);
    assert_int_equal(airs_send(system, id, "count", 5), AIRS_OK);
    assert_int_equal(airs_send(system, id, "crash", 5), AIRS_OK);
    assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(log.starts, 2);
    assert_int_equal(log.stops, 1);
    assert_int_equal(log.last_cause, AIRS_START_RESTARTED);
    airs_actor_info info = info_of(system, id);
    assert_int_equal(info.restarts, 1);
    assert_int_equal(info.last_exit, AIRS_EXIT_FAILED);
    assert_string_equal(info.last_failure, "crashed as asked");
    assert_int_equal(ask_text(system, sibling, "count", &count, NULL), AIRS_OK);
    assert_int_equal(count, 2);
    airs_system_destroy(system);
}

static void the_restart_type_decides(void **user)
{
    (void)user;
    airs_system *system = make(2);
    probe_log logs[3] = {0};
    airs_actor_id transient = spawn(system, &logs[0], (airs_spawn_options){.restart = AIRS_RESTART_TRANSIENT});
    airs_actor_id temporary = spawn(system, &logs[1], (airs_spawn_options){.restart = AIRS_RESTART_TEMPORARY});
    airs_actor_id permanent = spawn(system, &logs[2], (airs_spawn_options){0});
    assert_int_equal(airs_send(system, transient, "crash", 5), AIRS_OK);
    wait_until(logs[0].starts == 2);
    assert_int_equal(airs_send(system, transient, "done", 4), AIRS_OK);
    airs_actor_info info;
    wait_until(airs_actor_get_info(system, transient, &info) == AIRS_E_GONE);
    assert_int_equal(logs[0].starts, 2);
    assert_int_equal(airs_send(system, temporary, "crash", 5), AIRS_OK);
    wait_until(airs_actor_get_info(system, temporary, &info) == AIRS_E_GONE);
    assert_int_equal(logs[1].starts, 1);
    assert_int_equal(airs_send(system, permanent, "done", 4), AIRS_OK);
    wait_until(logs[2].starts == 2);
    airs_system_destroy(system);
}

static void too_many_restarts_end_the_tree(void **user)
{
    (void)user;
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 2, .window_ms = 60000};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    probe_log log = {0};
    probe_log sibling = {0};
    spawn(system, &sibling, (airs_spawn_options){.name = "sibling"});
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.name = "crashing"});
    assert_int_equal(airs_system_wait(system, 0, NULL), AIRS_FINISH_RUNNING);
    for (int i = 0; i < 3; i++)
        assert_int_equal(airs_send(system, id, "crash", 5), AIRS_OK);
    airs_error error = {0};
    assert_int_equal(airs_system_wait(system, 2000, &error), AIRS_FINISH_FAILED);
    assert_non_null(strstr(error.text, "more than 2 restarts"));
    assert_non_null(strstr(error.text, "crashing"));
    assert_int_equal(log.starts, 3);
    assert_int_equal(sibling.stops, 1);
    airs_system_destroy(system);
}

static void a_supervisor_that_gives_up_is_restarted_with_its_children(void **user)
{
    (void)user;
    airs_system *system = make(2);
    airs_actor_id supervisor;
    airs_supervisor_options options = {.name = "pool", .max_restarts = 1, .window_ms = 60000};
    assert_int_equal(airs_spawn_supervisor(system, &options, &supervisor, NULL), AIRS_OK);
    probe_log logs[3] = {0};
    airs_actor_id ids[3];
    for (int i = 0; i < 3; i++)
        ids[i] = spawn(system, &logs[i], (airs_spawn_options){.supervisor = supervisor});
    assert_int_equal(airs_send(system, ids[1], "crash", 5), AIRS_OK);
    wait_until(logs[1].starts == 2);
    assert_int_equal(logs[0].starts, 1);
    assert_int_equal(airs_send(system, ids[1], "crash", 5), AIRS_OK);
    wait_until(logs[0].starts == 2 && logs[1].starts == 3 && logs[2].starts == 2);
    wait_until(info_of(system, supervisor).restarts == 1);
    uint64_t count = 0;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask_text(system, ids[i], "count", &count, NULL), AIRS_OK);
        assert_int_equal(count, 1);
    }
    assert_int_equal(airs_system_wait(system, 0, NULL), AIRS_FINISH_RUNNING);
    assert_int_equal(airs_stop(system, supervisor), AIRS_OK);
    airs_actor_info info;
    for (int i = 0; i < 3; i++)
        assert_int_equal(airs_actor_get_info(system, ids[i], &info), AIRS_E_GONE);
    airs_system_destroy(system);
}

static void a_significant_child_finishes_the_tree(void **user)
{
    (void)user;
    airs_system *system = make(2);
    probe_log logs[2] = {0};
    spawn(system, &logs[0], (airs_spawn_options){0});
    airs_actor_id id =
        spawn(system, &logs[1], (airs_spawn_options){.restart = AIRS_RESTART_TRANSIENT, .significant = true});
    assert_int_equal(airs_send(system, id, "done", 4), AIRS_OK);
    assert_int_equal(airs_system_wait(system, 2000, NULL), AIRS_FINISH_DONE);
    assert_int_equal(logs[0].stops, 1);
    assert_int_equal(airs_send(system, id, "x", 1), AIRS_E_GONE);
    airs_system_destroy(system);
}

static void requests_end_in_each_way(void **user)
{
    (void)user;
    airs_system *system = make(2);
    probe_log log = {0};
    probe_log peer = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){0});
    log.peer = spawn(system, &peer, (airs_spawn_options){.restart = AIRS_RESTART_TEMPORARY});
    airs_buffer reply = {0};
    airs_error error = {0};

    // Timeout, then a late answer that reaches nobody.
    assert_int_equal(airs_ask(system, id, "keep", 4, 20, &reply, &error), AIRS_E_TIMEOUT);
    assert_int_equal(ask_text(system, id, "answer the kept one", &(uint64_t){0}, &error), AIRS_E_FAILED);

    // A deferred answer.
    os_event unused;
    os_event_init(&unused);
    airs_metrics before;
    airs_system_get_metrics(system, &before);
    assert_true(before.requests_timed_out == 1);

    // Forwarded: the peer answers the asker.
    uint64_t count = 0;
    assert_int_equal(ask_text(system, id, "forward", &count, NULL), AIRS_OK);
    assert_int_equal(count, 1);
    assert_int_equal(peer.messages, 1);

    // As an event.
    assert_int_equal(airs_send(system, id, "request", 7), AIRS_OK);
    wait_until(log.replies == 1);
    assert_int_equal(log.last_reply, AIRS_OK);

    // The receiver ends while it owes the answer: at once, with the reason.
    assert_int_equal(airs_send(system, log.peer, "x", 1), AIRS_OK);
    assert_int_equal(ask_text(system, log.peer, "crash", &count, &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "crashed as asked"));
    assert_int_equal(ask_text(system, log.peer, "x", &count, &error), AIRS_E_GONE);

    // Inside a handler nothing blocks.
    assert_int_equal(ask_text(system, id, "block", &count, &error), AIRS_E_FAILED);
    assert_non_null(strstr(error.text, "must not block"));
    airs_system_destroy(system);
}

/// Asks `peer` for what it does not answer, and fails.
static airs_status ask_and_fail(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    probe_log *log = airs_context_user(context);
    if (is(message, "count"))
        return airs_context_reply(context, message->request, "", 0);
    airs_request_id request;
    for (int i = 0; i < 100; i++) {
        airs_status status = airs_context_request(context, log->peer, "keep", 4, UINT32_MAX, &request);
        if (status != AIRS_OK)
            return status;
    }
    airs_context_exit(context, "with 100 requests open");
    return AIRS_OK;
}

static void requests_end_with_their_incarnation(void **user)
{
    (void)user;
    static const airs_actor_fns fns = {.handle = ask_and_fail, .handle_reply = probe_handle_reply};
    airs_system *system = make(2);
    probe_log log = {0};
    probe_log peer = {0};
    log.peer = spawn(system, &peer, (airs_spawn_options){0});
    airs_native native = {"asker", &probe_child, &fns, sizeof(probe_state), &log};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, NULL, &id, NULL), AIRS_OK);
    assert_int_equal(airs_send(system, id, "go", 2), AIRS_OK);
    wait_until(log.starts == 2 && peer.messages == 100);
    // No time limit was near, and nobody has answered.
    wait_until(requests_count(&system->actors) == 0);

    // Who answers all the same is told, and it is counted; the next incarnation sees nothing of it.
    airs_error error = {0};
    uint64_t count;
    assert_int_equal(ask_text(system, log.peer, "answer the kept one", &count, &error), AIRS_E_FAILED);
    assert_string_equal(error.text, airs_status_text(AIRS_E_GONE));
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    assert_int_equal(metrics.replies_late, 1);
    assert_int_equal(metrics.requests_timed_out, 0);
    assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
    assert_int_equal(log.replies, 0);
    airs_system_destroy(system);
}

static void limits_refuse(void **user)
{
    (void)user;
    airs_system *system = make(1);
    probe_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.limits = {.max_message = 100}});
    char large[101] = {0};
    assert_int_equal(airs_send(system, id, large, 100), AIRS_OK);
    assert_int_equal(airs_send(system, id, large, 101), AIRS_E_TOO_LARGE);
    assert_int_equal(airs_send(system, (airs_actor_id){0}, "", 0), AIRS_E_GONE);
    assert_int_equal(airs_send(system, (airs_actor_id){UINT64_MAX}, "", 0), AIRS_E_GONE);
    assert_int_equal(airs_send(system, id, NULL, 1), AIRS_E_INVALID);
    assert_int_equal(airs_send(NULL, id, "", 0), AIRS_E_INVALID);

    airs_native native = probe_of(&log);
    airs_actor_id other;
    airs_error error = {0};
    airs_spawn_options options = {.name = "a name"};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "character 2"));
    options = (airs_spawn_options){.name = "taken"};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_OK);
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_TAKEN);
    options = (airs_spawn_options){.supervisor = id};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_INVALID);
    options = (airs_spawn_options){.supervisor = {77}};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_GONE);
    options = (airs_spawn_options){.limits = {.max_message = 1u << 30}};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_INVALID);
    assert_non_null(strstr(error.text, "max_message"));
    airs_setting refuse = {"refuse", "yes"};
    options = (airs_spawn_options){.name = "refusing", .config = &refuse, .config_count = 1};
    assert_int_equal(airs_spawn_native(system, &native, &options, &other, &error), AIRS_E_FAILED);
    assert_int_equal(airs_lookup(system, "refusing", &other), AIRS_E_NOT_FOUND);
    airs_system_destroy(system);
}

static void a_full_mailbox_refuses(void **user)
{
    (void)user;
    airs_system *system = make(1);
    probe_log log = {0};
    airs_actor_id id = spawn(system, &log, (airs_spawn_options){.limits = {.mailbox_max = 10}});
    uint64_t full = 0;
    uint64_t sent = 0;
    for (int i = 0; i < 200000; i++) {
        airs_status status = airs_send(system, id, "x", 1);
        assert_true(status == AIRS_OK || status == AIRS_E_FULL);
        full += status == AIRS_E_FULL;
        sent += status == AIRS_OK;
    }
    assert_true(full > 0);
    wait_until((uint64_t)log.messages == sent);
    assert_int_equal(info_of(system, id).mailbox_len, 0);
    airs_system_destroy(system);
}

/// Fills the mailbox of a probe that is busy with its first message; gives how many sends were refused.
static uint64_t overfill(airs_system *system, airs_actor_id id, int count)
{
    uint64_t full = 0;
    for (int i = 0; i < count; i++) {
        airs_status status = airs_send(system, id, "x", 1);
        assert_true(status == AIRS_OK || status == AIRS_E_FULL);
        full += status == AIRS_E_FULL;
    }
    return full;
}

static void a_policy_drops(void **user)
{
    (void)user;
    static const airs_mailbox_policy policies[] = {AIRS_MAILBOX_DROP_OLDEST, AIRS_MAILBOX_DROP_NEWEST};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++) {
        airs_system *system = make(1);
        probe_log log = {0};
        airs_limits limits = {.mailbox_max = 10, .mailbox_policy = policies[i]};
        airs_actor_id id = spawn(system, &log, (airs_spawn_options){.limits = limits});
        assert_int_equal(overfill(system, id, 100000), 0);
        airs_metrics metrics;
        airs_system_get_metrics(system, &metrics);
        assert_true(metrics.messages_dropped > 0);
        // Each was handled or dropped, and a place is there again.
        wait_until(
            (airs_system_get_metrics(system, &metrics), metrics.messages_handled + metrics.messages_dropped == 100000));
        uint64_t count;
        assert_int_equal(ask_text(system, id, "count", &count, NULL), AIRS_OK);
        airs_system_destroy(system);
    }
}

static void the_list_has_supervisors_before_children(void **user)
{
    (void)user;
    airs_system *system = make(1);
    airs_actor_id supervisor;
    assert_int_equal(airs_spawn_supervisor(system, NULL, &supervisor, NULL), AIRS_OK);
    probe_log log = {0};
    airs_actor_id last = spawn(system, &log, (airs_spawn_options){0});
    airs_actor_id inner = spawn(system, &log, (airs_spawn_options){.supervisor = supervisor});
    airs_actor_id ids[8];
    assert_int_equal(airs_actor_list(system, ids, 8), 4);
    assert_true(airs_actor_id_equal(ids[1], supervisor));
    assert_true(airs_actor_id_equal(ids[2], inner));
    assert_true(airs_actor_id_equal(ids[3], last));
    assert_true(airs_actor_id_equal(info_of(system, inner).supervisor, supervisor));
    assert_int_equal(airs_actor_list(system, ids, 1), 4);
    airs_system_destroy(system);
}

static void two_systems_are_apart(void **user)
{
    (void)user;
    airs_system *a = make(1);
    airs_system *b = make(1);
    probe_log log = {0};
    airs_actor_id in_a = spawn(a, &log, (airs_spawn_options){.name = "same"});
    (void)in_a;
    airs_actor_id in_b = spawn(b, &log, (airs_spawn_options){.name = "same"});
    airs_system_destroy(a);
    uint64_t count;
    assert_int_equal(ask_text(b, in_b, "count", &count, NULL), AIRS_OK);
    airs_system_destroy(b);
}

static void it_ends_under_load(void **user)
{
    (void)user;
    for (int round = 0; round < 50; round++) {
        airs_system *system = make(2);
        probe_log logs[20] = {0};
        airs_actor_id ids[20];
        for (int i = 0; i < 20; i++)
            ids[i] = spawn(system, &logs[i], (airs_spawn_options){0});
        for (int i = 0; i < 2000; i++) {
            airs_status status = airs_send(system, ids[i % 20], i % 97 == 0 ? "crash" : "count", 5);
            // The first crash over the limit ends the tree.
            assert_true(status == AIRS_OK || status == AIRS_E_GONE || status == AIRS_E_FULL);
        }
        airs_system_destroy(system);
        for (int i = 0; i < 20; i++)
            assert_int_equal(logs[i].starts, logs[i].stops);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_actor_lives),
        cmocka_unit_test(each_state_is_told),
        cmocka_unit_test(a_failed_message_is_not_a_failed_actor),
        cmocka_unit_test(a_restart_keeps_the_id_and_the_mailbox),
        cmocka_unit_test(the_restart_type_decides),
        cmocka_unit_test(too_many_restarts_end_the_tree),
        cmocka_unit_test(a_supervisor_that_gives_up_is_restarted_with_its_children),
        cmocka_unit_test(a_significant_child_finishes_the_tree),
        cmocka_unit_test(requests_end_in_each_way),
        cmocka_unit_test(requests_end_with_their_incarnation),
        cmocka_unit_test(limits_refuse),
        cmocka_unit_test(a_full_mailbox_refuses),
        cmocka_unit_test(a_policy_drops),
        cmocka_unit_test(the_list_has_supervisors_before_children),
        cmocka_unit_test(two_systems_are_apart),
        cmocka_unit_test(it_ends_under_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
