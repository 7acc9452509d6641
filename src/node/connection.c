// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/connection.h"

#include "base/alloc.h"
#include "node/protocol.h"
#include "os/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE 16384u
// A buffer that has been larger is given back when it is empty.
#define KEEP_MAX (64u << 10)

static size_t waiting(const node_buffer *buffer)
{
    return buffer->end - buffer->start;
}

/// Makes room for `more` bytes behind `end`.
static bool reserve(node_buffer *buffer, size_t more)
{
    if (buffer->start > 0) {
        memmove(buffer->data, buffer->data + buffer->start, waiting(buffer));
        buffer->end -= buffer->start;
        buffer->start = 0;
    }
    if (buffer->capacity - buffer->end >= more)
        return true;
    size_t capacity = buffer->capacity ? buffer->capacity : READ_SIZE;
    while (capacity - buffer->end < more)
        capacity *= 2;
    char *grown = base_realloc(base_allocator_default(), buffer->data, capacity);
    if (!grown)
        return false;
    buffer->data = grown;
    buffer->capacity = capacity;
    return true;
}

static void release_if_empty(node_buffer *buffer)
{
    if (buffer->start != buffer->end)
        return;
    buffer->start = buffer->end = 0;
    if (buffer->capacity > KEEP_MAX) {
        base_free(base_allocator_default(), buffer->data);
        *buffer = (node_buffer){0};
    }
}

void node_connection_init(node_connection *connection, int fd, uint64_t serial)
{
    *connection = (node_connection){.fd = fd, .serial = serial};
}

void node_connection_fini(node_connection *connection)
{
    os_fd_close(connection->fd);
    base_free(base_allocator_default(), connection->in.data);
    base_free(base_allocator_default(), connection->out.data);
    *connection = (node_connection){.fd = -1};
}

void node_connection_receive(node_connection *connection)
{
    node_buffer *in = &connection->in;
    if (connection->draining)
        in->start = in->end = 0;
    // The bytes move to the front in here: `searched` counts from `start`, so it stays right.
    if (!reserve(in, READ_SIZE)) {
        connection->dead = true;
        return;
    }
    ssize_t got = recv(connection->fd, in->data + in->end, in->capacity - in->end, MSG_DONTWAIT);
    if (got > 0)
        in->end += (size_t)got;
    else if (got == 0)
        connection->ended = true;
    else if (errno != EAGAIN && errno != EINTR)
        connection->dead = true;
}

node_line node_connection_take(node_connection *connection, airs_bytes *ret_line)
{
    node_buffer *in = &connection->in;
    const char *from = in->data + in->start;
    size_t len = waiting(in);
    const char *newline =
        len > connection->searched ? memchr(from + connection->searched, '\n', len - connection->searched) : NULL;
    size_t line_len = newline ? (size_t)(newline - from) : len;
    if (line_len > NODE_LINE_MAX)
        return NODE_LINE_TOO_LONG;
    if (!newline) {
        connection->searched = len;
        release_if_empty(in);
        return NODE_LINE_NONE;
    }
    *ret_line = (airs_bytes){(const uint8_t *)from, line_len};
    in->start += line_len + 1;
    connection->searched = 0;
    return NODE_LINE_READY;
}

airs_bytes node_connection_peek(const node_connection *connection)
{
    const node_buffer *in = &connection->in;
    return (airs_bytes){(const uint8_t *)in->data + in->start, waiting(in)};
}

void node_connection_drop_input(node_connection *connection)
{
    connection->in.start = connection->in.end = connection->searched = 0;
    release_if_empty(&connection->in);
}

void node_connection_queue(node_connection *connection, const char *line)
{
    size_t len = line ? strlen(line) : 0;
    if (len == 0 || !reserve(&connection->out, len)) {
        connection->dead = true;
        return;
    }
    memcpy(connection->out.data + connection->out.end, line, len);
    connection->out.end += len;
}

bool node_connection_flush(node_connection *connection)
{
    node_buffer *out = &connection->out;
    bool sent_any = false;
    while (waiting(out) > 0) {
        ssize_t sent = send(connection->fd, out->data + out->start, waiting(out), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0) {
            connection->dead = connection->dead || errno != EAGAIN;
            return sent_any;
        }
        out->start += (size_t)sent;
        sent_any = true;
    }
    release_if_empty(out);
    return sent_any;
}

size_t node_connection_unsent(const node_connection *connection)
{
    return waiting(&connection->out);
}
