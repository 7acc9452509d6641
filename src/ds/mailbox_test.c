// SPDX-License-Identifier: MIT OR Apache-2.0
#include "ds/mailbox.h"

#include "base/testing.h"

static void test_first_push_wakes(void **state)
{
    (void)state;
    ds_mailbox mailbox;
    ds_mailbox_node nodes[3];
    ds_mailbox_node *node = NULL;
    ds_mailbox_init(&mailbox);
    assert_true(ds_mailbox_empty(&mailbox));
    assert_int_equal(ds_mailbox_pop(&mailbox, &node), DS_MAILBOX_EMPTY);
    assert_null(node);
    assert_true(ds_mailbox_push(&mailbox, &nodes[0]));
    assert_false(ds_mailbox_push(&mailbox, &nodes[1]));
    assert_false(ds_mailbox_push(&mailbox, &nodes[2]));
    assert_false(ds_mailbox_empty(&mailbox));
    for (int i = 0; i < 3; i++) {
        assert_false(ds_mailbox_sleep(&mailbox));
        assert_int_equal(ds_mailbox_pop(&mailbox, &node), DS_MAILBOX_NODE);
        assert_ptr_equal(node, &nodes[i]);
    }
    assert_int_equal(ds_mailbox_pop(&mailbox, &node), DS_MAILBOX_EMPTY);
}

static void test_sleep(void **state)
{
    (void)state;
    ds_mailbox mailbox;
    ds_mailbox_node node;
    ds_mailbox_node *popped;
    ds_mailbox_init(&mailbox);
    assert_true(ds_mailbox_sleep(&mailbox));
    assert_true(ds_mailbox_push(&mailbox, &node));
    assert_int_equal(ds_mailbox_pop(&mailbox, &popped), DS_MAILBOX_NODE);
    // Awake: nobody has to wake it. The node is the receiver's own, and may be pushed again.
    assert_false(ds_mailbox_push(&mailbox, popped));
    assert_int_equal(ds_mailbox_pop(&mailbox, &popped), DS_MAILBOX_NODE);
    assert_true(ds_mailbox_sleep(&mailbox));
    assert_true(ds_mailbox_sleep(&mailbox));
    // Asleep, it may still be popped.
    assert_int_equal(ds_mailbox_pop(&mailbox, &popped), DS_MAILBOX_EMPTY);
    assert_true(ds_mailbox_push(&mailbox, &node));
}

static void test_order_with_pops_in_between(void **state)
{
    (void)state;
    ds_mailbox mailbox;
    ds_mailbox_node nodes[64];
    ds_mailbox_init(&mailbox);
    uint32_t pushed = 0;
    uint32_t popped = 0;
    for (uint32_t round = 1; popped < 1000; round++) {
        for (uint32_t i = 0; i < round % 7 && pushed - popped < 64; i++)
            ds_mailbox_push(&mailbox, &nodes[pushed++ % 64]);
        for (uint32_t i = 0; i < round % 5 && popped < pushed; i++) {
            ds_mailbox_node *node;
            assert_int_equal(ds_mailbox_pop(&mailbox, &node), DS_MAILBOX_NODE);
            assert_ptr_equal(node, &nodes[popped++ % 64]);
        }
    }
}

static void test_reserve(void **state)
{
    (void)state;
    ds_mailbox mailbox;
    ds_mailbox_init(&mailbox);
    assert_false(ds_mailbox_reserve(&mailbox, 0));
    assert_true(ds_mailbox_reserve(&mailbox, 2));
    assert_true(ds_mailbox_reserve(&mailbox, 2));
    assert_false(ds_mailbox_reserve(&mailbox, 2));
    assert_int_equal(ds_mailbox_used(&mailbox), 2);
    ds_mailbox_release(&mailbox, 1);
    assert_true(ds_mailbox_reserve(&mailbox, 2));
    ds_mailbox_release(&mailbox, 2);
    assert_int_equal(ds_mailbox_used(&mailbox), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_push_wakes),
        cmocka_unit_test(test_sleep),
        cmocka_unit_test(test_order_with_pops_in_between),
        cmocka_unit_test(test_reserve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
