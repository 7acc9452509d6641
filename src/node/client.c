// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/client.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/protocol.h"
#include "node/socket.h"
#include "os/clock.h"
#include "os/poller.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define HELLO_TIMEOUT_MS 5000
#define READ_SIZE 65536u
// A reply may be longer than a request may be: the list of all actors.
#define REPLY_MAX (1u << 30)

/// Waits until the descriptor is ready. Errors: E_TIMEOUT; E_INTERRUPTED `stop_fd` is readable.
static airs_status wait_for(const node_client *client, short events, uint64_t deadline_ns, airs_error *error)
{
    for (;;) {
        uint64_t now_ns = os_clock_now_ns();
        uint64_t left_ms = deadline_ns > now_ns ? (deadline_ns - now_ns - 1) / 1000000 + 1 : 0;
        struct pollfd ready[] = {{.fd = client->fd, .events = events}, {.fd = client->stop_fd, .events = POLLIN}};
        int count = poll(ready, 2, left_ms > INT_MAX ? INT_MAX : (int)left_ms);
        if (count > 0 && ready[1].revents != 0)
            return AIRS_E_INTERRUPTED;
        if (count > 0)
            return AIRS_OK;
        if (count == 0 && left_ms == 0)
            return base_error_set(error, AIRS_E_TIMEOUT, "the node does not answer");
    }
}

static airs_status send_all(const node_client *client, const char *data, size_t len, uint64_t deadline_ns,
                            airs_error *error)
{
    while (len > 0) {
        airs_status status = wait_for(client, POLLOUT, deadline_ns, error);
        if (status != AIRS_OK)
            return status;
        ssize_t sent = send(client->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        // The node may have closed with a last word that is still to be read.
        if (sent < 0 && (errno == EPIPE || errno == ECONNRESET))
            return AIRS_OK;
        if (sent < 0)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot write to the node");
        data += sent;
        len -= (size_t)sent;
    }
    return AIRS_OK;
}

/// Makes room for one more read.
static airs_status grow(node_client *client, airs_error *error)
{
    if (client->line_capacity - client->line_len >= READ_SIZE)
        return AIRS_OK;
    size_t capacity = client->line_capacity ? client->line_capacity * 2 : READ_SIZE;
    char *grown = capacity <= REPLY_MAX ? base_realloc(base_allocator_default(), client->line, capacity) : NULL;
    if (!grown)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the node's reply");
    client->line = grown;
    client->line_capacity = capacity;
    return AIRS_OK;
}

/// Reads up to the next newline. The line is the client's until the next call.
static airs_status read_line(node_client *client, uint64_t deadline_ns, airs_bytes *ret_line, airs_error *error)
{
    if (client->line_used > 0)
        memmove(client->line, client->line + client->line_used, client->line_len - client->line_used);
    client->line_len -= client->line_used;
    client->line_used = 0;
    size_t searched = 0;
    for (;;) {
        size_t unseen = client->line_len - searched;
        const char *newline = unseen > 0 ? memchr(client->line + searched, '\n', unseen) : NULL;
        if (newline) {
            size_t len = (size_t)(newline - client->line);
            client->line_used = len + 1;
            *ret_line = (airs_bytes){(const uint8_t *)client->line, len};
            return AIRS_OK;
        }
        searched = client->line_len;
        airs_status status = grow(client, error);
        if (status == AIRS_OK)
            status = wait_for(client, POLLIN, deadline_ns, error);
        if (status != AIRS_OK)
            return status;
        ssize_t got = recv(client->fd, client->line + client->line_len, client->line_capacity - client->line_len, 0);
        client->ended = got == 0 || (got < 0 && errno == ECONNRESET);
        if (client->ended)
            return base_error_set(error, AIRS_E_IO, "the node closed the connection%s",
                                  client->line_len > 0 ? " in the middle of its reply" : "");
        if (got < 0 && errno != EINTR)
            return base_error_errno(error, AIRS_E_IO, errno, "cannot read from the node");
        if (got > 0)
            client->line_len += (size_t)got;
    }
}

/// A name from a command line may be any bytes: which one is none is said here, as the node sees only the line.
static airs_status check_texts(const cJSON *json, const char *key, airs_error *error)
{
    airs_status status = AIRS_OK;
    const cJSON *inner;
    if (cJSON_IsString(json) && !base_utf8_valid(base_bytes_of(json->valuestring)))
        return base_error_set(error, AIRS_E_INVALID, "`%s` is not UTF-8: \"%.200s\"", key, json->valuestring);
    cJSON_ArrayForEach(inner, json)
    {
        if (status == AIRS_OK)
            status = check_texts(inner, inner->string == NULL ? key : inner->string, error);
    }
    return status;
}

/// Sends a request, which is taken and freed.
static airs_status send_request(node_client *client, const char *verb, cJSON *request, uint64_t deadline_ns,
                                airs_error *error)
{
    if (!request)
        request = cJSON_CreateObject();
    airs_status status = check_texts(request, "", error);
    if (status != AIRS_OK) {
        cJSON_Delete(request);
        return status;
    }
    cJSON_AddNumberToObject(request, "id", (double)++client->last_id);
    cJSON_AddStringToObject(request, "verb", verb);
    char *line = node_line_print(request);
    if (!line)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    status = send_all(client, line, strlen(line), deadline_ns, error);
    cJSON_free(line);
    return status;
}

airs_status node_client_ask(node_client *client, const char *verb, cJSON *request, uint64_t timeout_ms,
                            cJSON **ret_result, airs_error *error)
{
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), timeout_ms);
    airs_bytes line;
    airs_status status = send_request(client, verb, request, deadline_ns, error);
    if (status == AIRS_OK)
        status = read_line(client, deadline_ns, &line, error);
    if (status == AIRS_OK)
        status = node_reply_parse(line, client->last_id, ret_result, error);
    return status;
}

