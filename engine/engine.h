// SPDX-License-Identifier: MIT OR Apache-2.0
/// engine.h: all that C sees of Wasmtime.
///
/// The engine compiles, instantiates and calls components, and holds no policy: which message comes
/// next, who may send to whom, how long a guest may run is decided by C behind `engine_host`.
///
/// Lifetimes   engine > component > instance > call. Destroy in the reverse order; a component is
///             reference-counted by its instances, so it may be released while they live.
/// Threads     `engine` and `engine_component` may be used from any thread at once. An
///             `engine_instance` belongs to one thread at a time: the one that polls it. It may move
///             between two polls, also while a call is pending. What others may read or set of a
///             running instance is in `engine_gauges`, made of atomics.
/// Calls       Each `engine_call_*` starts a call on the guest's own stack (a fiber) and returns at
///             once; `engine_poll` runs it until it is ready, traps or has to wait. An instance has
///             at most one call: starting a second one is ENGINE_BUSY. No C frame is ever below a
///             guest's frame when it suspends.
/// Panics      are caught at each function here: ENGINE_PANIC, or ENGINE_TRAP_PANIC from a poll. The
///             instance is to be destroyed; `engine_panics` counts them.
/// Texts       `engine_bytes` that the engine gives are borrowed: see each function for how long.
///             They are UTF-8 where the contract says string, and never NUL-terminated.
#ifndef AIRS_ENGINE_H
#define AIRS_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct engine engine;
typedef struct engine_component engine_component;
typedef struct engine_instance engine_instance;

typedef enum engine_result {
    ENGINE_OK = 0,
    /// The instance has a pending call.
    ENGINE_BUSY = 1,
    /// The bytes are not a valid component.
    ENGINE_INVALID = 2,
    /// A valid core module, not a component.
    ENGINE_CORE_MODULE = 3,
    /// A valid component that imports what is not offered, or exports no contract known here.
    ENGINE_UNSUPPORTED = 4,
    /// A limit of this engine is reached: instances, memories, stacks.
    ENGINE_LIMIT = 5,
    /// The component does not export this function.
    ENGINE_NO_EXPORT = 6,
    /// Compiled code of another engine version or configuration: compile again.
    ENGINE_STALE = 7,
    /// A Rust panic, caught.
    ENGINE_PANIC = 8,
} engine_result;

/// Where an `engine_*` function says what went wrong. Owned by the caller; NUL-terminated.
typedef struct engine_error {
    char text[1024];
} engine_error;

typedef struct engine_bytes {
    const uint8_t *data;
    size_t len;
} engine_bytes;

/// Memory that the engine gives away; ended with `engine_buffer_free`.
typedef struct engine_buffer {
    uint8_t *data;
    size_t len;
} engine_buffer;

void engine_buffer_free(engine_buffer *buffer);

// ---------------------------------------------------------------- what goes in and out of a guest
// The same types as in wit/actor.wit; the numbers are the cases in their order there.

typedef struct engine_message {
    uint64_t sender;
    uint64_t request;
    bool has_topic;
    engine_bytes topic;
    engine_bytes payload;
} engine_message;

typedef enum engine_send_tag {
    ENGINE_SEND_GONE = 0,
    ENGINE_SEND_FULL = 1,
    ENGINE_SEND_TOO_LARGE = 2,
    ENGINE_SEND_DENIED = 3,
    ENGINE_SEND_INTERRUPTED = 4,
    ENGINE_SEND_OK = 5,
} engine_send_tag;

/// `result<_, send-error>`.
typedef struct engine_send_outcome {
    engine_send_tag tag;
    /// Of DENIED.
    engine_bytes text;
} engine_send_outcome;

typedef enum engine_request_tag {
    ENGINE_REQUEST_SEND = 0,
    ENGINE_REQUEST_TIMEOUT = 1,
    ENGINE_REQUEST_DEADLOCK = 2,
    ENGINE_REQUEST_FAILED = 3,
    ENGINE_REQUEST_OK = 4,
} engine_request_tag;

/// `result<list<u8>, request-error>`.
typedef struct engine_request_outcome {
    engine_request_tag tag;
    /// Of SEND.
    engine_send_outcome send;
    /// The reply of OK, the text of FAILED.
    engine_bytes data;
} engine_request_outcome;

typedef struct engine_reply {
    uint64_t request;
    engine_request_outcome outcome;
} engine_reply;

typedef enum engine_exit_tag {
    ENGINE_EXIT_NORMAL = 0,
    ENGINE_EXIT_SHUTDOWN = 1,
    ENGINE_EXIT_TRAP = 2,
    ENGINE_EXIT_LIMIT = 3,
    ENGINE_EXIT_TIMEOUT = 4,
    ENGINE_EXIT_KILLED = 5,
    ENGINE_EXIT_FAILED = 6,
} engine_exit_tag;

