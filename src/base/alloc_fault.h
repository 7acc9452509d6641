// SPDX-License-Identifier: MIT OR Apache-2.0
/// An allocator for tests: fails where it is told to, and counts what is alive.
///
/// A test runs an operation with `fail_at` = 1, 2, 3… until `failed` stays false: each allocation of
/// it has then failed once, and after each run `base_alloc_fault_live` must be back to where it was.
#ifndef AIRS_BASE_ALLOC_FAULT_H
#define AIRS_BASE_ALLOC_FAULT_H

#include "airssys/status.h"
#include "base/atomics.h"

typedef struct base_alloc_fault {
    /// What is passed on. Its user is this object, so it must not move.
    airs_allocator allocator;
    /// Allocations (and growing reallocations) asked for so far.
    BASE_ATOMIC(uint64_t) calls;
    /// The first call that fails, counted from 1; 0: none does.
    BASE_ATOMIC(uint64_t) fail_at;
    /// How many in a row fail; UINT64_MAX: all from then on.
    BASE_ATOMIC(uint64_t) fail_count;
    /// Allocations that are not freed yet.
    BASE_ATOMIC(uint64_t) live;
    /// Calls that failed.
    BASE_ATOMIC(uint64_t) failed;
} base_alloc_fault;

/// Starts at zero calls, nothing fails.
void base_alloc_fault_init(base_alloc_fault *fault);

/// Counts calls from 0 again and lets call number `at` (from 1) and the `count - 1` after it fail.
void base_alloc_fault_arm(base_alloc_fault *fault, uint64_t at, uint64_t count);

/// Allocations that are alive.
uint64_t base_alloc_fault_live(const base_alloc_fault *fault);

/// Whether a call has failed since the last arm.
bool base_alloc_fault_hit(const base_alloc_fault *fault);

#endif
