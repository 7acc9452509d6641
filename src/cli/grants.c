// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs about what a component of a running node may do.
#include "airssys/capability.h"
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GRANTS_TIMEOUT_MS 5000

// ---------------------------------------------------------------- grants

static cli_exit print_grants(const cJSON *result)
{
    static const cli_column columns[] = {{"NUMBER", true}, {"GRANT", false}, {"USES", true}, {"STATE", false}};
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    const cJSON *one;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(result, "grants"))
    {
        char number[32];
        snprintf(number, sizeof number, "%" PRIu64, cli_field_number(one, "number"));
        cli_table_add(&table, number);
        cli_table_add(&table, cli_field_text(one, "grant"));
        snprintf(number, sizeof number, "%" PRIu64, cli_field_number(one, "uses"));
        cli_table_add(&table, number);
        cli_table_add(&table, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(one, "revoked")) ? "revoked" : "holds");
    }
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    printf("refused: %" PRIu64 "\n", cli_field_number(result, "refused"));
    if (!complete)
        cli_error("out of memory: the grants");
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit grants_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "grants", cli_remote_request(name), name, GRANTS_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    code = print_grants(result);
    cJSON_Delete(result);
    return code;
}

#define EXITS CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT)

const cli_command cli_command_grants = {
    .name = "grants",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lists what a component of a running node may do",
    .details = "Lists the grants of a component: its number, the grant, how often it has allowed\n"
               "something, and whether it is revoked; and how often the component was refused.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = EXITS,
    .run = grants_run,
};

// ---------------------------------------------------------------- grant, revoke

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

/// The request, with the arguments behind the name; NULL: one is wrong, which was printed.
static cJSON *make_request(const cli_args *args, bool numbers)
{
    cJSON *request = cli_remote_request(cli_args_at(args, 0));
    cJSON *list = cJSON_AddArrayToObject(request, "grants");
    for (size_t i = 1; cli_args_at(args, i); i++) {
        const char *text = cli_args_at(args, i);
        airs_grant_text grant;
        airs_error error = {.text = ""};
        if (!(numbers && is_number(text)) && airs_grant_parse(text, &grant, &error) != AIRS_OK) {
            cli_error("%s: %s", error.text, text);
            cJSON_Delete(request);
            return NULL;
        }
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
    return request;
}

static cli_exit change(const cli_args *args, const char *verb, bool takes_numbers)
{
    cJSON *request = make_request(args, takes_numbers);
    cJSON *result = NULL;
    if (!request)
        return CLI_EXIT_USAGE;
    cli_exit code = cli_remote_ask(args, verb, request, cli_args_at(args, 0), GRANTS_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

static cli_exit grant_run(const cli_args *args)
{
    return change(args, "grant", false);
}

static cli_exit revoke_run(const cli_args *args)
{
    return change(args, "revoke", true);
}

const cli_command cli_command_grant = {
    .name = "grant",
    .arguments = "NAME GRANT...",
    .arguments_min = 2,
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets a component of a running node do more",
    .details = "Grants more to a component, from its next use on. A grant is a kind, a dot and\n"
               "rights, and a pattern; it is one argument, so the shell needs quotes:\n"
               "\n"
               "  airssys grant basket 'messaging.send,ask stock:*'\n"
               "  airssys grant basket 'network.connect tcp://db:5432 zones=private'\n"
               "  airssys grant basket 'spawn.start worker max=3' clock.wall\n"
               "\n"
               "Folders are mounted by the manifest only. What is granted here lasts as long as\n"
               "the actor, its restarts included, and not longer than the node.\n",
    .flags = {CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = EXITS,
    .run = grant_run,
};

const cli_command cli_command_revoke = {
    .name = "revoke",
    .arguments = "NAME NUMBER|GRANT...",
    .arguments_min = 2,
    .arguments_max = CLI_ARGUMENTS_MAX,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "takes grants of a component back",
    .details = "Takes grants back, by their numbers in `airssys grants`, or as they are written\n"
               "there: all that are written so. Each use from then on is refused, also of what\n"
               "is open already, and subscriptions, timers that send to others and registered\n"
               "names that no other grant covers end. Children that the component has spawned\n"
               "lose what it loses.\n",
    .flags = {CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = EXITS,
    .run = revoke_run,
};
