// SPDX-License-Identifier: MIT OR Apache-2.0
/// The node's Unix socket: where it is, how it is taken, who may connect.
#ifndef AIRS_NODE_SOCKET_H
#define AIRS_NODE_SOCKET_H

#include "airssys/status.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/// A path of a socket; the system takes no longer ones.
typedef struct node_socket_path {
    char text[PATH_MAX];
} node_socket_path;

/// The socket folder of this user: `$XDG_RUNTIME_DIR/airssys`, else `/tmp/airssys-UID`. With `make`
/// it is made (0700) when it is missing.
/// Errors: E_IO; E_DENIED it belongs to somebody else, or others may enter it; E_NOT_FOUND without `make`.
AIRS_NODISCARD airs_status node_socket_folder(bool make, node_socket_path *ret_path, airs_error *error);

/// `FOLDER/APP.sock`. Errors: as `node_socket_folder`.
AIRS_NODISCARD airs_status node_socket_of_app(const char *app, bool make, node_socket_path *ret_path,
                                              airs_error *error);

/// The same in another folder, which is made where it is missing; the path is absolute. Errors: as
/// `node_socket_folder`, but for E_NOT_FOUND.
AIRS_NODISCARD airs_status node_socket_in_folder(const char *folder, const char *app, node_socket_path *ret_path,
                                                 airs_error *error);

/// Finds the only node that runs; `app` (may be NULL) says which.
/// Errors: E_NOT_FOUND none, or none of this name; E_INVALID several, the text names them; E_DENIED; E_IO.
AIRS_NODISCARD airs_status node_socket_find(const char *app, node_socket_path *ret_path, airs_error *error);

/// Visits the sockets of the user's folder at which somebody listens; false ends the visit.
typedef bool (*node_socket_fn)(void *user, const char *path);
void node_socket_each(node_socket_fn fn, void *user);

/// A socket that listens, and what is needed to remove it.
typedef struct node_socket {
    int fd;
    dev_t device;
    ino_t inode;
    /// Inodes are given again: the time of its making tells two sockets apart.
    struct timespec made;
    node_socket_path path;
} node_socket;

/// Listens at a path, mode 0600, and takes over a socket that nobody listens at.
/// Errors: E_TAKEN somebody listens, the text has its pid; E_INVALID the path is too long, or holds
/// something that is no socket; E_NOT_FOUND no such folder; E_DENIED; E_IO.
AIRS_NODISCARD airs_status node_socket_listen(const char *path, node_socket *ret_socket, airs_error *error);

/// Closes the socket and removes it from its folder, unless somebody else's has taken its place. A
/// descriptor of -1 is allowed.
void node_socket_close(node_socket *socket);

/// Connects; the descriptor blocks. Errors: E_NOT_FOUND nobody listens there; E_DENIED; E_INVALID; E_IO.
AIRS_NODISCARD airs_status node_socket_connect(const char *path, int *ret_fd, airs_error *error);

/// Whether the process at the other end belongs to this user, or to root.
bool node_socket_peer_allowed(int fd);

#endif
