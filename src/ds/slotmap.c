// SPDX-License-Identifier: MIT OR Apache-2.0
/// The slot map. Chunk k holds the DS_SLOTMAP_FIRST << k slots from index DS_SLOTMAP_FIRST * (2^k - 1) on.
///
/// Invariants
///   1. A chunk is published once and never changes place. A slot that was never used has generation 0, which
///      no handle has.
///   2. The generation of a slot in use is that of its handle; of a free one, that of the next handle. It only goes up,
///      and where it comes to GENERATION_END it stays there: no handle has that one.
///   3. Only the holder of the lock writes; readers look at the generation before and after the value.
///
/// Pairs
///   a. chunk store (insert), release, with chunk load (find), acquire: the slots are initialised.
///   b. value store (publish), release, with value load (find), acquire: the object is; and the generation is at least
///      the one of the object, so that the second look at it turns away a reader with an older handle.
///   c. generation store (remove), release, with generation load (find), acquire: a reader with the newer handle does
///      not see the older value.
#include "ds/slotmap.h"

#include "base/alloc.h"
#include "base/assert.h"

// `next_free` of the last free slot, and of slots in use.
#define NO_SLOT UINT32_MAX
#define IN_USE (UINT32_MAX - 1)

#define INDEX_BITS 24u
#define GENERATION_BITS 24u
#define GENERATION_END (1u << GENERATION_BITS)
#define OWNER_SHIFT (INDEX_BITS + GENERATION_BITS)

_Static_assert(DS_SLOTMAP_MAX < 1u << INDEX_BITS, "a handle has room for each index");

static ds_handle handle_make(const ds_slotmap *map, uint32_t generation, uint32_t index)
{
    return map->owner | (uint64_t)generation << INDEX_BITS | index;
}

// Of another owner's handle it is above all that a slot can have.
static uint64_t handle_generation(const ds_slotmap *map, ds_handle handle)
{
    return (handle ^ map->owner) >> INDEX_BITS;
}

static uint32_t handle_index(ds_handle handle)
{
    return (uint32_t)handle & ((1u << INDEX_BITS) - 1);
}

static uint32_t chunk_of(uint32_t index)
{
    return 31u - (uint32_t)__builtin_clz(index / DS_SLOTMAP_FIRST + 1);
}

static uint32_t chunk_first(uint32_t chunk)
{
    return DS_SLOTMAP_FIRST * ((1u << chunk) - 1);
}

// The slot of an index; NULL when it has none.
static ds_slot *slot_of(const ds_slotmap *map, uint32_t index)
{
    uint32_t chunk = chunk_of(index);
    if (chunk >= DS_SLOTMAP_CHUNKS)
        return NULL;
    ds_slot *slots = base_atomic_load_acquire(&map->chunks[chunk]);
    return slots == NULL ? NULL : &slots[index - chunk_first(chunk)];
}

void ds_slotmap_init(ds_slotmap *map, uint32_t limit, const airs_allocator *allocator)
{
    for (uint32_t i = 0; i < DS_SLOTMAP_CHUNKS; i++)
        base_atomic_init(&map->chunks[i], NULL);
    base_atomic_init(&map->len, 0u);
    base_atomic_init(&map->used, 0u);
    map->owner = 0;
    map->limit = limit < DS_SLOTMAP_MAX ? limit : DS_SLOTMAP_MAX;
    map->free_head = NO_SLOT;
    os_mutex_init(&map->lock);
    map->allocator = allocator;
}

void ds_slotmap_set_owner(ds_slotmap *map, uint16_t owner)
{
    AIRS_ASSERT(base_atomic_load_relaxed(&map->used) == 0);
    map->owner = (uint64_t)owner << OWNER_SHIFT;
}

void ds_slotmap_fini(ds_slotmap *map)
{
    // They were made one after the other.
    for (uint32_t i = 0; i < DS_SLOTMAP_CHUNKS && base_atomic_load_relaxed(&map->chunks[i]) != NULL; i++) {
        base_free_aligned(map->allocator, base_atomic_load_relaxed(&map->chunks[i]));
        base_atomic_store_relaxed(&map->chunks[i], NULL);
    }
}

