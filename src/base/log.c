// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/log.h"

#include <stdio.h>
#include <time.h>

#include "base/bytes.h"

// Lines longer than this are cut.
#define LOG_LINE_MAX 4096

static void log_emit(const base_log *log, airs_log_level level, const base_log_subject *subject, const char *source,
                     const char *text)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    airs_log_record record = {
        .level = level,
        .time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
        .actor = subject->actor,
        .source = source,
        .text = text,
        .version = subject->version,
        .message_id = subject->message_id,
    };
    log->fn(log->user, &record);
}

void base_log_line(const base_log *log, airs_log_level level, const base_log_subject *subject, const char *format,
                   va_list arguments)
{
    if (log->fn == NULL)
        return;
    char text[LOG_LINE_MAX];
    vsnprintf(text, sizeof(text), format, arguments);
    log_emit(log, level, subject, "runtime", text);
}

void base_log_write(const base_log *log, airs_log_level level, const char *actor, const char *format, ...)
{
    if (!base_log_wants(log, level))
        return;
    const base_log_subject subject = {actor == NULL ? "" : actor, "", ""};
    va_list arguments;
    va_start(arguments, format);
    base_log_line(log, level, &subject, format, arguments);
    va_end(arguments);
}

// Whether a character may be shown as it is: no control characters, neither the old ones nor those
// of U+0080 to U+009F, which a terminal would obey.
static bool log_printable(const uint8_t *at, size_t len)
{
    if (len == 1)
        return (at[0] >= 0x20 && at[0] != 0x7f) || at[0] == '\t';
    return !(len == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

void base_log_guest(const base_log *log, airs_log_level level, const base_log_subject *subject, const char *source,
                    airs_bytes line)
{
    if (log->fn == NULL)
        return;
    static const char digits[] = "0123456789abcdef";
    char text[LOG_LINE_MAX];
    size_t used = 0;
    size_t at = 0;
    // An escaped byte, like the longest character, takes four; the last place is the NUL's.
    while (at < line.len && used + 5 <= sizeof(text)) {
        size_t len = base_utf8_next(line, at);
        if (len > 0 && log_printable(line.data + at, len)) {
            memcpy(text + used, line.data + at, len);
            used += len;
            at += len;
            continue;
        }
        uint8_t byte = line.data[at++];
        text[used++] = '\\';
        text[used++] = 'x';
        text[used++] = digits[byte >> 4];
        text[used++] = digits[byte & 15];
    }
    text[used] = '\0';
    log_emit(log, level, subject, source, text);
}

const char *base_log_level_name(airs_log_level level)
{
    switch (level) {
    case AIRS_LOG_DEBUG:
        return "debug";
    case AIRS_LOG_INFO:
        return "info";
    case AIRS_LOG_WARN:
        return "warn";
    case AIRS_LOG_ERROR:
        return "error";
    }
    return "?";
}
