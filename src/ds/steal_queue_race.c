// SPDX-License-Identifier: MIT OR Apache-2.0
/// The owner pushes and takes while others steal, one and half at a time: each element comes out once, and
/// who takes sees what was written to it before the push.
#include <stdlib.h>

#include "base/alloc.h"
#include "base/testing.h"
#include "ds/steal_queue.h"
#include "os/thread.h"

#define THIEVES 3
#define CAPACITY 64

struct element {
    // Plain on purpose: the queue alone orders it.
    uint32_t value;
    BASE_ATOMIC(uint32_t) taken;
};

struct loot {
    ds_steal_queue queue;
    struct element *elements;
    uint32_t count;
    BASE_ATOMIC(uint32_t) left;
};

static void element_take(struct loot *loot, struct element *element)
{
    assert_int_equal(element->value, (uint32_t)(element - loot->elements) + 1);
    assert_int_equal(base_atomic_fetch_add_relaxed(&element->taken, 1u), 0);
    base_atomic_fetch_sub_relaxed(&loot->left, 1u);
}

static void thief(void *user)
{
    struct loot *loot = user;
    void *taken[CAPACITY];
    for (uint32_t round = 0; base_atomic_load_relaxed(&loot->left) > 0; round++) {
        uint32_t count = 0;
        if (round % 2 == 0)
            count = ds_steal_queue_take_half(&loot->queue, taken, CAPACITY);
        else if ((taken[0] = ds_steal_queue_take(&loot->queue)) != NULL)
            count = 1;
        for (uint32_t i = 0; i < count; i++) {
            // Taken in one piece, they are in order.
            assert_true(i == 0 || (struct element *)taken[i] > (struct element *)taken[i - 1]);
            element_take(loot, taken[i]);
        }
        if (count == 0)
            os_thread_yield();
    }
}

static void owner(struct loot *loot)
{
    for (uint32_t i = 0; i < loot->count;) {
        loot->elements[i].value = i + 1;
        bool pushed = ds_steal_queue_push(&loot->queue, &loot->elements[i]);
        if (pushed)
            i++;
        else
            os_thread_yield();
        // A full queue is no reason to wait: on a loaded machine it is long until a thief runs.
        struct element *element = i % 3 == 0 || !pushed ? ds_steal_queue_take(&loot->queue) : NULL;
        if (element != NULL)
            element_take(loot, element);
    }
    struct element *element;
    while ((element = ds_steal_queue_take(&loot->queue)) != NULL)
        element_take(loot, element);
}

static void test_each_is_taken_once(void **state)
{
    (void)state;
    struct loot loot = {.count = TEST_ROUNDS(2000000)};
    loot.elements = calloc(loot.count, sizeof(struct element));
    assert_non_null(loot.elements);
    base_atomic_init(&loot.left, loot.count);
    assert_int_equal(ds_steal_queue_init(&loot.queue, CAPACITY, base_allocator_default()), AIRS_OK);
    os_thread threads[THIEVES];
    for (uint32_t i = 0; i < THIEVES; i++)
        assert_int_equal(os_thread_start(&threads[i], "thief", 0, thief, &loot), AIRS_OK);
    owner(&loot);
    for (uint32_t i = 0; i < THIEVES; i++)
        os_thread_join(&threads[i]);
    for (uint32_t i = 0; i < loot.count; i++)
        assert_int_equal(base_atomic_load_relaxed(&loot.elements[i].taken), 1);
    ds_steal_queue_fini(&loot.queue);
    free(loot.elements);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_is_taken_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
