// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/event_text.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "node/events.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#define NAME_WIDTH 12

/// "12:30:01.250  flaky        failed (trap): …"
static void print_event(const cJSON *json)
{
    airs_event event;
    uint64_t time_ms;
    char time[CLI_TIME_MAX];
    char text[CLI_EVENT_TEXT_MAX];
    char name[24];
    // A node of later may tell of more than is known here.
    if (!node_event_parse(json, &event, &time_ms))
        return;
    snprintf(name, sizeof name, "#%" PRIu64, event.actor.raw);
    const char *shown = *event.name ? event.name : name;
    printf("%s%s%s  ", cli_style_on(stdout, CLI_STYLE_DIM), cli_time_format(time, time_ms, false),
           cli_style_on(stdout, CLI_STYLE_PLAIN));
    cli_write_escaped(stdout, shown, strlen(shown));
    int padding = NAME_WIDTH - (int)strlen(shown);
    printf("%*s %s", padding > 0 ? padding : 0, "", cli_style_on(stdout, cli_event_style(&event)));
    cli_event_text(text, &event);
    cli_write_escaped(stdout, text, strlen(text));
    printf("%s\n", cli_style_on(stdout, CLI_STYLE_PLAIN));
}

static bool on_line(void *user, cJSON *line)
{
    const cli_args *args = user;
    uint64_t missed = cli_field_number(line, "missed");
    const cJSON *event = cJSON_GetObjectItemCaseSensitive(line, "event");
    if (cli_args_json(args))
        return cli_write_json_line(line);
    if (missed > 0)
        printf("(%" PRIu64 " event%s missed)\n", missed, missed == 1 ? "" : "s");
    else if (event)
        print_event(event);
    return cli_output_flush();
}

static cli_exit events_run(const cli_args *args)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddBoolToObject(request, "follow", cli_args_flag(args, "follow") != NULL);
    // Past any number there is: those from now on.
    if (cli_args_flag(args, "new"))
        cJSON_AddNumberToObject(request, "after", 9007199254740991.0);
    return cli_remote_follow(args, "events", request, on_line, (void *)(uintptr_t)args);
}

const cli_command cli_command_events = {
    .name = "events",
    .arguments = "",
    .summary = "shows what happened to the actors of a running node",
    .details = "Shows the last events of a running node, up to 1,024, the oldest first: what\n"
               "started, failed, waits for its restart, is ready again, ended for good, gave\n"
               "up, changed its health, was paused, quarantined, deployed to or rolled back, and\n"
               "which canaries run. With `-f` those to come too, until the node ends or it is\n"
               "interrupted, which is no error.\n"
               "\n"
               "The node does not wait for who reads too slowly: it says how many events were\n"
               "missed. With `-o json` each line is an object, with `number` and `event`, or\n"
               "with `missed`.\n",
    .flags = {{.name = "follow", .letter = 'f', .help = "go on with those to come"},
              {.name = "new", .help = "leave out those that were before"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = events_run,
};
