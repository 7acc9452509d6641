// SPDX-License-Identifier: MIT OR Apache-2.0
#include "route/dead_letters.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "os/clock.h"

void dead_letters_init(dead_letters *self, actor_space *space)
{
    *self = (dead_letters){.space = space};
}

void dead_letters_fini(dead_letters *self)
{
    for (uint32_t i = 0; self->ring != NULL && i < DEAD_LETTERS_MAX; i++)
        actor_space_discard(self->space, self->ring[i].mail);
    if (self->ring != NULL)
        base_free(self->space->allocator, self->ring);
    self->ring = NULL;
}

static dead_letter *slot_of(dead_letters *self, uint64_t number)
{
    return &self->ring[number % DEAD_LETTERS_MAX];
}

void dead_letters_add(dead_letters *self, const actor *receiver, envelope *mail, airs_drop_reason reason,
                      const char *text)
{
    dead_letter letter = {
        .time_ns = os_clock_wall_ns(),
        .reason = reason,
        .receiver = receiver == NULL ? 0 : receiver->id,
        .mail = mail,
    };
    if (receiver != NULL)
        base_text_copy(letter.receiver_name, sizeof letter.receiver_name, base_bytes_of(actor_name(receiver)));
    base_text_copy(letter.text, sizeof letter.text, base_bytes_of(text));
    envelope *oldest = mail;
    os_mutex_lock(&self->lock);
    letter.number = ++self->count;
    // Most systems never have one: the ring is made for the first.
    if (self->ring == NULL)
        self->ring = base_alloc_array(self->space->allocator, DEAD_LETTERS_MAX, sizeof *self->ring);
    if (self->ring != NULL) {
        dead_letter *slot = slot_of(self, letter.number);
        oldest = slot->mail;
        *slot = letter;
    }
    os_mutex_unlock(&self->lock);
    actor_space_discard(self->space, oldest);
}

uint64_t dead_letters_count(dead_letters *self)
{
    os_mutex_lock(&self->lock);
    uint64_t count = self->count;
    os_mutex_unlock(&self->lock);
    return count;
}

/// Copies a letter that is kept. The envelope is the caller's.
static bool copy_letter(dead_letters *self, uint64_t number, dead_letter *ret)
{
    actor_space *space = self->space;
    os_mutex_lock(&self->lock);
    const dead_letter *slot = self->ring == NULL ? NULL : slot_of(self, number);
    bool kept = slot != NULL && slot->mail != NULL && slot->number == number;
    if (kept) {
        *ret = *slot;
        ret->mail = envelope_share(slot->mail, &space->envelopes, actor_space_cache(space));
        if (ret->mail != NULL)
            ret->mail->sender = slot->mail->sender;
    }
    os_mutex_unlock(&self->lock);
    return kept && ret->mail != NULL;
}

void dead_letters_each(dead_letters *self, uint64_t after, airs_dead_letter_fn fn, void *user)
{
    uint64_t last = dead_letters_count(self);
    uint64_t oldest = last > DEAD_LETTERS_MAX ? last - DEAD_LETTERS_MAX + 1 : 1;
    // Below the last, so that there is a next number.
    bool more = after < last;
    for (uint64_t number = more && after >= oldest ? after + 1 : oldest; number <= last && more; number++) {
        dead_letter letter;
        if (!copy_letter(self, number, &letter))
            continue;
        airs_dead_letter shown = {
            .number = number,
            .time_ns = letter.time_ns,
            .reason = letter.reason,
            .sender = {letter.mail->sender},
            .receiver = {letter.receiver},
            .receiver_name = letter.receiver_name,
            .text = letter.text,
            .topic = envelope_topic(letter.mail),
            .payload = envelope_payload(letter.mail),
        };
        more = fn(user, &shown);
        actor_space_discard(self->space, letter.mail);
    }
}

envelope *dead_letters_copy(dead_letters *self, uint64_t number, uint64_t *ret_receiver)
{
    dead_letter letter;
    if (number == 0 || !copy_letter(self, number, &letter))
        return NULL;
    *ret_receiver = letter.receiver;
    return letter.mail;
}

bool dead_letters_drop(dead_letters *self, uint64_t number)
{
    envelope *dropped = NULL;
    os_mutex_lock(&self->lock);
    dead_letter *slot = self->ring == NULL ? NULL : slot_of(self, number);
    if (slot != NULL && slot->number == number) {
        dropped = slot->mail;
        slot->mail = NULL;
    }
    os_mutex_unlock(&self->lock);
    actor_space_discard(self->space, dropped);
    return dropped != NULL;
}
