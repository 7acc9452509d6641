// SPDX-License-Identifier: MIT OR Apache-2.0
/// A keyed hash for tables (SipHash-1-3): who does not know the key can't choose colliding names.
/// Not for signatures.
#ifndef AIRS_BASE_HASH_H
#define AIRS_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct base_hash_key {
    uint64_t k0;
    uint64_t k1;
} base_hash_key;

/// A key from the kernel's random numbers; before they are ready, from the clocks.
base_hash_key base_hash_key_random(void);

uint64_t base_hash(base_hash_key key, const void *data, size_t len);

#endif
