// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/journal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "os/clock.h"

actor_journal *actor_journal_create(const airs_allocator *allocator)
{
    actor_journal *self = base_alloc_zeroed(allocator, sizeof *self);
    if (self != NULL)
        *self = (actor_journal){.allocator = allocator, .first = 1};
    return self;
}

void actor_journal_destroy(actor_journal *self)
{
    if (self == NULL)
        return;
    base_free(self->allocator, self->entries);
    base_free(self->allocator, self);
}

/// Most actors handle few messages in the time that counts.
static bool reserve(actor_journal *self)
{
    uint64_t needed = self->count % ACTOR_JOURNAL_MAX + 1;
    if (needed <= self->capacity || self->count >= ACTOR_JOURNAL_MAX)
        return self->capacity > 0;
    uint32_t capacity = self->capacity == 0 ? 16 : 2 * self->capacity;
    if (capacity > ACTOR_JOURNAL_MAX)
        capacity = ACTOR_JOURNAL_MAX;
    actor_journal_entry *grown = base_realloc(self->allocator, self->entries, capacity * sizeof *grown);
    if (grown == NULL)
        return false;
    self->entries = grown;
    self->capacity = capacity;
    return true;
}

void actor_journal_add(actor_journal *self, const envelope *mail)
{
    bool listed = reserve(self);
    uint64_t at = self->count++ % ACTOR_JOURNAL_MAX;
    if (!listed || at >= self->capacity) {
        self->first = self->count + 1;
        return;
    }
    airs_bytes payload = envelope_payload(mail);
    actor_journal_entry *entry = &self->entries[at];
    *entry = (actor_journal_entry){.time_ns = os_clock_wall_ns(),
                                   .id = mail->kind == ENVELOPE_MESSAGE ? mail->id : 0,
                                   .sender = mail->sender,
                                   .len = mail->len};
    if (payload.len > 0)
        memcpy(entry->head, payload.data, payload.len < sizeof entry->head ? payload.len : sizeof entry->head);
    base_text_copy(entry->topic, sizeof entry->topic, envelope_topic(mail));
}

uint64_t actor_journal_oldest(const actor_journal *self)
{
    uint64_t kept = self->count > ACTOR_JOURNAL_MAX ? self->count - ACTOR_JOURNAL_MAX + 1 : 1;
    return kept > self->first ? kept : self->first;
}

const actor_journal_entry *actor_journal_get(const actor_journal *self, uint64_t number)
{
    AIRS_ASSERT(number >= actor_journal_oldest(self) && number <= self->count);
    return &self->entries[(number - 1) % ACTOR_JOURNAL_MAX];
}
