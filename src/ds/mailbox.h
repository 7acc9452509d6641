// SPDX-License-Identifier: MIT OR Apache-2.0
/// A mailbox: many senders, one receiver, no lock, no limit of its own, nodes embedded in messages.
///
/// Roles     Any thread pushes. One thread at a time is the receiver; the role may move to another
///           thread through anything that orders them (the scheduler's task state does).
/// Order     Two pushes of one thread, and two pushes of which one happens before the other, come out
///           in that order.
/// Cost      A push is one exchange, and waits for nobody. A pop touches the node only; the pop of the
///           last node is one compare-and-swap.
/// Sleeping  A receiver that finds nothing calls `ds_mailbox_sleep`. Only the first push after that
///           says "wake the receiver"; all others cost their senders no wake-up.
/// Closing   There is none: who ends a mailbox makes sure that no sender can still reach it (takes it out
///           of the registry, waits for a grace period with `sched_defer`), and pops what is left.
#ifndef AIRS_DS_MAILBOX_H
#define AIRS_DS_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"

typedef struct ds_mailbox_node ds_mailbox_node;

/// Embedded in each message. Belongs to the sender until it is pushed, and to the receiver from the pop on.
struct ds_mailbox_node {
    BASE_ATOMIC(ds_mailbox_node *) next;
};

typedef struct ds_mailbox {
    // Written by senders.
    /// The newest node, or the stub; the lowest bit is set while the receiver sleeps.
    BASE_ATOMIC(uintptr_t) tail;
    /// Places taken, see `ds_mailbox_reserve`.
    BASE_ATOMIC(uint32_t) used;
    char pad[BASE_CACHE_LINE - sizeof(uintptr_t) - sizeof(uint32_t)];
    // Written by the receiver.
    /// The oldest node, or the stub.
    ds_mailbox_node *head;
    /// Stands in when there is no message.
    ds_mailbox_node stub;
} ds_mailbox;

/// Empty and asleep: the first push says to wake. Must not move. Needs no end.
void ds_mailbox_init(ds_mailbox *mailbox);

/// Adds a node. True when the receiver sleeps: this sender, and no other, has to wake it.
/// Thread: any.
bool ds_mailbox_push(ds_mailbox *mailbox, ds_mailbox_node *node);

typedef enum ds_mailbox_state {
    /// A node was given.
    DS_MAILBOX_NODE = 0,
    /// There is none.
    DS_MAILBOX_EMPTY = 1,
    /// A sender is in the middle of a push: there will be one in a moment. Do other things and pop again;
    /// waiting in a loop would wait for a thread that may not even run.
    DS_MAILBOX_BUSY = 2,
} ds_mailbox_state;

/// Takes the oldest node; it is the receiver's own from then on. `*ret_node` is set on DS_MAILBOX_NODE only.
/// Thread: the receiver.
ds_mailbox_state ds_mailbox_pop(ds_mailbox *mailbox, ds_mailbox_node **ret_node);

/// Goes to sleep: true when there was nothing, and the next push will say to wake (also when it slept
/// already). False when there is something, or a push under way: pop again.
/// Thread: the receiver.
bool ds_mailbox_sleep(ds_mailbox *mailbox);

/// Whether a pop would give EMPTY. A hint for others than the receiver. Thread: any.
bool ds_mailbox_empty(const ds_mailbox *mailbox);

/// Takes a place of `max`; false when there is none. A limit on a mailbox is: reserve, then push; after the pop,
/// release. Messages that never count (replies) don't reserve.
/// Thread: any.
bool ds_mailbox_reserve(ds_mailbox *mailbox, uint32_t max);

/// Takes `count` places, also past any limit: `count` of 1u << 31 lets no `reserve` succeed until it is released.
/// Thread: any.
void ds_mailbox_occupy(ds_mailbox *mailbox, uint32_t count);

/// Gives back `count` places. Thread: any.
void ds_mailbox_release(ds_mailbox *mailbox, uint32_t count);

/// Places taken now. Thread: any.
uint32_t ds_mailbox_used(const ds_mailbox *mailbox);

#endif