typedef struct engine_down {
    uint64_t monitor;
    uint64_t actor;
    engine_exit_tag reason;
    /// Of TRAP, LIMIT and FAILED.
    engine_bytes text;
    bool will_restart;
} engine_down;

typedef enum engine_event_kind {
    ENGINE_EVENT_MESSAGE = 0,
    ENGINE_EVENT_REPLY = 1,
    ENGINE_EVENT_DOWN = 2,
    /// `none`: the guest is to return from `run`.
    ENGINE_EVENT_NONE = 3,
} engine_event_kind;

typedef struct engine_event {
    engine_event_kind kind;
    union {
        engine_message message;
        engine_reply reply;
        engine_down down;
    };
} engine_event;

typedef enum engine_settle_tag {
    /// `ok(none)`: handled; a request is answered later, or never.
    ENGINE_SETTLE_DONE = 0,
    /// `ok(some(bytes))`: the reply.
    ENGINE_SETTLE_REPLY = 1,
    /// `err(text)`: this message failed.
    ENGINE_SETTLE_ERROR = 2,
} engine_settle_tag;

/// `result<option<list<u8>>, string>`.
typedef struct engine_settle {
    engine_settle_tag tag;
    engine_bytes data;
} engine_settle;

typedef struct engine_setting {
    engine_bytes key;
    engine_bytes value;
} engine_setting;

typedef enum engine_start_cause {
    ENGINE_START_FRESH = 0,
    ENGINE_START_RESTARTED = 1,
    ENGINE_START_UPGRADED = 2,
    ENGINE_START_WOKEN = 3,
} engine_start_cause;

typedef struct engine_start_info {
    uint64_t id;
    engine_bytes name;
    engine_start_cause cause;
    uint32_t restarts;
    const engine_setting *config;
    size_t config_count;
} engine_start_info;

typedef enum engine_stop_reason {
    ENGINE_STOP_NORMAL = 0,
    ENGINE_STOP_SHUTDOWN = 1,
    ENGINE_STOP_UPGRADE = 2,
    ENGINE_STOP_HIBERNATE = 3,
} engine_stop_reason;

typedef enum engine_health_tag {
    ENGINE_HEALTH_HEALTHY = 0,
    ENGINE_HEALTH_DEGRADED = 1,
    ENGINE_HEALTH_UNHEALTHY = 2,
} engine_health_tag;

typedef enum engine_subscribe_tag {
    ENGINE_SUBSCRIBE_INVALID_PATTERN = 0,
    ENGINE_SUBSCRIBE_DENIED = 1,
    ENGINE_SUBSCRIBE_LIMIT = 2,
    ENGINE_SUBSCRIBE_OK = 3,
} engine_subscribe_tag;

typedef enum engine_register_tag {
    ENGINE_REGISTER_TAKEN = 0,
    ENGINE_REGISTER_INVALID_NAME = 1,
    ENGINE_REGISTER_DENIED = 2,
    ENGINE_REGISTER_OK = 3,
} engine_register_tag;

typedef enum engine_spawn_tag {
    ENGINE_SPAWN_UNKNOWN_TEMPLATE = 0,
    ENGINE_SPAWN_DENIED = 1,
    ENGINE_SPAWN_LIMIT = 2,
    ENGINE_SPAWN_TAKEN = 3,
    ENGINE_SPAWN_FAILED = 4,
    ENGINE_SPAWN_OK = 5,
} engine_spawn_tag;

typedef enum engine_timer_tag {
    ENGINE_TIMER_GONE = 0,
    ENGINE_TIMER_DENIED = 1,
    ENGINE_TIMER_LIMIT = 2,
    ENGINE_TIMER_OK = 3,
} engine_timer_tag;

/// A result of which the error may have a text and the value is a number.
/// `tag` is one of the enums above, by the function.
typedef struct engine_number_outcome {
    uint32_t tag;
    uint64_t number;
    engine_bytes text;
} engine_number_outcome;

// ---------------------------------------------------------------- the network

/// An address of IPv4 or IPv6, and a port.
typedef struct engine_endpoint {
    /// 4 or 6.
    uint8_t version;
    /// The first 4 or all 16, in network order; the others are 0.
    uint8_t address[16];
    uint16_t port;
} engine_endpoint;

/// What a guest wants of the network.
typedef enum engine_network_use {
    /// One more socket, or one more lookup under way. No endpoint.
    ENGINE_NETWORK_OPEN = 0,
    /// One of those has ended; not called for those that end with the instance. The answer is not looked at.
    ENGINE_NETWORK_CLOSE = 1,
    /// The endpoint is the guest's own: as it gave it, and, to listen and to accept, as the system has it.
    ENGINE_NETWORK_TCP_BIND = 2,
    ENGINE_NETWORK_TCP_LISTEN = 3,
    ENGINE_NETWORK_TCP_ACCEPT = 4,
    ENGINE_NETWORK_UDP_BIND = 5,
    /// The endpoint is the other one's.
    ENGINE_NETWORK_TCP_CONNECT = 6,
    ENGINE_NETWORK_UDP_SEND = 7,
    ENGINE_NETWORK_UDP_RECEIVE = 8,
} engine_network_use;

