// SPDX-License-Identifier: MIT OR Apache-2.0
/// The name map: in each shard an open-addressed table of slots of one cache line each, with the name inside.
///
/// Invariants
///   1. A slot is filled once: its name and value are written before its tag, and its name and tag never again. It is
///      not used for another name after that one was removed: its value is 0 then, for good. So a reader may
///      compare a name that it finds, and stop at the first slot without a tag.
///   2. A table always has a slot without a tag: it is replaced when 5 of 8 are filled.
///   3. A table that a reader holds, and a long name in it, is not freed before that reader has gone on: both are
///      retired after they can't be found newly.
///   4. Only the holder of a shard's lock writes its table. A reader that still holds a table which was replaced sees
///      it as it was then, or a little later: as if it had looked a moment earlier.
///
/// Pairs
///   a. table store (replace), release, with table load (find), acquire: the slots of the new table are filled.
///   b. tag store (fill), release, with tag load (find), acquire: the name and the value are written.
///   c. value store (rebind), release, with value load (find), acquire: so is what the value stands for.
#include "ds/namemap.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "ds/list.h"

// Names up to this length are kept in their slot.
#define INLINE_MAX 44u

// A name that is longer.
typedef struct namemap_long {
    base_retired retired;
    const airs_allocator *allocator;
    uint8_t bytes[];
} namemap_long;

typedef struct namemap_slot {
    // The hash of the name, made odd; 0: never filled.
    BASE_ATOMIC(uint64_t) tag;
    // 0: removed.
    BASE_ATOMIC(uint64_t) value;
    uint32_t len;
    uint8_t name[INLINE_MAX];
} namemap_slot;

_Static_assert(sizeof(namemap_slot) == BASE_CACHE_LINE, "a slot is a cache line");

struct ds_namemap_table {
    base_retired retired;
    const airs_allocator *allocator;
    uint64_t mask;
    // Slots that are filled. Under the lock.
    uint64_t used;
    char pad[BASE_CACHE_LINE - sizeof(base_retired) - sizeof(void *) - 2 * sizeof(uint64_t)];
    namemap_slot slots[];
};

#define CAPACITY_MIN 8u

static ds_namemap_shard *shard_of(const ds_namemap *map, uint64_t hash)
{
    // Low bits choose the slot, so the highest choose the shard.
    return (ds_namemap_shard *)&map->shards[hash >> 60];
}

_Static_assert(DS_NAMEMAP_SHARDS == 1 << 4, "shard_of takes 4 bits");

void ds_namemap_init(ds_namemap *map, base_hash_key key, base_retirer retirer, const airs_allocator *allocator)
{
    memset(map, 0, sizeof(*map));
    map->key = key;
    map->retirer = retirer;
    map->allocator = allocator;
}

// ---------------------------------------------------------------- slots

static uint64_t tag_of(uint64_t hash)
{
    return hash | 1;
}

// Where the probe for a tag begins. Not with its lowest bit, which is always 1.
static uint64_t slot_first(const ds_namemap_table *table, uint64_t tag)
{
    return (tag >> 1) & table->mask;
}

// The long name of a slot.
static namemap_long *slot_long(const namemap_slot *slot)
{
    namemap_long *name;
    memcpy(&name, slot->name, sizeof(name));
    return name;
}

static airs_bytes slot_name(const namemap_slot *slot)
{
    const uint8_t *bytes = slot->len <= INLINE_MAX ? slot->name : slot_long(slot)->bytes;
    return (airs_bytes){bytes, slot->len};
}

static void long_free(base_retired *retired)
{
    namemap_long *name = ds_container_of(retired, namemap_long, retired);
    base_free(name->allocator, name);
}

static void table_free(base_retired *retired)
{
    ds_namemap_table *table = ds_container_of(retired, ds_namemap_table, retired);
    base_free_aligned(table->allocator, table);
}

