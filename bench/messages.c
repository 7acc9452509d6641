// SPDX-License-Identifier: MIT OR Apache-2.0
/// What messages cost: sandboxed components made with sdk/c at both ends, 64 bytes, read in guest code.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bare.h"
#include "bench.h"
#include "world.h"

#include "node/system.h"

// ---------------------------------------------------------------- pairs
//
// component.round_trip       a message there and another one back, as the peers' programs do
// request.round_trip         an ask: correlated, with its time limit armed, the asker parked meanwhile
// request.round_trip.events  the same as a request, and its outcome as an event of its own

typedef struct pair {
    airs_system *system;
    airs_actor_id driver;
    /// What the other one has handled so far.
    uint64_t handled;
} pair;

/// The driver is asked to do its work `count` times, and answers when it has.
static double round_trips(void *user, uint64_t count)
{
    pair *it = user;
    double begin = bench_now_ns();
    (void)world_ask(it->system, it->driver, count);
    return bench_now_ns() - begin;
}

/// The driver sends `count` messages, and answers when the other one has handled them all.
static double one_way(void *user, uint64_t count)
{
    pair *it = user;
    double begin = bench_now_ns();
    uint64_t handled = world_ask(it->system, it->driver, count);
    double elapsed = bench_now_ns() - begin;
    bench_check(handled == it->handled + count, "each message is handled");
    it->handled = handled;
    return elapsed;
}

static void measure(const char *name, uint32_t workers, const char *asker, const char *other, bench_fn run,
                    uint64_t count)
{
    pair it = {.system = world_create(workers, 10)};
    (void)world_spawn_guest(it.system, other, asker);
    it.driver = world_spawn_guest(it.system, asker, other);
    bench_value(name, (bench_side){run, &it}, count);
    airs_system_destroy(it.system);
}

/// Against the same two guests on the engine alone, on one core.
static void measure_beside(const char *name, const char *asker, const char *other)
{
    pair it = {.system = world_create(1, 10)};
    (void)world_spawn_guest(it.system, other, asker);
    it.driver = world_spawn_guest(it.system, asker, other);
    engine_config config = system_engine_config(&it.system->options);
    bare *alone = bare_create(&config, (const char *const[]){asker, other}, 2);
    bench_ratio(name, (bench_side){round_trips, &it}, "the engine alone", (bench_side){bare_round_trips, alone}, 50000);
    bare_destroy(alone);
    airs_system_destroy(it.system);
}

// ---------------------------------------------------------------- mesh

#define MESH_ACTORS 1000u
#define MESH_IN_FLIGHT 16u
#define MESH_HOPS 40u
#define MESH_ROUNDS 9u
#define MESH_MESSAGES ((uint64_t)MESH_ACTORS * MESH_IN_FLIGHT * (MESH_HOPS + 1u))

typedef struct mesh {
    airs_system *system;
    airs_actor_id actors[MESH_ACTORS];
} mesh;

static mesh *mesh_create(uint32_t workers)
{
    mesh *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    self->system = world_create(workers, MESH_ACTORS);
    airs_component *component = world_load(self->system, "mesh");
    for (uint32_t i = 0; i < MESH_ACTORS; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "m-%u", i);
        self->actors[i] = world_spawn(self->system, component, name, "m-*");
    }
    airs_component_release(component);
    return self;
}

static void mesh_destroy(mesh *self)
{
    airs_system_destroy(self->system);
    free(self);
}

static uint64_t handled(airs_system *system)
{
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    bench_check(metrics.messages_failed == 0, "each message is handled well");
    return metrics.messages_handled;
}

/// Gives each actor its messages and waits until all hops are done. Millions of messages a second.
static double mesh_run(mesh *self)
{
    uint64_t end = handled(self->system) + MESH_MESSAGES;
    uint8_t payload[WORLD_PAYLOAD] = {0};
    memcpy(payload, &(uint32_t){MESH_HOPS}, sizeof(uint32_t));
    double begin = bench_now_ns();
    for (uint32_t i = 0; i < MESH_ACTORS * MESH_IN_FLIGHT; i++) {
        airs_status status = airs_send(self->system, self->actors[i % MESH_ACTORS], payload, sizeof payload);
        bench_check(status == AIRS_OK, "a message");
    }
    while (handled(self->system) < end)
        (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    return (double)MESH_MESSAGES / (bench_now_ns() - begin) * 1000;
}

static uint64_t polls(const airs_system *system)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < sched_worker_count(system->sched); i++) {
        sched_stats stats;
        sched_get_stats(system->sched, i, &stats);
        sum += stats.polls;
    }
    return sum;
}

