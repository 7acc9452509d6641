// SPDX-License-Identifier: MIT OR Apache-2.0
/// The engine with faults: some of its functions are linked behind these (--wrap), which count their calls and let one
/// of them fail, or all from one on. Of a poll that fails the call is dropped, as after a panic.
#ifndef HOSTILE_FAULT_ENGINE_H
#define HOSTILE_FAULT_ENGINE_H

#include "engine.h"

/// How a poll fails. The other calls fail as their header says: ENGINE_LIMIT where that can be, else ENGINE_PANIC.
typedef enum fault_kind {
    FAULT_PANIC,
    FAULT_LIMIT,
    FAULT_TRAP,
    FAULT_KINDS,
} fault_kind;

/// Counts calls from 0 again, and lets call number `at` (from 1; 0: none) and the `count - 1` after it fail.
void fault_engine_arm(fault_kind kind, uint64_t at, uint64_t count);

/// Calls since the last arm, and how many of them failed.
uint64_t fault_engine_calls(void);
uint64_t fault_engine_failed(void);

/// The function that was let fail last. Static; "" for none.
const char *fault_engine_which(void);

#endif
