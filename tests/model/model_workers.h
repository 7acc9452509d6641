// SPDX-License-Identifier: MIT OR Apache-2.0
/// A scheduler for models: real structures in static memory, made anew for each execution, and no threads.
#ifndef MODEL_WORKERS_H
#define MODEL_WORKERS_H

#include <string.h>

#include "sched/sched_impl.h"

#define WORKERS_MAX 2
#define RING 4

_Thread_local sched_worker *sched_this_worker;

static struct {
    sched scheduler;
    sched_worker workers[WORKERS_MAX];
    BASE_ATOMIC(void *) woken[WORKERS_MAX][RING];
    BASE_ATOMIC(void *) preempted[WORKERS_MAX][RING];
} plant;

static inline void plant_setup(uint32_t workers)
{
    memset(&plant, 0, sizeof(plant));
    plant.scheduler.workers = plant.workers;
    plant.scheduler.workers_count = workers;
    ds_list_init(&plant.scheduler.sleepers);
    for (uint32_t i = 0; i < workers; i++) {
        sched_worker *worker = &plant.workers[i];
        worker->sched = &plant.scheduler;
        worker->index = i;
        worker->timer_next_ns = OS_NEVER;
        worker->woken.slots = plant.woken[i];
        worker->woken.mask = RING - 1;
        worker->preempted.slots = plant.preempted[i];
        worker->preempted.mask = RING - 1;
        ds_list_init(&worker->sleeper);
    }
    model_thread_local(&sched_this_worker, sizeof sched_this_worker);
    model_name(&plant.scheduler.inject_lock, "inject_lock");
    model_name(&plant.scheduler.inject_len, "inject_len");
    model_name(&plant.scheduler.idle_lock, "idle_lock");
    model_name(&plant.scheduler.idle, "idle");
    model_name(&plant.scheduler.phase, "phase");
    model_name(&plant.scheduler.epoch, "epoch");
    model_name(&plant.scheduler.deferral_lock, "deferral_lock");
    model_name(&plant.scheduler.foreign_deferrals, "foreign_deferrals");
    model_name(&plant.scheduler.readers_count, "readers_count");
    model_name(&plant.scheduler.readers[0].seen, "reader 0 seen");
    model_name(&plant.workers[0].seen, "worker 0 seen");
    model_name(&plant.workers[1].seen, "worker 1 seen");
    model_name(&plant.workers[0].parker, "worker 0 parker");
    model_name(&plant.workers[1].parker, "worker 1 parker");
    model_name(&plant.workers[0].woken.back, "worker 0 back");
    model_name(&plant.workers[1].woken.back, "worker 1 back");
    model_name(&plant.workers[0].woken.front, "worker 0 front");
    model_name(&plant.workers[1].woken.front, "worker 1 front");
}

#endif
