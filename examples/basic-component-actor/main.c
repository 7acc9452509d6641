// SPDX-License-Identifier: MIT OR Apache-2.0
// The life of one component actor, seen from a C program. Usage: basic-component-actor BASIC.wasm
#include <airssys/system.h>
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void check(airs_status status, const airs_error *error)
{
    if (status != AIRS_OK)
        errx(1, "%s: %s", airs_status_name(status), error->text[0] ? error->text : airs_status_text(status));
}

// Each state the actor comes into, and why an incarnation ended. Called on the library's threads.
static void on_event(void *user, const airs_event *event)
{
    const char *watched = user;
    if (strcmp(event->name, watched) != 0)
        return;
    if (event->kind == AIRS_EVENT_STATE)
        printf("state  %s\n", airs_actor_state_name(event->state));
    else if (event->kind == AIRS_EVENT_FAILED)
        printf("       failed: %s\n", airs_exit_name(event->reason));
}

// The lines that components write.
static void on_log(void *user, const airs_log_record *record)
{
    (void)user;
    if (strcmp(record->source, "runtime") != 0)
        printf("log    %s: %s\n", record->actor, record->text);
}

static void show_info(airs_system *system, airs_actor_id id)
{
    airs_actor_info info;
    airs_error error = {0};
    check(airs_actor_get_info(system, id, &info), &error);
    printf("info   id %" PRIu64 ", name %s, component %s, version %s, %s for %" PRIu64 " ms\n", info.id.raw, info.name,
           info.component, info.version, airs_actor_state_name(info.state), info.uptime_ms);
    printf("info   messages handled %" PRIu64 ", failed %" PRIu64 ", restarts %" PRIu64 ", memory %" PRIu64 " bytes\n",
           info.messages_handled, info.messages_failed, info.restarts, info.memory);
}

static void ask(airs_system *system, airs_actor_id id, const char *question)
{
    airs_error error = {0};
    airs_buffer reply;
    check(airs_ask(system, id, question, strlen(question), 1000, &reply, &error), &error);
    printf("ask    %s -> %.*s\n", question, (int)reply.len, (const char *)reply.data);
    airs_buffer_free(&reply);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        errx(2, "usage: basic-component-actor BASIC.wasm");
    static char name[] = "basic";
    airs_error error = {0};
    airs_system *system;
    airs_component *component;
    airs_actor_id id;
    check(airs_system_create(&(airs_system_options){.log = on_log}, &system, &error), &error);
    airs_system_on_event(system, on_event, name);
    check(airs_component_load_file(system, argv[1], &component, &error), &error);
    printf("load   %s %s\n", airs_component_name(component), airs_component_version(component));

    // Spawning creates the actor and starts it; when it returns, the actor is ready.
    airs_spawn_options options = {.name = name};
    check(airs_spawn_component(system, component, &options, &id, &error), &error);
    show_info(system, id);

    printf("send   ping, three times\n");
    for (int i = 0; i < 3; i++)
        check(airs_send(system, id, "ping", 4), &error);
    // Messages of one sender are handled in their order: when this one is answered, the others have been handled.
    ask(system, id, "ping");

    // It traps. Its supervisor starts it again: the same id, a fresh memory, and the message after it waits meanwhile.
    printf("send   crash\n");
    check(airs_send(system, id, "crash", 5), &error);
    ask(system, id, "ping");
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    show_info(system, id);

    printf("stop\n");
    check(airs_stop(system, id), &error);
    airs_component_release(component);
    airs_system_destroy(system);
}
