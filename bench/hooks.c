// SPDX-License-Identifier: MIT OR Apache-2.0
/// What hooks cost a message between actors written in C: none at all, and all of them with nothing to do.
///
/// `hooks.none` is held against this same program built with a receive.c from which the question whether there is a
/// hook was taken out (hooks.sed). It runs as a child, and takes its turns through a pipe.
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "without.h"
#include "world.h"

#define ROUND_TRIPS 300000u

typedef struct driver {
    airs_actor_id other;
    airs_request_id asked;
    uint64_t left;
} driver;

static const uint8_t payload[WORLD_PAYLOAD];

static uint64_t number_in(airs_bytes text)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++)
        number = number * 10 + (uint64_t)(text.data[i] - '0');
    return number;
}

static airs_status ping(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    driver *self = state;
    if (message->request.raw != 0) {
        self->other = *(airs_actor_id *)airs_context_user(context);
        self->asked = message->request;
        self->left = number_in(message->payload);
    } else if (--self->left == 0) {
        return airs_context_reply(context, self->asked, "1", 1);
    }
    return airs_context_send(context, self->other, payload, sizeof payload);
}

static airs_status pong(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    return airs_context_send(context, message->sender, message->payload.data, message->payload.len);
}

// ---------------------------------------------------------------- hooks that do nothing

static airs_status may_start(const airs_hook_info *info, airs_error *error)
{
    (void)info;
    (void)error;
    return AIRS_OK;
}

static airs_status may_stop(const airs_hook_info *info, airs_exit reason, airs_error *error)
{
    (void)info;
    (void)reason;
    (void)error;
    return AIRS_OK;
}

static airs_hook_verdict pass(const airs_hook_info *info, const airs_message *message, char *reason)
{
    (void)info;
    (void)message;
    (void)reason;
    return AIRS_HOOK_PASS;
}

static airs_error_verdict leave(const airs_hook_info *info, airs_exit reason, const char *text)
{
    (void)info;
    (void)reason;
    (void)text;
    return AIRS_ERROR_DEFAULT;
}

static void restart(const airs_hook_info *info, airs_exit reason, const char *text)
{
    (void)info;
    (void)reason;
    (void)text;
}

// ---------------------------------------------------------------- sides

typedef struct pair {
    airs_system *system;
    airs_actor_id other;
    airs_actor_id driver;
} pair;

static void pair_make(pair *it, const airs_hooks *hooks)
{
    static const airs_actor_fns ping_fns = {.handle = ping}, pong_fns = {.handle = pong};
    it->system = world_create(1, 1);
    airs_system_set_hooks(it->system, hooks);
    it->other = world_spawn_native(it->system, "other", &pong_fns, sizeof(uint64_t), NULL);
    it->driver = world_spawn_native(it->system, "driver", &ping_fns, sizeof(driver), &it->other);
}

static double drive(void *user, uint64_t count)
{
    pair *it = user;
    double begin = bench_now_ns();
    bench_check(world_ask(it->system, it->driver, count) == 1, "an answer");
    return bench_now_ns() - begin;
}

static int serve(void)
{
    pair it;
    pair_make(&it, NULL);
    without_serve((bench_side){drive, &it});
    airs_system_destroy(it.system);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "serve") == 0)
        return serve();
    without child = without_start(BENCH_WITHOUT);
    pair none;
    pair all;
    static const airs_hooks hooks = {may_start, may_start, may_stop, may_stop, pass, leave, restart, 0, NULL};
    pair_make(&none, NULL);
    pair_make(&all, &hooks);
    bench_ratio("hooks.none", (bench_side){drive, &none}, "built without", (bench_side){without_run, &child},
                ROUND_TRIPS);
    bench_ratio("hooks.all", (bench_side){drive, &all}, "none", (bench_side){drive, &none}, ROUND_TRIPS);
    airs_system_destroy(all.system);
    airs_system_destroy(none.system);
    without_end(&child);
    return 0;
}
