// SPDX-License-Identifier: MIT OR Apache-2.0
/// Handles to objects: 64-bit values that stay safe to look up after the object has gone.
///
/// A handle is {owner:16, generation:24, index:24}. A slot's generation goes up when its object is removed, so an
/// old handle finds nothing, never another object; a slot whose generations are used up is given up. The owner is
/// a number that all handles of a map have in common: those of a map with another one find nothing here.
///
/// Roles    Readers take no lock. Writers take the map's own lock, for a few dozen instructions.
/// Memory   Slots live in chunks that double in size, never move and are freed at the end only.
///          What a found pointer points to may be removed at any moment: the object's memory must be kept
///          until readers have gone on (`sched_defer`).
#ifndef AIRS_DS_SLOTMAP_H
#define AIRS_DS_SLOTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "airssys/status.h"
#include "base/atomics.h"
#include "os/mutex.h"

/// 0 is no handle, and never given out.
typedef uint64_t ds_handle;

#define DS_SLOTMAP_CHUNKS 18
/// Slots in the first chunk.
#define DS_SLOTMAP_FIRST 64u
/// The highest limit a map may have.
#define DS_SLOTMAP_MAX (DS_SLOTMAP_FIRST * ((1u << DS_SLOTMAP_CHUNKS) - 1u))

typedef struct ds_slot {
    /// Of the object that is in it, or of the next one.
    BASE_ATOMIC(uint32_t) generation;
    /// While free: the index of the next free slot.
    uint32_t next_free;
    BASE_ATOMIC(void *) value;
} ds_slot;

typedef struct ds_slotmap {
    BASE_ATOMIC(ds_slot *) chunks[DS_SLOTMAP_CHUNKS];
    /// Objects in it.
    BASE_ATOMIC(uint32_t) len;
    /// Slots that have ever been used: those below are in chunks that exist.
    BASE_ATOMIC(uint32_t) used;
    /// What is in the upper bits of each handle.
    uint64_t owner;
    uint32_t limit;
    /// The first free slot below `used`, or UINT32_MAX.
    uint32_t free_head;
    os_mutex lock;
    const airs_allocator *allocator;
} ds_slotmap;

/// An empty map for at most `limit` objects. Allocates nothing yet. Ended with `ds_slotmap_fini`.
void ds_slotmap_init(ds_slotmap *map, uint32_t limit, const airs_allocator *allocator);

/// Sets the owner, 0 until now. Before the first insert.
void ds_slotmap_set_owner(ds_slotmap *map, uint16_t owner);

/// Frees the slots, not the objects. No other call may be under way.
void ds_slotmap_fini(ds_slotmap *map);

/// Puts `value` (not NULL) in. What was written to it before is seen by who finds it.
/// Errors: E_LIMIT `limit` objects are in it; E_NOMEM. Thread: any.
AIRS_NODISCARD airs_status ds_slotmap_insert(ds_slotmap *map, void *value, ds_handle *ret_handle);

/// Reserves a handle whose object is put in later with `ds_slotmap_publish`; until then it finds NULL.
/// For objects that have to know their handle before others can find them. Errors and thread as insert.
AIRS_NODISCARD airs_status ds_slotmap_reserve(ds_slotmap *map, ds_handle *ret_handle);

/// Makes a reserved handle find `value`. Once. Thread: who reserved it.
void ds_slotmap_publish(ds_slotmap *map, ds_handle handle, void *value);

/// Takes the object (or the reservation) out; false when the handle is stale. Thread: any.
bool ds_slotmap_remove(ds_slotmap *map, ds_handle handle);

/// The object, or NULL when the handle is stale, reserved or no handle at all. No lock. Thread: any, in a read
/// section.
void *ds_slotmap_find(const ds_slotmap *map, ds_handle handle);

/// Visits the objects: `*cursor` starts at 0; NULL at the end. Objects that are in the map all the while are
/// visited once; others may or may not be. No lock. Thread: any, in a read section.
void *ds_slotmap_next(const ds_slotmap *map, uint32_t *cursor, ds_handle *ret_handle);

/// Objects and reservations in it. Thread: any.
uint32_t ds_slotmap_len(const ds_slotmap *map);

#endif
