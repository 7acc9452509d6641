// SPDX-License-Identifier: MIT OR Apache-2.0
/// Supervision: trees of actors that start, restart and end together, and what looks on.
///
/// A supervisor is an actor whose work is its children. It decides what becomes of a child that ends
/// (strategy and restart type), how soon (backoff), how often (max_restarts in window), and ends itself
/// when that is not enough: then its own supervisor decides, up to the root, whose end is the system's
/// (`airs_system_wait`). Any actor can be supervised; none has to know of it.
#ifndef AIRSSYS_SUPERVISION_H
#define AIRSSYS_SUPERVISION_H

#include "airssys/actor.h"
#include "airssys/component.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---------------------------------------------------------------- supervisors

/// Who is started again when a child is.
typedef enum airs_strategy {
    /// The child alone.
    AIRS_ONE_FOR_ONE = 0,
    /// All children: they are stopped, the last first, and started in their order.
    AIRS_ONE_FOR_ALL = 1,
    /// The child and those that were added after it.
    AIRS_REST_FOR_ONE = 2,
    /// As one_for_one, for children that are all of one template and come and go: `airs_spawn_child`.
    AIRS_SIMPLE_ONE_FOR_ONE = 3,
} airs_strategy;

/// "one_for_one"… Static. Any thread.
AIRS_API const char *airs_strategy_name(airs_strategy strategy);

/// What the end for good of significant children does to their supervisor.
typedef enum airs_auto_shutdown {
    /// One of them ends it.
    AIRS_AUTO_SHUTDOWN_ANY = 0,
    /// The last of them ends it.
    AIRS_AUTO_SHUTDOWN_ALL = 1,
    AIRS_AUTO_SHUTDOWN_NEVER = 2,
} airs_auto_shutdown;

/// What children are made of.
struct airs_template {
    /// For guests and manifests; as a name of an actor.
    const char *name;
    /// One of the two.
    const airs_native *native;
    airs_component *component;
    /// `name` and `supervisor` are not read. A child of a guest gets what of these grants its parent has too.
    airs_spawn_options options;
};

/// How to make a supervisor; all zero is a nameless one_for_one below the root with 3 restarts in 5 s.
typedef struct airs_supervisor_options {
    const char *name;
    airs_actor_id supervisor;
    /// More restarts than this within the window end the supervisor itself as failed. 3 in 5,000 ms
    /// when the window is 0. At most 1,000,000. Counted as in OTP: one for each failure, not one for each
    /// child that is started for it.
    uint32_t max_restarts;
    uint32_t window_ms;
    airs_strategy strategy;
    airs_auto_shutdown auto_shutdown;
    /// Of the supervisor itself, as a child of the one above it.
    airs_restart restart;
    bool significant;
    /// For children that have none of their own.
    airs_backoff backoff;
    /// Of AIRS_SIMPLE_ONE_FOR_ONE, required. Copied; a component is retained.
    const airs_template *child_template;
    /// Children at once; 0: no limit but the system's.
    uint32_t children_max;
} airs_supervisor_options;

/// Makes a supervisor; its children are spawned under its id.
/// Errors: E_TAKEN, E_GONE, E_LIMIT, E_STOPPING, E_INVALID, E_NOMEM. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_spawn_supervisor(airs_system *system, const airs_supervisor_options *options,
                                                          airs_actor_id *ret_id, airs_error *error);

/// Spawns a child of a supervisor's template and waits until it has started, or not. `name` may be NULL; `config` is
/// put before the template's own and wins.
/// Errors: E_GONE; E_UNSUPPORTED it has no template; E_LIMIT children_max; those of spawning.
/// Thread: any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_spawn_child(airs_system *system, airs_actor_id supervisor, const char *name,
                                                     const airs_setting *config, size_t config_count,
                                                     airs_actor_id *ret_id, airs_error *error);

// ---------------------------------------------------------------- what an operator does to a child
// None counts against max_restarts. Each acts on a supervisor with all its children. Errors of all: E_GONE;
// E_WOULD_BLOCK inside a handler; E_INVALID for the root. Thread: any but a handler's.

/// Stops the incarnation and starts another, whatever its restart type, also one that waits for its backoff, is
/// quarantined or has ended with its place kept (AIRS_HOLD_ENDED). Waits until it is ready.
/// Errors: also E_FAILED it did not start, the text says why; E_TIMEOUT.
AIRS_API AIRS_NODISCARD airs_status airs_restart_actor(airs_system *system, airs_actor_id actor, airs_error *error);

/// Ends the incarnation at once, without `stop`, as AIRS_EXIT_KILLED: its supervisor decides, as after a failure.
AIRS_API AIRS_NODISCARD airs_status airs_kill(airs_system *system, airs_actor_id actor);

/// It finishes the event in hand, keeps its state, and takes no further event until `airs_resume`. Requests to it time
/// out; its own timers go on to fill its mailbox. Stop, kill and restart work as ever, and the next incarnation is
/// paused too. Of a supervisor, all below it are paused, also what is spawned later; it goes on to decide what becomes
/// of them. Waits until all have come to rest.
AIRS_API AIRS_NODISCARD airs_status airs_pause(airs_system *system, airs_actor_id actor);
AIRS_API AIRS_NODISCARD airs_status airs_resume(airs_system *system, airs_actor_id actor);

/// Stops the incarnation and makes no other until `airs_release`; what is sent waits in the mailbox. Siblings are not
/// touched, whatever the strategy, and start without it.
AIRS_API AIRS_NODISCARD airs_status airs_quarantine(airs_system *system, airs_actor_id actor);
/// Starts it again. Errors: also E_INVALID it is not quarantined.
AIRS_API AIRS_NODISCARD airs_status airs_release(airs_system *system, airs_actor_id actor);

