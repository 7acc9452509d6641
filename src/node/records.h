// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the node says of actors, failures and dead letters, as JSON. Client and server share this file.
#ifndef AIRS_NODE_RECORDS_H
#define AIRS_NODE_RECORDS_H

#include "airssys/system.h"

struct cJSON;

/// "healthy", "degraded", "unhealthy". Static.
const char *node_health_name(airs_health health);
/// Of another word: healthy.
airs_health node_health_parse(const char *name);

/// An actor as the verbs `ps`, `tree` and `info` show it; NULL when there is no memory.
struct cJSON *node_actor_json(const airs_actor_info *info);

/// The same backwards. What is not there, or of another type, is 0; words that are not known are their kind's first.
void node_actor_parse(const struct cJSON *json, airs_actor_info *ret_info);

/// The limits of an actor of this kind, each against what it uses, as the verb `inspect` shows them: a list of
/// {"name", "unit", "used", "max", "refused"}, of which `used`, `max` (no limit) and `refused` may be missing. NULL
/// when there is no memory.
/// `all` is what all actors of the system use.
struct cJSON *node_limits_json(const airs_usage *usage, airs_actor_kind kind, const airs_system_usage *all);

/// NULL when there is no memory.
struct cJSON *node_failure_json(const airs_failure *failure);

/// Bytes of a dead letter's payload in a list of them, which is for looking and not for moving data.
#define NODE_LETTER_SHOWN_MAX 1024u

/// Its payload is left out when it is longer than `payload_max`; `payload_size` is always there.
struct cJSON *node_dead_letter_json(const airs_dead_letter *letter, size_t payload_max);

#endif
