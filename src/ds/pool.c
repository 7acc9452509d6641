// SPDX-License-Identifier: MIT OR Apache-2.0
/// The pool: after Bonwick's magazines. A cache is touched by one thread at a time; everything else is under the lock.
#include "ds/pool.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/poison.h"
#include "base/prefetch.h"

struct ds_pool_magazine {
    ds_pool_magazine *next;
    uint64_t count;
    void *rounds[DS_POOL_ROUNDS];
};

// The objects follow.
struct ds_pool_slab {
    ds_pool_slab *next;
    size_t bytes;
    char pad[BASE_CACHE_LINE - sizeof(void *) - sizeof(size_t)];
};

// What a slab is made of, where objects are small enough.
#define SLAB_BYTES ((size_t)64 * 1024)
// At least so many objects a slab.
#define SLAB_OBJECTS_MIN 8

airs_status ds_pool_init(ds_pool *pool, uint32_t object_size, uint32_t caches, uint64_t limit,
                         const airs_allocator *allocator)
{
    AIRS_ASSERT(object_size >= sizeof(void *));
    uint32_t align = object_size >= BASE_CACHE_LINE ? BASE_CACHE_LINE : 16;
    memset(pool, 0, sizeof(*pool));
    pool->object_size = (object_size + align - 1) / align * align;
    pool->caches_count = caches;
    pool->limit = limit == 0 ? UINT64_MAX : limit;
    pool->allocator = allocator;
    if (caches == 0)
        return AIRS_OK;
    pool->caches = base_alloc_aligned(allocator, caches * sizeof(ds_pool_cache), BASE_CACHE_LINE);
    return pool->caches == NULL ? AIRS_E_NOMEM : AIRS_OK;
}

static void magazines_free(ds_pool *pool, ds_pool_magazine *magazine)
{
    while (magazine != NULL) {
        ds_pool_magazine *next = magazine->next;
        base_free(pool->allocator, magazine);
        magazine = next;
    }
}

void ds_pool_fini(ds_pool *pool)
{
    if (pool->allocator == NULL)
        return;
    for (uint32_t i = 0; i < pool->caches_count && pool->caches != NULL; i++) {
        magazines_free(pool, pool->caches[i].loaded);
        magazines_free(pool, pool->caches[i].previous);
    }
    magazines_free(pool, pool->full);
    magazines_free(pool, pool->empty);
    magazines_free(pool, pool->shared);
    while (pool->slabs != NULL) {
        ds_pool_slab *next = pool->slabs->next;
        base_unpoison(pool->slabs, pool->slabs->bytes);
        base_free_aligned(pool->allocator, pool->slabs);
        pool->slabs = next;
    }
    base_free_aligned(pool->allocator, pool->caches);
    memset(pool, 0, sizeof(*pool));
}

static void magazine_push(ds_pool_magazine **list, ds_pool_magazine *magazine)
{
    magazine->next = *list;
    *list = magazine;
}

static ds_pool_magazine *magazine_pop(ds_pool_magazine **list)
{
    ds_pool_magazine *magazine = *list;
    if (magazine != NULL) {
        *list = magazine->next;
        magazine->next = NULL;
    }
    return magazine;
}

static bool magazine_has(const ds_pool_magazine *magazine)
{
    return magazine != NULL && magazine->count > 0;
}

static bool magazine_takes(const ds_pool_magazine *magazine)
{
    return magazine != NULL && magazine->count < DS_POOL_ROUNDS;
}

// An empty magazine, or NULL when there is no memory. Under the lock.
static ds_pool_magazine *depot_empty(ds_pool *pool)
{
    ds_pool_magazine *magazine = magazine_pop(&pool->empty);
    return magazine != NULL ? magazine : base_alloc_zeroed(pool->allocator, sizeof(ds_pool_magazine));
}

// Under the lock.
static void slab_add(ds_pool *pool)
{
    size_t bytes = SLAB_BYTES;
    size_t least = sizeof(ds_pool_slab) + (size_t)SLAB_OBJECTS_MIN * pool->object_size;
    if (bytes < least)
        bytes = least;
    ds_pool_slab *slab = base_alloc_aligned(pool->allocator, bytes, BASE_CACHE_LINE);
    if (slab == NULL)
        return;
    slab->bytes = bytes;
    slab->next = pool->slabs;
    pool->slabs = slab;
    pool->fresh = (char *)(slab + 1);
    pool->fresh_count = (uint32_t)((bytes - sizeof(*slab)) / pool->object_size);
    base_poison(pool->fresh, bytes - sizeof(*slab));
}

// An object that was in no magazine, or NULL. Under the lock.
static void *depot_object(ds_pool *pool)
{
    if (pool->loose != NULL) {
        void *object = pool->loose;
        memcpy(&pool->loose, object, sizeof(void *));
        return object;
    }
    uint64_t made = base_atomic_load_relaxed(&pool->made);
    if (made >= pool->limit)
        return NULL;
    if (pool->fresh_count == 0)
        slab_add(pool);
    if (pool->fresh_count == 0)
        return NULL;
    void *object = pool->fresh;
    pool->fresh += pool->object_size;
    pool->fresh_count--;
    base_atomic_store_relaxed(&pool->made, made + 1);
    return object;
}

