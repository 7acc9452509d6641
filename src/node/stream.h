// SPDX-License-Identifier: MIT OR Apache-2.0
/// Requests that are answered by many lines: events, and messages of a topic. Private to the server.
///
/// The lines are `{"id", "open": true}`, then one for each record of a feed, `{"id", "number", KEY: {…}}`, or for what
/// the client was too slow for, `{"id", "missed"}`; the reply proper comes at the end. A client that does not read gets
/// no more lines, while the feed goes on and forgets.
#ifndef AIRS_NODE_STREAM_H
#define AIRS_NODE_STREAM_H

#include "node/feed.h"

struct cJSON;
struct node_connection;
struct node_letter;

/// What a record is on a line; NULL when there is no memory.
typedef struct cJSON *(*node_record_fn)(airs_bytes record);

/// Whether a record is to be told of; what "" means is everything.
typedef bool (*node_wants_fn)(const char *pattern, airs_bytes record);

/// Room for a pattern of names.
#define NODE_STREAM_PATTERN_MAX 136

/// All zero: none.
typedef struct node_stream {
    /// Borrowed: the node's events; or of `letter`.
    node_feed *feed;
    uint64_t cursor;
    /// The id of the request.
    uint64_t request;
    /// Goes on when all that there was has been told.
    bool follow;
    /// All that there was had been told when it was looked at last: the feed's bell tells of more.
    bool drained;
    /// What a record is called, and made of.
    const char *key;
    node_record_fn render;
    /// NULL: all records are told of.
    node_wants_fn wants;
    char pattern[NODE_STREAM_PATTERN_MAX];
    /// Of a subscription: its actor is stopped in the end, by this letter. The stream's own.
    struct node_letter *letter;
} node_stream;

/// Begins a stream on a connection that has none. Its request counts as under way already.
void node_stream_open(struct node_connection *connection, const node_stream *stream);

/// Queues what there is, as long as the client reads. True when the stream has ended: the reply is queued, and
/// the connection has none any more; its letter is the caller's. With `last` it ends in any case.
bool node_stream_pump(struct node_connection *connection, bool last);

/// Whether there is more to queue now, since some of what was queued has been sent.
bool node_stream_has_more(const struct node_connection *connection);

#endif