/// Reads a line; while there is none, asks `fn` whether it still wants one. None: it does not, or `stop_fd` is
/// readable.
static airs_status wait_for_line(node_client *client, uint64_t ask_ms, node_line_fn fn, void *user,
                                 airs_bytes *ret_line, airs_error *error)
{
    for (;;) {
        airs_error why = {0};
        airs_status status = read_line(client, os_deadline_ms(os_clock_now_ns(), ask_ms), ret_line, &why);
        if (status == AIRS_OK)
            return AIRS_OK;
        if (status == AIRS_E_TIMEOUT && fn(user, NULL))
            continue;
        *ret_line = (airs_bytes){0};
        if (status == AIRS_E_TIMEOUT || status == AIRS_E_INTERRUPTED)
            return AIRS_OK;
        return base_error_set(error, status, "%s", why.text);
    }
}

airs_status node_client_exchange(node_client *client, const char *verb, cJSON *request, uint64_t ask_ms,
                                 node_line_fn fn, void *user, cJSON **ret_result, airs_error *error)
{
    airs_status status = send_request(client, verb, request, OS_NEVER, error);
    while (status == AIRS_OK) {
        airs_bytes line;
        cJSON *json = NULL;
        bool more;
        status = wait_for_line(client, fn ? ask_ms : OS_NEVER, fn, user, &line, error);
        if (status == AIRS_OK && !line.data)
            return AIRS_OK;
        if (status == AIRS_OK)
            status = node_answer_parse(line, client->last_id, &more, &json, error);
        if (status != AIRS_OK)
            return status;
        if (!more) {
            *ret_result = json;
            return AIRS_OK;
        }
        bool wants = true;
        if (!fn) {
            status = base_error_set(error, AIRS_E_UNSUPPORTED, "%s is answered by a stream", verb);
        } else if (!cJSON_HasObjectItem(json, "open")) {
            cJSON_DeleteItemFromObjectCaseSensitive(json, "id");
            wants = fn(user, json);
        }
        cJSON_Delete(json);
        if (!wants)
            return AIRS_OK;
    }
    return status;
}

airs_status node_client_follow(node_client *client, const char *verb, cJSON *request, int stop_fd, node_line_fn fn,
                               void *user, airs_error *error)
{
    cJSON *result = NULL;
    client->stop_fd = stop_fd;
    airs_status status = node_client_exchange(client, verb, request, OS_NEVER, fn, user, &result, error);
    cJSON_Delete(result);
    return status;
}

void node_client_take(node_client *client, int fd)
{
    *client = (node_client){.fd = fd, .stop_fd = -1};
}

airs_status node_client_open(node_client *client, const char *path, airs_error *error)
{
    *client = (node_client){.stop_fd = -1};
    airs_status status = node_socket_connect(path, &client->fd, error);
    if (status != AIRS_OK)
        return status;
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "protocol", NODE_PROTOCOL);
    cJSON *result = NULL;
    airs_error why = {0};
    status = node_client_ask(client, "hello", request, HELLO_TIMEOUT_MS, &result, &why);
    const cJSON *protocol = cJSON_GetObjectItemCaseSensitive(result, "protocol");
    if (status == AIRS_OK && (!cJSON_IsNumber(protocol) || protocol->valuedouble != NODE_PROTOCOL)) {
        base_error_set(&why, AIRS_E_IO, "it speaks another protocol than %d", NODE_PROTOCOL);
        status = AIRS_E_IO;
    }
    cJSON_Delete(result);
    if (status == AIRS_OK)
        return AIRS_OK;
    node_client_close(client);
    // Of all that can be wrong here, these two mean something of their own to the caller.
    if (status != AIRS_E_TIMEOUT && status != AIRS_E_DENIED)
        status = AIRS_E_IO;
    return base_error_set(error, status, "cannot talk to the node at %s: %s", path, why.text);
}

void node_client_close(node_client *client)
{
    os_fd_close(client->fd);
    base_free(base_allocator_default(), client->line);
    *client = (node_client){.fd = -1, .stop_fd = -1};
}
