// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct listening {
    const cli_args *args;
    /// Messages still to come.
    uint64_t left;
} listening;

/// "12:30:01.250  orders.new  payload"
static void print_message(const cJSON *message)
{
    char time[CLI_TIME_MAX];
    const char *topic = cli_field_text(message, "topic");
    printf("%s%s%s  ", cli_style_on(stdout, CLI_STYLE_DIM),
           cli_time_format(time, cli_field_number(message, "time_ms"), false), cli_style_on(stdout, CLI_STYLE_PLAIN));
    cli_write_escaped(stdout, topic, strlen(topic));
    fputs("  ", stdout);
    uint64_t size = cli_field_number(message, "payload_size");
    airs_buffer payload = {0};
    airs_error error;
    if (size > 0)
        printf("(%" PRIu64 " bytes, more than the socket carries)", size);
    else if (node_payload_read(message, &payload, &error) == AIRS_OK && payload.len > 0)
        cli_write_escaped(stdout, payload.data, payload.len);
    airs_buffer_free(&payload);
    putchar('\n');
}

static bool on_line(void *user, cJSON *line)
{
    listening *ears = user;
    uint64_t missed = cli_field_number(line, "missed");
    const cJSON *message = cJSON_GetObjectItemCaseSensitive(line, "message");
    ears->left -= message != NULL;
    bool written = true;
    if (cli_args_json(ears->args))
        written = cli_write_json_line(line);
    else if (missed > 0)
        printf("(%" PRIu64 " message%s missed)\n", missed, missed == 1 ? "" : "s");
    else if (message)
        print_message(message);
    return cli_output_flush() && written && ears->left > 0;
}

static cli_exit subscribe_run(const cli_args *args)
{
    listening ears = {args, UINT64_MAX};
    const char *count = cli_args_flag(args, "count");
    char *end = NULL;
    errno = 0;
    if (count)
        ears.left = strtoull(count, &end, 10);
    if (count && (*count < '0' || *count > '9' || *end || errno != 0 || ears.left == 0)) {
        cli_error("--count %s: must be a whole number from 1", count);
        return CLI_EXIT_USAGE;
    }
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "topic", cli_args_at(args, 0));
    return cli_remote_follow(args, "subscribe", request, on_line, &ears);
}

const cli_command cli_command_subscribe = {
    .name = "subscribe",
    .arguments = "TOPIC",
    .arguments_min = 1,
    .arguments_max = 1,
    .summary = "shows what is published on a topic",
    .details = "Shows what the actors of a running node publish on topics that match: `*` is any\n"
               "one level, `>` at the end all that follow, as in `orders.*.new` or `orders.>`.\n"
               "Goes on until the node ends, `--count` messages have come, or it is interrupted,\n"
               "which is no error.\n"
               "\n"
               "The node does not wait for who reads too slowly: it keeps the last 1,024\n"
               "messages, at most 16 MiB of them, and says how many were missed. With `-o json`\n"
               "each line is an object, with `number` and `message`, or with `missed`.\n",
    .flags = {{.name = "count", .letter = 'c', .value = "N", .help = "end after so many messages"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = subscribe_run,
};
