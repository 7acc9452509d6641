// SPDX-License-Identifier: MIT OR Apache-2.0
/// Objects of one size, recycled between threads without a lock in the steady state.
///
/// Each cache (one a worker) holds two magazines, arrays of free objects; a thread that takes where another
/// gives back trades full for empty magazines at the depot, one lock for each `DS_POOL_ROUNDS` objects.
/// Threads without a cache use the depot itself. Memory goes back to the allocator at the end only.
#ifndef AIRS_DS_POOL_H
#define AIRS_DS_POOL_H

#include <stdint.h>

#include "airssys/status.h"
#include "base/atomics.h"
#include "os/mutex.h"

/// Objects in a magazine.
#define DS_POOL_ROUNDS 62
/// For threads that have no cache.
#define DS_POOL_NO_CACHE UINT32_MAX

typedef struct ds_pool_magazine ds_pool_magazine;
typedef struct ds_pool_slab ds_pool_slab;

/// What one thread at a time uses without a lock.
typedef struct ds_pool_cache {
    ds_pool_magazine *loaded;
    ds_pool_magazine *previous;
    char pad[BASE_CACHE_LINE - 2 * sizeof(void *)];
} ds_pool_cache;

typedef struct ds_pool {
    ds_pool_cache *caches;
    uint32_t caches_count;
    uint32_t object_size;
    /// Objects at most; 0: as many as there is memory.
    uint64_t limit;
    const airs_allocator *allocator;
    char pad[BASE_CACHE_LINE];

    // The depot, under `lock`.
    os_mutex lock;
    ds_pool_magazine *full;
    ds_pool_magazine *empty;
    /// The one that threads without a cache use.
    ds_pool_magazine *shared;
    /// Free objects for which there was no magazine, linked through themselves.
    void *loose;
    ds_pool_slab *slabs;
    /// The part of the newest slab that was never given out.
    char *fresh;
    uint32_t fresh_count;
    /// Objects made so far.
    BASE_ATOMIC(uint64_t) made;
} ds_pool;

/// A pool of objects of `object_size` bytes (at least a pointer's), each aligned to 64 bytes when it is that
/// large, else to 16, with `caches` caches. Errors: E_NOMEM. Ended with `ds_pool_fini`.
AIRS_NODISCARD airs_status ds_pool_init(ds_pool *pool, uint32_t object_size, uint32_t caches, uint64_t limit,
                                        const airs_allocator *allocator);

/// Frees all memory, also of objects that were not given back. No other call may be under way. A pool that is all
/// zero is allowed.
void ds_pool_fini(ds_pool *pool);

/// An object with whatever is in it; NULL when there is no memory, or `limit` objects were made and none is free
/// in this cache or the depot (up to two magazines each may lie in the caches of others).
/// Thread: one at a time for each `cache`; any with DS_POOL_NO_CACHE.
void *ds_pool_alloc(ds_pool *pool, uint32_t cache);

/// Gives an object back, from any thread, whoever took it. Never fails.
void ds_pool_free(ds_pool *pool, uint32_t cache, void *object);

/// Objects made so far: those that are out and those that are free. Thread: any.
uint64_t ds_pool_made(const ds_pool *pool);

/// Objects that are out: for tests, to find what was not given back. Visits all free ones; no other call may be under
/// way.
uint64_t ds_pool_out(const ds_pool *pool);

#endif
