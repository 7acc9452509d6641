// SPDX-License-Identifier: MIT OR Apache-2.0
/// Requests of the server's clients, and what comes back of them.
#include "base/error.h"
#include "node/durable.h"
#include "node/http.h"
#include "node/server_impl.h"
#include "node/subscriber.h"
#include "node/verbs.h"

#include <cjson/cJSON.h>

// A client that has this much to read is given nothing more to read.
#define UNSENT_MAX (1u << 20)
// Lines of one client in a row, before others have their turn.
#define LINES_PER_TURN 32

void server_reply_failure(node_connection *connection, const node_request *request, const airs_error *error)
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
        server_reply_failure(connection, request, error);
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

bool server_may_serve(const node_server *server, const node_connection *connection)
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
bool server_serve_lines(node_server *server, node_connection *connection)
{
    if (connection->served == 0 && !connection->http)
        connection->http = node_http_begins(node_connection_peek(connection));
    if (connection->http) {
        serve_http(server, connection);
        return true;
    }
    for (int turn = 0; turn < LINES_PER_TURN; turn++) {
        if (!server_may_serve(server, connection))
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
        server_reply_failure(connection, &nameless, &error);
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
void server_end_subscription(node_server *server, node_letter *letter)
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
        server_end_subscription(server, letter);
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
    server_reply_failure(connection, &request, &error);
}

static void chore_forget(airs_system *system, node_letter *letter)
{
    node_durable_forget_ended(letter->durable, system);
}

/// Children that have ended by themselves are forgotten, by one chore at a time.
void server_forget_ended(node_server *server)
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

void server_deliver_all(node_server *server)
{
    for (node_letter *letter = node_mailroom_take(server->mailroom); letter;) {
        node_letter *next = letter->next;
        deliver(server, letter);
        letter = next;
    }
}
