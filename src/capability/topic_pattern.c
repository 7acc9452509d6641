// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/topic_pattern.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

static airs_bytes first_level(airs_bytes text)
{
    const uint8_t *dot = text.len == 0 ? NULL : memchr(text.data, '.', text.len);
    return dot == NULL ? text : (airs_bytes){text.data, (size_t)(dot - text.data)};
}

/// What is behind the first level; its data is NULL at the end.
static airs_bytes behind(airs_bytes text, airs_bytes level)
{
    return level.len == text.len ? (airs_bytes){0} : (airs_bytes){text.data + level.len + 1, text.len - level.len - 1};
}

static bool is(airs_bytes level, char c)
{
    return level.len == 1 && level.data[0] == (uint8_t)c;
}

// ---------------------------------------------------------------- is it one?

static airs_status check_level(airs_bytes level, size_t at, bool last, bool pattern, airs_error *error)
{
    if (level.len == 0)
        return base_error_set(error, AIRS_E_INVALID, "character %zu: an empty level", at);
    bool star = is(level, '*');
    bool rest = is(level, '>');
    if ((star || rest) && !pattern)
        return base_error_set(error, AIRS_E_INVALID, "character %zu: `%c` is for patterns only", at, level.data[0]);
    if (rest && !last)
        return base_error_set(error, AIRS_E_INVALID, "character %zu: `>` is only allowed at the end", at);
    for (size_t i = 0; i < level.len && !star && !rest; i++) {
        uint8_t c = level.data[i];
        if (c <= ' ' || c == 0x7f || c == '*' || c == '>')
            return base_error_set(error, AIRS_E_INVALID, "character %zu: not allowed in a level", at + i);
    }
    return AIRS_OK;
}

airs_status capability_topic_check(airs_bytes text, bool pattern, airs_error *error)
{
    if (text.len == 0 || text.len > CAPABILITY_TOPIC_MAX)
        return base_error_set(error, AIRS_E_INVALID, "%zu bytes, allowed are 1 to %u", text.len, CAPABILITY_TOPIC_MAX);
    if (!base_utf8_valid(text))
        return base_error_set(error, AIRS_E_INVALID, "it is not UTF-8");
    unsigned levels = 0;
    for (airs_bytes rest = text; rest.data != NULL;) {
        airs_bytes level = first_level(rest);
        size_t at = (size_t)(rest.data - text.data) + 1;
        rest = behind(rest, level);
        if (++levels > CAPABILITY_TOPIC_LEVELS_MAX)
            return base_error_set(error, AIRS_E_INVALID, "more than %u levels", CAPABILITY_TOPIC_LEVELS_MAX);
        airs_status status = check_level(level, at, rest.data == NULL, pattern, error);
        if (status != AIRS_OK)
            return status;
    }
    return AIRS_OK;
}

// ---------------------------------------------------------------- does one cover another?

bool capability_topic_covers(const char *granted, airs_bytes wanted)
{
    airs_bytes left = {(const uint8_t *)granted, strlen(granted)};
    airs_bytes right = wanted;
    while (left.data != NULL && right.data != NULL) {
        airs_bytes grant = first_level(left);
        airs_bytes level = first_level(right);
        if (is(grant, '>'))
            return true;
        // One level can't cover many, and a name covers only itself.
        bool same = grant.len == level.len && memcmp(grant.data, level.data, grant.len) == 0;
        if (is(level, '>') || !(same || is(grant, '*')))
            return false;
        left = behind(left, grant);
        right = behind(right, level);
    }
    return left.data == NULL && right.data == NULL;
}