typedef enum engine_network_answer {
    ENGINE_NETWORK_DENIED = 0,
    ENGINE_NETWORK_GRANTED = 1,
    /// Of OPEN: there are as many as there may be.
    ENGINE_NETWORK_FULL = 2,
    /// Of a name: it is none.
    ENGINE_NETWORK_INVALID = 3,
} engine_network_answer;

/// What the host remembers beside an open socket of the answer that it gave; all 0 at first.
typedef struct engine_pass {
    uint64_t epoch;
    uint32_t grant;
} engine_pass;

typedef enum engine_resolve_tag {
    ENGINE_RESOLVE_OK = 0,
    /// There is no such name, or it has no address.
    ENGINE_RESOLVE_UNKNOWN = 1,
    /// Nobody answered; later somebody may.
    ENGINE_RESOLVE_AGAIN = 2,
    ENGINE_RESOLVE_FAILED = 3,
} engine_resolve_tag;

/// Who knows the addresses of names.
typedef struct engine_resolver {
    /// Writes at most `max` addresses of `name`; their ports are not looked at. May wait; called on a thread of the
    /// engine's that is there for it, from several at once. NULL: no name is known.
    engine_resolve_tag (*resolve)(void *user, engine_bytes name, engine_endpoint *ret, size_t max, size_t *ret_count);
    void *user;
    /// How long a guest waits for it; then it is told AGAIN.
    uint32_t timeout_ms;
    /// Lookups at once; the others wait for their turn. One that nobody waits for any more has its own until it ends.
    uint32_t threads_max;
    /// Of these, so many at most of one instance, or of several with the same `origin`. The others wait.
    uint32_t each_max;
} engine_resolver;

/// Addresses that a guest is given of one name.
#define ENGINE_RESOLVED_MAX 16u

// ---------------------------------------------------------------- what the host does for a guest

typedef enum engine_step {
    /// `ret` is set.
    ENGINE_STEP_READY = 0,
    /// The guest waits: this function is called again, with the same arguments, each time the
    /// instance is polled, until it answers otherwise or the call is dropped.
    ENGINE_STEP_PENDING = 1,
} engine_step;

typedef enum engine_tick {
    /// Run on for one more tick.
    ENGINE_TICK_CONTINUE = 0,
    /// Suspend here: `engine_poll` returns ENGINE_POLL_YIELDED and the next one goes on.
    ENGINE_TICK_YIELD = 1,
    /// End the call with ENGINE_TRAP_INTERRUPT.
    ENGINE_TICK_INTERRUPT = 2,
} engine_tick;

typedef enum engine_stream {
    ENGINE_STREAM_STDOUT = 0,
    ENGINE_STREAM_STDERR = 1,
} engine_stream;

/// What a guest may without naming anything.
typedef enum engine_right {
    ENGINE_RIGHT_CLOCK_WALL = 0,
    ENGINE_RIGHT_CLOCK_MONOTONIC = 1,
    ENGINE_RIGHT_RANDOM_SECURE = 2,
    ENGINE_RIGHT_RANDOM_INSECURE = 3,
    ENGINE_RIGHT_STDOUT = 4,
    ENGINE_RIGHT_STDERR = 5,
    /// Asked by the host itself, which has what can be read.
    ENGINE_RIGHT_STDIN = 6,
} engine_right;

typedef enum engine_value_kind {
    /// Of the environment, by index.
    ENGINE_VALUE_VARIABLE = 0,
    /// Of a program, by index; without a key. The first is its name.
    ENGINE_VALUE_ARGUMENT = 1,
    /// Of the configuration, by index, and by its key.
    ENGINE_VALUE_CONFIG = 2,
    ENGINE_VALUE_CONFIG_KEY = 3,
    /// Of standard input, bytes from `index` on, as many as the host likes; NONE at its end.
    ENGINE_VALUE_INPUT = 4,
} engine_value_kind;

typedef enum engine_value_tag {
    /// There is none, or there are no more.
    ENGINE_VALUE_NONE = 0,
    ENGINE_VALUE_FOUND = 1,
    ENGINE_VALUE_DENIED = 2,
} engine_value_tag;

/// As wasi:logging has them.
typedef enum engine_log_level {
    ENGINE_LOG_TRACE = 0,
    ENGINE_LOG_DEBUG = 1,
    ENGINE_LOG_INFO = 2,
    ENGINE_LOG_WARN = 3,
    ENGINE_LOG_ERROR = 4,
    ENGINE_LOG_CRITICAL = 5,
} engine_log_level;

