// SPDX-License-Identifier: MIT OR Apache-2.0
/// A client of a node's socket, for programs that may wait. One thread at a time.
#ifndef AIRS_NODE_CLIENT_H
#define AIRS_NODE_CLIENT_H

#include "airssys/status.h"

struct cJSON;

typedef struct node_client {
    int fd;
    /// Readable when a wait is to be given up (`node_client_follow`); -1: never. Borrowed.
    int stop_fd;
    uint64_t last_id;
    char *line;
    size_t line_len;
    size_t line_capacity;
    /// The node has closed the connection.
    bool ended;
    /// Bytes of the line before, to be dropped before the next is read.
    size_t line_used;
} node_client;

/// Connects and says hello.
/// Errors: E_NOT_FOUND, E_DENIED, E_TIMEOUT, E_IO (also another protocol, or no node at all: the text says).
/// On success ended with `node_client_close`.
AIRS_NODISCARD airs_status node_client_open(node_client *client, const char *path, airs_error *error);
void node_client_close(node_client *client);

/// Takes a descriptor that is connected to a node which needs no hello (`node_server_connect`). Ended with
/// `node_client_close`.
void node_client_take(node_client *client, int fd);

/// Sends a request and waits up to `timeout_ms` for its reply. `request` may have the verb's own keys or be
/// NULL; it is taken and freed. The result is the caller's, NULL when it is empty.
/// Errors: what the node says; E_TIMEOUT; E_IO the node went away.
AIRS_NODISCARD airs_status node_client_ask(node_client *client, const char *verb, struct cJSON *request,
                                           uint64_t timeout_ms, struct cJSON **ret_result, airs_error *error);

/// Told each line of a stream but the first: what comes, or `missed`. Borrowed, and without the request's id; NULL: it
/// is only asked (`node_client_exchange`). False ends it.
typedef bool (*node_line_fn)(void *user, struct cJSON *line);

/// Sends a request that is answered by many lines (`events`, `subscribe`), and tells `fn` of each as it comes,
/// however long that takes: until the node says that it was the last, `fn` has enough or `stop_fd` is readable,
/// which are all AIRS_OK. After that the client can only be closed.
/// Errors: what the node says; E_IO the node went away.
AIRS_NODISCARD airs_status node_client_follow(node_client *client, const char *verb, struct cJSON *request, int stop_fd,
                                              node_line_fn fn, void *user, airs_error *error);

/// One request of any kind, for as long as it takes. `fn` is told of a stream as above, and asked each `ask_ms` while
/// nothing comes (OS_NEVER: it is not); without one (NULL) a stream is E_UNSUPPORTED. Of another answer the result is
/// the caller's, NULL when it is empty. After a stream the client can only be closed.
/// Errors: what the node says; E_UNSUPPORTED; E_IO the node went away.
AIRS_NODISCARD airs_status node_client_exchange(node_client *client, const char *verb, struct cJSON *request,
                                                uint64_t ask_ms, node_line_fn fn, void *user, struct cJSON **ret_result,
                                                airs_error *error);

#endif
