// SPDX-License-Identifier: MIT OR Apache-2.0
/// Systems that are made, loaded with work and ended in the middle of it, again and again: nothing is left of any.
///
///   cycles [COUNT]
///
/// Messages, requests, timers and publications are under way when a system ends; each request from outside is told its
/// outcome all the same. After each cycle no byte of its allocator is left; at times threads and descriptors are
/// counted, and what the process has in memory does not grow. Each 16th system also runs components.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/atomics.h"
#include "base/random.h"
#include "liveness.h"
#include "os/clock.h"
#include "os/thread.h"

#define ACTORS 8u
#define COMPONENT_EACH 16u
#define LOOK_EACH 64u
/// What a process may grow by in all cycles after the first tenth.
#define RSS_GROWTH_MAX (16u << 20)

// ---------------------------------------------------------------- an allocator that counts

typedef struct counted {
    BASE_ATOMIC(uint64_t) bytes;
    BASE_ATOMIC(uint64_t) blocks;
} counted;

/// Before each block, keeping its alignment.
typedef struct block_head {
    _Alignas(max_align_t) size_t size;
} block_head;

static void *counted_realloc(void *user, void *memory, size_t size)
{
    counted *self = user;
    block_head *head = memory == NULL ? NULL : (block_head *)memory - 1;
    size_t before = head == NULL ? 0 : head->size;
    block_head *grown = base_realloc(base_allocator_default(), head, sizeof *head + size);
    if (grown == NULL)
        return NULL;
    (void)base_atomic_fetch_add_relaxed(&self->bytes, size - before);
    (void)base_atomic_fetch_add_relaxed(&self->blocks, head == NULL);
    grown->size = size;
    return grown + 1;
}

static void *counted_alloc(void *user, size_t size)
{
    return counted_realloc(user, NULL, size);
}

static void counted_free(void *user, void *memory)
{
    counted *self = user;
    if (memory == NULL)
        return;
    block_head *head = (block_head *)memory - 1;
    (void)base_atomic_fetch_sub_relaxed(&self->bytes, head->size);
    (void)base_atomic_fetch_sub_relaxed(&self->blocks, 1u);
    base_free(base_allocator_default(), head);
}

// ---------------------------------------------------------------- what the process has

static uint32_t entries_of(const char *folder)
{
    DIR *entries = opendir(folder);
    AIRS_ASSERT(entries != NULL);
    uint32_t count = 0;
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count;
}

static uint64_t resident_bytes(void)
{
    char text[128] = "";
    FILE *file = fopen("/proc/self/statm", "r");
    AIRS_ASSERT(file != NULL && fgets(text, sizeof text, file) != NULL);
    (void)fclose(file);
    char *end;
    (void)strtoull(text, &end, 10);
    return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/// A thread that was joined may be listed for a moment longer.
static void wait_entries(const char *folder, uint32_t wanted)
{
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), 20000);
    uint32_t count;
    while ((count = entries_of(folder)) != wanted && os_clock_now_ns() < deadline_ns)
        os_thread_yield();
    if (count != wanted) {
        fprintf(stderr, "%s has %u entries, it had %u\n", folder, count, wanted);
        exit(1);
    }
}

// ---------------------------------------------------------------- the load

typedef struct crowd {
    airs_system *system;
    /// Raw ids; read by those that have started already.
    BASE_ATOMIC(uint64_t) ids[ACTORS];
    BASE_ATOMIC(uint32_t) asked;
    BASE_ATOMIC(uint32_t) told;
} crowd;

static airs_actor_id member(crowd *self, uint32_t index)
{
    return (airs_actor_id){base_atomic_load_relaxed(&self->ids[index])};
}

/// Each message leads to another one, a request or a publication, and none of them comes to an end by itself.
static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    base_random *random = state;
    crowd *self = airs_context_user(context);
    if (message->request.raw != 0 && base_random_below(random, 4) != 0)
        return airs_context_reply(context, message->request, message->payload.data, message->payload.len);
    airs_actor_id to = member(self, base_random_below(random, ACTORS));
    static const uint8_t large[500];
    size_t len = base_random_below(random, 2) == 0 ? 10 : sizeof large;
    airs_request_id request;
    uint64_t timer;
    airs_status status = AIRS_OK;
    switch (base_random_below(random, 5)) {
    case 0:
        status = airs_context_send(context, to, large, len);
        break;
    case 1:
        status = airs_context_request(context, to, large, len, base_random_below(random, 5), &request);
        break;
    case 2:
        status = airs_context_publish(context, "cycle.all", large, len, NULL, error);
        break;
    case 3:
        status = airs_context_send_after(context, base_random_below(random, 3), to, large, len, &timer);
        break;
    default:
        if (base_random_below(random, 200) == 0)
            airs_context_exit(context, "as drawn");
        break;
    }
    // Those that have ended and those that are full are part of it.
    AIRS_ASSERT(status == AIRS_OK || status == AIRS_E_GONE || status == AIRS_E_FULL);
    return AIRS_OK;
}

