// SPDX-License-Identifier: MIT OR Apache-2.0
/// A flag that a foreign thread can wait for: set once, seen by all who wait.
#ifndef AIRS_OS_EVENT_H
#define AIRS_OS_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomics.h"

/// All zero is not set. Needs no end.
typedef struct os_event {
    /// 0 not set, 1 not set and somebody may sleep, 2 set.
    BASE_ATOMIC(uint32_t) state;
} os_event;

void os_event_init(os_event *event);

/// Sets it and wakes all who wait; what was done before is seen by them. Setting it again does nothing.
/// As soon as it is set, a waiter may end the event's memory: nothing of it is touched after that.
void os_event_set(os_event *event);

bool os_event_is_set(const os_event *event);

/// Waits until it is set; false when `deadline_ns` (os/clock.h) came first. A deadline in the past only looks.
bool os_event_wait(os_event *event, uint64_t deadline_ns);

#endif
