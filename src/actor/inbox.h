// SPDX-License-Identifier: MIT OR Apache-2.0
/// A mailbox with a limit, and what happens at the limit.
///
/// Messages count, replies don't: a request keeps the place of its reply from the beginning.
/// Only with AIRS_MAILBOX_DROP_OLDEST is there a lock: senders then take messages out too.
#ifndef ACTOR_INBOX_H
#define ACTOR_INBOX_H

#include <string.h>

#include "actor/envelope.h"
#include "airssys/actor.h"
#include "base/atomics.h"
#include "ds/mailbox.h"
#include "os/mutex.h"

/// So many places are taken of one that is closed: no limit is that high.
#define INBOX_CLOSING (UINT32_C(1) << 31)

typedef struct inbox {
    // What senders look at: in one cache line with what they write, the first part of the box.
    // Written by the receiver alone (`inbox_change`).
    _Alignas(BASE_CACHE_LINE) BASE_ATOMIC(uint32_t) max;
    /// An airs_mailbox_policy.
    BASE_ATOMIC(uint32_t) policy;
    /// Bytes of the largest payload.
    BASE_ATOMIC(uint32_t) message_max;
    /// The first bytes of the receiver's name, filled up with NULs; see `inbox_name_head`.
    uint64_t name_head;
    ds_mailbox box;
    // What the receiver looks at, with the other part of the box: what it reads each time is in no line that senders
    // write to.
    /// The policy is DROP_OLDEST, or has been.
    bool locked;
    bool closed;
    /// The receiver's: places taken out and not given back yet, and with how many that is much.
    uint32_t places_owed;
    uint32_t places_many;
    /// Of DROP_OLDEST: held by who takes out. Also guards `aside`.
    os_mutex lock;
    /// The receiver's next ones: what it has put back, and replies that were older than a message that was dropped.
    envelope *aside_first;
    envelope *aside_last;
    /// The receiver's: places given back so far.
    uint64_t places_given;
    /// Messages that had to go for newer ones.
    BASE_ATOMIC(uint64_t) dropped;
} inbox;

typedef enum inbox_put {
    INBOX_PUT,
    /// In it, and this sender has to wake the receiver.
    INBOX_PUT_WAKE,
    /// Not in it: there is no place.
    INBOX_FULL,
    /// Not in it: to be dropped by policy.
    INBOX_DROP,
    /// Not in it: it takes nothing.
    INBOX_CLOSED,
} inbox_put;

/// `message_max` and `name_head` are the caller's to set; they are 0.
void inbox_init(inbox *self, uint32_t max, airs_mailbox_policy policy);

/// Other limits, for what is put in from now on; what is in stays. Thread: the receiver.
void inbox_change(inbox *self, uint32_t max, airs_mailbox_policy policy, uint32_t message_max);

/// Eight bytes of a name as one number. NULL is none: 0.
static inline uint64_t inbox_name_head(const char *name)
{
    uint64_t head = 0;
    if (name != NULL)
        memcpy(&head, name, strnlen(name, sizeof head));
    return head;
}

/// Puts a message in. `*ret_dropped` is the message that had to go for it, else NULL; it is the caller's.
/// Thread: any.
inbox_put inbox_put_message(inbox *self, envelope *mail, envelope **ret_dropped);

/// Puts in what does not count. True when the receiver has to be woken. Thread: any.
bool inbox_put_uncounted(inbox *self, envelope *mail);

/// Puts one back that was taken: it is the oldest again, and counts as before. Of several the newest goes first.
/// Thread: the receiver.
void inbox_put_back(inbox *self, envelope *mail);

/// Takes no message any more until it is opened: `inbox_put_message` says CLOSED, but for one that is under way.
/// Thread: the receiver.
void inbox_close(inbox *self);
void inbox_open(inbox *self);

/// Takes the oldest. Thread: the receiver.
ds_mailbox_state inbox_take(inbox *self, envelope **ret_mail);

/// The same ahead of time: its place stays taken until `inbox_begin`. Not with DROP_OLDEST, whose senders may still
/// take it out.
ds_mailbox_state inbox_take_ahead(inbox *self, envelope **ret_mail);

/// What was taken ahead is out now. Thread: the receiver.
void inbox_begin(inbox *self, const envelope *mail);

/// Puts a chain of those back that were taken ahead: they are the oldest again. Thread: the receiver.
void inbox_put_back_ahead(inbox *self, envelope *first, envelope *last);

/// As `ds_mailbox_sleep`.
bool inbox_sleep(inbox *self);

/// Whether places should be given back soon. Thread: the receiver.
bool inbox_owes_much(const inbox *self);

/// Gives back the places of what was taken out. How many. Thread: the receiver.
uint32_t inbox_give_back(inbox *self);

/// Messages that count and have been taken out so far, by whomever. Thread: the receiver.
static inline uint64_t inbox_taken(const inbox *self)
{
    return self->places_given + self->places_owed + base_atomic_load_relaxed(&self->dropped);
}

/// Messages that wait. Thread: any.
static inline uint32_t inbox_len(const inbox *self)
{
    return ds_mailbox_used(&self->box) & ~INBOX_CLOSING;
}

#endif
