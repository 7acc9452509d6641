// SPDX-License-Identifier: MIT OR Apache-2.0
/// Searching and parking: queued work never meets only sleeping workers.
#include "model_workers.h"

#include "os/futex.h"

#define TASKS 2

static struct {
    sched_task tasks[TASKS];
    /// Counted by tasks, which run on different workers.
    BASE_ATOMIC(uint32_t) polled;
    uint32_t wanted;
} yard;

// ---------------------------------------------------------------- what the rooms below give

bool os_futex_wait(BASE_ATOMIC(uint32_t) *word, uint32_t expected, uint64_t deadline_ns)
{
    model_check(deadline_ns == OS_NEVER);
    model_futex_wait(word, expected);
    return true;
}

void os_futex_wake(BASE_ATOMIC(uint32_t) *word, uint32_t count)
{
    model_futex_wake(word, count);
}

void os_event_set(os_event *event)
{
    (void)event;
}

void sched_quiesce_online(sched_worker *worker)
{
    (void)worker;
}

void sched_quiesce_offline(sched_worker *worker)
{
    (void)worker;
}

bool sched_quiesce_pending(const sched_worker *worker)
{
    (void)worker;
    return false;
}

bool sched_others_wait(const sched *scheduler)
{
    (void)scheduler;
    return false;
}

// ---------------------------------------------------------------- threads

// The last one ends the workers, as sched_stop does.
static sched_verdict poll(sched_task *task)
{
    (void)task;
    if (base_atomic_fetch_add_acq_rel(&yard.polled, 1u) + 1 == yard.wanted) {
        base_atomic_store_release(&plant.scheduler.phase, (uint32_t)SCHED_PHASE_HALTING);
        sched_idle_wake_all(&plant.scheduler);
    }
    return SCHED_POLL_DONE;
}

static sched_task *search(sched_worker *self)
{
    if (!sched_idle_search_begin(self))
        return NULL;
    for (uint32_t i = 0; i < plant.scheduler.workers_count; i++) {
        sched_task *task = i == self->index ? NULL : ds_steal_queue_take(&plant.workers[i].woken);
        if (task != NULL)
            return task;
    }
    return NULL;
}

static void work(uint32_t index)
{
    sched_worker *self = &plant.workers[index];
    sched_this_worker = self;
    while (base_atomic_load_acquire(&plant.scheduler.phase) != SCHED_PHASE_HALTING) {
        sched_task *task = ds_steal_queue_take(&self->woken);
        if (task == NULL)
            task = sched_inject_take(self);
        if (task == NULL)
            task = search(self);
        if (task == NULL) {
            sched_idle_park(self);
            continue;
        }
        if (self->searching)
            sched_idle_search_found(self);
        sched_task_run(self, task, 0);
    }
}

static void work_0(void)
{
    work(0);
}

static void work_1(void)
{
    work(1);
}

// A foreign thread.
static void wake_first(void)
{
    sched_wake(&plant.scheduler, &yard.tasks[0]);
}

static void wake_both(void)
{
    sched_wake(&plant.scheduler, &yard.tasks[0]);
    sched_wake(&plant.scheduler, &yard.tasks[1]);
}

// A worker whose poll goes on for ever after it has queued something: the others have to find it.
static void queue_and_stay(void)
{
    sched_this_worker = &plant.workers[0];
    sched_wake(&plant.scheduler, &yard.tasks[0]);
}

// A foreign thread has deferred a call, see quiesce.c.
static void defer(void)
{
    base_atomic_store_seq_cst(&plant.scheduler.foreign_deferrals, 1u);
    sched_idle_notify(&plant.scheduler);
}

static void wait_for_deferral(void)
{
    sched_this_worker = &plant.workers[0];
    while (base_atomic_load_relaxed(&plant.scheduler.foreign_deferrals) == 0)
        sched_idle_park(&plant.workers[0]);
}

