// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of this room share. Not for other rooms.
///
///   sched.c     create, stop, destroy
///   task.c      the state of a task, and which queue it goes to
///   worker.c    a worker's loop: which task is next, and its poll
///   idle.c      searching and parking
///   timers.c    a wheel for each worker
///   quiesce.c   deferred calls
///   driven.c    without threads
///   sim.c       a simulation on top of that
#ifndef AIRS_SCHED_IMPL_H
#define AIRS_SCHED_IMPL_H

#include "base/assert.h"
#include "base/atomics.h"
#include "base/random.h"
#include "ds/list.h"
#include "ds/steal_queue.h"
#include "os/event.h"
#include "os/mutex.h"
#include "os/thread.h"
#include "sched/sched.h"

/// Foreign read sections that may be open at once; more wait for one to end.
#define SCHED_READERS 32u

/// Lanes from which a seeded order is drawn.
#define SCHED_LANES 16u

/// A first in, first out chain of tasks.
typedef struct sched_chain {
    sched_task *first;
    sched_task *last;
} sched_chain;

static inline void sched_chain_push(sched_chain *chain, sched_task *task)
{
    task->next = NULL;
    if (chain->first == NULL)
        chain->first = task;
    else
        chain->last->next = task;
    chain->last = task;
}

static inline sched_task *sched_chain_pop(sched_chain *chain)
{
    sched_task *task = chain->first;
    if (task != NULL)
        chain->first = task->next;
    return task;
}

/// Deferred calls of one worker. Only its own thread touches them.
typedef struct sched_deferrals {
    /// Deferred since the last grace period began.
    base_retired *filling;
    /// Waits for the grace period that ends when all have seen `target`.
    base_retired *waiting;
    uint64_t target;
    /// Those before this one have, of so many.
    uint32_t passed;
    uint32_t participants;
} sched_deferrals;

/// Single writer, any reader.
typedef struct sched_counters {
    BASE_ATOMIC(uint64_t) polls;
    BASE_ATOMIC(uint64_t) steals;
    BASE_ATOMIC(uint64_t) parks;
    BASE_ATOMIC(uint64_t) wakes;
    BASE_ATOMIC(uint64_t) timers_fired;
    BASE_ATOMIC(uint64_t) deferred;
} sched_counters;

static inline void sched_count(BASE_ATOMIC(uint64_t) *counter, uint64_t more)
{
    base_atomic_store_relaxed(counter, base_atomic_load_relaxed(counter) + more);
}

/// What `parker` says.
typedef enum sched_park {
    SCHED_PARK_AWAKE = 0,
    SCHED_PARK_ASLEEP = 1,
    /// Woken, and counted as searching already.
    SCHED_PARK_SEARCH = 2,
    /// Woken for something else than a task.
    SCHED_PARK_LOOK = 3,
} sched_park;

typedef struct sched_worker {
    // Only the worker's own thread.
    sched *sched;
    uint32_t index;
    /// The task it polls now.
    sched_task *current;
    /// Polls so far, for fairness.
    uint32_t turn;
    /// One of its own queues was full, and what did not fit may still be in the shared one.
    bool overflows;
    /// Times in a row that the next-task slot was used.
    uint32_t next_in_row;
    /// Counted in `sched_idle`.
    bool searching;
    /// Polls until the clock is read again, and how many were allowed last time.
    uint32_t clock_in;
    uint32_t clock_every;
    uint64_t clock_ns;
    base_random random;
    sched_deferrals deferrals;
    char pad_own[BASE_CACHE_LINE];

    // Any thread.
    /// The next-task slot.
    BASE_ATOMIC(sched_task *) next;
    /// 0: offline, holds nothing; else the epoch it saw last between two polls.
    BASE_ATOMIC(uint64_t) seen;
    sched_counters counters;
    char pad_shared[BASE_CACHE_LINE];
    /// Tasks that were woken or said YIELD, and those that said AGAIN.
    ds_steal_queue woken;
    ds_steal_queue preempted;

    // Parking, see idle.c.
    BASE_ATOMIC(uint32_t) parker;
    ds_list sleeper;

    // Timers, see timers.c.
    os_mutex timer_lock;
    ds_timer_wheel wheel;
    /// Nothing of the wheel is due before.
    BASE_ATOMIC(uint64_t) timer_next_ns;
    /// Its function runs now.
    BASE_ATOMIC(sched_timer *) firing;

    os_thread thread;
} sched_worker;

/// A slot for a foreign read section: 0 free, else the epoch it began in.
typedef struct sched_reader {
    BASE_ATOMIC(uint64_t) seen;
    char pad[BASE_CACHE_LINE - sizeof(uint64_t)];
} sched_reader;

typedef enum sched_phase {
    SCHED_PHASE_RUNNING = 0,
    /// Ends when nothing is queued any more.
    SCHED_PHASE_DRAINING = 1,
    /// Ends after the poll that runs.
    SCHED_PHASE_HALTING = 2,
} sched_phase;

