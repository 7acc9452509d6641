// SPDX-License-Identifier: MIT OR Apache-2.0
/// Names of actors: which are allowed, and those that an actor registers besides the one it was spawned with.
#ifndef ACTOR_NAMES_H
#define ACTOR_NAMES_H

#include "actor/cell.h"

/// Further names that one actor may have of each kind.
#define ACTOR_NAMES_MAX 64u

/// 1 to 128 letters, digits and `-_.:/`. Errors: E_INVALID; `error` says what is wrong with it.
airs_status actor_name_check(airs_bytes name, airs_error *error);

/// Gives the actor one more name, until its incarnation ends. Errors: E_INVALID, E_TAKEN, E_LIMIT, E_NOMEM. The owner.
airs_status actor_name_register(actor *self, airs_bytes name, airs_error *error);

/// False when the actor did not register it. The owner.
bool actor_name_unregister(actor *self, airs_bytes name);

/// Gives up all that it registered. The owner.
void actor_names_end(actor *self);

/// Binds one more name to the actor until it ends for good: a free one, or with `from` not 0 the one that that actor
/// has, at once. Errors: E_INVALID, E_TAKEN, E_NOT_FOUND `from` does not have it, E_GONE, E_LIMIT, E_NOMEM. Any thread.
airs_status actor_name_bind(actor *self, airs_bytes name, uint64_t from, airs_error *error);

/// False when it was not bound so. Any thread.
bool actor_name_unbind(actor *self, airs_bytes name);

/// At its end, with its `info_lock` held and `terminated` set.
void actor_names_unbind_all(actor *self);

#endif