static void setup(uint32_t workers, uint32_t wanted)
{
    plant_setup(workers);
    memset(&yard, 0, sizeof(yard));
    yard.wanted = wanted;
    for (uint32_t i = 0; i < TASKS; i++)
        sched_task_init(&yard.tasks[i], poll);
    model_name(&yard.tasks[0].state, "task 1 state");
    model_name(&yard.tasks[1].state, "task 2 state");
    model_name(&yard.polled, "polled");
}

// sched_stop, on a foreign thread.
static void halt(void)
{
    base_atomic_store_release(&plant.scheduler.phase, (uint32_t)SCHED_PHASE_HALTING);
    sched_idle_wake_all(&plant.scheduler);
}

static void setup_none(void)
{
    setup(1, 0);
}

static void setup_one(void)
{
    setup(1, 1);
}

static void setup_one_two(void)
{
    setup(1, 2);
}

static void setup_two(void)
{
    setup(2, 1);
}

static void end(void)
{
    model_check(base_atomic_load_relaxed(&yard.polled) == yard.wanted);
}

static const model_scenario scenarios[] = {
    {"a worker, a foreign wake", setup_one, {{"worker", work_0}, {"foreign", wake_first}}, end, false},
    {"a worker finds what another has queued", setup_two, {{"busy", queue_and_stay}, {"worker", work_1}}, end, false},
    {"a worker, a foreign deferral", setup_none, {{"worker", wait_for_deferral}, {"foreign", defer}}, end, false},
    {"a worker that is told to end", setup_none, {{"worker", work_0}, {"stops", halt}}, end, false},
    {"a worker, two foreign wakes", setup_one_two, {{"worker", work_0}, {"foreign", wake_both}}, end, false},
    {"two workers, a foreign wake",
     setup_two,
     {{"worker 0", work_0}, {"worker 1", work_1}, {"foreign", wake_first}},
     end,
     true},
    {0},
};

static const char *const files[] = {"idle.c", NULL};

#define TWO_SEARCH "needs two workers that search, which is beyond what is explored: idle.c argues for it"

static const model_kept kept[] = {
    {"sched_idle_search_begin", "&scheduler->idle", MODEL_ADD_OP, MODEL_RELAXED, TWO_SEARCH, false, 0},
    {"sched_idle_search_found", "&worker->sched->idle", MODEL_SUB_OP, MODEL_RELAXED, TWO_SEARCH, false, 0},
    {"sched_idle_notify", "&scheduler->idle", MODEL_LOAD_OP, MODEL_RELAXED, TWO_SEARCH, false, 2},
    {"sleeper_wake", "&scheduler->idle", MODEL_ADD_OP, MODEL_RELAXED, TWO_SEARCH, false, 0},
    {"sleeper_join", "&scheduler->idle", MODEL_SUB_OP, MODEL_RELAXED, TWO_SEARCH, false, 0},
    {"sleeper_join", "&scheduler->phase", MODEL_LOAD_OP, MODEL_RELAXED,
     "who halts the workers takes the lock after that: it finds the worker asleep, or the worker sees it", false, 0},
    {"park_deadline", "&worker->timer_next_ns", MODEL_LOAD_OP, MODEL_RELAXED, "timers are no part of this model", false,
     0},
    {"park_wait", "&worker->parker", MODEL_LOAD_OP, MODEL_RELAXED,
     "what there is to do is found through the queues, which order it themselves", false, 0},
    {"sleeper_wake", "&worker->parker", MODEL_STORE_OP, MODEL_RELAXED,
     "what there is to do is found through the queues, which order it themselves", false, 0},
    {0},
};

static const model_removal checks[] = {
    {"who parks looks at the queues once more", NULL},
    {"who parks looks whether all end", NULL},
    {"who wakes a worker wakes its futex", NULL},
    {"who wakes a worker says so", NULL},
    {"deferred calls are work", NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"idle", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
