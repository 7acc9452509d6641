// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/draw.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/quantity.h"
#include "node/records.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

// Making a backtrace readable takes its time, the first time.
#define WHY_TIMEOUT_MS 30000

static void print_escaped(const char *text)
{
    cli_write_escaped(stdout, text, strlen(text));
}

/// "card  backoff, starts in 1.2 s, restarts so far: 3"
static void print_state(const cJSON *json)
{
    airs_actor_info actor;
    node_actor_parse(json, &actor);
    char text[BASE_QUANTITY_MAX];
    fputs(cli_style_on(stdout, CLI_STYLE_BOLD), stdout);
    if (actor.name[0])
        print_escaped(actor.name);
    else
        printf("#%" PRIu64, actor.id.raw);
    fputs(cli_style_on(stdout, CLI_STYLE_PLAIN), stdout);
    printf("  %s", cli_actor_word(&actor));
    if (actor.hold == AIRS_HOLD_BACKOFF)
        printf(", starts in %s", base_duration_format(text, actor.restart_due_ms * 1000000u));
    if (actor.uptime_ms > 0)
        printf(" for %s", base_duration_format(text, actor.uptime_ms * 1000000u));
    printf(", restarts so far: %" PRIu64 "\n", actor.restarts);
    if (actor.health_text[0]) {
        printf("health: %s: ", node_health_name(actor.health));
        print_escaped(actor.health_text);
        putchar('\n');
    }
}

static void print_backtrace(const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        fputs("      ", stdout);
        cli_write_escaped(stdout, text, len);
        putchar('\n');
        text += len + (text[len] == '\n');
    }
}

/// What the supervisor did about it, in words.
static void print_action(const cJSON *failure)
{
    const char *action = cli_field_text(failure, "action");
    uint64_t delay_ms = cli_field_number(failure, "delay_ms");
    char delay[BASE_QUANTITY_MAX];
    if (strcmp(action, "restarted") == 0 && delay_ms > 0)
        printf("    -> restart after %s\n", base_duration_format(delay, delay_ms * 1000000u));
    else if (strcmp(action, "restarted") == 0)
        printf("    -> restart at once\n");
    else if (strcmp(action, "ended") == 0)
        printf("    -> none: it ended for good, as its restart type says\n");
    else if (strcmp(action, "escalated") == 0)
        printf("    -> its supervisor gave up\n");
    else if (strcmp(action, "quarantined") == 0)
        printf("    -> quarantine\n");
    else
        printf("    -> its supervisor has not decided yet\n");
}

/// "#4  2026-11-23 12:30:01.250  trap: wasm trap: out of bounds memory access"
static void print_failure(const cJSON *failure)
{
    char time[CLI_TIME_MAX];
    const char *message = cli_field_text(failure, "message_id");
    uint64_t attempt = cli_field_number(failure, "attempt");
    printf("\n#%" PRIu64 "  %s  %s", cli_field_number(failure, "number"),
           cli_time_format(time, cli_field_number(failure, "time_ms"), true), cli_style_on(stdout, CLI_STYLE_RED));
    print_escaped(cli_field_text(failure, "reason"));
    printf("%s: ", cli_style_on(stdout, CLI_STYLE_PLAIN));
    print_escaped(cli_field_text(failure, "text"));
    putchar('\n');
    if (*message) {
        fputs("    it had message ", stdout);
        print_escaped(message);
        fputs(" in hand", stdout);
        if (attempt > 1)
            printf(", for the %" PRIu64 "%s time", attempt, attempt == 2 ? "nd" : attempt == 3 ? "rd" : "th");
        putchar('\n');
    }
    print_backtrace(cli_field_text(failure, "backtrace"));
    print_action(failure);
}

static void print_all(const cJSON *result)
{
    const cJSON *failures = cJSON_GetObjectItemCaseSensitive(result, "failures");
    uint64_t count = cli_field_number(result, "count");
    uint64_t shown = (uint64_t)cJSON_GetArraySize(failures);
    print_state(cJSON_GetObjectItemCaseSensitive(result, "actor"));
    if (count == 0)
        printf("It has not failed.\n");
    else if (count == 1)
        printf("It has failed once:\n");
    else if (shown < count)
        printf("It has failed %" PRIu64 " times; the last %" PRIu64 ":\n", count, shown);
    else
        printf("It has failed %" PRIu64 " times:\n", count);
    const cJSON *failure;
    cJSON_ArrayForEach(failure, failures) print_failure(failure);
}

static cli_exit why_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "why", cli_remote_request(name), name, WHY_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    print_all(result);
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

const cli_command cli_command_why = {
    .name = "why",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "shows an actor's last failures, and what was done about them",
    .details = "Shows the last failures of an actor of a running node, up to 16, the oldest\n"
               "first: when, the reason, one sentence, the message it had in hand, the backtrace\n"
               "of a trap (with file and line where the component has them), and what its\n"
               "supervisor did.\n"
               "\n"
               "With `-o json`: `actor`, `count` (of all its failures) and `failures`.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT),
    .run = why_run,
};
