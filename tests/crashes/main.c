// SPDX-License-Identifier: MIT OR Apache-2.0
/// crashes [COUNT]
///
/// So many crashes of native actors (100,000) while others talk, on two workers. After it: each crash was followed by
/// one restart, the supervisor's intensity was reached exactly and exceeded by the next one only, the siblings were not
/// touched, every message is accounted for, and the memory is what it was.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/system.h"
#include "os/clock.h"
#include "os/thread.h"

#define CRASHERS 8u
#define SIBLINGS 4u
/// Others that do nothing, so that memory is measured on a system of some size.
#define IDLE 5000u
/// Messages on their way between siblings.
#define TOKENS 8u
/// Crashes asked for that have not happened yet.
#define AHEAD_MAX 256u
/// Nothing takes so long.
#define PATIENCE_MS 600000u

#define MUST(expression)                                                              \
    do {                                                                              \
        if (!(expression)) {                                                          \
            fprintf(stderr, "crashes: %s:%d: %s\n", __FILE__, __LINE__, #expression); \
            abort();                                                                  \
        }                                                                             \
    } while (0)

typedef struct party {
    _Atomic uint64_t starts;
    _Atomic uint64_t stops;
    _Atomic uint64_t crashes;
    /// Of a sibling: messages over its life, as its own state has counted them.
    _Atomic uint64_t counted;
    airs_actor_id next;
    const _Atomic bool *over;
} party;

static _Atomic uint64_t restarted;
static _Atomic uint64_t escalated;

static void on_event(void *user, const airs_event *event)
{
    (void)user;
    restarted += event->kind == AIRS_EVENT_RESTARTED;
    escalated += event->kind == AIRS_EVENT_ESCALATED;
}

static airs_status start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    ((party *)airs_context_user(context))->starts++;
    return AIRS_OK;
}

static void stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    ((party *)airs_context_user(context))->stops++;
}

static airs_status crash(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    ((party *)airs_context_user(context))->crashes++;
    airs_context_exit(context, "crashed as asked");
    return AIRS_OK;
}

/// Passes the token on, until all is over.
static airs_status talk(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    party *self = airs_context_user(context);
    uint64_t *count = state;
    self->counted = ++*count;
    if (*self->over)
        return AIRS_OK;
    return airs_context_send(context, self->next, message->payload.data, message->payload.len);
}

static const airs_child_fns child_fns = {.start = start, .stop = stop};
static const airs_actor_fns crasher_fns = {.handle = crash};
static const airs_actor_fns sibling_fns = {.handle = talk};

static airs_actor_id spawn(airs_system *system, airs_actor_id supervisor, const airs_actor_fns *fns, party *user)
{
    airs_native native = {"party", &child_fns, fns, sizeof(uint64_t), user};
    airs_spawn_options options = {.supervisor = supervisor};
    airs_actor_id id;
    MUST(airs_spawn_native(system, &native, &options, &id, NULL) == AIRS_OK);
    return id;
}

/// Pages of memory that are the process's own.
static double resident(void)
{
    long size;
    long pages;
    FILE *file = fopen("/proc/self/statm", "r");
    MUST(file != NULL && fscanf(file, "%ld %ld", &size, &pages) == 2);
    (void)fclose(file);
    return (double)pages;
}

static void wait_for(const _Atomic uint64_t *what, uint64_t value)
{
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), PATIENCE_MS);
    while (*what < value && os_clock_now_ns() < deadline_ns)
        os_thread_yield();
    MUST(*what == value);
}

static void crash_many(airs_system *system, const airs_actor_id *crashers, uint64_t count)
{
    uint64_t before = restarted;
    for (uint64_t i = 0; i < count; i++) {
        // So many wait at most: how much memory their envelopes take is no matter of luck then.
        while (before + i > restarted + AHEAD_MAX)
            os_thread_yield();
        MUST(airs_send(system, crashers[i % CRASHERS], "x", 1) == AIRS_OK);
    }
    wait_for(&restarted, before + count);
}

