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

#endif
