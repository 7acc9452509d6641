// SPDX-License-Identifier: MIT OR Apache-2.0
/// engine.spawn: spawn, start and stop of a component actor under a supervisor, against a store, an instance and the
/// same two calls on a fiber, on bare Wasmtime.
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#include "base/alloc.h"
#include "floor.h"
#include "node/system.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/file.h"

/// A chain of lives, driven on a worker: each actor that has ended spawns the next one, so that no thread waits.
typedef struct chain {
    airs_system *system;
    airs_component *component;
    actor_watch watch;
    uint64_t left;
    os_event done;
} chain;

static void on_started(void *user, airs_status status, const char *text);

static void spawn_next(chain *self)
{
    actor_options options = {.supervisor = self->system->root,
                             .restart = AIRS_RESTART_TEMPORARY,
                             .started_fn = on_started,
                             .started_user = self};
    static const airs_spawn_options no_grants = {0};
    uint64_t id;
    airs_status status =
        component_actor_spawn(&self->system->components, self->component, &options, &no_grants, NULL, &id, NULL);
    bench_check(status == AIRS_OK, "a spawn");
}

static void on_end(actor_watch *watch, const actor_failure *end)
{
    (void)end;
    chain *self = ds_container_of(watch, chain, watch);
    if (--self->left == 0)
        os_event_set(&self->done);
    else
        spawn_next(self);
}

static void on_started(void *user, airs_status status, const char *text)
{
    chain *self = user;
    bench_check(status == AIRS_OK, text);
    // On the worker that runs the actor: its task is the current one.
    actor *started = ds_container_of(sched_current_task(self->system->sched), actor, task);
    ds_list_init(&self->watch.link);
    self->watch.fn = on_end;
    bench_check(actor_watch_add(started, &self->watch), "a watch");
    actor_signal_send(started, ACTOR_SIGNAL_STOP);
}

static double ours(void *user, uint64_t count)
{
    chain *self = user;
    self->left = count;
    os_event_init(&self->done);
    double begin = bench_now_ns();
    spawn_next(self);
    (void)os_event_wait(&self->done, OS_NEVER);
    return bench_now_ns() - begin;
}

static double bare(void *user, uint64_t count)
{
    double begin = bench_now_ns();
    bench_check(floor_spawn(user, count), "the floor");
    return bench_now_ns() - begin;
}

static airs_buffer read_guest(const char *path)
{
    airs_buffer file;
    airs_error error;
    bool ok = os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, 1u << 20, &file, &error) == AIRS_OK;
    bench_check(ok, ok ? "" : error.text);
    return file;
}

int main(void)
{
    airs_system_options options = {.workers = 1, .instances_max = 100};
    chain self = {0};
    airs_error error = {.text = ""};
    bench_check(airs_system_create(&options, &self.system, &error) == AIRS_OK, error.text);
    airs_buffer guest = read_guest(BENCH_GUESTS "/echo-calls.wasm");
    bench_check(airs_component_load(self.system, guest.data, guest.len, &self.component, &error) == AIRS_OK,
                error.text);
    engine_config config = system_engine_config(&self.system->options);
    floor_bench *floor = floor_create(&config, (engine_bytes){guest.data, guest.len});
    bench_check(floor != NULL, "the floor's engine");

    bench_ratio("engine.spawn", (bench_side){ours, &self}, "store + instance + start + stop on a fiber",
                (bench_side){bare, floor}, 2000);

    floor_destroy(floor);
    airs_buffer_free(&guest);
    airs_component_release(self.component);
    airs_system_destroy(self.system);
    return 0;
}
