// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/deploy_app.h"

#include "cli/fields.h"
#include "cli/output.h"
#include "cli/remote.h"

#include "airssys/capability.h"
#include "deploy/addition.h"
#include "deploy/manifest.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/// Beside the probation and the drain: compiling, and bringing up.
#define DEPLOY_TIMEOUT_MS 120000u

bool cli_is_app(const char *path)
{
    struct stat found;
    size_t len = strlen(path);
    return (stat(path, &found) == 0 && S_ISDIR(found.st_mode)) || (len > 5 && strcmp(path + len - 5, ".toml") == 0);
}

// ---------------------------------------------------------------- asking the node

/// The node of the app, unless the flags mean another one.
static cli_exit open_node(const cli_args *args, const char *app, node_client *client)
{
    node_socket_path path;
    airs_error error = {0};
    if (!app || cli_remote_socket(args) || cli_args_flag(args, "node"))
        return cli_remote_open(args, client);
    if (node_socket_find(app, &path, &error) != AIRS_OK) {
        cli_error("no node runs the app %s: `airssys up` starts one", app);
        return CLI_EXIT_NOT_FOUND;
    }
    airs_status status = node_client_open(client, path.text, &error);
    if (status != AIRS_OK)
        cli_error("%s", error.text);
    return cli_exit_of(status);
}

/// `request` is taken. One that names an actor says by that which app is meant.
static cli_exit ask(const cli_args *args, const char *app, const char *verb, cJSON *request, uint64_t timeout_ms,
                    cJSON **ret_result)
{
    node_client client;
    airs_error error = {0};
    if (cJSON_GetObjectItemCaseSensitive(request, "actor"))
        return cli_remote_ask(args, verb, request, "", timeout_ms, ret_result);
    cli_exit code = open_node(args, app, &client);
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    airs_status status = node_client_ask(&client, verb, request, timeout_ms, ret_result, &error);
    node_client_close(&client);
    if (status != AIRS_OK)
        cli_error("%s", error.text);
    return cli_exit_of(status);
}

// ---------------------------------------------------------------- what would change

static bool is_true(const cJSON *json, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, key));
}

static void print_texts(const cJSON *item, const char *key, const char *before)
{
    const cJSON *text;
    cJSON_ArrayForEach(text, cJSON_GetObjectItemCaseSensitive(item, key))
    {
        printf("  %s ", before);
        cli_write_escaped(stdout, text->valuestring, strlen(text->valuestring));
        putchar('\n');
    }
}

/// What an actor that is added has.
static void print_settings(const cJSON *item)
{
    const cJSON *value;
    cJSON_ArrayForEach(value, cJSON_GetObjectItemCaseSensitive(item, "config_values"))
    {
        printf("  setting        ");
        cli_write_escaped(stdout, value->string, strlen(value->string));
        printf(" = ");
        cli_write_escaped(stdout, value->valuestring, strlen(value->valuestring));
        putchar('\n');
    }
}

/// "changed actor ada", and what of it.
static void print_item(const cJSON *item)
{
    printf("%s %s %s\n", cli_field_text(item, "what"), cli_field_text(item, "kind"), cli_field_text(item, "name"));
    if (cJSON_GetObjectItemCaseSensitive(item, "component_name"))
        printf("  component      %s %s\n", cli_field_text(item, "component_name"), cli_field_text(item, "version"));
    else if (is_true(item, "component") && cli_field_text(item, "version")[0])
        printf("  component      %s -> %s; %s\n", cli_field_text(item, "old_version"), cli_field_text(item, "version"),
               is_true(item, "carries_state") ? "its state goes along" : "no state goes along: it starts anew");
    else if (is_true(item, "component"))
        printf("  component      another one\n");
    if (cli_field_text(item, "canary")[0])
        printf("  canary         %s is for single deployments: deployed to all at once\n",
               cli_field_text(item, "canary"));
    if (is_true(item, "config"))
        printf("  config         other settings\n");
    print_settings(item);
    if (cli_field_text(item, "exports_lost")[0])
        printf("  loses exports  %s\n", cli_field_text(item, "exports_lost"));
    print_texts(item, "swapped", "by swap       ");
    print_texts(item, "live", "live          ");
    if (cli_field_text(item, "settings")[0])
        printf("  can't change   %s\n", cli_field_text(item, "settings"));
    print_texts(item, "grants_gained", "new grant     ");
    print_texts(item, "grants_lost", "loses grant   ");
}

