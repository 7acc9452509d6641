// SPDX-License-Identifier: MIT OR Apache-2.0
/// Patterns over names: `*` is any run of characters, also none; every other character is itself.
#ifndef CAPABILITY_PATTERN_H
#define CAPABILITY_PATTERN_H

#include "airssys/status.h"

/// Whether `name` matches. Takes at most pattern length times name length steps. Any thread.
bool capability_pattern_matches(const char *pattern, const char *name);

/// The same for a name that may have any bytes in it.
bool capability_pattern_matches_bytes(airs_bytes pattern, airs_bytes name);

/// Whether each name that `wanted` matches is matched by `granted` too.
bool capability_pattern_covers(airs_bytes granted, airs_bytes wanted);

#endif