// ---------------------------------------------------------------- files
// A guest has descriptors and gives names; which file that is, and whether it may be touched, is the host's to say.
// The engine keeps no rights. It opens a place only beneath the folder of its mount, follows no symbolic link, and
// touches regular files and folders only, none of the kernel's own file systems.

typedef enum engine_file_operation {
    /// Which folder it begins with as number `index`; refused when there are no more.
    ENGINE_FILE_PREOPEN = 0,
    /// To use a descriptor that it has, at `base`, for what it `wants`.
    ENGINE_FILE_USE = 1,
    ENGINE_FILE_OPEN = 2,
    ENGINE_FILE_STAT = 3,
    ENGINE_FILE_SET_TIMES = 4,
    ENGINE_FILE_READ_LINK = 5,
    ENGINE_FILE_CREATE_FOLDER = 6,
    ENGINE_FILE_REMOVE_FOLDER = 7,
    ENGINE_FILE_UNLINK = 8,
    /// These two have the new name in `other_base` and `other_path`.
    ENGINE_FILE_RENAME = 9,
    ENGINE_FILE_LINK = 10,
    /// To make a symbolic link with the text `other_path`.
    ENGINE_FILE_SYMLINK = 11,
} engine_file_operation;

/// What a descriptor is, or was, opened for: bits.
typedef enum engine_file_want {
    ENGINE_FILE_READ = 1 << 0,
    /// Also to empty it.
    ENGINE_FILE_WRITE = 1 << 1,
    /// To make it, should it not be there.
    ENGINE_FILE_CREATE = 1 << 2,
    /// To read the names in a folder.
    ENGINE_FILE_LIST = 1 << 3,
    /// To look at what is known about it.
    ENGINE_FILE_LOOK = 1 << 4,
    /// USE: for one more stream, beside the one that each open file has. It counts as one more open file.
    ENGINE_FILE_STREAM = 1 << 5,
} engine_file_want;

typedef struct engine_file_question {
    engine_file_operation operation;
    /// Of OPEN and USE.
    uint32_t wants;
    /// Of PREOPEN.
    uint32_t index;
    /// Of USE: `epoch` of the answer that allowed all that it wants; 0: none has.
    uint64_t epoch;
    /// The place of the descriptor, `path` of the answer that it was opened with.
    engine_bytes base;
    /// What the guest gave, relative to it.
    engine_bytes path;
    engine_bytes other_base;
    engine_bytes other_path;
} engine_file_question;

/// What the guest is told.
typedef enum engine_file_verdict {
    ENGINE_FILE_ALLOWED = 0,
    /// access
    ENGINE_FILE_DENIED = 1,
    /// not-permitted: it leads out of the folder.
    ENGINE_FILE_OUTSIDE = 2,
    /// no-entry
    ENGINE_FILE_NO_ENTRY = 3,
    /// invalid
    ENGINE_FILE_INVALID = 4,
    /// name-too-long
    ENGINE_FILE_TOO_LONG = 5,
    /// quota
    ENGINE_FILE_QUOTA = 6,
    /// not-directory
    ENGINE_FILE_NOT_FOLDER = 7,
    /// io: it can't be decided now.
    ENGINE_FILE_FAILED = 8,
} engine_file_verdict;

typedef struct engine_file_place {
    /// Which mount, the same number for the whole life of the instance.
    uint32_t mount;
    /// The name can only mean a folder.
    bool folder;
    /// The folder of the host that is mounted.
    engine_bytes root;
    /// The path as the guest sees it, from `/` on.
    engine_bytes path;
    /// What of it is below `root`: names with one `/` between, none of them `.` or `..`; empty: the folder itself.
    engine_bytes rest;
} engine_file_place;

typedef struct engine_file_answer {
    engine_file_verdict verdict;
    /// OPEN: what is there may be a file, a folder. RENAME: what is renamed may be a folder.
    bool files;
    bool folders;
    /// RENAME: what has the new name may be replaced.
    bool replace;
    /// Changes when a later answer may be another one; never 0.
    uint64_t epoch;
    engine_file_place place;
    /// The new name.
    engine_file_place other;
} engine_file_answer;

