// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "base/alloc.h"
#include "capability/audit_impl.h"
#include "os/clock.h"
#include "os/futex.h"

#define RING_MIN (16u << 10)
/// Where in an entry the time stands: behind its length, the record's length, its flags and its right.
#define TIME_AT 8u

airs_status audit_channel_open(audit_log *log, audit_channel **ret_channel)
{
    uint64_t size = RING_MIN;
    while (size < log->ring_size)
        size *= 2;
    audit_channel *self = base_alloc_aligned(log->allocator, sizeof *self, BASE_CACHE_LINE);
    uint8_t *ring = base_alloc(log->allocator, size);
    if (self == NULL || ring == NULL) {
        base_free_aligned(log->allocator, self);
        base_free(log->allocator, ring);
        return AIRS_E_NOMEM;
    }
    self->log = log;
    self->ring = ring;
    self->size = size;
    os_mutex_lock(&log->lock);
    self->next = log->channels;
    log->channels = self;
    os_mutex_unlock(&log->lock);
    *ret_channel = self;
    return AIRS_OK;
}

void audit_channel_close(audit_channel *self)
{
    audit_log *log = self->log;
    base_atomic_store_release(&self->closed, true);
    audit_log_ring(log);
}

void audit_channel_free(audit_channel *self)
{
    const airs_allocator *allocator = self->log->allocator;
    base_free(allocator, self->ring);
    base_free_aligned(allocator, self);
}

void audit_log_ring(audit_log *self)
{
    (void)base_atomic_fetch_add_seq_cst(&self->bell, 1u);
    os_futex_wake(&self->bell, 1);
}

// ---------------------------------------------------------------- the channel's thread

/// Where the next entry goes; NULL when there is no room. `ret_skip` is what is left out at the ring's end.
static uint8_t *find_room(audit_channel *self, uint64_t head, uint64_t *ret_skip)
{
    uint64_t at = head & (self->size - 1);
    uint64_t to_end = self->size - at;
    uint64_t skip = to_end < AUDIT_ENTRY_MAX ? to_end : 0;
    uint64_t needed = head + skip + AUDIT_ENTRY_MAX;
    if (needed - self->seen_tail > self->size) {
        self->seen_tail = base_atomic_load_acquire(&self->tail);
        if (needed - self->seen_tail > self->size)
            return NULL;
    }
    *ret_skip = skip;
    return self->ring + ((head + skip) & (self->size - 1));
}

/// Whether a record of this time may be taken before more is on the disk. `ret_durable` is how much is.
static bool is_in_time(const audit_channel *self, uint64_t head, uint64_t now_ns, uint64_t *ret_durable)
{
    uint64_t durable = base_atomic_load_acquire(&self->durable);
    uint64_t oldest = base_atomic_load_relaxed(&self->oldest_ns);
    // Both are no later than the oldest that is open.
    uint64_t since = oldest > self->since_ns ? oldest : self->since_ns;
    *ret_durable = durable;
    return durable == head || now_ns < since || now_ns - since <= self->log->sync_ns;
}

typedef bool (*channel_ready)(const audit_channel *self, uint64_t position);

static bool is_durable(const audit_channel *self, uint64_t position)
{
    return base_atomic_load_acquire(&self->durable) >= position;
}

/// Whether some of what stood before `position` has been moved.
static bool has_moved(const audit_channel *self, uint64_t position)
{
    return base_atomic_load_acquire(&self->tail) > position;
}

static bool has_settled(const audit_channel *self, uint64_t position)
{
    return base_atomic_load_acquire(&self->durable) > position;
}

/// Sleeps until the log's thread has made it ready, at most until `deadline_ns`. Errors: E_IO, E_TIMEOUT.
static airs_status wait_until(audit_channel *self, channel_ready ready, uint64_t position, uint64_t deadline_ns)
{
    audit_log *log = self->log;
    airs_status status = AIRS_OK;
    uint32_t impatient = ready == has_moved ? 0 : 1;
    (void)base_atomic_fetch_add_seq_cst(&log->impatient, impatient);
    (void)base_atomic_fetch_add_seq_cst(&log->waiters, 1u);
    for (;;) {
        uint32_t turns = base_atomic_load_seq_cst(&log->turns);
        if (ready(self, position))
            break;
        if (base_atomic_load_acquire(&log->state) != AUDIT_WRITES) {
            status = AIRS_E_IO;
            break;
        }
        if (os_clock_now_ns() >= deadline_ns) {
            base_atomic_store_relaxed(&log->hangs, true);
            status = AIRS_E_TIMEOUT;
            break;
        }
        audit_log_ring(log);
        (void)os_futex_wait(&log->turns, turns, deadline_ns);
    }
    (void)base_atomic_fetch_sub_release(&log->waiters, 1u);
    (void)base_atomic_fetch_sub_release(&log->impatient, impatient);
    return status;
}

