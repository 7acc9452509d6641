// SPDX-License-Identifier: MIT OR Apache-2.0
/// Actors: what they are, how they are made in C, how they are spoken to.
///
/// An actor has an id, a mailbox, a place in the supervision tree and, while it runs, an
/// incarnation. A failure ends the incarnation; a restart makes a new one under the same id. The
/// contract has two halves that each stand alone: `airs_child_fns` (lifecycle) and
/// `airs_actor_fns` (messages). A component implements them by what it exports
/// (wit/actor.wit), a native actor with the two tables here.
#ifndef AIRSSYS_ACTOR_H
#define AIRSSYS_ACTOR_H

#include "airssys/grant.h"
#include "airssys/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct airs_system airs_system;
typedef struct airs_component airs_component;

/// Names one actor of one system for its whole life. Never reused. 0 is no actor. In another system of the process it
/// names nobody (until 65,536 systems have been made).
typedef struct airs_actor_id {
    uint64_t raw;
} airs_actor_id;

/// Names one request, for its receiver. 0 is no request.
typedef struct airs_request_id {
    uint64_t raw;
} airs_request_id;

static inline bool airs_actor_id_equal(airs_actor_id a, airs_actor_id b)
{
    return a.raw == b.raw;
}

/// A message as its receiver sees it. Borrowed until the handler returns.
typedef struct airs_message {
    /// 0 when it came from outside of any actor.
    airs_actor_id sender;
    /// Not 0 when the sender waits for a reply.
    airs_request_id request;
    /// The topic it was published on; its data is NULL when it was sent.
    airs_bytes topic;
    airs_bytes payload;
} airs_message;

/// Why an incarnation ended.
typedef enum airs_exit {
    AIRS_EXIT_NORMAL = 0,
    AIRS_EXIT_SHUTDOWN = 1,
    /// A component trapped.
    AIRS_EXIT_TRAP = 2,
    /// Over a limit: memory, running time, waiting time, stack.
    AIRS_EXIT_LIMIT = 3,
    /// Its start or stop took longer than allowed.
    AIRS_EXIT_TIMEOUT = 4,
    AIRS_EXIT_KILLED = 5,
    /// It said so itself: an error from start, or `exit`.
    AIRS_EXIT_FAILED = 6,
} airs_exit;

/// "normal", "shutdown", "trap"… Static. Any thread.
AIRS_API const char *airs_exit_name(airs_exit reason);

/// Why a message reached nobody.
typedef enum airs_drop_reason {
    /// Its receiver ended before it was handled, or there is none.
    AIRS_DROP_GONE = 0,
    /// The receiver's mailbox was full, and its policy drops.
    AIRS_DROP_FULL = 1,
    /// Its receiver failed while it handled it.
    AIRS_DROP_POISON = 2,
    /// It is over the receiver's max_message. Only of what was published or set by a timer: who sends is told.
    AIRS_DROP_TOO_LARGE = 3,
    /// The hook on_message said so.
    AIRS_DROP_HOOK = 4,
} airs_drop_reason;

/// "gone", "full"… Static. Any thread.
AIRS_API const char *airs_drop_reason_name(airs_drop_reason reason);

typedef enum airs_stop_reason {
    AIRS_STOP_NORMAL = 0,
    AIRS_STOP_SHUTDOWN = 1,
    AIRS_STOP_UPGRADE = 2,
    AIRS_STOP_HIBERNATE = 3,
} airs_stop_reason;

typedef enum airs_start_cause {
    AIRS_START_FRESH = 0,
    AIRS_START_RESTARTED = 1,
    AIRS_START_UPGRADED = 2,
    AIRS_START_WOKEN = 3,
} airs_start_cause;

/// One setting of an actor's configuration; NUL-terminated.
typedef struct airs_setting {
    const char *key;
    const char *value;
} airs_setting;

typedef struct airs_start_info {
    airs_actor_id id;
    /// NUL-terminated, "" when it has none.
    const char *name;
    airs_start_cause cause;
    /// Restarts within the supervisor's window.
    uint32_t restarts;
    const airs_setting *config;
    size_t config_count;
} airs_start_info;

typedef enum airs_health {
    AIRS_HEALTH_HEALTHY = 0,
    AIRS_HEALTH_DEGRADED = 1,
    AIRS_HEALTH_UNHEALTHY = 2,
} airs_health;

/// The outcome of a request as an event.
typedef struct airs_reply {
    airs_request_id request;
    /// AIRS_OK, AIRS_E_GONE, AIRS_E_TIMEOUT, AIRS_E_FAILED, …
    airs_status status;
    /// The reply of AIRS_OK, the text of AIRS_E_FAILED.
    airs_bytes payload;
} airs_reply;