/// What a guest's imports do. `actor` is the pointer given at `engine_instance_create`.
///
/// Each is called on the guest's fiber: at most 16 KiB of stack, no waiting, no long work, and no
/// `engine_*` function but `engine_tick_all`. Bytes given in are borrowed from the guest's memory until
/// the function returns. `ret` is not cleared before: set the tag and what belongs to it. Bytes put into
/// it must stay valid until the next import is called for the same actor, or its call has ended: copying
/// them runs the guest's own allocator, which may use up a tick (`tick` is no import).
///
/// A member that is NULL is an import that is not offered: a component that needs it does not load.
typedef struct engine_host {
    // airssys:actor/mailbox
    engine_step (*next)(void *actor, const engine_settle *settle, engine_event *ret);
    /// READY says how many words the guest is to be given; 0 is `none`.
    engine_step (*take)(void *actor, const engine_settle *settle, uint32_t *ret_words);
    /// Right after, unless the call has ended: writes them. `memory` is the guest's, aligned to 8; it does not move,
    /// and may be read and written between two polls and within a host function until the instance is destroyed.
    void (*take_into)(void *actor, uint64_t *memory);
    void (*settle)(void *actor, const engine_settle *outcome);

    // airssys:actor/messaging
    uint64_t (*self_id)(void *actor);
    engine_step (*send)(void *actor, uint64_t to, engine_bytes payload, engine_send_outcome *ret);
    engine_step (*ask)(void *actor, uint64_t to, engine_bytes payload, uint32_t timeout_ms,
                       engine_request_outcome *ret);
    void (*request)(void *actor, uint64_t to, engine_bytes payload, uint32_t timeout_ms, engine_send_outcome *ret,
                    uint64_t *ret_request);
    bool (*cancel)(void *actor, uint64_t request);
    void (*reply)(void *actor, uint64_t request, const engine_settle *outcome, engine_send_outcome *ret);
    void (*forward)(void *actor, uint64_t to, engine_send_outcome *ret);
    void (*subscribe)(void *actor, engine_bytes pattern, bool has_group, engine_bytes group,
                      engine_number_outcome *ret);
    bool (*unsubscribe)(void *actor, uint64_t subscription);
    void (*publish)(void *actor, engine_bytes topic, engine_bytes payload, engine_send_outcome *ret,
                    uint32_t *ret_reached);
    bool (*lookup)(void *actor, engine_bytes name, uint64_t *ret);
    void (*register_name)(void *actor, engine_bytes name, engine_number_outcome *ret);
    bool (*unregister_name)(void *actor, engine_bytes name);

    // airssys:actor/context
    void (*message_id)(void *actor, engine_bytes *ret);
    uint32_t (*attempt)(void *actor);
    bool (*deadline_ms)(void *actor, uint64_t *ret);
    bool (*sender_name)(void *actor, engine_bytes *ret);
    bool (*trace_parent)(void *actor, engine_bytes *ret);

    // airssys:actor/capability

    /// Whether the guest has the custom capability on the object. When not, `ret_why` is a sentence for people.
    bool (*custom)(void *actor, engine_bytes name, engine_bytes object, engine_bytes *ret_why);

    // airssys:actor/supervision
    void (*spawn)(void *actor, engine_bytes template_name, bool has_name, engine_bytes name,
                  const engine_setting *config, size_t config_count, engine_number_outcome *ret);
    bool (*stop_child)(void *actor, uint64_t child);
    void (*exit)(void *actor, bool ok, engine_bytes text);
    uint64_t (*monitor)(void *actor, uint64_t target);
    bool (*demonitor)(void *actor, uint64_t monitor);
    void (*link)(void *actor, uint64_t target);
    void (*unlink)(void *actor, uint64_t target);

    // airssys:actor/timers
    void (*send_after)(void *actor, uint64_t delay_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret);
    void (*send_every)(void *actor, uint64_t period_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret);
    bool (*cancel_timer)(void *actor, uint64_t timer);

    // wasi:sockets. `network` is NULL: no guest has a network; then the other two are not called.

    /// Whether the guest may, asked right before the system is. With a `pass` it is about a socket that is open
    /// already: asked at each use of it, with the endpoint that it was allowed with.
    engine_network_answer (*network)(void *actor, engine_network_use use, const engine_endpoint *endpoint,
                                     engine_pass *pass);
    /// Whether the guest may look up the name; if so, `ret_name` is what is to be looked up.
    engine_network_answer (*network_lookup)(void *actor, engine_bytes name, engine_bytes *ret_name);
    /// What it resolved to, before the guest is given the first of them. `name` is as `network_lookup` gave it.
    void (*network_resolved)(void *actor, engine_bytes name, const engine_endpoint *addresses, size_t count);

    // The rest of WASI. NULL refuses.

    /// Whether the guest has the right. When not, `ret_why` is a sentence for people.
    bool (*right)(void *actor, engine_right right, engine_bytes *ret_why);
    /// Number `index` of the values of this kind that the guest may see, or that of `key`. `ret` is what was FOUND; of
    /// an argument only the value counts; DENIED: the value is a sentence for people.
    engine_value_tag (*value)(void *actor, engine_value_kind kind, size_t index, engine_bytes key, engine_setting *ret);
    /// What the guest wants to be in the log. Any text.
    void (*log)(void *actor, engine_log_level level, engine_bytes context, engine_bytes message);

    /// Decides about a file. When the verdict is not ALLOWED nothing else of `ret` counts.
    void (*file)(void *actor, const engine_file_question *question, engine_file_answer *ret);

    // Not imports. These must not be NULL.

    /// The running guest has used up its tick.
    engine_tick (*tick)(void *actor);
    /// A whole line the guest wrote, without its newline; at most 4 KiB, longer ones come in parts. Any
    /// bytes. The last one, if it has no end, comes from `engine_instance_destroy`.
    void (*write_line)(void *actor, engine_stream stream, engine_bytes line);
    /// Poll this waker's task again. From any thread, also from within its own poll. See `engine_poll`.
    void (*wake)(void *waker);
    void (*waker_retain)(void *waker);
    void (*waker_release)(void *waker);
} engine_host;

