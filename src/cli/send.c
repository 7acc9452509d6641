// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>

#define SEND_TIMEOUT_MS 5000

static cli_exit send_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    cJSON *request = cli_remote_request(name);
    cli_exit code = cli_remote_add_payload(request, cli_args_at(args, 1));
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    cJSON *result = NULL;
    code = cli_remote_ask(args, "send", request, name, SEND_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

const cli_command cli_command_send = {
    .name = "send",
    .arguments = "NAME [PAYLOAD|-]",
    .arguments_min = 1,
    .arguments_max = 2,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "sends a message to an actor, without waiting for an answer",
    .details = "Puts a message into the mailbox of an actor of a running node and returns.\n"
               "The payload is the text given, or what comes from stdin with `-`, or empty.\n",
    .flags = {CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) |
             CLI_EXIT_BIT(LIMIT),
    .run = send_run,
};
