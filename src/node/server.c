// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/server.h"

#include "base/alloc.h"
#include "base/atomics.h"
#include "base/error.h"
#include "node/durable.h"
#include "node/http.h"
#include "node/loopback.h"
#include "node/own_clients.h"
#include "node/socket.h"
#include "node/subscriber.h"
#include "node/verbs.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/poller.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define EVENTS_MAX 32
// A client that has this much to read is given nothing more to read.
#define UNSENT_MAX (1u << 20)
// Lines of one client in a row, before others have their turn.
#define LINES_PER_TURN 32
// How long the end of a connection may take.
#define DRAIN_MS 1000
// Clients of the port for metrics at once; those past it wait in its backlog.
#define PORT_CLIENTS_MAX 8
// How long accepting pauses when the process has no descriptor left.
#define ACCEPT_PAUSE_MS 100

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

static const node_durable nowhere = {.store = NULL};

// ---------------------------------------------------------------- requests

static void reply_failure(node_connection *connection, const node_request *request, const airs_error *error)
{
    if (connection->http) {
        node_http_answer_error(connection, error);
        connection->closing = true;
        return;
    }
    char *line = node_reply_error(request, error);
    node_connection_queue(connection, line);
    cJSON_free(line);
}

static void reply_success(node_connection *connection, const node_request *request, cJSON *result)
{
    if (connection->http) {
        node_http_answer_result(connection, result);
        connection->closing = true;
        return;
    }
    char *line = node_reply_ok(request, result);
    node_connection_queue(connection, line);
    cJSON_free(line);
}

/// Does what a request asks for, if it could be read; `status` and `error` say whether. Ends the request.
static void serve_request(node_server *server, node_connection *connection, node_request *request, airs_status status,
                          airs_error *error)
{
    connection->served++;
    node_exchange exchange = {.system = server->options.system,
                              .app = server->app,
                              .durable = server->options.durable,
                              .mailroom = server->mailroom,
                              .chores = &server->chores,
                              .trials = &server->trials,
                              .events = server->options.events,
                              .logs = server->options.logs,
                              .tree = server->options.tree,
                              .down = server->options.down,
                              .down_user = server->options.down_user,
                              .connection = connection,
                              .request = request};
    if (status == AIRS_OK)
        status = node_verb_run(&exchange, error);
    if (status != AIRS_OK) {
        cJSON_Delete(exchange.result);
        reply_failure(connection, request, error);
    } else if (exchange.later) {
        connection->pending++;
    } else {
        reply_success(connection, request, exchange.result);
    }
    // Who has not even said hello is no client of this protocol: one answer, then the end.
    if (status != AIRS_OK && !connection->greeted)
        connection->closing = true;
    node_request_fini(request);
}

static void serve_line(node_server *server, node_connection *connection, airs_bytes line)
{
    node_request request;
    airs_error error = {0};
    airs_status status = node_request_parse(&request, line, &error);
    serve_request(server, connection, &request, status, &error);
}

static bool may_serve(const node_server *server, const node_connection *connection)
{
    return !connection->closing && !connection->dead && connection->pending < server->options.requests_max &&
           node_connection_unsent(connection) < UNSENT_MAX;
}

/// Does what a verb asks for by HTTP: who may connect may, and need not say hello.
static void serve_verb(node_server *server, node_connection *connection, const char *verb, airs_bytes body)
{
    node_request request;
    airs_error error = {0};
    airs_status status = node_request_make(&request, verb, body, &error);
    connection->greeted = true;
    serve_request(server, connection, &request, status, &error);
}

