// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/driver.h"

#include "os/clock.h"

/// How long one run goes on while there is work.
#define RUN_NS 1000000u
/// Polls between two looks at the clock.
#define POLLS_BATCH 32u

airs_status driver_init(driver *self, airs_error *error)
{
    *self = (driver){.poller = {.fd = -1}, .wake_fd = -1, .timer_fd = -1};
    airs_status status = os_poller_init(&self->poller, error);
    if (status == AIRS_OK)
        status = os_eventfd_create(&self->wake_fd, error);
    if (status == AIRS_OK)
        status = os_timerfd_create(&self->timer_fd, error);
    if (status == AIRS_OK)
        status = os_poller_add(&self->poller, self->wake_fd, OS_POLL_READ, NULL, error);
    if (status == AIRS_OK)
        status = os_poller_add(&self->poller, self->timer_fd, OS_POLL_READ, NULL, error);
    return status;
}

void driver_fini(driver *self)
{
    os_fd_close(self->timer_fd);
    os_fd_close(self->wake_fd);
    os_poller_fini(&self->poller);
}

void driver_notify(driver *self)
{
    os_eventfd_notify(self->wake_fd);
}

/// Polls until nothing is left or the time is over; false when nothing was done. `*ret_deadline_ns` is when there will
/// be something to do: 0 when there is right now.
static bool run_ready(sched *scheduler, uint64_t *ret_deadline_ns)
{
    uint64_t end_ns = os_deadline_ns(os_clock_now_ns(), RUN_NS);
    bool did = false;
    do {
        for (uint32_t i = 0; i < POLLS_BATCH; i++) {
            if (!sched_run_once(scheduler, ret_deadline_ns))
                return did;
            did = true;
        }
    } while (os_clock_now_ns() < end_ns);
    *ret_deadline_ns = 0;
    return true;
}

/// The descriptor tells of what comes from now on. A wake before this was seen by the run, or is still in `wake_fd`.
static airs_status arm(driver *self, uint64_t deadline_ns)
{
    if (deadline_ns == 0)
        os_eventfd_notify(self->wake_fd);
    return os_timerfd_arm(self->timer_fd, deadline_ns == 0 ? OS_NEVER : deadline_ns, NULL);
}

/// Waits until there is something to do, and does it.
static airs_status wait_and_run(driver *self, sched *scheduler, uint64_t deadline_ns)
{
    os_poll_event events[2];
    uint32_t count;
    airs_status status = os_poller_wait(&self->poller, events, 2, deadline_ns, &count, NULL);
    if (status != AIRS_OK)
        return status;
    uint64_t next_ns;
    os_eventfd_drain(self->wake_fd);
    (void)run_ready(scheduler, &next_ns);
    return arm(self, next_ns);
}

airs_status driver_run(driver *self, sched *scheduler, wasm_ticker *ticker, uint64_t deadline_ns)
{
    if (!os_mutex_try_lock(&self->running))
        return AIRS_OK;
    if (ticker != NULL)
        wasm_ticker_run(ticker);
    uint64_t next_ns;
    os_eventfd_drain(self->wake_fd);
    bool did = run_ready(scheduler, &next_ns);
    airs_status status = arm(self, next_ns);
    if (status == AIRS_OK && !did && deadline_ns > os_clock_now_ns())
        status = wait_and_run(self, scheduler, deadline_ns);
    if (ticker != NULL)
        wasm_ticker_rest(ticker);
    os_mutex_unlock(&self->running);
    return status;
}
