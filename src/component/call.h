// SPDX-License-Identifier: MIT OR Apache-2.0
/// One call of a guest's export: how it is begun, polled and limited, and what its failure is to others.
#ifndef COMPONENT_CALL_H
#define COMPONENT_CALL_H

#include "component/component_actor.h"

/// Once, before the first call. Thread: the one that makes the actor.
void component_call_init(component_actor *self);

/// The call that was just begun may wait no longer than this, where `max_park` is more.
void component_call_limit_wait(component_actor *self, uint32_t timeout_ms);

/// A call was to be started, with this result: its running and waiting time begin. ACTOR_DONE, or FAILED.
actor_progress component_call_begin(component_actor *self, engine_result result, actor_failure *failure);

/// Goes on with the pending call. On ACTOR_DONE it has ended and `*ret` is its outcome; on ACTOR_FAILED by a trap,
/// `ret->trap` is that.
actor_progress component_call_poll(component_actor *self, engine_outcome *ret, actor_failure *failure);

/// Begins a call and polls it once, while its arguments exist: they are lowered by that.
static inline actor_progress component_call(component_actor *self, engine_result result, engine_outcome *ret,
                                            actor_failure *failure)
{
    actor_progress progress = component_call_begin(self, result, failure);
    return progress == ACTOR_DONE ? component_call_poll(self, ret, failure) : progress;
}

/// A trap as a failure: its reason, one sentence, and what its lines are made of when somebody asks (trap.c).
actor_progress component_trap_fail(component_actor *self, const engine_trap *trap, actor_failure *failure);

/// The failure of one that was refused more often than max_refusals (trap.c).
actor_progress component_fail_refusals(const component_actor *self, actor_failure *failure);

#endif
