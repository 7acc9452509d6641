// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/http.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "node/connection.h"
#include "node/metrics.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEXT_PLAIN "text/plain; charset=utf-8"
// The exposition format of Prometheus.
#define TEXT_METRICS "text/plain; version=0.0.4; charset=utf-8"

// ---------------------------------------------------------------- reading

bool node_http_begins(airs_bytes received)
{
    return received.len > 0 && received.data[0] >= 'A' && received.data[0] <= 'Z';
}

/// Where the head ends, behind the empty line; 0: it has not yet.
static size_t head_len(airs_bytes received)
{
    for (size_t i = 0; i + 1 < received.len; i++) {
        const uint8_t *at = received.data + i;
        if (at[0] != '\n')
            continue;
        if (at[1] == '\n')
            return i + 2;
        if (at[1] == '\r' && i + 2 < received.len && at[2] == '\n')
            return i + 3;
    }
    return 0;
}

/// Cuts off the line at the start of `*rest`, without its end.
static airs_bytes cut_line(airs_bytes *rest)
{
    const uint8_t *newline = memchr(rest->data, '\n', rest->len);
    size_t len = newline ? (size_t)(newline - rest->data) : rest->len;
    airs_bytes line = {rest->data, len};
    size_t taken = newline ? len + 1 : len;
    *rest = (airs_bytes){rest->data + taken, rest->len - taken};
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

/// Cuts off the word at the start of `*rest`, up to one space.
static airs_bytes cut_word(airs_bytes *rest)
{
    const uint8_t *space = memchr(rest->data, ' ', rest->len);
    size_t len = space ? (size_t)(space - rest->data) : rest->len;
    airs_bytes word = {rest->data, len};
    size_t taken = space ? len + 1 : len;
    *rest = (airs_bytes){rest->data + taken, rest->len - taken};
    return word;
}

static bool equals(airs_bytes bytes, const char *text)
{
    return bytes.len == strlen(text) && memcmp(bytes.data, text, bytes.len) == 0;
}

/// Takes the path of a target, `/metrics?x=y` or `http://host/metrics`. False when it is no target.
static bool take_path(airs_bytes target, char *path, size_t size)
{
    static const char scheme[] = "http://";
    if (target.len > sizeof scheme && strncasecmp((const char *)target.data, scheme, sizeof scheme - 1) == 0) {
        const uint8_t *slash = memchr(target.data + sizeof scheme - 1, '/', target.len - (sizeof scheme - 1));
        if (!slash)
            return false;
        target = (airs_bytes){slash, target.len - (size_t)(slash - target.data)};
    }
    if (target.len == 0 || target.data[0] != '/')
        return false;
    const uint8_t *query = memchr(target.data, '?', target.len);
    if (query)
        target.len = (size_t)(query - target.data);
    // What is longer than any path there is, is none of them.
    if (memchr(target.data, '\0', target.len))
        return false;
    base_text_copy(path, size, target.len < size ? target : (airs_bytes){(const uint8_t *)"/", 1});
    return true;
}

/// How many lines of the head are named so; a line that is no field counts as SIZE_MAX.
static size_t count_fields(airs_bytes fields, const char *name)
{
    size_t count = 0;
    while (fields.len > 0) {
        airs_bytes line = cut_line(&fields);
        if (line.len == 0)
            break;
        const uint8_t *colon = memchr(line.data, ':', line.len);
        if (!colon || colon == line.data)
            return SIZE_MAX;
        size_t len = (size_t)(colon - line.data);
        if (len == strlen(name) && strncasecmp((const char *)line.data, name, len) == 0)
            count++;
    }
    return count;
}

/// The status of a whole head.
static int status_of(airs_bytes head, node_http_request *request)
{
    airs_bytes line = cut_line(&head);
    airs_bytes method = cut_word(&line);
    airs_bytes target = cut_word(&line);
    bool newer = equals(line, "HTTP/1.1");
    if (!newer && !equals(line, "HTTP/1.0"))
        return line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0 ? 505 : 400;
    size_t hosts = count_fields(head, "Host");
    if (!take_path(target, request->path, sizeof request->path) || hosts > 1 || (newer && hosts == 0))
        return 400;
    request->head_only = equals(method, "HEAD");
    return request->head_only || equals(method, "GET") ? 200 : 405;
}

bool node_http_parse(airs_bytes received, bool ended, node_http_request *ret_request)
{
    size_t len = head_len(received);
    *ret_request = (node_http_request){.path = "/"};
    if (len > NODE_HTTP_HEAD_MAX || (len == 0 && received.len >= NODE_HTTP_HEAD_MAX))
        ret_request->status = 431;
    else if (len > 0)
        ret_request->status = status_of((airs_bytes){received.data, len}, ret_request);
    else if (ended)
        ret_request->status = 400;
    return ret_request->status != 0;
}

// ---------------------------------------------------------------- answering

static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

static void queue_answer(node_connection *connection, bool head_only, int status, const char *type, const char *body)
{
    char head[256];
    snprintf(head, sizeof head,
             "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
             "%sConnection: close\r\n\r\n",
             status, reason_of(status), type, strlen(body), status == 405 ? "Allow: GET, HEAD\r\n" : "");
    node_connection_queue(connection, head);
    if (!head_only && *body)
        node_connection_queue(connection, body);
}

static void answer_metrics(node_connection *connection, const node_http_site *site, const node_http_request *request)
{
    char *text = node_metrics_text(site->system, site->app);
    if (text)
        queue_answer(connection, request->head_only, 200, TEXT_METRICS, text);
    else
        queue_answer(connection, request->head_only, 503, TEXT_PLAIN, "no memory for the metrics\n");
    base_free(base_allocator_default(), text);
}

void node_http_answer(node_connection *connection, const node_http_site *site, const node_http_request *request)
{
    int status = request->status;
    const char *body = "this is no request that is answered here: GET /metrics, /healthz or /readyz\n";
    if (status == 200 && strcmp(request->path, "/metrics") == 0) {
        answer_metrics(connection, site, request);
        return;
    }
    if (status == 200 && strcmp(request->path, "/healthz") == 0) {
        body = "ok\n";
    } else if (status == 200 && strcmp(request->path, "/readyz") == 0) {
        airs_actor_id root = {0};
        bool ready = airs_actor_list(site->system, &root, 1) > 0 && airs_actor_is_ready(site->system, root);
        status = ready ? 200 : 503;
        body = ready ? "ready\n" : "not ready: `airssys tree` shows why\n";
    } else if (status == 200) {
        status = 404;
    }
    queue_answer(connection, request->head_only, status, TEXT_PLAIN, body);
}
