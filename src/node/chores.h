// SPDX-License-Identifier: MIT OR Apache-2.0
/// Threads for what blocks, so that the server's never does: stopping and restarting actors, and the like.
///
/// There is one thread at first; another one is started when a chore comes and all are at work, up to
/// NODE_CHORES_MAX. So an actor that takes its time to stop does not keep others from being killed.
#ifndef AIRS_NODE_CHORES_H
#define AIRS_NODE_CHORES_H

#include "node/mailroom.h"
#include "os/thread.h"

#include <pthread.h>

#define NODE_CHORES_MAX 8

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
    bool ending;
} node_chores;

/// Stays where it is until `node_chores_stop`. Errors: E_LIMIT, E_NOMEM.
AIRS_NODISCARD airs_status node_chores_start(node_chores *chores, airs_system *system);

/// Waits for the chores in hand; the others, and those that are still added, are returned with AIRS_E_STOPPING.
void node_chores_stop(node_chores *chores);

/// Runs the letter's chore, then returns the letter. Any thread but a chore's.
void node_chores_add(node_chores *chores, node_letter *letter);

#endif
