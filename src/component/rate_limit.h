// SPDX-License-Identifier: MIT OR Apache-2.0
/// How many messages a component may send in a second, or how often it may be refused: a bucket that holds as many as
/// that, and fills up again evenly. The owner takes; any thread may look.
#ifndef COMPONENT_RATE_LIMIT_H
#define COMPONENT_RATE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomics.h"

/// `per_second` of one without a limit.
#define RATE_NO_LIMIT UINT32_MAX

/// All zero but `per_second` is a full bucket.
typedef struct rate_limit {
    BASE_ATOMIC(uint32_t) per_second;
    /// When the bucket is full again: what is missing of it is how far that lies ahead.
    BASE_ATOMIC(uint64_t) full_ns;
} rate_limit;

/// Takes one message out of the bucket at `now_ns`; false when it is empty. With RATE_NO_LIMIT the time is of no use.
bool rate_limit_take(rate_limit *limit, uint64_t now_ns);

/// Messages that are missing from the bucket: what counts against the limit right now.
uint32_t rate_limit_used(const rate_limit *limit, uint64_t now_ns);

#endif