/// The end of an incarnation of an actor that is monitored or linked. Borrowed until the handler returns.
typedef struct airs_down {
    /// 0 when it comes from a link.
    uint64_t monitor;
    airs_actor_id actor;
    airs_exit reason;
    /// One sentence; "" when it ended as it should.
    const char *text;
    /// Of a trap: its functions as far as their names are known at once, the innermost first, with line feeds between;
    /// else "". `airs_actor_failures` has them with files and lines.
    const char *backtrace;
    /// Its supervisor starts it again, now or after a delay; the monitor or link stays. False: it has ended for good.
    bool will_restart;
} airs_down;

// ---------------------------------------------------------------- native actors

/// What a handler may do. Valid only during the call it is given to, on its thread. As long as the actor lives, another
/// thread gets what NULL gets.
typedef struct airs_context airs_context;

/// The first half of the contract: lifecycle. Each member may be NULL. None may block.
/// `state` points to `state_size` bytes of the actor's own, zeroed for each incarnation.
typedef struct airs_child_fns {
    /// Called once an incarnation, before any message. Another status than AIRS_OK fails the start.
    airs_status (*start)(void *state, airs_context *context, const airs_start_info *info, airs_error *error);
    /// Called once after the last message, also when the incarnation failed, so that what `start`
    /// took can be given back; not when `start` failed.
    void (*stop)(void *state, airs_context *context, airs_stop_reason reason);
    /// Called between two messages. `text` of 128 bytes may be filled with a sentence.
    airs_health (*check)(void *state, airs_context *context, char *text);
} airs_child_fns;

/// The second half: messages. Each member may be NULL. None may block.
/// Another status than AIRS_OK is a failure of this message, not of the actor: who asked gets
/// AIRS_E_FAILED with the error's text.
typedef struct airs_actor_fns {
    airs_status (*handle)(void *state, airs_context *context, const airs_message *message, airs_error *error);
    airs_status (*handle_reply)(void *state, airs_context *context, const airs_reply *reply, airs_error *error);
    /// Without it, the failure of a linked actor is this actor's own: it ends as AIRS_EXIT_FAILED. With it, links and
    /// monitors are told here.
    airs_status (*handle_down)(void *state, airs_context *context, const airs_down *down, airs_error *error);
} airs_actor_fns;

/// A kind of native actor. Copied at spawn; what it points to must outlive the system.
typedef struct airs_native {
    /// Shown to operators; a static string.
    const char *kind;
    const airs_child_fns *child;
    const airs_actor_fns *actor;
    size_t state_size;
    /// For `airs_context_user`; the caller's.
    void *user;
} airs_native;

/// The actor itself.
AIRS_API airs_actor_id airs_context_self(const airs_context *context);
AIRS_API airs_system *airs_context_system(const airs_context *context);
/// `airs_native.user`.
AIRS_API void *airs_context_user(const airs_context *context);

/// What else is known of the message in hand. Its id is unique in the life of the system: 16 hexadecimal digits and a
/// NUL in `ret_text`.
AIRS_API void airs_context_message_id(const airs_context *context, char ret_text[17]);
/// How often it has been handled, this time included; 0 when none is in hand.
AIRS_API uint32_t airs_context_attempt(const airs_context *context);
/// Milliseconds that who asked still waits. False when nobody does.
AIRS_API bool airs_context_deadline_ms(const airs_context *context, uint64_t *ret_ms);
/// The name of its sender, NUL-terminated. False when it has none, or has ended.
AIRS_API bool airs_context_sender_name(const airs_context *context, char *ret_text, size_t size);

/// The W3C trace parent of what this actor sends, publishes, asks with and sets timers for in this event: that of the
/// message in hand, unless it was set. 55 characters and a NUL in `ret_text`. False when there is none.
AIRS_API bool airs_context_trace_parent(const airs_context *context, char ret_text[56]);
/// Sets it until the event ends: `00-…` of its own span, or NULL for none. What is handed on keeps what it came with.
/// Errors: E_INVALID the text, `error` says what is wrong with it.
AIRS_API AIRS_NODISCARD airs_status airs_context_set_trace_parent(airs_context *context, const char *text,
                                                                  airs_error *error);

/// Sends as this actor. The payload is copied.
/// Errors: as `airs_send`.
AIRS_API AIRS_NODISCARD airs_status airs_context_send(airs_context *context, airs_actor_id to, const void *payload,
                                                      size_t len);

