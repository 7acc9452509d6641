// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/server_impl.h"

#include "base/alloc.h"
#include "base/error.h"
#include "node/durable.h"
#include "node/socket.h"
#include "os/clock.h"

#include <string.h>

#define EVENTS_MAX 32

static const node_durable nowhere = {.store = NULL};

// ---------------------------------------------------------------- the thread

/// Watches a socket that listens again, when the pause is over.
static void listen_again(node_server *server, int fd, void *user, uint64_t *at_ns, uint64_t now_ns)
{
    if (*at_ns > now_ns)
        return;
    *at_ns = OS_NEVER;
    if (os_poller_add(&server->poller, fd, OS_POLL_READ, user, NULL) != AIRS_OK)
        *at_ns = os_deadline_ms(now_ns, SERVER_ACCEPT_PAUSE_MS);
}

/// Ends what is past its time. Returns the next moment at which something will be.
static uint64_t check_deadlines(node_server *server)
{
    uint64_t now_ns = os_clock_now_ns();
    listen_again(server, server->socket.fd, server, &server->accept_at_ns, now_ns);
    listen_again(server, server->loopback.fd, &server->loopback, &server->port_at_ns, now_ns);
    uint64_t next_ns = server->accept_at_ns < server->port_at_ns ? server->accept_at_ns : server->port_at_ns;
    for (uint32_t i = 0; i < server->connections_count; i++) {
        node_connection *connection = server->connections[i];
        if (connection->deadline_ns <= now_ns)
            connection->dead = true;
        else if (connection->deadline_ns < next_ns)
            next_ns = connection->deadline_ns;
    }
    return next_ns;
}

static void handle_event(node_server *server, const os_poll_event *event)
{
    if (event->user == server) {
        server_accept(server);
    } else if (event->user == &server->loopback) {
        server_accept_at_port(server);
    } else if (event->user == &server->stop_fd) {
        server->stopping = true;
    } else if (event->user == server->mailroom) {
        server_deliver_all(server);
        server_forget_ended(server);
        server_take_own(server);
    } else {
        node_connection *connection = event->user;
        if (event->bits & OS_POLL_READ)
            node_connection_receive(connection);
        // Gone for good, and not merely done with sending: then reading would be watched for.
        if ((event->bits & OS_POLL_HANGUP) && !(connection->bits & OS_POLL_READ))
            connection->dead = true;
        if (!connection->dead)
            server_go_on(server, connection);
    }
}

/// Gives each connection its turn: a reply may have been queued for it, or lines were left. True when
/// some have more to do at once.
static bool go_on_all(node_server *server)
{
    bool more = false;
    for (uint32_t i = 0; i < server->connections_count; i++) {
        if (!server->connections[i]->dead)
            more = server_go_on(server, server->connections[i]) || more;
    }
    return more;
}

/// Watches only for what can still be sent. What has none of it is over.
static void watch_the_rest(node_server *server, node_connection *connection)
{
    bool rest = node_connection_unsent(connection) > 0;
    uint32_t bits = rest ? OS_POLL_WRITE : 0;
    if (!rest || os_poller_change(&server->poller, connection->fd, bits, connection, NULL) != AIRS_OK)
        connection->dead = true;
}

/// Waits until something of the rest can be sent. False: nothing could within SERVER_DRAIN_MS, or until `end_ns`.
static bool wait_to_send(node_server *server, uint64_t end_ns)
{
    os_poll_event events[EVENTS_MAX];
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), SERVER_DRAIN_MS);
    uint32_t count = 0;
    airs_status status =
        os_poller_wait(&server->poller, events, EVENTS_MAX, deadline_ns < end_ns ? deadline_ns : end_ns, &count, NULL);
    return status == AIRS_OK && count > 0;
}

