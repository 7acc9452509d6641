// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/name.h"

static bool is_of_name(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':' || c == '/';
}

size_t base_name_span(airs_bytes text, bool pattern)
{
    size_t len = 0;
    while (len < text.len && (is_of_name(text.data[len]) || (pattern && text.data[len] == '*')))
        len++;
    return len;
}

bool base_name_valid(airs_bytes text, bool pattern)
{
    return text.len > 0 && text.len <= BASE_NAME_MAX && base_name_span(text, pattern) == text.len;
}