// ---------------------------------------------------------------- engine

typedef struct engine_config {
    /// Component instances alive at once. Each costs some 5 us and two memory mappings when the engine is
    /// created (its stack's guard), used or not: a program that answers one message asks for few.
    uint32_t instances_max;
    /// Core instances, memories and tables a component instance may be made of.
    uint32_t core_instances_per_component;
    uint32_t memories_per_component;
    uint32_t tables_per_component;
    /// Elements a table may grow to.
    uint32_t table_elements_max;
    /// Bytes that a component's `memory_max` may name at most.
    uint64_t memory_max;
    /// Address space kept for each memory; 0 chooses by instances_max: 4 GiB where that fits (no bounds
    /// checks in compiled code), else less.
    uint64_t memory_reservation;
    /// Bytes of a memory that stay resident in a free slot, so that its reuse costs a memset.
    uint64_t memory_keep_resident;
    /// Bytes of stack a guest may use.
    uint32_t guest_stack_max;
    /// Bytes of stack that host functions have below it; 0 is 64 KiB. Code built with a sanitizer needs more.
    /// Running over it ends the process.
    uint32_t host_stack_max;
    /// Bytes of all instances' memories together; 0: as many as there are. An instance that would begin past it traps
    /// with ENGINE_TRAP_LIMIT, and a growth past it fails as one past the instance's own `memory_max` does.
    uint64_t memory_total_max;
    engine_resolver resolver;
    /// Nothing will be instantiated: no address space is kept. Code that it compiles loads into an engine of the same
    /// configuration that has instances.
    bool compiles_only;
} engine_config;

/// `host` is copied. Fails with ENGINE_LIMIT when the address space is not to be had.
engine_result engine_create(const engine_config *config, const engine_host *host, engine **ret, engine_error *error);

/// All components and instances must have ended. Ends the I/O thread, if it was needed.
void engine_destroy(engine *engine);

/// One tick has passed: every running guest asks `host.tick` at its next loop head or call.
/// From any thread while the engine lives; async-signal-safe.
void engine_tick_all(engine *engine);

/// Panics caught since the engine was made.
uint64_t engine_panics(const engine *engine);

/// What is alive in this engine right now; all 0 when each instance was destroyed.
typedef struct engine_live {
    uint64_t stores;
    uint64_t component_instances;
    uint64_t core_instances;
    uint64_t memories;
    uint64_t tables;
    uint64_t stacks;
} engine_live;

void engine_live_counts(const engine *engine, engine_live *ret);

// ---------------------------------------------------------------- component

/// Compiles a component to machine code. Slow: milliseconds to seconds; may be called from any thread.
engine_result engine_compile(engine *engine, engine_bytes wasm, engine_buffer *ret_code, engine_error *error);

/// A text that changes when code compiled by another engine would not load: version, target, settings.
/// Borrowed from `engine`.
engine_bytes engine_fingerprint(const engine *engine);

/// Loads what `engine_compile` made. `code` is copied and need not be aligned. The caller vouches for
/// it: loading machine code is running it.
/// ENGINE_UNSUPPORTED names each import that is not offered, with the nearest version that is. ENGINE_LIMIT:
/// it has more memories, tables or core instances than the configuration has room for.
engine_result engine_component_load(engine *engine, engine_bytes code, engine_component **ret, engine_error *error);

void engine_component_retain(engine_component *component);
void engine_component_release(engine_component *component);

/// What a component exports; the bits of `engine_component_exports`.
typedef enum engine_export {
    ENGINE_EXPORT_CHILD = 1 << 0,
    ENGINE_EXPORT_ACTOR = 1 << 1,
    ENGINE_EXPORT_BATCH = 1 << 2,
    ENGINE_EXPORT_REPLIES = 1 << 3,
    ENGINE_EXPORT_SIGNALS = 1 << 4,
    ENGINE_EXPORT_HEALTH = 1 << 5,
    ENGINE_EXPORT_STATE = 1 << 6,
    ENGINE_EXPORT_RECONFIGURE = 1 << 7,
    /// wasi:cli/run
    ENGINE_EXPORT_MAIN = 1 << 8,
} engine_export;

