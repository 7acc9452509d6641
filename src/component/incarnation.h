// SPDX-License-Identifier: MIT OR Apache-2.0
/// An instance's way up and down, for those who make one: the actor's own start (component_actor.c), and an upgrade
/// (upgrade.c). All functions are the owner's.
#ifndef COMPONENT_INCARNATION_H
#define COMPONENT_INCARNATION_H

#include "component/component_actor.h"

/// Of whoever was called in the seat before nothing is left for an instance that comes.
void component_actor_take_seat(component_actor *self);

/// Makes an instance of the component in the seat and calls its initialisers; polls once.
actor_progress component_actor_instantiate(component_actor *self, engine_outcome *ret, actor_failure *failure);

/// Begins the call of `start`; polls once.
actor_progress component_actor_start(component_actor *self, airs_start_cause cause, engine_outcome *ret,
                                     actor_failure *failure);

/// Ends the instance in the seat, in whatever state it is, and what its pending call holds. The actor goes on.
void component_actor_end_instance(component_actor *self);

#endif
