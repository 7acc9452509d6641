// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys prune`: components that nothing needs, out of the state folder of a node.
#include "cli/args.h"
#include "cli/output.h"

#include "airssys/node.h"
#include "base/quantity.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cli_exit show(const cli_args *args, const airs_state_pruned *pruned)
{
    char size[BASE_QUANTITY_MAX];
    if (!cli_args_json(args)) {
        printf("%" PRIu32 " components removed, %s\n", pruned->count, base_size_format(size, pruned->bytes));
        return CLI_EXIT_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "removed", pruned->count);
    cJSON_AddNumberToObject(json, "bytes", (double)pruned->bytes);
    return cli_write_json(json) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit prune_run(const cli_args *args)
{
    const char *keep = cli_args_flag(args, "keep");
    airs_error error = {0};
    airs_state_pruned pruned;
    if (keep && (!*keep || strlen(keep) > 9 || keep[strspn(keep, "0123456789")] != '\0')) {
        cli_error("--keep %s: must be a whole number, how many of them stay", keep);
        return CLI_EXIT_USAGE;
    }
    uint32_t kept = keep ? (uint32_t)strtoul(keep, NULL, 10) : 0;
    airs_status status = airs_state_prune(cli_args_flag(args, "state-dir"), kept, &pruned, &error);
    if (status == AIRS_OK)
        return show(args, &pruned);
    cli_error("%s", error.text);
    return cli_exit_of(status);
}

const cli_command cli_command_prune = {
    .name = "prune",
    .arguments = "",
    .summary = "removes components that nothing needs from a state folder",
    .details = "Removes the components from the state folder of a node that no app is made of,\n"
               "and to which nothing can be rolled back; not those that were given within the\n"
               "last hour. The node may run, or not; while something is deployed it is refused.\n"
               "A node does the same by itself after each deployment, and keeps the 32 newest of\n"
               "them, to be deployed by their hash.\n",
    .flags = {{.name = "keep", .value = "N", .help = "as many of them stay, the newest (0)"},
              {.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "the state folder ($XDG_STATE_HOME/airssys/node)"},
              CLI_FLAG_OUTPUT},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID),
    .run = prune_run,
};