/// Sends a request; its outcome arrives at `handle_reply` within `timeout_ms`, in any case.
/// Errors: as `airs_ask`; on an error nothing arrives.
AIRS_API AIRS_NODISCARD airs_status airs_context_request(airs_context *context, airs_actor_id to, const void *payload,
                                                         size_t len, uint32_t timeout_ms, airs_request_id *ret_request);

/// Gives up a request of this actor's own: its outcome does not arrive. False when it was settled already.
AIRS_API bool airs_context_cancel(airs_context *context, airs_request_id request);

/// Answers a request, now or later. Errors: E_GONE its sender no longer waits, or it is not this actor's to answer;
/// E_TOO_LARGE over its own max_message.
AIRS_API AIRS_NODISCARD airs_status airs_context_reply(airs_context *context, airs_request_id request,
                                                       const void *payload, size_t len);

/// Answers a request with an error; who asked gets AIRS_E_FAILED and the text (NULL: none). Errors: as
/// `airs_context_reply`.
AIRS_API AIRS_NODISCARD airs_status airs_context_refuse(airs_context *context, airs_request_id request,
                                                        const char *text);

/// Hands the message in hand on, its sender and request kept. Errors: as `airs_send`; E_INVALID outside of `handle`.
AIRS_API AIRS_NODISCARD airs_status airs_context_forward(airs_context *context, airs_actor_id to);

/// Subscribes to what is published on topics that match: `*` is one level, `>` at the end one or more, as in
/// `orders.*.new` or `orders.>`. Of a group (NULL: none) one member gets each message. Ends with the incarnation.
/// Errors: E_INVALID the pattern, E_LIMIT, E_NOMEM.
AIRS_API AIRS_NODISCARD airs_status airs_context_subscribe(airs_context *context, const char *pattern,
                                                           const char *group, uint64_t *ret_subscription,
                                                           airs_error *error);

/// False when it is none of this actor's.
AIRS_API bool airs_context_unsubscribe(airs_context *context, uint64_t subscription);

/// Publishes as this actor. Errors: as `airs_publish`, but for E_STOPPING.
AIRS_API AIRS_NODISCARD airs_status airs_context_publish(airs_context *context, const char *topic, const void *payload,
                                                         size_t len, uint32_t *ret_reached, airs_error *error);

/// Gives this actor one more name, until its incarnation ends. Errors: E_INVALID, E_TAKEN, E_LIMIT, E_NOMEM.
AIRS_API AIRS_NODISCARD airs_status airs_context_register(airs_context *context, const char *name, airs_error *error);

/// False when this actor did not register it.
AIRS_API bool airs_context_unregister(airs_context *context, const char *name);

/// Sends to `to` (also itself) after `delay_ms`, as this actor. Ends with the incarnation.
/// Whether there is somebody to send to is seen then: what reaches nobody becomes a dead letter.
/// Errors: E_LIMIT, E_TOO_LARGE over its own max_message, E_NOMEM.
AIRS_API AIRS_NODISCARD airs_status airs_context_send_after(airs_context *context, uint64_t delay_ms, airs_actor_id to,
                                                            const void *payload, size_t len, uint64_t *ret_timer);

/// The same every `period_ms` (0 is E_INVALID), the first time after one period; missed periods are skipped.
AIRS_API AIRS_NODISCARD airs_status airs_context_send_every(airs_context *context, uint64_t period_ms, airs_actor_id to,
                                                            const void *payload, size_t len, uint64_t *ret_timer);

/// False when it has fired for good, or is none of this actor's.
AIRS_API bool airs_context_cancel_timer(airs_context *context, uint64_t timer);

/// Ends this actor after the event in hand: AIRS_EXIT_NORMAL with NULL, else AIRS_EXIT_FAILED.
AIRS_API void airs_context_exit(airs_context *context, const char *failure);

/// From now on, each end of an incarnation of `actor` comes to `handle_down`, until it has ended for good; for one that
/// has, at once. Ends with this actor's incarnation.
/// Errors: E_INVALID id 0 or its own; E_LIMIT 1,024 monitors and links of one actor; E_NOMEM.
AIRS_API AIRS_NODISCARD airs_status airs_context_monitor(airs_context *context, airs_actor_id actor,
                                                         uint64_t *ret_monitor);
/// After it nothing comes of this monitor. False when it is none of this actor's.
AIRS_API bool airs_context_demonitor(airs_context *context, uint64_t monitor);

