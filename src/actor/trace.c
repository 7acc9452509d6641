// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/trace.h"

#include <string.h>

#include "base/error.h"

/// Where the parts begin, in the text and in the bytes.
#define TRACE_TEXT 3u
#define PARENT_TEXT 36u
#define FLAGS_TEXT 53u
#define PARENT_BYTES 16u
#define FLAGS_BYTES 24u

/// -1 for what is no lower-case hexadecimal digit.
static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_hex(const uint8_t *text, size_t count, uint8_t *ret_bytes)
{
    for (size_t i = 0; i < count; i++) {
        int high = digit_of(text[2 * i]);
        int low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool is_zero(const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && bytes[at] == 0)
        at++;
    return at == len;
}

airs_status trace_parse(airs_bytes text, trace_parent *ret_trace, airs_error *error)
{
    if (text.len != TRACE_TEXT_SIZE - 1)
        return base_error_set(error, AIRS_E_INVALID, "a trace parent has 55 characters, this one has %zu", text.len);
    if (memcmp(text.data, "00-", TRACE_TEXT) != 0)
        return base_error_set(error, AIRS_E_INVALID, "a trace parent begins with `00-`");
    trace_parent read;
    if (text.data[PARENT_TEXT - 1] != '-' || text.data[FLAGS_TEXT - 1] != '-' ||
        !read_hex(text.data + TRACE_TEXT, PARENT_BYTES, read.bytes) ||
        !read_hex(text.data + PARENT_TEXT, FLAGS_BYTES - PARENT_BYTES, read.bytes + PARENT_BYTES) ||
        !read_hex(text.data + FLAGS_TEXT, TRACE_SIZE - FLAGS_BYTES, read.bytes + FLAGS_BYTES))
        return base_error_set(error, AIRS_E_INVALID,
                              "a trace parent is 32, 16 and 2 lower-case hexadecimal digits with `-` between them");
    if (is_zero(read.bytes, PARENT_BYTES) || is_zero(read.bytes + PARENT_BYTES, FLAGS_BYTES - PARENT_BYTES))
        return base_error_set(error, AIRS_E_INVALID, "the trace and the parent must not be all zero");
    *ret_trace = read;
    return AIRS_OK;
}

static char *print_hex(char *to, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        *to++ = "0123456789abcdef"[bytes[i] >> 4];
        *to++ = "0123456789abcdef"[bytes[i] & 15];
    }
    return to;
}

void trace_print(const trace_parent *trace, char ret_text[TRACE_TEXT_SIZE])
{
    char *to = ret_text;
    *to++ = '0';
    *to++ = '0';
    *to++ = '-';
    to = print_hex(to, trace->bytes, PARENT_BYTES);
    *to++ = '-';
    to = print_hex(to, trace->bytes + PARENT_BYTES, FLAGS_BYTES - PARENT_BYTES);
    *to++ = '-';
    to = print_hex(to, trace->bytes + FLAGS_BYTES, TRACE_SIZE - FLAGS_BYTES);
    *to = '\0';
}
