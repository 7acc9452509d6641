// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/apps.h"
#include "cli/args.h"
#include "cli/draw.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"

#include "base/quantity.h"
#include "node/records.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

#define PS_TIMEOUT_MS 5000

static void add_number(cli_table *table, uint64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, number);
    cli_table_add(table, text);
}

/// Which columns there are besides: the app where several are listed, the canary where one runs.
typedef struct ps_shape {
    bool app;
    bool canary;
} ps_shape;

/// `app` counts where several are listed.
static void add_row(cli_table *table, const char *app, const cJSON *actor, ps_shape shape)
{
    char canary[CLI_CANARY_MAX];
    char text[CLI_WHAT_MAX];
    char quantity[BASE_QUANTITY_MAX];
    airs_actor_info info;
    node_actor_parse(actor, &info);
    if (shape.app)
        cli_table_add(table, app);
    cli_table_add(table, cli_field_text(actor, "id"));
    cli_table_add(table, *cli_field_text(actor, "name") ? cli_field_text(actor, "name") : "-");
    cli_table_add(table, cli_actor_what(&info, text));
    cli_table_add(table, cli_actor_word(&info));
    cli_table_add(table, base_duration_format(quantity, cli_field_number(actor, "uptime_ms") * 1000000u));
    add_number(table, cli_field_number(actor, "restarts"));
    add_number(table, cli_field_number(actor, "mailbox"));
    cli_table_add(table, base_size_format(quantity, cli_field_number(actor, "memory")));
    if (shape.canary)
        cli_table_add(table, *cli_canary_text(canary, actor) ? canary : "-");
}

static void add_rows(cli_table *table, const cJSON *result, ps_shape shape)
{
    const char *app = cli_field_text(result, "app");
    const cJSON *actor;
    cJSON_ArrayForEach(actor, cJSON_GetObjectItemCaseSensitive(result, "actors")) add_row(table, app, actor, shape);
}

static bool has_canary(const cJSON *result)
{
    const cJSON *actor;
    cJSON_ArrayForEach(actor, cJSON_GetObjectItemCaseSensitive(result, "actors"))
    {
        if (cJSON_HasObjectItem(actor, "canary"))
            return true;
    }
    return false;
}

/// Of one app, or of several.
static cli_exit print_table(const cJSON *result)
{
    static const cli_column columns[] = {
        {"APP", false},   {"ID", true},       {"NAME", false},   {"COMPONENT", false}, {"STATE", false},
        {"UPTIME", true}, {"RESTARTS", true}, {"MAILBOX", true}, {"MEMORY", true},     {"CANARY", false},
    };
    const cJSON *apps = cJSON_GetObjectItemCaseSensitive(result, "apps");
    ps_shape shape = {.app = apps != NULL, .canary = !apps && has_canary(result)};
    const cJSON *app;
    cJSON_ArrayForEach(app, apps) shape.canary |= has_canary(app);
    size_t first = shape.app ? 0 : 1;
    cli_table table;
    cli_table_init(&table, columns + first, sizeof columns / sizeof *columns - first - (shape.canary ? 0 : 1));
    if (!apps)
        add_rows(&table, result, shape);
    cJSON_ArrayForEach(app, apps) add_rows(&table, app, shape);
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    if (!complete)
        cli_error("out of memory: the list of actors");
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit ps_run(const cli_args *args)
{
    cJSON *result = NULL;
    cli_apps apps;
    cli_apps_find(args, &apps);
    cli_exit code = apps.count > 1 ? cli_apps_ask_all(&apps, "ps", NULL, PS_TIMEOUT_MS, &result)
                                   : cli_remote_ask(args, "ps", NULL, "", PS_TIMEOUT_MS, &result);
    cli_apps_fini(&apps);
    if (!result)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? code : CLI_EXIT_FAILURE;
    cli_exit printed = print_table(result);
    cJSON_Delete(result);
    return printed == CLI_EXIT_OK ? code : printed;
}

const cli_command cli_command_ps = {
    .name = "ps",
    .arguments = "",
    .summary = "lists the actors of a running node",
    .details = "Lists the actors of a running node, each supervisor before its children: id,\n"
               "name, component and version, state, how long it has been ready, restarts,\n"
               "messages that wait, bytes of linear memory, and while a canary runs its share,\n"
               "of which version, by what and for how long. In the place of the state may stand\n"
               "why an actor does not go on, or that its health is not good: `airssys tree\n"
               "--help` explains the words. With `-o json` also `app`, and `ready`: whether the\n"
               "app is.\n"
               "\n"
               "When several apps run, and --node names none, those of all of them, with the app\n"
               "in front. Each is then named APP/NAME, or NAME alone where one app has it. With\n"
               "`-o json`: `apps`, of each what it is of one.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = ps_run,
};
