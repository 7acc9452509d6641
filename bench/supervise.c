// SPDX-License-Identifier: MIT OR Apache-2.0
/// What supervision costs: restarts of native actors against Erlang's supervisor, restarts of components against a
/// plain spawn, messages in a deep tree against a flat one, and health checks of components that are idle.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"
#include "node/system.h"
#include "os/clock.h"
#include "os/event.h"
#include "world.h"

#define NATIVE_RESTARTS 20000u
/// Samples of each of a spawn and a restart of a component.
#define SAMPLES 2000u
#define CRASHERS 16u
#define CRASHES_EACH 800u
#define HEALTHY 10000u
#define HEALTH_SECONDS 4
#define DEPTH 5u

// ---------------------------------------------------------------- native restarts

/// An actor that crashes as soon as it has started, so many times.
typedef struct crashes {
    airs_system *system;
    airs_actor_id supervisor;
    uint64_t left;
    os_event done;
} crashes;

static airs_status crasher_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    crashes *self = airs_context_user(context);
    if (self->left > 0)
        return airs_context_send(context, airs_context_self(context), "x", 1);
    os_event_set(&self->done);
    return AIRS_OK;
}

static airs_status crasher_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    crashes *self = airs_context_user(context);
    self->left--;
    airs_context_exit(context, "crashed");
    return AIRS_OK;
}

static double crash_natives(void *user, uint64_t count)
{
    static const airs_child_fns child = {.start = crasher_start};
    static const airs_actor_fns fns = {.handle = crasher_handle};
    crashes *self = user;
    self->left = count;
    os_event_init(&self->done);
    airs_native native = {.kind = "crasher", .child = &child, .actor = &fns, .user = self};
    airs_spawn_options options = {.supervisor = self->supervisor};
    airs_actor_id id;
    double begin = bench_now_ns();
    bench_check(airs_spawn_native(self->system, &native, &options, &id, NULL) == AIRS_OK, "a spawn");
    (void)os_event_wait(&self->done, OS_NEVER);
    double took = bench_now_ns() - begin;
    bench_check(airs_stop(self->system, id) == AIRS_OK, "a stop");
    return took;
}

/// The peer measures itself, so that the start of its machine does not count.
static double crash_processes(void *user, uint64_t count)
{
    (void)user;
    char command[600];
    (void)snprintf(command, sizeof command, "escript " BENCH_PEERS "/erlang/restart.escript %llu",
                   (unsigned long long)count);
    FILE *peer = popen(command, "r");
    double took = 0;
    bench_check(peer != NULL && fscanf(peer, "%lf", &took) == 1 && pclose(peer) == 0, "Erlang");
    return took;
}

static airs_actor_id make_pool(airs_system *system)
{
    airs_supervisor_options options = {.name = "pool", .max_restarts = 1000000, .window_ms = 100};
    airs_actor_id pool;
    bench_check(airs_spawn_supervisor(system, &options, &pool, NULL) == AIRS_OK, "a supervisor");
    return pool;
}

static void measure_native(void)
{
    crashes it = {.system = world_create(1, 1)};
    it.supervisor = make_pool(it.system);
    bool has_erlang = system("command -v escript >/dev/null") == 0;
    if (has_erlang)
        bench_ratio("supervise.restart_native", (bench_side){crash_natives, &it}, "Erlang's supervisor",
                    (bench_side){crash_processes, NULL}, NATIVE_RESTARTS);
    else
        bench_value("supervise.restart_native", (bench_side){crash_natives, &it}, NATIVE_RESTARTS);
    airs_system_destroy(it.system);
}

// ---------------------------------------------------------------- components: a restart against a spawn

typedef struct lives {
    airs_system *system;
    airs_component *component;
    os_event done;
    double begin_ns;
    double took_ns;
    uint64_t restarts_left;
    double restart_ns;
} lives;

static void on_started(void *user, airs_status status, const char *text)
{
    lives *self = user;
    bench_check(status == AIRS_OK, text);
    self->took_ns = bench_now_ns() - self->begin_ns;
    os_event_set(&self->done);
}

