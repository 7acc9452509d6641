// SPDX-License-Identifier: MIT OR Apache-2.0
/// Byte strings: borrowed (`airs_bytes`) and owned (`airs_buffer`). Any thread.
#ifndef AIRS_BASE_BYTES_H
#define AIRS_BASE_BYTES_H

#include <string.h>

#include "airssys/status.h"

/// The bytes of a NUL-terminated text, without the NUL. NULL gives no bytes.
static inline airs_bytes base_bytes_of(const char *text)
{
    airs_bytes bytes = {(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
    return bytes;
}

static inline bool base_bytes_equal(airs_bytes a, airs_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/// Whether the bytes are `text`, without its NUL.
bool base_bytes_are(airs_bytes bytes, const char *text);

/// Well-formed UTF-8: no surrogates, nothing overlong, nothing past U+10FFFF.
bool base_utf8_valid(airs_bytes bytes);

/// The length of the well-formed character of UTF-8 at `at`, which is inside; 0 when there is none.
size_t base_utf8_next(airs_bytes bytes, size_t at);

/// Copies as much as fits into `size` bytes and ends it with a NUL; cuts between two characters of UTF-8,
/// never inside one. `size` is at least 1.
void base_text_copy(char *to, size_t size, airs_bytes from);

/// Makes a NUL-terminated text fit for a log and a terminal: control characters become spaces, and bytes that are no
/// UTF-8 (also a character that was cut) question marks.
void base_text_tidy(char *text);

/// Makes an owned copy. `allocator` must outlive it. Untouched on AIRS_E_NOMEM.
AIRS_NODISCARD airs_status base_buffer_copy(const airs_allocator *allocator, airs_bytes from, airs_buffer *ret_buffer);

/// Makes `data`, which came from `allocator`, the holder's.
airs_buffer base_buffer_adopt(const airs_allocator *allocator, uint8_t *data, size_t len);

#endif
