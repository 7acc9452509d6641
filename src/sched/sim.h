// SPDX-License-Identifier: MIT OR Apache-2.0
/// A simulation: a driven scheduler whose order is drawn from a seed, and whose clock only moves when nothing
/// else is left to do. The same seed and the same program give the same order, and the same hash of it.
/// One thread.
#ifndef AIRS_SCHED_SIM_H
#define AIRS_SCHED_SIM_H

#include "sched/sched.h"

typedef struct sched_sim sched_sim;

/// `allocator` may be NULL for the default one. Errors: E_NOMEM. Ended with `sched_sim_destroy`.
AIRS_NODISCARD airs_status sched_sim_create(uint64_t seed, const airs_allocator *allocator, sched_sim **ret_sim);

/// NULL is allowed.
void sched_sim_destroy(sched_sim *sim);

/// The scheduler to give to what is simulated.
sched *sched_sim_sched(sched_sim *sim);

/// For choices of the scenario itself: from the same seed, apart from the order of tasks.
uint64_t sched_sim_random(sched_sim *sim);

/// The virtual time; starts at 1 s.
uint64_t sched_sim_now_ns(const sched_sim *sim);

/// Lets time pass in the middle of things, as it does while tasks run: what is due fires before the next poll.
void sched_sim_pass(sched_sim *sim, uint64_t elapsed_ns);

/// Mixes something that happened into the hash; the poll of each task is mixed in by itself.
void sched_sim_note(sched_sim *sim, uint64_t what);

/// The hash of the order so far.
uint64_t sched_sim_hash(const sched_sim *sim);

typedef enum sched_sim_end {
    /// No task is queued and no timer pending.
    SCHED_SIM_QUIET = 0,
    /// The next thing would happen after `until_ns`.
    SCHED_SIM_UNTIL = 1,
    /// `steps_max` polls were made.
    SCHED_SIM_STEPS = 2,
} sched_sim_end;

/// Runs until one of the three. The time stands still while tasks are queued, then jumps to the next timer.
sched_sim_end sched_sim_run(sched_sim *sim, uint64_t until_ns, uint64_t steps_max);

#endif
