// SPDX-License-Identifier: MIT OR Apache-2.0
/// deploys [DEPLOYMENTS] [SEED]
///
/// Deploys to components, and rolls back, again and again, while threads send them numbered messages: versions that are
/// good, and versions that fail in their start, in their load, in the swap, in an event on probation, and by bad
/// health. Each message is passed on by whoever handles it. None may be lost, come twice, or come before one that was
/// sent before it; nobody may be stuck, and no supervisor may have had to restart anybody.
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "airssys/system.h"
#include "base/random.h"
#include "os/thread.h"

#define ACTORS 8u
#define SENDERS 3u
/// On their way at once.
#define WINDOW 400u
/// Nothing takes longer.
#define PATIENCE_S 120

typedef struct version {
    const char *guest;
    /// Always put back; else it is deployed.
    bool fails;
} version;

static const version versions[] = {
    {"teller-2", false},
    {"teller-1", false},
    {"teller-stop-trap", false},
    {"teller-start-error", true},
    {"teller-load-trap", true},
    {"teller-second", true},
    {"teller-falls", true},
    {"teller-load-error", true},
    {"teller-sickens", true},
    {"teller-unwell", true},
    // Another language, another toolchain, the same state.
    {"teller-cpp", false},
};
#define VERSIONS (sizeof versions / sizeof versions[0])

typedef struct sender {
    uint32_t index;
    os_thread thread;
    uint64_t sent[ACTORS];
} sender;

static airs_system *airs;
static airs_actor_id actors[ACTORS];
static airs_component *components[VERSIONS];
static sender senders[SENDERS];
static _Atomic bool ended;
static _Atomic uint64_t all_sent, all_collected;
/// The collector's own.
static uint64_t next[SENDERS][ACTORS];

static _Noreturn void fail(const char *what, const char *text)
{
    fprintf(stderr, "deploys: %s: %s\n", what, text);
    abort();
}

static void must(airs_status status, const char *what, const airs_error *error)
{
    if (status != AIRS_OK)
        fail(what, error->text[0] == '\0' ? airs_status_text(status) : error->text);
}

static void rest_ms(uint32_t ms)
{
    (void)nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000}, NULL);
}

// ---------------------------------------------------------------- the two ends

static airs_status collect(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)error;
    char text[64];
    uint32_t from, by;
    uint64_t number;
    (void)snprintf(text, sizeof text, "%.*s", (int)message->payload.len, (const char *)message->payload.data);
    if (sscanf(text, "%" SCNu32 " %" SCNu32 " %" SCNu64, &from, &by, &number) != 3 || from >= SENDERS || by >= ACTORS)
        fail("no message of a sender", text);
    if (number != next[from][by])
        fail(number > next[from][by] ? "one was lost, or overtaken" : "one came twice, or late", text);
    next[from][by]++;
    atomic_fetch_add(&all_collected, 1);
    return AIRS_OK;
}

static void send_on(void *user)
{
    sender *self = user;
    for (uint32_t to = self->index; !atomic_load(&ended); to = (to + 1) % ACTORS) {
        while (atomic_load(&all_sent) - atomic_load(&all_collected) > WINDOW && !atomic_load(&ended))
            rest_ms(1);
        char text[64];
        int len = snprintf(text, sizeof text, "pass %" PRIu32 " %" PRIu32 " %" PRIu64, self->index, to, self->sent[to]);
        atomic_fetch_add(&all_sent, 1);
        airs_status status = airs_send(airs, actors[to], text, (size_t)len);
        must(status, "send", &(airs_error){0});
        self->sent[to]++;
    }
}

// ---------------------------------------------------------------- making

static void spawn_collector(void)
{
    static const airs_actor_fns fns = {.handle = collect};
    static const airs_native native = {.kind = "collector", .actor = &fns};
    airs_error error = {0};
    airs_actor_id id;
    airs_spawn_options options = {.name = "collector", .limits = {.mailbox_max = 100000}};
    must(airs_spawn_native(airs, &native, &options, &id, &error), "collector", &error);
}

