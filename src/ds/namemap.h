// SPDX-License-Identifier: MIT OR Apache-2.0
/// A map from names to 64-bit values (handles, so never 0); finding takes no lock, and touches one cache line besides
/// the name where that is short.
///
/// Roles    Readers: any thread in a read section of whoever stands behind `retirer`. Writers: any
///          thread; the map is cut into shards with a lock each.
/// Memory   What a writer takes out is handed to the `retirer`. A slot has 64 bytes; a name takes 100 to 256 of them,
///          as tables double.
/// Rebind   A name's value is replaced at once: a reader finds the old or the new, never none.
#ifndef AIRS_DS_NAMEMAP_H
#define AIRS_DS_NAMEMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "airssys/status.h"
#include "base/atomics.h"
#include "base/hash.h"
#include "base/retire.h"
#include "os/mutex.h"

typedef struct ds_namemap_table ds_namemap_table;

/// The part of the map that one lock guards.
typedef struct ds_namemap_shard {
    /// NULL until the first insert.
    BASE_ATOMIC(ds_namemap_table *) table;
    /// Entries in the table.
    BASE_ATOMIC(uint32_t) len;
    os_mutex lock;
    char pad[BASE_CACHE_LINE - sizeof(void *) - 2 * sizeof(uint32_t)];
} ds_namemap_shard;

#define DS_NAMEMAP_SHARDS 16

typedef struct ds_namemap {
    ds_namemap_shard shards[DS_NAMEMAP_SHARDS];
    base_hash_key key;
    base_retirer retirer;
    const airs_allocator *allocator;
} ds_namemap;

/// Allocates nothing yet. `retirer` must not run anything after `fini`, but may before. Ended with
/// `ds_namemap_fini`.
void ds_namemap_init(ds_namemap *map, base_hash_key key, base_retirer retirer, const airs_allocator *allocator);

/// Frees what is in it. No other call may be under way, and what was retired must have run.
void ds_namemap_fini(ds_namemap *map);

/// Binds a free name. Errors: E_TAKEN; E_NOMEM. Thread: any.
AIRS_NODISCARD airs_status ds_namemap_insert(ds_namemap *map, airs_bytes name, uint64_t value);

/// Binds a bound name to another value, if it is bound to `expected`. Errors: E_NOT_FOUND it is not bound, or
/// to another value. Thread: any.
AIRS_NODISCARD airs_status ds_namemap_rebind(ds_namemap *map, airs_bytes name, uint64_t expected, uint64_t value);

/// Frees a name, if it is bound to `expected`; false when it is not. Thread: any.
bool ds_namemap_remove(ds_namemap *map, airs_bytes name, uint64_t expected);

/// The value of a name; false when it is not bound. No lock. Thread: any, in a read section.
bool ds_namemap_find(const ds_namemap *map, airs_bytes name, uint64_t *ret_value);

/// Calls `visit` for each entry, in no order; it may end the visit by returning false. Entries that are in the map
/// all the while are visited once; others may or may not be. No lock. Thread: any, in a read section.
void ds_namemap_each(const ds_namemap *map, bool (*visit)(void *user, airs_bytes name, uint64_t value), void *user);

/// Names in it. Thread: any.
uint64_t ds_namemap_len(const ds_namemap *map);

#endif
