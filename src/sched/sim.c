// SPDX-License-Identifier: MIT OR Apache-2.0
#include "sched/sim.h"

#include "base/alloc.h"
#include "sched/sched_impl.h"

// When the virtual time begins: not at 0, so that a deadline in the past can be written.
#define BEGIN_NS UINT64_C(1000000000)

struct sched_sim {
    sched *sched;
    const airs_allocator *allocator;
    base_random choices;
    uint64_t now_ns;
    uint64_t hash;
};

static uint64_t sim_now_ns(void *user)
{
    sched_sim *sim = user;
    return sim->now_ns;
}

static void sim_polled(void *user, const sched_task *task, uint32_t lane, sched_verdict verdict)
{
    sched_sim *sim = user;
    (void)task;
    sched_sim_note(sim, (uint64_t)lane << 8 | (uint64_t)verdict);
    sched_sim_note(sim, sim->now_ns);
}

airs_status sched_sim_create(uint64_t seed, const airs_allocator *allocator, sched_sim **ret_sim)
{
    if (allocator == NULL)
        allocator = base_allocator_default();
    sched_sim *sim = base_alloc_zeroed(allocator, sizeof(*sim));
    if (sim == NULL)
        return AIRS_E_NOMEM;
    sim->allocator = allocator;
    sim->now_ns = BEGIN_NS;
    sim->choices.state = ~seed;
    sched_options options = {
        .workers = SCHED_DRIVEN,
        .allocator = allocator,
        .clock = {.now_ns = sim_now_ns, .user = sim},
        // 0 would mean: no seed.
        .seed = seed != 0 ? seed : UINT64_MAX,
        .hooks = {.polled = sim_polled, .user = sim},
    };
    airs_status status = sched_create(&options, &sim->sched, NULL);
    if (status != AIRS_OK) {
        base_free(allocator, sim);
        return status;
    }
    *ret_sim = sim;
    return AIRS_OK;
}

void sched_sim_destroy(sched_sim *sim)
{
    if (sim == NULL)
        return;
    sched_destroy(sim->sched);
    base_free(sim->allocator, sim);
}

sched *sched_sim_sched(sched_sim *sim)
{
    return sim->sched;
}

uint64_t sched_sim_random(sched_sim *sim)
{
    return base_random_next(&sim->choices);
}

uint64_t sched_sim_now_ns(const sched_sim *sim)
{
    return sim->now_ns;
}

void sched_sim_pass(sched_sim *sim, uint64_t elapsed_ns)
{
    sim->now_ns += elapsed_ns;
}

void sched_sim_note(sched_sim *sim, uint64_t what)
{
    base_random mix = {.state = sim->hash ^ what};
    sim->hash = base_random_next(&mix);
}

uint64_t sched_sim_hash(const sched_sim *sim)
{
    return sim->hash;
}

sched_sim_end sched_sim_run(sched_sim *sim, uint64_t until_ns, uint64_t steps_max)
{
    for (uint64_t steps = 0; steps < steps_max;) {
        uint64_t deadline_ns;
        if (sched_run_once(sim->sched, &deadline_ns)) {
            steps++;
            continue;
        }
        if (deadline_ns == OS_NEVER)
            return SCHED_SIM_QUIET;
        if (deadline_ns > until_ns) {
            sim->now_ns = until_ns > sim->now_ns ? until_ns : sim->now_ns;
            return SCHED_SIM_UNTIL;
        }
        sim->now_ns = deadline_ns;
    }
    return SCHED_SIM_STEPS;
}
