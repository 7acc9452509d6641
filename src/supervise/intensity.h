// SPDX-License-Identifier: MIT OR Apache-2.0
/// How many failures fall into a window of time: counted exactly, as OTP's supervisor does.
///
/// Failures of one millisecond are one mark with a count, so there are never more marks than the window has
/// milliseconds, nor more than `max_restarts`. The first few are inside; memory is asked for as more are needed,
/// and given back by a reset. Without memory the two oldest marks become one, of the later time: a failure then counts
/// for longer than it should, never for shorter, so that no more restarts are allowed than were asked for.
#ifndef SUPERVISE_INTENSITY_H
#define SUPERVISE_INTENSITY_H

#include "airssys/status.h"

/// The largest `max_restarts`.
#define SUPERVISE_RESTARTS_MAX 1000000u
/// Marks that need no memory of their own.
#define SUPERVISE_INTENSITY_FEW 4u

typedef struct supervise_mark {
    uint64_t time_ms;
    uint32_t count;
} supervise_mark;

typedef struct supervise_intensity {
    uint32_t max_restarts;
    uint32_t window_ms;
    const airs_allocator *allocator;
    supervise_mark few[SUPERVISE_INTENSITY_FEW];
    /// A ring of `capacity` marks, a power of two; `head` is the oldest. NULL while `few` are enough.
    supervise_mark *marks;
    uint32_t capacity;
    uint32_t head;
    uint32_t len;
    /// Sum of all counts.
    uint32_t count;
} supervise_intensity;

/// Asks for no memory. Must not be copied while in use.
void supervise_intensity_init(supervise_intensity *self, uint32_t max_restarts, uint32_t window_ms,
                              const airs_allocator *allocator);
void supervise_intensity_fini(supervise_intensity *self);

/// Forgets all failures, and gives the memory back.
void supervise_intensity_reset(supervise_intensity *self);

/// Counts a failure. False when that makes more than `max_restarts` within the window. The time never goes back.
bool supervise_intensity_add(supervise_intensity *self, uint64_t now_ms);

/// Failures that still count: those less than the window ago.
uint32_t supervise_intensity_count(supervise_intensity *self, uint64_t now_ms);

#endif
