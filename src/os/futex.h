// SPDX-License-Identifier: MIT OR Apache-2.0
/// Waiting for a 32-bit word to change, between threads of this process.
#ifndef AIRS_OS_FUTEX_H
#define AIRS_OS_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/atomics.h"

/// Sleeps while `*word` is `expected`, until a wake, `deadline_ns` (os/clock.h) or for no reason.
/// Returns false only when the deadline has passed. The caller looks at `*word` again.
bool os_futex_wait(BASE_ATOMIC(uint32_t) *word, uint32_t expected, uint64_t deadline_ns);

/// Wakes up to `count` of those who sleep on `word`. Touches no memory: the word may be gone already.
void os_futex_wake(BASE_ATOMIC(uint32_t) *word, uint32_t count);

#endif
