// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/feed.h"

#include "base/alloc.h"
#include "base/atomics.h"
#include "os/mutex.h"
#include "os/poller.h"

#include <string.h>

typedef struct feed_record {
    /// The ring's and each reader's who has it in hand. Who lets go last frees it: the acquire of that decrement pairs
    /// with the release of those before.
    BASE_ATOMIC(uint32_t) references;
    size_t size;
    unsigned char bytes[];
} feed_record;

struct node_feed {
    os_mutex mutex;
    size_t records_max;
    size_t bytes_max;
    /// Records `first` to `last` are kept, each at its number modulo `records_max`; one that could not be is NULL.
    feed_record **ring;
    uint64_t first;
    uint64_t last;
    size_t bytes;
    bool closed;
    int bell;
    /// Somebody found nothing, and was not told since.
    bool awaited;
};

static void let_go(feed_record *record)
{
    if (record && base_atomic_fetch_sub_acq_rel(&record->references, 1u) == 1)
        base_free(base_allocator_default(), record);
}

void node_feed_item_fini(node_feed_item *item)
{
    let_go(item->held);
    *item = (node_feed_item){0};
}

node_feed *node_feed_create(size_t records_max, size_t bytes_max)
{
    const airs_allocator *allocator = base_allocator_default();
    node_feed *feed = base_alloc_zeroed(allocator, sizeof *feed);
    feed_record **ring = base_alloc_zeroed(allocator, records_max * sizeof *ring);
    if (!feed || !ring) {
        base_free(allocator, feed);
        base_free(allocator, ring);
        return NULL;
    }
    *feed = (node_feed){.records_max = records_max, .bytes_max = bytes_max, .ring = ring, .first = 1, .bell = -1};
    return feed;
}

void node_feed_destroy(node_feed *feed)
{
    if (!feed)
        return;
    for (size_t i = 0; i < feed->records_max; i++)
        let_go(feed->ring[i]);
    base_free(base_allocator_default(), feed->ring);
    base_free(base_allocator_default(), feed);
}

static feed_record **slot_of(node_feed *feed, uint64_t number)
{
    return &feed->ring[number % feed->records_max];
}

/// Drops the oldest record: it is let go of later, since memory is not given back under the lock.
static void drop_first(node_feed *feed, feed_record **dropped, size_t *dropped_count)
{
    feed_record **slot = slot_of(feed, feed->first++);
    if (!*slot)
        return;
    feed->bytes -= (*slot)->size;
    dropped[(*dropped_count)++] = *slot;
    *slot = NULL;
}

static void ring_bell(node_feed *feed)
{
    if (!feed->awaited || feed->bell < 0)
        return;
    feed->awaited = false;
    os_eventfd_notify(feed->bell);
}

/// A record of the parts; NULL when it is too large or there is no memory.
static feed_record *make_record(const node_feed *feed, const airs_bytes *parts, size_t parts_count)
{
    size_t size = 0;
    for (size_t i = 0; i < parts_count; i++)
        size += parts[i].len;
    feed_record *record = size <= feed->bytes_max ? base_alloc(base_allocator_default(), sizeof *record + size) : NULL;
    if (!record)
        return NULL;
    base_atomic_init(&record->references, 1u);
    record->size = 0;
    for (size_t i = 0; i < parts_count; i++) {
        if (parts[i].len > 0)
            memcpy(record->bytes + record->size, parts[i].data, parts[i].len);
        record->size += parts[i].len;
    }
    return record;
}

// Records dropped under the lock at once, to be freed behind it; more take another round.
#define DROPPED_AT_ONCE 16

/// Makes room for `record`; false when there is more to drop.
static bool make_room(node_feed *feed, size_t size, feed_record **dropped, size_t *dropped_count)
{
    while (feed->first <= feed->last &&
           (feed->last - feed->first + 1 >= feed->records_max || feed->bytes + size > feed->bytes_max)) {
        if (*dropped_count == DROPPED_AT_ONCE)
            return false;
        drop_first(feed, dropped, dropped_count);
    }
    return true;
}

void node_feed_put(node_feed *feed, const airs_bytes *parts, size_t parts_count)
{
    feed_record *record = make_record(feed, parts, parts_count);
    size_t size = record ? record->size : 0;
    bool placed = false;
    while (!placed) {
        feed_record *dropped[DROPPED_AT_ONCE];
        size_t dropped_count = 0;
        os_mutex_lock(&feed->mutex);
        placed = make_room(feed, size, dropped, &dropped_count);
        if (placed) {
            *slot_of(feed, ++feed->last) = record;
            feed->bytes += size;
            ring_bell(feed);
        }
        os_mutex_unlock(&feed->mutex);
        for (size_t i = 0; i < dropped_count; i++)
            let_go(dropped[i]);
    }
}

void node_feed_close(node_feed *feed)
{
    os_mutex_lock(&feed->mutex);
    feed->closed = true;
    ring_bell(feed);
    os_mutex_unlock(&feed->mutex);
}

/// How many records behind the cursor are not there.
static uint64_t count_missed(node_feed *feed, uint64_t cursor)
{
    uint64_t missed = feed->first > cursor + 1 ? feed->first - cursor - 1 : 0;
    while (cursor + missed < feed->last && !*slot_of(feed, cursor + missed + 1))
        missed++;
    return missed;
}

node_feed_step node_feed_next(node_feed *feed, uint64_t *cursor, node_feed_item *ret_item)
{
    node_feed_step step = NODE_FEED_NOTHING;
    os_mutex_lock(&feed->mutex);
    uint64_t missed = count_missed(feed, *cursor);
    if (missed > 0) {
        *ret_item = (node_feed_item){.missed = missed};
        *cursor += missed;
        step = NODE_FEED_MISSED;
    } else if (*cursor < feed->last) {
        feed_record *record = *slot_of(feed, *cursor + 1);
        base_atomic_fetch_add_relaxed(&record->references, 1u);
        *cursor += 1;
        *ret_item = (node_feed_item){.number = *cursor, .record = {record->bytes, record->size}, .held = record};
        step = NODE_FEED_RECORD;
    } else if (feed->closed) {
        step = NODE_FEED_END;
    } else {
        feed->awaited = true;
    }
    os_mutex_unlock(&feed->mutex);
    return step;
}

void node_feed_set_bell(node_feed *feed, int fd)
{
    os_mutex_lock(&feed->mutex);
    feed->bell = fd;
    feed->awaited = fd >= 0;
    os_mutex_unlock(&feed->mutex);
}

uint64_t node_feed_last(node_feed *feed)
{
    os_mutex_lock(&feed->mutex);
    uint64_t last = feed->last;
    os_mutex_unlock(&feed->mutex);
    return last;
}
