// SPDX-License-Identifier: MIT OR Apache-2.0
/// A worker's life: find a task, poll it, look after timers and deferred calls in between.
#include "sched/sched_impl.h"

// The clock is read at least each so many polls while timers are pending.
#define CLOCK_EVERY_MAX 64u

// How long a task may stand in another worker's next-task slot before it is taken from there. Most often that
// worker's current poll ends sooner, and the task finds its caches warm.
#define SLOT_PATIENCE_NS 5000u

// Rounds of a search between two looks at the clock, and pauses between two rounds.
#define SEARCH_ROUNDS 4
#define SEARCH_PAUSES 16

// Tasks that are taken from a victim at once.
#define STEAL_MAX 128u

_Thread_local sched_worker *sched_this_worker;

// ---------------------------------------------------------------- between two polls

// How often to read the clock follows from how long polls take: so that what it says is seldom older than a
// timer's resolution, and short polls do not each pay for it.
static void clock_adapt(sched_worker *worker, uint64_t now_ns)
{
    uint64_t elapsed_ns = now_ns - worker->clock_ns;
    if (elapsed_ns > SCHED_TIMER_RESOLUTION_NS)
        worker->clock_every = worker->clock_every / 4 + 1;
    else if (elapsed_ns < SCHED_TIMER_RESOLUTION_NS / 4 && worker->clock_every < CLOCK_EVERY_MAX)
        worker->clock_every *= 2;
    worker->clock_ns = now_ns;
    worker->clock_in = worker->clock_every;
}

void sched_worker_between(sched_worker *worker, bool look_at_clock)
{
    sched_quiesce_pass(worker);
    if (worker->clock_in > 0)
        worker->clock_in--;
    if (worker->clock_in > 0 && !look_at_clock)
        return;
    if (base_atomic_load_relaxed(&worker->timer_next_ns) == OS_NEVER) {
        worker->clock_in = worker->clock_every;
        return;
    }
    uint64_t now_ns = sched_now_ns(worker->sched);
    clock_adapt(worker, now_ns);
    sched_timers_run(worker, now_ns);
}

// ---------------------------------------------------------------- own work

static sched_task *take_slot(sched_worker *worker)
{
    if (base_atomic_load_relaxed(&worker->next) == NULL)
        return NULL;
    // Pairs with the exchange of a thief: one of the two gets it.
    return base_atomic_exchange_acquire(&worker->next, NULL);
}

// What is otherwise taken last.
static sched_task *take_neglected(sched_worker *worker)
{
    sched_task *task = sched_inject_take(worker);
    return task != NULL ? task : ds_steal_queue_take(&worker->preempted);
}

// Those that are otherwise taken last, each at its own polls: neither can stand in the other's way. What does not fit
// the worker's own queue has every second poll, as it would have places in a larger one.
static sched_task *take_in_turn(sched_worker *worker)
{
    if (worker->turn % SCHED_FAIR == 0) {
        sched_task *task = ds_steal_queue_take(&worker->preempted);
        if (task != NULL)
            return task;
    }
    if (worker->turn % (worker->overflows ? SCHED_OVERFLOW : SCHED_FOREIGN) != 0)
        return NULL;
    sched_task *task = sched_inject_take(worker);
    worker->overflows &= task != NULL;
    return task;
}

// Queues a task behind those that were woken, and takes the first of these.
static sched_task *swap_with_oldest(sched_worker *worker, sched_task *task)
{
    if (!ds_steal_queue_push(&worker->woken, task))
        return task;
    sched_idle_notify(worker->sched);
    return ds_steal_queue_take(&worker->woken);
}

sched_task *sched_worker_next(sched_worker *worker)
{
    worker->turn++;
    sched_task *task = take_in_turn(worker);
    if (task != NULL)
        return task;
    task = take_slot(worker);
    if (task != NULL && worker->next_in_row >= SCHED_NEXT_MAX && ds_steal_queue_len(&worker->woken) > 0) {
        // Two that keep waking each other: they line up behind those that wait.
        task = swap_with_oldest(worker, task);
        worker->next_in_row = 0;
    } else if (task != NULL) {
        worker->next_in_row++;
    } else {
        worker->next_in_row = 0;
        task = ds_steal_queue_take(&worker->woken);
    }
    return task != NULL ? task : take_neglected(worker);
}

bool sched_others_wait(const sched *scheduler)
{
    sched_worker *worker = sched_worker_of(scheduler);
    return worker != NULL &&
           (base_atomic_load_relaxed(&worker->next) != NULL || ds_steal_queue_len(&worker->woken) > 0 ||
            base_atomic_load_relaxed(&scheduler->inject_len) > 0 || ds_steal_queue_len(&worker->preempted) > 0 ||
            scheduler->lanes_occupied != 0);
}

// ---------------------------------------------------------------- others' work

