// SPDX-License-Identifier: MIT OR Apache-2.0
/// Chores: long ones leave threads for the others.
#include "base/testing.h"

#include <stdatomic.h>
#include <string.h>

#include "node/chores.h"
#include "os/clock.h"

#define PATIENCE_NS (60ull * 1000000000u)

static _Atomic int begun, over;

/// Until it is let go: a deployment on probation.
static void wait_for_over(airs_system *system, node_letter *letter)
{
    (void)system;
    begun++;
    uint64_t end_ns = os_clock_now_ns() + PATIENCE_NS;
    while (!over && os_clock_now_ns() < end_ns)
        os_thread_yield();
    letter->status = AIRS_OK;
}

static void come_back(airs_system *system, node_letter *letter)
{
    (void)system;
    letter->status = AIRS_OK;
}

/// Takes letters until there were so many; all have done well.
static void take(node_mailroom *mailroom, int count)
{
    uint64_t end_ns = os_clock_now_ns() + PATIENCE_NS;
    while (count > 0 && os_clock_now_ns() < end_ns) {
        for (node_letter *letter = node_mailroom_take(mailroom); letter != NULL;) {
            node_letter *next = letter->next;
            assert_int_equal(letter->status, AIRS_OK);
            node_letter_destroy(letter);
            letter = next;
            count--;
        }
        os_thread_yield();
    }
    assert_int_equal(count, 0);
}

static node_letter *letter_of(node_mailroom *mailroom, node_chore_fn chore)
{
    node_letter *letter = node_letter_create(mailroom, 1, 1);
    assert_non_null(letter);
    letter->chore = chore;
    return letter;
}

static void long_ones_leave_threads_for_the_others(void **user)
{
    (void)user;
    node_mailroom *mailroom;
    node_chores chores;
    airs_error error = {.text = ""};
    assert_int_equal(node_mailroom_create(&mailroom, NULL), AIRS_OK);
    assert_int_equal(node_chores_start(&chores, NULL), AIRS_OK);
    for (int i = 0; i < NODE_CHORES_LONG_MAX; i++)
        assert_int_equal(node_chores_add_long(&chores, letter_of(mailroom, wait_for_over), &error), AIRS_OK);
    node_letter *one_more = letter_of(mailroom, wait_for_over);
    assert_int_equal(node_chores_add_long(&chores, one_more, &error), AIRS_E_LIMIT);
    assert_non_null(strstr(error.text, "6 deployments, starts and scalings are under way"));
    // The others are not kept waiting.
    for (int i = 0; i < 20; i++)
        node_chores_add(&chores, letter_of(mailroom, come_back));
    take(mailroom, 20);
    over = 1;
    take(mailroom, NODE_CHORES_LONG_MAX);
    assert_int_equal(begun, NODE_CHORES_LONG_MAX);
    // There is room again.
    assert_int_equal(node_chores_add_long(&chores, one_more, &error), AIRS_OK);
    take(mailroom, 1);
    node_chores_stop(&chores);
    node_mailroom_release(mailroom);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(long_ones_leave_threads_for_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
