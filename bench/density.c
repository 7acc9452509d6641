// SPDX-License-Identifier: MIT OR Apache-2.0
/// density: as many live components as the kernel's default limit of mappings allows, each of which has answered, also
/// after half of them were replaced. What one takes, by part. And what they cost while they are idle.
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "bench.h"
#include "world.h"

#define COMPONENTS 15000u
#define IDLE_SECONDS 5
/// Address space is kept for as much of each.
#define MEMORY_MAX (64u << 20)

// ---------------------------------------------------------------- mappings

static uint32_t mappings(void)
{
    FILE *file = fopen("/proc/self/maps", "r");
    bench_check(file != NULL, "/proc/self/maps");
    uint32_t lines = 0;
    for (int c; (c = fgetc(file)) != EOF;)
        lines += c == '\n';
    (void)fclose(file);
    return lines;
}

static uint32_t mappings_allowed(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");
    unsigned allowed = 0;
    bench_check(file != NULL && fscanf(file, "%u", &allowed) == 1, "vm.max_map_count");
    (void)fclose(file);
    return allowed;
}

// ---------------------------------------------------------------- components

typedef struct herd {
    airs_system *system;
    airs_component *component;
    uint32_t count;
    airs_actor_id ids[COMPONENTS];
} herd;

static void spawn_one(herd *self, uint32_t number)
{
    airs_error error = {.text = ""};
    airs_status status = airs_spawn_component(self->system, self->component, NULL, &self->ids[number], &error);
    bench_check(status == AIRS_OK, error.text);
}

static void stop_one(herd *self, uint32_t number)
{
    bench_check(airs_stop(self->system, self->ids[number]) == AIRS_OK, "a stop");
}

/// Up to COMPONENTS, but fewer where these would take nearly all mappings that the kernel allows: a place that is taken
/// for the first time needs two, also while there are places of ended components.
static void spawn_all(herd *self)
{
    uint32_t most = mappings_allowed() / 100 * 96;
    while (self->count < COMPONENTS && (self->count % 500 != 0 || mappings() < most)) {
        spawn_one(self, self->count);
        self->count++;
    }
}

static void ask_all(herd *self)
{
    for (uint32_t i = 0; i < self->count; i++)
        bench_check(world_ask(self->system, self->ids[i], i) == i, "each answers");
}

/// Stops a random half and spawns as many again.
static void replace_half(herd *self)
{
    uint32_t seed = 12345;
    static bool stopped[COMPONENTS];
    for (uint32_t left = self->count / 2; left > 0;) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t number = (uint32_t)((uint64_t)seed * self->count >> 32);
        if (stopped[number])
            continue;
        stopped[number] = true;
        left--;
        stop_one(self, number);
    }
    for (uint32_t i = 0; i < self->count; i++) {
        if (stopped[i])
            spawn_one(self, i);
    }
}

// ---------------------------------------------------------------- what it takes

/// The number behind `key` in a file of /proc, in KiB there, in bytes here.
static double bytes_in(const char *path, const char *key)
{
    FILE *file = fopen(path, "r");
    bench_check(file != NULL, path);
    char line[256];
    double kib = -1;
    while (kib < 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, key, strlen(key)) == 0)
            kib = strtod(line + strlen(key), NULL);
    }
    (void)fclose(file);
    bench_check(kib >= 0, key);
    return kib * 1024;
}

typedef struct footprint {
    double resident;
    double heap;
    double page_tables;
} footprint;

static footprint measure_footprint(void)
{
    struct mallinfo2 heap = mallinfo2();
    return (footprint){bytes_in("/proc/self/smaps_rollup", "Rss:"), (double)(heap.uordblks + heap.hblkhd),
                       bytes_in("/proc/self/status", "VmPTE:")};
}

static void print_each(const herd *self, const char *name, double before, double after)
{
    double each = (after - before) / self->count;
    bench_print(name, "bytes", &each, 1);
}

// ---------------------------------------------------------------- idle

static double cpu_seconds(void)
{
    struct rusage usage;
    bench_check(getrusage(RUSAGE_SELF, &usage) == 0, "getrusage");
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void measure_idle(void)
{
    double values[3];
    // Whatever the last answer left to do ends first.
    (void)nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        double before = cpu_seconds();
        (void)nanosleep(&(struct timespec){.tv_sec = IDLE_SECONDS}, NULL);
        values[i] = (cpu_seconds() - before) / IDLE_SECONDS * 100;
    }
    bench_print("idle", "%", values, 3);
}

int main(void)
{
    herd *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    airs_error error = {.text = ""};
    airs_system_options options = {.workers = 2, .instances_max = COMPONENTS, .component_memory_max = MEMORY_MAX};
    bench_check(airs_system_create(&options, &self->system, &error) == AIRS_OK, error.text);
    self->component = world_load(self->system, "pong");
    footprint before = measure_footprint();
    double begin = bench_now_ns();
    spawn_all(self);
    double each_us = (bench_now_ns() - begin) / self->count / 1000;
    ask_all(self);
    replace_half(self);
    ask_all(self);
    footprint after = measure_footprint();
    airs_metrics metrics;
    airs_system_get_metrics(self->system, &metrics);
    double live = (double)metrics.instances;
    double maps = (double)mappings();
    bench_print("density", "live", &live, 1);
    bench_print("density.mappings", "maps", &maps, 1);
    bench_print("density.spawn", "us", &each_us, 1);
    print_each(self, "density.resident", before.resident, after.resident);
    print_each(self, "density.heap", before.heap, after.heap);
    print_each(self, "density.mapped", before.resident - before.heap, after.resident - after.heap);
    print_each(self, "density.page_tables", before.page_tables, after.page_tables);
    measure_idle();
    airs_component_release(self->component);
    airs_system_destroy(self->system);
    free(self);
    return 0;
}
