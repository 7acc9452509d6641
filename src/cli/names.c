// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/apps.h"
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
    const cJSON *left = *(const cJSON *const *)a;
    const cJSON *right = *(const cJSON *const *)b;
    int apps = strcmp(cli_field_text(left, "app"), cli_field_text(right, "app"));
    return apps != 0 ? apps : strcmp(cli_field_text(left, "name"), cli_field_text(right, "name"));
}

/// The node tells them in no order.
static cli_exit print_names(const cJSON *names, bool with_app)
{
    static const cli_column columns[] = {{"APP", false}, {"NAME", false}, {"ACTOR", true}};
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
    cli_table_init(&table, columns + !with_app, sizeof columns / sizeof *columns - !with_app);
    for (size_t i = 0; i < count; i++) {
        if (with_app)
            cli_table_add(&table, cli_field_text(sorted[i], "app"));
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

/// The names of several apps in one list, each with its app.
static cJSON *join(cJSON *all)
{
    cJSON *joined = cJSON_CreateObject();
    cJSON *names = cJSON_AddArrayToObject(joined, "names");
    cJSON *app;
    cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(all, "apps"))
    {
        cJSON *own = cJSON_GetObjectItemCaseSensitive(app, "names");
        for (cJSON *entry; (entry = cJSON_DetachItemFromArray(own, 0));) {
            cJSON_AddStringToObject(entry, "app", cli_field_text(app, "app"));
            cJSON_AddItemToArray(names, entry);
        }
    }
    cJSON_Delete(all);
    return joined;
}

static cli_exit names_run(const cli_args *args)
{
    cJSON *request = cJSON_CreateObject();
    if (cli_args_at(args, 0))
        cJSON_AddStringToObject(request, "pattern", cli_args_at(args, 0));
    cJSON *result = NULL;
    cli_apps apps;
    cli_apps_find(args, &apps);
    bool several = apps.count > 1;
    cli_exit code;
    if (several) {
        code = cli_apps_ask_all(&apps, "names", request, NAMES_TIMEOUT_MS, &result);
        cJSON_Delete(request);
        result = join(result);
    } else {
        code = cli_remote_ask(args, "names", request, "", NAMES_TIMEOUT_MS, &result);
    }
    cli_apps_fini(&apps);
    if (!result)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? code : CLI_EXIT_FAILURE;
    cli_exit printed = print_names(cJSON_GetObjectItemCaseSensitive(result, "names"), several);
    cJSON_Delete(result);
    return printed == CLI_EXIT_OK ? code : printed;
}

const cli_command cli_command_names = {
    .name = "names",
    .arguments = "[PATTERN]",
    .arguments_max = 1,
    .summary = "lists the names that actors of a running node have",
    .details = "Lists the names of a running node and the ids of the actors that have them:\n"
               "those actors were started with, and those they registered. In a pattern `*` is\n"
               "any run of characters. Of several apps, when --node names none, all of them,\n"
               "with the app in front, and as `app` with `-o json`.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = names_run,
};
