// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "base/log.h"
#include "node/logs.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#define NAME_WIDTH 12
#define LEVEL_TIMEOUT_MS 5000

static cli_style style_of(const node_log_line *line)
{
    if (line->level >= AIRS_LOG_ERROR)
        return CLI_STYLE_RED;
    if (line->level == AIRS_LOG_WARN)
        return CLI_STYLE_YELLOW;
    return strcmp(line->source, "runtime") == 0 ? CLI_STYLE_CYAN : CLI_STYLE_PLAIN;
}

/// "12:30:01.250 info   greeter      | Hello", as the node itself writes it.
static void print_log_line(const cJSON *json)
{
    node_log_line line;
    char time[CLI_TIME_MAX];
    node_log_parse(json, &line);
    cli_style style = style_of(&line);
    printf("%s%s%s %-5s  ", cli_style_on(stdout, CLI_STYLE_DIM), cli_time_format(time, line.time_ms, false),
           cli_style_on(stdout, CLI_STYLE_PLAIN), base_log_level_name(line.level));
    cli_write_escaped(stdout, line.actor, strlen(line.actor));
    int padding = NAME_WIDTH - (int)strlen(line.actor);
    printf("%*s %s%c ", padding > 0 ? padding : 0, "", cli_style_on(stdout, style),
           strcmp(line.source, "runtime") == 0 ? '*' : '|');
    cli_write_escaped(stdout, line.text, strlen(line.text));
    printf("%s\n", cli_style_on(stdout, CLI_STYLE_PLAIN));
}

static bool on_line(void *user, cJSON *json)
{
    const cli_args *args = user;
    uint64_t missed = cli_field_number(json, "missed");
    const cJSON *line = cJSON_GetObjectItemCaseSensitive(json, "line");
    if (cli_args_json(args))
        return cli_write_json_line(line ? line : json);
    if (missed > 0)
        printf("(%" PRIu64 " line%s missed)\n", missed, missed == 1 ? "" : "s");
    else if (line)
        print_log_line(line);
    return cli_output_flush();
}

/// Sets from which level on lines are made, of the actors that are named, or of all.
static cli_exit set_level(const cli_args *args, const char *level)
{
    const char *name = cli_args_at(args, 0);
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "level", level);
    if (name)
        cJSON_AddStringToObject(request, "actor", name);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "log_level", request, "", LEVEL_TIMEOUT_MS, &result);
    cJSON_Delete(result);
    return code;
}

static cli_exit logs_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    const char *level = cli_args_flag(args, "level");
    if (level) {
        if (!name && strcmp(level, "default") == 0) {
            cli_error("--level default needs a NAME: it gives an actor the level of the node again");
            return CLI_EXIT_USAGE;
        }
        cli_exit code = set_level(args, level);
        if (code != CLI_EXIT_OK)
            return code;
    }
    cJSON *request = cJSON_CreateObject();
    cJSON_AddBoolToObject(request, "follow", cli_args_flag(args, "follow") != NULL);
    if (name)
        cJSON_AddStringToObject(request, "actor", name);
    // Past any number there is: those from now on.
    if (cli_args_flag(args, "new"))
        cJSON_AddNumberToObject(request, "after", 9007199254740991.0);
    return cli_remote_follow(args, "logs", request, on_line, (void *)(uintptr_t)args);
}

const cli_command cli_command_logs = {
    .name = "logs",
    .arguments = "[NAME]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "shows what was logged, and sets from which level on it is",
    .details = "Shows the log of a running node, the last 4,096 lines, at most 4 MiB of them:\n"
               "what components write (|) and what the runtime says (*). With NAME only the\n"
               "lines of that actor, also one that has ended; `*` in it is any run of\n"
               "characters, as in 'worker-*'.\n"
               "\n"
               "`--level` changes, while the node runs, from which level on lines are made: of\n"
               "the actors that NAME means, as long as they live, or without NAME of all others.\n"
               "`default` gives an actor the node's level again, which is `info` at first. What\n"
               "a component prints is `info`.\n"
               "\n"
               "With `--follow` it goes on until the node ends or it is interrupted, which is no\n"
               "error; the node does not wait for who reads too slowly, and says how many lines\n"
               "were missed. With `-o json` each line is an object: time_ms, level, app, actor,\n"
               "version, message_id, source, text; or has `missed`.\n",
    .flags = {{.name = "follow", .letter = 'f', .help = "go on with what comes"},
              {.name = "new", .help = "without what was before"},
              {.name = "level",
               .letter = 'l',
               .value = "LEVEL",
               .choices = "debug info warn error default",
               .help = "make lines from this level on"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = logs_run,
};
