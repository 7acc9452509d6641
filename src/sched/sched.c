// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sched/sched.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/error.h"
#include "sched/sched_impl.h"

#define QUEUE_CAPACITY_DEFAULT 1024u
#define SPIN_NS_DEFAULT 50000u

// ---------------------------------------------------------------- create

static airs_status options_check(const sched_options *options, airs_error *error)
{
    uint32_t capacity = options->queue_capacity;
    if (options->workers > SCHED_WORKERS_MAX && options->workers != SCHED_DRIVEN)
        return base_error_set(error, AIRS_E_INVALID, "workers: %u; at most %u", options->workers, SCHED_WORKERS_MAX);
    if ((capacity & (capacity - 1)) != 0)
        return base_error_set(error, AIRS_E_INVALID, "queue_capacity: %u is not a power of two", capacity);
    if (options->workers != SCHED_DRIVEN && (options->clock.now_ns != NULL || options->seed != 0))
        return base_error_set(error, AIRS_E_INVALID, "a clock or a seed is only for a driven scheduler");
    return AIRS_OK;
}

static uint32_t workers_wanted(const sched_options *options)
{
    if (options->workers == SCHED_DRIVEN)
        return 1;
    uint32_t count = options->workers != 0 ? options->workers : os_cpu_count();
    return count < SCHED_WORKERS_MAX ? count : SCHED_WORKERS_MAX;
}

static airs_status worker_init(sched *scheduler, uint32_t index, const sched_options *options)
{
    sched_worker *worker = &scheduler->workers[index];
    uint32_t capacity = options->queue_capacity != 0 ? options->queue_capacity : QUEUE_CAPACITY_DEFAULT;
    worker->sched = scheduler;
    worker->index = index;
    worker->clock_every = 1;
    worker->random.state = index;
    ds_list_init(&worker->sleeper);
    sched_timers_init(worker, sched_now_ns(scheduler));
    airs_status status = ds_steal_queue_init(&worker->woken, capacity, scheduler->allocator);
    return status != AIRS_OK ? status : ds_steal_queue_init(&worker->preempted, capacity, scheduler->allocator);
}

static void sched_free(sched *scheduler)
{
    for (uint32_t i = 0; i < scheduler->workers_count && scheduler->workers != NULL; i++) {
        ds_steal_queue_fini(&scheduler->workers[i].woken);
        ds_steal_queue_fini(&scheduler->workers[i].preempted);
    }
    base_free_aligned(scheduler->allocator, scheduler->workers);
    base_free_aligned(scheduler->allocator, scheduler);
}

// All but the threads. NULL when there is no memory.
static sched *sched_make(const sched_options *options)
{
    const airs_allocator *allocator = options->allocator != NULL ? options->allocator : base_allocator_default();
    sched *scheduler = base_alloc_aligned(allocator, sizeof(*scheduler), BASE_CACHE_LINE);
    if (scheduler == NULL)
        return NULL;
    scheduler->allocator = allocator;
    scheduler->clock = options->clock.now_ns != NULL ? options->clock : os_clock_monotonic();
    scheduler->hooks = options->hooks;
    scheduler->workers_count = workers_wanted(options);
    scheduler->spin_ns = options->spin_ns != 0 ? options->spin_ns : SPIN_NS_DEFAULT;
    scheduler->driven = options->workers == SCHED_DRIVEN;
    scheduler->seeded = options->seed != 0;
    scheduler->order.state = options->seed;
    ds_list_init(&scheduler->sleepers);
    sched_quiesce_init(scheduler);

    scheduler->workers =
        base_alloc_aligned(allocator, scheduler->workers_count * sizeof(*scheduler->workers), 2 * BASE_CACHE_LINE);
    bool made = scheduler->workers != NULL;
    for (uint32_t i = 0; made && i < scheduler->workers_count; i++)
        made = worker_init(scheduler, i, options) == AIRS_OK;
    if (made)
        return scheduler;
    sched_free(scheduler);
    return NULL;
}

