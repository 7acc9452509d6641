// SPDX-License-Identifier: MIT OR Apache-2.0
/// Topics, and patterns over them: `*` is one level, `>` at the end one or more.
///
/// A topic is 1 to CAPABILITY_TOPIC_LEVELS_MAX levels with dots between, CAPABILITY_TOPIC_MAX bytes in all, of UTF-8,
/// without spaces and control characters.
#ifndef CAPABILITY_TOPIC_PATTERN_H
#define CAPABILITY_TOPIC_PATTERN_H

#include "airssys/status.h"

#define CAPABILITY_TOPIC_MAX 256u
#define CAPABILITY_TOPIC_LEVELS_MAX 16u

/// Whether it is a topic, or with `pattern` a topic or a pattern. E_INVALID: `error` says what is wrong, and where.
airs_status capability_topic_check(airs_bytes text, bool pattern, airs_error *error);

/// Whether each topic that `wanted` matches, a topic or a pattern, is matched by `granted` too.
/// Both are well-formed. Any thread.
bool capability_topic_covers(const char *granted, airs_bytes wanted);

#endif