// A magazine with objects in it, full if there is such a one; NULL when there is no object. Under the lock.
static ds_pool_magazine *depot_trade_for_full(ds_pool *pool, ds_pool_magazine *empty)
{
    ds_pool_magazine *full = magazine_pop(&pool->full);
    if (full != NULL) {
        if (empty != NULL)
            magazine_push(&pool->empty, empty);
        return full;
    }
    return empty != NULL ? empty : depot_empty(pool);
}

// One object, after filling `*magazine` from the depot. Under the lock.
static void *depot_refill(ds_pool *pool, ds_pool_magazine **magazine)
{
    *magazine = depot_trade_for_full(pool, *magazine);
    if (*magazine == NULL)
        return depot_object(pool);
    // Objects that are new are taken a few at a time, so that an idle cache does not keep many of them.
    while ((*magazine)->count < DS_POOL_ROUNDS / 4) {
        void *object = depot_object(pool);
        if (object == NULL)
            break;
        (*magazine)->rounds[(*magazine)->count++] = object;
    }
    return magazine_has(*magazine) ? (*magazine)->rounds[--(*magazine)->count] : NULL;
}

// Puts an object into `*magazine`, trading it for an empty one where it is full. Under the lock.
static void depot_accept(ds_pool *pool, ds_pool_magazine **magazine, void *object)
{
    if (!magazine_takes(*magazine)) {
        if (*magazine != NULL)
            magazine_push(&pool->full, *magazine);
        *magazine = depot_empty(pool);
    }
    if (*magazine != NULL) {
        (*magazine)->rounds[(*magazine)->count++] = object;
        return;
    }
    // No memory for a magazine: the object itself is the link.
    base_unpoison(object, sizeof(void *));
    memcpy(object, &pool->loose, sizeof(void *));
    pool->loose = object;
}

static void cache_swap(ds_pool_cache *cache)
{
    ds_pool_magazine *loaded = cache->loaded;
    cache->loaded = cache->previous;
    cache->previous = loaded;
}

// The object that is given next is written to soon, and it may have been another core that gave it back: an atomic
// operation would have to wait until all of it has come from there.
static void expect_write(const char *object)
{
    base_prefetch_to_write(object);
    base_prefetch_to_write(object + BASE_CACHE_LINE);
}

static void *cache_alloc(ds_pool *pool, ds_pool_cache *cache)
{
    if (!magazine_has(cache->loaded)) {
        if (!magazine_has(cache->previous)) {
            os_mutex_lock(&pool->lock);
            void *object = depot_refill(pool, &cache->loaded);
            os_mutex_unlock(&pool->lock);
            return object;
        }
        cache_swap(cache);
    }
    ds_pool_magazine *loaded = cache->loaded;
    void *object = loaded->rounds[--loaded->count];
    if (loaded->count > 0)
        expect_write(loaded->rounds[loaded->count - 1]);
    return object;
}

void *ds_pool_alloc(ds_pool *pool, uint32_t cache)
{
    void *object;
    if (cache == DS_POOL_NO_CACHE) {
        os_mutex_lock(&pool->lock);
        object = magazine_has(pool->shared) ? pool->shared->rounds[--pool->shared->count]
                                            : depot_refill(pool, &pool->shared);
        os_mutex_unlock(&pool->lock);
    } else {
        AIRS_DCHECK(cache < pool->caches_count);
        object = cache_alloc(pool, &pool->caches[cache]);
    }
    if (object != NULL)
        base_unpoison(object, pool->object_size);
    return object;
}

static void cache_free(ds_pool *pool, ds_pool_cache *cache, void *object)
{
    if (!magazine_takes(cache->loaded)) {
        if (!magazine_takes(cache->previous)) {
            os_mutex_lock(&pool->lock);
            depot_accept(pool, &cache->previous, object);
            os_mutex_unlock(&pool->lock);
            cache_swap(cache);
            return;
        }
        cache_swap(cache);
    }
    cache->loaded->rounds[cache->loaded->count++] = object;
}

void ds_pool_free(ds_pool *pool, uint32_t cache, void *object)
{
    base_poison(object, pool->object_size);
    if (cache == DS_POOL_NO_CACHE) {
        os_mutex_lock(&pool->lock);
        depot_accept(pool, &pool->shared, object);
        os_mutex_unlock(&pool->lock);
        return;
    }
    AIRS_DCHECK(cache < pool->caches_count);
    cache_free(pool, &pool->caches[cache], object);
}

uint64_t ds_pool_made(const ds_pool *pool)
{
    return base_atomic_load_relaxed(&pool->made);
}

static uint64_t magazines_count(const ds_pool_magazine *magazine)
{
    uint64_t count = 0;
    for (; magazine != NULL; magazine = magazine->next)
        count += magazine->count;
    return count;
}

uint64_t ds_pool_out(const ds_pool *pool)
{
    uint64_t free = magazines_count(pool->full) + magazines_count(pool->shared);
    for (uint32_t i = 0; i < pool->caches_count; i++)
        free += magazines_count(pool->caches[i].loaded) + magazines_count(pool->caches[i].previous);
    for (void *loose = pool->loose; loose != NULL; memcpy(&loose, loose, sizeof loose))
        free++;
    return ds_pool_made(pool) - free;
}