uint32_t engine_component_exports(const engine_component *component);

/// Import interfaces this engine offers, one `package:name/interface@version` a line, in order.
/// Borrowed from `engine`.
engine_bytes engine_offers(const engine *engine);

// ---------------------------------------------------------------- instance

typedef struct engine_limits {
    /// Bytes of all linear memories of the instance together.
    uint64_t memory_max;
    /// Elements of all its tables together.
    uint32_t table_elements_max;
    /// Entries of its resource table.
    uint32_t resources_max;
    /// Bytes a single host call may make the host allocate; at least the largest message.
    uint64_t hostcall_max;
    /// Instances with the same number share what `engine_resolver.each_max` allows.
    uint64_t origin;
} engine_limits;

/// Read by any thread while the instance runs; relaxed atomics.
typedef struct engine_gauges {
    /// Bytes of linear memory now.
    _Atomic uint64_t memory;
    /// Growths of memory or tables that a limit refused.
    _Atomic uint64_t growths_refused;
    /// Elements of tables now, and what of `growths_refused` were growths of tables.
    _Atomic uint64_t table_elements;
    _Atomic uint64_t table_growths_refused;
    /// Files and folders that are open, streams of closed descriptors included.
    _Atomic uint64_t files_open;
} engine_gauges;

/// Prepares an instance: no code of the guest runs yet. `actor` is given to the host's functions;
/// `gauges` is written to, and must outlive the instance.
engine_result engine_instance_create(engine_component *component, const engine_limits *limits, void *actor,
                                     engine_gauges *gauges, engine_instance **ret, engine_error *error);

/// Drops a pending call, then the instance. NULL is allowed.
void engine_instance_destroy(engine_instance *instance);

// ---------------------------------------------------------------- calls
// Structs and arrays are copied; the bytes that they point to are borrowed until the call has ended: it is
// ready, has trapped or is dropped. (The guest's own allocator runs to take them, and may yield meanwhile.)
// ENGINE_OK, ENGINE_BUSY, ENGINE_NO_EXPORT, ENGINE_PANIC; after a trap, a drop or before
// `engine_call_instantiate` has come ready, nothing but that call may be started: ENGINE_INVALID.

/// Links and instantiates; runs the guest's own initialisers. The first call of each instance.
engine_result engine_call_instantiate(engine_instance *instance);
engine_result engine_call_start(engine_instance *instance, const engine_start_info *info);
engine_result engine_call_stop(engine_instance *instance, engine_stop_reason reason);
engine_result engine_call_handle(engine_instance *instance, const engine_message *message);
engine_result engine_call_run(engine_instance *instance);
engine_result engine_call_handle_reply(engine_instance *instance, const engine_reply *reply);
engine_result engine_call_handle_down(engine_instance *instance, const engine_down *down);
engine_result engine_call_check(engine_instance *instance);
engine_result engine_call_save(engine_instance *instance);
engine_result engine_call_load(engine_instance *instance, engine_bytes from_version, engine_bytes state);
engine_result engine_call_apply(engine_instance *instance, const engine_setting *config, size_t config_count);
/// wasi:cli/run
engine_result engine_call_main(engine_instance *instance);

typedef enum engine_trap_kind {
    /// `unreachable`, out of bounds, division by zero…: the guest's own fault.
    ENGINE_TRAP_GUEST = 0,
    /// `host.tick` said so.
    ENGINE_TRAP_INTERRUPT = 1,
    /// The guest's stack is used up.
    ENGINE_TRAP_STACK = 2,
    /// Over `hostcall_max` or `resources_max`, no slot in a pool, or more memory at the start than its limits.
    ENGINE_TRAP_LIMIT = 3,
    /// What it gave to the host is no value of the contract: a pointer out of bounds, not UTF-8…
    ENGINE_TRAP_ABI = 4,
    /// wasi:cli/exit with `trap.exit_code`. With code 0 the guest has ended well; the instance is over too.
    ENGINE_TRAP_EXIT = 5,
    /// A panic of the host, caught.
    ENGINE_TRAP_PANIC = 6,
} engine_trap_kind;

typedef struct engine_frame {
    uint32_t function;
    /// Byte offset in the core module's code; SIZE_MAX when unknown.
    size_t offset;
    /// From the name section; empty when there is none.
    engine_bytes name;
} engine_frame;

/// At most this many frames are kept, the innermost first.
#define ENGINE_FRAMES_MAX 32

