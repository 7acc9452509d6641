// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/event.h"

#include "os/clock.h"
#include "os/futex.h"

#define UNSET 0u
#define AWAITED 1u
#define SET 2u

void os_event_init(os_event *event)
{
    base_atomic_init(&event->state, UNSET);
}

void os_event_set(os_event *event)
{
    // Pairs with the acquire loads of those who wait. A waiter may end the event right after the exchange; a
    // futex wake on an address does not look at what is there.
    if (base_atomic_exchange_acq_rel(&event->state, SET) == AWAITED)
        os_futex_wake(&event->state, UINT32_MAX);
}

bool os_event_is_set(const os_event *event)
{
    return base_atomic_load_acquire(&event->state) == SET;
}

bool os_event_wait(os_event *event, uint64_t deadline_ns)
{
    for (;;) {
        uint32_t state = base_atomic_load_acquire(&event->state);
        if (state == SET)
            return true;
        if (deadline_ns != OS_NEVER && os_clock_now_ns() >= deadline_ns)
            return false;
        if (state == UNSET && !base_atomic_cas_acquire(&event->state, &state, AWAITED))
            continue;
        os_futex_wait(&event->state, AWAITED, deadline_ns);
    }
}
