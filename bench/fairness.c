// SPDX-License-Identifier: MIT OR Apache-2.0
/// How long a component takes to reply while eight others never stop computing, on two workers.
#include <sched.h>
#include <stdlib.h>

#include "bench.h"
#include "world.h"

#define SPINNERS 8u
#define ROUNDS 9u
#define ASKS 300u

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/// Milliseconds that 99 of 100 replies take at most.
static double p99(airs_system *system, airs_actor_id other)
{
    static double times[ASKS];
    for (uint32_t i = 0; i < ASKS; i++) {
        double begin = bench_now_ns();
        (void)world_ask(system, other, 1);
        times[i] = (bench_now_ns() - begin) / 1e6;
    }
    qsort(times, ASKS, sizeof *times, compare);
    return times[ASKS * 99 / 100];
}

int main(void)
{
    // Where it was started with a real-time policy, the workers would never let the ticker run.
    (void)sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
    airs_system *system = world_create(2, SPINNERS + 1);
    airs_component *spin = world_load(system, "spin");
    for (uint32_t i = 0; i < SPINNERS; i++) {
        airs_actor_id spinner = world_spawn(system, spin, NULL, NULL);
        bench_check(airs_send(system, spinner, "", 0) == AIRS_OK, "a message");
    }
    airs_component_release(spin);
    airs_actor_id other = world_spawn_guest(system, "pong", NULL);
    (void)p99(system, other);
    double values[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++)
        values[i] = p99(system, other);
    bench_print("fairness.p99", "ms", values, ROUNDS);
    airs_system_destroy(system);
    return 0;
}
