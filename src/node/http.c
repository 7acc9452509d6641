// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/http.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "node/connection.h"
#include "node/metrics.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TEXT_PLAIN "text/plain; charset=utf-8"
#define JSON "application/json"
#define JSON_LINES "application/x-ndjson"
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

/// How many lines of the head are named so; SIZE_MAX when one is no field. `*ret_value` is the last one's value.
static size_t find_fields(airs_bytes fields, const char *name, airs_bytes *ret_value)
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
        if (len != strlen(name) || strncasecmp((const char *)line.data, name, len) != 0)
            continue;
        count++;
        airs_bytes value = {colon + 1, line.len - len - 1};
        while (value.len > 0 && (value.data[0] == ' ' || value.data[0] == '\t'))
            value = (airs_bytes){value.data + 1, value.len - 1};
        while (value.len > 0 && (value.data[value.len - 1] == ' ' || value.data[value.len - 1] == '\t'))
            value.len--;
        *ret_value = value;
    }
    return count;
}

/// The length of the body. False when it is none: no digits, or more than a line of the protocol may have.
static bool parse_length(airs_bytes value, size_t *ret_len)
{
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return false;
        // Never past what is refused anyway.
        if (len <= NODE_LINE_MAX)
            len = len * 10 + (size_t)(value.data[i] - '0');
    }
    *ret_len = len;
    return value.len > 0;
}

/// Of a POST: the status of its fields, and how long its body is.
static int body_status(airs_bytes fields, size_t *ret_len, bool *ret_waits)
{
    airs_bytes value = {NULL, 0};
    // Chunks are for who does not know what it sends; requests are short.
    if (find_fields(fields, "Transfer-Encoding", &value) > 0)
        return 411;
    size_t lengths = find_fields(fields, "Content-Length", &value);
    if (lengths != 1)
        return lengths == 0 ? 411 : 400;
    if (!parse_length(value, ret_len))
        return 400;
    *ret_waits = find_fields(fields, "Expect", &value) == 1 && value.len == 12 &&
                 strncasecmp((const char *)value.data, "100-continue", value.len) == 0;
    return *ret_len > NODE_LINE_MAX ? 413 : 200;
}

/// The status of a whole head.
static int status_of(airs_bytes head, node_http_request *request, size_t *ret_body_len)
{
    airs_bytes value;
    airs_bytes line = cut_line(&head);
    airs_bytes method = cut_word(&line);
    airs_bytes target = cut_word(&line);
    bool newer = base_bytes_are(line, "HTTP/1.1");
    if (!newer && !base_bytes_are(line, "HTTP/1.0"))
        return line.len > 5 && memcmp(line.data, "HTTP/", 5) == 0 ? 505 : 400;
    size_t hosts = find_fields(head, "Host", &value);
    if (!take_path(target, request->path, sizeof request->path) || hosts > 1 || (newer && hosts == 0))
        return 400;
    request->head_only = base_bytes_are(method, "HEAD");
    request->post = base_bytes_are(method, "POST");
    if (request->post)
        return body_status(head, ret_body_len, &request->waits);
    return request->head_only || base_bytes_are(method, "GET") ? 200 : 405;
}

bool node_http_parse(airs_bytes received, bool ended, node_http_request *ret_request)
{
    size_t len = head_len(received);
    size_t body_len = 0;
    *ret_request = (node_http_request){.path = "/"};
    if (len > NODE_HTTP_HEAD_MAX || (len == 0 && received.len >= NODE_HTTP_HEAD_MAX))
        ret_request->status = 431;
    else if (len > 0)
        ret_request->status = status_of((airs_bytes){received.data, len}, ret_request, &body_len);
    else if (ended)
        ret_request->status = 400;
    if (ret_request->status != 200)
        return ret_request->status != 0;
    bool whole = received.len - len >= body_len;
    ret_request->waits = ret_request->waits && !whole;
    if (whole)
        ret_request->body = (airs_bytes){received.data + len, body_len};
    else if (ended)
        ret_request->status = 400;
    return whole || ended;
}

const char *node_http_verb(const node_http_request *request)
{
    size_t len = strlen(NODE_HTTP_VERBS);
    bool asks = request->status == 200 && strncmp(request->path, NODE_HTTP_VERBS, len) == 0 && request->path[len];
    return asks ? request->path + len : NULL;
}

// ---------------------------------------------------------------- answering

static const char *reason_of(int status)
{
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 411:
        return "Length Required";
    case 413:
        return "Content Too Large";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

static void queue_answer(node_connection *connection, bool head_only, int status, const char *type, const char *body)
{
    char head[256];
    const char *allowed = connection->by_port ? "Allow: GET, HEAD\r\n" : "Allow: GET, HEAD, POST\r\n";
    snprintf(head, sizeof head,
             "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
             "%sConnection: close\r\n\r\n",
             status, reason_of(status), type, strlen(body), status == 405 ? allowed : "");
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
    const char *body = connection->by_port
                           ? "this is no request that is answered here: GET /metrics, /healthz or /readyz\n"
                           : "this is no request that is answered here: GET /metrics, /healthz or /readyz, or POST "
                             "/v1/VERB\n";
    bool at_verb = node_http_verb(request) != NULL;
    // A verb is asked for with POST, all else with GET.
    if (status == 200 && request->post != (at_verb && !connection->by_port))
        status = 405;
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

static int status_code(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return 200;
    case AIRS_E_INVALID:
        return 400;
    case AIRS_E_DENIED:
        return 403;
    case AIRS_E_NOT_FOUND:
        return 404;
    case AIRS_E_TAKEN:
        return 409;
    case AIRS_E_GONE:
        return 410;
    case AIRS_E_TOO_LARGE:
        return 413;
    case AIRS_E_COMPONENT:
    case AIRS_E_UNSUPPORTED:
    case AIRS_E_MANIFEST:
        return 422;
    case AIRS_E_FULL:
    case AIRS_E_LIMIT:
        return 429;
    case AIRS_E_FAILED:
    case AIRS_E_DEADLOCK:
    case AIRS_E_INTERRUPTED:
        return 502;
    case AIRS_E_WOULD_BLOCK:
    case AIRS_E_STOPPING:
        return 503;
    case AIRS_E_TIMEOUT:
        return 504;
    case AIRS_E_NOMEM:
    case AIRS_E_IO:
    case AIRS_E_INTERNAL:
        break;
    }
    return 500;
}

/// Takes the JSON; NULL is no memory for it.
static void queue_json(node_connection *connection, int status, cJSON *json)
{
    char *text = node_line_print(json);
    if (text)
        queue_answer(connection, false, status, JSON, text);
    else
        connection->dead = true;
    cJSON_free(text);
}

void node_http_answer_result(node_connection *connection, cJSON *result)
{
    queue_json(connection, 200, result ? result : cJSON_CreateObject());
}

void node_http_answer_error(node_connection *connection, const airs_error *error)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "status", airs_status_name(error->status));
    node_json_add_text(json, "text", error->text);
    queue_json(connection, status_code(error->status), json);
}

void node_http_begin_stream(node_connection *connection)
{
    node_connection_queue(connection, "HTTP/1.1 200 OK\r\nContent-Type: " JSON_LINES
                                      "\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
}

void node_http_go_on(node_connection *connection)
{
    node_connection_queue(connection, "HTTP/1.1 100 Continue\r\n\r\n");
}
