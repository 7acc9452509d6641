// SPDX-License-Identifier: MIT OR Apache-2.0
/// Log lines on their way to the callback that the user gave; there is no other log.
#ifndef AIRS_BASE_LOG_H
#define AIRS_BASE_LOG_H

#include "airssys/status.h"

/// Where lines go. A value: copy it freely. All zero: no log.
typedef struct base_log {
    airs_log_fn fn;
    void *user;
    airs_log_level level;
} base_log;

/// Whether a line of this level would be made; for lines whose parts are costly.
static inline bool base_log_wants(const base_log *log, airs_log_level level)
{
    return log->fn != NULL && level >= log->level;
}

/// Makes a line and hands it on. `actor` may be NULL for the system. Lines over 4 KiB are cut.
/// Thread: any; calls the callback before it returns.
void base_log_write(const base_log *log, airs_log_level level, const char *actor, const char *format, ...)
    AIRS_PRINTF(4, 5);

/// Hands on a line that a guest wrote: control characters become \xNN, bytes that are not UTF-8 too.
void base_log_guest(const base_log *log, airs_log_level level, const char *actor, const char *source, airs_bytes line);

/// "debug", "info", "warn", "error". Static.
const char *base_log_level_name(airs_log_level level);

#endif
