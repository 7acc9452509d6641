// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a function says of how it went, and the types that each other header needs.
///
/// Conventions of this library
///   Status     0 is success. Outputs (`ret_…`) are untouched on any other status.
///   Errors     An optional `airs_error` of the caller's gets a sentence; NULL where it is not wanted.
///   Ids        `airs_actor_id` is a value. A stale one is AIRS_E_GONE, never another actor.
///   Pointers   NULL is AIRS_E_INVALID where nothing says that it is allowed; of a function without a status nothing is
///              done, and it gives false, 0, "" or the like. A payload of no bytes may be NULL; so may any `airs_error`
///              and any options.
///   Order      Of several errors at once: a NULL that is not allowed, AIRS_E_WOULD_BLOCK, AIRS_E_STOPPING, the others.
///   Ownership  A pointer that is returned is borrowed; what is put into a `ret_…` is the caller's.
///   Threads    Each function says from where it may be called. "Any thread" includes handlers.
#ifndef AIRSSYS_STATUS_H
#define AIRSSYS_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define AIRS_API __attribute__((visibility("default")))
#define AIRS_NODISCARD __attribute__((warn_unused_result))
#define AIRS_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define AIRS_API
#define AIRS_NODISCARD
#define AIRS_PRINTF(text, first)
#endif

#ifdef __cplusplus
extern "C" {
#endif

/// X(name, number, sentence). Numbers are part of the ABI.
#define AIRS_STATUS_MAP(X)                                                                        \
    X(OK, 0, "ok")                                                                                \
    X(E_NOMEM, 1, "out of memory")                                                                \
    X(E_INVALID, 2, "an argument is not allowed here")                                            \
    X(E_GONE, 3, "no such actor, or it has ended for good")                                       \
    X(E_FULL, 4, "the mailbox is at its limit")                                                   \
    X(E_TOO_LARGE, 5, "the payload is over max_message")                                          \
    X(E_DENIED, 6, "no grant allows it")                                                          \
    X(E_TIMEOUT, 7, "no answer within the time limit")                                            \
    X(E_DEADLOCK, 8, "the wait would never end")                                                  \
    X(E_FAILED, 9, "the receiver answered with an error, or failed while it handled the request") \
    X(E_INTERRUPTED, 10, "this actor is being stopped")                                           \
    X(E_TAKEN, 11, "the name is taken")                                                           \
    X(E_NOT_FOUND, 12, "there is nothing of this name")                                           \
    X(E_COMPONENT, 13, "not a valid component")                                                   \
    X(E_UNSUPPORTED, 14, "the component needs what this runtime does not offer")                  \
    X(E_LIMIT, 15, "a limit of this system is reached")                                           \
    X(E_WOULD_BLOCK, 16, "a handler must not block: use a request and its reply")                 \
    X(E_STOPPING, 17, "the system is stopping")                                                   \
    X(E_IO, 18, "an operation of the operating system failed")                                    \
    X(E_MANIFEST, 19, "the manifest is not valid")                                                \
    X(E_INTERNAL, 20, "a fault of the runtime itself")

typedef enum airs_status {
#define AIRS_STATUS_ENUM(name, number, sentence) AIRS_##name = number,
    AIRS_STATUS_MAP(AIRS_STATUS_ENUM)
#undef AIRS_STATUS_ENUM
} airs_status;

/// The short name of a status, `E_GONE`; of an unknown number, `E_?`. Static. Any thread.
AIRS_API const char *airs_status_name(airs_status status);

/// What a status means, as a sentence without a full stop. Static. Any thread.
AIRS_API const char *airs_status_text(airs_status status);

/// A sentence about a failure: what is wrong, and where. Owned by the caller, NUL-terminated,
/// cut at its end when it is longer. Only written on failure.
typedef struct airs_error {
    airs_status status;
    char text[1024];
} airs_error;

/// Bytes that belong to somebody else.
typedef struct airs_bytes {
    const uint8_t *data;
    size_t len;
} airs_bytes;

/// Bytes that belong to the holder; ended with `airs_buffer_free`.
typedef struct airs_buffer {
    uint8_t *data;
    size_t len;
    /// Whose allocator made it. Private.
    void *owner;
} airs_buffer;

/// Frees the bytes and empties the buffer; an empty one and NULL are allowed. Any thread, also after
/// the system that gave it has ended.
AIRS_API void airs_buffer_free(airs_buffer *buffer);

/// Where memory comes from. All three may be called from any thread at once. Alignment as malloc's.
typedef struct airs_allocator {
    /// NULL when there is no memory.
    void *(*alloc)(void *user, size_t size);
    /// As realloc; `memory` may be NULL.
    void *(*realloc)(void *user, void *memory, size_t size);
    /// `memory` may be NULL.
    void (*free)(void *user, void *memory);
    void *user;
} airs_allocator;

typedef enum airs_log_level {
    AIRS_LOG_DEBUG = 0,
    AIRS_LOG_INFO = 1,
    AIRS_LOG_WARN = 2,
    AIRS_LOG_ERROR = 3,
} airs_log_level;

/// One line of log. Borrowed for the time of the call.
typedef struct airs_log_record {
    airs_log_level level;
    /// Wall clock, nanoseconds since 1970.
    uint64_t time_ns;
    /// The actor it is about, "" when it is about the system. NUL-terminated.
    const char *actor;
    /// "runtime", or "stdout" / "stderr" for a line that a component wrote.
    const char *source;
    /// Without a newline; control characters of guests are escaped. NUL-terminated.
    const char *text;
    /// Of the component that the actor runs, "" when it is none, or it is about the system. NUL-terminated.
    const char *version;
    /// The message that was in hand, as `airs_context_message_id` gives it; "" when there was none. NUL-terminated.
    const char *message_id;
} airs_log_record;

/// Called from any thread, several at once; must not block for long and must not call the library. A line of a
/// component is told on that component's stack, where 16 KiB are for this function.
typedef void (*airs_log_fn)(void *user, const airs_log_record *record);

#ifdef __cplusplus
}
#endif

#endif
