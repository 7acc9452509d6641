// SPDX-License-Identifier: MIT OR Apache-2.0
/// The system: everything hangs from it; a process may have several; nothing is global.
///
/// What it does to the process: starts its threads (workers, one ticker while guests run, one for
/// I/O once a component needs it), keeps address space for the instances, and installs handlers
/// for SIGSEGV, SIGBUS, SIGILL and SIGFPE through which traps of guests are caught; a fault that
/// is not a guest's goes to the handler that was there before.
#ifndef AIRSSYS_SYSTEM_H
#define AIRSSYS_SYSTEM_H

#include "airssys/actor.h"
#include "airssys/audit.h"
#include "airssys/bridge.h"
#include "airssys/component.h"
#include "airssys/deploy.h"
#include "airssys/supervision.h"

#ifdef __cplusplus
extern "C" {
#endif

/// `workers` of a system without threads of its own for actors: the program runs them, `airs_system_run_once`.
#define AIRS_WORKERS_NONE UINT32_MAX

/// An address of IPv4 or IPv6.
typedef struct airs_address {
    /// 4 or 6.
    uint8_t version;
    /// The first 4 or all 16, in network order; the others are 0.
    uint8_t bytes[16];
} airs_address;

/// Finds the addresses of a name: writes at most `max` of them. May wait; called on threads of the system's that are
/// there for it, up to four at once, of which one component has one. It should be done within `lookup_timeout_ms`:
/// after that nobody waits for it, and `airs_system_destroy` waits for one second.
/// Errors: E_NOT_FOUND there is no such name; E_TIMEOUT nobody answered, later somebody may; any other is for good.
typedef airs_status (*airs_resolve_fn)(void *user, const char *name, airs_address *ret_addresses, size_t max,
                                       size_t *ret_count);

/// How to make a system; all zero (or NULL) gives the defaults behind each.
typedef struct airs_system_options {
    /// Worker threads; one a core. Or AIRS_WORKERS_NONE.
    uint32_t workers;
    /// Actors alive at once; 1,048,576.
    uint32_t actors_max;
    /// Component instances alive at once; 1,000. Each takes four of the mappings that vm.max_map_count allows.
    uint32_t instances_max;
    /// Bytes of memory any one component may be allowed; 4 GiB.
    uint64_t component_memory_max;
    /// Bytes of memory of all components together; 0: as much as there is. A component that would begin past it is not
    /// spawned, E_LIMIT; one that grows past it is told that there is no more.
    uint64_t memory_max;
    /// Bytes of a component file; 64 MiB.
    uint64_t component_max;
    /// Restarts that the root supervisor allows within its window; 3 in 5,000 ms.
    uint32_t max_restarts;
    uint32_t window_ms;
    /// Its strategy, not AIRS_SIMPLE_ONE_FOR_ONE, and what else an airs_supervisor_options says; all zero is
    /// one_for_one, any significant child, no delay.
    airs_strategy strategy;
    airs_auto_shutdown auto_shutdown;
    airs_backoff backoff;
    /// NULL: malloc. Must outlive the system and each buffer it gave.
    const airs_allocator *allocator;
    /// NULL: no log. Lines below `log_level` are not made.
    airs_log_fn log;
    void *log_user;
    airs_log_level log_level;
    /// A folder for compiled code, made when it is missing; NULL: compiled each time.
    const char *cache_dir;
    /// Who knows the addresses of the names that components look up; NULL: the system, as getaddrinfo does.
    airs_resolve_fn resolve;
    void *resolve_user;
    /// How long a lookup may take; 5,000 ms.
    uint32_t lookup_timeout_ms;
    /// What of the decisions about components is recorded, and where; nothing.
    airs_audit_options audit;
    /// The program that compiles components, in a process of its own that has limits and no rights: `airssys`. Copied.
    /// NULL: the one that the variable AIRSSYS_COMPILER names, else one that lies beside this library or program, in
    /// the folder `bin` beside theirs, or where this library was meant to be installed. "": none; this process
    /// compiles, in the thread that loads and without limits: only for components that you trust.
    const char *compiler_path;
    /// Bytes of memory that compiling a component may take; 1 GiB.
    uint64_t compile_memory_max;
    /// How long it may take; 60,000 ms.
    uint32_t compile_timeout_ms;
} airs_system_options;

/// Makes a system and starts its threads. `options` may be NULL.
/// Errors: E_LIMIT a thread is not to be had, or the kernel's vm.max_map_count is too low for `instances_max`: `error`
/// says how many fit; E_INVALID; E_NOMEM; E_IO. Of the audit log: E_TAKEN another system writes it; E_DENIED its key is
/// readable for others; E_FAILED it is damaged, or of another key; E_IO.
/// Thread: any; ended with `airs_system_destroy`.
AIRS_API AIRS_NODISCARD airs_status airs_system_create(const airs_system_options *options, airs_system **ret_system,
                                                       airs_error *error);

/// Stops every actor, the tree from its leaves, those that started last first, and waits for it:
/// each within its stop timeout, then killed. New actors and messages are refused with E_STOPPING
/// from now on. May be called again, and by several threads: each waits. NULL is allowed. Thread: any; inside a handler
/// it does nothing.
AIRS_API void airs_system_stop(airs_system *system);

/// Stops, then ends all threads and frees everything. NULL is allowed. Components must have been
/// released. Thread: any; inside a handler it does nothing. No other call may be under way.
AIRS_API void airs_system_destroy(airs_system *system);

/// Runs what is ready in a system made with AIRS_WORKERS_NONE, for about a millisecond at most, on this thread:
/// handlers, timers, callbacks. When nothing is, waits for it up to `timeout_ms` (0: does not wait) and runs that.
/// Functions that block (`airs_ask`, `airs_spawn_…`, `airs_stop`) run the system meanwhile, so they work on this thread
/// too.
/// Errors: E_INVALID the system has workers; E_WOULD_BLOCK inside a handler; E_IO. Thread: any; one runs at a time,
/// another call returns at once.
AIRS_API AIRS_NODISCARD airs_status airs_system_run_once(airs_system *system, uint32_t timeout_ms);

/// A descriptor for the program's own event loop: readable when `airs_system_run_once` has something to do.
/// -1 when the system has workers, and of NULL. Owned by the system; only to be waited for. Thread: any.
AIRS_API int airs_system_fd(const airs_system *system);

/// How the tree ended by itself.
typedef enum airs_finish {
    /// It has not.
    AIRS_FINISH_RUNNING = 0,
    /// A significant child of the root ended normally.
    AIRS_FINISH_DONE = 1,
    /// A significant child failed for good, or the root had more restarts than it allows.
    AIRS_FINISH_FAILED = 2,
    /// It did not: its node was told to stop from outside (`airssys down`). Of `airs_node_wait` alone.
    AIRS_FINISH_STOPPED = 3,
} airs_finish;

/// Waits until the tree has ended by itself, at most `timeout_ms` (0: only looks). `error` gets the
/// reason of AIRS_FINISH_FAILED. Stopping it is no end by itself. Thread: any; inside a handler it only looks.
AIRS_API airs_finish airs_system_wait(airs_system *system, uint32_t timeout_ms, airs_error *error);

typedef enum airs_event_kind {
    AIRS_EVENT_STARTED = 0,
    AIRS_EVENT_FAILED = 1,
    AIRS_EVENT_RESTARTED = 2,
    AIRS_EVENT_STOPPED = 3,
    /// A supervisor gave up.
    AIRS_EVENT_ESCALATED = 4,
    /// The actor has come into `state`. Each of its states, in order, the first one CREATING, the last TERMINATED.
    AIRS_EVENT_STATE = 5,
    /// Its supervisor starts it again after `elapsed_ns`.
    AIRS_EVENT_BACKOFF = 6,
    /// `health` is another than before; `text` is what it said.
    AIRS_EVENT_HEALTH = 7,
    AIRS_EVENT_PAUSED = 8,
    AIRS_EVENT_RESUMED = 9,
    AIRS_EVENT_QUARANTINED = 10,
    AIRS_EVENT_RELEASED = 11,
    /// A canary runs on it from now on (airssys/deploy.h): on an actor, or on the group that it is of.
    AIRS_EVENT_CANARY = 12,
    /// What was deployed to it is there to stay: its probation is over. Of a whole app: the root.
    AIRS_EVENT_DEPLOYED = 13,
    /// The version before serves: by a rollback, or since a deployment has not come about.
    AIRS_EVENT_ROLLED_BACK = 14,
} airs_event_kind;

/// "started", "failed"… Static. Any thread.
AIRS_API const char *airs_event_name(airs_event_kind kind);

/// Something that happened to an actor. Borrowed for the time of the call.
typedef struct airs_event {
    airs_event_kind kind;
    airs_actor_id actor;
    const char *name;
    airs_exit reason;
    /// Of FAILED, ESCALATED and HEALTH: one sentence. Of CANARY: "5% of 2.0.0 by sender". Of DEPLOYED and ROLLED_BACK:
    /// "1.0.0 -> 2.0.0, as number 3", and why where there is a reason. Else "".
    const char *text;
    uint64_t restarts;
    /// Of RESTARTED: from the failure to ready again. Of BACKOFF: the delay.
    uint64_t elapsed_ns;
    /// When it was told.
    airs_actor_state state;
    airs_health health;
    /// Of STOPPED: it has ended by itself, and its supervisor does not start it again for that. False: it was told to
    /// end, or has ended with its supervisor.
    bool over;
} airs_event;

/// Called on workers, on the thread that spawns for the state CREATING, and on threads that deploy; several at once.
/// Must not block and must not call the library.
typedef void (*airs_event_fn)(void *user, const airs_event *event);

/// Sets who is told of events; NULL for nobody. Before the first spawn.
AIRS_API void airs_system_on_event(airs_system *system, airs_event_fn fn, void *user);

/// Sums over the system's life, read without stopping anything.
typedef struct airs_metrics {
    uint32_t workers;
    uint64_t actors;
    uint64_t instances;
    uint64_t messages_sent;
    uint64_t messages_handled;
    uint64_t messages_failed;
    uint64_t messages_refused;
    uint64_t messages_dropped;
    uint64_t requests;
    uint64_t requests_timed_out;
    uint64_t replies_late;
    /// Messages published, and what of them reached a mailbox.
    uint64_t published;
    uint64_t published_reached;
    uint64_t subscriptions;
    uint64_t timers;
    uint64_t dead_letters;
    uint64_t restarts;
    /// States that components saved, and those that could not be: the older one stayed.
    uint64_t checkpoints;
    uint64_t checkpoints_failed;
    uint64_t panics;
    /// From a request's send to its reply's arrival, of those that got one. 0 when there was none.
    uint64_t request_p50_ns;
    uint64_t request_p99_ns;
    /// Deployments and rollbacks that have come about, and those that have not; dry runs are none.
    uint64_t deployments;
    uint64_t deployments_failed;
    /// Canaries that run.
    uint64_t canaries;
} airs_metrics;

/// Thread: any.
AIRS_API void airs_system_get_metrics(airs_system *system, airs_metrics *ret_metrics);

/// What all actors of a system together use of what they may.
typedef struct airs_system_usage {
    uint64_t actors;
    uint64_t actors_max;
    uint64_t instances;
    uint64_t instances_max;
    /// Bytes of the memories of all components; 0 in `memory_max`: there is no limit.
    uint64_t memory;
    uint64_t memory_max;
} airs_system_usage;

/// Visits all actors. Errors: E_INVALID. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_system_get_usage(airs_system *system, airs_system_usage *ret_usage);

/// How the receiver of a message was found.
typedef enum airs_route {
    /// By its id, by an actor.
    AIRS_ROUTE_ID = 0,
    /// By its id, from outside.
    AIRS_ROUTE_OUTSIDE = 1,
    /// By its name.
    AIRS_ROUTE_NAME = 2,
    /// It subscribed to the topic, alone or as a member of a group.
    AIRS_ROUTE_TOPIC = 3,
    AIRS_ROUTE_GROUP = 4,
    /// It has asked: an answer.
    AIRS_ROUTE_REPLY = 5,
    AIRS_ROUTE_TIMER = 6,
    /// Another one has handed the message on.
    AIRS_ROUTE_FORWARD = 7,
    /// A dead letter that is sent again.
    AIRS_ROUTE_RESEND = 8,
    /// It is of another app (bridge.h). There the message came by its name.
    AIRS_ROUTE_APP = 9,
} airs_route;
#define AIRS_ROUTES 10

/// "id", "outside"…; "?" of an unknown number. Static. Any thread.
AIRS_API const char *airs_route_name(airs_route route);

/// What became of a message.
typedef enum airs_outcome {
    /// It was accepted: into a mailbox, or by a policy that drops. Of an answer: by who has asked.
    AIRS_OUTCOME_DELIVERED = 0,
    // It was not accepted:
    AIRS_OUTCOME_FULL = 1,
    AIRS_OUTCOME_GONE = 2,
    AIRS_OUTCOME_DENIED = 3,
    AIRS_OUTCOME_TOO_LARGE = 4,
    /// No memory, or a limit of the system.
    AIRS_OUTCOME_LIMIT = 5,
    // It was accepted, and came to one of these ends:
    AIRS_OUTCOME_HANDLED = 6,
    /// Its receiver answered with an error.
    AIRS_OUTCOME_FAILED = 7,
    /// Its receiver's incarnation ended while it handled it.
    AIRS_OUTCOME_POISON = 8,
    /// The mailbox's policy dropped it.
    AIRS_OUTCOME_DROPPED = 9,
    /// Its receiver ended for good before it handled it, or its mailbox was cleared.
    AIRS_OUTCOME_LOST = 10,
    /// The hook on_message dropped it.
    AIRS_OUTCOME_HOOK = 11,
    // And besides:
    /// A request that went out this way had no answer in time.
    AIRS_OUTCOME_TIMEOUT = 12,
} airs_outcome;
#define AIRS_OUTCOMES 13

/// "delivered", "full"…; "?" of an unknown number. Static. Any thread.
AIRS_API const char *airs_outcome_name(airs_outcome outcome);

/// Messages by route and outcome. Of each route but AIRS_ROUTE_REPLY and AIRS_ROUTE_APP those delivered are those that
/// were handled, failed, poison, dropped, lost or dropped by a hook, and those that wait or are in hand.
typedef struct airs_routes {
    uint64_t count[AIRS_ROUTES][AIRS_OUTCOMES];
} airs_routes;

/// Sums over the system's life, read without stopping anything. Thread: any.
AIRS_API void airs_system_get_routes(airs_system *system, airs_routes *ret_routes);

/// A message that reached nobody. Borrowed for the time of the call.
typedef struct airs_dead_letter {
    /// Counts from 1 over the system's life.
    uint64_t number;
    /// Wall clock, nanoseconds since 1970.
    uint64_t time_ns;
    airs_drop_reason reason;
    /// 0 when it came from outside.
    airs_actor_id sender;
    /// 0 when there was none.
    airs_actor_id receiver;
    const char *receiver_name;
    /// Of AIRS_DROP_HOOK: the hook's reason; else "".
    const char *text;
    /// Its data is NULL when it was sent, not published.
    airs_bytes topic;
    airs_bytes payload;
} airs_dead_letter;

/// False ends the visit.
typedef bool (*airs_dead_letter_fn)(void *user, const airs_dead_letter *letter);

/// Visits the dead letters that are kept, the last 1,024, the oldest first, from number `after` + 1 on.
/// Gives how many there have been; `fn` may be NULL. Thread: any.
AIRS_API uint64_t airs_dead_letters(airs_system *system, uint64_t after, airs_dead_letter_fn fn, void *user);

/// Sends a dead letter to its receiver again, or to `to` when that is not 0. Its sender stays; nobody waits for an
/// answer any more. The letter stays where it is.
/// Errors: E_NOT_FOUND it is not kept any more, or there is no memory for another one; those of `airs_send`.
/// Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_dead_letter_resend(airs_system *system, uint64_t number, airs_actor_id to);

/// Keeps a dead letter no more: its message is freed, its number is never given again. It stays counted.
/// Errors: E_NOT_FOUND it is not kept; E_INVALID `system` is NULL. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_dead_letter_drop(airs_system *system, uint64_t number);

/// From now on lines below this level are not made, but of actors that have a level of their own.
/// Errors: E_INVALID `system` is NULL, or `level` is none. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_system_set_log_level(airs_system *system, airs_log_level level);

/// The same of one actor, whatever the system's level, for as long as it lives; NULL: the system's level again.
/// Errors: E_GONE; E_INVALID. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_actor_set_log_level(airs_system *system, airs_actor_id actor,
                                                             const airs_log_level *level);

/// The library's version, "0.1.0". Static.
AIRS_API const char *airs_version(void);

#ifdef __cplusplus
}
#endif

#endif