/// From the spawn to ready, by who spawns.
static double spawn_once(lives *self)
{
    actor_options options = {.supervisor = self->system->root,
                             .restart = AIRS_RESTART_TEMPORARY,
                             .started_fn = on_started,
                             .started_user = self};
    static const airs_spawn_options no_grants = {0};
    uint64_t id;
    os_event_init(&self->done);
    self->begin_ns = bench_now_ns();
    airs_status status =
        component_actor_spawn(&self->system->components, self->component, &options, &no_grants, NULL, &id, NULL);
    bench_check(status == AIRS_OK, "a spawn");
    (void)os_event_wait(&self->done, OS_NEVER);
    bench_check(airs_stop(self->system, (airs_actor_id){id}) == AIRS_OK, "a stop");
    return self->took_ns;
}

static void on_event(void *user, const airs_event *event)
{
    lives *self = user;
    if (event->kind != AIRS_EVENT_RESTARTED)
        return;
    self->restart_ns = (double)event->elapsed_ns;
    os_event_set(&self->done);
}

/// From the trap to ready.
static double restart_once(lives *self, airs_actor_id crasher)
{
    os_event_init(&self->done);
    bench_check(airs_send(self->system, crasher, "x", 1) == AIRS_OK, "a message");
    (void)os_event_wait(&self->done, OS_NEVER);
    return self->restart_ns;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure_component(void)
{
    static double spawns[SAMPLES];
    static double restarts[SAMPLES];
    lives it = {.system = world_create(1, 100)};
    airs_system_on_event(it.system, on_event, &it);
    it.component = world_load(it.system, "crash-calls");
    airs_spawn_options options = {.supervisor = make_pool(it.system)};
    airs_actor_id crasher;
    bench_check(airs_spawn_component(it.system, it.component, &options, &crasher, NULL) == AIRS_OK, "a spawn");
    for (uint32_t i = 0; i < SAMPLES; i++) {
        spawns[i] = spawn_once(&it);
        restarts[i] = restart_once(&it, crasher);
    }
    qsort(restarts, SAMPLES, sizeof *restarts, compare);
    double p99 = restarts[SAMPLES * 99 / 100] / 1e6;
    bench_print_ratio("supervise.restart_component", "ns", restarts, "spawn + start", spawns, SAMPLES);
    bench_print("supervise.restart_component_p99", "ms", &p99, 1);
    airs_component_release(it.component);
    airs_system_destroy(it.system);
}

// ---------------------------------------------------------------- components: restarts a second

static double restarts_per_second(airs_system *system, const airs_actor_id *crashers)
{
    airs_metrics before;
    airs_metrics now;
    airs_system_get_metrics(system, &before);
    double begin = bench_now_ns();
    for (uint32_t i = 0; i < CRASHES_EACH; i++) {
        for (uint32_t k = 0; k < CRASHERS; k++)
            bench_check(airs_send(system, crashers[k], "x", 1) == AIRS_OK, "a message");
    }
    do {
        (void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
        airs_system_get_metrics(system, &now);
    } while (now.restarts < before.restarts + (uint64_t)CRASHERS * CRASHES_EACH);
    return (double)(now.restarts - before.restarts) / (bench_now_ns() - begin) * 1e9;
}

static void measure_rate(void)
{
    airs_system *system = world_create(2, 100);
    airs_component *component = world_load(system, "crash-calls");
    airs_spawn_options options = {.supervisor = make_pool(system)};
    airs_actor_id crashers[CRASHERS];
    for (uint32_t i = 0; i < CRASHERS; i++)
        bench_check(airs_spawn_component(system, component, &options, &crashers[i], NULL) == AIRS_OK, "a spawn");
    double values[BENCH_ROUNDS];
    (void)restarts_per_second(system, crashers);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++)
        values[i] = restarts_per_second(system, crashers);
    bench_print("supervise.restarts_per_second", "1/s", values, BENCH_ROUNDS);
    airs_component_release(component);
    airs_system_destroy(system);
}

// ---------------------------------------------------------------- messages in a deep tree

typedef struct pair {
    airs_system *system;
    airs_actor_id ping;
    airs_actor_id pong;
    uint64_t left;
    os_event done;
} pair;

static airs_status bounce(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    pair *self = airs_context_user(context);
    if (self->left == 0) {
        os_event_set(&self->done);
        return AIRS_OK;
    }
    self->left--;
    bool is_ping = airs_context_self(context).raw == self->ping.raw;
    return airs_context_send(context, is_ping ? self->pong : self->ping, message->payload.data, message->payload.len);
}

static double bounce_many(void *user, uint64_t count)
{
    static const uint8_t payload[WORLD_PAYLOAD];
    pair *self = user;
    self->left = count;
    os_event_init(&self->done);
    double begin = bench_now_ns();
    bench_check(airs_send(self->system, self->ping, payload, sizeof payload) == AIRS_OK, "a message");
    (void)os_event_wait(&self->done, OS_NEVER);
    return bench_now_ns() - begin;
}

static void make_pair(pair *self, airs_actor_id supervisor)
{
    static const airs_actor_fns fns = {.handle = bounce};
    airs_native native = {.kind = "bounce", .actor = &fns, .user = self};
    airs_spawn_options options = {.supervisor = supervisor};
    bench_check(airs_spawn_native(self->system, &native, &options, &self->ping, NULL) == AIRS_OK, "a spawn");
    bench_check(airs_spawn_native(self->system, &native, &options, &self->pong, NULL) == AIRS_OK, "a spawn");
}

/// Nobody is without a supervisor; directly under the root is as near to that as there is.
static void measure_overhead(void)
{
    pair flat = {.system = world_create(1, 1)};
    pair deep = {.system = flat.system};
    make_pair(&flat, (airs_actor_id){0});
    airs_actor_id above = {0};
    for (uint32_t i = 0; i < DEPTH; i++) {
        airs_supervisor_options options = {.supervisor = above, .strategy = AIRS_ONE_FOR_ALL};
        bench_check(airs_spawn_supervisor(flat.system, &options, &above, NULL) == AIRS_OK, "a supervisor");
    }
    make_pair(&deep, above);
    double values[BENCH_ROUNDS];
    double reference[BENCH_ROUNDS];
    uint64_t count = 300000;
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
        values[i] = (double)count / bounce_many(&deep, count) * 1e3;
        reference[i] = (double)count / bounce_many(&flat, count) * 1e3;
    }
    bench_print_ratio("supervise.overhead", "M/s", values, "directly under the root", reference, BENCH_ROUNDS);
    airs_system_destroy(flat.system);
}

