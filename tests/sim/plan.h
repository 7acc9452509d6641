// SPDX-License-Identifier: MIT OR Apache-2.0
/// What one seed draws: which workload, and which of the features are on (swarm testing: a bug that needs a feature off
/// is found as well as one that needs it on).
#ifndef SIM_PLAN_H
#define SIM_PLAN_H

#include "airssys/actor.h"
#include "base/random.h"
#include "op.h"

typedef enum feature {
    FEATURE_COMPONENTS = 1 << 0,
    FEATURE_BATCH = 1 << 1,
    /// Small mailboxes with any policy.
    FEATURE_SMALL_MAILBOXES = 1 << 2,
    FEATURE_LARGE_PAYLOADS = 1 << 3,
    FEATURE_GRANTS = 1 << 4,
    FEATURE_GROUPS = 1 << 5,
    /// Somebody subscribes to dead letters.
    FEATURE_MOURNERS = 1 << 6,
    /// Guests use up ticks while something is copied in or out.
    FEATURE_SLOW_COPIES = 1 << 7,
    /// Time passes while tasks run.
    FEATURE_TIME_PASSES = 1 << 8,
    FEATURE_NO_MEMORY = 1 << 9,
    /// Comes to its end in the middle of everything.
    FEATURE_STOP_IN_MIDDLE = 1 << 10,
    FEATURE_RESEND = 1 << 11,
    FEATURE_SUPERVISORS = 1 << 12,
    FEATURE_FAILING_STARTS = 1 << 13,
    FEATURE_SHORT_LIMITS = 1 << 14,
    /// Runs that are components of wasi:cli/run.
    FEATURE_MAINS = 1 << 15,
    // These are not drawn: a workload has them or not.
    /// What an incarnation fails with is tried again, or its mailbox is cleared.
    FEATURE_RETRIES = 1 << 16,
    /// Actors are paused, resumed and killed from outside; the supervisor starts those again.
    FEATURE_PAUSES = 1 << 17,
    /// Other versions are deployed to components, which fail at each step; supervisors are killed too.
    FEATURE_DEPLOYS = 1 << 18,
} feature;

/// Those that are drawn.
#define FEATURES_COUNT 16u
/// The first op that is drawn last.
#define OPS_FIRST_LATE OP_MONITOR

/// Who sends to whom.
typedef enum topology {
    TOPOLOGY_MESH,
    TOPOLOGY_RING,
    /// All to the first few.
    TOPOLOGY_FAN_IN,
    /// The first to all.
    TOPOLOGY_FAN_OUT,
} topology;

typedef struct workload {
    const char *name;
    topology topology;
    uint32_t minds_min;
    uint32_t minds_max;
    /// How often each op is drawn, against the others.
    uint8_t weights[OP_COUNT];
    /// Features that are always on, and never.
    uint32_t always;
    uint32_t never;
} workload;

extern const workload workloads[];
extern const uint32_t workloads_count;

typedef struct plan {
    uint64_t seed;
    const workload *workload;
    uint32_t features;
    uint32_t weights[OP_COUNT];
    uint32_t weights_sum;
    uint32_t minds;
    uint32_t supervisors;
    /// Ops that minds may do all together, and rounds of what the host does.
    uint32_t ops;
    uint32_t rounds;
} plan;

void plan_draw(plan *ret, uint64_t seed, const workload *which);

static inline bool plan_has(const plan *self, feature which)
{
    return (self->features & which) != 0;
}

#endif
