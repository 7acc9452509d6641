// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/mutex.h"

#include "os/clock.h"
#include "os/futex.h"

// Looks before it sleeps: the sections are so short that most often the lock is free by then.
#define SPINS 40

void os_mutex_lock_contended(os_mutex *mutex)
{
    for (int i = 0; i < SPINS; i++) {
        uint32_t expected = 0;
        if (base_atomic_load_relaxed(&mutex->state) == 0 && base_atomic_cas_acquire(&mutex->state, &expected, 1u))
            return;
        base_cpu_relax();
    }
    // From here on the lock is taken as 2, since there may be another sleeper that its unlock has to wake.
    while (base_atomic_exchange_acquire(&mutex->state, 2u) != 0)
        os_futex_wait(&mutex->state, 2u, OS_NEVER);
}

void os_mutex_wake(os_mutex *mutex)
{
    os_futex_wake(&mutex->state, 1);
}