static bool has_texts(const cJSON *plan, const char *key)
{
    return cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(plan, key)) > 0;
}

static void print_plan(const cJSON *plan)
{
    const cJSON *item;
    const char *old_version = cli_field_text(plan, "old_version");
    const char *version = cli_field_text(plan, "version");
    printf("app %s", cli_field_text(plan, "app"));
    if (strcmp(old_version, version) != 0)
        printf(": %s -> %s", *old_version ? old_version : "no version", *version ? version : "no version");
    putchar('\n');
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(plan, "changes")) print_item(item);
    if (has_texts(plan, "root") || has_texts(plan, "next_start") || is_true(plan, "expose"))
        printf("changed app\n");
    print_texts(plan, "root", "live          ");
    print_texts(plan, "next_start", "at next start ");
    if (is_true(plan, "expose"))
        printf("  live           expose\n");
}

/// The first reason why it can't be; "" when it can.
static const char *refusal(const cJSON *plan, const char **ret_name)
{
    const cJSON *item;
    *ret_name = cli_field_text(plan, "app");
    if (cli_field_text(plan, "refused")[0])
        return cli_field_text(plan, "refused");
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(plan, "changes"))
    {
        *ret_name = cli_field_text(item, "name");
        if (cli_field_text(item, "refused")[0])
            return cli_field_text(item, "refused");
    }
    return "";
}

static bool grants_more(const cJSON *plan)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(plan, "changes"))
    {
        if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(item, "grants_gained")) > 0)
            return true;
    }
    return false;
}

