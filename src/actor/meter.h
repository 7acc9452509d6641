// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the two versions of an actor do while a canary runs: events handled and failed, and how long each was in hand.
/// Written by the owner; any thread may read the counters.
#ifndef ACTOR_METER_H
#define ACTOR_METER_H

#include "actor/cell.h"
#include "actor/histogram.h"

typedef struct actor_meter_counts {
    BASE_ATOMIC(uint64_t) handled;
    BASE_ATOMIC(uint64_t) failed;
    histogram times;
} actor_meter_counts;

typedef struct actor_meter {
    /// Of the old version, and of the new one.
    actor_meter_counts versions[2];
    // The owner's.
    /// The new one has the seat.
    bool is_new;
    uint64_t begun_ns;
    /// Whether an event is for who has the seat; asked before anything else is done with it. One that is not stays the
    /// oldest of the mailbox. NULL: all are.
    bool (*takes)(actor *self, const envelope *mail);
} actor_meter;

/// An event was taken. False: it is the other one's.
static inline bool actor_meter_begins(actor *self, actor_meter *meter, const envelope *mail)
{
    if (meter->takes != NULL && !meter->takes(self, mail))
        return false;
    meter->begun_ns = sched_now_ns(self->space->sched);
    return true;
}

/// The event in hand has been handled, or has failed.
static inline void actor_meter_ends(const actor *self, actor_meter *meter, bool handled)
{
    actor_meter_counts *of = &meter->versions[meter->is_new];
    BASE_ATOMIC(uint64_t) *count = handled ? &of->handled : &of->failed;
    base_atomic_store_relaxed(count, base_atomic_load_relaxed(count) + 1u);
    histogram_add(&of->times, sched_now_ns(self->space->sched) - meter->begun_ns, false);
}

#endif
