// SPDX-License-Identifier: MIT OR Apache-2.0
/// A system's events, kept for whoever asks for them at the node's socket.
#ifndef AIRS_NODE_EVENTS_H
#define AIRS_NODE_EVENTS_H

#include "airssys/system.h"
#include "node/feed.h"

struct cJSON;

/// A feed that keeps the last 1,024 events; NULL when there is no memory.
node_feed *node_events_create(void);

/// An `airs_event_fn`; `user` is the feed. Changes of state are left out: what matters of them has an event of its
/// own.
void node_events_on_event(void *user, const airs_event *event);

/// A record of that feed (a node_record_fn).
struct cJSON *node_event_json(airs_bytes record);

/// The same backwards, as a client reads it: `ret_event` points into the JSON. Time of the day in milliseconds since
/// 1970. False when it is no event of a kind that is known here.
bool node_event_parse(const struct cJSON *json, airs_event *ret_event, uint64_t *ret_time_ms);

#endif
