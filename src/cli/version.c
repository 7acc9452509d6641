// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/system.h"
#include "cli/args.h"
#include "cli/output.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>

static cli_exit version_run(const cli_args *args)
{
    if (!cli_args_json(args)) {
        printf("airssys %s (contract airssys:actor@0.1.0, node protocol %d)\n", airs_version(), NODE_PROTOCOL);
        return CLI_EXIT_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "version", airs_version());
    cJSON_AddStringToObject(json, "contract", "airssys:actor@0.1.0");
    cJSON_AddNumberToObject(json, "protocol", NODE_PROTOCOL);
    return cli_write_json(json) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

const cli_command cli_command_version = {
    .name = "version",
    .arguments = "",
    .summary = "shows the version",
    .details = "Shows the version of airssys, of the contract that components speak, and of the\n"
               "protocol of the node's socket.\n",
    .flags = {CLI_FLAG_OUTPUT},
    .run = version_run,
};
