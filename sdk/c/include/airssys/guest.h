// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys/guest.h: what an actor written in C includes.
///
/// You define      any of the `actor_*` functions below. Exactly what you define is what your component
///                 exports: `airssys build` reads it from your object files.
/// You call        the `airs_*` functions. What you call is what your component imports.
/// Memory          What a call or an event hands you, and what `airs_alloc`, `airs_join` and their like
///                 return, lives until the function of yours that runs now has returned. It is one
///                 arena, emptied between two events: there is nothing to free. To keep something
///                 longer, copy it into a variable of your own.
/// Failure         A call that can fail returns an `airs_status`; `airs_why()` has the words. Running
///                 out of memory is a trap: the actor ends, and its supervisor decides what is next.
/// C library       None is needed. With `libc = "wasi"` in airssys.toml there is one, malloc and printf
///                 included.
#ifndef AIRSSYS_GUEST_H
#define AIRSSYS_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---------------------------------------------------------------- bytes and texts

/// Bytes that belong to somebody else. A text is the same, in UTF-8, without a NUL at its end.
typedef struct airs_bytes {
    const uint8_t *data;
    size_t len;
} airs_bytes;

/// A literal as bytes: `airs_text("hello")`.
#define airs_text(literal) ((airs_bytes){(const uint8_t *)("" literal), sizeof(literal) - 1})

/// The parts one after another: `airs_join(airs_text("Hello, "), name)`.
#define airs_join(...) \
    airs_join_parts((const airs_bytes[]){__VA_ARGS__}, sizeof((const airs_bytes[]){__VA_ARGS__}) / sizeof(airs_bytes))
airs_bytes airs_join_parts(const airs_bytes *parts, size_t count);

/// A C string as bytes. Borrows it.
airs_bytes airs_text_of(const char *text);

/// Numbers as texts.
airs_bytes airs_unsigned(uint64_t number);
airs_bytes airs_signed(int64_t number);
airs_bytes airs_hex(uint64_t number);

/// Reads a decimal number that fills `text`. False, `ret` untouched, when it does not or does not fit.
bool airs_parse_unsigned(airs_bytes text, uint64_t *ret);
bool airs_parse_signed(airs_bytes text, int64_t *ret);

bool airs_equal(airs_bytes a, airs_bytes b);
/// Below, above or equal to 0 as `a` stands before, behind or at `b`.
int airs_compare(airs_bytes a, airs_bytes b);
bool airs_starts_with(airs_bytes text, airs_bytes beginning);

/// At most `len` bytes from `start` on; fewer, or none, where the text ends before.
airs_bytes airs_slice(airs_bytes text, size_t start, size_t len);
/// The part before the first `separator`, or all of it; `rest` (may be NULL) is what stands behind.
airs_bytes airs_cut(airs_bytes text, char separator, airs_bytes *rest);

/// Memory until the end of the event, all 0, aligned for any type. Never NULL.
void *airs_alloc(size_t size);
airs_bytes airs_copy(airs_bytes bytes);

/// Writes a line to the log of the node, under the name of this actor.
void airs_log(airs_bytes line);

// ---------------------------------------------------------------- what comes in

/// Names one actor for its whole life, restarts and upgrades included. 0 is no actor.
typedef uint64_t airs_actor;

typedef struct airs_message {
    airs_actor sender;
    /// Not 0 when the sender waits for an answer.
    uint64_t request;
    /// The topic it was published on; empty when it was sent.
    airs_bytes topic;
    airs_bytes payload;
} airs_message;

typedef struct airs_setting {
    airs_bytes key;
    airs_bytes value;
} airs_setting;

typedef struct airs_settings {
    const airs_setting *list;
    size_t count;
} airs_settings;

/// The value of `key`. False, `ret` untouched, when there is none.
bool airs_setting_find(airs_settings settings, airs_bytes key, airs_bytes *ret);

typedef enum airs_start_cause {
    AIRS_START_FRESH = 0,
    AIRS_START_RESTARTED = 1,
    AIRS_START_UPGRADED = 2,
    AIRS_START_WOKEN = 3,
} airs_start_cause;

typedef struct airs_start_info {
    airs_actor id;
    airs_bytes name;
    airs_start_cause cause;
    /// Restarts within the supervisor's window.
    uint32_t restarts;
    /// From the app's manifest.
    airs_settings config;
} airs_start_info;

typedef enum airs_stop_reason {
    AIRS_STOP_NORMAL = 0,
    AIRS_STOP_SHUTDOWN = 1,
    AIRS_STOP_UPGRADE = 2,
    AIRS_STOP_HIBERNATE = 3,
} airs_stop_reason;