static void spawn_actors(void)
{
    static const char *const all[] = {"*"}, *const topics[] = {"news"};
    for (uint32_t i = 0; i < ACTORS; i++) {
        char name[16];
        airs_error error = {0};
        (void)snprintf(name, sizeof name, "t%" PRIu32, i);
        airs_spawn_options options = {.name = name,
                                      .may_send = all,
                                      .may_send_count = 1,
                                      .may_subscribe = topics,
                                      .may_subscribe_count = 1,
                                      .may_register = all,
                                      .may_register_count = 1,
                                      .limits = {.mailbox_max = 100000, .max_execution_ms = 30000}};
        must(airs_spawn_component(airs, components[1], &options, &actors[i], &error), name, &error);
    }
}

static void begin(void)
{
    airs_error error = {0};
    airs_system_options options = {.workers = 2, .instances_max = 24, .log_level = AIRS_LOG_ERROR};
    must(airs_system_create(&options, &airs, &error), "system", &error);
    for (size_t i = 0; i < VERSIONS; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s.wasm", GUESTS, versions[i].guest);
        must(airs_component_load_file(airs, path, &components[i], &error), path, &error);
    }
    spawn_collector();
    spawn_actors();
    for (uint32_t i = 0; i < SENDERS; i++) {
        senders[i].index = i;
        must(os_thread_start(&senders[i].thread, "sender", 0, send_on, &senders[i]), "thread", &error);
    }
}

// ---------------------------------------------------------------- deploying

static void deploy_one(base_random *random, uint64_t counts[3])
{
    uint32_t which = base_random_below(random, VERSIONS);
    airs_deploy_target targets[ACTORS];
    for (uint32_t i = 0; i < ACTORS; i++)
        targets[i] = (airs_deploy_target){.actor = actors[i], .rank = i % 2};
    // One that fails in an event needs the time to get there.
    airs_deploy_options options = {.probation_ms = versions[which].fails ? 30000 : 1 + base_random_below(random, 5),
                                   .rollback_state = (airs_rollback_state)base_random_below(random, 2),
                                   .parallel_max = 1 + base_random_below(random, ACTORS)};
    if (strcmp(versions[which].guest, "teller-sickens") == 0)
        options.probation_ms = 30;
    airs_error error = {0};
    airs_status status = airs_deploy(airs, components[which], targets, ACTORS, &options, NULL, &error);
    if (status != (versions[which].fails ? AIRS_E_FAILED : AIRS_OK))
        fail(versions[which].guest, status == AIRS_OK ? "it was deployed" : error.text);
    counts[versions[which].fails]++;
    if (versions[which].fails || base_random_below(random, 2) == 0)
        return;
    options.probation_ms = 1;
    status = airs_rollback(airs, targets, ACTORS, &options, NULL, &error);
    if (status != AIRS_OK && status != AIRS_E_NOT_FOUND)
        fail("rollback", error.text);
    counts[2] += status == AIRS_OK;
}

/// All that was sent has come, and all are as they should be.
static void check(void)
{
    atomic_store(&ended, true);
    for (uint32_t i = 0; i < SENDERS; i++)
        os_thread_join(&senders[i].thread);
    for (uint32_t waited = 0; atomic_load(&all_collected) < atomic_load(&all_sent); waited++) {
        if (waited > PATIENCE_S * 100)
            fail("at the end", "messages are missing");
        rest_ms(10);
    }
    for (uint32_t i = 0; i < ACTORS; i++) {
        airs_actor_info info;
        must(airs_actor_get_info(airs, actors[i], &info), "info", &(airs_error){0});
        if (info.state != AIRS_ACTOR_READY || info.restarts != 0)
            fail(info.name, "it is not ready, or was restarted");
    }
}

int main(int argc, char **argv)
{
    uint64_t deployments = argc > 1 ? strtoull(argv[1], NULL, 10) : 100;
    base_random random = {argc > 2 ? strtoull(argv[2], NULL, 10) : 1};
    uint64_t counts[3] = {0};
    begin();
    while (counts[0] + counts[1] + counts[2] < deployments)
        deploy_one(&random, counts);
    check();
    airs_system_stop(airs);
    for (size_t i = 0; i < VERSIONS; i++)
        airs_component_release(components[i]);
    airs_system_destroy(airs);
    printf("%" PRIu64 " deployed, %" PRIu64 " put back by themselves, %" PRIu64 " rolled back by hand, to %u actors, "
           "with %" PRIu64 " messages: none lost, twice or out of order\n",
           counts[0], counts[1], counts[2], ACTORS, atomic_load(&all_sent));
    return 0;
}
