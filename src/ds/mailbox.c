// SPDX-License-Identifier: MIT OR Apache-2.0
/// The mailbox: a chain from the oldest node (`head`) to the newest (`tail`), linked through `next`.
///
/// Invariants
///   1. A node is in the chain from its sender's exchange of `tail` until the receiver has popped it. Between that
///      exchange and the store to its predecessor's `next` the chain is cut there: what comes after is
///      pushed, but can't be reached yet.
///   2. A node that is `tail`, or whose `next` is NULL, is not given to the receiver before `tail` has been moved off
///      it by a successful compare-and-swap: until then a sender may still write its `next`.
///   3. The stub is in the chain exactly when the receiver has put it there: at init, or by the compare-and-swap that
///      popped the last node; it leaves when `head` moves past it. `tail` is the stub when there is no message.
///   4. ASLEEP is set only together with the stub, by the receiver, and goes away with the next push.
///
/// Pairs
///   a. `tail` exchange (push), acq_rel, with itself: the earlier sender's NULL in its node's `next` is overwritten by
///      the later sender, not the other way round.
///   b. `next` store (push), release, with `next` load (pop), acquire: the receiver sees what is in the message.
///   c. `tail` compare-and-swap (pop), release, with `tail` exchange (push), acquire: the stub's `next` was NULL
///      before the sender overwrites it.
///   d. `tail` compare-and-swap (sleep), release, with `tail` exchange (push), acquire: who sees ASLEEP comes after
///      everything the receiver did before, so its wake finds a task that runs or is idle, not one that is
///      still queued for the run that is ending.
#include "ds/mailbox.h"

#include "base/prefetch.h"

#define ASLEEP ((uintptr_t)1)

void ds_mailbox_init(ds_mailbox *mailbox)
{
    base_atomic_init(&mailbox->stub.next, NULL);
    base_atomic_init(&mailbox->tail, (uintptr_t)&mailbox->stub | ASLEEP);
    base_atomic_init(&mailbox->used, 0u);
    mailbox->head = &mailbox->stub;
}

bool ds_mailbox_push(ds_mailbox *mailbox, ds_mailbox_node *node)
{
    base_atomic_store_relaxed(&node->next, NULL);
    uintptr_t before = base_atomic_exchange_acq_rel(&mailbox->tail, (uintptr_t)node);
    ds_mailbox_node *previous = (ds_mailbox_node *)(before & ~ASLEEP);
    base_atomic_store_release(&previous->next, node);
    return (before & ASLEEP) != 0;
}

// Takes the node that `head` is, whose successor is `next`: the next one to be taken, and most often not in this core's
// cache.
static ds_mailbox_state mailbox_take(ds_mailbox *mailbox, ds_mailbox_node *next, ds_mailbox_node **ret_node)
{
    base_prefetch(next);
    *ret_node = mailbox->head;
    mailbox->head = next;
    return DS_MAILBOX_NODE;
}

ds_mailbox_state ds_mailbox_pop(ds_mailbox *mailbox, ds_mailbox_node **ret_node)
{
    ds_mailbox_node *stub = &mailbox->stub;
    ds_mailbox_node *next = base_atomic_load_acquire(&mailbox->head->next);
    if (mailbox->head == stub) {
        if (next == NULL)
            return ds_mailbox_empty(mailbox) ? DS_MAILBOX_EMPTY : DS_MAILBOX_BUSY;
        mailbox->head = next;
        next = base_atomic_load_acquire(&next->next);
    }
    if (next != NULL)
        return mailbox_take(mailbox, next, ret_node);

    // The head seems to be the newest: it can be had once the stub has taken its place as the tail.
    base_atomic_store_relaxed(&stub->next, NULL);
    uintptr_t expected = (uintptr_t)mailbox->head;
    if (base_atomic_cas_release(&mailbox->tail, &expected, (uintptr_t)stub))
        return mailbox_take(mailbox, stub, ret_node);

    // A sender has come behind it, and may have linked its node by now.
    next = base_atomic_load_acquire(&mailbox->head->next);
    return next != NULL ? mailbox_take(mailbox, next, ret_node) : DS_MAILBOX_BUSY;
}

bool ds_mailbox_sleep(ds_mailbox *mailbox)
{
    uintptr_t empty = (uintptr_t)&mailbox->stub;
    uintptr_t expected = empty;
    return base_atomic_cas_release(&mailbox->tail, &expected, empty | ASLEEP) || expected == (empty | ASLEEP);
}

bool ds_mailbox_empty(const ds_mailbox *mailbox)
{
    return (base_atomic_load_relaxed(&mailbox->tail) & ~ASLEEP) == (uintptr_t)&mailbox->stub;
}

// The look is seq_cst, as the release of places: a sender that waits says so before it looks for the last time, and the
// receiver looks whether one waits after it gave places back; both must not miss the other.
// Nothing is taken on trial: a place that is taken and given back at once by who fails would be missed by a sender that
// looks meanwhile and then waits, and nobody would tell it.
bool ds_mailbox_reserve(ds_mailbox *mailbox, uint32_t max)
{
    uint32_t used;
    do {
        used = base_atomic_load_seq_cst(&mailbox->used);
        if (used >= max)
            return false;
    } while (!base_atomic_cas_weak_relaxed(&mailbox->used, &used, used + 1));
    return true;
}

void ds_mailbox_occupy(ds_mailbox *mailbox, uint32_t count)
{
    base_atomic_fetch_add_seq_cst(&mailbox->used, count);
}

void ds_mailbox_release(ds_mailbox *mailbox, uint32_t count)
{
    base_atomic_fetch_sub_seq_cst(&mailbox->used, count);
}

uint32_t ds_mailbox_used(const ds_mailbox *mailbox)
{
    return base_atomic_load_relaxed(&mailbox->used);
}
