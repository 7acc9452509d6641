// SPDX-License-Identifier: MIT OR Apache-2.0
/// The state folder of a node while it is used: one node at a time.
///
///     node.lock     held (a lock of fcntl, F_OFD_SETLK) by the node that uses the folder
///     node.pid      its process, in digits; removed at a clean end. Of a node that is part of a program a line
///                   `program` follows, and a line with the socket of its first app where it listens
///     node.log      what a node in the background says
#ifndef NODE_HOME_H
#define NODE_HOME_H

#include "node/store.h"

#include <sys/types.h>

typedef struct node_home {
    char folder[NODE_STATE_PATH_MAX];
    /// -1: it is not ours.
    int lock;
    node_store *store;
} node_home;

/// The folder of a node that is given none: `$XDG_STATE_HOME/airssys/node`, else `~/.local/state/airssys/node`.
/// Errors: E_IO there is neither; E_TOO_LARGE.
AIRS_NODISCARD airs_status node_home_folder(char path[NODE_STATE_PATH_MAX], airs_error *error);

/// Takes the folder, which is made where it is missing, and opens its store. `in_program`: the process is not the
/// node's own.
/// Errors: E_TAKEN another node uses it, the text has its process; E_UNSUPPORTED it is of a newer format; E_IO;
/// E_NOMEM; E_TOO_LARGE. On success ended with `node_home_close`.
AIRS_NODISCARD airs_status node_home_open(node_home *home, const char *folder, bool in_program, airs_error *error);

/// Gives it back. A home with a lock of -1 is allowed.
void node_home_close(node_home *home);

/// Lets others know the socket of a node in a program. Errors: E_IO, E_TOO_LARGE.
AIRS_NODISCARD airs_status node_home_tell_socket(const node_home *home, const char *path, airs_error *error);

/// Who uses a folder.
typedef struct node_home_user {
    /// 0: nobody, or it can't be told.
    pid_t pid;
    /// The node is part of a program.
    bool in_program;
    /// Of such a node; "": it listens nowhere.
    char socket[NODE_STATE_PATH_MAX];
} node_home_user;

/// Nothing of the folder is changed.
void node_home_find_user(const char *folder, node_home_user *ret_user);
/// Its process alone.
pid_t node_home_owner(const char *folder);

#endif
