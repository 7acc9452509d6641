// SPDX-License-Identifier: MIT OR Apache-2.0
/// `deploy` and `rollback` of a whole app.
#ifndef AIRS_CLI_DEPLOY_APP_H
#define AIRS_CLI_DEPLOY_APP_H

#include "cli/args.h"

struct cJSON;

/// Whether a path is that of an app: a folder, or a manifest.
bool cli_is_app(const char *path);

/// Shows what would change, asks, and does it. `request` has the options; it is taken. `path` NULL: the app that the
/// flags mean goes back to what it was before.
cli_exit cli_deploy_app(const cli_args *args, const char *path, struct cJSON *request);

/// The same of one actor, `name`, which the app does not have, or has got so: with the settings and grants of the
/// flags. `request` has it as `actor`, its `component` and the options; it is taken.
cli_exit cli_deploy_added(const cli_args *args, const char *name, struct cJSON *request);

/// Asks who sits at the terminal; not on standard output, which may be a file. Whether it is wanted.
bool cli_deploy_is_wanted(const char *question);

/// Prints, as JSON, what would change, and as `rehearsal` whether a dry run of it went well (`ok`), with the node's
/// `result` (NULL: it said none). False when it could not be written.
bool cli_write_rehearsal(const struct cJSON *difference, bool well, const struct cJSON *result);

#endif
