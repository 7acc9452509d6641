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
    /// What it had before a deployment that has failed late: it is not refused for what it lacks.
    bool puts_back;
    /// With a canary: it keeps its version until the promotion; it gets a twin, which handles `share_ppm`.
    bool stays;
    bool splits;
    bool by_message;
    uint32_t share_ppm;
    /// Borrowed until it has been started. Without `has_config` they stay.
    bool has_config;
    const airs_setting *config;
    size_t config_count;
    /// What else an instance is made with, as if spawned with these; NULL: that stays. Borrowed as well.
    const airs_spawn_options *spawn;
    /// Complete; NULL: those of the rollout. Borrowed as well.
    const airs_deploy_options *options;
} rollout_target;

/// Any thread; no lock is held.
typedef void (*rollout_ended_fn)(void *user);

/// Attaches to all targets, the smaller ranks first, and begins; one that has ended by then counts as one that ends
/// meanwhile. When one can't be attached to, nothing is begun, and the error is given once the others are let go:
/// `ended` is called in any case when AIRS_OK or an error is returned with `*ret` set, and not when `*ret` is NULL.
/// `options` are complete, and copied but for `user`.
/// Errors: E_TAKEN, E_UNSUPPORTED, E_NOMEM; E_INVALID a condition. Any thread.
airs_status rollout_start(actor_space *space, const rollout_target *targets, uint32_t count,
                          const airs_deploy_options *options, rollout_ended_fn ended, void *user, rollout **ret,
                          airs_error *error);

/// Rolls back, unless the new version stays already. `why` is for its result. Any thread.
void rollout_abort(rollout *self, const char *why);

/// Ends the canary that runs: by giving all targets the new version, or by leaving none with it; `why` is for its
/// result. False: none runs any more. Any thread, with a count on it.
bool rollout_promote(rollout *self, const char *why);
bool rollout_end_canary(rollout *self, const char *why);

/// Of the canary that runs, but for the versions; `ret` NULL: whether one does. False: none does. Any thread, with a
/// count on it.
bool rollout_canary(rollout *self, airs_canary_info *ret);

/// Whether an actor is one of its targets. Any thread, with a count on it.
bool rollout_has(const rollout *self, uint64_t actor);

void rollout_retain(rollout *self);

/// How it has ended. After `ended` was called.
void rollout_result(const rollout *self, airs_deploy_result *ret);

/// The last of them, at most ACTOR_JOURNAL_MAX of all targets, the oldest first; NULL when none were noted, or there is
/// no memory. The caller's, of `allocator`. After `ended` was called.
rollout_lost *rollout_take_lost(rollout *self, const airs_allocator *allocator, uint32_t *ret_count);

/// After `ended` was called, or is about to be. Any thread.
void rollout_release(rollout *self);

#endif
