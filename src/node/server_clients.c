// SPDX-License-Identifier: MIT OR Apache-2.0
/// Clients of the server: they come, have their turn and their time, and go.
#include "base/alloc.h"
#include "base/error.h"
#include "node/server_impl.h"
#include "node/socket.h"
#include "os/clock.h"

#include <errno.h>
#include <sys/socket.h>

static node_phase phase_of(const node_server *server, const node_connection *connection)
{
    if (connection->draining)
        return NODE_PHASE_DRAINING;
    if (node_connection_unsent(connection) > 0)
        return NODE_PHASE_SENDING;
    if (!connection->greeted)
        return NODE_PHASE_GREETING;
    if (connection->in.end > connection->in.start && server_may_serve(server, connection))
        return NODE_PHASE_LINE;
    return connection->pending > 0 ? NODE_PHASE_PENDING : NODE_PHASE_IDLE;
}

/// When the connection ends by itself if nothing more happens.
static uint64_t deadline_of(const node_server *server, node_phase phase, uint64_t now_ns)
{
    switch (phase) {
    case NODE_PHASE_DRAINING:
        return os_deadline_ms(now_ns, SERVER_DRAIN_MS);
    case NODE_PHASE_SENDING:
    case NODE_PHASE_GREETING:
    case NODE_PHASE_LINE:
        return os_deadline_ms(now_ns, server->options.line_ms);
    case NODE_PHASE_PENDING:
        return OS_NEVER;
    case NODE_PHASE_IDLE:
        break;
    }
    return os_deadline_ms(now_ns, server->options.idle_ms);
}

/// Time runs from the moment a phase began, or from the last line served or bytes sent in it: half a
/// line that grows by a byte now and then gains nothing.
static void renew_deadline(const node_server *server, node_connection *connection, bool progress)
{
    node_phase phase = phase_of(server, connection);
    if (phase == connection->phase && !progress && connection->deadline_ns != 0)
        return;
    connection->phase = phase;
    connection->deadline_ns = deadline_of(server, phase, os_clock_now_ns());
}

/// Announces the end, once everything is sent: what the client still sends is then read and dropped,
/// since closing on unread bytes would make it miss our last words.
static void begin_draining(node_connection *connection)
{
    connection->draining = true;
    if (shutdown(connection->fd, SHUT_WR) != 0)
        connection->dead = true;
}

/// Watches for what the connection can go on with.
static void watch(node_server *server, node_connection *connection)
{
    uint32_t bits = 0;
    if (!connection->ended && (connection->draining || server_may_serve(server, connection)))
        bits |= OS_POLL_READ;
    if (node_connection_unsent(connection) > 0)
        bits |= OS_POLL_WRITE;
    if (bits == connection->bits)
        return;
    if (os_poller_change(&server->poller, connection->fd, bits, connection, NULL) != AIRS_OK)
        connection->dead = true;
    connection->bits = bits;
}

/// Tells what there is to tell of the connection's stream. `last`: and ends it.
void server_go_on_streaming(node_server *server, node_connection *connection, bool last)
{
    node_letter *letter = connection->stream.letter;
    if (node_stream_pump(connection, last) && letter)
        server_end_subscription(server, letter);
}

/// Goes on with a connection as far as it can without waiting. True when it has more to do at once.
bool server_go_on(node_server *server, node_connection *connection)
{
    uint64_t served_before = connection->served;
    bool all = connection->draining || server_serve_lines(server, connection);
    // Who sends nothing more does not wait for more either.
    server_go_on_streaming(server, connection, connection->ended);
    bool progress = node_connection_flush(connection) || connection->served != served_before;
    bool sent = node_connection_unsent(connection) == 0;
    bool finished = connection->ended && connection->pending == 0 && all;
    if (sent && finished)
        connection->dead = true;
    else if (sent && connection->closing && !connection->draining)
        begin_draining(connection);
    if (connection->draining && connection->ended)
        connection->dead = true;
    renew_deadline(server, connection, progress);
    if (!connection->dead)
        watch(server, connection);
    return (!all && !connection->dead) || node_stream_has_more(connection);
}

static void forget_own(node_server *server)
{
    server->own_clients--;
    node_own_clients_forget(&server->own);
}

