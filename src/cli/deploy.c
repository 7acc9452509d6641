// SPDX-License-Identifier: MIT OR Apache-2.0
/// deploy, promote and rollback: another version in the place of the one that runs.
#include "base/quantity.h"
#include "cli/args.h"
#include "cli/deploy_app.h"
#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"
#include "deploy/condition.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS 86400000u
/// Beside the probation and the drain: compiling, and bringing up.
#define DEPLOY_TIMEOUT_MS 120000u

#define FLAG_PROBATION                                                                                 \
    {                                                                                                  \
        .name = "probation", .value = "TIME", .help = "how long a failure puts the old one back (10s)" \
    }
#define FLAG_DRAIN                                                                                        \
    {                                                                                                     \
        .name = "drain-timeout", .value = "TIME", .help = "how long to wait for the end of an event (5s)" \
    }
#define FLAG_ROLLBACK_STATE                                                      \
    {                                                                            \
        .name = "rollback-state", .value = "STATE", .choices = "carry snapshot", \
        .help = "with which state the old version comes back (carry)"            \
    }

#define FLAG_NO_STATE                                                             \
    {                                                                             \
        .name = "on-no-state", .value = "POLICY", .choices = "auto fresh refuse", \
        .help = "what becomes of one without `state` (auto)"                      \
    }

/// Adds a time that a flag says; without the flag it is what the manifest says, or the default.
static airs_status add_time(cJSON *request, const cli_args *args, const char *flag, const char *key, airs_error *error)
{
    uint32_t time_ms;
    airs_status status = cli_args_duration_ms(args, flag, 0, &time_ms, error);
    if (status == AIRS_OK && cli_args_flag(args, flag))
        cJSON_AddNumberToObject(request, key, time_ms);
    return status;
}

/// Shares and conditions are read here already, so that the error says which flag it is about.
static airs_status check_canary(const cli_args *args, airs_error *error)
{
    const char *share = cli_args_flag(args, "canary");
    const char *promote = cli_args_flag(args, "promote-when"), *rollback = cli_args_flag(args, "rollback-when");
    uint32_t ignored_ppm;
    condition ignored;
    airs_status status = AIRS_OK;
    if (share && strcmp(share, "none") != 0)
        status = condition_parse_share(share, "--canary", &ignored_ppm, error);
    if (status == AIRS_OK && promote)
        status = condition_parse(promote, "--promote-when", &ignored, error);
    return status == AIRS_OK && rollback ? condition_parse(rollback, "--rollback-when", &ignored, error) : status;
}

/// Who deploys. A service has no USER.
static void add_user(cJSON *request)
{
    char text[24];
    const char *name = getenv("USER");
    const struct passwd *user = name && *name ? NULL : getpwuid(geteuid());
    if (user)
        name = user->pw_name;
    if (!name || !*name) {
        snprintf(text, sizeof text, "%u", (unsigned)geteuid());
        name = text;
    }
    node_json_add_text(request, "by", name);
}

/// Adds what the flags say to a request.
static cli_exit add_options(cJSON *request, const cli_args *args)
{
    airs_error error;
    if (check_canary(args, &error) != AIRS_OK)
        return cli_args_refuse(&error);
    if (add_time(request, args, "probation", "probation_ms", &error) != AIRS_OK ||
        add_time(request, args, "drain-timeout", "drain_timeout_ms", &error) != AIRS_OK)
        return cli_args_refuse(&error);
    const char *state = cli_args_flag(args, "rollback-state");
    if (state)
        cJSON_AddStringToObject(request, "rollback_state", state);
    static const char *const keys[][2] = {{"on-no-state", "on_no_state"},
                                          {"canary", "canary"},
                                          {"canary-by", "canary_by"},
                                          {"promote-when", "promote_when"},
                                          {"rollback-when", "rollback_when"}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *text = cli_args_flag(args, keys[i][0]);
        if (text)
            cJSON_AddStringToObject(request, keys[i][1], text);
    }
    add_user(request);
    return CLI_EXIT_OK;
}

static uint64_t time_in(const cJSON *json, const char *key)
{
    // A day is the most.
    return cJSON_HasObjectItem(json, key) ? cli_field_number(json, key) : DAY_MS;
}

/// How long a deployment may take by these options. Each of three rounds may wait for the end of an event.
static uint64_t time_for(const cJSON *options)
{
    return DEPLOY_TIMEOUT_MS + time_in(options, "probation_ms") + UINT64_C(3) * time_in(options, "drain_timeout_ms");
}

