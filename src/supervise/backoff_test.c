// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "supervise/backoff.h"

static airs_backoff settings(airs_backoff_kind kind)
{
    return (airs_backoff){.kind = kind, .delay_ms = 100, .factor = 2, .delay_max_ms = 30000, .reset_after_ms = 60000};
}

static uint32_t delay(const airs_backoff *backoff, uint32_t attempt)
{
    base_random random = {1};
    return supervise_backoff_delay_ms(backoff, attempt, &random);
}

static void immediate_is_no_delay(void **user)
{
    (void)user;
    airs_backoff backoff = settings(AIRS_BACKOFF_IMMEDIATE);
    backoff.jitter_percent = 100;
    assert_int_equal(delay(&backoff, 1), 0);
    assert_int_equal(delay(&backoff, UINT32_MAX), 0);
    backoff.kind = AIRS_BACKOFF_INHERIT;
    assert_int_equal(delay(&backoff, 3), 0);
}

static void each_kind_has_its_steps(void **user)
{
    (void)user;
    static const struct {
        airs_backoff_kind kind;
        double factor;
        uint32_t delays[9];
    } cases[] = {
        {AIRS_BACKOFF_DELAY, 2, {100, 100, 100, 100, 100, 100, 100, 100, 100}},
        {AIRS_BACKOFF_LINEAR, 2, {100, 200, 300, 400, 500, 600, 700, 800, 900}},
        {AIRS_BACKOFF_EXPONENTIAL, 2, {100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600}},
        {AIRS_BACKOFF_EXPONENTIAL, 1.5, {100, 150, 225, 337, 506, 759, 1139, 1708, 2562}},
        {AIRS_BACKOFF_EXPONENTIAL, 1, {100, 100, 100, 100, 100, 100, 100, 100, 100}},
        {AIRS_BACKOFF_EXPONENTIAL, 100, {100, 10000, 30000, 30000, 30000, 30000, 30000, 30000, 30000}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        airs_backoff backoff = settings(cases[i].kind);
        backoff.factor = cases[i].factor;
        for (uint32_t attempt = 1; attempt <= 9; attempt++)
            assert_int_equal(delay(&backoff, attempt), cases[i].delays[attempt - 1]);
    }
}

static void no_attempt_is_too_large(void **user)
{
    (void)user;
    airs_backoff backoff = settings(AIRS_BACKOFF_LINEAR);
    backoff.delay_ms = UINT32_MAX;
    backoff.delay_max_ms = UINT32_MAX;
    assert_int_equal(delay(&backoff, UINT32_MAX), UINT32_MAX);
    backoff.kind = AIRS_BACKOFF_EXPONENTIAL;
    assert_int_equal(delay(&backoff, UINT32_MAX), UINT32_MAX);
    // A factor next to 1 takes no longer than another one.
    backoff.factor = 1.000000001;
    backoff.delay_ms = 1;
    assert_in_range(delay(&backoff, UINT32_MAX), 73, 74);
}

static void jitter_stays_within_its_share_and_the_cap(void **user)
{
    (void)user;
    airs_backoff backoff = settings(AIRS_BACKOFF_DELAY);
    backoff.delay_ms = 1000;
    backoff.jitter_percent = 25;
    base_random random = {7};
    uint32_t least = UINT32_MAX;
    uint32_t most = 0;
    for (int i = 0; i < 10000; i++) {
        uint32_t drawn = supervise_backoff_delay_ms(&backoff, 1, &random);
        least = drawn < least ? drawn : least;
        most = drawn > most ? drawn : most;
    }
    assert_in_range(least, 750, 755);
    assert_in_range(most, 1245, 1250);
    backoff.delay_max_ms = 1000;
    backoff.jitter_percent = 100;
    for (int i = 0; i < 1000; i++)
        assert_in_range(supervise_backoff_delay_ms(&backoff, 1, &random), 0, 1000);
}

static void the_same_seed_gives_the_same_delays(void **user)
{
    (void)user;
    airs_backoff backoff = settings(AIRS_BACKOFF_EXPONENTIAL);
    backoff.jitter_percent = 50;
    base_random one = {42};
    base_random other = {42};
    for (uint32_t attempt = 1; attempt < 20; attempt++)
        assert_int_equal(supervise_backoff_delay_ms(&backoff, attempt, &one),
                         supervise_backoff_delay_ms(&backoff, attempt, &other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(immediate_is_no_delay),
        cmocka_unit_test(each_kind_has_its_steps),
        cmocka_unit_test(no_attempt_is_too_large),
        cmocka_unit_test(jitter_stays_within_its_share_and_the_cap),
        cmocka_unit_test(the_same_seed_gives_the_same_delays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
