// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actor/histogram.h"

#include <stdlib.h>

static void a_value_lies_near_its_bucket(void **user)
{
    (void)user;
    for (uint64_t ns = 0; ns < 1ull << 39; ns = ns + 1 + ns / 7) {
        uint64_t middle = histogram_value_ns(histogram_bucket(ns));
        uint64_t off = middle > ns ? middle - ns : ns - middle;
        assert_true(off * 8 <= ns + 8);
    }
}

static void buckets_are_in_order(void **user)
{
    (void)user;
    for (uint32_t bucket = 1; bucket < HISTOGRAM_BUCKETS; bucket++) {
        assert_true(histogram_value_ns(bucket) > histogram_value_ns(bucket - 1));
        assert_int_equal(histogram_bucket(histogram_value_ns(bucket)), bucket);
    }
    assert_int_equal(histogram_bucket(UINT64_MAX), HISTOGRAM_BUCKETS - 1);
}

static void quantiles_of_several(void **user)
{
    (void)user;
    histogram *two = calloc(2, sizeof *two);
    const histogram *both[2] = {&two[0], &two[1]};
    assert_int_equal(histogram_quantile_ns(both, 2, 0.5), 0);
    for (uint64_t ns = 1; ns <= 1000; ns++)
        histogram_add(&two[ns % 2], ns * 1000, ns % 3 == 0);
    assert_in_range(histogram_quantile_ns(both, 2, 0.5), 440000, 570000);
    assert_in_range(histogram_quantile_ns(both, 2, 0.99), 870000, 1120000);
    assert_in_range(histogram_quantile_ns(both, 2, 1.0), 870000, 1120000);
    free(two);
}

static void several_are_added_up(void **user)
{
    (void)user;
    histogram *two = calloc(2, sizeof *two);
    uint64_t counts[HISTOGRAM_BUCKETS];
    const histogram *both[2] = {&two[0], &two[1]};
    assert_int_equal(histogram_add_up(both, 2, counts), 0);
    histogram_add(&two[0], 1023, false);
    histogram_add(&two[1], 1023, true);
    histogram_add(&two[1], 1024, false);
    assert_int_equal(histogram_add_up(both, 2, counts), 1023 + 1023 + 1024);
    uint64_t below = 0;
    for (uint32_t bucket = 0; bucket < histogram_bucket_of_power(10); bucket++)
        below += counts[bucket];
    assert_int_equal(below, 2);
    assert_int_equal(counts[histogram_bucket_of_power(10)], 1);
    free(two);
}

static void powers_of_two_begin_a_bucket(void **user)
{
    (void)user;
    for (uint32_t exponent = HISTOGRAM_SUB_BITS; exponent < 40; exponent++) {
        uint64_t ns = 1ull << exponent;
        assert_int_equal(histogram_bucket(ns), histogram_bucket_of_power(exponent));
        assert_int_equal(histogram_bucket(ns - 1), histogram_bucket_of_power(exponent) - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_lies_near_its_bucket), cmocka_unit_test(buckets_are_in_order),
        cmocka_unit_test(quantiles_of_several),         cmocka_unit_test(several_are_added_up),
        cmocka_unit_test(powers_of_two_begin_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
