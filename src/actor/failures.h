// SPDX-License-Identifier: MIT OR Apache-2.0
/// The last failures of an actor, for operators: what happened, and what its supervisor did about it.
///
/// The history is made at the first failure; without memory for it failures are only counted. Traps are kept as
/// the kind left them (`actor_trace`) and made lines when somebody asks for them, once, off the workers.
#ifndef ACTOR_FAILURES_H
#define ACTOR_FAILURES_H

#include "actor/cell.h"

/// Failures that are kept.
#define ACTOR_FAILURES_MAX 16u

/// Notes a failure; the oldest goes for it. Takes `self->trace`. The owner.
void actor_failures_add(actor *self, const actor_failure *failure);

/// Notes what was decided about the last one. The owner.
void actor_failures_decided(actor *self, const actor_decision *decision);

/// Visits those that are kept, the oldest first, until `fn` returns false; `fn` gets copies and may take its time.
/// Gives how many there have been. Any thread that may wait, with a count on the actor.
uint64_t actor_failures_each(actor *self, airs_failure_fn fn, void *user);

/// The last one. False when there was none. Any thread, in a read section.
bool actor_failures_last(actor *self, actor_failure *ret_failure);

/// At the end of the cell.
void actor_failures_fini(actor *self);

#endif
