// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor's component asks for, held against what the actor is granted now; and whether it can be asked.
#ifndef NODE_REQUESTS_H
#define NODE_REQUESTS_H

#include "airssys/actor.h"

struct cJSON;

/// Adds `requests` to `json`, when the component has any: a list of `request`, its text, and `verdict`, "granted",
/// "partly" or "refused"; or `requests_error`, a sentence, when what the component says there means nothing.
/// Errors: E_GONE it is not there any more; E_NOMEM. Any thread.
AIRS_NODISCARD airs_status node_requests_add(airs_system *system, airs_actor_id id, struct cJSON *json,
                                             airs_error *error);

/// Whether a component handles messages: one that exports no handler, or is a program, refuses each, and nobody hears
/// of it. What is no component, or has ended, is not judged: true. Any thread.
bool node_component_takes_messages(airs_system *system, airs_actor_id id);

#endif
