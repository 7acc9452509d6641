// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the fuzz targets share. A target is a function of libFuzzer's name; replay.c calls it for files too.
#ifndef TESTS_CAPABILITY_FUZZ_H
#define TESTS_CAPABILITY_FUZZ_H

#include <stdint.h>
#include <string.h>

#include "airssys/status.h"
#include "base/assert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// The bytes up to the first newline, taken off the front of `rest`; a NUL-terminated copy goes to `text`, cut to what
/// fits. So one input is several texts.
static inline airs_bytes fuzz_take_line(airs_bytes *rest, char *text, size_t text_size)
{
    const uint8_t *newline = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    airs_bytes line = {rest->data, newline == NULL ? rest->len : (size_t)(newline - rest->data)};
    *rest = newline == NULL ? (airs_bytes){0} : (airs_bytes){newline + 1, rest->len - line.len - 1};
    size_t len = line.len < text_size - 1 ? line.len : text_size - 1;
    if (len > 0)
        memcpy(text, line.data, len);
    text[len] = '\0';
    return line;
}

#endif
