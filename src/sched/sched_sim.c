// SPDX-License-Identifier: MIT OR Apache-2.0
/// The simulator: the same seed gives the same order, another seed another one; time only passes when nothing else can
/// happen; and what is sent is handled.
#include <stdlib.h>

#include "base/alloc_fault.h"
#include "base/random.h"
#include "base/testing.h"
#include "ds/list.h"
#include "ds/mailbox.h"
#include "sched/sim.h"

#define MS UINT64_C(1000000)
#define NODES 12

struct letter {
    ds_mailbox_node node;
    struct letter *next_free;
    uint32_t from;
    uint32_t number;
    uint32_t hops;
};

struct node {
    sched_task task;
    ds_mailbox mailbox;
    sched_timer timer;
    struct town *town;
    uint32_t index;
    uint32_t sent_to[NODES];
    uint32_t seen_from[NODES];
};

struct town {
    sched_sim *sim;
    struct node nodes[NODES];
    struct letter letters[200];
    struct letter *free;
    uint64_t sent;
    uint64_t handled;
    uint64_t order_broken;
    uint32_t ticks_left;
};

static void letter_send(struct town *town, uint32_t from, uint32_t hops)
{
    struct letter *letter = town->free;
    if (letter == NULL)
        return;
    town->free = letter->next_free;
    uint32_t to = (uint32_t)(sched_sim_random(town->sim) % NODES);
    letter->from = from;
    letter->number = town->nodes[from].sent_to[to]++;
    letter->hops = hops;
    town->sent++;
    if (ds_mailbox_push(&town->nodes[to].mailbox, &letter->node))
        sched_wake(sched_sim_sched(town->sim), &town->nodes[to].task);
}

static sched_verdict node_poll(sched_task *task)
{
    struct node *self = ds_container_of(task, struct node, task);
    struct town *town = self->town;
    ds_mailbox_node *popped;
    for (int i = 0; i < 3; i++) {
        if (ds_mailbox_pop(&self->mailbox, &popped) != DS_MAILBOX_NODE)
            return ds_mailbox_sleep(&self->mailbox) ? SCHED_POLL_IDLE : SCHED_POLL_AGAIN;
        struct letter *letter = ds_container_of(popped, struct letter, node);
        uint32_t hops = letter->hops;
        town->order_broken += letter->number != self->seen_from[letter->from]++;
        town->handled++;
        sched_sim_note(town->sim, (uint64_t)self->index << 32 | letter->number);
        letter->next_free = town->free;
        town->free = letter;
        if (hops > 0)
            letter_send(town, self->index, hops - 1);
    }
    return SCHED_POLL_AGAIN;
}

static void node_tick(sched_timer *timer)
{
    struct node *self = timer->user;
    if (self->town->ticks_left == 0)
        return;
    self->town->ticks_left--;
    letter_send(self->town, self->index, (uint32_t)(sched_sim_random(self->town->sim) % 20));
    uint64_t delay_ns = (sched_sim_random(self->town->sim) % 50) * MS;
    sched_timer_start(sched_sim_sched(self->town->sim), timer, sched_sim_now_ns(self->town->sim) + delay_ns);
}

static uint64_t town_run(uint64_t seed)
{
    struct town *town = calloc(1, sizeof(*town));
    assert_non_null(town);
    assert_int_equal(sched_sim_create(seed, NULL, &town->sim), AIRS_OK);
    town->ticks_left = 100;
    for (uint32_t i = 0; i < 200; i++) {
        town->letters[i].next_free = town->free;
        town->free = &town->letters[i];
    }
    for (uint32_t i = 0; i < NODES; i++) {
        struct node *node = &town->nodes[i];
        node->town = town;
        node->index = i;
        ds_mailbox_init(&node->mailbox);
        sched_task_init(&node->task, node_poll);
        sched_timer_init(&node->timer, node_tick, node);
        sched_timer_start(sched_sim_sched(town->sim), &node->timer, sched_sim_now_ns(town->sim) + i * MS);
    }
    assert_int_equal(sched_sim_run(town->sim, OS_NEVER, 1000000), SCHED_SIM_QUIET);
    assert_int_equal(town->sent, town->handled);
    assert_int_equal(town->order_broken, 0);
    assert_true(town->sent >= 100);
    uint64_t hash = sched_sim_hash(town->sim);
    sched_sim_destroy(town->sim);
    free(town);
    return hash;
}

static void test_same_seed_same_order(void **state)
{
    (void)state;
    uint64_t last = 0;
    for (uint64_t seed = 0; seed < TEST_ROUNDS(2000u); seed++) {
        uint64_t hash = town_run(seed);
        if (hash != town_run(seed))
            fail_msg("seed %lu gives two orders", (unsigned long)seed);
        assert_true(hash != last);
        last = hash;
    }
}

static void stop_clock(sched_timer *timer)
{
    *(uint64_t *)timer->user += 1;
}

static void test_time_is_virtual(void **state)
{
    (void)state;
    sched_sim *sim = NULL;
    uint64_t fired = 0;
    sched_timer timer;
    assert_int_equal(sched_sim_create(1, NULL, &sim), AIRS_OK);
    uint64_t begin_ns = sched_sim_now_ns(sim);
    sched_timer_init(&timer, stop_clock, &fired);
    sched_timer_start(sched_sim_sched(sim), &timer, begin_ns + 3600000 * MS);
    assert_int_equal(sched_sim_run(sim, begin_ns + 1000 * MS, 100), SCHED_SIM_UNTIL);
    assert_true(sched_sim_now_ns(sim) == begin_ns + 1000 * MS && fired == 0);
    assert_int_equal(sched_sim_run(sim, OS_NEVER, 100), SCHED_SIM_QUIET);
    assert_int_equal(fired, 1);
    assert_true(sched_sim_now_ns(sim) >= begin_ns + 3600000 * MS);
    assert_true(sched_sim_now_ns(sim) <= begin_ns + 3600000 * MS + SCHED_TIMER_RESOLUTION_NS);
    sched_sim_destroy(sim);
    sched_sim_destroy(NULL);
}

static sched_verdict for_ever(sched_task *task)
{
    (void)task;
    return SCHED_POLL_AGAIN;
}

static void test_steps_are_limited(void **state)
{
    (void)state;
    sched_sim *sim = NULL;
    sched_task task;
    assert_int_equal(sched_sim_create(1, NULL, &sim), AIRS_OK);
    sched_task_init(&task, for_ever);
    sched_wake(sched_sim_sched(sim), &task);
    assert_int_equal(sched_sim_run(sim, OS_NEVER, 1000), SCHED_SIM_STEPS);
    sched_sim_destroy(sim);
}

static void test_no_memory(void **state)
{
    (void)state;
    for (uint64_t at = 1;; at++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        base_alloc_fault_arm(&fault, at, 1);
        sched_sim *sim = NULL;
        airs_status status = sched_sim_create(7, &fault.allocator, &sim);
        assert_int_equal(status, base_alloc_fault_hit(&fault) ? AIRS_E_NOMEM : AIRS_OK);
        sched_sim_destroy(sim);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
        if (status == AIRS_OK)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_same_order),
        cmocka_unit_test(test_time_is_virtual),
        cmocka_unit_test(test_steps_are_limited),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
