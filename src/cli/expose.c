// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs about what of an app actors of the node's other apps may send to.
#include "cli/args.h"
#include "cli/output.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>
#include <string.h>

#define EXPOSE_TIMEOUT_MS 5000

static cli_exit list(const cli_args *args)
{
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "exposed", NULL, "", EXPOSE_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    const cJSON *pattern;
    cJSON_ArrayForEach(pattern, cJSON_GetObjectItemCaseSensitive(result, "exposed"))
    {
        const char *text = cJSON_GetStringValue(pattern);
        cli_write_escaped(stdout, text, strlen(text));
        putchar('\n');
    }
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

static cli_exit change(const cli_args *args)
{
    cJSON *request = cJSON_CreateObject();
    cJSON *patterns = cJSON_AddArrayToObject(request, "patterns");
    cJSON *result = NULL;
    for (size_t i = 0; cli_args_at(args, i); i++)
        cJSON_AddItemToArray(patterns, cJSON_CreateString(cli_args_at(args, i)));
    cli_exit code = cli_remote_ask(args, args->command->name, request, "", EXPOSE_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

static cli_exit expose_run(const cli_args *args)
{
    return cli_args_at(args, 0) ? change(args) : list(args);
}

#define EXITS CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT)

const cli_command cli_command_expose = {
    .name = "expose",
    .arguments = "[PATTERN]...",
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets other apps of a node send to actors of one",
    .details = "Exposes names of an app to the actors of the node's other apps: these may send\n"
               "to them and ask them, where they are granted it. In a pattern `*` is any run of\n"
               "characters. Without one, lists what is exposed.\n"
               "\n"
               "  airssys expose -n billing ledger 'report-*'\n"
               "\n"
               "What the manifest exposes is listed too. A node with a state folder keeps it.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = EXITS,
    .run = expose_run,
};

const cli_command cli_command_hide = {
    .name = "hide",
    .arguments = "PATTERN...",
    .arguments_min = 1,
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "exposes names of an app to others no more",
    .details = "Takes back what `airssys expose` lists, as it is written there. Each message of\n"
               "another app from then on is refused, whatever its sender was granted.\n",
    .flags = {CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = EXITS,
    .run = change,
};
