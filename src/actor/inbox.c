// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/inbox.h"

#include "base/assert.h"
#include "base/atomics.h"
#include "base/prefetch.h"
#include "ds/list.h"

/// Places are given back so many at a time, where the limit leaves room for that.
#define PLACES_BATCH 32u

void inbox_init(inbox *self, uint32_t max, airs_mailbox_policy policy)
{
    ds_mailbox_init(&self->box);
    os_mutex_init(&self->lock);
    base_atomic_init(&self->max, max);
    base_atomic_init(&self->policy, (uint32_t)policy);
    base_atomic_init(&self->message_max, 0u);
    self->name_head = 0;
    self->aside_first = NULL;
    self->aside_last = NULL;
    self->locked = policy == AIRS_MAILBOX_DROP_OLDEST;
    self->places_owed = 0;
    self->places_many = max < 4 * PLACES_BATCH ? 0 : PLACES_BATCH;
    self->places_given = 0;
    base_atomic_init(&self->dropped, 0u);
    self->closed = false;
}

void inbox_change(inbox *self, uint32_t max, airs_mailbox_policy policy, uint32_t message_max)
{
    base_atomic_store_relaxed(&self->max, max);
    base_atomic_store_relaxed(&self->message_max, message_max);
    self->places_many = max < 4 * PLACES_BATCH ? 0 : PLACES_BATCH;
    // A sender that finds DROP_OLDEST takes out under the lock, behind what the receiver has taken out without it. Once
    // there is a lock it stays: one may still be about to take it.
    self->locked = self->locked || policy == AIRS_MAILBOX_DROP_OLDEST;
    os_mutex_lock(&self->lock);
    base_atomic_store_relaxed(&self->policy, (uint32_t)policy);
    os_mutex_unlock(&self->lock);
}

static bool push(inbox *self, envelope *mail)
{
    return ds_mailbox_push(&self->box, &mail->node);
}

static envelope *envelope_of(ds_mailbox_node *node)
{
    return ds_container_of(node, envelope, node);
}

// ---------------------------------------------------------------- drop_oldest

/// Under the lock.
static void set_aside(inbox *self, envelope *mail)
{
    base_atomic_store_relaxed(&mail->node.next, NULL);
    if (self->aside_last == NULL)
        self->aside_first = mail;
    else
        base_atomic_store_relaxed(&self->aside_last->node.next, &mail->node);
    self->aside_last = mail;
}

/// Under the lock, where there is one.
static envelope *take_aside(inbox *self)
{
    envelope *mail = self->aside_first;
    if (mail == NULL)
        return NULL;
    ds_mailbox_node *next = base_atomic_load_relaxed(&mail->node.next);
    self->aside_first = next == NULL ? NULL : envelope_of(next);
    if (next == NULL)
        self->aside_last = NULL;
    return mail;
}

/// Takes out the oldest message; its place is free for another one. NULL when there is none to be had right now.
static envelope *take_oldest_message(inbox *self)
{
    envelope *oldest = NULL;
    os_mutex_lock(&self->lock);
    ds_mailbox_node *node;
    while (oldest == NULL && ds_mailbox_pop(&self->box, &node) == DS_MAILBOX_NODE) {
        envelope *mail = envelope_of(node);
        if (mail->counted) {
            oldest = mail;
            (void)base_atomic_fetch_add_relaxed(&self->dropped, 1u);
        } else {
            set_aside(self, mail);
        }
    }
    os_mutex_unlock(&self->lock);
    return oldest;
}

// ---------------------------------------------------------------- put

inbox_put inbox_put_message(inbox *self, envelope *mail, envelope **ret_dropped)
{
    *ret_dropped = NULL;
    mail->counted = true;
    if (!ds_mailbox_reserve(&self->box, base_atomic_load_relaxed(&self->max))) {
        if ((ds_mailbox_used(&self->box) & INBOX_CLOSING) != 0)
            return INBOX_CLOSED;
        switch ((airs_mailbox_policy)base_atomic_load_relaxed(&self->policy)) {
        case AIRS_MAILBOX_REFUSE:
        case AIRS_MAILBOX_PARK_SENDER:
            return INBOX_FULL;
        case AIRS_MAILBOX_DROP_NEWEST:
            return INBOX_DROP;
        case AIRS_MAILBOX_DROP_OLDEST:
            // None to be had: the receiver has them all in hand, and this one is the oldest that can go.
            *ret_dropped = take_oldest_message(self);
            if (*ret_dropped == NULL)
                return INBOX_DROP;
            break;
        }
    }
    return push(self, mail) ? INBOX_PUT_WAKE : INBOX_PUT;
}

