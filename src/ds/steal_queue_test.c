// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/steal_queue.h"

#include "base/alloc_fault.h"
#include "base/testing.h"

static int things[100];

static void queue_make(ds_steal_queue *queue, uint32_t capacity, base_alloc_fault *fault)
{
    base_alloc_fault_init(fault);
    assert_int_equal(ds_steal_queue_init(queue, capacity, &fault->allocator), AIRS_OK);
}

static void test_first_in_first_out(void **state)
{
    (void)state;
    base_alloc_fault fault;
    ds_steal_queue queue;
    queue_make(&queue, 4, &fault);
    assert_null(ds_steal_queue_take(&queue));
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 4; i++)
            assert_true(ds_steal_queue_push(&queue, &things[i]));
        assert_false(ds_steal_queue_push(&queue, &things[4]));
        assert_int_equal(ds_steal_queue_len(&queue), 4);
        assert_ptr_equal(ds_steal_queue_take(&queue), &things[0]);
        assert_true(ds_steal_queue_push(&queue, &things[4]));
        for (int i = 1; i < 5; i++)
            assert_ptr_equal(ds_steal_queue_take(&queue), &things[i]);
        assert_null(ds_steal_queue_take(&queue));
        assert_int_equal(ds_steal_queue_len(&queue), 0);
    }
    ds_steal_queue_fini(&queue);
    assert_int_equal(base_alloc_fault_live(&fault), 0);
}

static void test_half_is_the_older_one(void **state)
{
    (void)state;
    base_alloc_fault fault;
    ds_steal_queue queue;
    void *taken[16];
    queue_make(&queue, 16, &fault);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 16), 0);
    for (int i = 0; i < 7; i++)
        ds_steal_queue_push(&queue, &things[i]);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 16), 4);
    for (int i = 0; i < 4; i++)
        assert_ptr_equal(taken[i], &things[i]);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 1), 1);
    assert_ptr_equal(taken[0], &things[4]);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 0), 0);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 16), 1);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 16), 1);
    assert_ptr_equal(taken[0], &things[6]);
    assert_int_equal(ds_steal_queue_take_half(&queue, taken, 16), 0);
    ds_steal_queue_fini(&queue);
}

static void test_no_memory(void **state)
{
    (void)state;
    base_alloc_fault fault;
    ds_steal_queue queue = {0};
    base_alloc_fault_init(&fault);
    base_alloc_fault_arm(&fault, 1, 1);
    assert_int_equal(ds_steal_queue_init(&queue, 4, &fault.allocator), AIRS_E_NOMEM);
    ds_steal_queue_fini(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_half_is_the_older_one),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
