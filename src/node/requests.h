// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor's component asks for, held against what the actor is granted now.
#ifndef NODE_REQUESTS_H
#define NODE_REQUESTS_H

#include "airssys/actor.h"

struct cJSON;

/// Adds `requests` to `json`, when the component has any: a list of `request`, its text, and `verdict`, "granted",
/// "partly" or "refused"; or `requests_error`, a sentence, when what the component says there means nothing.
/// Errors: E_GONE it is not there any more; E_NOMEM. Any thread.
AIRS_NODISCARD airs_status node_requests_add(airs_system *system, airs_actor_id id, struct cJSON *json,
                                             airs_error *error);

#endif
