// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/apps.h"

#include "cli/output.h"
#include "cli/remote.h"

#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// How long an app may take to say whether it has an actor.
#define LOOK_TIMEOUT_MS 5000

// ---------------------------------------------------------------- which ones run

static bool add(void *user, const char *path)
{
    cli_apps *apps = user;
    cli_app *app = &apps->list[apps->count];
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *end = strrchr(name, '.');
    size_t len = end ? (size_t)(end - name) : strlen(name);
    if (len == 0 || len >= sizeof app->name)
        return true;
    snprintf(app->name, sizeof app->name, "%.*s", (int)len, name);
    snprintf(app->socket.text, sizeof app->socket.text, "%s", path);
    return ++apps->count < CLI_APPS_MAX;
}

static int compare(const void *a, const void *b)
{
    const cli_app *left = a;
    const cli_app *right = b;
    return strcmp(left->name, right->name);
}

void cli_apps_find(const cli_args *args, cli_apps *apps)
{
    *apps = (cli_apps){0};
    if (cli_args_flag(args, "node") || cli_remote_socket(args))
        return;
    apps->list = calloc(CLI_APPS_MAX, sizeof *apps->list);
    if (!apps->list)
        return;
    node_socket_each(add, apps);
    qsort(apps->list, apps->count, sizeof *apps->list, compare);
}

void cli_apps_fini(cli_apps *apps)
{
    free(apps->list);
    *apps = (cli_apps){0};
}

static const cli_app *find(const cli_apps *apps, const char *name, size_t len)
{
    for (size_t i = 0; i < apps->count; i++) {
        if (strlen(apps->list[i].name) == len && memcmp(apps->list[i].name, name, len) == 0)
            return &apps->list[i];
    }
    return NULL;
}

static airs_status ask(const cli_app *app, const char *verb, cJSON *request, uint64_t timeout_ms, cJSON **ret_result,
                       airs_error *error)
{
    node_client client;
    airs_status status = node_client_open(&client, app->socket.text, error);
    if (status != AIRS_OK) {
        cJSON_Delete(request);
        return status;
    }
    status = node_client_ask(&client, verb, request, timeout_ms, ret_result, error);
    node_client_close(&client);
    return status;
}

// ---------------------------------------------------------------- whose an actor is

/// E_NOT_FOUND: it has none of that name, or it does not run any more. Any other error is no answer.
static airs_status look_for(const cli_app *app, const char *name, airs_error *error)
{
    cJSON *result = NULL;
    airs_error wrong = {.text = ""};
    airs_status status = ask(app, "info", cli_remote_request(name), LOOK_TIMEOUT_MS, &result, &wrong);
    cJSON_Delete(result);
    if (status == AIRS_OK || status == AIRS_E_NOT_FOUND || status == AIRS_E_GONE)
        return status == AIRS_OK ? AIRS_OK : AIRS_E_NOT_FOUND;
    return base_error_set(error, status, "whether the app %s has an actor %s is not known: %s", app->name, name,
                          wrong.text);
}

/// The one of several apps that has an actor of the name.
static airs_status find_owner(const cli_apps *apps, const char *name, const cli_app **ret_app, airs_error *error)
{
    char candidates[600] = "";
    char all[300] = "";
    size_t found = 0;
    for (size_t i = 0; i < apps->count; i++) {
        const cli_app *app = &apps->list[i];
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", app->name);
        airs_status status = look_for(app, name, error);
        if (status == AIRS_E_NOT_FOUND)
            continue;
        if (status != AIRS_OK)
            return status;
        used = strlen(candidates);
        snprintf(candidates + used, sizeof candidates - used, "%s%s/%s", found ? ", " : "", app->name, name);
        *ret_app = app;
        found++;
    }
    if (found == 1)
        return AIRS_OK;
    *ret_app = NULL;
    if (found > 1)
        return base_error_set(error, AIRS_E_INVALID, "several apps have an actor of this name: say which: %s",
                              candidates);
    return base_error_set(error, AIRS_E_NOT_FOUND,
                          "no actor is named %s in any of the apps that run (%s): one that does not run, or a new one, "
                          "is APP/%s",
                          name, all, name);
}

/// The key by which a request names an actor, and that name; NULL when it names none.
static const char *actor_key(const cJSON *request, const char **ret_name)
{
    static const char *const keys[] = {"actor", "supervisor"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        *ret_name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request, keys[i]));
        if (*ret_name && **ret_name)
            return keys[i];
    }
    return NULL;
}

airs_status cli_apps_of_request(const cli_apps *apps, cJSON *request, const cli_app **ret_app, airs_error *error)
{
    const char *name;
    const char *key = actor_key(request, &name);
    *ret_app = NULL;
    if (!key || apps->count == 0)
        return AIRS_OK;
    // Names may have a slash in them: then no app is called so.
    size_t len = strcspn(name, "/");
    const cli_app *app = name[len] && name[len + 1] ? find(apps, name, len) : NULL;
    if (!app)
        return apps->count == 1 || strchr(name, '*') ? AIRS_OK : find_owner(apps, name, ret_app, error);
    cJSON *rest = cJSON_CreateString(name + len + 1);
    if (!rest || !cJSON_ReplaceItemInObjectCaseSensitive(request, key, rest))
        return base_error_set(error, AIRS_E_NOMEM, "out of memory");
    *ret_app = app;
    return AIRS_OK;
}

// ---------------------------------------------------------------- all of them

cli_exit cli_apps_ask_all(const cli_apps *apps, const char *verb, const cJSON *request, uint64_t timeout_ms,
                          cJSON **ret_result)
{
    cli_exit worst = CLI_EXIT_OK;
    cJSON *all = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(all, "apps");
    for (size_t i = 0; i < apps->count; i++) {
        const cli_app *app = &apps->list[i];
        airs_error error = {0};
        cJSON *result = NULL;
        airs_status status =
            ask(app, verb, request ? cJSON_Duplicate(request, true) : NULL, timeout_ms, &result, &error);
        if (status != AIRS_OK) {
            // It may have ended in this moment.
            cli_error("%s: %s", app->name, error.text);
            worst = cli_exit_of(status);
            continue;
        }
        if (!result)
            result = cJSON_CreateObject();
        if (!cJSON_HasObjectItem(result, "app"))
            cJSON_AddStringToObject(result, "app", app->name);
        cJSON_AddItemToArray(list, result);
    }
    *ret_result = all;
    return worst;
}