bool cli_deploy_is_wanted(const char *question)
{
    char answer[8] = "";
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

bool cli_write_rehearsal(const cJSON *difference, bool well, const cJSON *result)
{
    cJSON *json = cJSON_Duplicate(difference, true);
    cJSON *rehearsal = result ? cJSON_Duplicate(result, true) : cJSON_CreateObject();
    cJSON_AddBoolToObject(rehearsal, "ok", well);
    if (!json || !cJSON_AddItemToObject(json, "rehearsal", rehearsal))
        cJSON_Delete(rehearsal);
    return cli_write_json(json);
}

/// Whether the plan adds an actor that was not there.
static bool is_new(const cJSON *plan)
{
    return cJSON_GetObjectItemCaseSensitive(plan, "near");
}

/// A name that was mistyped is a new one.
static void print_near(const cJSON *plan, const char *before, const char *after)
{
    if (cli_field_text(plan, "near")[0])
        printf("%sthere is also \"%s\"%s", before, cli_field_text(plan, "near"), after);
}

/// One that was stopped by hand is not started by what is deployed to it.
static void print_stopped(const cJSON *plan)
{
    if (is_true(plan, "stopped"))
        printf("%s is stopped, and stays so: `airssys start %s/%s` starts it\n", cli_field_text(plan, "actor"),
               cli_field_text(plan, "app"), cli_field_text(plan, "actor"));
}

static bool is_wanted(const cJSON *plan, bool more)
{
    if (!is_new(plan))
        return cli_deploy_is_wanted(more ? "deploy, with the new grants?" : "deploy?");
    char question[256];
    snprintf(question, sizeof question, "%s is not there: add it as a new actor%s?", cli_field_text(plan, "actor"),
             more ? ", with these grants" : "");
    return cli_deploy_is_wanted(question);
}

/// Whether it is to be done; `*ret_go_on` when it is.
static cli_exit confirm(const cli_args *args, const cJSON *plan, bool *ret_go_on)
{
    bool more = grants_more(plan);
    bool yes = cli_args_flag(args, "yes");
    bool dry_run = cli_args_flag(args, "dry-run");
    *ret_go_on = false;
    if (dry_run) {
        *ret_go_on = true;
        return CLI_EXIT_OK;
    }
    if (yes && more && !cli_args_flag(args, "allow-grants")) {
        cli_error("it is granted more than before: say --allow-grants too, when that is meant");
        return CLI_EXIT_DENIED;
    }
    if (!yes && !isatty(STDIN_FILENO)) {
        cli_error("nobody is there to be asked: say --yes, or --dry-run");
        return CLI_EXIT_USAGE;
    }
    *ret_go_on = yes || is_wanted(plan, more);
    return CLI_EXIT_OK;
}

// ---------------------------------------------------------------- doing it

static uint64_t time_for(const cJSON *plan, const cJSON *request)
{
    const char *key = "probation_ms";
    uint64_t probation_ms = cli_field_number(cJSON_HasObjectItem(request, key) ? request : plan, key);
    key = "drain_timeout_ms";
    uint64_t drain_ms = cli_field_number(cJSON_HasObjectItem(request, key) ? request : plan, key);
    return DEPLOY_TIMEOUT_MS + probation_ms + 3 * drain_ms;
}

static cli_exit carry_out(const cli_args *args, const char *app, const cJSON *plan, cJSON *request)
{
    cJSON *result = NULL;
    uint64_t timeout_ms = time_for(plan, request);
    cJSON_AddStringToObject(request, "digest", cli_field_text(plan, "digest"));
    if (grants_more(plan))
        cJSON_AddBoolToObject(request, "allow_grants", true);
    cli_exit code = ask(args, app, "deploy_app", request, timeout_ms, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    if (is_new(plan)) {
        printf("%s: added as a new actor of %s, as number %" PRIu64, cli_field_text(plan, "actor"),
               cli_field_text(plan, "app"), cli_field_number(result, "number"));
        print_near(plan, "; ", "");
        putchar('\n');
        cJSON_Delete(result);
        return CLI_EXIT_OK;
    }
    printf("deployed, as number %" PRIu64, cli_field_number(result, "number"));
    uint64_t pause_us = cli_field_number(result, "pause_us");
    if (pause_us > 0)
        printf("; no actor took no messages for more than %" PRIu64 " us", pause_us);
    putchar('\n');
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

/// A dry run: what would change has been shown; as JSON it goes with what came of the rehearsal.
static cli_exit rehearse(const cli_args *args, const char *app, const cJSON *plan, cJSON *request)
{
    cJSON *result = NULL;
    uint64_t timeout_ms = time_for(plan, request);
    cJSON_AddStringToObject(request, "digest", cli_field_text(plan, "digest"));
    cJSON_AddBoolToObject(request, "dry_run", true);
    cli_exit code = ask(args, app, "deploy_app", request, timeout_ms, &result);
    bool well = code == CLI_EXIT_OK;
    if (cli_args_json(args))
        code = cli_write_rehearsal(plan, well, result) ? code : CLI_EXIT_FAILURE;
    else if (well)
        printf("rehearsed well; nothing has changed\n");
    cJSON_Delete(result);
    return code;
}

/// The manifest says the same in other words, or is somewhere else: nothing is asked.
static cli_exit take(const cli_args *args, const char *app, const cJSON *plan, cJSON *request)
{
    cJSON *result = NULL;
    cJSON_AddStringToObject(request, "digest", cli_field_text(plan, "digest"));
    cli_exit code = ask(args, app, "deploy_app", request, DEPLOY_TIMEOUT_MS, &result);
    if (code != CLI_EXIT_OK)
        return code;
    if (cli_args_json(args))
        return cli_write_json(result) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
    printf("nothing to change: the app %s is the same; the manifest was taken\n", cli_field_text(plan, "app"));
    print_stopped(plan);
    cJSON_Delete(result);
    return CLI_EXIT_OK;
}

/// Shows it, and says whether it is to be carried out.
static cli_exit look(const cli_args *args, const cJSON *plan, bool *ret_go_on)
{
    const char *name;
    const char *refused = refusal(plan, &name);
    bool json = cli_args_json(args);
    *ret_go_on = false;
    if (is_true(plan, "takes") && !cli_args_flag(args, "dry-run")) {
        *ret_go_on = true;
        return CLI_EXIT_OK;
    }
    if (is_true(plan, "same")) {
        if (json)
            return cli_write_json(cJSON_Duplicate(plan, true)) ? CLI_EXIT_OK : CLI_EXIT_FAILURE;
        if (cli_field_text(plan, "actor")[0])
            printf("nothing to change: %s is just so already\n", cli_field_text(plan, "actor"));
        else
            printf("nothing to change: the app %s is just so already\n", cli_field_text(plan, "app"));
        print_stopped(plan);
        return CLI_EXIT_OK;
    }
    if (!json) {
        print_plan(plan);
        print_stopped(plan);
    }
    if (!json && !cli_args_flag(args, "yes"))
        print_near(plan, "", "\n");
    fflush(stdout);
    if (refused[0]) {
        // What would change is what a program wants to know of a dry run, also when it can't be.
        if (json && cli_args_flag(args, "dry-run") && !cli_write_json(cJSON_Duplicate(plan, true)))
            return CLI_EXIT_FAILURE;
        cli_error("%s: %s", name, refused);
        return CLI_EXIT_INVALID;
    }
    return confirm(args, plan, ret_go_on);
}

/// The app's name, and where it is: absolute.
static cli_exit read_app(const char *path, cJSON *request, char *ret_app, size_t app_size)
{
    char whole[PATH_MAX];
    deploy_manifest manifest;
    airs_error error = {0};
    airs_status status = deploy_manifest_load(&manifest, path, &error);
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        return cli_exit_of(status);
    }
    snprintf(ret_app, app_size, "%s", manifest.name.text);
    deploy_manifest_close(&manifest);
    if (!realpath(path, whole)) {
        cli_error("%s: its whole path can't be told", path);
        return CLI_EXIT_FAILURE;
    }
    cJSON_AddStringToObject(request, "path", whole);
    return CLI_EXIT_OK;
}

/// Compares, asks, deploys. `request` is taken.
static cli_exit deploy(const cli_args *args, const char *of, cJSON *request)
{
    cJSON *plan = NULL;
    bool goes_on = false;
    cli_exit code = ask(args, of, "compare_app", cJSON_Duplicate(request, true), DEPLOY_TIMEOUT_MS, &plan);
    if (code == CLI_EXIT_OK)
        code = look(args, plan, &goes_on);
    if (goes_on && is_true(plan, "takes"))
        code = take(args, of, plan, request);
    else if (goes_on && cli_args_flag(args, "dry-run"))
        code = rehearse(args, of, plan, request);
    else if (goes_on)
        code = carry_out(args, of, plan, request);
    else
        cJSON_Delete(request);
    cJSON_Delete(plan);
    return code;
}

cli_exit cli_deploy_app(const cli_args *args, const char *path, cJSON *request)
{
    char app[160] = "";
    cli_exit code = CLI_EXIT_OK;
    if (path)
        code = read_app(path, request, app, sizeof app);
    else
        cJSON_AddBoolToObject(request, "back", true);
    if (code == CLI_EXIT_OK)
        return deploy(args, app[0] ? app : NULL, request);
    cJSON_Delete(request);
    return code;
}

// ---------------------------------------------------------------- one actor more

static bool add_grants(const cli_args *args, cJSON *request)
{
    size_t cursor = 0;
    cJSON *list = cJSON_AddArrayToObject(request, "grants");
    for (const char *text; (text = cli_args_next(args, "grant", &cursor)) != NULL;) {
        airs_grant_text grant;
        airs_error error = {.text = ""};
        if (airs_grant_parse(text, &grant, &error) != AIRS_OK ||
            deploy_addition_check_grant(&grant.grant, &error) != AIRS_OK) {
            cli_error("--grant %s: %s", text, error.text);
            return false;
        }
        cJSON_AddItemToArray(list, cJSON_CreateString(text));
    }
    return true;
}

cli_exit cli_deploy_added(const cli_args *args, const char *name, cJSON *request)
{
    size_t cursor = 0;
    bool good = add_grants(args, request);
    // Said with what is done, once that was shown.
    cJSON_DeleteItemFromObjectCaseSensitive(request, "dry_run");
    for (const char *text; good && (text = cli_args_next(args, "config", &cursor)) != NULL;)
        good = cli_remote_add_setting(request, "--config ", text);
    if (good && !deploy_name_valid(name, false)) {
        cli_error("--name %s: a name is 1 to %d letters, digits and -_.:/", name, DEPLOY_NAME_LEN_MAX);
        good = false;
    }
    if (good)
        return deploy(args, NULL, request);
    cJSON_Delete(request);
    return CLI_EXIT_USAGE;
}
