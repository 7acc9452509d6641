// SPDX-License-Identifier: MIT OR Apache-2.0
/// HTTP at the node's socket (docs/reference/openapi.json): metrics, whether it is well, and the protocol's verbs, one
/// request a connection, HTTP/1.0 or 1.1. Private to the server.
#ifndef AIRS_NODE_HTTP_H
#define AIRS_NODE_HTTP_H

#include "airssys/system.h"

struct cJSON;
struct node_connection;

/// Bytes of a request's head; a longer one is refused.
#define NODE_HTTP_HEAD_MAX 8192u

/// Whether what a client of the socket sends first can only be HTTP: a request of the protocol's own begins with `{`.
bool node_http_begins(airs_bytes received);

/// Where the verbs are.
#define NODE_HTTP_VERBS "/v1/"

typedef struct node_http_request {
    /// Only the head of the answer is wanted.
    bool head_only;
    /// It is a POST, and this is its body, in what was received.
    bool post;
    airs_bytes body;
    /// The client waits to be told that it may send the body, which is not there yet.
    bool waits;
    /// Without what stands behind `?`.
    char path[64];
    /// 200, or the status code with which it is refused.
    int status;
} node_http_request;

/// Reads a request. False while it is not all there; `ended`: nothing more will come.
bool node_http_parse(airs_bytes received, bool ended, node_http_request *ret_request);

/// What an answer needs to know.
typedef struct node_http_site {
    airs_system *system;
    const char *app;
} node_http_site;

/// The verb that a request asks for; NULL: none. Points into the request.
const char *node_http_verb(const node_http_request *request);

// Out of memory makes the connection `dead`.

/// Queues the answer to a request that asks for no verb.
void node_http_answer(struct node_connection *connection, const node_http_site *site, const node_http_request *request);

/// Queues what a verb gave, which is taken; NULL: nothing. Or its error.
void node_http_answer_result(struct node_connection *connection, struct cJSON *result);
void node_http_answer_error(struct node_connection *connection, const airs_error *error);

/// Queues the head of an answer that goes on: a line of JSON for each thing that there is to tell, until the end.
void node_http_begin_stream(struct node_connection *connection);

/// Queues that the client may send the body.
void node_http_go_on(struct node_connection *connection);

#endif
