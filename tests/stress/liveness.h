// SPDX-License-Identifier: MIT OR Apache-2.0
/// Finds actors that could run and are not let: queued, or idle with mail, for a second without being polled.
///
/// A thread looks at all actors every few milliseconds. Between two looks it knows from the scheduler's `polled` hook
/// whether an actor has had its turn; so nothing is added to waking, and nothing to a system that is not watched.
/// Only time in which the thread itself is on time counts: a machine that lets nobody run is no fault of the scheduler.
#ifndef STRESS_LIVENESS_H
#define STRESS_LIVENESS_H

#include "node/system.h"

/// Longer than this nobody waits.
#define LIVENESS_MAX_MS 1000u

/// States of a task, as sched/task.c has them.
#define LIVENESS_TASK_IDLE 0u
#define LIVENESS_TASK_QUEUED 1u

typedef struct liveness liveness;

/// Makes a system and watches it. Ends the program where that can't be done. Ended with `liveness_end`.
liveness *liveness_begin(const airs_system_options *options, airs_system **ret_system);

/// Actors that were found so far, each once for each time. Any thread.
uint32_t liveness_found(const liveness *self);

/// The longest time that an actor has waited, in milliseconds. Any thread.
uint64_t liveness_longest_ms(const liveness *self);

/// Stops looking, destroys the system, and gives how many were found.
uint32_t liveness_end(liveness *self);

#endif
