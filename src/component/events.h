// SPDX-License-Identifier: MIT OR Apache-2.0
/// The second half of the contract: a component's events, one call each, or one long call that takes them.
#ifndef COMPONENT_EVENTS_H
#define COMPONENT_EVENTS_H

#include "component/component_actor.h"

/// `actor_message_fns.drain`.
actor_progress component_drain(actor *cell, actor_failure *ret_failure);

/// `actor_message_fns.rest`: it waits in nobody's list for a place, and takes part again when it goes on.
void component_rest(actor *cell);

/// `run` has come back: what it had in hand has been handled. The owner.
void component_run_ended(component_actor *self);

#endif
