// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define SPAWN_TIMEOUT_MS 30000

/// Adds the arguments from `first` on, each KEY=VALUE. False when one is not; it is printed.
static bool add_config(cJSON *request, const cli_args *args, size_t first)
{
    bool good = true;
    for (size_t i = first; good && i < args->count; i++)
        good = cli_remote_add_setting(request, "", cli_args_at(args, i));
    return good;
}

static cli_exit spawn_run(const cli_args *args)
{
    const char *supervisor = cli_args_at(args, 0);
    const char *name = cli_args_at(args, 1);
    bool named = name && !strchr(name, '=');
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", SPAWN_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "supervisor", supervisor);
    if (named)
        cJSON_AddStringToObject(request, "name", name);
    if (!add_config(request, args, named ? 2 : 1)) {
        cJSON_Delete(request);
        return CLI_EXIT_USAGE;
    }
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "spawn", request, supervisor, timeout_ms, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    puts(cli_field_text(result, "id"));
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

const cli_command cli_command_spawn = {
    .name = "spawn",
    .arguments = "GROUP [NAME] [KEY=VALUE]...",
    .arguments_min = 1,
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "starts another child of a simple_one_for_one group",
    .details = "Starts another child of a group of a running node whose strategy is\n"
               "simple_one_for_one, waits until it is ready, and prints its id. It is made of\n"
               "the group's template; the settings are put before the template's own, and win.\n"
               "It is there again when the node is started anew, until it is stopped, removed or\n"
               "scaled away. So is one that has ended by itself, as long as no other child of\n"
               "its group is asked for.\n",
    .flags = {{.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait (30s)"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = spawn_run,
};
