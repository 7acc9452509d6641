// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/remote.h"

#include "base/bytes.h"
#include "cli/apps.h"
#include "cli/output.h"
#include "deploy/file.h"
#include "node/protocol.h"
#include "os/poller.h"

#include <cjson/cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

const char *cli_remote_socket(const cli_args *args)
{
    const char *path = cli_args_flag(args, "socket");
    if (!path)
        path = getenv("AIRSSYS_SOCKET");
    return path && *path ? path : NULL;
}

airs_status cli_remote_open_quietly(const cli_args *args, node_client *client, airs_error *error)
{
    const char *path = cli_remote_socket(args);
    const char *app = cli_args_flag(args, "node");
    airs_status status = AIRS_OK;
    node_socket_path found;
    // A node that is named is meant more than a socket that lies in the environment.
    if (app || !path) {
        status = node_socket_find(app, &found, error);
        path = found.text;
    }
    return status == AIRS_OK ? node_client_open(client, path, error) : status;
}

cli_exit cli_remote_open(const cli_args *args, node_client *client)
{
    airs_error error = {0};
    airs_status status = cli_remote_open_quietly(args, client, &error);
    if (status == AIRS_OK)
        return CLI_EXIT_OK;
    cli_error("%s", error.text);
    return status == AIRS_E_INVALID ? CLI_EXIT_USAGE : cli_exit_of(status);
}

/// Connects to the app that the request is about: by the actor that it names, where nobody has said which one is meant.
static cli_exit open_for(const cli_args *args, cJSON *request, node_client *client)
{
    cli_apps apps;
    const cli_app *app;
    airs_error error = {0};
    cli_apps_find(args, &apps);
    airs_status status = cli_apps_of_request(&apps, request, &app, &error);
    if (status == AIRS_OK && !app) {
        cli_apps_fini(&apps);
        return cli_remote_open(args, client);
    }
    if (status == AIRS_OK)
        status = node_client_open(client, app->socket.text, &error);
    cli_apps_fini(&apps);
    if (status != AIRS_OK)
        cli_error("%s", error.text);
    return status == AIRS_E_INVALID ? CLI_EXIT_USAGE : cli_exit_of(status);
}

/// Whether a sentence has a name in quotes: then it has said already who is meant.
static bool names(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; (at = strchr(at, '"')) != NULL; at++) {
        if (strncmp(at + 1, name, len) == 0 && at[1 + len] == '"')
            return true;
    }
    return false;
}

cli_exit cli_remote_try(const cli_args *args, const char *verb, cJSON *request, uint64_t timeout_ms, cJSON **ret_result,
                        airs_error *ret_error)
{
    node_client client;
    *ret_error = (airs_error){.status = AIRS_OK};
    cli_exit code = open_for(args, request, &client);
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    airs_error error = {0};
    airs_status status = node_client_ask(&client, verb, request, timeout_ms, ret_result, &error);
    node_client_close(&client);
    error.status = status;
    *ret_error = error;
    return cli_exit_of(status);
}

bool cli_remote_is_nobody(const airs_error *error)
{
    return error->status == AIRS_E_NOT_FOUND && strncmp(error->text, "no actor is named ", 18) == 0;
}

cli_exit cli_remote_say(const airs_error *error, const char *where)
{
    // "No actor is named x" says already where; when it does not say who was meant, who could have been.
    if (cli_remote_is_nobody(error) && !strstr(error->text, "did you mean"))
        cli_error("%s: `airssys ps` lists those that run", error->text);
    else if (error->status == AIRS_E_NOT_FOUND || !*where || names(error->text, where))
        cli_error("%s", error->text);
    else
        cli_error("%s: %s", error->text, where);
    return cli_exit_of(error->status);
}

cli_exit cli_remote_ask(const cli_args *args, const char *verb, cJSON *request, const char *where, uint64_t timeout_ms,
                        cJSON **ret_result)
{
    airs_error error;
    cli_exit code = cli_remote_try(args, verb, request, timeout_ms, ret_result, &error);
    return error.status == AIRS_OK ? code : cli_remote_say(&error, where);
}

/// A descriptor that is readable when the process is told to end; -1 when there is none to be had. The signals wait
/// there and do nothing else.
static int end_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

cli_exit cli_remote_follow(const cli_args *args, const char *verb, cJSON *request, node_line_fn fn, void *user)
{
    node_client client;
    cli_exit code = open_for(args, request, &client);
    if (code != CLI_EXIT_OK) {
        cJSON_Delete(request);
        return code;
    }
    airs_error error = {0};
    int ended = end_signals();
    airs_status status = node_client_follow(&client, verb, request, ended, fn, user, &error);
    node_client_close(&client);
    os_fd_close(ended);
    if (status == AIRS_OK)
        return CLI_EXIT_OK;
    cli_error("%s", error.text);
    return status == AIRS_E_INVALID ? CLI_EXIT_USAGE : cli_exit_of(status);
}

cJSON *cli_remote_request(const char *actor)
{
    cJSON *request = cJSON_CreateObject();
    cJSON_AddStringToObject(request, "actor", actor);
    return request;
}

bool cli_remote_add_setting(cJSON *request, const char *before, const char *text)
{
    cJSON *config = cJSON_GetObjectItemCaseSensitive(request, "config");
    size_t len = strcspn(text, "=");
    char key[128];
    if (!config)
        config = cJSON_AddObjectToObject(request, "config");
    if (len == 0 || len >= sizeof key || text[len] != '=') {
        cli_error("%s%s: must be a setting, KEY=VALUE", before, text);
        return false;
    }
    snprintf(key, sizeof key, "%.*s", (int)len, text);
    if (cJSON_GetObjectItemCaseSensitive(config, key)) {
        cli_error("the setting %s is given twice", key);
        return false;
    }
    cJSON_AddStringToObject(config, key, text + len + 1);
    return true;
}

cli_exit cli_remote_add_payload(cJSON *request, const char *argument)
{
    airs_error error = {0};
    airs_status status;
    if (argument && strcmp(argument, "-") == 0) {
        airs_buffer payload = {0};
        status = deploy_file_read("-", NODE_PAYLOAD_MAX, &payload, &error);
        if (status == AIRS_OK)
            status = node_payload_write(request, (airs_bytes){payload.data, payload.len}, &error);
        airs_buffer_free(&payload);
    } else {
        status = node_payload_write(request, base_bytes_of(argument), &error);
    }
    if (status == AIRS_OK)
        return CLI_EXIT_OK;
    cli_error("the payload: %s", error.text);
    return cli_exit_of(status);
}
