// SPDX-License-Identifier: MIT OR Apache-2.0
// A program with its own event loop runs a system that has no threads for actors: it counts the words of each line.
#include <airssys/system.h>
#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static airs_status count_words(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state, (void)error;
    unsigned words = 0;
    for (size_t i = 0; i < message->payload.len; i++)
        words += message->payload.data[i] > ' ' && (i == 0 || message->payload.data[i - 1] <= ' ');
    char text[32];
    int len = snprintf(text, sizeof text, "%u words", words);
    return airs_context_reply(context, message->request, text, (size_t)len);
}

static const airs_actor_fns counter_actor = {.handle = count_words};
static const airs_native counter_kind = {"counter", NULL, &counter_actor, 0, NULL};

// Called by `airs_system_run_once`, on the thread of the loop: `waiting` needs no lock.
static void on_reply(void *user, const airs_reply *reply)
{
    unsigned *waiting = user;
    --*waiting;
    printf("%.*s\n", (int)reply->payload.len, (const char *)reply->payload.data);
}

static void check(airs_status status, const char *what)
{
    if (status != AIRS_OK)
        errx(1, "%s: %s", what, airs_status_text(status));
}

/// Asks for what has come on stdin; false at its end.
static bool read_input(airs_system *system, airs_actor_id counter, unsigned *waiting)
{
    char line[4096];
    ssize_t len = read(STDIN_FILENO, line, sizeof line);
    if (len <= 0)
        return false;
    check(airs_ask_async(system, counter, line, (size_t)len, 1000, on_reply, waiting), "ask");
    ++*waiting;
    return true;
}

int main(void)
{
    airs_system *system;
    airs_actor_id counter;
    airs_error error;
    airs_system_options options = {.workers = AIRS_WORKERS_NONE};
    check(airs_system_create(&options, &system, &error), "system");
    check(airs_spawn_native(system, &counter_kind, NULL, &counter, &error), "spawn");

    unsigned waiting = 0;
    bool more = true;
    while (more || waiting > 0) {
        struct pollfd sources[] = {{airs_system_fd(system), POLLIN, 0}, {more ? STDIN_FILENO : -1, POLLIN, 0}};
        if (poll(sources, 2, -1) < 0)
            err(1, "poll");
        if (sources[1].revents != 0)
            more = read_input(system, counter, &waiting);
        check(airs_system_run_once(system, 0), "run");
    }
    airs_system_destroy(system);
}
