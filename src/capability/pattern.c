// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/pattern.h"

#include "base/bytes.h"

bool capability_pattern_matches_bytes(airs_bytes pattern, airs_bytes name)
{
    size_t p = 0;
    size_t n = 0;
    // Where to go on when the characters differ: one more for the last star.
    bool starred = false;
    size_t after_star = 0;
    size_t retry = 0;
    while (n < name.len) {
        if (p < pattern.len && pattern.data[p] == '*') {
            starred = true;
            after_star = ++p;
            retry = n;
        } else if (p < pattern.len && pattern.data[p] == name.data[n]) {
            p++;
            n++;
        } else if (starred) {
            p = after_star;
            n = ++retry;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.data[p] == '*')
        p++;
    return p == pattern.len;
}

bool capability_pattern_matches(const char *pattern, const char *name)
{
    return capability_pattern_matches_bytes(base_bytes_of(pattern), base_bytes_of(name));
}

bool capability_pattern_covers(airs_bytes granted, airs_bytes wanted)
{
    // A star of `wanted` is a character that only a star of `granted` takes, and stars take all.
    return capability_pattern_matches_bytes(granted, wanted);
}
