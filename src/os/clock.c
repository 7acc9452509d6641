// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/clock.h"

#include <stddef.h>

static uint64_t monotonic_now_ns(void *user)
{
    (void)user;
    return os_clock_now_ns();
}

os_clock os_clock_monotonic(void)
{
    return (os_clock){.now_ns = monotonic_now_ns, .user = NULL};
}