/// Ties this actor and `actor` to each other: the failure of either ends the other as failed, or is told to its
/// `handle_down` when it has one. An end as it should is only told. Linking twice is linking once; a link ends with
/// the incarnation of either. To one that has ended: told at once, as a failure. Errors: as `airs_context_monitor`.
AIRS_API AIRS_NODISCARD airs_status airs_context_link(airs_context *context, airs_actor_id actor);
AIRS_API void airs_context_unlink(airs_context *context, airs_actor_id actor);

// ---------------------------------------------------------------- spawning

/// When a child that has ended is started again.
typedef enum airs_restart {
    /// Always.
    AIRS_RESTART_PERMANENT = 0,
    /// When it did not end by AIRS_EXIT_NORMAL or AIRS_EXIT_SHUTDOWN.
    AIRS_RESTART_TRANSIENT = 1,
    /// Never.
    AIRS_RESTART_TEMPORARY = 2,
} airs_restart;

/// What happens to a message that finds the mailbox at its limit.
typedef enum airs_mailbox_policy {
    /// The sender gets AIRS_E_FULL.
    AIRS_MAILBOX_REFUSE = 0,
    /// It takes the place of the oldest, which becomes a dead letter.
    AIRS_MAILBOX_DROP_OLDEST = 1,
    /// It becomes a dead letter itself; the sender gets AIRS_OK.
    AIRS_MAILBOX_DROP_NEWEST = 2,
    /// A component that sends waits for a place, at most its own max_park, then gets `full`. Who must not wait,
    /// native actors and foreign threads, gets AIRS_E_FULL.
    AIRS_MAILBOX_PARK_SENDER = 3,
} airs_mailbox_policy;

/// The most that may be asked for: milliseconds of any time (a day), messages that wait in a mailbox, lines of log in a
/// second, sockets and open files of a component.
#define AIRS_TIME_MAX_MS 86400000u
#define AIRS_MAILBOX_MAX 16777216u
#define AIRS_LOG_LINES_MAX 1000000u
#define AIRS_CONNECTIONS_MAX 65536u
#define AIRS_TABLES_MAX 100000u
#define AIRS_RATE_MAX 1000000u
#define AIRS_REFUSALS_MAX 1000000u
#define AIRS_OPEN_FILES_MAX 10000u
/// Bytes of a component's arguments together, each with its end, and of its standard input.
#define AIRS_ARGS_MAX 65536u
#define AIRS_INPUT_MAX (16u << 20)

/// What an actor may use; 0 means the default, which is given behind each. More than the most is AIRS_E_INVALID.
typedef struct airs_limits {
    /// Messages that wait; past that the policy decides. Replies don't count. 1,024.
    uint32_t mailbox_max;
    airs_mailbox_policy mailbox_policy;
    /// Bytes of one payload. 1 MiB; at most 64 MiB.
    uint32_t max_message;
    /// Bytes of all linear memories of a component together. 64 MiB.
    uint64_t max_memory;
    /// Running time of one event, of a component. 1,000 ms.
    uint32_t max_execution_ms;
    /// Waiting time of one event in all its host calls, and of each ask, of a component. 30,000 ms.
    uint32_t max_park_ms;
    /// Time for start and for stop. 5,000 ms each.
    uint32_t start_timeout_ms;
    uint32_t stop_timeout_ms;
    /// Lines a component may write to its log in a second; more are counted and dropped. 100.
    uint32_t log_lines_per_second;
    /// Files, folders being read, and streams of a file beside its first one, that a component has open at once; one
    /// more is refused with `quota`. 64.
    uint32_t max_open_files;
    /// How long a message may wait in the mailbox: an actor that leaves one for longer while it is ready and not
    /// paused has failed (AIRS_EXIT_LIMIT). UINT32_MAX: no limit, which is the default.
    uint32_t max_mailbox_age_ms;
    /// Sockets of a component that are open at once, and lookups of names under way. 64; at most 65,536.
    uint32_t max_connections;
    /// Elements of all tables of a component together. 100,000, and at most that.
    uint32_t max_tables;
    /// Messages that a component may send, ask, publish, hand on or set a timer for in a second; after a pause as many
    /// at once. More are refused as `denied`. UINT32_MAX: no limit, which is the default; else at most 1,000,000.
    uint32_t max_rate;
    /// Decisions against a component in a second, after a pause as many at once. With more, the incarnation ends
    /// (AIRS_EXIT_LIMIT): each refusal is recorded in the audit log, which a component must not be able to fill. 1,000.
    uint32_t max_refusals;
} airs_limits;

