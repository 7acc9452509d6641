// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "cli/table.h"

#include "base/quantity.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LIST_TIMEOUT_MS 5000
#define PAYLOAD_SHOWN 40

/// Adds the beginning of a letter's payload, or its size where the node left it out.
static void add_payload(cli_table *table, const cJSON *letter)
{
    char text[PAYLOAD_SHOWN + 8];
    char size[BASE_QUANTITY_MAX];
    const cJSON *there = cJSON_GetObjectItemCaseSensitive(letter, "payload");
    const char *payload = cJSON_GetStringValue(there);
    if (payload)
        snprintf(text, sizeof text, "%.*s%s", PAYLOAD_SHOWN, payload, strlen(payload) > PAYLOAD_SHOWN ? "..." : "");
    else
        snprintf(text, sizeof text, "(%s)", base_size_format(size, cli_field_number(letter, "payload_size")));
    cli_table_add(table, text);
}

static void add_letter(cli_table *table, const cJSON *letter)
{
    char text[CLI_TIME_MAX];
    snprintf(text, sizeof text, "%" PRIu64, cli_field_number(letter, "number"));
    cli_table_add(table, text);
    cli_table_add(table, cli_time_format(text, cli_field_number(letter, "time_ms"), false));
    cli_table_add(table, cli_field_text(letter, "reason"));
    const char *sender = cli_field_text(letter, "sender");
    cli_table_add(table, strcmp(sender, "0") == 0 ? "-" : sender);
    const char *name = cli_field_text(letter, "receiver_name");
    const char *receiver = cli_field_text(letter, "receiver");
    cli_table_add(table, *name ? name : strcmp(receiver, "0") == 0 ? "-" : receiver);
    const char *topic = cli_field_text(letter, "topic");
    cli_table_add(table, *topic ? topic : "-");
    add_payload(table, letter);
}

static cli_exit print_letters(const cJSON *result)
{
    static const cli_column columns[] = {
        {"NUMBER", true},    {"TIME", false},  {"REASON", false},  {"SENDER", true},
        {"RECEIVER", false}, {"TOPIC", false}, {"PAYLOAD", false},
    };
    const cJSON *letters = cJSON_GetObjectItemCaseSensitive(result, "letters");
    uint64_t count = cli_field_number(result, "count");
    cli_table table;
    cli_table_init(&table, columns, sizeof columns / sizeof *columns);
    const cJSON *letter;
    cJSON_ArrayForEach(letter, letters) add_letter(&table, letter);
    bool complete = cli_table_print(&table, stdout);
    cli_table_fini(&table);
    if (!complete)
        cli_error("out of memory: the dead letters");
    if (count > (uint64_t)cJSON_GetArraySize(letters))
        printf("There have been %" PRIu64 " in all.\n", count);
    return complete ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
}

static cli_exit list(const cli_args *args)
{
    if (args->count > 1) {
        cli_error("`dead-letters list` takes no arguments: %s", cli_args_at(args, 1));
        return CLI_EXIT_USAGE;
    }
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "dead_letters", NULL, "", LIST_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    code = print_letters(result);
    cJSON_Delete(result);
    return code;
}

static cli_exit resend(const cli_args *args)
{
    const char *number = cli_args_at(args, 1);
    const char *to = cli_args_at(args, 2);
    char *end = NULL;
    errno = 0;
    uint64_t value = number ? strtoull(number, &end, 10) : 0;
    if (!number || *number < '0' || *number > '9' || *end || errno != 0 || value == 0 || value > 1ull << 53) {
        cli_error("`dead-letters resend` needs the number of a dead letter: airssys dead-letters resend NUMBER [NAME]");
        return CLI_EXIT_USAGE;
    }
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "number", (double)value);
    if (to)
        cJSON_AddStringToObject(request, "to", to);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "resend", request, "", LIST_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

static cli_exit dead_letters_run(const cli_args *args)
{
    const char *what = cli_args_at(args, 0);
    return what && strcmp(what, "resend") == 0 ? resend(args) : list(args);
}

const cli_command cli_command_dead_letters = {
    .name = "dead-letters",
    .arguments = "[list | resend NUMBER [NAME]]",
    .arguments_max = 3,
    .choices = "list resend",
    .summary = "lists messages that reached nobody, or sends one again",
    .details = "`list`, or nothing: the messages of a running node that reached nobody, the last\n"
               "1,024: when, why, from whom, to whom, and the beginning of what was in it. Why:\n"
               "  gone       its receiver ended before it was handled, or there was none\n"
               "  full       the mailbox was full, and its policy drops\n"
               "  poison     its receiver failed while it handled it\n"
               "  too-large  it was over the receiver's max_message\n"
               "  hook       a hook of the program refused it\n"
               "`resend`: sends one to its receiver again, or to another one. It stays in the\n"
               "list, and nobody waits for an answer.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = dead_letters_run,
};
