// SPDX-License-Identifier: MIT OR Apache-2.0
/// The scheduler without threads: the caller's thread is the only worker, for the time of a call.
#include "sched/sched_impl.h"

// How soon to look again whether a foreign read section has ended that deferred calls wait for.
#define DEFERRAL_NAP_NS 1000000u

// A task from a random lane of those that have any.
static sched_task *lane_take(sched *scheduler, uint32_t *ret_lane)
{
    sched_lanes_fill(scheduler);
    uint32_t occupied = scheduler->lanes_occupied;
    if (occupied == 0)
        return NULL;
    uint32_t skip = base_random_below(&scheduler->order, (uint32_t)__builtin_popcount(occupied));
    while (skip-- > 0)
        occupied &= occupied - 1;
    uint32_t lane = (uint32_t)__builtin_ctz(occupied);
    sched_task *task = sched_chain_pop(&scheduler->lanes[lane]);
    if (scheduler->lanes[lane].first == NULL)
        scheduler->lanes_occupied &= ~(1u << lane);
    *ret_lane = lane;
    return task;
}

static bool driven_step(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    uint64_t deferred = base_atomic_load_relaxed(&worker->counters.deferred);
    sched_quiesce_pass(worker);
    bool did = base_atomic_load_relaxed(&worker->counters.deferred) != deferred;
    if (base_atomic_load_relaxed(&worker->timer_next_ns) != OS_NEVER)
        did |= sched_timers_run(worker, sched_now_ns(scheduler));

    uint32_t lane = 0;
    sched_task *task = scheduler->seeded ? lane_take(scheduler, &lane) : sched_worker_next(worker);
    if (task == NULL)
        return did;
    sched_task_run(worker, task, lane);
    return true;
}

bool sched_run_once(sched *scheduler, uint64_t *ret_deadline_ns)
{
    AIRS_ASSERT(scheduler->driven && sched_worker_of(scheduler) == NULL);
    sched_worker *worker = &scheduler->workers[0];
    // A driven scheduler may be run inside a poll of another one.
    sched_worker *outer = sched_this_worker;
    sched_this_worker = worker;
    sched_quiesce_online(worker);
    bool did = driven_step(worker);
    uint64_t deadline_ns = base_atomic_load_acquire(&worker->timer_next_ns);
    if (sched_quiesce_pending(worker)) {
        uint64_t nap_ns = os_deadline_ns(sched_now_ns(scheduler), DEFERRAL_NAP_NS);
        deadline_ns = nap_ns < deadline_ns ? nap_ns : deadline_ns;
    }
    sched_quiesce_offline(worker);
    sched_this_worker = outer;
    *ret_deadline_ns = deadline_ns;
    return did;
}
