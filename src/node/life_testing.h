// SPDX-License-Identifier: MIT OR Apache-2.0
/// For the tests of an actor's life: a native actor that does what it is told by messages, and notes what it sees.
#ifndef NODE_LIFE_TESTING_H
#define NODE_LIFE_TESTING_H

#include <string.h>

#include "base/testing.h"

#include "airssys/system.h"
#include "base/bytes.h"
#include "node/system.h"
#include "os/clock.h"
#include "os/thread.h"

/// What is waited for comes soon, but on a loaded machine perhaps not very soon.
#define LIFE_PATIENCE_NS UINT64_C(60000000000)

#define WAIT_FOR(condition)                                               \
    do {                                                                  \
        uint64_t life_deadline_ns = os_clock_now_ns() + LIFE_PATIENCE_NS; \
        while (!(condition)) {                                            \
            if (os_clock_now_ns() > life_deadline_ns)                     \
                fail_msg("waited in vain for %s", #condition);            \
            os_thread_yield();                                            \
        }                                                                 \
    } while (0)

/// What it is told to do.
typedef enum life_verb {
    LIFE_NOTHING,
    /// Says that the message failed.
    LIFE_ERROR,
    /// Ends as failed, or well.
    LIFE_CRASH,
    LIFE_EXIT,
    LIFE_MONITOR,
    LIFE_DEMONITOR,
    LIFE_LINK,
    LIFE_UNLINK,
    LIFE_REPLY,
} life_verb;

typedef struct life_order {
    life_verb verb;
    airs_actor_id actor;
    /// For the test; unique.
    uint64_t number;
} life_order;

#define LIFE_DOWNS_MAX 64

typedef struct life_down {
    uint64_t monitor;
    uint64_t actor;
    airs_exit reason;
    bool will_restart;
    char text[128];
} life_down;

/// What one actor has seen, over all its incarnations.
typedef struct life_notes {
    _Atomic int starts;
    _Atomic int stops;
    _Atomic int messages;
    _Atomic int last_attempt;
    _Atomic uint64_t last_number;
    _Atomic uint64_t monitor;
    _Atomic int last_status;
    _Atomic int checks;
    _Atomic int health;
    _Atomic int downs;
    life_down down[LIFE_DOWNS_MAX];
} life_notes;

static airs_status life_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    life_notes *notes = airs_context_user(context);
    notes->starts++;
    return AIRS_OK;
}

static void life_stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    life_notes *notes = airs_context_user(context);
    notes->stops++;
}

static airs_status life_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    life_notes *notes = airs_context_user(context);
    life_order order = {.verb = LIFE_NOTHING};
    if (message->payload.len == sizeof order)
        memcpy(&order, message->payload.data, sizeof order);
    else if (message->request.raw != 0)
        order.verb = LIFE_REPLY;
    notes->last_attempt = (int)airs_context_attempt(context);
    notes->last_number = order.number;
    uint64_t monitor = notes->monitor;
    airs_status status = AIRS_OK;
    switch (order.verb) {
    case LIFE_NOTHING:
        break;
    case LIFE_ERROR:
        memcpy(error->text, "as asked", sizeof "as asked");
        status = AIRS_E_FAILED;
        break;
    case LIFE_CRASH:
        airs_context_exit(context, "crashed as asked");
        break;
    case LIFE_EXIT:
        airs_context_exit(context, NULL);
        break;
    case LIFE_MONITOR:
        notes->last_status = (int)airs_context_monitor(context, order.actor, &monitor);
        notes->monitor = monitor;
        break;
    case LIFE_DEMONITOR:
        notes->last_status = airs_context_demonitor(context, monitor) ? AIRS_OK : AIRS_E_NOT_FOUND;
        break;
    case LIFE_LINK:
        notes->last_status = (int)airs_context_link(context, order.actor);
        break;
    case LIFE_UNLINK:
        airs_context_unlink(context, order.actor);
        break;
    case LIFE_REPLY:
        status = airs_context_reply(context, message->request, "yes", 3);
        break;
    }
    notes->messages++;
    return status;
}

static airs_status life_handle_down(void *state, airs_context *context, const airs_down *down, airs_error *error)
{
    (void)state;
    (void)error;
    life_notes *notes = airs_context_user(context);
    int at = notes->downs;
    if (at < LIFE_DOWNS_MAX) {
        notes->down[at] = (life_down){.monitor = down->monitor,
                                      .actor = down->actor.raw,
                                      .reason = down->reason,
                                      .will_restart = down->will_restart};
        base_text_copy(notes->down[at].text, sizeof notes->down[at].text, base_bytes_of(down->text));
    }
    notes->downs++;
    return AIRS_OK;
}

static airs_health life_check(void *state, airs_context *context, char *text)
{
    (void)state;
    life_notes *notes = airs_context_user(context);
    notes->checks++;
    memcpy(text, "as set", sizeof "as set");
    return (airs_health)notes->health;
}

static inline airs_system *life_system(uint32_t workers)
{
    airs_system *system;
    airs_system_options options = {.workers = workers, .max_restarts = 1000, .window_ms = 1000};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

/// One that takes down events, unless it is `deaf`.
static inline airs_status life_try_spawn(airs_system *system, life_notes *notes, bool deaf,
                                         const airs_spawn_options *options, airs_actor_id *ret_id, airs_error *error)
{
    static const airs_child_fns child = {.start = life_start, .stop = life_stop, .check = life_check};
    static const airs_actor_fns hearing = {.handle = life_handle, .handle_down = life_handle_down};
    static const airs_actor_fns not_hearing = {.handle = life_handle};
    airs_native native = {"life", &child, deaf ? &not_hearing : &hearing, 8, notes};
    return airs_spawn_native(system, &native, options, ret_id, error);
}

static inline airs_actor_id life_spawn(airs_system *system, life_notes *notes, bool deaf, airs_spawn_options options)
{
    airs_actor_id id = {0};
    airs_error error = {.status = AIRS_OK, .text = ""};
    airs_status status = life_try_spawn(system, notes, deaf, &options, &id, &error);
    if (status != AIRS_OK)
        fail_msg("spawn: %s", error.text);
    return id;
}

static inline void life_send(airs_system *system, airs_actor_id to, life_verb verb, airs_actor_id about)
{
    life_order order = {.verb = verb, .actor = about};
    assert_int_equal(airs_send(system, to, &order, sizeof order), AIRS_OK);
}

/// Sends, and waits until it has been handled.
static inline void life_do(airs_system *system, airs_actor_id to, life_notes *notes, life_verb verb,
                           airs_actor_id about)
{
    int before = notes->messages;
    life_send(system, to, verb, about);
    WAIT_FOR(notes->messages > before);
}

static inline airs_actor_info life_info(airs_system *system, airs_actor_id id)
{
    airs_actor_info info;
    if (airs_actor_get_info(system, id, &info) != AIRS_OK)
        info = (airs_actor_info){.state = AIRS_ACTOR_TERMINATED};
    return info;
}

/// Sends it a signal, as a supervisor would. False when it is gone.
static inline bool life_signal(airs_system *system, airs_actor_id id, actor_signal signal)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    if (found != NULL)
        actor_signal_send(found, signal);
    sched_read_leave(system->sched, read);
    return found != NULL;
}

#endif
