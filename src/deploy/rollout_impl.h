// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of a rollout share: rollout.c (the machine and its targets), rollout_canary.c (the canary that runs),
/// rollout_lost.c (what was handled in vain). For nobody else.
#ifndef DEPLOY_ROLLOUT_IMPL_H
#define DEPLOY_ROLLOUT_IMPL_H

#include "deploy/measure.h"
#include "deploy/rollout.h"

/// A target, as its actor knows it.
typedef struct rollout_part {
    actor_upgrade upgrade;
    rollout *of;
    uint32_t index;
    rollout_target target;
    /// Counted until it is released or gone.
    actor *cell;
    /// With a canary.
    measure measure;
    char name[129];
    /// What it has handled in vain; NULL: it was not noted.
    /// Of its twin, and of the new version alone.
    actor_journal *lost[2];
    /// For the mean.
    bool swapped;
} rollout_part;

struct rollout {
    /// Of who has made it, of the timer while it runs, and of the actors until the end.
    BASE_ATOMIC(uint32_t) references;
    actor_space *space;
    airs_deploy_options options;
    rollout_ended_fn ended;
    void *user;
    uint32_t count;
    rollout_part *parts;
    deploy_place *places;

    os_mutex lock;
    // Under the lock.
    deploy_state state;
    sched_timer timer;
    /// Of a canary: when it is looked at.
    sched_timer look_timer;
    holding holding;
    char reason[CONDITION_TEXT_MAX + 64];
    airs_deploy_result result;
    uint32_t swaps;
    uint64_t pause_sum_ns;
    uint64_t failed_ns;
    bool over;
};

/// Steps the machine and does what it says. Under the lock.
void rollout_step(rollout *self, deploy_event_kind kind, uint32_t target);

/// Tells the end, once, when it has come. Not under the lock.
void rollout_finish(rollout *self, bool over);

/// The canary's timer.
void rollout_look(sched_timer *timer);

#endif
