// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/requests.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "wasm/sections.h"

airs_status wasm_requests_find(airs_bytes wasm, airs_bytes *ret_text, airs_error *error)
{
    wasm_sections sections;
    airs_bytes name;
    airs_bytes content;
    *ret_text = (airs_bytes){0};
    if (!wasm_sections_begin(&sections, wasm))
        return AIRS_OK;
    while (wasm_sections_next(&sections, &name, &content)) {
        if (!base_bytes_are(name, WASM_REQUESTS_NAME))
            continue;
        if (ret_text->data != NULL)
            return base_error_set(error, AIRS_E_COMPONENT, "two sections " WASM_REQUESTS_NAME);
        if (content.len > WASM_REQUESTS_MAX)
            return base_error_set(error, AIRS_E_COMPONENT,
                                  "the section " WASM_REQUESTS_NAME " has %zu bytes, at most %u are read", content.len,
                                  WASM_REQUESTS_MAX);
        if (!base_utf8_valid(content))
            return base_error_set(error, AIRS_E_COMPONENT, "the section " WASM_REQUESTS_NAME " is not UTF-8");
        *ret_text = content;
    }
    return AIRS_OK;
}

/// LEB128; returns how many bytes it took.
static size_t put_number(uint8_t *out, size_t number)
{
    size_t len = 0;
    do {
        uint8_t byte = number & 0x7f;
        number >>= 7;
        out[len++] = (uint8_t)(byte | (number != 0 ? 0x80 : 0));
    } while (number != 0);
    return len;
}

size_t wasm_requests_head(uint8_t head[WASM_REQUESTS_HEAD_MAX], size_t text_len)
{
    static const char name[] = WASM_REQUESTS_NAME;
    const size_t name_len = sizeof name - 1;
    size_t len = 0;
    // 0 is a custom section; the name's length is one byte.
    head[len++] = 0;
    len += put_number(head + len, 1 + name_len + text_len);
    head[len++] = (uint8_t)name_len;
    memcpy(head + len, name, name_len);
    return len + name_len;
}
