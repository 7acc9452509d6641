// SPDX-License-Identifier: MIT OR Apache-2.0
/// Searching and parking, so that queued work never meets only sleeping workers, and few are woken in vain.
///
/// `idle` counts the workers that search and those that are parked. A worker that has nothing to do first searches, if
/// less than half of all do already; then it parks: under `idle_lock` it changes the counts, looks at all queues
/// once more, and joins the sleepers. Who queues a task looks at the counts after that: if none searches and
/// some are parked, it wakes one, which is counted as searching from that moment on.
///
/// Why no work is left alone
///   Queueing is a seq_cst store (of a queue's `back`, or of `inject_len`), then a seq_cst load of `idle`. Parking is
///   a seq_cst change of `idle`, then seq_cst loads of all queues. In the one order of all seq_cst operations
///   either the load of `idle` comes after the change, and sees that the worker no longer searches and is parked;
///   or the change comes after the load, so the look at the queues comes after the store, and sees the task.
///   a. The load sees a searching worker S. Then S's change of `idle` that ends its search comes later. If S ends
///      it by parking, it sees the task. If S ends it because it has found another one, and was the last that
///      searched, it notifies as if it had queued what is left.
///   b. The load sees no one parked: each worker is polling or on its way to park, and looks before it does.
///   c. The load sees none searching and some parked: one is woken. If another was woken meanwhile, that one searches.
/// What stands in a next-task slot is not shown to the others: its worker takes it after the current poll, and in
/// any case before it parks. A worker that searches takes it when it has stood there for a while.
#include "sched/sched_impl.h"

#include "os/futex.h"

#define SEARCHING_ONE 1u
#define PARKED_ONE (1u << 16)

// A worker that holds deferred calls looks after them again so soon.
#define DEFERRAL_NAP_NS 1000000u

static uint32_t searching_of(uint32_t idle)
{
    return idle & 0xffff;
}

static uint32_t parked_of(uint32_t idle)
{
    return idle >> 16;
}

bool sched_has_work(const sched *scheduler)
{
    if (base_atomic_load_seq_cst(&scheduler->inject_len) > 0 ||
        base_atomic_load_seq_cst(&scheduler->foreign_deferrals) > 0)
        return true;
    for (uint32_t i = 0; i < scheduler->workers_count; i++) {
        sched_worker *worker = &scheduler->workers[i];
        if (ds_steal_queue_len(&worker->woken) > 0 || ds_steal_queue_len(&worker->preempted) > 0)
            return true;
    }
    return false;
}

// ---------------------------------------------------------------- the sleepers, under idle_lock

// Takes a worker out of the sleepers and says why.
static void sleeper_wake(sched_worker *worker, sched_park why)
{
    sched *scheduler = worker->sched;
    ds_list_remove(&worker->sleeper);
    uint32_t searching = why == SCHED_PARK_SEARCH ? SEARCHING_ONE : 0;
    uint32_t before = base_atomic_fetch_add_seq_cst(&scheduler->idle, searching - PARKED_ONE);
    // Pairs with the acquire load in park.
    base_atomic_store_release(&worker->parker, (uint32_t)why);
    if (parked_of(before) == scheduler->workers_count && scheduler->hooks.active != NULL)
        scheduler->hooks.active(scheduler->hooks.user);
}

// False when there is something to do instead.
static bool sleeper_join(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    uint32_t searching = worker->searching ? SEARCHING_ONE : 0;
    uint32_t idle = base_atomic_fetch_add_seq_cst(&scheduler->idle, PARKED_ONE - searching) + PARKED_ONE - searching;
    worker->searching = false;
    if (base_atomic_load_acquire(&scheduler->phase) == SCHED_PHASE_HALTING || sched_has_work(scheduler)) {
        base_atomic_fetch_sub_seq_cst(&scheduler->idle, PARKED_ONE);
        return false;
    }
    // The one that slept last is woken first: its caches are the warmest.
    ds_list_push_front(&scheduler->sleepers, &worker->sleeper);
    base_atomic_store_relaxed(&worker->parker, (uint32_t)SCHED_PARK_ASLEEP);
    if (parked_of(idle) == scheduler->workers_count) {
        if (scheduler->hooks.all_parked != NULL)
            scheduler->hooks.all_parked(scheduler->hooks.user);
        if (base_atomic_load_relaxed(&scheduler->phase) == SCHED_PHASE_DRAINING)
            os_event_set(&scheduler->drained);
    }
    return true;
}

// ---------------------------------------------------------------- waking

