// SPDX-License-Identifier: MIT OR Apache-2.0
/// One client of the node's socket: bytes in, lines out, and the other way round. Private to the server.
///
/// Nothing here waits. A client that sends half a line, garbage or nothing costs what its buffers
/// hold, up to NODE_LINE_MAX, until its deadline.
#ifndef AIRS_NODE_CONNECTION_H
#define AIRS_NODE_CONNECTION_H

#include "airssys/status.h"
#include "node/stream.h"

typedef struct node_buffer {
    char *data;
    /// Bytes from `start` to `end` are waiting.
    size_t start;
    size_t end;
    size_t capacity;
} node_buffer;

/// What a connection is at; each has its own time limit.
typedef enum node_phase {
    NODE_PHASE_GREETING = 0,
    NODE_PHASE_IDLE,
    /// A line has begun.
    NODE_PHASE_LINE,
    /// Replies are still to come from actors.
    NODE_PHASE_PENDING,
    /// The client has to read.
    NODE_PHASE_SENDING,
    NODE_PHASE_DRAINING,
} node_phase;

typedef struct node_connection {
    int fd;
    /// Never given twice, so that a reply that comes late can't reach another client.
    uint64_t serial;
    node_buffer in;
    node_buffer out;
    /// Bytes of `in` that are known to hold no newline.
    size_t searched;
    /// Requests whose replies are still to come.
    uint32_t pending;
    /// It has said `hello` in our protocol.
    bool greeted;
    /// It speaks HTTP: one request, one answer.
    bool http;
    /// Of HTTP: its request is taken; what still comes in is thrown away.
    bool asked;
    /// Of HTTP: it was told that it may send the body.
    bool told_to_go_on;
    /// It came by the port for metrics, where nothing but HTTP is spoken.
    bool by_port;
    /// Its other end is in this process.
    bool is_own;
    /// It will send nothing more.
    bool ended;
    /// No more requests are taken; to be closed when `out` is empty.
    bool closing;
    /// `out` is sent and the end is announced; what still comes in is thrown away.
    bool draining;
    /// To be closed at once.
    bool dead;
    /// What it is told without asking each time; it counts as a request whose reply is still to come.
    node_stream stream;
    /// A stream is on its way.
    bool subscribing;
    /// Lines served so far.
    uint64_t served;
    node_phase phase;
    uint64_t deadline_ns;
    /// What the poller watches.
    uint32_t bits;
} node_connection;

/// Takes the descriptor, which must not block.
void node_connection_init(node_connection *connection, int fd, uint64_t serial);
/// Closes the descriptor, frees the buffers.
void node_connection_fini(node_connection *connection);

/// Reads what is there; sets `ended` or `dead` when that was the end.
void node_connection_receive(node_connection *connection);

typedef enum node_line {
    /// Not a whole line yet.
    NODE_LINE_NONE,
    /// `ret_line` holds it, without its newline, until the next `receive`.
    NODE_LINE_READY,
    /// Longer than NODE_LINE_MAX.
    NODE_LINE_TOO_LONG,
} node_line;

/// Takes the next line.
node_line node_connection_take(node_connection *connection, airs_bytes *ret_line);

/// What has come in and was not taken yet, until the next `receive`.
airs_bytes node_connection_peek(const node_connection *connection);

/// Throws away what has come in.
void node_connection_drop_input(node_connection *connection);

/// Queues a line (with its newline), or any other text. Out of memory makes the connection `dead`.
void node_connection_queue(node_connection *connection, const char *line);

/// Sends what can be sent now. False when nothing could.
bool node_connection_flush(node_connection *connection);

/// Bytes that wait to be sent.
size_t node_connection_unsent(const node_connection *connection);

#endif