/// Answers a request of HTTP, once it is all there.
static void serve_http(node_server *server, node_connection *connection)
{
    node_http_request request;
    if (connection->asked)
        node_connection_drop_input(connection);
    if (connection->closing || connection->asked)
        return;
    bool whole = node_http_parse(node_connection_peek(connection), connection->ended, &request);
    // Nothing is posted at the port: no body is waited for.
    if (!whole && !(request.post && connection->by_port)) {
        if (request.waits && !connection->told_to_go_on)
            node_http_go_on(connection);
        connection->told_to_go_on = connection->told_to_go_on || request.waits;
        return;
    }
    const char *verb = request.post && !connection->by_port ? node_http_verb(&request) : NULL;
    connection->asked = true;
    if (verb) {
        serve_verb(server, connection, verb, request.body);
    } else {
        const node_http_site site = {server->options.system, server->app};
        node_http_answer(connection, &site, &request);
        connection->served++;
        connection->closing = true;
    }
    node_connection_drop_input(connection);
}

/// Serves the whole lines that are there. False when it stopped before their end, for the sake of others.
static bool serve_lines(node_server *server, node_connection *connection)
{
    if (connection->served == 0 && !connection->http)
        connection->http = node_http_begins(node_connection_peek(connection));
    if (connection->http) {
        serve_http(server, connection);
        return true;
    }
    for (int turn = 0; turn < LINES_PER_TURN; turn++) {
        if (!may_serve(server, connection))
            return true;
        airs_bytes line;
        node_line kind = node_connection_take(connection, &line);
        if (kind == NODE_LINE_NONE)
            return true;
        if (kind == NODE_LINE_READY) {
            serve_line(server, connection, line);
            continue;
        }
        node_request nameless = {0};
        airs_error error;
        base_error_set(&error, AIRS_E_TOO_LARGE, "a line is at most %u bytes", NODE_LINE_MAX);
        reply_failure(connection, &nameless, &error);
        connection->closing = true;
    }
    return false;
}

static node_connection *find_connection(node_server *server, uint64_t serial)
{
    for (uint32_t i = 0; i < server->connections_count; i++) {
        if (server->connections[i]->serial == serial)
            return server->connections[i];
    }
    return NULL;
}

/// Stops the actor that listens for a stream that has ended, or that never began.
static void end_subscription(node_server *server, node_letter *letter)
{
    letter->chore = node_subscriber_stop;
    // It comes back once more, also when it could not be done any more.
    node_chores_add(&server->chores, letter);
}

/// What comes back of a subscription: first when it has begun, then when it has ended.
static void deliver_subscription(node_server *server, node_connection *connection, node_letter *letter)
{
    if (letter->chore == node_subscriber_stop) {
        // The chores have ended before it was its turn; the thread ends too, and may block.
        if (letter->status == AIRS_E_STOPPING)
            node_subscriber_stop(server->options.system, letter);
        node_letter_destroy(letter);
        return;
    }
    if (!connection) {
        end_subscription(server, letter);
        return;
    }
    node_feed_set_bell(letter->feed, node_mailroom_fd(server->mailroom));
    const node_stream stream = {.feed = letter->feed,
                                .request = letter->request,
                                .follow = true,
                                .key = "message",
                                .render = node_subscriber_json,
                                .letter = letter};
    node_stream_open(connection, &stream);
}

/// What a letter brings, as a reply.
static void deliver_reply(node_connection *connection, node_letter *letter)
{
    node_request request = {.id = letter->request, .has_id = true};
    airs_bytes payload = {letter->payload.data, letter->payload.len};
    airs_error error = {.status = letter->status};
    if (letter->status == AIRS_OK) {
        cJSON *result = letter->has_payload ? cJSON_CreateObject() : letter->result;
        letter->result = NULL;
        airs_status status = letter->has_payload ? node_payload_write(result, payload, &error) : AIRS_OK;
        if (status == AIRS_OK) {
            reply_success(connection, &request, result);
            return;
        }
        cJSON_Delete(result);
    } else if (payload.len > 0) {
        base_error_set(&error, letter->status, "%.*s", (int)payload.len, (const char *)payload.data);
    } else {
        base_error_set(&error, letter->status, "%s", airs_status_text(letter->status));
    }
    reply_failure(connection, &request, &error);
}

static void chore_forget(airs_system *system, node_letter *letter)
{
    node_durable_forget_ended(letter->durable, system);
}

