// SPDX-License-Identifier: MIT OR Apache-2.0
/// Threads for what blocks, so that the server's never does: stopping and restarting actors, and the like.
///
/// There is one thread at first; another one is started when a chore comes and all are at work, up to
/// NODE_CHORES_MAX. So an actor that takes its time to stop does not keep others from being killed. Chores that take as
/// long as somebody has asked for (deployments, with their probation) or as a guest's `start` does (`start` of what is
/// not there any more, `scale`) are at most NODE_CHORES_LONG_MAX at a time: two threads are always left for the others.
#ifndef AIRS_NODE_CHORES_H
#define AIRS_NODE_CHORES_H

#include "node/mailroom.h"
#include "os/thread.h"

#include <pthread.h>

#define NODE_CHORES_MAX 8
#define NODE_CHORES_LONG_MAX (NODE_CHORES_MAX - 2)

typedef struct node_chores {
    airs_system *system;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    os_thread threads[NODE_CHORES_MAX];
    uint32_t threads_count;
    /// Threads that wait for a letter.
    uint32_t idle;
    /// Letters that wait for a thread, in their order.
    node_letter *first;
    node_letter **last;
    uint32_t waiting;
    /// Long ones that wait or are in hand.
    uint32_t long_ones;
    bool ending;
} node_chores;

/// Stays where it is until `node_chores_stop`. Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status node_chores_start(node_chores *chores, airs_system *system);

/// Waits for the chores in hand; the others, and those that are still added, are returned with AIRS_E_STOPPING.
void node_chores_stop(node_chores *chores);

/// Runs the letter's chore, then returns the letter. Any thread but a chore's.
void node_chores_add(node_chores *chores, node_letter *letter);

/// The same of a chore that takes long; the letter stays the caller's on an error.
/// Errors: E_LIMIT there are NODE_CHORES_LONG_MAX of them already; `error` says so.
AIRS_NODISCARD airs_status node_chores_add_long(node_chores *chores, node_letter *letter, airs_error *error);

#endif