typedef enum airs_status {
    AIRS_OK = 0,
    /// No such actor, or it has ended for good.
    AIRS_GONE,
    /// The receiver's mailbox is full.
    AIRS_FULL,
    /// The payload is over `max_message`.
    AIRS_TOO_LARGE,
    /// No grant allows it.
    AIRS_DENIED,
    /// This actor is being stopped.
    AIRS_INTERRUPTED,
    /// No answer in time.
    AIRS_TIMEOUT,
    /// The wait would never end: for itself, or in a circle.
    AIRS_DEADLOCK,
    /// The other side answered with an error, or failed.
    AIRS_FAILED,
    /// The name, pattern or topic is not well-formed.
    AIRS_INVALID,
    /// A limit of this actor is reached.
    AIRS_LIMIT,
    /// The name has an owner.
    AIRS_TAKEN,
    /// The manifest declares no such template.
    AIRS_UNKNOWN,
} airs_status;

/// What a status means, in words: its name and a sentence. Static.
airs_bytes airs_status_text(airs_status status);

/// Why the last call that failed did, in words: those it came with, else `airs_status_text`.
/// Until the end of the event.
airs_bytes airs_why(void);

/// The outcome of an `airs_request`.
typedef struct airs_answer_event {
    uint64_t request;
    /// AIRS_OK, or why there is no answer.
    airs_status status;
    /// The answer; of a failure its words, as those of `airs_why`.
    airs_bytes data;
} airs_answer_event;

typedef enum airs_exit_reason {
    AIRS_EXIT_NORMAL = 0,
    AIRS_EXIT_SHUTDOWN = 1,
    AIRS_EXIT_TRAP = 2,
    AIRS_EXIT_LIMIT = 3,
    AIRS_EXIT_TIMEOUT = 4,
    AIRS_EXIT_KILLED = 5,
    AIRS_EXIT_FAILED = 6,
} airs_exit_reason;

/// The end of an incarnation of an actor that is monitored or linked.
typedef struct airs_down {
    /// 0 when it comes from a link.
    uint64_t monitor;
    airs_actor actor;
    airs_exit_reason reason;
    /// Of TRAP, LIMIT and FAILED: one sentence.
    airs_bytes text;
    /// It is started again, and the monitor stays; else it has ended for good.
    bool will_restart;
} airs_down;

// ---------------------------------------------------------------- what you define

/// How an `actor_*` function went. Made by the three functions below.
typedef struct airs_result {
    enum {
        AIRS_RESULT_OK = 0,
        AIRS_RESULT_ANSWER = 1,
        AIRS_RESULT_ERROR = 2
    } tag;
    airs_bytes data;
} airs_result;

/// It went well; there is nothing to answer, or not yet (see `airs_reply`).
static inline airs_result airs_ok(void)
{
    return (airs_result){AIRS_RESULT_OK, {NULL, 0}};
}

/// The answer to the request in hand; of `actor_save` the state.
static inline airs_result airs_answer(airs_bytes data)
{
    return (airs_result){AIRS_RESULT_ANSWER, data};
}

/// It failed. Of a message: only this message, the actor lives on. Of a start: the actor does not start.
static inline airs_result airs_error(airs_bytes text)
{
    return (airs_result){AIRS_RESULT_ERROR, text};
}

typedef struct airs_health {
    enum {
        AIRS_HEALTHY = 0,
        AIRS_DEGRADED = 1,
        AIRS_UNHEALTHY = 2
    } tag;
    /// Why it is not healthy.
    airs_bytes text;
} airs_health;

/// Called once, before any message.
airs_result actor_start(const airs_start_info *info);
/// Called once, after the last message, unless the actor ended by a trap or a limit.
void actor_stop(airs_stop_reason reason);
/// A message.
airs_result actor_handle(const airs_message *message);
/// The outcome of an `airs_request` of yours.
airs_result actor_handle_reply(const airs_answer_event *answer);
/// An actor that you monitor, or are linked with, has ended.
airs_result actor_handle_down(const airs_down *down);
/// Asked between two events, as often as the manifest says in `health`. A trap, or a time limit that is passed, ends
/// the incarnation, as in a message.
airs_health actor_health(void);
/// State that outlives a restart, where the manifest says `checkpoint`. Define both or neither.
/// The first is called between two events, and when it stops before `actor_stop`; after an error the state that was
/// saved before stays. The second is called after `actor_start`, before any message; after an error the actor starts
/// once more without it.
airs_result actor_save(void);
airs_result actor_load(airs_bytes from_version, airs_bytes state);
/// New settings, all of them: called between two events when its settings change while it runs. After an error the old
/// ones stay in force, so nothing of the new ones should; after a trap, or a time limit, another instance starts with
/// the old ones, and with the state from before. A component without it is swapped for an instance with the new
/// settings. Rehearsed first, on an instance that is thrown away.
airs_result actor_apply(airs_settings settings);

