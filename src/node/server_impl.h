// SPDX-License-Identifier: MIT OR Apache-2.0
/// What server*.c have in common: the server itself, its requests (server_requests.c) and its clients
/// (server_clients.c). All of it is of the server's thread. Private to them.
#ifndef NODE_SERVER_IMPL_H
#define NODE_SERVER_IMPL_H

#include "base/atomics.h"
#include "node/chores.h"
#include "node/connection.h"
#include "node/loopback.h"
#include "node/mailroom.h"
#include "node/own_clients.h"
#include "node/protocol.h"
#include "node/server.h"
#include "node/trials.h"
#include "os/event.h"
#include "os/poller.h"
#include "os/thread.h"

/// How long the end of a connection may take.
#define SERVER_DRAIN_MS 1000
/// Clients of the port for metrics at once; those past it wait in its backlog.
#define SERVER_PORT_CLIENTS_MAX 8
/// How long accepting pauses when the process has no descriptor left.
#define SERVER_ACCEPT_PAUSE_MS 100

struct node_server {
    node_server_options options;
    node_socket socket;
    /// Of the port for metrics; its descriptor is -1 when there is none.
    node_loopback loopback;
    os_poller poller;
    os_thread thread;
    /// The thread begins: `released`, or it is to end.
    os_event begin;
    bool released;
    node_chores chores;
    node_trials trials;
    node_mailroom *mailroom;
    char *app;
    /// Written to once, by `node_server_stop`.
    int stop_fd;
    bool stopping;
    /// A chore forgets who has ended.
    bool forgetting;
    /// A sign of life is asked for.
    BASE_ATOMIC(bool) poked;
    node_connection **connections;
    uint32_t connections_count;
    /// How many of them came by the port for metrics.
    uint32_t port_clients;
    /// How many of them are of this process.
    uint32_t own_clients;
    node_own_clients own;
    uint64_t next_serial;
    /// Not OS_NEVER: the listening socket, and that of the port, are not watched until then.
    uint64_t accept_at_ns;
    uint64_t port_at_ns;
};

// ---------------------------------------------------------------- requests

void server_reply_failure(node_connection *connection, const node_request *request, const airs_error *error);

/// Whether a connection may have another request served now.
bool server_may_serve(const node_server *server, const node_connection *connection);

/// Serves the whole lines that are there. False when it stopped before their end, for the sake of others.
bool server_serve_lines(node_server *server, node_connection *connection);

/// Takes the letters that came back; their clients may be gone.
void server_deliver_all(node_server *server);

/// Stops the actor that listens for a stream that has ended, or that never began.
void server_end_subscription(node_server *server, node_letter *letter);

/// Children that have ended by themselves are forgotten, by one chore at a time.
void server_forget_ended(node_server *server);

// ---------------------------------------------------------------- clients

/// Tells what there is to tell of the connection's stream. `last`: and ends it.
void server_go_on_streaming(node_server *server, node_connection *connection, bool last);

/// Goes on with a connection as far as it can without waiting. True when it has more to do at once.
bool server_go_on(node_server *server, node_connection *connection);

/// Ends the connections that are dead.
void server_remove_dead(node_server *server);

/// Takes new clients: of the socket, of the port for metrics, of this process.
void server_accept(node_server *server);
void server_accept_at_port(node_server *server);
void server_take_own(node_server *server);

#endif