// A task in a victim's next-task slot that stays there while the victim does not move.
typedef struct slot_watch {
    sched_worker *victim;
    sched_task *task;
    uint64_t polls;
    uint64_t since_ns;
} slot_watch;

static sched_task *steal_slot(sched_worker *victim, slot_watch *watch, uint64_t now_ns)
{
    sched_task *task = base_atomic_load_relaxed(&victim->next);
    if (task == NULL)
        return NULL;
    uint64_t polls = base_atomic_load_relaxed(&victim->counters.polls);
    if (watch->victim != victim || watch->task != task || watch->polls != polls) {
        *watch = (slot_watch){.victim = victim, .task = task, .polls = polls, .since_ns = now_ns};
        return NULL;
    }
    if (now_ns - watch->since_ns < SLOT_PATIENCE_NS)
        return NULL;
    return base_atomic_cas_acq_rel(&victim->next, &task, NULL) ? task : NULL;
}

// Takes the older half of a queue: the first is returned, the others go to the thief's own.
static sched_task *steal_half(sched_worker *worker, ds_steal_queue *from, ds_steal_queue *to)
{
    void *tasks[STEAL_MAX];
    uint32_t room = (uint32_t)to->mask + 1 - ds_steal_queue_len(to);
    uint32_t count = ds_steal_queue_take_half(from, tasks, room < STEAL_MAX ? room : STEAL_MAX);
    if (count == 0)
        return NULL;
    sched_count(&worker->counters.steals, count);
    for (uint32_t i = 1; i < count; i++)
        AIRS_ASSERT(ds_steal_queue_push(to, tasks[i]));
    return tasks[0];
}

// One look at everybody, from a random one on.
static sched_task *steal(sched_worker *worker, slot_watch *watch, uint64_t now_ns)
{
    sched *scheduler = worker->sched;
    uint32_t count = scheduler->workers_count;
    uint32_t start = base_random_below(&worker->random, count);
    for (uint32_t i = 0; i < count; i++) {
        sched_worker *victim = &scheduler->workers[(start + i) % count];
        if (victim == worker)
            continue;
        sched_task *task = steal_half(worker, &victim->woken, &worker->woken);
        if (task == NULL)
            task = steal_half(worker, &victim->preempted, &worker->preempted);
        if (task == NULL) {
            task = steal_slot(victim, watch, now_ns);
            sched_count(&worker->counters.steals, task != NULL);
        }
        if (task != NULL)
            return task;
    }
    return NULL;
}

// What has come to the worker itself while it searched; timers and deferred calls may wake tasks.
static sched_task *search_own(sched_worker *worker, uint64_t now_ns)
{
    sched_quiesce_pass(worker);
    sched_timers_run(worker, now_ns);
    sched_timers_help(worker, now_ns);
    return sched_worker_next(worker);
}

// Looks for work for a while. NULL: nothing, or enough others look already.
static sched_task *search(sched_worker *worker)
{
    if (!sched_idle_search_begin(worker))
        return NULL;
    slot_watch watch = {0};
    uint64_t now_ns = sched_now_ns(worker->sched);
    uint64_t until_ns = now_ns + worker->sched->spin_ns;
    do {
        sched_task *task = search_own(worker, now_ns);
        for (int round = 0; task == NULL && round < SEARCH_ROUNDS; round++) {
            task = steal(worker, &watch, now_ns);
            for (int i = 0; task == NULL && i < SEARCH_PAUSES; i++)
                base_cpu_relax();
        }
        if (task != NULL)
            return task;
        now_ns = sched_now_ns(worker->sched);
    } while (now_ns < until_ns && base_atomic_load_relaxed(&worker->sched->phase) != SCHED_PHASE_HALTING);
    return NULL;
}

// ---------------------------------------------------------------- the loop

static void worker_loop(sched_worker *worker)
{
    sched *scheduler = worker->sched;
    while (base_atomic_load_acquire(&scheduler->phase) != SCHED_PHASE_HALTING) {
        // Who was woken to search does so, but looks at its own first.
        sched_task *task = sched_worker_next(worker);
        if (task == NULL)
            task = search(worker);
        if (task == NULL) {
            sched_idle_park(worker);
            // It may have slept for long: whatever it was woken for, its timers are looked at.
            sched_worker_between(worker, true);
            continue;
        }
        if (worker->searching)
            sched_idle_search_found(worker);
        sched_task_run(worker, task, 0);
        sched_worker_between(worker, false);
    }
}

void sched_worker_main(void *user)
{
    sched_worker *worker = user;
    sched *scheduler = worker->sched;
    sched_this_worker = worker;
    sched_quiesce_online(worker);
    if (scheduler->hooks.worker_start != NULL)
        scheduler->hooks.worker_start(scheduler->hooks.user, worker->index);
    worker_loop(worker);
    if (scheduler->hooks.worker_stop != NULL)
        scheduler->hooks.worker_stop(scheduler->hooks.user, worker->index);
    sched_quiesce_offline(worker);
    sched_this_worker = NULL;
}
