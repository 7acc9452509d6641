// SPDX-License-Identifier: MIT OR Apache-2.0
/// The run queue: a ring in which element number n stands in slot n & mask; `front` and `back` only grow.
///
/// Invariants
///   1. front <= back <= front + capacity, at each moment.
///   2. Only the owner writes `back` and slots, and it writes slot n only while n < front + capacity: the element
///      that stood there was taken.
///   3. Element n is taken by the one whose compare-and-swap moves `front` past n. That `front` still was where it had
///      been read proves that the slots read in between had not been written again (2).
///
/// Pairs
///   a. `back` store (push), release, with `back` load (take), acquire: the taker sees the slot, and what the element
///      points to. Both are seq_cst besides, for the searches of sched/idle.c.
///   b. `front` compare-and-swap (take), release, with `front` load (push), acquire: the taker has read the slot
///      before the owner writes it again.
///   c. `front` compare-and-swap (take), release, with `front` load (take), acquire: who sees a later front also
///      sees the back that it was compared with, so a queue never looks shorter than empty.
#include "ds/steal_queue.h"

#include "base/alloc.h"
#include "base/assert.h"

airs_status ds_steal_queue_init(ds_steal_queue *queue, uint32_t capacity, const airs_allocator *allocator)
{
    AIRS_ASSERT(capacity != 0 && (capacity & (capacity - 1)) == 0);
    queue->slots = base_alloc_array(allocator, capacity, sizeof(*queue->slots));
    if (queue->slots == NULL)
        return AIRS_E_NOMEM;
    for (uint32_t i = 0; i < capacity; i++)
        base_atomic_init(&queue->slots[i], NULL);
    base_atomic_init(&queue->front, 0u);
    base_atomic_init(&queue->back, 0u);
    queue->front_seen = 0;
    queue->mask = capacity - 1;
    queue->allocator = allocator;
    return AIRS_OK;
}

void ds_steal_queue_fini(ds_steal_queue *queue)
{
    if (queue->slots != NULL)
        base_free(queue->allocator, queue->slots);
    queue->slots = NULL;
}

bool ds_steal_queue_push(ds_steal_queue *queue, void *element)
{
    uint64_t back = base_atomic_load_relaxed(&queue->back);
    if (back - queue->front_seen > queue->mask) {
        queue->front_seen = base_atomic_load_acquire(&queue->front);
        if (back - queue->front_seen > queue->mask)
            return false;
    }
    base_atomic_store_relaxed(&queue->slots[back & queue->mask], element);
    base_atomic_store_seq_cst(&queue->back, back + 1);
    return true;
}

void *ds_steal_queue_take(ds_steal_queue *queue)
{
    uint64_t front = base_atomic_load_acquire(&queue->front);
    for (;;) {
        if (front == base_atomic_load_seq_cst(&queue->back))
            return NULL;
        void *element = base_atomic_load_relaxed(&queue->slots[front & queue->mask]);
        if (base_atomic_cas_weak_acq_rel(&queue->front, &front, front + 1))
            return element;
    }
}

uint32_t ds_steal_queue_take_half(ds_steal_queue *queue, void **ret_elements, uint32_t max)
{
    uint64_t front = base_atomic_load_acquire(&queue->front);
    for (;;) {
        uint64_t len = base_atomic_load_seq_cst(&queue->back) - front;
        // `front` may be old by now; then the length is too large, and the compare-and-swap fails.
        if (len > queue->mask + 1)
            len = queue->mask + 1;
        uint32_t count = (uint32_t)(len - len / 2);
        if (count > max)
            count = max;
        if (count == 0)
            return 0;
        for (uint32_t i = 0; i < count; i++)
            ret_elements[i] = base_atomic_load_relaxed(&queue->slots[(front + i) & queue->mask]);
        if (base_atomic_cas_weak_acq_rel(&queue->front, &front, front + count))
            return count;
    }
}

uint32_t ds_steal_queue_len(const ds_steal_queue *queue)
{
    uint64_t front = base_atomic_load_acquire(&queue->front);
    uint64_t len = base_atomic_load_seq_cst(&queue->back) - front;
    return len > queue->mask + 1 ? (uint32_t)queue->mask + 1 : (uint32_t)len;
}
