// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/complete.h"

#include "cli/fields.h"

#include "node/client.h"
#include "node/socket.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_MS 1000
#define SUFFIX ".sock"

/// Who types does not wait.
static void give_up(int number)
{
    (void)number;
    _exit(0);
}

static void limit_time(void)
{
    const struct itimerval time = {.it_value = {.tv_sec = PATIENCE_MS / 1000, .tv_usec = PATIENCE_MS % 1000 * 1000}};
    struct sigaction action = {.sa_handler = give_up};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &time, NULL);
}

static bool fits(const char *word, const char *name)
{
    // What a shell would take for more than a word is nobody's name.
    if (!*name || name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/")] != '\0')
        return false;
    return strchr(word, '*') ? fnmatch(word, name, 0) == 0 : strncmp(word, name, strlen(word)) == 0;
}

/// The value of a flag on the line: "--node x", "--node=x", "-n x"; NULL: it is not there.
static const char *flag_on_line(int argc, char *const *argv, const char *name, const char *letter)
{
    size_t len = strlen(name);
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (strncmp(word, name, len) == 0 && word[len] == '=')
            return word + len + 1;
        if ((strcmp(word, name) == 0 || (letter && strcmp(word, letter) == 0)) && i + 1 < argc)
            return argv[i + 1];
    }
    return NULL;
}

/// The names of an app's actors that go on with the word; with `APP/` in front where that is said.
static void print_names_of(node_client *client, const char *word, const char *in_front)
{
    airs_error ignored;
    cJSON *result = NULL;
    if (node_client_ask(client, "ps", NULL, PATIENCE_MS, &result, &ignored) == AIRS_OK) {
        const cJSON *actor;
        cJSON_ArrayForEach(actor, cJSON_GetObjectItemCaseSensitive(result, "actors"))
        {
            char whole[256];
            const char *name = cli_field_text(actor, "name");
            snprintf(whole, sizeof whole, "%s%s%s", in_front ? in_front : "", in_front ? "/" : "", name);
            if (*name && fits(word, whole))
                puts(whole);
            // It may be the only one of its name.
            else if (*name && in_front && *word && fits(word, name))
                puts(name);
        }
    }
    cJSON_Delete(result);
}

/// Those of each app that runs: app/name.
static bool print_of_app(void *user, const char *path)
{
    char app[66];
    node_client client;
    airs_error ignored;
    const char *name = strrchr(path, '/') + 1;
    snprintf(app, sizeof app, "%.*s", (int)strlen(name) - (int)(sizeof SUFFIX - 1), name);
    if (node_client_open(&client, path, &ignored) != AIRS_OK)
        return true;
    print_names_of(&client, user, app);
    node_client_close(&client);
    return true;
}

static bool count_app(void *user, const char *path)
{
    (void)path;
    ++*(size_t *)user;
    return true;
}

static void print_actors(const char *word, int argc, char *const *argv)
{
    const char *app = flag_on_line(argc, argv, "--node", "-n");
    const char *path = flag_on_line(argc, argv, "--socket", NULL);
    const char *set = getenv("AIRSSYS_SOCKET");
    size_t apps = 0;
    node_client client;
    airs_error ignored;
    node_socket_path found;
    if (!path && set && *set)
        path = set;
    if (!app && !path)
        node_socket_each(count_app, &apps);
    if (apps > 1) {
        node_socket_each(print_of_app, (void *)(uintptr_t)word);
        return;
    }
    if (app || !path) {
        if (node_socket_find(app, &found, &ignored) != AIRS_OK)
            return;
        path = found.text;
    }
    if (node_client_open(&client, path, &ignored) != AIRS_OK)
        return;
    print_names_of(&client, word, NULL);
    node_client_close(&client);
}

static void print_nodes(const char *word)
{
    node_socket_path folder;
    airs_error ignored;
    DIR *dir = node_socket_folder(false, &folder, &ignored) == AIRS_OK ? opendir(folder.text) : NULL;
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char name[sizeof entry->d_name];
        size_t len = strlen(entry->d_name);
        if (len < sizeof SUFFIX || strcmp(entry->d_name + len - (sizeof SUFFIX - 1), SUFFIX) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(len - (sizeof SUFFIX - 1)), entry->d_name);
        if (fits(word, name))
            puts(name);
    }
    if (dir)
        closedir(dir);
}

int cli_complete_main(int argc, char *const *argv)
{
    const char *kind = argc > 2 ? argv[2] : "";
    const char *word = argc > 3 ? argv[3] : "";
    limit_time();
    if (strcmp(kind, "actors") == 0)
        print_actors(word, argc > 4 ? argc - 4 : 0, argv + (argc > 4 ? 4 : argc));
    else if (strcmp(kind, "nodes") == 0)
        print_nodes(word);
    fflush(stdout);
    return 0;
}
