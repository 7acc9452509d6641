// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"
#include "os/clock.h"

bool os_futex_wait(BASE_ATOMIC(uint32_t) *word, uint32_t expected, uint64_t deadline_ns)
{
    struct timespec until = {
        .tv_sec = (time_t)(deadline_ns / 1000000000u),
        .tv_nsec = (long)(deadline_ns % 1000000000u),
    };
    // The bitset variant is the one whose timeout is absolute.
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline_ns == OS_NEVER ? NULL : &until,
                          NULL, FUTEX_BITSET_MATCH_ANY);
    if (result == 0)
        return true;
    AIRS_ASSERT(errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
    return errno != ETIMEDOUT;
}

void os_futex_wake(BASE_ATOMIC(uint32_t) *word, uint32_t count)
{
    int wake = count > INT_MAX ? INT_MAX : (int)count;
    // Fails only when the word's memory is gone, and then nobody sleeps there.
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, wake, NULL, NULL, 0);
}
