// SPDX-License-Identifier: MIT OR Apache-2.0
#include "embed.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATHS_MAX 16

static char paths[PATHS_MAX][PATH_MAX];
static size_t paths_count;
static char folder[] = "/tmp/airssys-embed-XXXXXX";

int embed_set_up(void **state)
{
    (void)state;
    paths_count = 0;
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

int embed_tear_down(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *embed_path(const char *name)
{
    char wanted[PATH_MAX];
    (void)snprintf(wanted, sizeof wanted, "%s/%s", folder, name);
    for (size_t i = 0; i < paths_count; i++) {
        if (strcmp(paths[i], wanted) == 0)
            return paths[i];
    }
    assert_true(paths_count < PATHS_MAX);
    memcpy(paths[paths_count], wanted, sizeof wanted);
    return paths[paths_count++];
}

void embed_write_app(const char *name, const char *const *actors, const char *extra)
{
    char path[PATH_MAX];
    (void)mkdir(embed_path(name), 0700);
    (void)snprintf(path, sizeof path, "%s/airssys.toml", embed_path(name));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    // Few instances, so that it fits beside what a sanitizer needs of the address space.
    (void)fprintf(file, "node = { instances_max = 16 }\n[app]\nname = \"%s\"\n", name);
    for (; *actors; actors++) {
        const char *component = strchr(*actors, '=');
        assert_non_null(component);
        (void)fprintf(file, "[[actor]]\nname = \"%.*s\"\ncomponent = \"" GUESTS "/%s.wasm\"\n",
                      (int)(component - *actors), *actors, component + 1);
    }
    (void)fputs(extra, file);
    assert_int_equal(fclose(file), 0);
}

airs_node_options embed_options(void)
{
    return (airs_node_options){.cache_dir = embed_path("cache"), .log_level = AIRS_LOG_INFO};
}

airs_node *embed_create(const char *state)
{
    airs_node *node = NULL;
    airs_error error = {0};
    airs_node_options options = embed_options();
    options.state_dir = state ? embed_path(state) : NULL;
    if (airs_node_create(&options, &node, &error) != AIRS_OK)
        fail_msg("%s", error.text);
    return node;
}

void embed_add(airs_node *node, const char *app)
{
    airs_error error = {0};
    if (airs_node_add_app(node, embed_path(app), &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

void embed_start(airs_node *node)
{
    airs_error error = {0};
    if (airs_node_start(node, &error) != AIRS_OK)
        fail_msg("%s", error.text);
}

airs_buffer embed_ask(airs_node *node, const char *app, const char *request)
{
    airs_buffer result = {0};
    airs_error error = {0};
    if (airs_node_request(node, app, request, &result, &error) != AIRS_OK)
        fail_msg("%s: %s", request, error.text);
    assert_int_equal(strlen((const char *)result.data), result.len);
    return result;
}

void embed_ask_for(airs_node *node, const char *app, const char *request, const char *text)
{
    airs_buffer result = embed_ask(node, app, request);
    if (!strstr((const char *)result.data, text))
        fail_msg("%s: no %s in %s", request, text, (const char *)result.data);
    airs_buffer_free(&result);
}

void embed_refused(airs_node *node, const char *app, const char *request, airs_status status, const char *text)
{
    airs_buffer untouched = {.len = 7};
    airs_error error = {0};
    airs_status got = airs_node_request(node, app, request, &untouched, &error);
    embed_check(got, &error, status, text);
    assert_null(untouched.data);
    assert_int_equal(untouched.len, 7);
}

void embed_check(airs_status got, const airs_error *error, airs_status wanted, const char *text)
{
    if (got != wanted || error->status != wanted || !strstr(error->text, text))
        fail_msg("%s (%s), not %s with: %s", airs_status_name(got), error->text, airs_status_name(wanted), text);
}