/// How long to wait before a failed child is started again.
typedef enum airs_backoff_kind {
    /// As its supervisor says for all its children; under the root, that is AIRS_BACKOFF_IMMEDIATE.
    AIRS_BACKOFF_INHERIT = 0,
    AIRS_BACKOFF_IMMEDIATE = 1,
    /// `delay_ms` each time.
    AIRS_BACKOFF_DELAY = 2,
    /// `delay_ms`, two times that, three times…
    AIRS_BACKOFF_LINEAR = 3,
    /// `delay_ms`, then `factor` times the last one.
    AIRS_BACKOFF_EXPONENTIAL = 4,
} airs_backoff_kind;

typedef struct airs_backoff {
    airs_backoff_kind kind;
    /// 100 ms when 0.
    uint32_t delay_ms;
    /// 1 to 100; 2 when 0.
    double factor;
    /// No delay is longer, jitter included. 30,000 ms when 0.
    uint32_t delay_max_ms;
    /// A random share of the delay, at most this many percent of it, is added or taken off. 0 to 100.
    uint32_t jitter_percent;
    /// A child that was ready for this long begins with the first delay again. 60,000 ms when 0.
    uint32_t reset_after_ms;
} airs_backoff;

#define AIRS_HEALTH_FAILURES_MAX 1000000u

typedef enum airs_health_kind {
    /// Never asked.
    AIRS_HEALTH_NONE = 0,
    /// `airs_child_fns.check`, or the component's export `health`; who has neither is not asked.
    AIRS_HEALTH_CHECK = 1,
    /// A request with `probe` as its payload: any reply is healthy.
    AIRS_HEALTH_MESSAGE = 2,
} airs_health_kind;

/// How an actor's health is looked after. One that has handled a message well within the interval is healthy, and not
/// asked. `degraded` is shown; one that is unhealthy or does not answer in time `failures_max` times in a row fails
/// (AIRS_EXIT_FAILED, "unhealthy: …"), and its supervisor decides.
typedef struct airs_health_options {
    airs_health_kind kind;
    /// 10,000 ms when 0.
    uint32_t interval_ms;
    /// 1,000 ms when 0. An actor inside a handler is healthy while it is within its limits: the time runs from when the
    /// check has begun.
    uint32_t timeout_ms;
    /// 3 when 0; at most AIRS_HEALTH_FAILURES_MAX.
    uint32_t failures_max;
    /// After the start nothing is asked for this long. 0.
    uint32_t start_grace_ms;
    /// Of AIRS_HEALTH_MESSAGE. Copied.
    airs_bytes probe;
} airs_health_options;

/// What becomes of messages when the incarnation that handles them fails.
typedef struct airs_on_failure {
    /// The message in hand is handled again by the next incarnation, up to this many times; `airs_context_attempt`
    /// counts. Then it is lost: who asked is told at once. 0.
    uint32_t retries;
    /// A lost message is only counted; otherwise it becomes a dead letter (AIRS_DROP_POISON).
    bool drop_message;
    /// The messages that wait are lost too (dead letters, AIRS_DROP_GONE); otherwise the next incarnation has them.
    bool clear_mailbox;
} airs_on_failure;

/// When the state of a component that exports `state` is saved, in memory, for its next incarnation, which is given it
/// after its start. All zero: never; it starts anew. What could not be saved (an error, too large) is logged and
/// counted, and the older state stays. One that can't be loaded is a failure in the actor's history, is thrown away,
/// and the incarnation starts once more without it.
typedef struct airs_checkpoint {
    /// After so many handled messages.
    uint32_t every_messages;
    /// When something was handled since the last one.
    uint32_t every_ms;
    /// When it stops without ending for good, before its own `stop`, so that `airs_restart_actor` keeps it.
    bool on_stop;
    /// Bytes of a state; a larger one is not saved. 16 MiB when 0; at most 64 MiB.
    uint32_t max_state;
} airs_checkpoint;

typedef struct airs_hooks airs_hooks;
typedef struct airs_template airs_template;

