// SPDX-License-Identifier: MIT OR Apache-2.0
/// The state folder of a node while it is used: one node at a time.
///
///     node.lock     held (a lock of fcntl, F_OFD_SETLK) by the node that uses the folder
///     node.pid      its process, in digits; removed at a clean end
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

/// Takes the folder, which is made where it is missing, and opens its store.
/// Errors: E_TAKEN another node uses it, the text has its process; E_UNSUPPORTED it is of a newer format; E_IO;
/// E_NOMEM; E_TOO_LARGE. On success ended with `node_home_close`.
AIRS_NODISCARD airs_status node_home_open(node_home *home, const char *folder, airs_error *error);

/// Gives it back. A home with a lock of -1 is allowed.
void node_home_close(node_home *home);

/// The process that uses a folder; 0 when none does, or it can't be told. Nothing of the folder is changed.
pid_t node_home_owner(const char *folder);

#endif
