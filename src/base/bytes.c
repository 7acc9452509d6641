// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/bytes.h"

#include "base/alloc.h"
#include "base/assert.h"

bool base_bytes_are(airs_bytes bytes, const char *text)
{
    return base_bytes_equal(bytes, base_bytes_of(text));
}

// The length of the well-formed character that `at` begins with, 0 when there is none.
static size_t utf8_character(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first < 0x80)
        return 1;
    // What the second byte may be keeps out overlong forms, surrogates and what is past U+10FFFF.
    size_t len;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        len = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        len = 3;
        low = first == 0xe0 ? 0xa0 : low;
        high = first == 0xed ? 0x9f : high;
    } else if (first >= 0xf0 && first <= 0xf4) {
        len = 4;
        low = first == 0xf0 ? 0x90 : low;
        high = first == 0xf4 ? 0x8f : high;
    } else {
        return 0;
    }
    if (left < len || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

bool base_utf8_valid(airs_bytes bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        size_t len = utf8_character(bytes.data + at, bytes.len - at);
        if (len == 0)
            return false;
        at += len;
    }
    return true;
}

size_t base_utf8_next(airs_bytes bytes, size_t at)
{
    AIRS_ASSERT(at < bytes.len);
    return utf8_character(bytes.data + at, bytes.len - at);
}

void base_text_copy(char *to, size_t size, airs_bytes from)
{
    AIRS_ASSERT(size > 0);
    size_t len = from.len;
    if (len >= size) {
        len = size - 1;
        while (len > 0 && (from.data[len] & 0xc0) == 0x80)
            len--;
    }
    if (len > 0)
        memcpy(to, from.data, len);
    to[len] = '\0';
}

void base_text_tidy(char *text)
{
    airs_bytes bytes = {(const uint8_t *)text, strlen(text)};
    for (size_t at = 0; at < bytes.len;) {
        size_t len = base_utf8_next(bytes, at);
        bool is_control = len == 1 ? bytes.data[at] < 0x20 || bytes.data[at] == 0x7f
                                   : len == 2 && bytes.data[at] == 0xc2 && bytes.data[at + 1] < 0xa0;
        if (len == 0 || is_control)
            memset(text + at, is_control ? ' ' : '?', len == 0 ? 1 : len);
        at += len == 0 ? 1 : len;
    }
}

airs_status base_buffer_copy(const airs_allocator *allocator, airs_bytes from, airs_buffer *ret_buffer)
{
    uint8_t *data = base_alloc(allocator, from.len);
    if (data == NULL)
        return AIRS_E_NOMEM;
    if (from.len > 0)
        memcpy(data, from.data, from.len);
    *ret_buffer = base_buffer_adopt(allocator, data, from.len);
    return AIRS_OK;
}

airs_buffer base_buffer_adopt(const airs_allocator *allocator, uint8_t *data, size_t len)
{
    // The owner is only ever read; the field is not const because it is opaque to the user.
    airs_buffer buffer = {.data = data, .len = len, .owner = (void *)(uintptr_t)allocator};
    return buffer;
}

void airs_buffer_free(airs_buffer *buffer)
{
    if (buffer == NULL)
        return;
    if (buffer->data != NULL)
        base_free(buffer->owner, buffer->data);
    *buffer = (airs_buffer){0};
}