/// How to spawn; all zero is a permanent, nameless child of the root with default limits.
typedef struct airs_spawn_options {
    /// Up to 128 bytes of letters, digits and `-_.:/`; unique in the system. NULL: none. Copied.
    const char *name;
    /// 0: the root supervisor.
    airs_actor_id supervisor;
    airs_restart restart;
    /// When it ends for good, its supervisor ends too; under the root, the system says it is finished.
    bool significant;
    airs_limits limits;
    /// Given to `start`. Copied.
    const airs_setting *config;
    size_t config_count;
    /// Variables of its own environment, each of which it may read, unless `grants` has a revoked one that is for this
    /// one alone (of the node's it may what `grants` says). Names
    /// have no `*`. Copied. Of components only.
    const airs_setting *env;
    size_t env_count;
    /// Its arguments as wasi:cli has them, behind its name, which is the first; and what it reads from its standard
    /// input, with the right `stdio.in`: each incarnation all of it. At most AIRS_ARGS_MAX and AIRS_INPUT_MAX bytes.
    /// Copied. Of components only.
    const char *const *args;
    size_t args_count;
    airs_bytes input;
    /// Names this actor may send to and ask, patterns as in the manifest: `*` is any run of
    /// characters. They are matched with the names of spawning; one without `*` also stands for
    /// whoever has it registered. Besides them: its supervisor, its children, and who asks it. Copied.
    /// Of components only; native actors are trusted.
    const char *const *may_send;
    size_t may_send_count;
    /// Topics it may publish on and subscribe to, patterns as of `airs_context_subscribe`: one that is granted
    /// covers each that matches no more. And names it may register, patterns as of `may_send`. Copied.
    const char *const *may_publish;
    size_t may_publish_count;
    const char *const *may_subscribe;
    size_t may_subscribe_count;
    const char *const *may_register;
    size_t may_register_count;
    /// All else that it may, behind those above, and the folders that it may see. Copied. Of components only.
    const airs_grant *grants;
    size_t grants_count;
    const airs_mount *mounts;
    size_t mounts_count;
    /// Without this a component has the clocks, random numbers, standard output and error, and its own configuration,
    /// of each of these kinds of which `grants` says nothing.
    bool nothing_by_default;
    airs_backoff backoff;
    airs_health_options health;
    airs_on_failure on_failure;
    airs_checkpoint checkpoint;
    /// NULL: those of the system. See supervision.h. Must outlive the actor.
    const airs_hooks *hooks;
    /// Templates of which a component may spawn children, and how many at once (0: 100). Each is granted with that
    /// number, unless `grants` has some of spawn, which then say which and how many. The children are ended when its
    /// incarnation ends. Read, not kept.
    const airs_template *templates;
    size_t templates_count;
    uint32_t children_max;
} airs_spawn_options;

/// Spawns a native actor and waits until it has started, or not.
/// Owns:    `native` and `options` are read, not kept.
/// Errors:  E_TAKEN the name; E_GONE no such supervisor; E_FAILED start failed, the text says why;
///          E_TIMEOUT start took too long; E_LIMIT actors_max, or a limit of its
///          own; E_WOULD_BLOCK inside a handler; E_STOPPING; E_INVALID a name, a limit, an option or `state_size` (at
///          most 1 GiB) is not allowed; E_NOMEM.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_spawn_native(airs_system *system, const airs_native *native,
                                                      const airs_spawn_options *options, airs_actor_id *ret_id,
                                                      airs_error *error);

/// Spawns a component as an actor and waits until it has started, or not.
/// Owns:    the actor retains `component`.
/// Errors:  as `airs_spawn_native`; E_LIMIT also when no instance is left, E_INVALID also when the component is of
///          another system, or templates make no sense; E_UNSUPPORTED a checkpoint of one that does not export `state`.
/// Thread:  any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_spawn_component(airs_system *system, airs_component *component,
                                                         const airs_spawn_options *options, airs_actor_id *ret_id,
                                                         airs_error *error);

/// Stops an actor for good, its children first, and waits until it has ended. After its stop
/// timeout it is killed. While the system stops it only waits.
/// Errors: E_GONE; E_INVALID the root; E_WOULD_BLOCK inside a handler. Thread: any but a handler's.
AIRS_API AIRS_NODISCARD airs_status airs_stop(airs_system *system, airs_actor_id actor);

// ---------------------------------------------------------------- messages from outside

/// Sends without a sender. The payload is copied; AIRS_OK means it is in the mailbox.
/// Errors: E_GONE, E_FULL, E_TOO_LARGE, E_STOPPING, E_NOMEM. Thread: any; never blocks.
AIRS_API AIRS_NODISCARD airs_status airs_send(airs_system *system, airs_actor_id to, const void *payload, size_t len);

/// Sends a request and waits for its reply.
/// Owns:    `ret_reply` is the caller's on AIRS_OK.
/// Errors:  those of `airs_send`; E_TIMEOUT; E_FAILED the receiver answered with an error or ended,
///          the text is in `error`; E_WOULD_BLOCK inside a handler.
/// Thread:  any but a handler's; blocks up to `timeout_ms`.
AIRS_API AIRS_NODISCARD airs_status airs_ask(airs_system *system, airs_actor_id to, const void *payload, size_t len,
                                             uint32_t timeout_ms, airs_buffer *ret_reply, airs_error *error);

