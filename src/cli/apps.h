// SPDX-License-Identifier: MIT OR Apache-2.0
/// The apps that run, each at a socket of its own: which one a request is about, and what is asked of all of them.
#ifndef AIRS_CLI_APPS_H
#define AIRS_CLI_APPS_H

#include "cli/args.h"

#include "node/client.h"
#include "node/socket.h"

/// Apps that are looked at.
#define CLI_APPS_MAX 256

typedef struct cli_app {
    char name[66];
    node_socket_path socket;
} cli_app;

/// The apps that run, by name.
typedef struct cli_apps {
    cli_app *list;
    size_t count;
} cli_apps;

/// Finds them; none when the flags, or AIRSSYS_SOCKET, say which one is meant. Ended with `cli_apps_fini`.
void cli_apps_find(const cli_args *args, cli_apps *apps);
void cli_apps_fini(cli_apps *apps);

/// Finds out which app a request is about by the actor that it names: APP/NAME, an id, or a name that one of several
/// apps has; `*ret_app` stays NULL when it says nothing of that. The request is then about NAME.
/// Errors: E_INVALID several apps have the name, `error` lists them; E_NOT_FOUND none has it; E_NOMEM.
AIRS_NODISCARD airs_status cli_apps_of_request(const cli_apps *apps, struct cJSON *request, const cli_app **ret_app,
                                               airs_error *error);

/// Asks each of several apps: {"apps": [RESULT…]}, each with the key `app`. What can't be had of an app is said, and
/// the others are asked all the same.
cli_exit cli_apps_ask_all(const cli_apps *apps, const char *verb, const struct cJSON *request, uint64_t timeout_ms,
                          struct cJSON **ret_result);

#endif
