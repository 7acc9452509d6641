// SPDX-License-Identifier: MIT OR Apache-2.0
/// An actor that listens to a topic for a client of the node's socket: what it gets goes to a feed.
#ifndef AIRS_NODE_SUBSCRIBER_H
#define AIRS_NODE_SUBSCRIBER_H

#include "node/mailroom.h"

/// Chores: `letter->text` is the pattern, `letter->feed` gets the messages, and `letter->actor` is who listens,
/// from the first chore to the second.
void node_subscriber_start(airs_system *system, node_letter *letter);
void node_subscriber_stop(airs_system *system, node_letter *letter);

/// A feed for one subscription; NULL when there is no memory.
struct node_feed *node_subscriber_feed(void);

/// A record of that feed (a node_record_fn).
struct cJSON *node_subscriber_json(airs_bytes record);

#endif
