// SPDX-License-Identifier: MIT OR Apache-2.0
/// files.open: a file that a component opens under grants, against the same call of the same program in bare Wasmtime
/// with a plain preopen: both in wasi-libc, with the closing, and on a thread of the pool.
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "world.h"

#include "base/alloc.h"
#include "floor.h"
#include "node/system.h"
#include "os/file.h"

#define OPENS 5000u

typedef struct opener {
    airs_system *system;
    airs_component *component;
    char folder[64];
    _Atomic bool failed;
} opener;

static void on_event(void *user, const airs_event *event)
{
    opener *it = user;
    if (event->kind == AIRS_EVENT_FAILED)
        atomic_store(&it->failed, true);
}

/// From its spawn to its end: of so many opens that is nothing.
static double ours(void *user, uint64_t count)
{
    opener *it = user;
    char number[24];
    (void)snprintf(number, sizeof number, "%llu", (unsigned long long)count);
    const char *const args[] = {number};
    const airs_grant grant = {.rights = AIRS_RIGHT_FILES_READ, .pattern = "/data/*"};
    const airs_mount mount = {"/data", it->folder};
    airs_spawn_options options = {.restart = AIRS_RESTART_TEMPORARY,
                                  .limits = {.max_execution_ms = 600000, .max_park_ms = 600000},
                                  .args = args,
                                  .args_count = 1,
                                  .grants = &grant,
                                  .grants_count = 1,
                                  .mounts = &mount,
                                  .mounts_count = 1};
    airs_actor_id id;
    airs_actor_info info;
    double begin = bench_now_ns();
    bench_check(airs_spawn_component(it->system, it->component, &options, &id, NULL) == AIRS_OK, "a program");
    while (airs_actor_get_info(it->system, id, &info) == AIRS_OK) {
        const struct timespec rest = {.tv_nsec = 50000};
        (void)nanosleep(&rest, NULL);
    }
    double took_ns = bench_now_ns() - begin;
    bench_check(!atomic_load(&it->failed), "each file is opened");
    return took_ns;
}

static double bare(void *user, uint64_t count)
{
    double begin = bench_now_ns();
    bench_check(floor_files_open(user, count), "each file is opened by bare Wasmtime");
    return bench_now_ns() - begin;
}

static floor_files *make_floor(const opener *it)
{
    airs_buffer wasm = {0};
    engine_config config = system_engine_config(&it->system->options);
    bench_check(os_file_read(base_allocator_default(), BENCH_GUESTS "/opens.wasm", OS_FILE_REGULAR, 64u << 20, &wasm,
                             NULL) == AIRS_OK,
                "the guest's file");
    floor_files *made = floor_files_create(&config, (engine_bytes){wasm.data, wasm.len},
                                           (engine_bytes){(const uint8_t *)it->folder, strlen(it->folder)});
    bench_check(made != NULL, "a floor");
    airs_buffer_free(&wasm);
    return made;
}

int main(void)
{
    static opener it;
    char path[80], command[96];
    (void)snprintf(it.folder, sizeof it.folder, "/tmp/airssys-bench-XXXXXX");
    bench_check(mkdtemp(it.folder) != NULL, "a folder");
    (void)snprintf(path, sizeof path, "%s/file", it.folder);
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    bench_check(file >= 0 && close(file) == 0, "a file");
    it.system = world_create(1, 10);
    airs_system_on_event(it.system, on_event, &it);
    bench_check(airs_component_load_file(it.system, BENCH_GUESTS "/opens.wasm", &it.component, NULL) == AIRS_OK,
                "a component");
    floor_files *floor = make_floor(&it);
    bench_ratio("files.open", (bench_side){ours, &it}, "plain preopen", (bench_side){bare, floor}, OPENS);
    floor_files_destroy(floor);
    airs_component_release(it.component);
    airs_system_destroy(it.system);
    (void)snprintf(command, sizeof command, "rm -r '%s'", it.folder);
    bench_check(system(command) == 0, "an end without a trace");
    return 0;
}