/// Whether this actor, and of a supervisor each one below it, is ready, or has ended as it should. Any thread.
AIRS_API bool airs_actor_is_ready(airs_system *system, airs_actor_id actor);

// ---------------------------------------------------------------- what was

/// What a supervisor did about an end.
typedef enum airs_action {
    /// It has not yet.
    AIRS_ACTION_NONE = 0,
    AIRS_ACTION_RESTARTED = 1,
    /// It let it be: its restart type says so.
    AIRS_ACTION_ENDED = 2,
    /// It gave up, and ended itself.
    AIRS_ACTION_ESCALATED = 3,
    AIRS_ACTION_QUARANTINED = 4,
} airs_action;

/// "restarted", "ended"… Static. Any thread.
AIRS_API const char *airs_action_name(airs_action action);

/// One failure of an actor. Borrowed for the time of the call.
typedef struct airs_failure {
    /// Counts from 1 over the actor's life.
    uint64_t number;
    /// Wall clock, nanoseconds since 1970.
    uint64_t time_ns;
    airs_exit reason;
    /// One sentence.
    const char *text;
    /// Of a trap: a line for each frame, the innermost first, with names and, where the component has them, file and
    /// line; made when it is first asked for. Else "".
    const char *backtrace;
    /// The message in hand, "" when there was none, and how often it had been handled then.
    char message_id[17];
    uint32_t attempt;
    airs_action action;
    /// Of RESTARTED: the delay before it.
    uint32_t delay_ms;
} airs_failure;

/// False ends the visit.
typedef bool (*airs_failure_fn)(void *user, const airs_failure *failure);

/// Visits the last 16 failures of an actor, the oldest first. Gives how many there have been, 0 for one that is gone.
/// Thread: any but a handler's.
AIRS_API uint64_t airs_actor_failures(airs_system *system, airs_actor_id actor, airs_failure_fn fn, void *user);

// ---------------------------------------------------------------- hooks

/// Whom a hook is called for. Borrowed for the time of the call.
typedef struct airs_hook_info {
    airs_actor_id id;
    /// NUL-terminated; "" when it has none.
    const char *name;
    airs_actor_kind kind;
    /// The component's own name and version, or the native kind.
    const char *component;
    const char *version;
    uint64_t restarts;
    /// `airs_native.user`; NULL for components.
    void *actor_user;
    /// `airs_hooks.user`.
    void *user;
} airs_hook_info;

/// What on_message says.
typedef enum airs_hook_verdict {
    AIRS_HOOK_PASS = 0,
    /// The message is not handled: it is counted, who asked gets AIRS_E_FAILED with the reason, and it becomes a dead
    /// letter (AIRS_DROP_HOOK) with the reason.
    AIRS_HOOK_DROP = 1,
} airs_hook_verdict;

/// What on_error says.
typedef enum airs_error_verdict {
    /// As without a hook: a failed message is answered with the error and the actor goes on; a failed incarnation is
    /// what the restart type makes of it.
    AIRS_ERROR_DEFAULT = 0,
    /// Go on. An incarnation that has ended (a trap, a limit) can't: RESTART.
    AIRS_ERROR_RESUME = 1,
    /// A new incarnation, also for a temporary child; counts against max_restarts.
    AIRS_ERROR_RESTART = 2,
    /// End it for good, also a permanent child.
    AIRS_ERROR_STOP = 3,
    /// Its supervisor gives up at once.
    AIRS_ERROR_ESCALATE = 4,
} airs_error_verdict;

/// Functions around the life of actors. Each member may be NULL. Called on the worker that runs the actor; must not
/// block. One that takes longer than `timeout_ms` is reported when it returns, and then: pre_start, post_start: the
/// start has failed (AIRS_EXIT_TIMEOUT); on_message: PASS; on_error: DEFAULT; of the others nothing but the log.
struct airs_hooks {
    /// Before an incarnation is made. Another status than AIRS_OK fails the start.
    airs_status (*pre_start)(const airs_hook_info *info, airs_error *error);
    /// `start` came back well; before it is ready. Another status than AIRS_OK fails the start.
    airs_status (*post_start)(const airs_hook_info *info, airs_error *error);
    /// Before `stop`, of one that is stopped or has said that it is done. An error is logged.
    airs_status (*pre_stop)(const airs_hook_info *info, airs_exit reason, airs_error *error);
    /// The incarnation has ended, for whatever reason. An error is logged.
    airs_status (*post_stop)(const airs_hook_info *info, airs_exit reason, airs_error *error);
    /// Before a message is handled. `reason` has 128 bytes; used with DROP.
    airs_hook_verdict (*on_message)(const airs_hook_info *info, const airs_message *message, char *reason);
    /// A message failed (`reason` is AIRS_EXIT_NORMAL), or the incarnation did.
    airs_error_verdict (*on_error)(const airs_hook_info *info, airs_exit reason, const char *text);
    /// It is about to be started again, after the end `reason` with `text`.
    void (*on_restart)(const airs_hook_info *info, airs_exit reason, const char *text);
    /// 100 ms when 0.
    uint32_t timeout_ms;
    void *user;
};

/// Hooks of all actors that have none of their own; NULL for none. Must outlive the system. Before the first spawn.
AIRS_API void airs_system_set_hooks(airs_system *system, const airs_hooks *hooks);

#ifdef __cplusplus
}
#endif

#endif
