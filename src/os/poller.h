// SPDX-License-Identifier: MIT OR Apache-2.0
/// Waiting for many descriptors at once (epoll), and the two kinds of descriptor made to be waited for.
#ifndef AIRS_OS_POLLER_H
#define AIRS_OS_POLLER_H

#include "airssys/status.h"

typedef enum os_poll_bits {
    OS_POLL_READ = 1 << 0,
    OS_POLL_WRITE = 1 << 1,
    /// Only reported: the other end has closed, or the descriptor is in error. Always reported.
    OS_POLL_HANGUP = 1 << 2,
} os_poll_bits;

/// One thread waits; the others may add, change and remove meanwhile.
typedef struct os_poller {
    int fd;
} os_poller;

typedef struct os_poll_event {
    void *user;
    /// Of os_poll_bits.
    uint32_t bits;
} os_poll_event;

/// Errors: E_LIMIT no more descriptors; E_NOMEM. Ended with `os_poller_fini`.
AIRS_NODISCARD airs_status os_poller_init(os_poller *poller, airs_error *error);

/// A poller whose init failed, or all zero but fd = -1, is allowed.
void os_poller_fini(os_poller *poller);

/// Reports `bits` of `fd` with `user`, as long as they hold (level-triggered).
/// Errors: E_LIMIT the system's limit on watches; E_INVALID the descriptor can't be waited for, or is there
/// already; E_NOMEM.
AIRS_NODISCARD airs_status os_poller_add(os_poller *poller, int fd, uint32_t bits, void *user, airs_error *error);

/// Errors: E_NOT_FOUND it was not added; E_NOMEM.
AIRS_NODISCARD airs_status os_poller_change(os_poller *poller, int fd, uint32_t bits, void *user, airs_error *error);

/// After this, `wait` reports it no more; events that a `wait` gave before may still be in the caller's hand.
void os_poller_remove(os_poller *poller, int fd);

/// Waits until something is to be reported or `deadline_ns` (os/clock.h) has passed; `*ret_count` events.
/// Errors: E_IO.
AIRS_NODISCARD airs_status os_poller_wait(os_poller *poller, os_poll_event *ret_events, uint32_t max,
                                          uint64_t deadline_ns, uint32_t *ret_count, airs_error *error);

/// A descriptor that is readable after `os_eventfd_notify` until `os_eventfd_drain`. Closed with `os_fd_close`.
/// Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status os_eventfd_create(int *ret_fd, airs_error *error);
/// Any thread; async-signal-safe; never blocks.
void os_eventfd_notify(int fd);
void os_eventfd_drain(int fd);

/// A descriptor that is readable from its deadline on. Not armed at first. Closed with `os_fd_close`.
/// Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status os_timerfd_create(int *ret_fd, airs_error *error);
/// Sets the deadline (os/clock.h); OS_NEVER disarms. What has fired before is forgotten. Errors: E_IO.
AIRS_NODISCARD airs_status os_timerfd_arm(int fd, uint64_t deadline_ns, airs_error *error);

/// -1 is allowed.
void os_fd_close(int fd);

#endif
