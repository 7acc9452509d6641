// SPDX-License-Identifier: MIT OR Apache-2.0
/// capability.allow_send: what the question for a grant adds to a message from one component to another, all of the
/// way included, over this same program built without the question (allow.sed). In processor time of one worker: what
/// else the machine does is larger than the figure.
#include <string.h>
#include <time.h>

#include "without.h"
#include "world.h"

#define SENDS 200000u

typedef struct pair {
    airs_system *system;
    airs_actor_id source;
    uint64_t sent;
} pair;

static double cpu_now_ns(void)
{
    struct timespec now;
    bench_check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0, "the processor's time");
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double send_many(void *user, uint64_t count)
{
    pair *it = user;
    double begin = cpu_now_ns();
    uint64_t handled = world_ask(it->system, it->source, count);
    double elapsed = cpu_now_ns() - begin;
    it->sent += count;
    bench_check(handled == it->sent, "each message is handled");
    return elapsed;
}

int main(int argc, char **argv)
{
    pair it = {.system = world_create(1, 10)};
    (void)world_spawn_guest(it.system, "sink", NULL);
    it.source = world_spawn_guest(it.system, "source", "sink");
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        without_serve((bench_side){send_many, &it});
    } else {
        without child = without_start(BENCH_WITHOUT);
        double added[BENCH_ROUNDS];
        (void)send_many(&it, SENDS);
        (void)without_run(&child, SENDS);
        for (uint32_t i = 0; i < BENCH_ROUNDS; i++) {
            double with_ns = send_many(&it, SENDS);
            added[i] = (with_ns - without_run(&child, SENDS)) / SENDS;
        }
        bench_print("capability.allow_send", "ns", added, BENCH_ROUNDS);
        without_end(&child);
    }
    airs_system_destroy(it.system);
    return 0;
}
