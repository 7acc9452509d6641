// SPDX-License-Identifier: MIT OR Apache-2.0
/// A node's log, the last of it, kept for whoever asks for it at the node's socket.
#ifndef AIRS_NODE_LOGS_H
#define AIRS_NODE_LOGS_H

#include "airssys/system.h"
#include "node/feed.h"

struct cJSON;

/// A feed that keeps the last 4,096 lines, at most 4 MiB of them; NULL when there is no memory.
node_feed *node_logs_create(void);

/// Adds a line of this app. Any thread; takes a lock for a few instructions.
void node_logs_put(node_feed *feed, const char *app, const airs_log_record *record);

/// A record of that feed (a node_record_fn).
struct cJSON *node_log_json(airs_bytes record);

/// Which lines a client wants (a node_wants_fn): those of the actor of this name, where `*` stands for any run of
/// characters; "": all.
bool node_log_is_of(const char *pattern, airs_bytes record);

/// A line as a client reads it. The texts point into the JSON.
typedef struct node_log_line {
    uint64_t time_ms;
    airs_log_level level;
    const char *source;
    const char *app;
    const char *actor;
    const char *version;
    const char *message_id;
    const char *text;
} node_log_line;

/// What is not there, or of another type, is "" or 0.
void node_log_parse(const struct cJSON *json, node_log_line *ret_line);

/// The level of a name, "debug", "info", "warn" or "error". False when it is none.
bool node_log_level_parse(const char *name, airs_log_level *ret_level);

#endif
