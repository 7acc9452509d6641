// SPDX-License-Identifier: MIT OR Apache-2.0
// A node within a program: an app and a state folder, another version by a request, and all of it there again.
// Usage: upgrade APP NEW-TILL.wasm STATE-FOLDER
#include <airssys/node.h>
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static void check(airs_status status, const airs_error *error)
{
    if (status != AIRS_OK)
        errx(1, "%s", error->text);
}

// The first time the app is given. From then on the state folder has it, with all that was done to it.
static airs_node *start(const char *app, const char *state)
{
    airs_error error;
    airs_node *node;
    const airs_node_options options = {.state_dir = state};
    check(airs_node_create(&options, &node, &error), &error);
    if (app)
        check(airs_node_add_app(node, app, &error), &error);
    else
        check(airs_node_add_stored_apps(node, &error), &error);
    check(airs_node_start(node, &error), &error);
    printf("the node runs the app %s\n", airs_node_app_name(node, 0));
    return node;
}

// Messages go straight to the system of the app.
static void sell(airs_node *node)
{
    airs_error error;
    airs_buffer reply;
    airs_actor_id till;
    airs_system *system = airs_node_system(node, "shop");
    if (airs_lookup(system, "till", &till) != AIRS_OK)
        errx(1, "there is no till");
    check(airs_ask(system, till, "", 0, 1000, &reply, &error), &error);
    printf("%.*s\n", (int)reply.len, (const char *)reply.data);
    airs_buffer_free(&reply);
}

// A path may have a quote, a backslash or a line break in it, which JSON writes in its own way.
static void write_text(FILE *out, const char *text)
{
    putc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < ' ')
            fprintf(out, "\\u%04x", *at);
        else
            fprintf(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
    }
    putc('"', out);
}

// What is to be there again goes by a request: it is on the disk before it is answered for.
static void deploy(airs_node *node, const char *component)
{
    airs_error error;
    char path[PATH_MAX];
    char *request;
    size_t len;
    if (!realpath(component, path))
        err(1, "%s", component);
    FILE *out = open_memstream(&request, &len);
    if (!out)
        err(1, "no memory");
    fputs("{\"verb\": \"deploy\", \"actor\": \"till\", \"component\": ", out);
    write_text(out, path);
    fputs("}", out);
    if (fclose(out) != 0)
        err(1, "no memory");
    check(airs_node_request(node, "shop", request, NULL, &error), &error);
    puts("another version is deployed");
    free(request);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        errx(2, "usage: upgrade APP NEW-TILL.wasm STATE-FOLDER");
    airs_node *node = start(argv[1], argv[3]);
    sell(node);
    sell(node);
    deploy(node, argv[2]);
    sell(node);
    airs_node_destroy(node);

    node = start(NULL, argv[3]);
    sell(node);
    airs_node_destroy(node);
}