struct sched {
    // Never written after create.
    const airs_allocator *allocator;
    os_clock clock;
    sched_hooks hooks;
    uint32_t workers_count;
    uint32_t spin_ns;
    bool driven;
    bool seeded;
    sched_worker *workers;

    /// Workers that search (low half) and that are parked (high half). See idle.c.
    char pad_idle[BASE_CACHE_LINE];
    BASE_ATOMIC(uint32_t) idle;
    char pad_epoch[BASE_CACHE_LINE];
    /// See quiesce.c.
    BASE_ATOMIC(uint64_t) epoch;
    BASE_ATOMIC(uint32_t) foreign_deferrals;
    BASE_ATOMIC(uint32_t) phase;
    char pad_inject[BASE_CACHE_LINE];

    // The queue that all share: wakes of foreign threads, and what does not fit a worker's own.
    os_mutex inject_lock;
    sched_chain inject;
    BASE_ATOMIC(uint32_t) inject_len;

    os_mutex idle_lock;
    ds_list sleepers;
    os_event drained;

    os_mutex deferral_lock;
    base_retired *deferrals;

    /// The worker whose wheel takes the next timer of a foreign thread.
    BASE_ATOMIC(uint32_t) timer_turn;
    bool joined;

    sched_reader readers[SCHED_READERS];
    /// Reader slots that were ever used.
    BASE_ATOMIC(uint32_t) readers_count;

    // Driven and seeded only.
    sched_chain lanes[SCHED_LANES];
    uint32_t lanes_occupied;
    base_random order;
};

/// The worker that this thread is now.
extern _Thread_local sched_worker *sched_this_worker __attribute__((tls_model("initial-exec")));

/// Read sections that one thread is in at once, of schedulers that it is no worker of.
#define SCHED_NESTED_MAX 4u

typedef struct sched_nested {
    const sched *scheduler;
    uint32_t slot;
    /// 0: it is free.
    uint32_t depth;
} sched_nested;

/// This thread's.
extern _Thread_local sched_nested sched_nested_reads[SCHED_NESTED_MAX] __attribute__((tls_model("initial-exec")));

/// This thread as a worker of `scheduler`, or NULL.
static inline sched_worker *sched_worker_of(const sched *scheduler)
{
    sched_worker *worker = sched_this_worker;
    return worker != NULL && worker->sched == scheduler ? worker : NULL;
}

// task.c

/// Polls the task that was taken from a queue, and queues it again if it has to.
void sched_task_run(sched_worker *worker, sched_task *task, uint32_t lane);
/// Takes a share of the shared queue: the first is returned, the rest goes to the worker's own.
sched_task *sched_inject_take(sched_worker *worker);
/// Puts what foreign threads have queued into the lanes. Driven and seeded.
void sched_lanes_fill(sched *scheduler);

// worker.c

void sched_worker_main(void *worker);
/// Between two polls: deferred calls, and when it is time the timers.
void sched_worker_between(sched_worker *worker, bool look_at_clock);
/// The next task of the worker's own queues and the shared one; NULL.
sched_task *sched_worker_next(sched_worker *worker);

// idle.c

/// Something was queued: wakes a worker unless one is searching. After the seq_cst store that shows it.
void sched_idle_notify(sched *scheduler);
/// Makes a certain worker look at its timers.
void sched_idle_wake(sched_worker *worker);
void sched_idle_wake_all(sched *scheduler);
/// Begins to search if not too many do.
bool sched_idle_search_begin(sched_worker *worker);
/// Ends it with a task found: someone else goes on in its place, where it was the last.
void sched_idle_search_found(sched_worker *worker);
/// Sleeps until there may be something to do.
void sched_idle_park(sched_worker *worker);
/// Whether anything is queued anywhere but in next-task slots.
bool sched_has_work(const sched *scheduler);
/// Waits until all are parked with nothing queued.
void sched_idle_wait_drained(sched *scheduler);

// timers.c

void sched_timers_init(sched_worker *worker, uint64_t now_ns);
/// Fires what is due at `now_ns`; true when anything was.
bool sched_timers_run(sched_worker *worker, uint64_t now_ns);
/// Fires what is overdue on other workers, which may be in a long poll.
bool sched_timers_help(sched_worker *worker, uint64_t now_ns);

// quiesce.c

void sched_quiesce_init(sched *scheduler);
/// The worker may hold references from now on, and does not any more.
void sched_quiesce_online(sched_worker *worker);
void sched_quiesce_offline(sched_worker *worker);
/// Between two polls.
void sched_quiesce_pass(sched_worker *worker);
/// Whether the worker has calls to make, sooner or later.
bool sched_quiesce_pending(const sched_worker *worker);
/// Makes all calls that are left. No other thread is there.
void sched_quiesce_finish(sched *scheduler);

#endif