/// "ada 1.0.0 -> 2.0.0" and what else would change.
static void print_difference(const char *name, const cJSON *json)
{
    printf("%s: %s %s -> %s %s\n", name, cli_field_text(json, "old_component"), cli_field_text(json, "old_version"),
           cli_field_text(json, "component"), cli_field_text(json, "version"));
    bool carries = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "carries_state"));
    printf("  state    %s\n", carries ? "goes along" : "none goes along: it starts anew");
    if (cli_field_text(json, "gains")[0])
        printf("  gains    %s\n", cli_field_text(json, "gains"));
    if (cli_field_text(json, "loses")[0])
        printf("  loses    %s\n", cli_field_text(json, "loses"));
    char share[BASE_QUANTITY_MAX];
    if (cJSON_HasObjectItem(json, "canary_ppm"))
        printf("  canary   %s%% at first\n",
               base_number_format(share, (double)cli_field_number(json, "canary_ppm") / 10000.0, 6));
}

/// Shows what would change, `difference`. `*ret_go_on` when it is to be done.
static cli_exit look(const cli_args *args, const cJSON *difference, const char *name, bool *ret_go_on)
{
    cli_exit code = CLI_EXIT_OK;
    bool same = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(difference, "same"));
    bool json = cli_args_json(args);
    const char *refused = cli_field_text(difference, "refused");
    bool asks = !cli_args_flag(args, "yes") && !cli_args_flag(args, "dry-run");
    *ret_go_on = false;
    if (same) {
        if (!json)
            printf("%s has this very component already\n", name);
        else if (!cli_write_json(cJSON_Duplicate(difference, true)))
            code = CLI_EXIT_FAILURE;
    } else if (refused[0]) {
        code = CLI_EXIT_INVALID;
        // What would change is what a program wants to know of a dry run, also when it can't be.
        if (json && cli_args_flag(args, "dry-run") && !cli_write_json(cJSON_Duplicate(difference, true)))
            code = CLI_EXIT_FAILURE;
        cli_error("%s: %s", name, refused);
    } else {
        if (!json)
            print_difference(name, difference);
        if (asks && !isatty(STDIN_FILENO)) {
            cli_error("nobody is there to be asked: say --yes, or --dry-run");
            code = CLI_EXIT_USAGE;
        }
        *ret_go_on = code == CLI_EXIT_OK && (!asks || cli_deploy_is_wanted("deploy?"));
    }
    return code;
}

static void print_result(const char *name, const cJSON *result, bool dry_run)
{
    const char *text = cli_field_text(result, "text");
    bool deployed = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "deployed"));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(result, "canary")))
        printf("%s: a canary runs, by %s; it ends with `airssys promote %s` or `airssys rollback %s`\n", name,
               cli_field_text(result, "canary_by"), name, name);
    else if (dry_run)
        printf("%s: rehearsed well; nothing has changed\n", name);
    else if (!deployed && *text)
        printf("%s: the old version stays: %s\n", name, text);
    else
        printf("%s: deployed, as number %" PRIu64 "; it took no messages for %" PRIu64 " us\n", name,
               cli_field_number(result, "number"), cli_field_number(result, "pause_us"));
}