void server_remove_dead(node_server *server)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < server->connections_count; i++) {
        node_connection *connection = server->connections[i];
        if (!connection->dead) {
            server->connections[kept++] = connection;
            continue;
        }
        os_poller_remove(&server->poller, connection->fd);
        server->port_clients -= connection->by_port;
        if (connection->is_own)
            forget_own(server);
        if (connection->stream.letter)
            server_end_subscription(server, connection->stream.letter);
        node_connection_fini(connection);
        base_free(base_allocator_default(), connection);
    }
    server->connections_count = kept;
}

/// NULL, and the descriptor is closed, when there is no memory, or it can't be watched.
static node_connection *make_connection(node_server *server, int fd)
{
    node_connection *connection = base_alloc(base_allocator_default(), sizeof *connection);
    if (!connection) {
        os_fd_close(fd);
        return NULL;
    }
    node_connection_init(connection, fd, ++server->next_serial);
    connection->bits = OS_POLL_READ;
    if (os_poller_add(&server->poller, fd, OS_POLL_READ, connection, NULL) != AIRS_OK) {
        node_connection_fini(connection);
        base_free(base_allocator_default(), connection);
        return NULL;
    }
    server->connections[server->connections_count++] = connection;
    return connection;
}

static uint32_t socket_clients(const node_server *server)
{
    return server->connections_count - server->port_clients - server->own_clients;
}

static void add_connection(node_server *server, int fd)
{
    node_connection *connection = make_connection(server, fd);
    if (!connection)
        return;
    airs_error error;
    node_request nameless = {0};
    if (!node_socket_peer_allowed(fd))
        base_error_set(&error, AIRS_E_DENIED, "this node belongs to another user");
    else if (socket_clients(server) > server->options.connections_max)
        base_error_set(&error, AIRS_E_LIMIT, "the node has %u clients already", server->options.connections_max);
    else
        error.status = AIRS_OK;
    if (error.status != AIRS_OK) {
        server_reply_failure(connection, &nameless, &error);
        connection->closing = true;
    }
    server_go_on(server, connection);
}

/// The next client at a listening descriptor; -1: errno says why there is none.
static int accept_next(int listening)
{
    int fd;
    do
        fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    return fd;
}

/// There is no room for another one: the descriptor is watched again from `*ret_at_ns` on.
static void pause_accepting(node_server *server, int listening, uint64_t *ret_at_ns)
{
    os_poller_remove(&server->poller, listening);
    *ret_at_ns = os_deadline_ms(os_clock_now_ns(), SERVER_ACCEPT_PAUSE_MS);
}

/// Takes new clients. Those past the limit get one line and leave within SERVER_DRAIN_MS: as many again may be
/// on their way out, the rest waits in the backlog.
void server_accept(node_server *server)
{
    while (socket_clients(server) < 2 * server->options.connections_max) {
        int fd = accept_next(server->socket.fd);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0)
            break;
        add_connection(server, fd);
    }
    pause_accepting(server, server->socket.fd, &server->accept_at_ns);
}

/// The same at the port for metrics. Who comes there is told nothing that changes anything, whoever it is, and takes no
/// place from those of the socket.
void server_accept_at_port(node_server *server)
{
    while (server->port_clients < SERVER_PORT_CLIENTS_MAX) {
        int fd = accept_next(server->loopback.fd);
        if (fd < 0 && errno == EAGAIN)
            return;
        if (fd < 0)
            break;
        node_connection *connection = make_connection(server, fd);
        if (!connection)
            continue;
        connection->http = connection->by_port = true;
        server->port_clients++;
        server_go_on(server, connection);
    }
    pause_accepting(server, server->loopback.fd, &server->port_at_ns);
}

/// Takes the new clients of this process: who has the server is let in, and is greeted.
void server_take_own(node_server *server)
{
    for (int fd; (fd = node_own_clients_take(&server->own)) >= 0;) {
        server->own_clients++;
        node_connection *connection = make_connection(server, fd);
        if (!connection) {
            forget_own(server);
            continue;
        }
        connection->is_own = connection->greeted = true;
        server_go_on(server, connection);
    }
}
