// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys add`: a component into the state folder of a node.
#include "cli/args.h"
#include "cli/output.h"

#include "airssys/node.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static cli_exit show(const cli_args *args, const airs_state_component *it)
{
    if (!cli_args_json(args)) {
        printf("%s  ", it->hash);
        cli_write_escaped(stdout, it->name, strlen(it->name));
        putchar(' ');
        cli_write_escaped(stdout, it->version, strlen(it->version));
        puts(it->known ? "  (was there already)" : "");
        return CLI_EXIT_OK;
    }
    cJSON *json = cJSON_CreateObject();
    cJSON_AddStringToObject(json, "hash", it->hash);
    cJSON_AddStringToObject(json, "component", it->name);
    cJSON_AddStringToObject(json, "version", it->version);
    cJSON_AddNumberToObject(json, "size", (double)it->size);
    cJSON_AddBoolToObject(json, "known", it->known);
    return cli_write_json(json) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit add_run(const cli_args *args)
{
    airs_error error = {0};
    airs_state_component component;
    airs_status status =
        airs_state_add_component(cli_args_flag(args, "state-dir"), cli_args_at(args, 0), &component, &error);
    if (status == AIRS_OK)
        return show(args, &component);
    cli_error("%s", error.text);
    return cli_exit_of(status);
}

const cli_command cli_command_add = {
    .name = "add",
    .arguments = "COMPONENT.wasm",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FILE,
    .summary = "keeps a component in the state folder of a node",
    .details = "Keeps a component in the state folder of a node, once by its content, and prints\n"
               "its hash: `airssys deploy` takes that, or its beginning (8 digits), in the place\n"
               "of a file. The node may run, or not.\n",
    .flags = {{.name = "state-dir",
               .value = "DIR",
               .complete = CLI_COMPLETE_FOLDER,
               .help = "the state folder ($XDG_STATE_HOME/airssys/node)"},
              CLI_FLAG_OUTPUT},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(LIMIT),
    .run = add_run,
};