// ---------------------------------------------------------------- messages

airs_actor airs_self(void);

/// The actor of this name; 0 when there is none.
airs_actor airs_lookup(airs_bytes name);
/// One more name for this actor, until its incarnation ends. TAKEN, INVALID, DENIED.
airs_status airs_register(airs_bytes name);
bool airs_unregister(airs_bytes name);

/// Sends and goes on. GONE, FULL, TOO_LARGE, DENIED, INTERRUPTED.
airs_status airs_send(airs_actor to, airs_bytes payload);
/// Sends and waits for the answer; other actors go on. As `airs_send`, and TIMEOUT, DEADLOCK, FAILED.
airs_status airs_ask(airs_actor to, airs_bytes payload, uint32_t timeout_ms, airs_bytes *ret_answer);
/// Sends and goes on; the answer comes to `actor_handle_reply` with this number.
airs_status airs_request(airs_actor to, airs_bytes payload, uint32_t timeout_ms, uint64_t *ret_request);
bool airs_cancel(uint64_t request);

/// Answers a request later than in the `actor_handle` that took it. Each request once.
airs_status airs_reply(uint64_t request, airs_bytes answer);
airs_status airs_reply_error(uint64_t request, airs_bytes text);
/// Hands the message in hand on, with its sender and request.
airs_status airs_forward(airs_actor to);

/// Patterns: `*` is one level, `>` is the rest. Of a `group` one member gets each message; empty: no group.
/// INVALID, DENIED, LIMIT.
airs_status airs_subscribe(airs_bytes pattern, airs_bytes group, uint64_t *ret_subscription);
bool airs_unsubscribe(uint64_t subscription);
/// `ret_reached` (may be NULL) is the number of mailboxes it reached. TOO_LARGE; DENIED, also when the topic is not
/// well-formed.
airs_status airs_publish(airs_bytes topic, airs_bytes payload, uint32_t *ret_reached);

// What else is known of the message in hand.

/// Unique in the life of the node.
airs_bytes airs_message_id(void);
/// 1 the first time, more when it is handled again after a failure.
uint32_t airs_attempt(void);
/// Milliseconds until the sender stops waiting. False when it does not wait.
bool airs_deadline_ms(uint64_t *ret);
bool airs_sender_name(airs_bytes *ret);
/// W3C trace context.
bool airs_trace_parent(airs_bytes *ret);

// ---------------------------------------------------------------- capabilities

/// Whether this actor may use the custom capability `name` on `object`, as its grants say, and the program around the
/// runtime. Each call is a use: counted, and in the audit log. When not, `ret_why`, which may be NULL, is why. A name
/// has 1 to 128 bytes, an object at most 256.
bool airs_allowed(airs_bytes name, airs_bytes object, airs_bytes *ret_why);

// ---------------------------------------------------------------- other actors

/// Spawns an actor of a template in the manifest, and does not wait for its start: one that fails is an end, which
/// `airs_monitor` tells. The settings stand before the template's own and win. An empty `name`: none. The child has
/// what of the template's grants this actor has too, ends with this actor's incarnation, and may be sent to.
/// UNKNOWN, DENIED (the name: no grant to register it), LIMIT, TAKEN, FAILED.
airs_status airs_spawn(airs_bytes template_name, airs_bytes name, airs_settings config, airs_actor *ret_actor);
/// Ends a child for good, and does not wait for that. False when it is none of this actor's.
bool airs_stop_child(airs_actor child);
/// Ends this actor after the event in hand: `airs_ok()` as normal, `airs_error(...)` as failed.
void airs_exit(airs_result outcome);
/// `actor_handle_down` is called at each end of an incarnation, until the actor has ended for good; at once when it
/// has. 0 when that can't be: this actor itself, one that it may not send to, or over 1,024 monitors and links.
uint64_t airs_monitor(airs_actor actor);
/// After it nothing comes of this monitor. False when there is none.
bool airs_demonitor(uint64_t monitor);
/// The failure of either is told to the other's `actor_handle_down`, or ends it where it has none. Nothing happens with
/// one that this actor may not send to, nor with one that would end by it and is no child of its own.
void airs_link(airs_actor actor);
void airs_unlink(airs_actor actor);

// ---------------------------------------------------------------- timers

/// A message from this actor after a time, or again and again. GONE, DENIED, LIMIT.
/// `ret_timer` may be NULL.
airs_status airs_send_after(uint64_t delay_ms, airs_actor to, airs_bytes payload, uint64_t *ret_timer);
airs_status airs_send_every(uint64_t period_ms, airs_actor to, airs_bytes payload, uint64_t *ret_timer);
bool airs_cancel_timer(uint64_t timer);

#endif
