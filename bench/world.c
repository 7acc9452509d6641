// SPDX-License-Identifier: MIT OR Apache-2.0
#include "world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What is asked here takes seconds at most.
#define PATIENCE_MS 120000u

// Past what any benchmark has under way: what is measured is messages, not refusals.
static const airs_limits wide_limits = {.mailbox_max = 1u << 24, .max_execution_ms = 60000};

airs_system *world_create(uint32_t workers, uint32_t instances_max)
{
    airs_system_options options = {.workers = workers, .instances_max = instances_max};
    return world_create_with(&options);
}

airs_system *world_create_with(const airs_system_options *options)
{
    airs_system *system;
    airs_error error = {.text = ""};
    bench_check(airs_system_create(options, &system, &error) == AIRS_OK, error.text);
    return system;
}

airs_component *world_load(airs_system *system, const char *guest)
{
    char path[512];
    (void)snprintf(path, sizeof path, BENCH_GUESTS "/%s.wasm", guest);
    airs_component *component;
    airs_error error = {.text = ""};
    bench_check(airs_component_load_file(system, path, &component, &error) == AIRS_OK, error.text);
    return component;
}

airs_actor_id world_spawn(airs_system *system, airs_component *component, const char *name, const char *may_send)
{
    airs_error error = {.text = ""};
    static const char *const bench_topics = "bench.>";
    airs_spawn_options options = {.name = name,
                                  .may_send = &may_send,
                                  .may_send_count = may_send == NULL ? 0 : 1,
                                  .may_publish = &bench_topics,
                                  .may_publish_count = 1,
                                  .may_subscribe = &bench_topics,
                                  .may_subscribe_count = 1,
                                  .limits = wide_limits};
    airs_actor_id id;
    bench_check(airs_spawn_component(system, component, &options, &id, &error) == AIRS_OK, error.text);
    return id;
}

airs_actor_id world_spawn_guest(airs_system *system, const char *guest, const char *may_send)
{
    airs_component *component = world_load(system, guest);
    airs_actor_id id = world_spawn(system, component, guest, may_send);
    airs_component_release(component);
    return id;
}

airs_actor_id world_spawn_native(airs_system *system, const char *name, const airs_actor_fns *actor, size_t state_size,
                                 void *user)
{
    airs_error error = {.text = ""};
    airs_native native = {.kind = "bench", .actor = actor, .state_size = state_size, .user = user};
    airs_spawn_options options = {.name = name, .limits = wide_limits};
    airs_actor_id id;
    bench_check(airs_spawn_native(system, &native, &options, &id, &error) == AIRS_OK, error.text);
    return id;
}

static airs_buffer ask(airs_system *system, airs_actor_id to, const void *payload, size_t len)
{
    airs_buffer reply = {0};
    airs_error error = {.text = ""};
    bench_check(airs_ask(system, to, payload, len, PATIENCE_MS, &reply, &error) == AIRS_OK, error.text);
    return reply;
}

uint64_t world_ask(airs_system *system, airs_actor_id to, uint64_t number)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    airs_buffer reply = ask(system, to, text, (size_t)len);
    char answer[32] = "";
    memcpy(answer, reply.data, reply.len < 31 ? reply.len : 31);
    airs_buffer_free(&reply);
    return strtoull(answer, NULL, 10);
}

// ---------------------------------------------------------------- on a worker

typedef struct order {
    uint64_t count;
    double elapsed_ns;
} order;

static airs_status do_work(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    world_job *job = airs_context_user(context);
    order done;
    memcpy(&done, message->payload.data, sizeof done);
    done.elapsed_ns = job->work.run(job->work.user, done.count);
    return airs_context_reply(context, message->request, &done, sizeof done);
}

static double run_on_worker(void *user, uint64_t count)
{
    world_job *job = user;
    order wanted = {.count = count};
    airs_buffer reply = ask(job->system, job->actor, &wanted, sizeof wanted);
    memcpy(&wanted, reply.data, sizeof wanted);
    airs_buffer_free(&reply);
    return wanted.elapsed_ns;
}

bench_side world_on_worker(world_job *job, airs_system *system, bench_side work)
{
    static const airs_actor_fns worker_fns = {.handle = do_work};
    *job = (world_job){.work = work, .system = system};
    job->actor = world_spawn_native(system, NULL, &worker_fns, 0, job);
    return (bench_side){run_on_worker, job};
}
