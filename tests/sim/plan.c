// SPDX-License-Identifier: MIT OR Apache-2.0
#include "plan.h"

#define TALK [OP_SEND] = 8, [OP_REQUEST] = 4, [OP_ASK] = 4, [OP_REPLY] = 3, [OP_CANCEL] = 1, [OP_FORWARD] = 2
#define TOPICS [OP_PUBLISH] = 3, [OP_SUBSCRIBE] = 3, [OP_UNSUBSCRIBE] = 1
#define TIMERS [OP_SEND_AFTER] = 3, [OP_SEND_EVERY] = 1, [OP_CANCEL_TIMER] = 1
#define NAMES [OP_REGISTER] = 1, [OP_UNREGISTER] = 1
#define LIVES [OP_SPAWN] = 1, [OP_STOP] = 1, [OP_KILL] = 1
#define FAULTS [OP_TRAP] = 1, [OP_EXIT] = 1
#define GUESTS [OP_SPIN] = 1, [OP_SLEEP] = 1

const workload workloads[] = {
    {"mesh", TOPOLOGY_MESH, 4, 16, {TALK, TIMERS, GUESTS}, 0, 0},
    {"ring", TOPOLOGY_RING, 2, 12, {[OP_SEND] = 10, [OP_FORWARD] = 2, [OP_ASK] = 1, GUESTS}, 0, 0},
    {"fan-in", TOPOLOGY_FAN_IN, 4, 16, {[OP_SEND] = 10, [OP_REQUEST] = 4, [OP_ASK] = 2, [OP_REPLY] = 2, GUESTS}, 0, 0},
    {"fan-out", TOPOLOGY_FAN_OUT, 4, 16, {[OP_SEND] = 10, [OP_PUBLISH] = 4, [OP_SUBSCRIBE] = 3, GUESTS}, 0, 0},
    {"asks",
     TOPOLOGY_MESH,
     3,
     10,
     {[OP_REQUEST] = 8, [OP_ASK] = 8, [OP_REPLY] = 8, [OP_CANCEL] = 3, [OP_FORWARD] = 3, [OP_SEND_AFTER] = 3, GUESTS},
     FEATURE_COMPONENTS,
     0},
    {"cycles",
     TOPOLOGY_MESH,
     2,
     5,
     {[OP_ASK] = 12, [OP_REPLY] = 3, [OP_FORWARD] = 3, [OP_SEND] = 3, [OP_KILL] = 1},
     FEATURE_COMPONENTS,
     FEATURE_GRANTS},
    {"topics", TOPOLOGY_MESH, 4, 14, {TOPICS, [OP_SEND] = 2, [OP_SEND_AFTER] = 1, [OP_EXIT] = 1}, 0, 0},
    {"spawns",
     TOPOLOGY_MESH,
     2,
     8,
     {TALK, [OP_SPAWN] = 5, [OP_STOP] = 4, [OP_KILL] = 3, [OP_EXIT] = 2, NAMES},
     FEATURE_SUPERVISORS,
     0},
    {"back-pressure",
     TOPOLOGY_FAN_IN,
     3,
     10,
     {[OP_SEND] = 16, [OP_REQUEST] = 2, [OP_KILL] = 2, [OP_SPAWN] = 1, GUESTS},
     FEATURE_COMPONENTS | FEATURE_SMALL_MAILBOXES,
     0},
    {"crashes",
     TOPOLOGY_MESH,
     3,
     12,
     {TALK, TIMERS, [OP_TRAP] = 5, [OP_EXIT] = 4, [OP_KILL] = 1, TOPICS},
     FEATURE_SUPERVISORS,
     0},
    {"timers",
     TOPOLOGY_MESH,
     2,
     8,
     {[OP_SEND] = 2, [OP_SEND_AFTER] = 8, [OP_SEND_EVERY] = 3, [OP_CANCEL_TIMER] = 4, FAULTS, GUESTS},
     0,
     0},
    {"watches",
     TOPOLOGY_MESH,
     3,
     10,
     {[OP_SEND] = 6,
      [OP_SPAWN] = 1,
      [OP_STOP] = 1,
      [OP_KILL] = 1,
      FAULTS,
      [OP_MONITOR] = 5,
      [OP_DEMONITOR] = 2,
      [OP_LINK] = 3,
      [OP_UNLINK] = 1},
     FEATURE_SUPERVISORS | FEATURE_PAUSES,
     // The script knows no down events: components are those that fail with whom they are linked to.
     FEATURE_BATCH},
    {"retries",
     TOPOLOGY_MESH,
     3,
     10,
     {TALK, TIMERS, [OP_TRAP] = 5, [OP_EXIT] = 2, [OP_MONITOR] = 1, GUESTS},
     FEATURE_COMPONENTS | FEATURE_SUPERVISORS | FEATURE_RETRIES | FEATURE_PAUSES,
     0},
    {"deploys",
     TOPOLOGY_MESH,
     3,
     10,
     {TALK, TIMERS, TOPICS, GUESTS, [OP_TRAP] = 1, [OP_EXIT] = 1, [OP_STOP] = 1, [OP_KILL] = 1},
     FEATURE_COMPONENTS | FEATURE_SUPERVISORS | FEATURE_PAUSES | FEATURE_DEPLOYS,
     FEATURE_MAINS},
    {"everything", TOPOLOGY_MESH, 2, 16, {TALK, TOPICS, TIMERS, NAMES, LIVES, FAULTS, GUESTS}, 0, 0},
};

const uint32_t workloads_count = sizeof workloads / sizeof workloads[0];

static uint32_t between(base_random *random, uint32_t least, uint32_t most)
{
    return least + base_random_below(random, most - least + 1);
}

void plan_draw(plan *ret, uint64_t seed, const workload *which)
{
    base_random random = {.state = seed * 0x2545f4914f6cdd1du + 1};
    *ret = (plan){.seed = seed, .workload = which};
    ret->features = (uint32_t)base_random_next(&random) & ((1u << FEATURES_COUNT) - 1u);
    // These two hide what goes wrong only when all goes well: seldom.
    if (base_random_below(&random, 4) != 0)
        ret->features &= ~(uint32_t)FEATURE_NO_MEMORY;
    if (base_random_below(&random, 2) != 0)
        ret->features &= ~(uint32_t)FEATURE_STOP_IN_MIDDLE;
    ret->features = (ret->features | which->always) & ~which->never;
    for (uint32_t i = 0; i < OPS_FIRST_LATE; i++) {
        ret->weights[i] = base_random_below(&random, 5) == 0 ? 0 : which->weights[i];
        ret->weights_sum += ret->weights[i];
    }
    if (ret->weights_sum == 0)
        ret->weights_sum = ret->weights[OP_SEND] = 1;
    ret->minds = between(&random, which->minds_min, which->minds_max);
    ret->supervisors = plan_has(ret, FEATURE_SUPERVISORS) ? between(&random, 1, 3) : 0;
    ret->ops = between(&random, 20, 250);
    ret->rounds = between(&random, 2, 12);
    for (uint32_t i = OPS_FIRST_LATE; i < OP_COUNT; i++) {
        ret->weights[i] = base_random_below(&random, 5) == 0 ? 0 : which->weights[i];
        ret->weights_sum += ret->weights[i];
    }
}
