// SPDX-License-Identifier: MIT OR Apache-2.0
/// A small seeded generator (splitmix64) for choices that need no secrecy: jitter, victims, simulations.
/// The same seed gives the same numbers on every machine. One thread at a time.
#ifndef AIRS_BASE_RANDOM_H
#define AIRS_BASE_RANDOM_H

#include <stdint.h>

typedef struct base_random {
    uint64_t state;
} base_random;

static inline uint64_t base_random_next(base_random *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/// A number below `bound`, which is not 0. The bias is below 2^-32.
static inline uint32_t base_random_below(base_random *random, uint32_t bound)
{
    return (uint32_t)(((base_random_next(random) >> 32) * bound) >> 32);
}

#endif
