// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a guest is asked between two events, and never inside one: how it is, and its state.
///
/// A guest that takes its events in a long `run` has to come out of it first: `mailbox.next` says `none`, and `run` is
/// called again afterwards. All functions are the owner's.
#ifndef COMPONENT_ASIDE_H
#define COMPONENT_ASIDE_H

#include "component/component_actor.h"

/// `actor_child_fns.check`: the export `health`. Healthy without one, and for a program (wasi:cli/run), which is inside
/// of its only call all the time.
actor_progress component_aside_check(actor *cell, airs_health *ret, char *ret_text);

/// Saves a checkpoint, until it is not WAITING or YIELDED. The guest's own error is none here.
actor_progress component_aside_save(component_actor *self, actor_failure *failure);

/// Goes on with whatever of the two is under way.
actor_progress component_aside_finish(component_actor *self, actor_failure *failure);

/// Comes to where no call is pending, between two events.
actor_progress component_aside_leave(component_actor *self, actor_failure *failure);

/// Puts in front of a failure's text what the guest was called for.
actor_progress component_aside_fail(actor_failure *failure, const char *what);

#endif