/// Called once with the outcome, on a worker of the system, or of another one on its bridge (airssys/bridge.h); must
/// not block. The reply is borrowed.
typedef void (*airs_reply_fn)(void *user, const airs_reply *reply);

/// Sends a request; `fn` is called with its outcome, in any case and exactly once, when this returns AIRS_OK.
/// Errors: those of `airs_send`; on an error `fn` is not called. When the time is over before the message could be
/// refused, that is the outcome. Thread: any; never blocks.
AIRS_API AIRS_NODISCARD airs_status airs_ask_async(airs_system *system, airs_actor_id to, const void *payload,
                                                   size_t len, uint32_t timeout_ms, airs_reply_fn fn, void *user);

/// Publishes without a sender; `ret_reached` (may be NULL) is the number of mailboxes it reached.
/// Errors: E_INVALID the topic, the text says what is wrong with it; E_TOO_LARGE; E_STOPPING; E_NOMEM.
/// Thread: any; never blocks.
AIRS_API AIRS_NODISCARD airs_status airs_publish(airs_system *system, const char *topic, const void *payload,
                                                 size_t len, uint32_t *ret_reached, airs_error *error);

/// A message from outside, with all that can be said of one; what is 0 is left out.
typedef struct airs_letter {
    /// Whither; exactly one of the three: an actor, who has this name now, or all who subscribed to this topic.
    airs_actor_id to;
    const char *name;
    const char *topic;
    const void *payload;
    size_t len;
    /// W3C trace context, `00-…`: what the message leads to belongs to this trace.
    const char *trace_parent;
    /// It is a request, and this is called with its outcome, as by `airs_ask_async`. Not together with a topic.
    airs_reply_fn fn;
    void *user;
    uint32_t timeout_ms;
} airs_letter;

/// Sends a letter. `ret_reached` (may be NULL) is the number of mailboxes it reached.
/// Owns:    all of it is read, not kept.
/// Errors:  those of `airs_send` and `airs_publish`; E_NOT_FOUND nobody has the name; E_INVALID also the trace parent,
///          or not exactly one receiver.
/// Thread:  any; never blocks.
AIRS_API AIRS_NODISCARD airs_status airs_post(airs_system *system, const airs_letter *letter, uint32_t *ret_reached,
                                              airs_error *error);

// ---------------------------------------------------------------- looking

/// The actor of a name. Errors: E_NOT_FOUND. Thread: any; takes no lock.
AIRS_API AIRS_NODISCARD airs_status airs_lookup(airs_system *system, const char *name, airs_actor_id *ret_id);

/// Gives an actor one more name, until it ends for good, or the name is unregistered or bound to another.
/// Errors: E_GONE; E_TAKEN; E_INVALID; E_LIMIT; E_NOMEM. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_register(airs_system *system, const char *name, airs_actor_id actor,
                                                  airs_error *error);

/// Binds a name that `from` has to `to`, at once: a lookup finds one of the two, never none. The name `from` was
/// spawned with can be bound to another too. Errors: E_NOT_FOUND `from` does not have it; those of `airs_register`.
/// Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_rebind(airs_system *system, const char *name, airs_actor_id from,
                                                airs_actor_id to, airs_error *error);

/// Ends a name that `airs_register` or `airs_rebind` gave. False when there is none such. Thread: any.
AIRS_API bool airs_unregister(airs_system *system, const char *name);

/// False ends the visit. `name` is borrowed for the time of the call.
typedef bool (*airs_name_fn)(void *user, const char *name, airs_actor_id actor);

/// Visits the names that match `pattern` (`*` is any run of characters; NULL: all), in no order; names that come or go
/// meanwhile may or may not be visited. `fn` must not block. Thread: any; takes no lock.
AIRS_API void airs_names(airs_system *system, const char *pattern, airs_name_fn fn, void *user);

typedef enum airs_actor_state {
    AIRS_ACTOR_CREATING = 0,
    AIRS_ACTOR_STARTING = 1,
    AIRS_ACTOR_READY = 2,
    AIRS_ACTOR_STOPPING = 3,
    /// The incarnation has ended; the supervisor decides, or has decided to wait: `airs_actor_info.hold`.
    AIRS_ACTOR_FAILED = 4,
    /// Ended for good; or it has ended as it should and its place is kept, AIRS_HOLD_ENDED.
    AIRS_ACTOR_TERMINATED = 5,
    /// Not used yet: its incarnation is put away, and made again for the next message.
    AIRS_ACTOR_HIBERNATED = 6,
    /// It is given another version (deploy.h); it takes no event meanwhile.
    AIRS_ACTOR_UPGRADING = 7,
} airs_actor_state;