/// Children that have ended by themselves are forgotten, by one chore at a time.
static void forget_ended(node_server *server)
{
    const node_durable *durable = server->options.durable;
    if (server->forgetting || !durable->ends || !node_ends_any(durable->ends))
        return;
    node_letter *letter = node_letter_create(server->mailroom, 0, 0);
    // Without memory it is tried again with the next letter.
    if (!letter)
        return;
    letter->chore = chore_forget;
    letter->durable = durable;
    server->forgetting = true;
    node_chores_add(&server->chores, letter);
}

/// Takes a letter that came back; the client may be gone.
static void deliver(node_server *server, node_letter *letter)
{
    if (letter->chore == chore_forget) {
        // Without chores it is left to who ends the node.
        server->forgetting = letter->status == AIRS_E_STOPPING;
        node_letter_destroy(letter);
        return;
    }
    node_connection *connection = find_connection(server, letter->connection);
    bool begins = letter->chore == node_subscriber_start;
    if (connection && begins)
        connection->subscribing = false;
    if (letter->feed && (letter->status == AIRS_OK || !begins)) {
        deliver_subscription(server, connection, letter);
        return;
    }
    if (connection) {
        connection->pending--;
        deliver_reply(connection, letter);
    }
    node_letter_destroy(letter);
}

static void deliver_all(node_server *server)
{
    for (node_letter *letter = node_mailroom_take(server->mailroom); letter;) {
        node_letter *next = letter->next;
        deliver(server, letter);
        letter = next;
    }
}

// ---------------------------------------------------------------- connections

static node_phase phase_of(const node_server *server, const node_connection *connection)
{
    if (connection->draining)
        return NODE_PHASE_DRAINING;
    if (node_connection_unsent(connection) > 0)
        return NODE_PHASE_SENDING;
    if (!connection->greeted)
        return NODE_PHASE_GREETING;
    if (connection->in.end > connection->in.start && may_serve(server, connection))
        return NODE_PHASE_LINE;
    return connection->pending > 0 ? NODE_PHASE_PENDING : NODE_PHASE_IDLE;
}

