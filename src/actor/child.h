// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a supervisor keeps of each of its children: plain data, embedded in the cell, so that a supervisor of a million
/// children asks for no memory. What it means, and who changes it: supervise/step.h.
#ifndef ACTOR_CHILD_H
#define ACTOR_CHILD_H

#include "airssys/supervision.h"
#include "ds/list.h"

/// Where a child is, as far as its supervisor knows.
typedef enum actor_place {
    /// Its supervisor has not heard of it yet.
    ACTOR_PLACE_NONE,
    /// Added, and not told to start yet.
    ACTOR_PLACE_NEW,
    ACTOR_PLACE_STARTING,
    ACTOR_PLACE_UP,
    /// Told to end its incarnation.
    ACTOR_PLACE_HALTING,
    /// It has ended, and waits in line for the decision.
    ACTOR_PLACE_ENDED,
    /// It is to be started with others: with its group, or with all when the supervisor comes up.
    ACTOR_PLACE_DOWN,
    /// Its backoff runs.
    ACTOR_PLACE_WAITING,
    /// It has ended as it should, and its place is kept.
    ACTOR_PLACE_RESTING,
    ACTOR_PLACE_QUARANTINED,
    /// Told to end for good.
    ACTOR_PLACE_LEAVING,
    /// Forgotten.
    ACTOR_PLACE_GONE,
    ACTOR_PLACES,
} actor_place;

/// How an incarnation ended, in short.
typedef struct actor_end {
    airs_exit reason;
    airs_error_verdict verdict;
} actor_end;

typedef struct actor_child {
    // Set before the supervisor is told of it.
    airs_restart restart;
    bool significant;
    /// Complete; `own_backoff`, or the supervisor's. Lives as long as the child.
    const airs_backoff *backoff;
    airs_backoff own_backoff;

    ds_list siblings;
    ds_list line;
    actor_place place;
    actor_end end;
    /// It has been ready at least once; it has been told to start at least once.
    bool was_ready;
    bool was_started;
    /// It is one of the group that is walked.
    bool grouped;
    /// What an operator wants of it: AIRS_ACTION_RESTARTED, AIRS_ACTION_QUARANTINED, or NONE.
    airs_action wanted;
    /// Starts since it was healthy, for the backoff.
    uint32_t attempts;
    uint64_t ready_ms;
} actor_child;

#endif
