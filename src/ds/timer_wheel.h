// SPDX-License-Identifier: MIT OR Apache-2.0
/// A hierarchical timer wheel: 11 levels of 64 slots, enough for every 64-bit time; pure, in ticks of
/// whatever the caller likes.
///
/// Insert and cancel are O(1) whatever the number of timers. A timer is given out once the time is at its
/// deadline or later, never earlier, in the order of deadlines.
/// One thread at a time.
#ifndef AIRS_DS_TIMER_WHEEL_H
#define AIRS_DS_TIMER_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ds/list.h"

#define DS_WHEEL_LEVELS 11
#define DS_WHEEL_BITS 6
#define DS_WHEEL_SLOTS (1u << DS_WHEEL_BITS)

/// `ds_timer_wheel_next` of a wheel without timers.
#define DS_WHEEL_NEVER UINT64_MAX

/// Embedded in what is timed.
typedef struct ds_wheel_node {
    ds_list link;
    uint64_t deadline;
    /// Level and slot it is in, for the bit of an emptied slot.
    uint16_t place;
    bool pending;
} ds_wheel_node;

typedef struct ds_timer_wheel {
    /// All ticks before this one are done.
    uint64_t now;
    uint64_t count;
    /// A bit for each slot that has nodes.
    uint64_t occupied[DS_WHEEL_LEVELS];
    ds_list slots[DS_WHEEL_LEVELS][DS_WHEEL_SLOTS];
    /// Taken out of a slot of a higher level whose time has come, still to be put where they belong.
    ds_list moving;
    /// At or past their deadline, still to be given out.
    ds_list expired;
} ds_timer_wheel;

/// An empty wheel at time `now`. Must not move. Needs no end.
void ds_timer_wheel_init(ds_timer_wheel *wheel, uint64_t now);

void ds_wheel_node_init(ds_wheel_node *node);

/// Adds a node that is not pending. A deadline that has passed is due at once.
void ds_timer_wheel_insert(ds_timer_wheel *wheel, ds_wheel_node *node, uint64_t deadline);

/// Takes a pending node out; false when it is not pending.
bool ds_timer_wheel_cancel(ds_timer_wheel *wheel, ds_wheel_node *node);

/// Lets the time go on to `now` and gives the next node that is due; NULL when there is none. Call it until
/// then. `*work` is how many steps it may take, and is counted down: when it is 0, NULL is no answer,
/// call again. So a million timers of one slot hold up nobody.
ds_wheel_node *ds_timer_wheel_pop(ds_timer_wheel *wheel, uint64_t now, uint32_t *work);

/// No node is due before this tick (it may be that none is due at it either). DS_WHEEL_NEVER without nodes.
uint64_t ds_timer_wheel_next(const ds_timer_wheel *wheel);

#endif
