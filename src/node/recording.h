// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an app has to do with the audit log of its system: how its manifest wants it, and that it begins and ends.
#ifndef NODE_RECORDING_H
#define NODE_RECORDING_H

#include "airssys/system.h"
#include "deploy/manifest.h"
#include "node/state.h"

/// What the options point into.
typedef struct recording_paths {
    char folder[NODE_STATE_PATH_MAX];
    char key_file[NODE_STATE_PATH_MAX];
} recording_paths;

/// The options of the log, and the folder of the state, made; without a folder (NULL) no log is written.
/// Errors: E_IO, E_TOO_LARGE.
AIRS_NODISCARD airs_status recording_options(const deploy_node *node, const char *state_dir, recording_paths *paths,
                                             airs_audit_options *ret_options, airs_error *error);

/// Records the start of the app. Errors: E_IO it can't be recorded.
AIRS_NODISCARD airs_status recording_started(airs_system *system, const char *app, airs_error *error);

/// Records its end; it ends, whatever the log says. `system` may be NULL.
void recording_stops(airs_system *system, const char *app);

#endif
