// SPDX-License-Identifier: MIT OR Apache-2.0
/// What messages between actors written in C cost, on one core.
#include <string.h>

#include "bench.h"
#include "world.h"

/// Messages that the sender sends before it lets the receiver run, as a scheduler that counts reductions would.
#define BURST 512u

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

/// Takes a question with a number; false when the message is none.
static bool take_question(driver *self, airs_context *context, const airs_message *message)
{
    if (message->request.raw == 0)
        return false;
    self->other = *(airs_actor_id *)airs_context_user(context);
    self->asked = message->request;
    self->left = number_in(message->payload);
    return true;
}

// ---------------------------------------------------------------- there and back

static airs_status ping(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    driver *self = state;
    if (!take_question(self, context, message) && --self->left == 0)
        return airs_context_reply(context, self->asked, "1", 1);
    return airs_context_send(context, self->other, payload, sizeof payload);
}

static airs_status pong(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    return airs_context_send(context, message->sender, message->payload.data, message->payload.len);
}

// ---------------------------------------------------------------- one way

static airs_status source(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    driver *self = state;
    (void)take_question(self, context, message);
    for (uint32_t i = 0; i < BURST && self->left > 0; i++, self->left--) {
        airs_status status = airs_context_send(context, self->other, payload, sizeof payload);
        if (status != AIRS_OK)
            return status;
    }
    // The sink sends it back when it has handled all of the burst.
    airs_request_id request;
    return airs_context_request(context, self->other, payload, sizeof payload, 60000, &request);
}

static airs_status source_goes_on(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    driver *self = state;
    if (self->left == 0)
        return airs_context_reply(context, self->asked, reply->payload.data, reply->payload.len);
    static const airs_message nothing;
    return source(state, context, &nothing, error);
}

static airs_status sink(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    uint64_t sum = 0;
    for (size_t i = 0; i < message->payload.len; i++)
        sum += message->payload.data[i];
    *(uint64_t *)state += sum;
    return message->request.raw == 0 ? AIRS_OK : airs_context_reply(context, message->request, "1", 1);
}

// ---------------------------------------------------------------- both

typedef struct pair {
    airs_system *system;
    airs_actor_id driver;
} pair;

static double drive(void *user, uint64_t count)
{
    pair *it = user;
    double begin = bench_now_ns();
    bench_check(world_ask(it->system, it->driver, count) == 1, "an answer");
    return bench_now_ns() - begin;
}

static void measure(const char *name, airs_actor_fns driver_fns, airs_actor_fns other_fns, uint64_t count)
{
    pair it = {.system = world_create(1, 1)};
    airs_actor_id other = world_spawn_native(it.system, "other", &other_fns, sizeof(uint64_t), NULL);
    it.driver = world_spawn_native(it.system, "driver", &driver_fns, sizeof(driver), &other);
    bench_value(name, (bench_side){drive, &it}, count);
    airs_system_destroy(it.system);
}

int main(void)
{
    static const airs_actor_fns ping_fns = {.handle = ping}, pong_fns = {.handle = pong};
    static const airs_actor_fns source_fns = {.handle = source, .handle_reply = source_goes_on};
    static const airs_actor_fns sink_fns = {.handle = sink};
    measure("native.round_trip", ping_fns, pong_fns, 500000);
    measure("native.one_way", source_fns, sink_fns, 1000000);
    return 0;
}
