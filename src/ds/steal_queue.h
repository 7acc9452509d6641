// SPDX-License-Identifier: MIT OR Apache-2.0
/// A worker's run queue: a bounded ring; its owner adds at the back, everybody takes at the front.
///
/// A Chase-Lev deque of which the owner does not use its own end: run queues have to be first in, first
/// out (else whoever is preempted comes right back, and others starve), and with all takers at one end
/// taking half of the queue with one compare-and-swap is sound.
///
/// Roles    One owner; any number of thieves. The owner takes with the same function as they do.
#ifndef AIRS_DS_STEAL_QUEUE_H
#define AIRS_DS_STEAL_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include "airssys/status.h"
#include "base/atomics.h"

typedef struct ds_steal_queue {
    // Written by takers.
    /// The number of elements ever taken.
    BASE_ATOMIC(uint64_t) front;
    char pad_front[BASE_CACHE_LINE - sizeof(uint64_t)];
    // Written by the owner.
    /// The number of elements ever added.
    BASE_ATOMIC(uint64_t) back;
    /// The owner's last look at `front`, never ahead of it.
    uint64_t front_seen;
    char pad_back[BASE_CACHE_LINE - 2 * sizeof(uint64_t)];
    // Never written after init.
    BASE_ATOMIC(void *) *slots;
    uint64_t mask;
    const airs_allocator *allocator;
} ds_steal_queue;

/// `capacity` is a power of two. Errors: E_NOMEM. Ended with `ds_steal_queue_fini`.
AIRS_NODISCARD airs_status ds_steal_queue_init(ds_steal_queue *queue, uint32_t capacity,
                                               const airs_allocator *allocator);

/// A queue that is all zero is allowed. Elements that are left are forgotten.
void ds_steal_queue_fini(ds_steal_queue *queue);

/// Adds at the back; false when the ring is full. The store is seq_cst: a search by another worker that
/// is ordered after it (see sched/idle.c) finds the element. Thread: the owner.
bool ds_steal_queue_push(ds_steal_queue *queue, void *element);

/// Takes the oldest; NULL when there is none. Thread: any.
void *ds_steal_queue_take(ds_steal_queue *queue);

/// Takes the older half, rounded up, at most `max`, into `ret_elements`, oldest first, all at once.
/// Returns how many. Thread: any.
uint32_t ds_steal_queue_take_half(ds_steal_queue *queue, void **ret_elements, uint32_t max);

/// How many are in it; exact for the owner when nobody steals, else a hint. seq_cst. Thread: any.
uint32_t ds_steal_queue_len(const ds_steal_queue *queue);

#endif
