// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that do something to one actor, or to all whose names match, and say nothing when it went well.
#include "cli/apps.h"
#include "cli/args.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include <cjson/cJSON.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CONTROL_TIMEOUT_MS 30000

// ---------------------------------------------------------------- whom it is about

/// One actor after the other, in one connection each; what went wrong with one is said, and the others go on.
static cli_exit control_each(const cli_args *args, const cJSON *names, uint32_t timeout_ms)
{
    cli_exit worst = CLI_EXIT_OK;
    const cJSON *name;
    cJSON_ArrayForEach(name, names)
    {
        cJSON *result = NULL;
        const char *text = cJSON_GetStringValue(name);
        cli_exit code = cli_remote_ask(args, args->command->name, cli_remote_request(text), text, timeout_ms, &result);
        cJSON_Delete(result);
        if (code != CLI_EXIT_OK)
            worst = code;
    }
    return worst;
}

/// Whether the supervisor of an actor, or one above that, is among those of the list: what is done to it is done to the
/// actor too.
static bool is_below(const cJSON *actors, const cJSON *actor, const char *pattern)
{
    const char *above = cli_field_text(actor, "supervisor");
    const cJSON *other;
    cJSON_ArrayForEach(other, actors)
    {
        if (strcmp(cli_field_text(other, "id"), above) != 0)
            continue;
        return fnmatch(pattern, cli_field_text(other, "name"), 0) == 0 || is_below(actors, other, pattern);
    }
    return false;
}

/// Adds the names of an app that match, without those below others that do; with `APP/` in front where that is said.
static void add_matching(const cJSON *app, const char *pattern, const char *in_front, cJSON *names)
{
    const cJSON *actors = cJSON_GetObjectItemCaseSensitive(app, "actors");
    const cJSON *actor;
    cJSON_ArrayForEach(actor, actors)
    {
        char whole[256];
        const char *name = cli_field_text(actor, "name");
        if (!*name || fnmatch(pattern, name, 0) != 0 || is_below(actors, actor, pattern))
            continue;
        snprintf(whole, sizeof whole, "%s%s%s", in_front ? in_front : "", in_front ? "/" : "", name);
        cJSON_AddItemToArray(names, cJSON_CreateString(whole));
    }
}

/// The same of each app whose name matches what stands before the slash.
static cJSON *find_in_apps(const cli_apps *apps, const char *pattern, cli_exit *ret_code)
{
    cJSON *all = NULL;
    cJSON *names = cJSON_CreateArray();
    char of_app[80];
    snprintf(of_app, sizeof of_app, "%.*s", (int)strcspn(pattern, "/"), pattern);
    *ret_code = cli_apps_ask_all(apps, "ps", NULL, CONTROL_TIMEOUT_MS, &all);
    const cJSON *app;
    cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(all, "apps"))
    {
        const char *name = cli_field_text(app, "app");
        if (fnmatch(of_app, name, 0) == 0)
            add_matching(app, strchr(pattern, '/') + 1, name, names);
    }
    cJSON_Delete(all);
    return names;
}

/// The names that match; NULL, and the reason is printed, when there are none. Of several apps the pattern says which.
static cJSON *find_matching(const cli_args *args, const char *pattern, cli_exit *ret_code)
{
    cJSON *result = NULL;
    cJSON *names;
    cli_apps apps;
    cli_apps_find(args, &apps);
    if (apps.count > 1 && strchr(pattern, '/')) {
        names = find_in_apps(&apps, pattern, ret_code);
    } else {
        *ret_code = cli_remote_ask(args, "ps", NULL, "", CONTROL_TIMEOUT_MS, &result);
        names = *ret_code == CLI_EXIT_OK ? cJSON_CreateArray() : NULL;
        if (names)
            add_matching(result, pattern, NULL, names);
        cJSON_Delete(result);
    }
    cli_apps_fini(&apps);
    if (*ret_code != CLI_EXIT_OK) {
        cJSON_Delete(names);
        return NULL;
    }
    if (cJSON_GetArraySize(names) > 0)
        return names;
    cJSON_Delete(names);
    cli_error("no actor's name matches %s: `airssys ps` lists them", pattern);
    *ret_code = CLI_EXIT_NOT_FOUND;
    return NULL;
}

/// The verb of the node is called as that of the command line.
static cli_exit control_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", CONTROL_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cJSON *result = NULL;
    cli_exit code;
    if (!strchr(name, '*')) {
        code = cli_remote_ask(args, args->command->name, cli_remote_request(name), name, timeout_ms, &result);
        cJSON_Delete(result);
        return code;
    }
    cJSON *names = find_matching(args, name, &code);
    if (names)
        code = control_each(args, names, timeout_ms);
    cJSON_Delete(names);
    return code;
}

static cli_exit start_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", CONTROL_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "start", cli_remote_request(name), name, timeout_ms, &result);
    if (code == CLI_EXIT_OK && cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(result, "started")))
        printf("it runs already: %s\n", name);
    cJSON_Delete(result);
    return code;
}