typedef struct engine_trap {
    engine_trap_kind kind;
    int32_t exit_code;
    /// One line, without a backtrace.
    engine_bytes text;
    const engine_frame *frames;
    size_t frames_count;
} engine_trap;

typedef struct engine_outcome {
    /// handle, handle-reply, handle-down, start, load, apply, save: `ok` or `err`, with the reply, the
    /// state or the error's text. For main: DONE or ERROR.
    engine_settle settle;
    /// check; its text is in settle.data.
    engine_health_tag health;
    /// Of ENGINE_POLL_TRAP.
    engine_trap trap;
} engine_outcome;

typedef enum engine_poll_status {
    /// The call has ended; `ret` is set and its bytes stay valid until the next function on this instance.
    ENGINE_POLL_READY = 0,
    /// The guest waits: in a host function that said PENDING, or for I/O that will wake `waker`.
    ENGINE_POLL_PENDING = 1,
    /// `host.tick` said YIELD: poll again when it is its turn.
    ENGINE_POLL_YIELDED = 2,
    /// The instance has ended and is to be destroyed; `ret->trap` is set and stays valid until then.
    ENGINE_POLL_TRAP = 3,
} engine_poll_status;

/// Goes on with the pending call. `waker` is retained as long as the engine may still wake it.
/// Without a pending call: ENGINE_POLL_TRAP, with the trap that ended the instance, or ENGINE_TRAP_PANIC
/// when none has: a bug of the caller.
engine_poll_status engine_poll(engine_instance *instance, void *waker, engine_outcome *ret);

/// Ends a pending call without running it on: its guest's stack is unwound. The instance is to be
/// destroyed. Nothing happens when there is none.
void engine_call_drop(engine_instance *instance);

// ---------------------------------------------------------------- kit: files, not running guests

/// Describes the component (or core module) in `wasm` as JSON:
/// { "kind": "component"|"module", "bytes": n, "contract": [..], "metadata": {name, version, description,
///   authors, licenses, source, homepage, revision, language: [..], processed_by: [..]},
///   "exports": [{"name", "functions": [..]}], "imports": [{"name", "functions": [..], "offered": bool,
///   "offer": "name@version"|null, "missing": [functions that are not offered]}],
///   "custom_sections": [{"name", "bytes"}] }
/// `engine` says what is offered; NULL: nothing.
engine_result engine_kit_inspect(const engine *engine, engine_bytes wasm, engine_buffer *ret_json, engine_error *error);

typedef struct engine_kit_metadata {
    engine_bytes name;
    engine_bytes version;
    engine_bytes description;
    engine_bytes licenses;
    engine_bytes authors;
    engine_bytes source;
} engine_kit_metadata;

/// Makes a component of a core module. `world` is the text of a WIT document whose only world is the
/// guest's (`world guest { include airssys:actor/…; }`), resolved against the packages in `wit`
/// (texts, one package each). A module that imports wasi_snapshot_preview1 gets the adapter.
/// `metadata` may be NULL; empty fields are left out.
engine_result engine_kit_componentize(engine_bytes module, engine_bytes world, const engine_bytes *wit,
                                      size_t wit_count, const engine_kit_metadata *metadata,
                                      engine_buffer *ret_component, engine_error *error);

/// The names of the functions that a relocatable or linked core module exports or defines (from its
/// linking section's symbol table, or its exports), one a line.
engine_result engine_kit_symbols(engine_bytes module, engine_buffer *ret_lines, engine_error *error);

/// What is kept of a component so that its traps can be told with names and lines: where the code of its core modules
/// is, their functions' names and line tables (`.debug_line` of DWARF). Empty when it has none of these. At most
/// 16 MiB, parts that are over are left out. In no order that is of use to C.
engine_result engine_kit_debug_info(engine_bytes wasm, engine_buffer *ret_info, engine_error *error);

/// Tells the frames of a trap (their `function` and `offset`; at most ENGINE_FRAMES_MAX) in one line each, each ended
/// by a line feed: "divide at src/handler.c:12:5", "divide", "function 7 (at byte 0x1f2)". Well-formed UTF-8 without
/// other control characters, at most 400 bytes a line. What a guest has put into `info` costs at most time and memory
/// in proportion to its size: up to some 0.2 s and 32 MiB.
engine_result engine_kit_trap_lines(engine_bytes info, const engine_frame *frames, size_t frames_count,
                                    engine_buffer *ret_lines, engine_error *error);

/// Parses TOML 1.0 into JSON in which each value carries its place:
/// {"at": [line, column], "type": "table"|"array"|"string"|"integer"|"float"|"boolean"|"datetime", "value": ...}
/// A table's value is a list of {"key", "at": [line, column], "value": node}, in the order of the text.
/// ENGINE_INVALID: error text is "line:column: what".
engine_result engine_kit_toml(engine_bytes text, engine_buffer *ret_json, engine_error *error);

#endif
