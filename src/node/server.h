// SPDX-License-Identifier: MIT OR Apache-2.0
/// The node's Unix socket, served by one thread (docs/reference/node-protocol.md).
///
/// The thread never waits for anything but its poller: a `call` goes out as an asynchronous ask, a
/// `stop` goes to a thread for chores, and both come back through the mailroom. Whatever a client
/// does, the others and the actors do not notice.
#ifndef AIRS_NODE_SERVER_H
#define AIRS_NODE_SERVER_H

#include "airssys/system.h"
#include "node/feed.h"
#include "node/socket.h"

typedef struct node_server node_server;

/// Clients within the process at once, with those that have closed their end and were not seen to yet.
#define NODE_SERVER_OWN_MAX 256

/// Begins to stop the node whose server is asked to (`down`), which goes on while it is. `ret_socket`: that of the app
/// that ends last; "" for none. Called on the server's thread. Errors: E_LIMIT, E_NOMEM.
typedef airs_status (*node_server_down_fn)(void *user, const char **ret_socket, airs_error *error);

/// 0: the default behind each.
typedef struct node_server_options {
    /// Must outlive the server.
    airs_system *system;
    /// What `hello` says. Copied.
    const char *app;
    /// Where what is deployed and granted is kept; it must outlive the server. NULL: nowhere.
    const struct node_durable *durable;
    /// The system's events (node/events.h), which must outlive the server too; NULL: none are told.
    node_feed *events;
    /// The node's log (node/logs.h), as well; NULL: none is told.
    node_feed *logs;
    /// The app, of whose manifest `start` makes what is gone; must outlive the server. NULL: of none.
    struct node_app *tree;
    /// A loopback address with its port, at which metrics are told too, as HTTP (node/loopback.h); NULL: at none.
    const char *metrics;
    /// NULL: the node is a process of its own, which is told by a signal.
    node_server_down_fn down;
    void *down_user;
    /// Clients at once; another one is told so and closed. 64.
    uint32_t connections_max;
    /// Requests of one client that wait for their replies; more are read later. 64.
    uint32_t requests_max;
    /// Time for `hello`, and for the rest of a line once it has begun. 10,000 ms.
    uint32_t line_ms;
    /// Time without any request under way. 600,000 ms.
    uint32_t idle_ms;
    /// Nobody is answered before `node_server_release`: who connects waits. False.
    bool held;
} node_server_options;

/// Serves a socket that listens already, so that an app starts only when its socket is to be had; one with a descriptor
/// of -1 is none: then there are only clients of `node_server_connect`.
/// Owns:   the socket becomes the server's on success, which then sets it to nothing.
/// Errors: E_LIMIT, E_NOMEM; of `metrics` those of node_loopback_listen. On success ended with `node_server_stop`.
AIRS_NODISCARD airs_status node_server_start(const node_server_options *options, node_socket *socket,
                                             node_server **ret_server, airs_error *error);

/// Answers from now on, after a start with `held`. Once; no other call is under way.
void node_server_release(node_server *server);

/// Makes a client within the process, which has said hello already (node_client_take); it takes no place from those of
/// the socket.
/// Owns:   the descriptor is the caller's; it may outlive the server, which has closed its end then.
/// Errors: E_LIMIT there are NODE_SERVER_OWN_MAX; E_IO. Any thread, until `node_server_stop` is called.
AIRS_NODISCARD airs_status node_server_connect(node_server *server, int *ret_fd, airs_error *error);

/// Asks the server's thread for a sign of life, and whether the last such question was answered (true when there was
/// none). Any thread.
void node_server_poke(node_server *server);
bool node_server_answers(node_server *server);

/// Where it listens. Borrowed.
const char *node_server_path(const node_server *server);

/// Where metrics are told, "127.0.0.1:9464"; "" when at no port. Borrowed.
const char *node_server_metrics(const node_server *server);

/// Sends what is ready to be sent, closes all connections, removes the socket. NULL is allowed.
void node_server_stop(node_server *server);

#endif
