// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

#define PUBLISH_TIMEOUT_MS 5000

static cli_exit publish_run(const cli_args *args)
{
    const char *topic = cli_args_at(args, 0);
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "topic", topic);
    cli_exit code = cli_remote_add_payload(request, cli_args_at(args, 1));
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    cJSON *result = NULL;
    code = cli_remote_ask(args, "publish", request, "", PUBLISH_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    uint64_t reached = cli_field_number(result, "reached");
    printf("reached %" PRIu64 " actor%s\n", reached, reached == 1 ? "" : "s");
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

const cli_command cli_command_publish = {
    .name = "publish",
    .arguments = "TOPIC [PAYLOAD|-]",
    .arguments_min = 1,
    .arguments_max = 2,
    .summary = "publishes a message on a topic",
    .details = "Publishes a message on a topic of a running node, and says how many mailboxes it\n"
               "reached; none is no error. The payload is the text given, or what comes from\n"
               "stdin with `-`, or empty.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = publish_run,
};
