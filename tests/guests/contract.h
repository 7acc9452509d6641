// SPDX-License-Identifier: MIT OR Apache-2.0
// The contract as core WebAssembly sees it, for guests that do without the SDK to break it.
#ifndef TEST_CONTRACT_H
#define TEST_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(interface, name) __attribute__((import_module("airssys:actor/" interface "@0.1.0"), import_name(name)))

/// A pointer or a length, which may be none.
typedef uint32_t word;

/// `result<option<list<u8>>, string>` in memory; 20 bytes, aligned to 4.
typedef struct settled {
    uint8_t is_error;
    union {
        struct {
            uint8_t is_some;
            word data;
            word len;
        };
        struct {
            word text;
            word text_len;
        };
    };
} settled;

static inline bool bytes_equal(const uint8_t *bytes, word len, const char *text)
{
    word at = 0;
    while (at < len && text[at] != '\0' && bytes[at] == (uint8_t)text[at])
        at++;
    return at == len && text[at] == '\0';
}

#endif
