// SPDX-License-Identifier: MIT OR Apache-2.0
/// Durations counted in buckets that grow with them: 8 to each power of two, so a quantile read from
/// it is at most 12.5 % off. One writer for each histogram; any thread may read.
#ifndef ACTOR_HISTOGRAM_H
#define ACTOR_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomics.h"

#define HISTOGRAM_SUB_BITS 3u
/// Up to 2^40 ns, 18 minutes; what is longer counts in the last one.
#define HISTOGRAM_BUCKETS ((40u - HISTOGRAM_SUB_BITS + 1u) << HISTOGRAM_SUB_BITS)

typedef struct histogram {
    BASE_ATOMIC(uint64_t) counts[HISTOGRAM_BUCKETS];
} histogram;

/// The bucket of a duration.
uint32_t histogram_bucket(uint64_t ns);

/// The middle of a bucket.
uint64_t histogram_value_ns(uint32_t bucket);

/// Thread: the histogram's own, or any when `shared`.
void histogram_add(histogram *self, uint64_t ns, bool shared);

/// The value below which `share` (0 to 1) of all that was added to any of the `count` histograms lies;
/// 0 when there was nothing.
uint64_t histogram_quantile_ns(const histogram *const *histograms, uint32_t count, double share);

#endif
