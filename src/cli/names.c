// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_TIMEOUT_MS 5000

static int compare_names(const void *a, const void *b)
{
    return strcmp(cli_field_text(*(const cJSON *const *)a, "name"), cli_field_text(*(const cJSON *const *)b, "name"));
}

/// The node tells them in no order.
static cli_exit print_names(const cJSON *names)
{
    static const cli_column columns[] = {{"NAME", false}, {"ACTOR", true}};
    size_t count = (size_t)cJSON_GetArraySize(names);
    const cJSON **sorted = calloc(count + 1, sizeof *sorted);
    if (!sorted) {
        cli_error("out of memory: the names");
        return CLI_EXIT_FAILURE;
    }
    size_t filled = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, names) sorted[filled++] = entry;
    qsort(sorted, count, sizeof *sorted, compare_names);
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < count; i++) {
        cli_table_add(&table, cli_field_text(sorted[i], "name"));
        cli_table_add(&table, cli_field_text(sorted[i], "actor"));
    }
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    free(sorted);
    if (!complete)
        cli_error("out of memory: the names");
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit names_run(const cli_args *args)
{
    cJSON *request = cJSON_CreateObject();
    if (cli_args_at(args, 0))
        cJSON_AddStringToObject(request, "pattern", cli_args_at(args, 0));
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "names", request, "", NAMES_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    code = print_names(cJSON_GetObjectItemCaseSensitive(result, "names"));
    cJSON_Delete(result);
    return code;
}

const cli_command cli_command_names = {
    .name = "names",
    .arguments = "[PATTERN]",
    .arguments_max = 1,
    .summary = "lists the names that actors of a running node have",
    .details = "Lists the names of a running node and the ids of the actors that have them:\n"
               "those actors were started with, and those they registered. In a pattern `*` is\n"
               "any run of characters.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = names_run,
};
