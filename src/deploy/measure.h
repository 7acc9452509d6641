// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the versions of one target of a canary do, for the conditions of it. Under the rollout's lock.
#ifndef DEPLOY_MEASURE_H
#define DEPLOY_MEASURE_H

#include "actor/meter.h"
#include "actor/upgrade.h"
#include "deploy/holding.h"

typedef struct measure {
    /// NULL without a canary.
    actor_meter *meter;
    /// Of the actor, as it got the new version; and as it was last seen.
    uint64_t restarts_before;
    uint64_t restarts;
} measure;

/// Has what `upgrade` does be counted. False: there is no memory for it.
bool measure_init(measure *self, actor_upgrade *upgrade, const airs_allocator *allocator);
void measure_fini(measure *self, const airs_allocator *allocator);

/// Its actor has the new version from now on.
void measure_swapped(measure *self, const actor *cell);

/// Adds what the old or the new version has done. `cell` NULL: it has ended. `is_new`: it has the new version alone.
void measure_add(measure *self, const actor *cell, bool is_new, bool new_one, condition_facts *to);

#endif