static airs_status start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    ((base_random *)state)->state = info->id.raw;
    uint64_t number;
    airs_status status = airs_context_send_every(context, 1, info->id, "tick", 4, &number);
    return status == AIRS_OK ? airs_context_subscribe(context, "cycle.*", NULL, &number, error) : status;
}

static const airs_child_fns child_fns = {.start = start};
static const airs_actor_fns actor_fns = {.handle = handle};

static void must(airs_status status, const airs_error *error)
{
    if (status == AIRS_OK)
        return;
    fprintf(stderr, "%s: %s\n", airs_status_name(status), error == NULL ? "" : error->text);
    exit(1);
}

static void on_told(void *user, const airs_reply *reply)
{
    crowd *self = user;
    (void)reply;
    (void)base_atomic_fetch_add_relaxed(&self->told, 1u);
}

static void spawn_natives(crowd *self)
{
    airs_native native = {"crowd", &child_fns, &actor_fns, sizeof(base_random), self};
    airs_error error;
    for (uint32_t i = 0; i < ACTORS; i++) {
        airs_actor_id id;
        must(airs_spawn_native(self->system, &native, NULL, &id, &error), &error);
        base_atomic_store_relaxed(&self->ids[i], id.raw);
    }
}

/// Two of the natives make room for components.
static void spawn_components(crowd *self)
{
    airs_error error;
    airs_component *component;
    must(airs_component_load_file(self->system, GUESTS "/counts.wasm", &component, &error), &error);
    for (uint32_t i = 0; i < 2; i++) {
        airs_actor_id id;
        must(airs_spawn_component(self->system, component, NULL, &id, &error), &error);
        base_atomic_store_relaxed(&self->ids[i], id.raw);
    }
    airs_component_release(component);
}

static void ask_all(crowd *self, uint32_t rounds)
{
    for (uint32_t i = 0; i < rounds * ACTORS; i++) {
        airs_status status =
            airs_ask_async(self->system, member(self, i % ACTORS), "add", 3, i % 7 == 0 ? 1 : 60000, on_told, self);
        if (status == AIRS_OK)
            (void)base_atomic_fetch_add_relaxed(&self->asked, 1u);
        must(airs_publish(self->system, "cycle.outside", "x", 1, NULL, NULL), NULL);
    }
}

// ---------------------------------------------------------------- cycles

static void run_cycle(uint32_t number, const char *cache)
{
    counted memory = {0};
    airs_allocator allocator = {counted_alloc, counted_realloc, counted_free, &memory};
    airs_system_options options = {.workers = 2, .max_restarts = 1000, .instances_max = 2, .allocator = &allocator};
    options.cache_dir = number % COMPONENT_EACH == 0 ? cache : NULL;
    crowd self = {0};
    liveness *monitor = NULL;
    airs_error error;
    if (number % LOOK_EACH == 1)
        monitor = liveness_begin(&options, &self.system);
    else
        must(airs_system_create(&options, &self.system, &error), &error);
    spawn_natives(&self);
    if (number % COMPONENT_EACH == 0)
        spawn_components(&self);
    ask_all(&self, 1 + number % 8);
    if (number % 2 == 0)
        airs_system_stop(self.system);
    uint32_t found = 0;
    if (monitor != NULL)
        found = liveness_end(monitor);
    else
        airs_system_destroy(self.system);
    if (found != 0 || self.asked != self.told || memory.bytes != 0 || memory.blocks != 0) {
        fprintf(stderr, "cycle %u: asked %u, told %u; left %llu bytes in %llu blocks\n", number, self.asked, self.told,
                (unsigned long long)memory.bytes, (unsigned long long)memory.blocks);
        exit(1);
    }
}

static bool memory_is_measured(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    // What is freed stays resident for a while.
    return false;
#else
    return true;
#endif
}

int main(int argc, char **argv)
{
    uint32_t cycles = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 10000;
    char cache[] = "/tmp/airs-cycles-XXXXXX";
    AIRS_ASSERT(mkdtemp(cache) != NULL);
    // The first one makes what a process keeps: the engine's signal handlers, the cache of compiled code.
    run_cycle(0, cache);
    uint32_t tasks = entries_of("/proc/self/task");
    uint32_t descriptors = entries_of("/proc/self/fd");
    uint64_t resident = 0;
    for (uint32_t i = 1; i <= cycles; i++) {
        run_cycle(i, cache);
        if (i == cycles / 10)
            resident = resident_bytes();
        if (i % LOOK_EACH == 0 || i == cycles) {
            wait_entries("/proc/self/task", tasks);
            wait_entries("/proc/self/fd", descriptors);
        }
    }
    uint64_t now = resident_bytes();
    printf("%u cycles; resident %llu KiB after a tenth, %llu KiB at the end\n", cycles,
           (unsigned long long)resident >> 10, (unsigned long long)now >> 10);
    char command[sizeof cache + 16];
    (void)snprintf(command, sizeof command, "rm -r %s", cache);
    if (system(command) != 0 || (memory_is_measured() && now > resident + RSS_GROWTH_MAX))
        return 1;
    return 0;
}