static void wake_log(audit_channel *self, uint64_t head)
{
    audit_log *log = self->log;
    uint32_t asleep = base_atomic_load_seq_cst(&log->asleep);
    if (asleep == AUDIT_AWAKE)
        return;
    if (asleep == AUDIT_IDLE || head - self->seen_tail > self->size / 2)
        audit_log_ring(log);
}

/// Until when one call may wait; set when it first does.
static uint64_t deadline_of(const audit_log *log, uint64_t *deadline_ns)
{
    if (*deadline_ns == 0) {
        uint64_t wait_ns = base_atomic_load_relaxed(&log->hangs) ? 0 : log->wait_max_ns;
        *deadline_ns = os_deadline_ns(os_clock_now_ns(), wait_ns);
    }
    return *deadline_ns;
}

airs_status audit_log_write(audit_channel *self, audit_record *record)
{
    const audit_log *log = self->log;
    uint64_t head = base_atomic_load_relaxed(&self->head);
    uint8_t *entry;
    uint64_t skip;
    uint64_t durable = 0;
    uint64_t deadline_ns = 0;
    for (;;) {
        if (base_atomic_load_relaxed(&log->state) != AUDIT_WRITES)
            return AIRS_E_IO;
        record->time_ns = os_clock_wall_ns();
        entry = find_room(self, head, &skip);
        if (entry != NULL && is_in_time(self, head, record->time_ns, &durable))
            break;
        bool full = entry == NULL;
        airs_status status = wait_until(self, full ? has_moved : has_settled, full ? self->seen_tail : durable,
                                        deadline_of(log, &deadline_ns));
        if (status != AIRS_OK)
            return status;
    }
    uint32_t len = (uint32_t)audit_record_encode(entry + 4, record);
    memcpy(entry, &len, sizeof len);
    if (skip > 0) {
        const uint32_t mark = AUDIT_ENTRY_SKIP;
        memcpy(self->ring + (head & (self->size - 1)), &mark, sizeof mark);
    }
    if (durable == head)
        self->since_ns = record->time_ns;
    head += skip + ((4u + len + 7u) & ~7u);
    base_atomic_store_seq_cst(&self->head, head);
    wake_log(self, head);
    return log->sync_ns == 0 ? wait_until(self, is_durable, head, deadline_of(log, &deadline_ns)) : AIRS_OK;
}

airs_status audit_channel_sync(audit_channel *self)
{
    return wait_until(self, is_durable, base_atomic_load_relaxed(&self->head), OS_NEVER);
}

// ---------------------------------------------------------------- the log's thread

bool audit_channel_drain(audit_channel *self, audit_buffer *buffer)
{
    uint64_t head = base_atomic_load_seq_cst(&self->head);
    uint64_t begin = base_atomic_load_relaxed(&self->tail);
    uint64_t tail = begin;
    while (tail != head && audit_buffer_has_room(buffer)) {
        uint64_t at = tail & (self->size - 1);
        uint32_t len;
        memcpy(&len, self->ring + at, sizeof len);
        if (len == AUDIT_ENTRY_SKIP) {
            tail += self->size - at;
            continue;
        }
        audit_buffer_add(buffer, self->ring + at + 4, len);
        tail += (4u + len + 7u) & ~7u;
    }
    base_atomic_store_release(&self->tail, tail);
    return tail != begin;
}

void audit_channel_settle(audit_channel *self)
{
    uint64_t tail = base_atomic_load_relaxed(&self->tail);
    if (tail == base_atomic_load_relaxed(&self->durable))
        return;
    if (base_atomic_load_acquire(&self->head) != tail) {
        uint64_t at = tail & (self->size - 1);
        uint32_t len;
        memcpy(&len, self->ring + at, sizeof len);
        at = len == AUDIT_ENTRY_SKIP ? 0 : at;
        uint64_t time_ns = 0;
        for (uint32_t i = 0; i < 8; i++)
            time_ns |= (uint64_t)self->ring[at + TIME_AT + i] << (8 * i);
        base_atomic_store_relaxed(&self->oldest_ns, time_ns);
    }
    base_atomic_store_relaxed(&self->log->hangs, false);
    base_atomic_store_release(&self->durable, tail);
}
