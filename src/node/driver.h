// SPDX-License-Identifier: MIT OR Apache-2.0
/// A system without workers: a thread of the program runs it, when its own event loop says so.
///
/// `fd` is readable when there is something to do: a task was woken from another thread, a timer is due, or the last
/// run did not finish. Behind it is an epoll descriptor with an eventfd and a timerfd. One thread runs at a time.
#ifndef NODE_DRIVER_H
#define NODE_DRIVER_H

#include "airssys/status.h"
#include "os/mutex.h"
#include "os/poller.h"
#include "sched/sched.h"
#include "wasm/ticker.h"

typedef struct driver {
    os_poller poller;
    int wake_fd;
    int timer_fd;
    os_mutex running;
} driver;

/// Errors: E_LIMIT no more descriptors; E_NOMEM. `driver_fini` is allowed after both.
airs_status driver_init(driver *self, airs_error *error);
void driver_fini(driver *self);

/// For the scheduler's hook: there is something to do. Any thread.
void driver_notify(driver *self);

/// Runs what is ready, for about a millisecond at most; when nothing was, waits for it until `deadline_ns` and runs
/// it. Returns at once when another thread runs. `ticker` is NULL when there is none. Not inside a poll.
/// Errors: E_IO a descriptor fails.
airs_status driver_run(driver *self, sched *scheduler, wasm_ticker *ticker, uint64_t deadline_ns);

#endif
