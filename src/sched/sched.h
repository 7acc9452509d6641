// SPDX-License-Identifier: MIT OR Apache-2.0
/// The scheduler: runs many tasks on few threads, fires timers, and knows when no reader is left.
///
/// Tasks       A task is something that wants to be polled when it was woken. Its life:
///
///                 IDLE -[wake]-> QUEUED -[worker]-> RUNNING -[poll: IDLE]-> IDLE
///                                  ^                   |  |
///                                  | [AGAIN, YIELD] ---+  +-[poll: DONE]-> DONE
///                                  +- [wake while RUNNING, then poll: IDLE]
///
///             One thread at a time polls a task. A wake that happens before a poll returns IDLE, but after
///             the poll last looked for work, polls the task again: no wake-up is lost. What the waker did
///             before the wake is seen by the poll that follows.
/// Order       A worker takes the task that was woken last by the task it has just run (so an ask and its
///             reply stay on one core), then those that were woken or said YIELD, the oldest first, then
///             those that said AGAIN. The first at most SCHED_NEXT_MAX times in a row; what foreign
///             threads woke comes first every SCHED_FOREIGN polls, and the last every SCHED_FAIR; so nobody
///             starves.
/// Workers     steal from each other; at most half of them search at a time; who finds nothing sleeps.
///             A wake wakes a sleeping worker only when none is searching.
/// Driven      With `workers` = SCHED_DRIVEN there are no threads: `sched_run_once` polls on the
///             caller's. The simulator (sched/sim.h) is made of that.
/// Quiescence  Between two polls a worker holds nothing that it found without a lock. Work given to
///             `sched_defer` runs after each worker has been there, and each foreign reader has left.
/// Threads     "any" is any thread of the process, workers or foreign ones, but not a signal handler.
#ifndef AIRS_SCHED_SCHED_H
#define AIRS_SCHED_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "airssys/status.h"
#include "base/atomics.h"
#include "base/retire.h"
#include "ds/timer_wheel.h"
#include "os/clock.h"

typedef struct sched sched;
typedef struct sched_task sched_task;
typedef struct sched_timer sched_timer;

/// `options.workers` for a scheduler without threads.
#define SCHED_DRIVEN UINT32_MAX
/// Workers at most.
#define SCHED_WORKERS_MAX 256u
/// `sched_worker_index` of a thread that is no worker; the same number as DS_POOL_NO_CACHE.
#define SCHED_NO_WORKER UINT32_MAX
/// The next-task slot is used at most so often in a row while others wait.
#define SCHED_NEXT_MAX 32u
/// Each so many polls a worker looks at what it otherwise takes last; and at what foreign threads have woken.
#define SCHED_FAIR 64u
#define SCHED_FOREIGN 16u
/// The same while a worker has more than fits its own queue.
#define SCHED_OVERFLOW 2u

// ---------------------------------------------------------------- tasks

typedef enum sched_verdict {
    /// Nothing to do until the next wake.
    SCHED_POLL_IDLE = 0,
    /// There is more to do, and it would take long: poll again, after all that are woken.
    SCHED_POLL_AGAIN = 1,
    /// Never poll again; later wakes do nothing.
    SCHED_POLL_DONE = 2,
    /// There is more to do, and it has had its share: poll again, behind those that were woken before now.
    SCHED_POLL_YIELD = 3,
} sched_verdict;

/// Does a bounded piece of the task's work. Must not block.
typedef sched_verdict (*sched_poll_fn)(sched_task *task);

/// Embedded in what is scheduled. All fields are private.
struct sched_task {
    /// The chain of the queue it is in, where that is a list.
    sched_task *next;
    sched_poll_fn poll;
    BASE_ATOMIC(uint32_t) state;
};

/// An idle task: it is polled after its first wake.
/// Its memory may be reused once a poll has returned DONE, and a grace period has passed since (`sched_defer` in
/// that last poll); or while it is idle and nobody can wake it any more.
void sched_task_init(sched_task *task, sched_poll_fn poll);

/// Makes sure that the task is polled, from its beginning, after this. Thread: any, also after `sched_stop` (then
/// it is never polled) but not after `sched_destroy`.
void sched_wake(sched *scheduler, sched_task *task);

/// The same, but behind those that are already waiting: for a task that gives way.
void sched_wake_last(sched *scheduler, sched_task *task);

// ---------------------------------------------------------------- the scheduler

/// What others are told. Each may be NULL.
typedef struct sched_hooks {
    /// First and last on each worker's own thread. Not called when driven.
    void (*worker_start)(void *user, uint32_t worker);
    void (*worker_stop)(void *user, uint32_t worker);
    /// The first worker has begun to run after all were parked, and: all are parked now. The two alternate, in the
    /// order in which it happens, and start with `active`. Not called when driven. Must be short.
    void (*active)(void *user);
    void (*all_parked)(void *user);
    /// When driven: a foreign thread has queued a task, so `sched_run_once` has something to do. Called on that
    /// thread.
    void (*foreign_wake)(void *user);
    /// A task has been polled; told on its worker. For tests and simulations: it costs a branch where it is not set.
    void (*polled)(void *user, const sched_task *task, uint32_t lane, sched_verdict verdict);
    void *user;
} sched_hooks;

