// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/poller.h"

#include <errno.h>
#include <limits.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/error.h"
#include "os/clock.h"

// Events taken from the kernel at once.
#define BATCH 64

// What an errno of the calls below means to the caller.
static airs_status status_of(int system_errno)
{
    switch (system_errno) {
    case ENOMEM:
        return AIRS_E_NOMEM;
    case EMFILE:
    case ENFILE:
    case ENOSPC:
        return AIRS_E_LIMIT;
    case ENOENT:
        return AIRS_E_NOT_FOUND;
    case EEXIST:
    case EPERM:
    case EBADF:
    case EINVAL:
        return AIRS_E_INVALID;
    default:
        return AIRS_E_IO;
    }
}

static airs_status fail(airs_error *error, const char *what)
{
    int system_errno = errno;
    return base_error_errno(error, status_of(system_errno), system_errno, "%s", what);
}

airs_status os_poller_init(os_poller *poller, airs_error *error)
{
    poller->fd = epoll_create1(EPOLL_CLOEXEC);
    return poller->fd >= 0 ? AIRS_OK : fail(error, "epoll_create1");
}

void os_poller_fini(os_poller *poller)
{
    os_fd_close(poller->fd);
    poller->fd = -1;
}

static airs_status poller_control(os_poller *poller, int operation, int fd, uint32_t bits, void *user,
                                  airs_error *error)
{
    struct epoll_event event = {.data.ptr = user};
    if (bits & OS_POLL_READ)
        event.events |= EPOLLIN | EPOLLRDHUP;
    if (bits & OS_POLL_WRITE)
        event.events |= EPOLLOUT;
    return epoll_ctl(poller->fd, operation, fd, &event) == 0 ? AIRS_OK : fail(error, "epoll_ctl");
}

airs_status os_poller_add(os_poller *poller, int fd, uint32_t bits, void *user, airs_error *error)
{
    return poller_control(poller, EPOLL_CTL_ADD, fd, bits, user, error);
}

airs_status os_poller_change(os_poller *poller, int fd, uint32_t bits, void *user, airs_error *error)
{
    return poller_control(poller, EPOLL_CTL_MOD, fd, bits, user, error);
}

void os_poller_remove(os_poller *poller, int fd)
{
    struct epoll_event unused = {0};
    // Fails only when it is not there, which is what is wanted.
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, &unused);
}

// Milliseconds for epoll_wait, rounded up so that it does not return just before the deadline.
static int poller_timeout_ms(uint64_t deadline_ns)
{
    if (deadline_ns == OS_NEVER)
        return -1;
    uint64_t now_ns = os_clock_now_ns();
    if (deadline_ns <= now_ns)
        return 0;
    uint64_t left_ms = (deadline_ns - now_ns + 999999u) / 1000000u;
    return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static uint32_t poller_bits(uint32_t events)
{
    uint32_t bits = 0;
    if (events & EPOLLIN)
        bits |= OS_POLL_READ;
    if (events & EPOLLOUT)
        bits |= OS_POLL_WRITE;
    if (events & (EPOLLHUP | EPOLLRDHUP | EPOLLERR))
        bits |= OS_POLL_HANGUP;
    return bits;
}

airs_status os_poller_wait(os_poller *poller, os_poll_event *ret_events, uint32_t max, uint64_t deadline_ns,
                           uint32_t *ret_count, airs_error *error)
{
    AIRS_ASSERT(max > 0);
    struct epoll_event events[BATCH];
    int room = max < BATCH ? (int)max : BATCH;
    int count;
    do {
        count = epoll_wait(poller->fd, events, room, poller_timeout_ms(deadline_ns));
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        return fail(error, "epoll_wait");
    for (int i = 0; i < count; i++)
        ret_events[i] = (os_poll_event){.user = events[i].data.ptr, .bits = poller_bits(events[i].events)};
    *ret_count = (uint32_t)count;
    return AIRS_OK;
}

airs_status os_eventfd_create(int *ret_fd, airs_error *error)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0)
        return fail(error, "eventfd");
    *ret_fd = fd;
    return AIRS_OK;
}

void os_eventfd_notify(int fd)
{
    int before = errno;
    uint64_t one = 1;
    ssize_t written;
    do {
        written = write(fd, &one, sizeof(one));
    } while (written < 0 && errno == EINTR);
    // The only other failure is EAGAIN, a full counter: it is readable then.
    errno = before;
}

void os_eventfd_drain(int fd)
{
    uint64_t count;
    ssize_t taken;
    do {
        taken = read(fd, &count, sizeof(count));
    } while (taken < 0 && errno == EINTR);
}

airs_status os_timerfd_create(int *ret_fd, airs_error *error)
{
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0)
        return fail(error, "timerfd_create");
    *ret_fd = fd;
    return AIRS_OK;
}

airs_status os_timerfd_arm(int fd, uint64_t deadline_ns, airs_error *error)
{
    struct itimerspec when = {0};
    if (deadline_ns != OS_NEVER) {
        // 0 would disarm.
        uint64_t at_ns = deadline_ns == 0 ? 1 : deadline_ns;
        when.it_value.tv_sec = (time_t)(at_ns / 1000000000u);
        when.it_value.tv_nsec = (long)(at_ns % 1000000000u);
    }
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, NULL) == 0 ? AIRS_OK : fail(error, "timerfd_settime");
}

void os_fd_close(int fd)
{
    if (fd >= 0)
        close(fd);
}
