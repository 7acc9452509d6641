// SPDX-License-Identifier: MIT OR Apache-2.0
/// Inside the machine of step.h: what decisions (step.c) and walks (walk.c) share.
#ifndef SUPERVISE_WALK_H
#define SUPERVISE_WALK_H

#include "supervise/step.h"

/// Adds to what is to be done.
void supervise_emit(supervise_state *state, supervise_action action);
/// The same, of an action that is about a child and nothing else.
void supervise_say(supervise_state *state, supervise_action_kind kind, actor_child *child);
void supervise_decide(supervise_state *state, actor_child *child, airs_action decision, bool will_restart,
                      uint32_t delay_ms);
/// Answers what operators want of the child, if anything.
void supervise_answer(supervise_state *state, actor_child *child, airs_status status);

/// Whether a child that has ended by itself has ended for good, by its restart type and verdict.
bool supervise_is_over(const supervise_state *state, const actor_child *child);

void supervise_put(supervise_state *state, actor_child *child, actor_place place);
/// Begins an incarnation.
void supervise_begin(supervise_state *state, actor_child *child);
/// It is down: its place is kept until it is released.
void supervise_hold(supervise_state *state, actor_child *child);
/// Whether this child may begin now; else a walk will reach it.
bool supervise_may_begin(const supervise_state *state, const actor_child *child);

/// Begins a walk of all children from `first` on, the last first.
void supervise_walk_begin(supervise_state *state, supervise_walk walk, ds_list *first);
/// A piece of a walk. False when it waits for something, or there is no walk.
bool supervise_walk_on(supervise_state *state);
/// A child of a walk that is down, by itself or as told.
void supervise_walk_absorb(supervise_state *state, actor_child *child);
/// Starts those that nobody else will: what a walk left when a start failed, and what came meanwhile.
bool supervise_walk_rest(supervise_state *state);

static inline actor_child *supervise_child_of(ds_list *link)
{
    return ds_container_of(link, actor_child, siblings);
}

/// Whether a walk is going to halt this child, or has.
static inline bool supervise_is_halted(const supervise_state *state, const actor_child *child)
{
    return state->stage == SUPERVISE_STAGE_HALTING && child->grouped;
}

#endif