static cli_exit ask_and_print(const cli_args *args, const char *verb, cJSON *request, const char *name,
                              uint64_t timeout_ms)
{
    cJSON *result = NULL;
    bool dry_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "dry_run"));
    cli_exit code = cli_remote_ask(args, verb, request, name, timeout_ms, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    print_result(name, result, dry_run);
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

/// A dry run as JSON: what would change, and what came of the rehearsal. `request` is taken.
static cli_exit rehearse(const cli_args *args, const cJSON *difference, cJSON *request, const char *name)
{
    cJSON *result = NULL;
    cli_exit code = cli_remote_ask(args, "deploy", request, name, time_for(difference), &result);
    if (!cli_write_rehearsal(difference, code == CLI_EXIT_OK, result))
        code = CLI_EXIT_FAILURE;
    cJSON_Delete(result);
    return code;
}

/// Compares, asks, deploys. `request` is taken.
static cli_exit deploy_actor(const cli_args *args, cJSON *request, const char *name)
{
    cJSON *difference = NULL;
    bool goes_on = false;
    airs_error error = {0};
    cli_exit code =
        cli_remote_try(args, "compare", cJSON_Duplicate(request, true), DEPLOY_TIMEOUT_MS, &difference, &error);
    // One that is not there is a new one.
    if (cli_remote_is_nobody(&error))
        return cli_deploy_added(args, name, request);
    if (error.status != AIRS_OK)
        code = cli_remote_say(&error, name);
    if (code == CLI_EXIT_OK)
        code = look(args, difference, name, &goes_on);
    // What was shown is what is deployed.
    if (goes_on && cli_field_text(difference, "digest")[0])
        cJSON_AddStringToObject(request, "digest", cli_field_text(difference, "digest"));
    if (goes_on && cli_args_json(args) && cli_args_flag(args, "dry-run"))
        code = rehearse(args, difference, request, name);
    else if (goes_on)
        code = ask_and_print(args, "deploy", request, name, time_for(difference));
    else
        cJSON_Delete(request);
    cJSON_Delete(difference);
    return code;
}

static cli_exit deploy_run(const cli_args *args)
{
    const char *path = cli_args_at(args, 0);
    const char *name = cli_args_flag(args, "name");
    if (!name && cli_is_app(path)) {
        cJSON *request = cJSON_CreateObject();
        cli_exit code = add_options(request, args);
        if (code == CLI_EXIT_OK)
            return cli_deploy_app(args, path, request);
        cJSON_Delete(request);
        return code;
    }
    if (!name && access(path, F_OK) != 0) {
        cli_error("no such app or component: %s", path);
        return CLI_EXIT_NOT_FOUND;
    }
    if (!name) {
        cli_error("which actor? --name NAME");
        return CLI_EXIT_USAGE;
    }
    char whole[PATH_MAX];
    // A component that the node keeps is named by its hash, or the beginning of it.
    bool is_hash = strlen(path) >= 8 && strspn(path, "0123456789abcdef") == strlen(path);
    if (!realpath(path, whole) && is_hash && strlen(path) < sizeof whole) {
        memcpy(whole, path, strlen(path) + 1);
    } else if (!realpath(path, whole)) {
        cli_error("%s: no such file", path);
        return CLI_EXIT_NOT_FOUND;
    }
    cJSON *request = cli_remote_request(name);
    cJSON_AddStringToObject(request, "component", whole);
    cli_exit code = add_options(request, args);
    if (code == CLI_EXIT_OK && (cli_args_flag(args, "config") || cli_args_flag(args, "grant")))
        return cli_deploy_added(args, name, request);
    if (cli_args_flag(args, "dry-run"))
        cJSON_AddBoolToObject(request, "dry_run", true);
    if (code == CLI_EXIT_OK)
        return deploy_actor(args, request, name);
    cJSON_Delete(request);
    return code;
}

static cli_exit rollback_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    if (!name != !!cli_args_flag(args, "app")) {
        cli_error("what goes back? an actor, NAME, or the whole app, --app");
        return CLI_EXIT_USAGE;
    }
    cJSON *request = name ? cli_remote_request(name) : cJSON_CreateObject();
    cli_exit code = add_options(request, args);
    if (code == CLI_EXIT_OK && !name)
        return cli_deploy_app(args, NULL, request);
    if (cli_args_flag(args, "dry-run"))
        cJSON_AddBoolToObject(request, "dry_run", true);
    if (code == CLI_EXIT_OK)
        return ask_and_print(args, "rollback", request, name, time_for(request));
    cJSON_Delete(request);
    return code;
}

static cli_exit promote_run(const cli_args *args)
{
    const char *name = cli_args_at(args, 0);
    // What it waits for has been said when it was deployed.
    return ask_and_print(args, "promote", cli_remote_request(name), name, DAY_MS);
}

// ---------------------------------------------------------------- the verbs

