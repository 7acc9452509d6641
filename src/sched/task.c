// SPDX-License-Identifier: MIT OR Apache-2.0
/// A task's state is three bits: NOTIFIED (is queued, or has to be when its poll ends), RUNNING, DONE.
///
///     0                   idle
///     NOTIFIED            queued: in exactly one queue or next-task slot
///     RUNNING             one worker polls it; in no queue
///     RUNNING | NOTIFIED  the same, and it was woken since
///     DONE (| NOTIFIED)   over
///
/// Invariants
///   1. Who changes 0 to NOTIFIED queues the task; nobody else does, but for the worker that polls it.
///   2. A wake is a read-modify-write even when the bit is set already, so it is ordered with the one that begins the
///      poll: either the wake comes before it, and the poll sees what was done before the wake; or after it,
///      and the compare-and-swap that would make the task idle fails. So no wake-up is lost.
///
/// Pairs
///   a. state fetch_or (wake), release, with state exchange (begin), acquire: as in (2). Wakes in between are
///      read-modify-writes too and keep the pair.
///   b. state compare-and-swap (end), release, with state fetch_or (wake), acquire: the worker that polls next sees
///      what the last poll did, through whoever woke the task.
///   c. state exchange (again), acquire and release: for wakes during a poll whose task is queued anyway, as (a).
#include "sched/sched_impl.h"

#define NOTIFIED 1u
#define RUNNING 2u
#define DONE 4u

void sched_task_init(sched_task *task, sched_poll_fn poll)
{
    task->next = NULL;
    task->poll = poll;
    base_atomic_init(&task->state, 0u);
}

// ---------------------------------------------------------------- queues

static void inject_push(sched *scheduler, sched_task *task)
{
    os_mutex_lock(&scheduler->inject_lock);
    sched_chain_push(&scheduler->inject, task);
    base_atomic_store_seq_cst(&scheduler->inject_len, base_atomic_load_relaxed(&scheduler->inject_len) + 1);
    os_mutex_unlock(&scheduler->inject_lock);
}

// Driven and seeded: any lane, at random.
static void lane_push(sched *scheduler, sched_task *task)
{
    uint32_t lane = base_random_below(&scheduler->order, SCHED_LANES);
    sched_chain_push(&scheduler->lanes[lane], task);
    scheduler->lanes_occupied |= 1u << lane;
}

// Into one of a worker's own queues, or where that is full, into the shared one.
static void worker_push(sched_worker *worker, ds_steal_queue *queue, sched_task *task)
{
    if (worker->sched->seeded) {
        lane_push(worker->sched, task);
    } else if (!ds_steal_queue_push(queue, task)) {
        worker->overflows = true;
        inject_push(worker->sched, task);
    }
}

static void foreign_push(sched *scheduler, sched_task *task)
{
    inject_push(scheduler, task);
    if (!scheduler->driven)
        sched_idle_notify(scheduler);
    else if (scheduler->hooks.foreign_wake != NULL)
        scheduler->hooks.foreign_wake(scheduler->hooks.user);
}

sched_task *sched_inject_take(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    if (base_atomic_load_relaxed(&scheduler->inject_len) == 0)
        return NULL;
    os_mutex_lock(&scheduler->inject_lock);
    uint32_t len = base_atomic_load_relaxed(&scheduler->inject_len);
    uint32_t share = len / scheduler->workers_count + 1;
    // One is returned, the others need room in the worker's own queue, which only it fills.
    uint32_t room = (uint32_t)worker->woken.mask + 1 - ds_steal_queue_len(&worker->woken);
    if (share > len)
        share = len;
    if (share > room + 1)
        share = room + 1;
    sched_task *first = share == 0 ? NULL : sched_chain_pop(&scheduler->inject);
    for (uint32_t i = 1; i < share; i++)
        AIRS_ASSERT(ds_steal_queue_push(&worker->woken, sched_chain_pop(&scheduler->inject)));
    base_atomic_store_seq_cst(&scheduler->inject_len, len - share);
    os_mutex_unlock(&scheduler->inject_lock);
    if (share > 1)
        sched_idle_notify(scheduler);
    return first;
}

void sched_lanes_fill(sched *scheduler)
{
    os_mutex_lock(&scheduler->inject_lock);
    sched_chain chain = scheduler->inject;
    scheduler->inject = (sched_chain){0};
    base_atomic_store_seq_cst(&scheduler->inject_len, 0u);
    os_mutex_unlock(&scheduler->inject_lock);
    for (sched_task *task = sched_chain_pop(&chain); task != NULL; task = sched_chain_pop(&chain))
        lane_push(scheduler, task);
}

// ---------------------------------------------------------------- waking

// True when the caller has to queue it.
static bool task_notify(sched_task *task)
{
    return base_atomic_fetch_or_acq_rel(&task->state, NOTIFIED) == 0;
}

void sched_wake(sched *scheduler, sched_task *task)
{
    if (!task_notify(task))
        return;
    sched_worker *worker = sched_worker_of(scheduler);
    if (worker == NULL) {
        foreign_push(scheduler, task);
        return;
    }
    if (worker->current != NULL && !scheduler->seeded) {
        // Woken by a task that runs: next on this worker, which is not shown to the others (idle.c says why).
        task = base_atomic_exchange_acq_rel(&worker->next, task);
        if (task == NULL)
            return;
    }
    worker_push(worker, &worker->woken, task);
    sched_idle_notify(scheduler);
}

void sched_wake_last(sched *scheduler, sched_task *task)
{
    if (!task_notify(task))
        return;
    sched_worker *worker = sched_worker_of(scheduler);
    if (worker == NULL) {
        foreign_push(scheduler, task);
        return;
    }
    worker_push(worker, &worker->preempted, task);
    sched_idle_notify(scheduler);
}

// ---------------------------------------------------------------- polling

// Queues a task that was just polled. Others are told only when there is more than this one to do here.
static void task_requeue(sched_worker *worker, ds_steal_queue *queue, sched_task *task)
{
    base_atomic_exchange_acq_rel(&task->state, NOTIFIED);
    bool others = sched_others_wait(worker->sched);
    worker_push(worker, queue, task);
    if (others)
        sched_idle_notify(worker->sched);
}

void sched_task_run(sched_worker *worker, sched_task *task, uint32_t lane)
{
    uint32_t before = base_atomic_exchange_acquire(&task->state, RUNNING);
    AIRS_ASSERT(before == NOTIFIED);
    worker->current = task;
    sched_verdict verdict = task->poll(task);
    worker->current = NULL;
    sched_count(&worker->counters.polls, 1);
    const sched_hooks *hooks = &worker->sched->hooks;
    if (hooks->polled != NULL)
        hooks->polled(hooks->user, task, lane, verdict);

    uint32_t running = RUNNING;
    switch (verdict) {
    case SCHED_POLL_IDLE:
        if (!base_atomic_cas_release(&task->state, &running, 0u))
            task_requeue(worker, &worker->woken, task);
        return;
    case SCHED_POLL_AGAIN:
        task_requeue(worker, &worker->preempted, task);
        return;
    case SCHED_POLL_YIELD:
        task_requeue(worker, &worker->woken, task);
        return;
    case SCHED_POLL_DONE:
        base_atomic_store_release(&task->state, DONE);
        return;
    }
    AIRS_ASSERT(verdict <= SCHED_POLL_YIELD);
}