/// What was begun is sent to its end: half a reply is worth nothing. Who takes nothing for SERVER_DRAIN_MS is not
/// waited for.
static void send_the_rest(node_server *server)
{
    uint64_t end_ns = os_deadline_ms(os_clock_now_ns(), server->options.line_ms);
    os_poller_remove(&server->poller, server->stop_fd);
    os_poller_remove(&server->poller, node_mailroom_fd(server->mailroom));
    // Whoever sees its connection end may take the socket, and the port.
    node_socket_close(&server->socket);
    node_loopback_close(&server->loopback);
    do {
        for (uint32_t i = 0; i < server->connections_count; i++) {
            node_connection_flush(server->connections[i]);
            watch_the_rest(server, server->connections[i]);
        }
        server_remove_dead(server);
    } while (server->connections_count > 0 && wait_to_send(server, end_ns));
}

/// What has come back and what was told is sent.
static void say_goodbye(node_server *server)
{
    server_deliver_all(server);
    for (uint32_t i = 0; i < server->connections_count; i++)
        server_go_on_streaming(server, server->connections[i], true);
    send_the_rest(server);
    for (uint32_t i = 0; i < server->connections_count; i++)
        server->connections[i]->dead = true;
    server_remove_dead(server);
    // Subscriptions that were ended just now.
    server_deliver_all(server);
}

static void run(void *user)
{
    node_server *server = user;
    os_poll_event events[EVENTS_MAX];
    bool more = false;
    (void)os_event_wait(&server->begin, OS_NEVER);
    while (server->released && !server->stopping) {
        base_atomic_store_relaxed(&server->poked, false);
        uint64_t deadline_ns = check_deadlines(server);
        server_remove_dead(server);
        uint32_t count = 0;
        if (os_poller_wait(&server->poller, events, EVENTS_MAX, more ? 0 : deadline_ns, &count, NULL) != AIRS_OK)
            break;
        for (uint32_t i = 0; i < count; i++)
            handle_event(server, &events[i]);
        more = go_on_all(server);
    }
    say_goodbye(server);
}

// ---------------------------------------------------------------- start and stop

static void apply_defaults(node_server_options *options)
{
    if (options->connections_max == 0)
        options->connections_max = 64;
    if (options->requests_max == 0)
        options->requests_max = 64;
    if (options->line_ms == 0)
        options->line_ms = 10000;
    if (options->idle_ms == 0)
        options->idle_ms = 600000;
}

/// What holds memory and descriptors but no thread; all zero with descriptors of -1 is allowed.
static void destroy(node_server *server)
{
    os_fd_close(server->stop_fd);
    os_poller_fini(&server->poller);
    if (server->mailroom)
        node_mailroom_release(server->mailroom);
    if (server->socket.fd >= 0)
        node_socket_close(&server->socket);
    node_loopback_close(&server->loopback);
    node_own_clients_fini(&server->own);
    base_free(base_allocator_default(), server->connections);
    base_free(base_allocator_default(), server->app);
    base_free(base_allocator_default(), server);
}

static airs_status prepare(node_server *server, airs_error *error)
{
    airs_status status = os_poller_init(&server->poller, error);
    if (status == AIRS_OK)
        status = os_eventfd_create(&server->stop_fd, error);
    if (status == AIRS_OK)
        status = node_mailroom_create(&server->mailroom, error);
    if (status == AIRS_OK && server->options.metrics)
        status = node_loopback_listen(server->options.metrics, &server->loopback, error);
    if (status == AIRS_OK && server->options.metrics)
        status = os_poller_add(&server->poller, server->loopback.fd, OS_POLL_READ, &server->loopback, error);
    if (status == AIRS_OK && server->socket.fd >= 0)
        status = os_poller_add(&server->poller, server->socket.fd, OS_POLL_READ, server, error);
    if (status == AIRS_OK)
        status = os_poller_add(&server->poller, server->stop_fd, OS_POLL_READ, &server->stop_fd, error);
    if (status == AIRS_OK)
        status =
            os_poller_add(&server->poller, node_mailroom_fd(server->mailroom), OS_POLL_READ, server->mailroom, error);
    return status;
}

