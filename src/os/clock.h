// SPDX-License-Identifier: MIT OR Apache-2.0
/// Time. Deadlines are absolute, in nanoseconds of the monotonic clock. Any thread.
#ifndef AIRS_OS_CLOCK_H
#define AIRS_OS_CLOCK_H

#include <stdint.h>
#include <time.h>

/// The deadline that never comes.
#define OS_NEVER UINT64_MAX

/// Nanoseconds since some moment before the process; never goes back.
static inline uint64_t os_clock_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// Nanoseconds since 1970; may jump.
static inline uint64_t os_clock_wall_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/// `now_ns + delay_ns`, OS_NEVER when that is past the end of time.
static inline uint64_t os_deadline_ns(uint64_t now_ns, uint64_t delay_ns)
{
    return delay_ns >= OS_NEVER - now_ns ? OS_NEVER : now_ns + delay_ns;
}

/// The deadline `delay_ms` from now.
static inline uint64_t os_deadline_ms(uint64_t now_ns, uint64_t delay_ms)
{
    return delay_ms >= OS_NEVER / 1000000u ? OS_NEVER : os_deadline_ns(now_ns, delay_ms * 1000000u);
}

/// A clock as a value, so that a simulation can bring its own.
typedef struct os_clock {
    uint64_t (*now_ns)(void *user);
    void *user;
} os_clock;

/// The real one, `os_clock_now_ns`.
os_clock os_clock_monotonic(void);

#endif
