// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that talk to a running node: which one, and what they say when it goes wrong.
#ifndef AIRS_CLI_REMOTE_H
#define AIRS_CLI_REMOTE_H

#include "cli/args.h"

#include "node/client.h"
#include "node/socket.h"

/// For each verb that talks to a node, or is one.
#define CLI_FLAG_SOCKET                                                   \
    {                                                                     \
        .name = "socket", .value = "PATH", .complete = CLI_COMPLETE_FILE, \
        .help = "the node's socket; also AIRSSYS_SOCKET"                  \
    }
#define CLI_FLAG_NODE                                                                 \
    {                                                                                 \
        .name = "node", .letter = 'n', .value = "APP", .complete = CLI_COMPLETE_NODE, \
        .help = "which node, when several are running"                                \
    }

/// The path that was given: `--socket`, else AIRSSYS_SOCKET; NULL: none.
const char *cli_remote_socket(const cli_args *args);

/// Connects to the node that the flags mean. On another code than OK the reason was printed.
cli_exit cli_remote_open(const cli_args *args, node_client *client);

/// The same, and says nothing of what is wrong.
AIRS_NODISCARD airs_status cli_remote_open_quietly(const cli_args *args, node_client *client, airs_error *error);

/// One request to that node: connects, asks, closes. An actor of the request may be named APP/NAME; one that is named
/// otherwise, while several apps run and none is said, must be in one of them alone. `request` (may be
/// NULL) is taken. `where` goes into the error, "" when the request is about the whole node. The result is the
/// caller's, NULL when empty.
cli_exit cli_remote_ask(const cli_args *args, const char *verb, struct cJSON *request, const char *where,
                        uint64_t timeout_ms, struct cJSON **ret_result);

/// The same, but what the node says is wrong is not printed: it is left in `*ret_error`, whose status is AIRS_OK
/// otherwise, also when no node could be asked.
cli_exit cli_remote_try(const cli_args *args, const char *verb, struct cJSON *request, uint64_t timeout_ms,
                        struct cJSON **ret_result, airs_error *ret_error);
/// Prints that, as `cli_remote_ask` does.
cli_exit cli_remote_say(const airs_error *error, const char *where);

/// Whether an error says that no actor has the name of the request.
bool cli_remote_is_nobody(const airs_error *error);

/// A request that is answered by many lines: connects, tells `fn` of each, closes. Ends with the node's last line, when
/// `fn` has enough, or on SIGINT, SIGTERM and SIGHUP, which are all CLI_EXIT_OK. `request` (may be NULL) is taken.
cli_exit cli_remote_follow(const cli_args *args, const char *verb, struct cJSON *request, node_line_fn fn, void *user);

/// The request of a verb about one actor: {"actor": name}.
struct cJSON *cli_remote_request(const char *actor);

/// Adds KEY=VALUE to the settings of a request, `config`. False when it is none, or there twice; then that is printed,
/// with `before` in front.
bool cli_remote_add_setting(struct cJSON *request, const char *before, const char *text);

/// Adds the payload argument: a text, `-` for stdin, NULL for none. Prints what is wrong.
cli_exit cli_remote_add_payload(struct cJSON *request, const char *argument);

#endif
