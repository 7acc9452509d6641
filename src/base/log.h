// SPDX-License-Identifier: MIT OR Apache-2.0
/// Log lines on their way to the callback that the user gave; there is no other log.
#ifndef AIRS_BASE_LOG_H
#define AIRS_BASE_LOG_H

#include <stdarg.h>

#include "airssys/status.h"
#include "base/atomics.h"

/// Where lines go. All zero: no log.
typedef struct base_log {
    airs_log_fn fn;
    void *user;
    /// An airs_log_level; lines below it are not made. May be changed at any time.
    BASE_ATOMIC(uint32_t) level;
} base_log;

/// What a line is about; nothing is NULL, "" is what there is not.
typedef struct base_log_subject {
    const char *actor;
    const char *version;
    const char *message_id;
} base_log_subject;

/// Before the log is shared.
static inline void base_log_init(base_log *log, airs_log_fn fn, void *user, airs_log_level level)
{
    log->fn = fn;
    log->user = user;
    base_atomic_init(&log->level, (uint32_t)level);
}

/// Any thread.
static inline void base_log_set_level(base_log *log, airs_log_level level)
{
    base_atomic_store_relaxed(&log->level, (uint32_t)level);
}

/// Whether a line of this level would be made; for lines whose parts are costly.
static inline bool base_log_wants(const base_log *log, airs_log_level level)
{
    return log->fn != NULL && (uint32_t)level >= base_atomic_load_relaxed(&log->level);
}

/// Makes a line and hands it on. `actor` may be NULL for the system. Lines over 4 KiB are cut.
/// Thread: any; calls the callback before it returns.
void base_log_write(const base_log *log, airs_log_level level, const char *actor, const char *format, ...)
    AIRS_PRINTF(4, 5);

/// The same about more than a name, and whatever the log's level: who calls it has looked.
void base_log_line(const base_log *log, airs_log_level level, const base_log_subject *subject, const char *format,
                   va_list arguments);

/// Hands on a line that a guest wrote, whatever the log's level: control characters become \xNN, bytes that are not
/// UTF-8 too.
void base_log_guest(const base_log *log, airs_log_level level, const base_log_subject *subject, const char *source,
                    airs_bytes line);

/// "debug", "info", "warn", "error". Static.
const char *base_log_level_name(airs_log_level level);

#endif
