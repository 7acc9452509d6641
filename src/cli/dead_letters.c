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

// ---------------------------------------------------------------- one of them

/// The number of a letter at a place, at most 2^53; 0 when there is none.
static uint64_t number_at(const cli_args *args, size_t place)
{
    const char *text = cli_args_at(args, place);
    char *end = NULL;
    errno = 0;
    uint64_t value = text ? strtoull(text, &end, 10) : 0;
    return text && *text >= '0' && *text <= '9' && !*end && errno == 0 && value <= 1ull << 53 ? value : 0;
}

/// The request about the letter whose number is at a place. NULL, with the reason printed, when there is none.
static cJSON *request_at(const cli_args *args, size_t place, const char *usage)
{
    uint64_t number = number_at(args, place);
    if (number == 0) {
        cli_error("`dead-letters %s` needs the number of a dead letter: airssys dead-letters %s", cli_args_at(args, 0),
                  usage);
        return NULL;
    }
    cJSON *request = cJSON_CreateObject();
    cJSON_AddNumberToObject(request, "number", (double)number);
    return request;
}

static void print_line(const char *label, const char *text)
{
    printf("%-10s", label);
    cli_write_escaped(stdout, text, strlen(text));
    putchar('\n');
}

/// "NAME (ID)", whichever of them there is.
static void print_actor(const char *label, const char *name, const char *id)
{
    char text[192];
    bool nobody = strcmp(id, "0") == 0;
    if (*name && !nobody)
        snprintf(text, sizeof text, "%s (%s)", name, id);
    else
        snprintf(text, sizeof text, "%s", *name ? name : nobody ? "-" : id);
    print_line(label, text);
}

/// What it is, then all of its payload, as it is but for what would drive a terminal.
static void print_letter(const cJSON *letter)
{
    char text[CLI_TIME_MAX];
    char size[BASE_QUANTITY_MAX];
    snprintf(text, sizeof text, "%" PRIu64, cli_field_number(letter, "number"));
    print_line("number", text);
    print_line("time", cli_time_format(text, cli_field_number(letter, "time_ms"), true));
    print_line("reason", cli_field_text(letter, "reason"));
    if (*cli_field_text(letter, "text"))
        print_line("because", cli_field_text(letter, "text"));
    print_actor("sender", "", cli_field_text(letter, "sender"));
    print_actor("receiver", cli_field_text(letter, "receiver_name"), cli_field_text(letter, "receiver"));
    if (*cli_field_text(letter, "topic"))
        print_line("topic", cli_field_text(letter, "topic"));
    uint64_t bytes = cli_field_number(letter, "payload_size");
    print_line("payload", base_size_format(size, bytes));
    airs_buffer payload = {0};
    airs_error error;
    if (bytes > NODE_PAYLOAD_MAX)
        printf("\n(more than the socket carries)\n");
    else if (node_payload_read(letter, &payload, &error) == AIRS_OK && payload.len > 0) {
        putchar('\n');
        cli_write_text(stdout, payload.data, payload.len);
        putchar('\n');
    }
    airs_buffer_free(&payload);
}

static cli_exit show(const cli_args *args)
{
    if (args->count > 2) {
        cli_error("`dead-letters show` takes one number: %s", cli_args_at(args, 2));
        return CLI_EXIT_USAGE;
    }
    cJSON *request = request_at(args, 1, "show NUMBER");
    if (!request)
        return CLI_EXIT_USAGE;
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "dead_letter", request, "", LIST_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    print_letter(result);
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

static cli_exit resend(const cli_args *args)
{
    const char *to = cli_args_at(args, 2);
    if (args->count > 3) {
        cli_error("`dead-letters resend` takes a number and a name: %s", cli_args_at(args, 3));
        return CLI_EXIT_USAGE;
    }
    cJSON *request = request_at(args, 1, "resend NUMBER [NAME]");
    if (!request)
        return CLI_EXIT_USAGE;
    if (to)
        cJSON_AddStringToObject(request, "to", to);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "resend", request, "", LIST_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

/// Drops one, or with NULL all. Adds to `*dropped`.
static cli_exit drop_one(const cli_args *args, cJSON *request, uint64_t *dropped)
{
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "drop", request, "", LIST_TIMEOUT_MS, &result);
    *dropped += cli_field_number(result, "dropped");
    cJSON_Delete(result);
    return code;
}

/// One after the other; one that is not kept ends it, after what stands before it was dropped.
static cli_exit drop(const cli_args *args)
{
    bool all = args->count == 2 && strcmp(cli_args_at(args, 1), "all") == 0;
    uint64_t dropped = 0;
    cli_exit code = CLI_EXIT_OK;
    // All of them are looked at before the first is dropped.
    for (size_t i = 1; !all && i < (args->count > 1 ? args->count : 2); i++) {
        cJSON *request = request_at(args, i, "drop NUMBER...|all");
        if (!request)
            return CLI_EXIT_USAGE;
        cJSON_Delete(request);
    }
    if (all) {
        cJSON *request = cJSON_CreateObject();
        cJSON_AddTrueToObject(request, "all");
        code = drop_one(args, request, &dropped);
    }
    for (size_t i = 1; !all && i < args->count && code == CLI_EXIT_OK; i++)
        code = drop_one(args, request_at(args, i, ""), &dropped);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        printf("{\"dropped\": %" PRIu64 "}\n", dropped);
    else
        printf("dropped %" PRIu64 " dead letter%s\n", dropped, dropped == 1 ? "" : "s");
    return CLI_EXIT_OK;
}

static cli_exit dead_letters_run(const cli_args *args)
{
    const char *what = cli_args_at(args, 0);
    if (what && strcmp(what, "show") == 0)
        return show(args);
    if (what && strcmp(what, "resend") == 0)
        return resend(args);
    return what && strcmp(what, "drop") == 0 ? drop(args) : list(args);
}

const cli_command cli_command_dead_letters = {
    .name = "dead-letters",
    .arguments = "[list|show N|resend N [NAME]|drop N...|drop all]",
    .arguments_max = CLI_ARGUMENTS_MAX,
    .choices = "list show resend drop",
    .summary = "lists messages that reached nobody, sends one again or drops it",
    .details = "`list`, or nothing: the messages of a running node that reached nobody, the last\n"
               "1,024: when, why, from whom, to whom, and the beginning of what was in it. Why:\n"
               "  gone       its receiver ended before it was handled, or there was none\n"
               "  full       the mailbox was full, and its policy drops\n"
               "  poison     its receiver failed while it handled it\n"
               "  too-large  it was over the receiver's max_message\n"
               "  hook       a hook of the program refused it\n"
               "`show`: one of them, with all of its payload, up to 8 MiB.\n"
               "`resend`: sends one to its receiver again, or to another one. It stays in the\n"
               "list, and nobody waits for an answer.\n"
               "`drop`: keeps these no more, or none of all; they stay counted.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) |
             CLI_EXIT_BIT(LIMIT),
    .run = dead_letters_run,
};
