// SPDX-License-Identifier: MIT OR Apache-2.0
/// A deployment under way: what step.h decides, done to actors.
///
/// Whoever brings an event (a target's worker, the timer) steps the machine and does what it says, under the rollout's
/// lock; nobody waits for anybody. The end is told once, on whichever thread brings the last event.
#ifndef DEPLOY_ROLLOUT_H
#define DEPLOY_ROLLOUT_H

#include "actor/upgrade.h"
#include "deploy/outcome.h"
#include "deploy/step.h"
#include "wasm/component.h"

typedef struct rollout rollout;

/// One actor, and what it is given.
typedef struct rollout_target {
    uint64_t actor;
    uint32_t rank;
    /// Borrowed until the rollout is made, which retains it.
    airs_component *component;
    bool from_past;
} rollout_target;

/// Any thread; no lock is held.
typedef void (*rollout_ended_fn)(void *user);

/// Attaches to all targets, the smaller ranks first, and begins; one that has ended by then counts as one that ends
/// meanwhile. When one can't be attached to, nothing is begun, and the error is given once the others are let go:
/// `ended` is called in any case when AIRS_OK or an error is returned with `*ret` set, and not when `*ret` is NULL.
/// `options` are complete, and copied but for `user`.
/// Errors: E_TAKEN, E_UNSUPPORTED, E_NOMEM. Any thread.
airs_status rollout_start(actor_space *space, const rollout_target *targets, uint32_t count,
                          const airs_deploy_options *options, rollout_ended_fn ended, void *user, rollout **ret,
                          airs_error *error);

/// Rolls back, unless the new version stays already. Any thread.
void rollout_abort(rollout *self);

/// How it has ended. After `ended` was called.
void rollout_result(const rollout *self, airs_deploy_result *ret);

/// The last of them, at most ACTOR_JOURNAL_MAX of all targets, the oldest first; NULL when none were noted, or there is
/// no memory. The caller's, of `allocator`. After `ended` was called.
rollout_lost *rollout_take_lost(rollout *self, const airs_allocator *allocator, uint32_t *ret_count);

/// After `ended` was called, or is about to be. Any thread.
void rollout_release(rollout *self);

#endif
