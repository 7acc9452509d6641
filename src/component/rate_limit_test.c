// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/rate_limit.h"

#include "base/testing.h"

#define SECOND_NS 1000000000u

static uint32_t take_all(rate_limit *limit, uint64_t now_ns)
{
    uint32_t count = 0;
    while (count < 5000000 && rate_limit_take(limit, now_ns))
        count++;
    return count;
}

static void a_full_bucket_holds_a_second(void **state)
{
    (void)state;
    static const uint32_t rates[] = {1, 2, 3, 7, 100, 999, 1000, 1000000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        rate_limit limit = {.per_second = rates[i]};
        assert_int_equal(take_all(&limit, 5 * SECOND_NS), rates[i]);
        assert_int_equal(rate_limit_used(&limit, 5 * SECOND_NS), rates[i]);
        // As it was, when it was not used for a second.
        assert_int_equal(rate_limit_used(&limit, 6 * SECOND_NS), 0);
        assert_int_equal(take_all(&limit, 6 * SECOND_NS), rates[i]);
    }
}

static void it_fills_up_evenly(void **state)
{
    (void)state;
    rate_limit limit = {.per_second = 100};
    assert_int_equal(take_all(&limit, SECOND_NS), 100);
    assert_false(rate_limit_take(&limit, SECOND_NS + 9999999));
    assert_int_equal(take_all(&limit, SECOND_NS + 10000000), 1);
    assert_int_equal(take_all(&limit, SECOND_NS + 510000000), 50);
    // Over ten seconds no more than eleven seconds' worth, however it is spread.
    uint32_t taken = 0;
    for (uint64_t now_ns = 20 * (uint64_t)SECOND_NS; now_ns < 30 * (uint64_t)SECOND_NS; now_ns += 1234567)
        taken += take_all(&limit, now_ns);
    assert_in_range(taken, 1090, 1100);
}

static void what_is_refused_costs_nothing(void **state)
{
    (void)state;
    rate_limit limit = {.per_second = 10};
    assert_int_equal(take_all(&limit, SECOND_NS), 10);
    for (int i = 0; i < 1000; i++)
        assert_false(rate_limit_take(&limit, SECOND_NS));
    assert_true(rate_limit_take(&limit, SECOND_NS + 100000000));
}

static void without_a_limit_nothing_is_refused(void **state)
{
    (void)state;
    rate_limit limit = {.per_second = RATE_NO_LIMIT};
    for (int i = 0; i < 1000; i++)
        assert_true(rate_limit_take(&limit, 0));
    assert_int_equal(rate_limit_used(&limit, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_bucket_holds_a_second),
        cmocka_unit_test(it_fills_up_evenly),
        cmocka_unit_test(what_is_refused_costs_nothing),
        cmocka_unit_test(without_a_limit_nothing_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