void sched_idle_notify(sched *scheduler)
{
    uint32_t idle = base_atomic_load_seq_cst(&scheduler->idle);
    if (searching_of(idle) > 0 || parked_of(idle) == 0)
        return;
    sched_worker *worker = NULL;
    os_mutex_lock(&scheduler->idle_lock);
    ds_list *sleeper = ds_list_front(&scheduler->sleepers);
    if (sleeper != NULL && searching_of(base_atomic_load_seq_cst(&scheduler->idle)) == 0) {
        worker = ds_container_of(sleeper, sched_worker, sleeper);
        sleeper_wake(worker, SCHED_PARK_SEARCH);
    }
    os_mutex_unlock(&scheduler->idle_lock);
    if (worker != NULL)
        os_futex_wake(&worker->parker, 1);
}

void sched_idle_wake(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    os_mutex_lock(&scheduler->idle_lock);
    bool asleep = base_atomic_load_relaxed(&worker->parker) == SCHED_PARK_ASLEEP;
    if (asleep)
        sleeper_wake(worker, SCHED_PARK_LOOK);
    os_mutex_unlock(&scheduler->idle_lock);
    if (asleep)
        os_futex_wake(&worker->parker, 1);
}

void sched_idle_wake_all(sched *scheduler)
{
    for (uint32_t i = 0; i < scheduler->workers_count; i++)
        sched_idle_wake(&scheduler->workers[i]);
}

// ---------------------------------------------------------------- searching

bool sched_idle_search_begin(sched_worker *worker)
{
    if (worker->searching)
        return true;
    sched *scheduler = worker->sched;
    // More than half of the workers may search for a moment; the limit saves work, it guards nothing.
    if (2 * searching_of(base_atomic_load_relaxed(&scheduler->idle)) >= scheduler->workers_count)
        return false;
    base_atomic_fetch_add_seq_cst(&scheduler->idle, SEARCHING_ONE);
    worker->searching = true;
    return true;
}

void sched_idle_search_found(sched_worker *worker)
{
    worker->searching = false;
    if (searching_of(base_atomic_fetch_sub_seq_cst(&worker->sched->idle, SEARCHING_ONE)) == 1 &&
        sched_has_work(worker->sched))
        sched_idle_notify(worker->sched);
}

// ---------------------------------------------------------------- parking

// Until when it may sleep. Under idle_lock: who starts an earlier timer later finds it asleep, and wakes it.
static uint64_t park_deadline(sched_worker *worker)
{
    uint64_t deadline_ns = base_atomic_load_acquire(&worker->timer_next_ns);
    if (sched_quiesce_pending(worker)) {
        uint64_t nap_ns = os_deadline_ns(os_clock_now_ns(), DEFERRAL_NAP_NS);
        deadline_ns = nap_ns < deadline_ns ? nap_ns : deadline_ns;
    }
    return deadline_ns;
}

// Sleeps until it is woken, or until the deadline.
static sched_park park_wait(sched_worker *worker, uint64_t deadline_ns)
{
    sched *scheduler = worker->sched;
    for (;;) {
        uint32_t why = base_atomic_load_acquire(&worker->parker);
        if (why != SCHED_PARK_ASLEEP)
            return (sched_park)why;
        if (os_futex_wait(&worker->parker, SCHED_PARK_ASLEEP, deadline_ns))
            continue;
        os_mutex_lock(&scheduler->idle_lock);
        if (base_atomic_load_relaxed(&worker->parker) == SCHED_PARK_ASLEEP)
            sleeper_wake(worker, SCHED_PARK_LOOK);
        os_mutex_unlock(&scheduler->idle_lock);
    }
}

void sched_idle_park(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    os_mutex_lock(&scheduler->idle_lock);
    bool joined = sleeper_join(worker);
    uint64_t deadline_ns = joined ? park_deadline(worker) : 0;
    os_mutex_unlock(&scheduler->idle_lock);
    if (!joined)
        return;

    sched_count(&worker->counters.parks, 1);
    sched_quiesce_offline(worker);
    sched_park why = park_wait(worker, deadline_ns);
    base_atomic_store_relaxed(&worker->parker, (uint32_t)SCHED_PARK_AWAKE);
    sched_quiesce_online(worker);
    worker->searching = why == SCHED_PARK_SEARCH;
    if (why == SCHED_PARK_SEARCH)
        sched_count(&worker->counters.wakes, 1);
}

void sched_idle_wait_drained(sched *scheduler)
{
    os_mutex_lock(&scheduler->idle_lock);
    bool drained =
        parked_of(base_atomic_load_relaxed(&scheduler->idle)) == scheduler->workers_count && !sched_has_work(scheduler);
    os_mutex_unlock(&scheduler->idle_lock);
    if (!drained)
        os_event_wait(&scheduler->drained, OS_NEVER);
}
