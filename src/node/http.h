// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the node answers to a request of HTTP: metrics and whether it is well. Nothing of it changes anything.
///
/// One request a connection, GET or HEAD, HTTP/1.0 or 1.1. Private to the server.
#ifndef AIRS_NODE_HTTP_H
#define AIRS_NODE_HTTP_H

#include "airssys/system.h"

struct node_connection;

/// Bytes of a request's head; a longer one is refused.
#define NODE_HTTP_HEAD_MAX 8192u

/// Whether what a client of the socket sends first can only be HTTP: a request of the protocol's own begins with `{`.
bool node_http_begins(airs_bytes received);

typedef struct node_http_request {
    /// Only the head of the answer is wanted.
    bool head_only;
    /// Without what stands behind `?`.
    char path[64];
    /// 200, or the status code with which it is refused.
    int status;
} node_http_request;

/// Reads the head of a request. False while it is not all there; `ended`: nothing more will come.
bool node_http_parse(airs_bytes received, bool ended, node_http_request *ret_request);

/// What an answer needs to know.
typedef struct node_http_site {
    airs_system *system;
    const char *app;
} node_http_site;

/// Queues the answer. Out of memory makes the connection `dead`.
void node_http_answer(struct node_connection *connection, const node_http_site *site, const node_http_request *request);

#endif
