// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/alloc_fault.h"
#include "supervise/intensity.h"

static void the_one_after_the_last_allowed_is_too_much(void **user)
{
    (void)user;
    supervise_intensity it;
    supervise_intensity_init(&it, 3, 5000, base_allocator_default());
    for (uint64_t now = 0; now < 3; now++)
        assert_true(supervise_intensity_add(&it, now));
    assert_int_equal(supervise_intensity_count(&it, 4999), 3);
    assert_false(supervise_intensity_add(&it, 4999));
    assert_true(supervise_intensity_add(&it, 5000));
    supervise_intensity_fini(&it);
}

static void what_leaves_the_window_does_not_count(void **user)
{
    (void)user;
    supervise_intensity it;
    supervise_intensity_init(&it, 2, 100, base_allocator_default());
    // One every 50 ms is two within any 100 ms: that may go on for ever.
    for (uint64_t now = 0; now < 100000; now += 50)
        assert_true(supervise_intensity_add(&it, now));
    assert_false(supervise_intensity_add(&it, 99951));
    supervise_intensity_reset(&it);
    assert_int_equal(supervise_intensity_count(&it, 99951), 0);
    assert_true(supervise_intensity_add(&it, 99951));
    supervise_intensity_fini(&it);
}

static void none_is_allowed_with_zero(void **user)
{
    (void)user;
    supervise_intensity it;
    supervise_intensity_init(&it, 0, 5000, base_allocator_default());
    assert_false(supervise_intensity_add(&it, 0));
}

static void a_million_is_counted_exactly(void **user)
{
    (void)user;
    supervise_intensity it;
    supervise_intensity_init(&it, SUPERVISE_RESTARTS_MAX, UINT32_MAX, base_allocator_default());
    for (uint32_t i = 0; i < SUPERVISE_RESTARTS_MAX; i++)
        assert_true(supervise_intensity_add(&it, (uint64_t)i * 3));
    assert_false(supervise_intensity_add(&it, 3u * SUPERVISE_RESTARTS_MAX));
    assert_int_equal(supervise_intensity_count(&it, 3u * SUPERVISE_RESTARTS_MAX), SUPERVISE_RESTARTS_MAX);
    // Each leaves at its time.
    assert_int_equal(supervise_intensity_count(&it, (uint64_t)UINT32_MAX + 300), SUPERVISE_RESTARTS_MAX - 101);
    supervise_intensity_fini(&it);
}

static void a_burst_needs_no_memory(void **user)
{
    (void)user;
    base_alloc_fault fault;
    base_alloc_fault_init(&fault);
    supervise_intensity it;
    supervise_intensity_init(&it, SUPERVISE_RESTARTS_MAX, 5000, &fault.allocator);
    for (uint32_t i = 0; i < SUPERVISE_RESTARTS_MAX; i++)
        assert_true(supervise_intensity_add(&it, 17));
    assert_false(supervise_intensity_add(&it, 17));
    assert_int_equal(base_atomic_load_relaxed(&fault.calls), 0);
    supervise_intensity_fini(&it);
}

/// Without memory a failure may count for longer, so that less is allowed than was asked for, never more.
static void without_memory_no_more_is_allowed(void **user)
{
    (void)user;
    for (uint64_t at = 1; at < 6; at++) {
        base_alloc_fault fault;
        base_alloc_fault_init(&fault);
        base_alloc_fault_arm(&fault, at, UINT64_MAX);
        supervise_intensity it;
        supervise_intensity_init(&it, 50, 1000, &fault.allocator);
        uint64_t allowed_at[4096];
        uint32_t allowed = 0;
        for (uint64_t now = 0; now < 20000; now += 7) {
            if (supervise_intensity_add(&it, now))
                allowed_at[allowed++] = now;
        }
        assert_true(allowed >= 50);
        for (uint32_t i = 50; i < allowed; i++)
            assert_true(allowed_at[i] - allowed_at[i - 50] >= 1000);
        supervise_intensity_fini(&it);
        assert_int_equal(base_alloc_fault_live(&fault), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_one_after_the_last_allowed_is_too_much),
        cmocka_unit_test(what_leaves_the_window_does_not_count),
        cmocka_unit_test(none_is_allowed_with_zero),
        cmocka_unit_test(a_million_is_counted_exactly),
        cmocka_unit_test(a_burst_needs_no_memory),
        cmocka_unit_test(without_memory_no_more_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
