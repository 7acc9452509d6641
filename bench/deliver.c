// SPDX-License-Identifier: MIT OR Apache-2.0
/// component.deliver: a message of 64 bytes from a native actor until a component has read it, against one typed call
/// on a fiber of bare Wasmtime that takes and gives as much.
#include "bench.h"
#include "world.h"

#include "base/alloc.h"
#include "floor.h"
#include "node/system.h"
#include "os/file.h"

#define BATCH 64u

static const uint8_t payload[WORLD_PAYLOAD];

/// Sends 64 messages and a request, and the next ones when that is answered.
typedef struct feeder {
    airs_system *system;
    airs_actor_id self;
    airs_actor_id component;
    airs_request_id asked;
    uint64_t left;
} feeder;

static airs_status feed(feeder *it, airs_context *context)
{
    for (uint32_t i = 1; i < BATCH; i++) {
        airs_status status = airs_context_send(context, it->component, payload, sizeof payload);
        if (status != AIRS_OK)
            return status;
    }
    airs_request_id request;
    return airs_context_request(context, it->component, payload, sizeof payload, 60000, &request);
}

static airs_status begin_feeding(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    feeder *it = airs_context_user(context);
    it->asked = message->request;
    return feed(it, context);
}

static airs_status go_on_feeding(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)error;
    feeder *it = airs_context_user(context);
    if (reply->status != AIRS_OK)
        return reply->status;
    return --it->left > 0 ? feed(it, context) : airs_context_reply(context, it->asked, "1", 1);
}

static double deliver(void *user, uint64_t count)
{
    feeder *it = user;
    it->left = count / BATCH;
    double begin = bench_now_ns();
    (void)world_ask(it->system, it->self, 0);
    return bench_now_ns() - begin;
}

static double call(void *user, uint64_t count)
{
    double begin = bench_now_ns();
    bench_check(floor_call(user, count), "the floor");
    return bench_now_ns() - begin;
}

static void measure(const char *name, const char *guest, floor_bench *floor)
{
    feeder it = {.system = world_create(1, 2)};
    it.component = world_spawn_guest(it.system, guest, NULL);
    static const airs_actor_fns feeder_fns = {.handle = begin_feeding, .handle_reply = go_on_feeding};
    it.self = world_spawn_native(it.system, "feeder", &feeder_fns, 0, &it);
    bench_ratio(name, (bench_side){deliver, &it}, "call_async", (bench_side){call, floor}, BATCH * 1000);
    airs_system_destroy(it.system);
}

int main(void)
{
    airs_buffer guest;
    airs_error error = {.text = ""};
    bench_check(os_file_read(base_allocator_default(), BENCH_GUESTS "/echo-calls.wasm", OS_FILE_REGULAR, 1u << 20,
                             &guest, &error) == AIRS_OK,
                error.text);
    airs_system *system = world_create(1, 2);
    engine_config config = system_engine_config(&system->options);
    floor_bench *floor = floor_create(&config, (engine_bytes){guest.data, guest.len});
    bench_check(floor != NULL, "the floor's engine");
    measure("component.deliver", "sink-calls", floor);
    measure("component.deliver_batch", "sink", floor);
    floor_destroy(floor);
    airs_system_destroy(system);
    airs_buffer_free(&guest);
    return 0;
}
