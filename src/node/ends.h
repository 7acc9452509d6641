// SPDX-License-Identifier: MIT OR Apache-2.0
/// Actors that have ended by themselves for good, until it is written down that they are to be there no more.
///
/// Workers say who has ended and must not wait for the disk, so it is a list that somebody else takes, told by a bell.
#ifndef NODE_ENDS_H
#define NODE_ENDS_H

#include <stddef.h>

#include "os/mutex.h"

typedef struct node_ends {
    os_mutex mutex;
    uint64_t *actors;
    size_t count;
    size_t room;
    /// How many hold it.
    uint32_t holds;
    int bell;
} node_ends;

void node_ends_init(node_ends *self);
/// Nobody uses it any more.
void node_ends_fini(node_ends *self);

/// Adds an actor, by its raw id. One that there is no memory for is missed. Any thread; takes a lock for a few
/// instructions.
void node_ends_put(node_ends *self, uint64_t actor);

/// Whose bell is rung when there is something to take: an eventfd (os/poller.h) that stays the caller's, -1: nobody's.
/// Returns when the one before is rung no more. Any thread.
void node_ends_set_bell(node_ends *self, int fd);

/// Whether there is something to take. Any thread.
bool node_ends_any(node_ends *self);

/// Takes them all; the caller's. NULL: there is nothing to take. Any thread.
uint64_t *node_ends_take(node_ends *self, size_t *ret_count);

/// There is nothing to take until it is let go of: who has ended may still be about to be written down. NULL is
/// allowed. Any thread.
void node_ends_hold(node_ends *self);
void node_ends_let_go(node_ends *self);

#endif