bool inbox_put_uncounted(inbox *self, envelope *mail)
{
    mail->counted = false;
    return push(self, mail);
}

// ---------------------------------------------------------------- take

static ds_mailbox_state take(inbox *self, envelope **ret_mail)
{
    envelope *aside = take_aside(self);
    if (aside != NULL) {
        *ret_mail = aside;
        return DS_MAILBOX_NODE;
    }
    ds_mailbox_node *node;
    ds_mailbox_state state = ds_mailbox_pop(&self->box, &node);
    if (state == DS_MAILBOX_NODE) {
        *ret_mail = envelope_of(node);
        // The end of a small payload.
        base_prefetch((const char *)node + BASE_CACHE_LINE);
    }
    return state;
}

static ds_mailbox_state take_locked(inbox *self, envelope **ret_mail)
{
    os_mutex_lock(&self->lock);
    ds_mailbox_state state = take(self, ret_mail);
    os_mutex_unlock(&self->lock);
    return state;
}

ds_mailbox_state inbox_take(inbox *self, envelope **ret_mail)
{
    ds_mailbox_state state = self->locked ? take_locked(self, ret_mail) : take(self, ret_mail);
    if (state == DS_MAILBOX_NODE)
        inbox_begin(self, *ret_mail);
    return state;
}

ds_mailbox_state inbox_take_ahead(inbox *self, envelope **ret_mail)
{
    AIRS_DCHECK(!self->locked);
    return take(self, ret_mail);
}

void inbox_begin(inbox *self, const envelope *mail)
{
    self->places_owed += mail->counted;
}

void inbox_put_back_ahead(inbox *self, envelope *first, envelope *last)
{
    // It may have got its lock since they were taken.
    if (self->locked)
        os_mutex_lock(&self->lock);
    base_atomic_store_relaxed(&last->node.next, self->aside_first == NULL ? NULL : &self->aside_first->node);
    if (self->aside_first == NULL)
        self->aside_last = last;
    self->aside_first = first;
    if (self->locked)
        os_mutex_unlock(&self->lock);
}

bool inbox_sleep(inbox *self)
{
    if (!self->locked)
        return self->aside_first == NULL && ds_mailbox_sleep(&self->box);
    os_mutex_lock(&self->lock);
    bool asleep = self->aside_first == NULL && ds_mailbox_sleep(&self->box);
    os_mutex_unlock(&self->lock);
    return asleep;
}

void inbox_put_back(inbox *self, envelope *mail)
{
    if (mail->counted) {
        // The place that it gave up may be another one's by now.
        if (self->places_owed > 0) {
            self->places_owed--;
        } else {
            ds_mailbox_occupy(&self->box, 1);
            self->places_given--;
        }
    }
    if (self->locked)
        os_mutex_lock(&self->lock);
    base_atomic_store_relaxed(&mail->node.next, self->aside_first == NULL ? NULL : &self->aside_first->node);
    self->aside_first = mail;
    if (self->aside_last == NULL)
        self->aside_last = mail;
    if (self->locked)
        os_mutex_unlock(&self->lock);
}

void inbox_close(inbox *self)
{
    if (!self->closed)
        ds_mailbox_occupy(&self->box, INBOX_CLOSING);
    self->closed = true;
}

void inbox_open(inbox *self)
{
    if (self->closed)
        ds_mailbox_release(&self->box, INBOX_CLOSING);
    self->closed = false;
}

uint32_t inbox_give_back(inbox *self)
{
    uint32_t owed = self->places_owed;
    if (owed > 0)
        ds_mailbox_release(&self->box, owed);
    self->places_given += owed;
    self->places_owed = 0;
    return owed;
}

bool inbox_owes_much(const inbox *self)
{
    return self->places_owed >= self->places_many;
}