/// Why an actor does not go on although nothing is wrong with its task.
typedef enum airs_hold {
    AIRS_HOLD_NONE = 0,
    /// It is started again at `airs_actor_info.restart_due_ms`.
    AIRS_HOLD_BACKOFF = 1,
    /// It takes no messages until `airs_resume`.
    AIRS_HOLD_PAUSED = 2,
    /// Its incarnation was ended and no other is made until `airs_release`.
    AIRS_HOLD_QUARANTINED = 3,
    /// It has ended as it should; its supervisor (one_for_all, rest_for_one) starts it again with its siblings.
    AIRS_HOLD_ENDED = 4,
} airs_hold;

/// "none", "backoff", "paused"… Static. Any thread.
AIRS_API const char *airs_hold_name(airs_hold hold);

/// "creating", "starting"… Static. Any thread.
AIRS_API const char *airs_actor_state_name(airs_actor_state state);

typedef enum airs_actor_kind {
    AIRS_KIND_NATIVE = 0,
    AIRS_KIND_COMPONENT = 1,
    AIRS_KIND_SUPERVISOR = 2,
} airs_actor_kind;

typedef struct airs_actor_info {
    airs_actor_id id;
    airs_actor_id supervisor;
    airs_actor_kind kind;
    airs_actor_state state;
    char name[129];
    /// The component's own name and version, or the native kind; of a supervisor its strategy.
    char component[129];
    char version[33];
    /// Since the incarnation was ready, 0 when it is not.
    uint64_t uptime_ms;
    /// Of its whole life.
    uint64_t restarts;
    uint64_t messages_handled;
    uint64_t messages_failed;
    uint32_t mailbox_len;
    /// Bytes of linear memory, of a component.
    uint64_t memory;
    /// How long a component has run on a worker, over its whole life, as a clock that ticks each millisecond sees it.
    uint64_t execution_ms;
    /// Its sockets that are open and its lookups under way, of which it may have `max_connections`.
    uint32_t connections;
    /// The last failure; AIRS_EXIT_NORMAL and "" when there was none.
    airs_exit last_exit;
    char last_failure[256];
    airs_hold hold;
    /// Of AIRS_HOLD_BACKOFF: until its next start.
    uint64_t restart_due_ms;
    /// As its last check said, and in which words; AIRS_HEALTH_HEALTHY and "" before the first.
    airs_health health;
    char health_text[129];
    airs_restart restart;
    bool significant;
    /// Of a supervisor.
    uint32_t children;
} airs_actor_info;

/// A consistent picture of one actor. Errors: E_GONE. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_actor_get_info(airs_system *system, airs_actor_id actor,
                                                        airs_actor_info *ret_info);

/// What an actor uses of what it may use. Read without stopping anything: the numbers are each of about now.
typedef struct airs_usage {
    /// Complete: nothing in it is 0.
    airs_limits limits;
    uint32_t mailbox_len;
    // The rest is 0 of an actor that is no component.
    uint64_t memory;
    uint64_t table_elements;
    /// Files and folders, as max_open_files counts.
    uint64_t files_open;
    /// Sockets and lookups, as max_connections counts.
    uint32_t connections;
    /// The longest running time of an event so far.
    uint32_t execution_longest_ms;
    /// Messages that count against max_rate right now.
    uint32_t rate;
    /// Decisions against it that count against max_refusals right now.
    uint32_t refusals;
    /// Growths of memory and tables that were refused since its last start.
    uint64_t growths_refused;
    /// Messages refused for max_rate, and lines dropped for log_lines_per_second.
    uint64_t sends_refused;
    uint64_t log_lines_dropped;
} airs_usage;

/// Errors: E_GONE. Thread: any.
AIRS_API AIRS_NODISCARD airs_status airs_actor_get_usage(airs_system *system, airs_actor_id actor,
                                                         airs_usage *ret_usage);

/// The ids of all actors, the root first, each supervisor before its children.
/// Writes up to `max` ids (`ret_ids` may be NULL when that is 0) and returns how many there are; 0 without memory.
/// Thread: any.
AIRS_API size_t airs_actor_list(airs_system *system, airs_actor_id *ret_ids, size_t max);

#ifdef __cplusplus
}
#endif

#endif
