// SPDX-License-Identifier: MIT OR Apache-2.0
/// Timers: each worker has a wheel with a lock of its own. A worker's timers stay on its wheel, so its lock is
/// almost always free; a foreign thread takes the wheels in turn.
///
/// Invariants
///   1. A timer is taken out of a wheel, and named in `firing`, under the wheel's lock. So who holds the lock and does
///      not find it pending either finds it in `firing`, or its function has returned or never runs.
///   2. `timer_next_ns` is never later than the first deadline of the wheel. It is lowered with the insert, before the
///      worker is looked at: a sleeping worker that does not know of an earlier deadline is woken (idle.c).
///
/// Pairs
///   a. `firing` store of NULL, release, with its load in cancel_wait, acquire: what the function did is seen.
#include "sched/sched_impl.h"

#define TICK_BITS 18

_Static_assert(SCHED_TIMER_RESOLUTION_NS == 1u << TICK_BITS, "a tick is the resolution");

// Nodes of one slot that are moved under the lock at a time.
#define WORK_MAX 256u
// Timers that fire in a row before tasks get their turn.
#define FIRE_MAX 1024u
// How much a timer has to be late before another worker cares for it.
#define LATE_NS 1000000u

void sched_timers_init(sched_worker *worker, uint64_t now_ns)
{
    os_mutex_init(&worker->timer_lock);
    ds_timer_wheel_init(&worker->wheel, now_ns >> TICK_BITS);
    base_atomic_init(&worker->timer_next_ns, OS_NEVER);
    base_atomic_init(&worker->firing, NULL);
}

void sched_timer_init(sched_timer *timer, sched_timer_fn fn, void *user)
{
    ds_wheel_node_init(&timer->node);
    timer->fn = fn;
    timer->user = user;
    timer->home = 0;
}

// The first tick that begins at or after the deadline: a timer never fires early.
static uint64_t tick_of_deadline(uint64_t deadline_ns)
{
    uint64_t tick = deadline_ns >> TICK_BITS;
    return tick << TICK_BITS == deadline_ns ? tick : tick + 1;
}

// Under the wheel's lock.
static uint64_t wheel_next_ns(const sched_worker *worker)
{
    uint64_t tick = ds_timer_wheel_next(&worker->wheel);
    return tick > OS_NEVER >> TICK_BITS ? OS_NEVER : tick << TICK_BITS;
}

// Where a timer of this thread is put.
static sched_worker *home_choose(sched *scheduler)
{
    sched_worker *worker = sched_worker_of(scheduler);
    if (worker != NULL)
        return worker;
    uint32_t turn = base_atomic_fetch_add_relaxed(&scheduler->timer_turn, 1u);
    return &scheduler->workers[turn % scheduler->workers_count];
}

void sched_timer_start(sched *scheduler, sched_timer *timer, uint64_t deadline_ns)
{
    if (deadline_ns == OS_NEVER)
        return;
    sched_worker *worker = home_choose(scheduler);
    os_mutex_lock(&worker->timer_lock);
    timer->home = worker->index;
    ds_timer_wheel_insert(&worker->wheel, &timer->node, tick_of_deadline(deadline_ns));
    bool earlier = false;
    if (deadline_ns < base_atomic_load_relaxed(&worker->timer_next_ns)) {
        uint64_t next_ns = wheel_next_ns(worker);
        earlier = next_ns < base_atomic_load_relaxed(&worker->timer_next_ns);
        if (earlier)
            base_atomic_store_release(&worker->timer_next_ns, next_ns);
    }
    os_mutex_unlock(&worker->timer_lock);
    if (!earlier || worker == sched_this_worker)
        return;
    if (!scheduler->driven)
        sched_idle_wake(worker);
    else if (scheduler->hooks.foreign_wake != NULL)
        scheduler->hooks.foreign_wake(scheduler->hooks.user);
}

bool sched_timer_cancel(sched *scheduler, sched_timer *timer)
{
    sched_worker *worker = &scheduler->workers[timer->home];
    os_mutex_lock(&worker->timer_lock);
    bool cancelled = ds_timer_wheel_cancel(&worker->wheel, &timer->node);
    os_mutex_unlock(&worker->timer_lock);
    return cancelled;
}

// Waits until its function does not run; false when it did not.
static bool firing_wait(sched *scheduler, const sched_timer *timer)
{
    bool seen = false;
    for (uint32_t i = 0; i < scheduler->workers_count; i++) {
        sched_worker *worker = &scheduler->workers[i];
        for (uint32_t spins = 0; base_atomic_load_acquire(&worker->firing) == timer; spins++) {
            AIRS_ASSERT(worker != sched_this_worker);
            seen = true;
            if (spins % 64 == 63)
                os_thread_yield();
            base_cpu_relax();
        }
    }
    return seen;
}

bool sched_timer_cancel_wait(sched *scheduler, sched_timer *timer)
{
    // A timer that was firing may have started itself again.
    do {
        if (sched_timer_cancel(scheduler, timer))
            return true;
    } while (firing_wait(scheduler, timer));
    return false;
}

uint64_t sched_timer_count(sched *scheduler)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < scheduler->workers_count; i++) {
        sched_worker *worker = &scheduler->workers[i];
        os_mutex_lock(&worker->timer_lock);
        count += worker->wheel.count;
        os_mutex_unlock(&worker->timer_lock);
    }
    return count;
}

// The next timer of `owner` that is due, to be fired by `worker`; NULL when there is none, and then
// `timer_next_ns` is up to date.
static sched_timer *timer_due(sched_worker *worker, sched_worker *owner, uint64_t now_ns)
{
    ds_wheel_node *node;
    uint32_t work;
    do {
        work = WORK_MAX;
        os_mutex_lock(&owner->timer_lock);
        node = ds_timer_wheel_pop(&owner->wheel, now_ns >> TICK_BITS, &work);
        if (node != NULL)
            base_atomic_store_relaxed(&worker->firing, ds_container_of(node, sched_timer, node));
        else
            base_atomic_store_relaxed(&owner->timer_next_ns, wheel_next_ns(owner));
        os_mutex_unlock(&owner->timer_lock);
    } while (node == NULL && work == 0);
    return node == NULL ? NULL : ds_container_of(node, sched_timer, node);
}

static bool timers_fire(sched_worker *worker, sched_worker *owner, uint64_t now_ns)
{
    uint32_t fired = 0;
    while (fired < FIRE_MAX) {
        sched_timer *timer = timer_due(worker, owner, now_ns);
        if (timer == NULL)
            break;
        // Its memory may be gone when the function has returned.
        timer->fn(timer);
        base_atomic_store_release(&worker->firing, NULL);
        fired++;
    }
    sched_count(&worker->counters.timers_fired, fired);
    return fired > 0;
}

bool sched_timers_run(sched_worker *worker, uint64_t now_ns)
{
    return now_ns >= base_atomic_load_relaxed(&worker->timer_next_ns) && timers_fire(worker, worker, now_ns);
}

bool sched_timers_help(sched_worker *worker, uint64_t now_ns)
{
    sched *scheduler = worker->sched;
    bool fired = false;
    for (uint32_t i = 0; i < scheduler->workers_count; i++) {
        sched_worker *owner = &scheduler->workers[i];
        uint64_t next_ns = base_atomic_load_relaxed(&owner->timer_next_ns);
        if (owner != worker && now_ns > next_ns && now_ns - next_ns > LATE_NS)
            fired |= timers_fire(worker, owner, now_ns);
    }
    return fired;
}