/// When the connection ends by itself if nothing more happens.
static uint64_t deadline_of(const node_server *server, node_phase phase, uint64_t now_ns)
{
    switch (phase) {
    case NODE_PHASE_DRAINING:
        return os_deadline_ms(now_ns, DRAIN_MS);
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
    if (!connection->ended && (connection->draining || may_serve(server, connection)))
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
static void go_on_streaming(node_server *server, node_connection *connection, bool last)
{
    node_letter *letter = connection->stream.letter;
    if (node_stream_pump(connection, last) && letter)
        end_subscription(server, letter);
}

/// Goes on with a connection as far as it can without waiting. True when it has more to do at once.
static bool go_on(node_server *server, node_connection *connection)
{
    uint64_t served_before = connection->served;
    bool all = connection->draining || serve_lines(server, connection);
    // Who sends nothing more does not wait for more either.
    go_on_streaming(server, connection, connection->ended);
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

static void remove_dead(node_server *server)
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
            end_subscription(server, connection->stream.letter);
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
        reply_failure(connection, &nameless, &error);
        connection->closing = true;
    }
    go_on(server, connection);
}

/// Takes new clients. Those past the limit get one line and leave within DRAIN_MS: as many again may be
/// on their way out, the rest waits in the backlog.
static void accept_clients(node_server *server)
{
    while (socket_clients(server) < 2 * server->options.connections_max) {
        int fd = accept4(server->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            add_connection(server, fd);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EAGAIN)
            return;
        break;
    }
    os_poller_remove(&server->poller, server->socket.fd);
    server->accept_at_ns = os_deadline_ms(os_clock_now_ns(), ACCEPT_PAUSE_MS);
}

/// The same at the port for metrics. Who comes there is told nothing that changes anything, whoever it is, and takes no
/// place from those of the socket.
static void accept_at_port(node_server *server)
{
    while (server->port_clients < PORT_CLIENTS_MAX) {
        int fd = accept4(server->loopback.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            node_connection *connection = make_connection(server, fd);
            if (!connection)
                continue;
            connection->http = connection->by_port = true;
            server->port_clients++;
            go_on(server, connection);
            continue;
        }
        if (errno == EINTR || errno == ECONNABORTED)
            continue;
        if (errno == EAGAIN)
            return;
        break;
    }
    os_poller_remove(&server->poller, server->loopback.fd);
    server->port_at_ns = os_deadline_ms(os_clock_now_ns(), ACCEPT_PAUSE_MS);
}

/// Takes the new clients of this process: who has the server is let in, and is greeted.
static void take_own(node_server *server)
{
    for (int fd; (fd = node_own_clients_take(&server->own)) >= 0;) {
        server->own_clients++;
        node_connection *connection = make_connection(server, fd);
        if (!connection) {
            forget_own(server);
            continue;
        }
        connection->is_own = connection->greeted = true;
        go_on(server, connection);
    }
}

// ---------------------------------------------------------------- the thread

/// Watches a socket that listens again, when the pause is over.
static void listen_again(node_server *server, int fd, void *user, uint64_t *at_ns, uint64_t now_ns)
{
    if (*at_ns > now_ns)
        return;
    *at_ns = OS_NEVER;
    if (os_poller_add(&server->poller, fd, OS_POLL_READ, user, NULL) != AIRS_OK)
        *at_ns = os_deadline_ms(now_ns, ACCEPT_PAUSE_MS);
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
        accept_clients(server);
    } else if (event->user == &server->loopback) {
        accept_at_port(server);
    } else if (event->user == &server->stop_fd) {
        server->stopping = true;
    } else if (event->user == server->mailroom) {
        deliver_all(server);
        forget_ended(server);
        take_own(server);
    } else {
        node_connection *connection = event->user;
        if (event->bits & OS_POLL_READ)
            node_connection_receive(connection);
        // Gone for good, and not merely done with sending: then reading would be watched for.
        if ((event->bits & OS_POLL_HANGUP) && !(connection->bits & OS_POLL_READ))
            connection->dead = true;
        if (!connection->dead)
            go_on(server, connection);
    }
}

/// Gives each connection its turn: a reply may have been queued for it, or lines were left. True when
/// some have more to do at once.
static bool go_on_all(node_server *server)
{
    bool more = false;
    for (uint32_t i = 0; i < server->connections_count; i++) {
        if (!server->connections[i]->dead)
            more = go_on(server, server->connections[i]) || more;
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

/// Waits until something of the rest can be sent. False: nothing could within DRAIN_MS, or until `end_ns`.
static bool wait_to_send(node_server *server, uint64_t end_ns)
{
    os_poll_event events[EVENTS_MAX];
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), DRAIN_MS);
    uint32_t count = 0;
    airs_status status =
        os_poller_wait(&server->poller, events, EVENTS_MAX, deadline_ns < end_ns ? deadline_ns : end_ns, &count, NULL);
    return status == AIRS_OK && count > 0;
}

/// What was begun is sent to its end: half a reply is worth nothing. Who takes nothing for DRAIN_MS is not waited for.
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
        remove_dead(server);
    } while (server->connections_count > 0 && wait_to_send(server, end_ns));
}

/// What has come back and what was told is sent.
static void say_goodbye(node_server *server)
{
    deliver_all(server);
    for (uint32_t i = 0; i < server->connections_count; i++)
        go_on_streaming(server, server->connections[i], true);
    send_the_rest(server);
    for (uint32_t i = 0; i < server->connections_count; i++)
        server->connections[i]->dead = true;
    remove_dead(server);
    // Subscriptions that were ended just now.
    deliver_all(server);
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
        remove_dead(server);
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
        allocator, 2 * (size_t)server->options.connections_max + PORT_CLIENTS_MAX + NODE_SERVER_OWN_MAX,
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
