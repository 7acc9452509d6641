// SPDX-License-Identifier: MIT OR Apache-2.0
// Embedding: a component and a native actor under one supervisor. Usage: embed GREETER.wasm
#include <airssys/system.h>
#include <err.h>
#include <stdio.h>

static void check(airs_status status, const airs_error *error)
{
    if (status != AIRS_OK)
        errx(1, "%s", error->text);
}

// The two tables of a native actor, and its state: a count, which is zero in each new incarnation.
static airs_status tally_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state, (void)context, (void)error;
    printf("%s has started\n", info->name);
    return AIRS_OK;
}

static airs_status tally_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    char text[32];
    int len = snprintf(text, sizeof text, "That was message %u.", ++*(unsigned *)state);
    return airs_context_reply(context, message->request, text, (size_t)len);
}

static const airs_child_fns tally_child = {.start = tally_start};
static const airs_actor_fns tally_actor = {.handle = tally_handle};
static const airs_native tally_kind = {"tally", &tally_child, &tally_actor, sizeof(unsigned), NULL};

static void ask(airs_system *system, airs_actor_id actor, const char *payload, size_t len)
{
    airs_error error;
    airs_buffer reply;
    check(airs_ask(system, actor, payload, len, 1000, &reply, &error), &error);
    printf("%.*s\n", (int)reply.len, (const char *)reply.data);
    airs_buffer_free(&reply);
}

int main(int argc, char **argv)
{
    airs_error error;
    airs_system *system;
    airs_component *component;
    airs_actor_id greeter, tally;
    airs_supervisor_options family = {.name = "family"};
    airs_spawn_options options = {.name = "greeter"};
    check(airs_system_create(NULL, &system, &error), &error);
    check(airs_component_load_file(system, argc > 1 ? argv[1] : "greeter.wasm", &component, &error), &error);
    check(airs_spawn_supervisor(system, &family, &options.supervisor, &error), &error);
    check(airs_spawn_component(system, component, &options, &greeter, &error), &error);
    options.name = "tally";
    check(airs_spawn_native(system, &tally_kind, &options, &tally, &error), &error);
    ask(system, greeter, "Ada", 3);
    ask(system, tally, "", 0);
    airs_component_release(component);
    airs_system_destroy(system);
}