// The slot that holds `name`, and its value; NULL when it is not bound.
static namemap_slot *table_find(ds_namemap_table *table, uint64_t hash, airs_bytes name, uint64_t *ret_value)
{
    if (table == NULL)
        return NULL;
    for (uint64_t i = slot_first(table, tag_of(hash));; i = (i + 1) & table->mask) {
        namemap_slot *slot = &table->slots[i];
        uint64_t tag = base_atomic_load_acquire(&slot->tag);
        if (tag == 0)
            return NULL;
        if (tag != tag_of(hash))
            continue;
        // A removed name may be bound again further on; and if it was long, its bytes may be gone.
        uint64_t value = base_atomic_load_acquire(&slot->value);
        if (value == 0 || !base_bytes_equal(slot_name(slot), name))
            continue;
        *ret_value = value;
        return slot;
    }
}

// Fills the first slot without a tag on the way. `content` is a name of `len` bytes, or a long name's pointer.
// Under the lock.
static void table_fill(ds_namemap_table *table, uint64_t tag, const uint8_t *content, uint32_t len, uint64_t value)
{
    uint64_t i = slot_first(table, tag);
    while (base_atomic_load_relaxed(&table->slots[i].tag) != 0)
        i = (i + 1) & table->mask;
    namemap_slot *slot = &table->slots[i];
    slot->len = len;
    if (len > 0)
        memcpy(slot->name, content, len <= INLINE_MAX ? len : sizeof(void *));
    base_atomic_store_relaxed(&slot->value, value);
    base_atomic_store_release(&slot->tag, tag);
    table->used++;
}

// ---------------------------------------------------------------- shards

// Replaces the table by one without removed names in which `len` take at most half of the slots. Under the lock.
static airs_status shard_replace(ds_namemap *map, ds_namemap_shard *shard, uint64_t len)
{
    uint64_t capacity = CAPACITY_MIN;
    while (capacity < 2 * len)
        capacity *= 2;
    ds_namemap_table *table =
        base_alloc_aligned(map->allocator, sizeof(ds_namemap_table) + capacity * sizeof(namemap_slot), BASE_CACHE_LINE);
    if (table == NULL)
        return AIRS_E_NOMEM;
    table->allocator = map->allocator;
    table->mask = capacity - 1;

    ds_namemap_table *old = base_atomic_load_relaxed(&shard->table);
    for (uint64_t i = 0; old != NULL && i <= old->mask; i++) {
        namemap_slot *slot = &old->slots[i];
        uint64_t value = base_atomic_load_relaxed(&slot->value);
        if (value != 0)
            table_fill(table, base_atomic_load_relaxed(&slot->tag), slot->name, slot->len, value);
    }
    base_atomic_store_release(&shard->table, table);
    if (old != NULL)
        map->retirer.retire(map->retirer.user, &old->retired, table_free);
    return AIRS_OK;
}

// Under the lock. `content` as for table_fill.
static airs_status shard_insert(ds_namemap *map, ds_namemap_shard *shard, uint64_t hash, airs_bytes name,
                                const uint8_t *content, uint64_t value)
{
    ds_namemap_table *table = base_atomic_load_relaxed(&shard->table);
    uint32_t len = base_atomic_load_relaxed(&shard->len);
    uint64_t bound;
    if (table_find(table, hash, name, &bound) != NULL)
        return AIRS_E_TAKEN;
    if (table == NULL || (table->used + 1) * 8 > (table->mask + 1) * 5) {
        airs_status status = shard_replace(map, shard, (uint64_t)len + 1);
        if (status != AIRS_OK)
            return status;
        table = base_atomic_load_relaxed(&shard->table);
    }
    table_fill(table, tag_of(hash), content, (uint32_t)name.len, value);
    base_atomic_store_relaxed(&shard->len, len + 1);
    return AIRS_OK;
}

// The slot of a name that is bound to `expected`, or NULL. Under the lock.
static namemap_slot *shard_find_bound(ds_namemap_shard *shard, uint64_t hash, airs_bytes name, uint64_t expected)
{
    uint64_t value;
    namemap_slot *slot = table_find(base_atomic_load_relaxed(&shard->table), hash, name, &value);
    return slot != NULL && value == expected ? slot : NULL;
}

// ---------------------------------------------------------------- the map

