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
    /// All of them together.
    BASE_ATOMIC(uint64_t) sum_ns;
} histogram;

/// The bucket of a duration.
uint32_t histogram_bucket(uint64_t ns);

/// The middle of a bucket.
uint64_t histogram_value_ns(uint32_t bucket);

/// The first bucket of durations of 2^`exponent` ns and more, for 3 to 40: those of all before it are shorter.
static inline uint32_t histogram_bucket_of_power(uint32_t exponent)
{
    return (exponent - HISTOGRAM_SUB_BITS + 1u) << HISTOGRAM_SUB_BITS;
}

/// Thread: the histogram's own, or any when `shared`.
void histogram_add(histogram *self, uint64_t ns, bool shared);

/// The value below which `share` (0 to 1) of all that was added to any of the `count` histograms lies;
/// 0 when there was nothing.
uint64_t histogram_quantile_ns(const histogram *const *histograms, uint32_t count, double share);

/// Adds the counts of `count` histograms up, bucket by bucket. Returns the sum of what was added to them: read beside
/// the counts, it may be of a few more.
uint64_t histogram_add_up(const histogram *const *histograms, uint32_t count, uint64_t ret_counts[HISTOGRAM_BUCKETS]);

#endif