static void workers_join(sched *scheduler, uint32_t count)
{
    base_atomic_store_release(&scheduler->phase, (uint32_t)SCHED_PHASE_HALTING);
    sched_idle_wake_all(scheduler);
    for (uint32_t i = 0; i < count; i++)
        os_thread_join(&scheduler->workers[i].thread);
}

static airs_status workers_start(sched *scheduler, size_t stack_size, airs_error *error)
{
    if (scheduler->hooks.active != NULL)
        scheduler->hooks.active(scheduler->hooks.user);
    for (uint32_t i = 0; i < scheduler->workers_count; i++) {
        char name[16];
        snprintf(name, sizeof(name), "airs-worker-%u", i % 1000);
        sched_worker *worker = &scheduler->workers[i];
        airs_status status = os_thread_start(&worker->thread, name, stack_size, sched_worker_main, worker);
        if (status != AIRS_OK) {
            workers_join(scheduler, i);
            return base_error_set(error, status, "starting worker %u of %u", i + 1, scheduler->workers_count);
        }
    }
    return AIRS_OK;
}

airs_status sched_create(const sched_options *options, sched **ret_sched, airs_error *error)
{
    static const sched_options defaults;
    if (options == NULL)
        options = &defaults;
    airs_status status = options_check(options, error);
    if (status != AIRS_OK)
        return status;
    sched *scheduler = sched_make(options);
    if (scheduler == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the scheduler");
    if (!scheduler->driven) {
        status = workers_start(scheduler, options->stack_size, error);
        if (status != AIRS_OK) {
            sched_free(scheduler);
            return status;
        }
    }
    *ret_sched = scheduler;
    return AIRS_OK;
}

// ---------------------------------------------------------------- end

void sched_stop(sched *scheduler, bool drain)
{
    AIRS_ASSERT(sched_worker_of(scheduler) == NULL);
    if (scheduler->joined) {
        sched_quiesce_finish(scheduler);
        return;
    }
    if (!scheduler->driven) {
        if (drain) {
            base_atomic_store_release(&scheduler->phase, (uint32_t)SCHED_PHASE_DRAINING);
            sched_idle_wait_drained(scheduler);
        }
        workers_join(scheduler, scheduler->workers_count);
    } else if (drain) {
        uint64_t deadline_ns;
        while (sched_has_work(scheduler) || scheduler->lanes_occupied != 0)
            sched_run_once(scheduler, &deadline_ns);
    }
    sched_quiesce_finish(scheduler);
    scheduler->joined = true;
}

void sched_destroy(sched *scheduler)
{
    if (scheduler == NULL)
        return;
    sched_stop(scheduler, false);
    sched_free(scheduler);
}

// ---------------------------------------------------------------- looking

uint32_t sched_worker_count(const sched *scheduler)
{
    return scheduler->workers_count;
}

uint32_t sched_worker_index(const sched *scheduler)
{
    sched_worker *worker = sched_worker_of(scheduler);
    return worker == NULL ? SCHED_NO_WORKER : worker->index;
}

sched_task *sched_current_task(const sched *scheduler)
{
    sched_worker *worker = sched_worker_of(scheduler);
    return worker == NULL ? NULL : worker->current;
}

uint64_t sched_now_ns(const sched *scheduler)
{
    return scheduler->clock.now_ns(scheduler->clock.user);
}

void sched_get_stats(const sched *scheduler, uint32_t worker, sched_stats *ret_stats)
{
    AIRS_ASSERT(worker < scheduler->workers_count);
    const sched_counters *counters = &scheduler->workers[worker].counters;
    *ret_stats = (sched_stats){
        .polls = base_atomic_load_relaxed(&counters->polls),
        .steals = base_atomic_load_relaxed(&counters->steals),
        .parks = base_atomic_load_relaxed(&counters->parks),
        .wakes = base_atomic_load_relaxed(&counters->wakes),
        .timers_fired = base_atomic_load_relaxed(&counters->timers_fired),
        .deferred = base_atomic_load_relaxed(&counters->deferred),
    };
}