void ds_namemap_fini(ds_namemap *map)
{
    for (uint32_t i = 0; i < DS_NAMEMAP_SHARDS; i++) {
        ds_namemap_table *table = base_atomic_load_relaxed(&map->shards[i].table);
        for (uint64_t s = 0; table != NULL && s <= table->mask; s++) {
            namemap_slot *slot = &table->slots[s];
            if (base_atomic_load_relaxed(&slot->value) != 0 && slot->len > INLINE_MAX)
                base_free(map->allocator, slot_long(slot));
        }
        base_free_aligned(map->allocator, table);
        base_atomic_store_relaxed(&map->shards[i].table, NULL);
    }
}

airs_status ds_namemap_insert(ds_namemap *map, airs_bytes name, uint64_t value)
{
    AIRS_ASSERT(value != 0 && name.len <= UINT32_MAX);
    namemap_long *copy = NULL;
    const uint8_t *content = name.data;
    if (name.len > INLINE_MAX) {
        copy = base_alloc(map->allocator, sizeof(*copy) + name.len);
        if (copy == NULL)
            return AIRS_E_NOMEM;
        copy->allocator = map->allocator;
        memcpy(copy->bytes, name.data, name.len);
        content = (const uint8_t *)&copy;
    }
    uint64_t hash = base_hash(map->key, name.data, name.len);
    ds_namemap_shard *shard = shard_of(map, hash);
    os_mutex_lock(&shard->lock);
    airs_status status = shard_insert(map, shard, hash, name, content, value);
    os_mutex_unlock(&shard->lock);
    if (status != AIRS_OK)
        base_free(map->allocator, copy);
    return status;
}

airs_status ds_namemap_rebind(ds_namemap *map, airs_bytes name, uint64_t expected, uint64_t value)
{
    AIRS_ASSERT(value != 0);
    uint64_t hash = base_hash(map->key, name.data, name.len);
    ds_namemap_shard *shard = shard_of(map, hash);
    os_mutex_lock(&shard->lock);
    namemap_slot *slot = shard_find_bound(shard, hash, name, expected);
    if (slot != NULL)
        base_atomic_store_release(&slot->value, value);
    os_mutex_unlock(&shard->lock);
    return slot != NULL ? AIRS_OK : AIRS_E_NOT_FOUND;
}

bool ds_namemap_remove(ds_namemap *map, airs_bytes name, uint64_t expected)
{
    uint64_t hash = base_hash(map->key, name.data, name.len);
    ds_namemap_shard *shard = shard_of(map, hash);
    namemap_long *copy = NULL;
    os_mutex_lock(&shard->lock);
    namemap_slot *slot = shard_find_bound(shard, hash, name, expected);
    if (slot != NULL) {
        copy = slot->len > INLINE_MAX ? slot_long(slot) : NULL;
        base_atomic_store_relaxed(&slot->value, 0u);
        base_atomic_store_relaxed(&shard->len, base_atomic_load_relaxed(&shard->len) - 1);
    }
    os_mutex_unlock(&shard->lock);
    if (copy != NULL)
        map->retirer.retire(map->retirer.user, &copy->retired, long_free);
    return slot != NULL;
}

bool ds_namemap_find(const ds_namemap *map, airs_bytes name, uint64_t *ret_value)
{
    uint64_t hash = base_hash(map->key, name.data, name.len);
    return table_find(base_atomic_load_acquire(&shard_of(map, hash)->table), hash, name, ret_value) != NULL;
}

void ds_namemap_each(const ds_namemap *map, bool (*visit)(void *user, airs_bytes name, uint64_t value), void *user)
{
    for (uint32_t i = 0; i < DS_NAMEMAP_SHARDS; i++) {
        ds_namemap_table *table = base_atomic_load_acquire(&map->shards[i].table);
        for (uint64_t s = 0; table != NULL && s <= table->mask; s++) {
            namemap_slot *slot = &table->slots[s];
            if (base_atomic_load_acquire(&slot->tag) == 0)
                continue;
            uint64_t value = base_atomic_load_acquire(&slot->value);
            if (value != 0 && !visit(user, slot_name(slot), value))
                return;
        }
    }
}

uint64_t ds_namemap_len(const ds_namemap *map)
{
    uint64_t len = 0;
    for (uint32_t i = 0; i < DS_NAMEMAP_SHARDS; i++)
        len += base_atomic_load_relaxed(&map->shards[i].len);
    return len;
}