const cli_command cli_command_deploy = {
    .name = "deploy",
    .arguments = "APP|COMPONENT.wasm",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FILE,
    .summary = "puts another version in the place of one that runs, or adds an actor",
    .details = "Deploys an app, a folder with an airssys.toml or the manifest, onto the one of\n"
               "its name that runs: what would change is shown, and asked about; then actors\n"
               "that are new are started, components and settings that change are swapped,\n"
               "grants are given and taken, and what is no part of the app any more is stopped.\n"
               "All of that, or none. New grants are named, and need --allow-grants beside\n"
               "--yes.\n"
               "\n"
               "With --name, gives an actor of a running node another component. It keeps its\n"
               "name, mailbox, subscriptions and timers, and its state where both versions\n"
               "export `state`. What would change is shown first. The new version is rehearsed\n"
               "on a copy of the state before anything changes, and is on probation afterwards:\n"
               "a failure puts the old one back by itself. Exit code 6 then, and the text says\n"
               "why. In the place of a file, the hash of a component that the node keeps\n"
               "(`airssys add`), or its first 8 digits or more.\n"
               "An actor that is not there is added to the app, as if its manifest had it: with\n"
               "--config KEY=VALUE and --grant GRANT (as of `airssys grant`), each as often as\n"
               "needed, and --allow-grants beside --yes where it is granted something. That it\n"
               "is a new one is said. With these flags an actor that was added so before gets\n"
               "what they say beside what it has.\n"
               "With --canary a share gets the new version first, until it is promoted (`airssys\n"
               "promote`) or rolled back (`airssys rollback`), or a condition does that: of a\n"
               "group so many of its children, else so much of what the actor is sent. 0% brings\n"
               "it up beside the old one, and it handles nothing until it is promoted.\n",
    .flags =
        {{.name = "name", .value = "NAME", .complete = CLI_COMPLETE_ACTOR, .help = "the actor, a new one, or a group"},
         {.name = "config", .value = "KEY=VALUE", .repeats = true, .help = "a setting of a new actor; may repeat"},
         {.name = "grant", .value = "GRANT", .repeats = true, .help = "what a new actor may do; may repeat"},
         {.name = "yes", .letter = 'y', .help = "do not ask"},
         {.name = "allow-grants", .help = "also when it is granted more than before"},
         {.name = "dry-run", .help = "only rehearse; nothing changes"},
         FLAG_PROBATION,
         FLAG_DRAIN,
         FLAG_NO_STATE,
         FLAG_ROLLBACK_STATE,
         {.name = "canary", .value = "SHARE", .help = "try it with a share first: 5%; or none"},
         {.name = "canary-by",
          .value = "WHAT",
          .choices = "auto instance sender message",
          .help = "what the share is of (auto)"},
         {.name = "promote-when", .value = "COND", .help = "\"errors<0.1% p99<2ms for 60s\""},
         {.name = "rollback-when", .value = "COND", .help = "\"errors>1% messages>=100\""},
         CLI_FLAG_OUTPUT,
         CLI_FLAG_NODE,
         CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = deploy_run,
};

const cli_command cli_command_promote = {
    .name = "promote",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "gives all the version that a canary tries",
    .details = "Ends the canary that runs on an actor or a group (`airssys deploy --canary`):\n"
               "all get the new version, and are on probation as after any deployment. Waits for\n"
               "the end of that.\n",
    .flags = {CLI_FLAG_OUTPUT, CLI_FLAG_NODE, CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(FAILED) | CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = promote_run,
};

const cli_command cli_command_rollback = {
    .name = "rollback",
    .arguments = "[NAME]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_ACTOR,
    .summary = "puts the version before back",
    .details = "Gives an actor of a running node the component that it had before its last\n"
               "deployment: a deployment like any other, with a rehearsal and a probation. While\n"
               "a canary runs it ends that, and the old version is everywhere.\n"
               "--app puts the whole app back to what it was before its last deployment as a\n"
               "whole: the manifest, the components, and what follows from it.\n",
    .flags = {{.name = "app", .help = "the whole app"},
              {.name = "yes", .letter = 'y', .help = "of an app: do not ask"},
              {.name = "allow-grants", .help = "of an app: also when it is granted more than before"},
              {.name = "dry-run", .help = "only rehearse; nothing changes"},
              FLAG_PROBATION,
              FLAG_DRAIN,
              FLAG_NO_STATE,
              FLAG_ROLLBACK_STATE,
              CLI_FLAG_OUTPUT,
              CLI_FLAG_NODE,
              CLI_FLAG_SOCKET},
    .exits = CLI_EXIT_BIT(NOT_FOUND) | CLI_EXIT_BIT(INVALID) | CLI_EXIT_BIT(DENIED) | CLI_EXIT_BIT(FAILED) |
             CLI_EXIT_BIT(TIMEOUT) | CLI_EXIT_BIT(LIMIT),
    .run = rollback_run,
};