static void check_messages(airs_system *system)
{
    airs_metrics metrics;
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), PATIENCE_MS);
    do {
        os_thread_yield();
        airs_system_get_metrics(system, &metrics);
    } while (metrics.messages_sent != metrics.messages_handled + metrics.messages_failed + metrics.messages_dropped &&
             os_clock_now_ns() < deadline_ns);
    MUST(metrics.messages_sent == metrics.messages_handled + metrics.messages_failed + metrics.messages_dropped);
}

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    static party crashing[CRASHERS];
    static party talking[SIBLINGS];
    static _Atomic bool over;
    airs_system *system;
    airs_system_options options = {.workers = 2, .max_restarts = 3, .window_ms = 86400000};
    MUST(airs_system_create(&options, &system, NULL) == AIRS_OK);
    airs_system_on_event(system, on_event, NULL);
    airs_actor_id pool;
    airs_supervisor_options pools = {.name = "pool", .max_restarts = (uint32_t)count, .window_ms = 86400000};
    MUST(airs_spawn_supervisor(system, &pools, &pool, NULL) == AIRS_OK);
    airs_actor_id crashers[CRASHERS];
    airs_actor_id siblings[SIBLINGS];
    for (uint32_t i = 0; i < CRASHERS; i++)
        crashers[i] = spawn(system, pool, &crasher_fns, &crashing[i]);
    for (uint32_t i = 0; i < SIBLINGS; i++) {
        talking[i].over = &over;
        siblings[i] = spawn(system, pool, &sibling_fns, &talking[i]);
    }
    static party idle;
    for (uint32_t i = 0; i < IDLE; i++)
        (void)spawn(system, pool, &sibling_fns, &idle);
    for (uint32_t i = 0; i < SIBLINGS; i++)
        talking[i].next = siblings[(i + 1) % SIBLINGS];
    for (uint32_t i = 0; i < TOKENS; i++)
        MUST(airs_send(system, siblings[i % SIBLINGS], "token", 5) == AIRS_OK);

    // The first tenth warms up what is kept: histories, pools, the marks of the intensity.
    crash_many(system, crashers, count / 10);
    double baseline = resident();
    uint64_t begin_ns = os_clock_now_ns();
    crash_many(system, crashers, count - count / 10);
    double seconds = (double)(os_clock_now_ns() - begin_ns) / 1e9;
    double grown = resident() / baseline - 1;
    over = true;

    uint64_t starts = 0;
    uint64_t crashes = 0;
    for (uint32_t i = 0; i < CRASHERS; i++) {
        airs_actor_info info;
        MUST(airs_actor_get_info(system, crashers[i], &info) == AIRS_OK);
        MUST(info.restarts == crashing[i].crashes);
        starts += crashing[i].starts;
        crashes += crashing[i].crashes;
    }
    MUST(crashes == count && starts == count + CRASHERS && restarted == count && escalated == 0);
    check_messages(system);
    for (uint32_t i = 0; i < SIBLINGS; i++) {
        airs_actor_info info;
        MUST(airs_actor_get_info(system, siblings[i], &info) == AIRS_OK);
        MUST(talking[i].starts == 1 && info.restarts == 0 && info.messages_handled == talking[i].counted);
    }
    if (grown >= 0.02)
        fprintf(stderr, "crashes: memory grew by %.2f %% of %.0f pages\n", grown * 100, baseline);
    MUST(grown < 0.02);
    MUST(idle.starts == IDLE);
    // As many as were allowed; one more is too much.
    MUST(airs_send(system, crashers[0], "x", 1) == AIRS_OK);
    wait_for(&escalated, 1);
    airs_system_destroy(system);
    for (uint32_t i = 0; i < SIBLINGS; i++)
        MUST(talking[i].starts == talking[i].stops);
    printf("%llu crashes, %.0f a second, memory %+.2f %%\n", (unsigned long long)count,
           (double)(count - count / 10) / seconds, grown * 100);
    return 0;
}