/// Half of the guests on an engine of their own, on a thread of their own: they are sent nothing by the others.
typedef struct bare_half {
    bare *guests;
    double took_ns;
} bare_half;

static void *run_bare_half(void *user)
{
    bare_half *self = user;
    self->took_ns = bare_mesh(self->guests, MESH_IN_FLIGHT, MESH_HOPS);
    return NULL;
}

/// Millions of messages a second of both halves, each on a core, or of one.
static double run_bare(bare_half *halves, unsigned count)
{
    pthread_t threads[2];
    double rate = 0;
    for (unsigned i = 0; i < count; i++)
        bench_check(pthread_create(&threads[i], NULL, run_bare_half, &halves[i]) == 0, "a thread");
    for (unsigned i = 0; i < count; i++) {
        bench_check(pthread_join(threads[i], NULL) == 0, "a thread");
        rate += (double)MESH_MESSAGES / 2 / halves[i].took_ns * 1000;
    }
    return rate;
}

/// The floor: what the engine and the machine give, on two cores against one.
static void measure_bare_mesh(const engine_config *config)
{
    static const char *names[MESH_ACTORS / 2];
    double both[MESH_ROUNDS], one[MESH_ROUNDS];
    bare_half halves[2];
    for (uint32_t i = 0; i < MESH_ACTORS / 2; i++)
        names[i] = "mesh";
    for (unsigned i = 0; i < 2; i++)
        halves[i].guests = bare_create(config, names, MESH_ACTORS / 2);
    (void)run_bare(halves, 2);
    for (uint32_t i = 0; i < MESH_ROUNDS; i++) {
        both[i] = run_bare(halves, 2);
        one[i] = run_bare(halves, 1);
    }
    bench_print_ratio("component.mesh.engine_alone", "M/s", both, "the same on one core", one, MESH_ROUNDS);
    for (unsigned i = 0; i < 2; i++)
        bare_destroy(halves[i].guests);
}

static void measure_mesh(void)
{
    mesh *both = mesh_create(2);
    mesh *one = mesh_create(1);
    double values[MESH_ROUNDS];
    double reference[MESH_ROUNDS];
    // The first hops look the others up by their names.
    (void)mesh_run(both);
    (void)mesh_run(one);
    uint64_t polls_before = polls(both->system);
    for (uint32_t i = 0; i < MESH_ROUNDS; i++) {
        values[i] = mesh_run(both);
        reference[i] = mesh_run(one);
    }
    double batch = (double)(MESH_MESSAGES * MESH_ROUNDS) / (double)(polls(both->system) - polls_before);
    bench_print_ratio("component.mesh", "M/s", values, "the same on one core", reference, MESH_ROUNDS);
    bench_print("component.mesh.batch", "msg", &batch, 1);
    engine_config config = system_engine_config(&one->system->options);
    mesh_destroy(both);
    mesh_destroy(one);
    measure_bare_mesh(&config);
}

/// With names: only these, for a profile of one.
int main(int argc, char **argv)
{
    static const char *const names[] = {"round_trip", "one_way", "request", "events", "mesh"};
    bool wanted[5] = {argc < 2, argc < 2, argc < 2, argc < 2, argc < 2};
    for (int i = 1; i < argc; i++) {
        for (size_t at = 0; at < sizeof wanted / sizeof *wanted; at++)
            wanted[at] |= strcmp(argv[i], names[at]) == 0;
    }
    if (wanted[0])
        measure_beside("component.round_trip", "ping", "echo");
    if (wanted[1])
        measure("component.one_way", 2, "source", "sink", one_way, 100000);
    if (wanted[2])
        measure_beside("request.round_trip", "asker", "pong");
    if (wanted[3])
        measure("request.round_trip.events", 1, "requester", "pong", round_trips, 50000);
    if (wanted[4])
        measure_mesh();
    return 0;
}
