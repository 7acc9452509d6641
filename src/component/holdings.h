// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor holds while it is between two versions: subscriptions, timers, requests, and names that it registered.
///
/// They outlive a swap. What the new version makes before it is known to be good has to go when it is not, and what it
/// ends must still be there then: so what was held before is noted, an end of such a thing is only marked, and comes
/// about at the commit. What it asks for once more (a subscription, a name) it has already. All functions are the
/// owner's.
#ifndef COMPONENT_HOLDINGS_H
#define COMPONENT_HOLDINGS_H

#include "actor/names.h"
#include "component/component_actor.h"

typedef struct held {
    /// Of a name its place in the list of texts.
    uint64_t id;
    /// The new version has ended it; it has asked for it again.
    bool dropped;
    bool retaken;
} held;

typedef enum held_sort {
    HELD_SUBSCRIPTIONS,
    HELD_TIMERS,
    HELD_REQUESTS,
    HELD_SORTS,
} held_sort;

typedef struct held_list {
    held *items;
    uint32_t count;
} held_list;

typedef struct holdings {
    held_list lists[HELD_SORTS];
    /// Names that were there before, as the actor has them; they stay where they are until the commit.
    uint32_t names_count;
    bool names_dropped[ACTOR_NAMES_MAX];
    bool names_retaken[ACTOR_NAMES_MAX];
    /// Requests that the new version has made, and how many were open before.
    actor_ids asked;
    uint32_t requests_open;
} holdings;

/// Notes what is held now. False when there is no memory. Ended with `holdings_undo`, `commit` or `fini`.
bool holdings_note(holdings *self, const component_actor *owner);

/// The new version is about to make a request. False: there is no memory to keep its outcome from who stays in its
/// place.
bool holdings_expect_request(holdings *self, component_actor *owner);
/// It has made that.
void holdings_note_request(holdings *self, uint64_t request);

/// The one of this sort, of those that were held before; NULL when it is none.
held *holdings_find(holdings *self, held_sort sort, uint64_t id);

/// The place of a name that was held before; UINT32_MAX when it is none. `dropped`: also one that is marked as ended.
uint32_t holdings_find_name(const holdings *self, const actor *cell, airs_bytes name, bool dropped);

/// Marks it as ended: false when it was before.
bool holdings_drop(held *it);

/// The new version is refused: ends what it has made.
void holdings_undo(holdings *self, component_actor *owner);

/// The new version stays: ends what it has dropped; and with `fresh` timers, names and subscriptions too that it did
/// not ask for again.
void holdings_commit(holdings *self, component_actor *owner, bool fresh);

/// Ends one thing that the actor holds.
void holdings_end_one(component_actor *owner, held_sort sort, uint64_t id);

/// The actor's holdings have ended otherwise.
void holdings_fini(holdings *self, const airs_allocator *allocator);

#endif