/// All zero gives the defaults behind each.
typedef struct sched_options {
    /// Threads; one a core. At most SCHED_WORKERS_MAX. Or SCHED_DRIVEN.
    uint32_t workers;
    /// Tasks in a worker's own queue before they go to the shared one; a power of two; 1,024.
    uint32_t queue_capacity;
    /// How long a worker searches for work before it sleeps; 50 us. 1 is next to nothing.
    uint32_t spin_ns;
    /// Stack of a worker; the system's default.
    size_t stack_size;
    /// NULL: `base_allocator_default`. Must outlive the scheduler.
    const airs_allocator *allocator;
    /// All zero: the monotonic clock. Another one only when driven.
    os_clock clock;
    /// When driven: the order of tasks is drawn from this seed; 0: first in, first out.
    uint64_t seed;
    sched_hooks hooks;
} sched_options;

/// Makes a scheduler and starts its workers. `options` may be NULL.
/// Errors:  E_INVALID; E_NOMEM; E_LIMIT no more threads.
/// Thread:  any; ended with `sched_destroy`.
AIRS_NODISCARD airs_status sched_create(const sched_options *options, sched **ret_sched, airs_error *error);

/// Ends the workers and waits for them. With `drain` they first go on until no task is queued and none runs; else each
/// ends after its current poll. Timers that are pending do not fire any more; then what was deferred is run
/// on this thread. Called again, it runs what was deferred since. Thread: any but a worker's.
void sched_stop(sched *scheduler, bool drain);

/// Stops without draining, and frees everything. Nobody may use it any more. NULL is allowed.
/// Tasks that are still queued are forgotten. Thread: any but a worker's.
void sched_destroy(sched *scheduler);

/// Worker threads; 1 when driven. Worker indices are below it. Thread: any.
uint32_t sched_worker_count(const sched *scheduler);

/// This thread's index as a worker of `scheduler`, or SCHED_NO_WORKER. Thread: any.
uint32_t sched_worker_index(const sched *scheduler);

/// The task that this thread is polling; NULL on a thread that is no worker of `scheduler`, or between two polls.
sched_task *sched_current_task(const sched *scheduler);

/// Now, by the scheduler's clock. Thread: any.
uint64_t sched_now_ns(const sched *scheduler);

/// Whether tasks of this worker are waiting while the current one runs: one that could go on may give way.
/// A hint. Thread: a worker's, inside a poll.
bool sched_others_wait(const sched *scheduler);

// ---------------------------------------------------------------- driven

/// Only with SCHED_DRIVEN: fires the timers that are due, runs what was deferred, and polls at most one task.
/// True when it did anything. Else nothing is to be done before `*ret_deadline_ns` (OS_NEVER without timers) or
/// a wake. Thread: one at a time, not inside a poll; this thread is the worker for the time of the call.
bool sched_run_once(sched *scheduler, uint64_t *ret_deadline_ns);

// ---------------------------------------------------------------- timers

/// Called when a timer fires, on a worker between two polls. Must be short: it usually wakes a task. It may start
/// the timer again. It is inside a read section.
typedef void (*sched_timer_fn)(sched_timer *timer);

/// Embedded in what is timed. All fields but `user` are private.
struct sched_timer {
    ds_wheel_node node;
    sched_timer_fn fn;
    void *user;
    /// The worker whose wheel it was put in last.
    uint32_t home;
};

/// How fine timers are: one fires at its deadline or up to this (and the poll that runs) later.
#define SCHED_TIMER_RESOLUTION_NS (1u << 18)

void sched_timer_init(sched_timer *timer, sched_timer_fn fn, void *user);

/// Lets it fire at `deadline_ns` (os/clock.h). It must not be pending. OS_NEVER does not start it.
/// Calls of start and cancel for one timer must be ordered by the callers; they may race with its firing.
/// Thread: any.
void sched_timer_start(sched *scheduler, sched_timer *timer, uint64_t deadline_ns);

/// True: it was pending and won't fire; its memory may be reused at once.
/// False: it was not pending. It may be firing right now on another thread: its memory may be reused after
/// a grace period (`sched_defer`), or use `sched_timer_cancel_wait`.
/// Thread: any.
bool sched_timer_cancel(sched *scheduler, sched_timer *timer);

/// The same, and when it is firing, waits until `fn` has returned: after this its memory may be reused.
/// Not inside this timer's `fn`, and not while holding what `fn` waits for. Thread: any.
bool sched_timer_cancel_wait(sched *scheduler, sched_timer *timer);

/// Timers that are pending. Thread: any.
uint64_t sched_timer_count(sched *scheduler);

// ---------------------------------------------------------------- quiescence

/// Calls `fn(node)` once each worker has been between two polls and each foreign read section that is open now has
/// ended: on a worker, inside no read section of its own but between two polls, or in `sched_stop`. Within
/// two polls of each worker, and 1 ms when they are idle. Never fails. Thread: any.
void sched_defer(sched *scheduler, base_retired *node, base_retired_fn fn);

/// `sched_defer` as the interface that structures know. Valid as long as the scheduler.
base_retirer sched_retirer(sched *scheduler);

/// An open read section; what was found without a lock inside it stays until it ends.
typedef struct sched_read {
    uint32_t slot;
} sched_read;

/// Begins a read section: on a worker it costs nothing (a poll is one); on a foreign thread an atomic operation.
/// Short, never waiting for anything inside. Thread: any.
sched_read sched_read_enter(sched *scheduler);

/// On the same thread.
void sched_read_leave(sched *scheduler, sched_read read);

// ---------------------------------------------------------------- statistics

typedef struct sched_stats {
    uint64_t polls;
    /// Tasks that came from another worker.
    uint64_t steals;
    uint64_t parks;
    /// Times it was woken by somebody.
    uint64_t wakes;
    uint64_t timers_fired;
    /// Deferred calls run.
    uint64_t deferred;
} sched_stats;

/// Of one worker, read without stopping it. Thread: any.
void sched_get_stats(const sched *scheduler, uint32_t worker, sched_stats *ret_stats);

#endif
