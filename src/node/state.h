// SPDX-License-Identifier: MIT OR Apache-2.0
/// The folder in which a node keeps what outlives it: its key, its audit log.
///     node.key, node.key.pub    the key, secret and public
///     audit/                    the log
#ifndef NODE_STATE_H
#define NODE_STATE_H

#include "airssys/status.h"

#include <limits.h>

#define NODE_STATE_PATH_MAX PATH_MAX

/// The folder of an app's node: `$XDG_STATE_HOME/airssys/APP`, else `~/.local/state/airssys/APP`.
/// Errors: E_IO there is neither; E_TOO_LARGE.
AIRS_NODISCARD airs_status node_state_folder(char path[NODE_STATE_PATH_MAX], const char *app, airs_error *error);

/// Makes a folder, for its owner alone, and those above it; it may be there. Errors: E_IO, E_TOO_LARGE.
AIRS_NODISCARD airs_status node_state_make(const char *path, airs_error *error);

/// The path of something in the folder. Errors: E_TOO_LARGE.
AIRS_NODISCARD airs_status node_state_path(char path[NODE_STATE_PATH_MAX], const char *folder, const char *name,
                                           airs_error *error);

#endif
