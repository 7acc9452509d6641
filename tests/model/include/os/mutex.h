// SPDX-License-Identifier: MIT OR Apache-2.0
/// Stands before src/os/mutex.h in the models of what uses locks: taking the lock is one step, which can be done only
/// while it is free. The real lock, a futex, is not modelled.
#ifndef AIRS_OS_MUTEX_H
#define AIRS_OS_MUTEX_H

#include "base/atomics.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct os_mutex {
    BASE_ATOMIC(uint32_t) state;
} os_mutex;

static inline void os_mutex_init(os_mutex *mutex)
{
    base_atomic_init(&mutex->state, 0u);
}

static inline void os_mutex_lock(os_mutex *mutex)
{
    (void)MODEL_ACCESS(MODEL_LOCK_OP, MODEL_ACQUIRE, &mutex->state, 1, NULL);
}

static inline void os_mutex_unlock(os_mutex *mutex)
{
    (void)base_atomic_exchange_release(&mutex->state, 0u);
}

#endif