// A slot that was never used. Under the lock.
static airs_status slot_fresh(ds_slotmap *map, uint32_t *ret_index)
{
    uint32_t index = base_atomic_load_relaxed(&map->used);
    if (index >= DS_SLOTMAP_MAX)
        return AIRS_E_LIMIT;
    uint32_t chunk = chunk_of(index);
    if (base_atomic_load_relaxed(&map->chunks[chunk]) == NULL) {
        ds_slot *slots =
            base_alloc_aligned(map->allocator, ((size_t)DS_SLOTMAP_FIRST << chunk) * sizeof(*slots), BASE_CACHE_LINE);
        if (slots == NULL)
            return AIRS_E_NOMEM;
        base_atomic_store_release(&map->chunks[chunk], slots);
    }
    base_atomic_store_relaxed(&slot_of(map, index)->generation, 1u);
    base_atomic_store_release(&map->used, index + 1);
    *ret_index = index;
    return AIRS_OK;
}

static airs_status slot_take(ds_slotmap *map, uint32_t *ret_index)
{
    if (base_atomic_load_relaxed(&map->len) >= map->limit)
        return AIRS_E_LIMIT;
    if (map->free_head == NO_SLOT)
        return slot_fresh(map, ret_index);
    *ret_index = map->free_head;
    map->free_head = slot_of(map, map->free_head)->next_free;
    return AIRS_OK;
}

airs_status ds_slotmap_reserve(ds_slotmap *map, ds_handle *ret_handle)
{
    uint32_t index;
    os_mutex_lock(&map->lock);
    airs_status status = slot_take(map, &index);
    if (status == AIRS_OK) {
        ds_slot *slot = slot_of(map, index);
        slot->next_free = IN_USE;
        *ret_handle = handle_make(map, base_atomic_load_relaxed(&slot->generation), index);
        base_atomic_store_relaxed(&map->len, base_atomic_load_relaxed(&map->len) + 1);
    }
    os_mutex_unlock(&map->lock);
    return status;
}

void ds_slotmap_publish(ds_slotmap *map, ds_handle handle, void *value)
{
    ds_slot *slot = slot_of(map, handle_index(handle));
    AIRS_ASSERT(value != NULL && slot != NULL);
    AIRS_ASSERT(base_atomic_load_relaxed(&slot->generation) == handle_generation(map, handle));
    base_atomic_store_release(&slot->value, value);
}

airs_status ds_slotmap_insert(ds_slotmap *map, void *value, ds_handle *ret_handle)
{
    ds_handle handle;
    airs_status status = ds_slotmap_reserve(map, &handle);
    if (status != AIRS_OK)
        return status;
    ds_slotmap_publish(map, handle, value);
    *ret_handle = handle;
    return AIRS_OK;
}

// Under the lock.
static bool slot_give_back(ds_slotmap *map, ds_handle handle)
{
    uint32_t index = handle_index(handle);
    uint64_t wanted = handle_generation(map, handle);
    ds_slot *slot = slot_of(map, index);
    uint32_t generation = slot == NULL ? 0 : base_atomic_load_relaxed(&slot->generation);
    if (generation == 0 || generation != wanted || slot->next_free != IN_USE)
        return false;

    base_atomic_store_relaxed(&slot->value, NULL);
    // At the end of its generations no handle finds this slot again.
    base_atomic_store_release(&slot->generation, ++generation);
    if (generation == GENERATION_END) {
        slot->next_free = NO_SLOT;
    } else {
        slot->next_free = map->free_head;
        map->free_head = index;
    }
    base_atomic_store_relaxed(&map->len, base_atomic_load_relaxed(&map->len) - 1);
    return true;
}

bool ds_slotmap_remove(ds_slotmap *map, ds_handle handle)
{
    os_mutex_lock(&map->lock);
    bool removed = slot_give_back(map, handle);
    os_mutex_unlock(&map->lock);
    return removed;
}

void *ds_slotmap_find(const ds_slotmap *map, ds_handle handle)
{
    uint64_t generation = handle_generation(map, handle);
    ds_slot *slot = slot_of(map, handle_index(handle));
    if (slot == NULL || generation == 0 || base_atomic_load_acquire(&slot->generation) != generation)
        return NULL;
    void *value = base_atomic_load_acquire(&slot->value);
    return base_atomic_load_relaxed(&slot->generation) == generation ? value : NULL;
}

void *ds_slotmap_next(const ds_slotmap *map, uint32_t *cursor, ds_handle *ret_handle)
{
    uint32_t used = base_atomic_load_acquire(&map->used);
    while (*cursor < used) {
        uint32_t index = (*cursor)++;
        ds_handle handle = handle_make(map, base_atomic_load_acquire(&slot_of(map, index)->generation), index);
        void *value = ds_slotmap_find(map, handle);
        if (value != NULL) {
            *ret_handle = handle;
            return value;
        }
    }
    return NULL;
}

uint32_t ds_slotmap_len(const ds_slotmap *map)
{
    return base_atomic_load_relaxed(&map->len);
}
