// SPDX-License-Identifier: MIT OR Apache-2.0
/// history: who deployed what, and what came of it.
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void print_time(uint64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000u);
    struct tm when;
    char text[32] = "?";
    if (gmtime_r(&seconds, &when))
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &when);
    fputs(text, stdout);
}

static const char *outcome_of(const cJSON *record)
{
    bool dry_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "dry_run"));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "deployed")) && cli_field_text(record, "text")[0])
        return "deployed, ";
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "deployed")))
        return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "rollback")) ? "rolled back" : "deployed";
    if (dry_run && !cli_field_text(record, "text")[0])
        return "dry run";
    // Which version is there then is in the text where it is not the one before.
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(record, "rollback")) ? "not rolled back: " : "not deployed: ";
}

static void print_record(const cJSON *record)
{
    printf("%" PRIu64 "  ", cli_field_number(record, "number"));
    print_time(cli_field_number(record, "time_ms"));
    // A new actor had none before.
    const char *from = cli_field_text(record, "from_version");
    printf("  %s  %s%s%s  by %s  %s", cli_field_text(record, "actor"), from, *from ? " -> " : "",
           cli_field_text(record, "to_version"), cli_field_text(record, "by"), outcome_of(record));
    const char *text = cli_field_text(record, "text");
    cli_write_escaped(stdout, text, strlen(text));
    uint64_t lost = cli_field_number(record, "handled_since");
    if (lost > 0)
        printf("; %" PRIu64 " handled since are not in the state", lost);
    putchar('\n');
}

static void add_lost(cli_table *table, const cJSON *message)
{
    char text[CLI_TIME_MAX];
    cli_table_add(table, cli_time_format(text, cli_field_number(message, "time_ms"), false));
    const char *name = cli_field_text(message, "name");
    cli_table_add(table, *name ? name : cli_field_text(message, "actor"));
    snprintf(text, sizeof text, "%" PRIu64, cli_field_number(message, "number"));
    cli_table_add(table, text);
    const char *sender = cli_field_text(message, "sender");
    cli_table_add(table, strcmp(sender, "0") == 0 ? "-" : sender);
    const char *topic = cli_field_text(message, "topic");
    cli_table_add(table, *topic ? topic : "-");
    snprintf(text, sizeof text, "%" PRIu64, cli_field_number(message, "payload_size"));
    cli_table_add(table, text);
    const char *payload = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "payload"));
    cli_table_add(table, payload ? payload : "(not text)");
}

/// What a deployment has lost by bringing a state back.
static cli_exit print_lost(const cJSON *result)
{
    static const cli_column columns[] = {
        {"TIME", false},  {"ACTOR", false}, {"NUMBER", true},   {"SENDER", true},
        {"TOPIC", false}, {"BYTES", true},  {"PAYLOAD", false},
    };
    const cJSON *messages = cJSON_GetObjectItemCaseSensitive(result, "messages");
    uint64_t count = cli_field_number(result, "count");
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    const cJSON *message;
    cJSON_ArrayForEach(message, messages) add_lost(&table, message);
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    if (!complete)
        cli_error("out of memory: the messages");
    if (count > (uint64_t)cJSON_GetArraySize(messages))
        printf("They were %" PRIu64 " in all.\n", count);
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit lost_run(const cli_args *args, const char *text)
{
    char *end = NULL;
    errno = 0;
    uint64_t number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || number == 0 || number > 1ull << 53) {
        cli_error("--lost needs the number of a deployment, as `airssys history` shows it");
        return CLI_EXIT_USAGE;
    }
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "lost", (double)number);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "history", request, "", 5000, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    code = print_lost(result);
    cJSON_Delete(result);
    return code;
}

/// Whether a record is about NAME, which may have the app in front.
static bool is_about(const cJSON *record, const char *name)
{
    const char *actor = cli_field_text(record, "actor");
    const char *slash = strchr(name, '/');
    return strcmp(actor, name) == 0 || (slash && strcmp(actor, slash + 1) == 0);
}

/// There is nothing to list: of somebody who is there that is an answer.
static cli_exit nothing_of(const cli_args *args, const char *name)
{
    cJSON *result = NULL;
    cli_exit code = name ? cli_remote_ask(args, "info", cli_remote_request(name), name, 5000, &result) : CLI_EXIT_OK;
    cJSON_Delete(result);
    if (code != CLI_EXIT_OK || cli_args_json(args))
        return code;
    fputs("nothing has been deployed", stdout);
    if (name) {
        fputs(" to ", stdout);
        cli_write_escaped(stdout, name, strlen(name));
    }
    putchar('\n');
    return CLI_EXIT_OK;
}

static cli_exit history_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    if (cli_args_flag(args, "lost"))
        return lost_run(args, cli_args_flag(args, "lost"));
    cJSON *result = NULL;
    // Whose app it is, when several run.
    cJSON *request = name ? cli_remote_request(name) : NULL;
    cli_exit code = cli_remote_ask(args, "history", request, "", 5000, &result);
    if (code != CLI_EXIT_OK)
        return code;
    cJSON *list = cJSON_GetObjectItemCaseSensitive(result, "deployments");
    for (int i = cJSON_GetArraySize(list); name && i > 0; i--) {
        if (!is_about(cJSON_GetArrayItem(list, i - 1), name))
            cJSON_DeleteItemFromArray(list, i - 1);
    }
    if (cJSON_GetArraySize(list) == 0)
        code = nothing_of(args, name);
    if (cli_args_json(args) && code == CLI_EXIT_OK)
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    const cJSON *record;
    cJSON_ArrayForEach(record, list)
    {
        print_record(record);
    }
    cJSON_Delete(result);
    return code;
}

const cli_command cli_command_history = {
    .name = "history",
    .arguments = "[NAME]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "says who deployed what, and what came of it",
    .details = "Lists the deployments of an app, also those of before the node was started, at\n"
               "most the last 1,000, the oldest first; with NAME those of that actor. With\n"
               "--lost the messages that one of them has lost, at most the last 1,000: handled\n"
               "by a version before an earlier state came back (--rollback-state snapshot).\n",
    .flags = {{.name = "lost", .value = "NUMBER", .help = "what deployment NUMBER has lost"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(TIMEOUT),
    .run = history_run,
};
