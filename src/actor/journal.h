// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a version has handled since it took its place, for the case that the state of then comes back: how many events,
/// and the last 1,000 of them. Kept only while somebody may want it (upgrade.h); the owner's.
#ifndef ACTOR_JOURNAL_H
#define ACTOR_JOURNAL_H

#include "actor/envelope.h"

#define ACTOR_JOURNAL_MAX 1000u
/// Of a payload, and of a topic with its NUL, so much is kept.
#define ACTOR_JOURNAL_HEAD 64u

typedef struct actor_journal_entry {
    /// Wall clock, nanoseconds since 1970.
    uint64_t time_ns;
    /// Of a message; 0: a reply, or the end of another actor.
    uint64_t id;
    uint64_t sender;
    /// The whole payload's.
    uint32_t len;
    uint8_t head[ACTOR_JOURNAL_HEAD];
    char topic[ACTOR_JOURNAL_HEAD];
} actor_journal_entry;

typedef struct actor_journal {
    const airs_allocator *allocator;
    /// Events, listed or not.
    uint64_t count;
    /// Number n lies at (n - 1) % ACTOR_JOURNAL_MAX, and grows up to that.
    actor_journal_entry *entries;
    uint32_t capacity;
    /// The oldest that is listed: there was no memory for one before.
    uint64_t first;
} actor_journal;

/// NULL when there is no memory.
actor_journal *actor_journal_create(const airs_allocator *allocator);
/// NULL is allowed.
void actor_journal_destroy(actor_journal *self);

void actor_journal_add(actor_journal *self, const envelope *mail);

/// The number of the oldest entry that is listed; over `count` when there is none.
uint64_t actor_journal_oldest(const actor_journal *self);
/// One that is listed.
const actor_journal_entry *actor_journal_get(const actor_journal *self, uint64_t number);

#endif
