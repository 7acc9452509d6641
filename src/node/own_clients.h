// SPDX-License-Identifier: MIT OR Apache-2.0
/// Clients of a server within its own process, on their way to its thread. Private to the server.
#ifndef NODE_OWN_CLIENTS_H
#define NODE_OWN_CLIENTS_H

#include "node/server.h"
#include "os/mutex.h"

/// All zero: none.
typedef struct node_own_clients {
    os_mutex lock;
    /// Descriptors that the thread has not taken yet.
    int waiting[NODE_SERVER_OWN_MAX];
    uint32_t waiting_count;
    /// All of them, those that wait included.
    uint32_t count;
} node_own_clients;

/// Makes another one, and gives its end. Errors: E_LIMIT there are NODE_SERVER_OWN_MAX; E_IO. Any thread.
AIRS_NODISCARD airs_status node_own_clients_add(node_own_clients *self, int *ret_fd, airs_error *error);

/// The server's end of the next one that waits; the caller's. -1: none waits.
int node_own_clients_take(node_own_clients *self);

/// One that was taken has ended.
void node_own_clients_forget(node_own_clients *self);

/// Closes those that wait: they read that the server has gone. Nobody adds one any more.
void node_own_clients_fini(node_own_clients *self);

#endif