static cli_exit scale_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    const char *number = cli_args_at(args, 1);
    uint32_t timeout_ms;
    airs_error error;
    if (cli_args_duration_ms(args, "timeout", CONTROL_TIMEOUT_MS, &timeout_ms, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    if (strlen(number) > 7 || number[strspn(number, "0123456789")] != '\0' || !*number) {
        cli_error("%s: must be a whole number, how many instances there are to be", number);
        return CLI_EXIT_USAGE;
    }
    cJSON *request = cli_remote_request(name);
    cJSON_AddNumberToObject(request, "instances", (double)strtoul(number, NULL, 10));
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "scale", request, name, timeout_ms, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    printf("%" PRIu64 " -> %" PRIu64 " instances: ", cli_field_number(result, "before"),
           cli_field_number(result, "instances"));
    cli_write_escaped(stdout, name, strlen(name));
    putchar('\n');
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

#define FLAGS                                                                                                 \
    {                                                                                                         \
        {.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait (30s)"}, CLI_FLAG_NODE, \
            CLI_FLAG_SOCKET                                                                                   \
    }
#define EXITS CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(TIMEOUT)

const cli_command cli_command_restart = {
    .name = "restart",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor and starts it again",
    .details = "Stops an actor of a running node, with all its children, and starts it again,\n"
               "whatever its restart type; also one that waits for its backoff, is quarantined\n"
               "or has ended with its place kept. Waits until it is ready. Its siblings go on,\n"
               "its id and its mailbox stay, and it does not count against `max_restarts`.\n",
    .flags = FLAGS,
    .exits = EXITS | CLI_EXIT_BIT(FAILED),
    .run = control_run,
};

const cli_command cli_command_kill = {
    .name = "kill",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "ends an actor at once; its supervisor decides what comes of it",
    .details = "Ends an actor of a running node at once: its component is not told to stop. To\n"
               "its supervisor that is a failure like others, with the reason `killed`, which it\n"
               "answers as the restart type, the backoff and `max_restarts` say. `stop` ends one\n"
               "for good.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_pause = {
    .name = "pause",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets an actor take no more messages",
    .details = "Lets an actor of a running node finish what it has in hand and take no more\n"
               "messages until `airssys resume`; of a supervisor, all below it. It keeps its\n"
               "state, what is sent to it waits in its mailbox, who asks it may wait in vain.\n"
               "Waits until it has come to rest.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_resume = {
    .name = "resume",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "lets a paused actor go on",
    .details = "Lets an actor that was paused go on; of a supervisor, all below it.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_quarantine = {
    .name = "quarantine",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor until it is released",
    .details = "Stops an actor of a running node, with all its children, and does not start it\n"
               "again until `airssys release`, whatever happens. What is sent to it waits in its\n"
               "mailbox. Its siblings go on, also when their supervisor starts them all again.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_release = {
    .name = "release",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "starts a quarantined actor again",
    .details = "Starts an actor again that was quarantined, with all its children, and waits\n"
               "until it is ready.\n",
    .flags = FLAGS,
    .exits = EXITS | CLI_EXIT_BIT(FAILED),
    .run = control_run,
};

const cli_command cli_command_stop = {
    .name = "stop",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor for good",
    .details = "Stops an actor of a running node for good, with all its children, and waits\n"
               "until it has ended. Its supervisor does not start it again, nor does the node\n"
               "when it is started anew: `start` does that. In NAME `*` is any run of\n"
               "characters, as in 'worker-*': all that match. To stop the whole node, interrupt\n"
               "`airssys run`.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_start = {
    .name = "start",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "starts an actor or a group that was stopped",
    .details = "Starts an actor again that does not run: one that was stopped, or has ended, is\n"
               "made anew as the manifest says, without the state it had; a group with all that\n"
               "belongs to it, and with the children that `scale` and `spawn` gave it. It is\n"
               "there again when the node is started anew. One in quarantine is released, one\n"
               "that waits for its backoff starts at once. Waits until it is ready. One that\n"
               "runs already is left alone.\n",
    .flags = FLAGS,
    .exits = EXITS | CLI_EXIT_BIT(FAILED) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(LIMIT),
    .run = start_run,
};

const cli_command cli_command_rm = {
    .name = "rm",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "stops an actor or a group, and forgets it",
    .details = "Stops an actor for good, as `stop` does, with all its children, and forgets it:\n"
               "`start` does not know it any more, nor is it there when the node is started\n"
               "anew. A deployment of the whole app (`airssys deploy APP`) whose manifest has it\n"
               "brings it back. 'NAME' may be a pattern.\n",
    .flags = FLAGS,
    .exits = EXITS,
    .run = control_run,
};

const cli_command cli_command_scale = {
    .name = "scale",
    .arguments = "GROUP N",
    .arguments_min = 2,
    .arguments_max = 2,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "starts or stops children of a group until there are N",
    .details = "Makes as many children of a simple_one_for_one group as it takes, of the group's\n"
               "template, or stops the newest, until there are N. Waits until each is ready, or\n"
               "has ended. One that does not start ends it; those before it stay. They are there\n"
               "again when the node is started anew.\n",
    .flags = {{.name = "timeout", .letter = 't', .value = "TIME", .help = "how long to wait (30s)"},
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = EXITS | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(FAILED) | CLI_EXIT_BIT(LIMIT),
    .run = scale_run,
};
