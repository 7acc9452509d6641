// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/timer_wheel.h"

#include <stdlib.h>

#include "base/random.h"
#include "base/testing.h"

static ds_wheel_node *pop(ds_timer_wheel *wheel, uint64_t now)
{
    uint32_t work;
    ds_wheel_node *node;
    do {
        work = 3;
        node = ds_timer_wheel_pop(wheel, now, &work);
    } while (node == NULL && work == 0);
    return node;
}

static void test_never_early_and_not_late(void **state)
{
    (void)state;
    static const uint64_t delays[] = {0,    1,      2,       62,      63,       64,        65,
                                      4095, 4096,   4097,    262143,  1u << 24, 1u << 30,  UINT64_C(1) << 40,
                                      300,  100000, 5000000, 1 << 18, 16777217, 123456789, UINT64_C(1) << 62};
    static const uint64_t starts[] = {0, 1, 63, 64, 4095, 1234567, UINT64_C(0xffffffffff)};
    for (size_t s = 0; s < sizeof(starts) / sizeof(starts[0]); s++) {
        for (size_t d = 0; d < sizeof(delays) / sizeof(delays[0]); d++) {
            ds_timer_wheel wheel;
            ds_wheel_node node;
            uint64_t deadline = starts[s] + delays[d];
            ds_timer_wheel_init(&wheel, starts[s]);
            assert_true(ds_timer_wheel_next(&wheel) == DS_WHEEL_NEVER);
            ds_wheel_node_init(&node);
            ds_timer_wheel_insert(&wheel, &node, deadline);
            assert_true(ds_timer_wheel_next(&wheel) <= deadline);
            if (delays[d] > 0)
                assert_null(pop(&wheel, deadline - 1));
            assert_true(ds_timer_wheel_next(&wheel) <= deadline);
            assert_ptr_equal(pop(&wheel, deadline), &node);
            assert_null(pop(&wheel, deadline));
            assert_false(node.pending);
        }
    }
}

static void test_deadlines_in_the_past_and_at_the_end_of_time(void **state)
{
    (void)state;
    ds_timer_wheel wheel;
    ds_wheel_node past;
    ds_wheel_node last;
    ds_timer_wheel_init(&wheel, 1000);
    ds_wheel_node_init(&past);
    ds_wheel_node_init(&last);
    ds_timer_wheel_insert(&wheel, &last, UINT64_MAX);
    ds_timer_wheel_insert(&wheel, &past, 5);
    assert_int_equal(ds_timer_wheel_next(&wheel), 1000);
    assert_ptr_equal(pop(&wheel, 1000), &past);
    assert_null(pop(&wheel, UINT64_MAX - 1));
    assert_ptr_equal(pop(&wheel, UINT64_MAX), &last);
    assert_int_equal(wheel.count, 0);
}

typedef struct model_timer {
    ds_wheel_node node;
    uint64_t deadline;
    bool pending;
} model_timer;

static model_timer timers[500];

// Against a plain array, with random inserts, cancels and jumps.
static void test_against_a_model(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        base_random random = {.state = seed};
        ds_timer_wheel wheel;
        uint64_t now = base_random_next(&random) >> (seed % 60);
        uint64_t count = 0;
        ds_timer_wheel_init(&wheel, now);
        for (int i = 0; i < 500; i++) {
            ds_wheel_node_init(&timers[i].node);
            timers[i].pending = false;
        }
        for (int step = 0; step < 4000; step++) {
            model_timer *timer = &timers[base_random_below(&random, 500)];
            switch (base_random_below(&random, 4)) {
            case 0:
            case 1:
                if (timer->pending)
                    break;
                timer->deadline = now + (base_random_next(&random) >> (34 + base_random_below(&random, 30)));
                timer->pending = true;
                ds_timer_wheel_insert(&wheel, &timer->node, timer->deadline);
                count++;
                break;
            case 2:
                assert_int_equal(ds_timer_wheel_cancel(&wheel, &timer->node), timer->pending);
                count -= timer->pending;
                timer->pending = false;
                break;
            case 3: {
                now += base_random_next(&random) >> (40 + base_random_below(&random, 24));
                uint64_t last = 0;
                ds_wheel_node *node;
                while ((node = pop(&wheel, now)) != NULL) {
                    model_timer *fired = ds_container_of(node, model_timer, node);
                    assert_true(fired->pending && fired->deadline <= now && fired->deadline >= last);
                    last = fired->deadline;
                    fired->pending = false;
                    count--;
                }
                uint64_t earliest = UINT64_MAX;
                for (int i = 0; i < 500; i++) {
                    assert_false(timers[i].pending && timers[i].deadline <= now);
                    if (timers[i].pending && timers[i].deadline < earliest)
                        earliest = timers[i].deadline;
                }
                assert_true(ds_timer_wheel_next(&wheel) <= earliest);
                assert_true(ds_timer_wheel_next(&wheel) > now);
                break;
            }
            }
            assert_int_equal(wheel.count, count);
        }
    }
}

// What is on its way down from a higher slot can be cancelled, and the work is done in pieces.
static void test_work_is_bounded(void **state)
{
    (void)state;
    enum {
        COUNT = 10000
    };
    ds_wheel_node *nodes = calloc(COUNT, sizeof(*nodes));
    assert_non_null(nodes);
    ds_timer_wheel wheel;
    ds_timer_wheel_init(&wheel, 0);
    for (uint32_t i = 0; i < COUNT; i++) {
        ds_wheel_node_init(&nodes[i]);
        ds_timer_wheel_insert(&wheel, &nodes[i], 4096 + 1 + i % 60);
    }
    uint32_t work = 100;
    assert_null(ds_timer_wheel_pop(&wheel, 4096, &work));
    assert_int_equal(work, 0);
    assert_int_equal(ds_timer_wheel_next(&wheel), 4096);
    for (uint32_t i = 0; i < COUNT; i += 2)
        assert_true(ds_timer_wheel_cancel(&wheel, &nodes[i]));
    uint32_t fired = 0;
    uint64_t last = 0;
    for (ds_wheel_node *node; (node = pop(&wheel, 5000)) != NULL; fired++) {
        assert_true(node->deadline >= last);
        last = node->deadline;
    }
    assert_int_equal(fired, COUNT / 2);
    assert_true(ds_timer_wheel_next(&wheel) == DS_WHEEL_NEVER);
    free(nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_early_and_not_late),
        cmocka_unit_test(test_deadlines_in_the_past_and_at_the_end_of_time),
        cmocka_unit_test(test_against_a_model),
        cmocka_unit_test(test_work_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
