// SPDX-License-Identifier: MIT OR Apache-2.0
/// A lock of four bytes. Needs no end, can't fail; not recursive. For sections of a few dozen
/// instructions: who waits spins shortly, then sleeps.
#ifndef AIRS_OS_MUTEX_H
#define AIRS_OS_MUTEX_H

#include "base/atomics.h"

#include <stdbool.h>
#include <stdint.h>

/// All zero is unlocked.
typedef struct os_mutex {
    /// 0 free, 1 held, 2 held and somebody may sleep.
    BASE_ATOMIC(uint32_t) state;
} os_mutex;

static inline void os_mutex_init(os_mutex *mutex)
{
    base_atomic_init(&mutex->state, 0u);
}

/// The slow halves of lock and unlock.
void os_mutex_lock_contended(os_mutex *mutex);
void os_mutex_wake(os_mutex *mutex);

/// The acquire pairs with the release of the unlock before.
static inline void os_mutex_lock(os_mutex *mutex)
{
    uint32_t expected = 0;
    if (!base_atomic_cas_acquire(&mutex->state, &expected, 1u))
        os_mutex_lock_contended(mutex);
}

/// Takes the lock if that needs no waiting.
static inline bool os_mutex_try_lock(os_mutex *mutex)
{
    uint32_t expected = 0;
    return base_atomic_cas_acquire(&mutex->state, &expected, 1u);
}

static inline void os_mutex_unlock(os_mutex *mutex)
{
    if (base_atomic_exchange_release(&mutex->state, 0u) == 2)
        os_mutex_wake(mutex);
}

#endif
