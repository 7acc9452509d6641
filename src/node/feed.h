// SPDX-License-Identifier: MIT OR Apache-2.0
/// What happens, in a row with numbers, of which the last is kept: writers never wait, readers go through it at
/// their own pace and are told how much they have missed.
///
/// A record is bytes; what they mean is between its writer and its reader. Bounded by a number of records and of
/// bytes: the oldest make room for a new one.
#ifndef AIRS_NODE_FEED_H
#define AIRS_NODE_FEED_H

#include "airssys/status.h"

typedef struct node_feed node_feed;

/// NULL when there is no memory. Ended with `node_feed_destroy`, when nobody writes or reads any more.
node_feed *node_feed_create(size_t records_max, size_t bytes_max);
/// NULL is allowed.
void node_feed_destroy(node_feed *feed);

/// Adds a record of all parts, one behind the other. One that is larger than all the feed may hold, or that there is
/// no memory for, is missed by everybody. Any thread; takes a lock for a few instructions.
void node_feed_put(node_feed *feed, const airs_bytes *parts, size_t parts_count);

/// Nothing more will be put. Any thread.
void node_feed_close(node_feed *feed);

typedef enum node_feed_step {
    /// There is nothing past the cursor yet.
    NODE_FEED_NOTHING,
    /// There is nothing, and never will be.
    NODE_FEED_END,
    NODE_FEED_RECORD,
    /// Records past the cursor are not kept any more.
    NODE_FEED_MISSED,
} node_feed_step;

typedef struct node_feed_item {
    /// Of a record: its number, from 1, and its bytes, which stay until `node_feed_item_fini`.
    uint64_t number;
    airs_bytes record;
    /// Private.
    void *held;
    /// Of NODE_FEED_MISSED: how many.
    uint64_t missed;
} node_feed_item;

/// What comes after the records up to `*cursor`, and moves the cursor past it; 0 is the beginning. After
/// NODE_FEED_NOTHING the bell is rung once when there is something. Any thread, one a cursor.
node_feed_step node_feed_next(node_feed *feed, uint64_t *cursor, node_feed_item *ret_item);

/// Gives back what a record held; of the other steps there is nothing to give back, which is allowed.
void node_feed_item_fini(node_feed_item *item);

/// Whose bell it is: an eventfd (os/poller.h) that stays the caller's, -1: nobody's. Returns when the one before is
/// rung no more. Any thread.
void node_feed_set_bell(node_feed *feed, int fd);

/// The number of the last record, 0 when there was none. Any thread.
uint64_t node_feed_last(node_feed *feed);

#endif