static airs_status start_threads(node_server *server, airs_error *error)
{
    node_trials_start(&server->trials, server->options.system);
    airs_status status = node_chores_start(&server->chores, server->options.system);
    if (status != AIRS_OK)
        return base_error_set(error, status, "cannot start a thread");
    status = os_thread_start(&server->thread, "airs-server", 0, run, server);
    if (status == AIRS_OK)
        return AIRS_OK;
    node_chores_stop(&server->chores);
    return base_error_set(error, status, "cannot start a thread");
}

airs_status node_server_start(const node_server_options *options, node_socket *socket, node_server **ret_server,
                              airs_error *error)
{
    const airs_allocator *allocator = base_allocator_default();
    node_server *server = base_alloc_zeroed(allocator, sizeof *server);
    if (!server)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the server");
    server->options = *options;
    apply_defaults(&server->options);
    if (!server->options.durable)
        server->options.durable = &nowhere;
    server->poller.fd = server->stop_fd = server->loopback.fd = -1;
    server->socket = *socket;
    server->accept_at_ns = server->port_at_ns = OS_NEVER;
    server->app = base_strndup(allocator, options->app, strlen(options->app));
    server->connections = base_alloc_array(
        allocator, 2 * (size_t)server->options.connections_max + SERVER_PORT_CLIENTS_MAX + NODE_SERVER_OWN_MAX,
        sizeof *server->connections);
    airs_status status = AIRS_E_NOMEM;
    if (server->app && server->connections)
        status = prepare(server, error);
    else
        base_error_set(error, status, "no memory for the server");
    if (status == AIRS_OK)
        status = start_threads(server, error);
    if (status != AIRS_OK) {
        // The socket stays the caller's.
        server->socket.fd = -1;
        destroy(server);
        return status;
    }
    if (options->events)
        node_feed_set_bell(options->events, node_mailroom_fd(server->mailroom));
    if (options->logs)
        node_feed_set_bell(options->logs, node_mailroom_fd(server->mailroom));
    if (server->options.durable->ends)
        node_ends_set_bell(server->options.durable->ends, node_mailroom_fd(server->mailroom));
    socket->fd = -1;
    if (!options->held)
        node_server_release(server);
    *ret_server = server;
    return AIRS_OK;
}

airs_status node_server_connect(node_server *server, int *ret_fd, airs_error *error)
{
    airs_status status = node_own_clients_add(&server->own, ret_fd, error);
    if (status == AIRS_OK)
        os_eventfd_notify(node_mailroom_fd(server->mailroom));
    return status;
}

void node_server_release(node_server *server)
{
    server->released = true;
    os_event_set(&server->begin);
}

void node_server_poke(node_server *server)
{
    base_atomic_store_relaxed(&server->poked, true);
    os_eventfd_notify(node_mailroom_fd(server->mailroom));
}

bool node_server_answers(node_server *server)
{
    return !base_atomic_load_relaxed(&server->poked);
}

const char *node_server_path(const node_server *server)
{
    return server->socket.path.text;
}

const char *node_server_metrics(const node_server *server)
{
    return server->loopback.address;
}

void node_server_stop(node_server *server)
{
    if (!server)
        return;
    // The chores first: their outcomes are then in the mailroom when the thread looks for the last time.
    node_chores_stop(&server->chores);
    os_eventfd_notify(server->stop_fd);
    os_event_set(&server->begin);
    os_thread_join(&server->thread);
    // Nobody begins another one.
    node_trials_stop(&server->trials);
    if (server->options.events)
        node_feed_set_bell(server->options.events, -1);
    if (server->options.logs)
        node_feed_set_bell(server->options.logs, -1);
    if (server->options.durable->ends)
        node_ends_set_bell(server->options.durable->ends, -1);
    destroy(server);
}
