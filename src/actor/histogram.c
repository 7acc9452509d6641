// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/histogram.h"

#define SUB (1u << HISTOGRAM_SUB_BITS)

uint32_t histogram_bucket(uint64_t ns)
{
    if (ns < SUB)
        return (uint32_t)ns;
    uint32_t exponent = 63u - (uint32_t)__builtin_clzll(ns);
    uint32_t sub = (uint32_t)(ns >> (exponent - HISTOGRAM_SUB_BITS)) & (SUB - 1u);
    uint32_t bucket = ((exponent - HISTOGRAM_SUB_BITS + 1u) << HISTOGRAM_SUB_BITS) + sub;
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1u;
}

uint64_t histogram_value_ns(uint32_t bucket)
{
    if (bucket < SUB)
        return bucket;
    uint32_t shift = (bucket >> HISTOGRAM_SUB_BITS) - 1u;
    uint64_t low = (uint64_t)(SUB + (bucket & (SUB - 1u))) << shift;
    return low + ((1ull << shift) >> 1);
}

void histogram_add(histogram *self, uint64_t ns, bool shared)
{
    BASE_ATOMIC(uint64_t) *count = &self->counts[histogram_bucket(ns)];
    if (shared) {
        (void)base_atomic_fetch_add_relaxed(count, 1u);
        (void)base_atomic_fetch_add_relaxed(&self->sum_ns, ns);
    } else {
        base_atomic_store_relaxed(count, base_atomic_load_relaxed(count) + 1u);
        base_atomic_store_relaxed(&self->sum_ns, base_atomic_load_relaxed(&self->sum_ns) + ns);
    }
}

static uint64_t count_in(const histogram *const *histograms, uint32_t count, uint32_t bucket)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += base_atomic_load_relaxed(&histograms[i]->counts[bucket]);
    return sum;
}

uint64_t histogram_quantile_ns(const histogram *const *histograms, uint32_t count, double share)
{
    uint64_t total = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
        total += count_in(histograms, count, bucket);
    if (total == 0)
        return 0;
    uint64_t wanted = (uint64_t)((double)total * share);
    uint64_t seen = 0;
    uint32_t last = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        uint64_t here = count_in(histograms, count, bucket);
        if (here == 0)
            continue;
        last = bucket;
        seen += here;
        if (seen > wanted)
            break;
    }
    return histogram_value_ns(last);
}

uint64_t histogram_add_up(const histogram *const *histograms, uint32_t count, uint64_t ret_counts[HISTOGRAM_BUCKETS])
{
    uint64_t sum_ns = 0;
    for (uint32_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++)
        ret_counts[bucket] = count_in(histograms, count, bucket);
    for (uint32_t i = 0; i < count; i++)
        sum_ns += base_atomic_load_relaxed(&histograms[i]->sum_ns);
    return sum_ns;
}