// ---------------------------------------------------------------- health checks

static double cpu_seconds(void)
{
    struct rusage usage;
    bench_check(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure_health(void)
{
    airs_system *system = world_create(2, HEALTHY);
    airs_component *component = world_load(system, "healthy-calls");
    airs_spawn_options options = {.health = {.kind = AIRS_HEALTH_CHECK, .interval_ms = 1000}};
    airs_error error = {.text = ""};
    for (uint32_t i = 0; i < HEALTHY; i++) {
        airs_actor_id id;
        bench_check(airs_spawn_component(system, component, &options, &id, &error) == AIRS_OK, error.text);
    }
    double values[3];
    (void)nanosleep(&(struct timespec){.tv_sec = 2}, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        double before = cpu_seconds();
        (void)nanosleep(&(struct timespec){.tv_sec = HEALTH_SECONDS}, NULL);
        values[i] = (cpu_seconds() - before) / HEALTH_SECONDS * 100;
    }
    bench_print("supervise.health", "%", values, 3);
    airs_component_release(component);
    airs_system_destroy(system);
}

/// With a name: only that part.
int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*measure)(void);
    } parts[] = {
        {"native", measure_native},     {"component", measure_component}, {"rate", measure_rate},
        {"overhead", measure_overhead}, {"health", measure_health},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (argc < 2 || strcmp(argv[1], parts[i].name) == 0)
            parts[i].measure();
    }
    return 0;
}
