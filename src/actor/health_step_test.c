// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/testing.h"

#include "actor/health_step.h"

static const health_times times = {.interval_ns = 100, .timeout_ns = 10, .failures_max = 2};

static health_state begun(void)
{
    health_state state;
    health_begins(&state, &times, 1000, 7);
    return state;
}

static void it_is_asked_after_the_interval(void **user)
{
    (void)user;
    health_state state = begun();
    assert_int_equal(health_time(&state, &times, 1099, 7, false), HEALTH_NOTHING);
    assert_int_equal(health_time(&state, &times, 1100, 7, false), HEALTH_ASK);
    assert_int_equal(health_time(&state, &times, 5000, 7, false), HEALTH_NOTHING);
    health_asked(&state, &times, 1200, 7);
    assert_int_equal(state.due_ns, 1210);
    assert_int_equal(health_answered(&state, &times, 1205, AIRS_HEALTH_HEALTHY, false), HEALTH_NOTHING);
    assert_int_equal(state.phase, HEALTH_WAITING);
    assert_int_equal(state.due_ns, 1305);
}

static void one_that_works_is_not_asked(void **user)
{
    (void)user;
    health_state state = begun();
    for (uint64_t i = 0; i < 10; i++) {
        assert_int_equal(health_time(&state, &times, 1100 + 100 * i, 8 + i, false), HEALTH_NOTHING);
        assert_int_equal(state.due_ns, 1200 + 100 * i);
    }
    assert_int_equal(health_time(&state, &times, 2100, 17, false), HEALTH_ASK);
}

static void after_the_start_there_is_grace(void **user)
{
    (void)user;
    health_times graceful = times;
    graceful.start_grace_ns = 5000;
    health_state state;
    health_begins(&state, &graceful, 0, 0);
    assert_int_equal(health_time(&state, &graceful, 4999, 0, false), HEALTH_NOTHING);
    assert_int_equal(health_time(&state, &graceful, 5000, 0, false), HEALTH_ASK);
}

static void a_pause_is_no_illness(void **user)
{
    (void)user;
    health_state state = begun();
    assert_int_equal(health_time(&state, &times, 1100, 7, true), HEALTH_NOTHING);
    assert_int_equal(health_time(&state, &times, 1200, 7, true), HEALTH_NOTHING);
    assert_int_equal(health_time(&state, &times, 1300, 7, false), HEALTH_ASK);
}

static void it_fails_at_so_many_failures_in_a_row(void **user)
{
    (void)user;
    health_state state = begun();
    assert_int_equal(health_answered(&state, &times, 1, AIRS_HEALTH_UNHEALTHY, false), HEALTH_SHOW);
    assert_int_equal(health_answered(&state, &times, 2, AIRS_HEALTH_DEGRADED, false), HEALTH_SHOW);
    assert_int_equal(health_answered(&state, &times, 3, AIRS_HEALTH_UNHEALTHY, false), HEALTH_SHOW);
    assert_int_equal(health_answered(&state, &times, 4, AIRS_HEALTH_UNHEALTHY, false), HEALTH_FAIL);
    state = begun();
    (void)health_answered(&state, &times, 1, AIRS_HEALTH_UNHEALTHY, false);
    // What it handles says that it is well.
    assert_int_equal(health_time(&state, &times, 101, 8, false), HEALTH_SHOW);
    assert_int_equal(state.health, AIRS_HEALTH_HEALTHY);
    assert_int_equal(health_answered(&state, &times, 102, AIRS_HEALTH_UNHEALTHY, false), HEALTH_SHOW);
}

static void an_answer_has_its_time(void **user)
{
    (void)user;
    health_state state = begun();
    health_asked(&state, &times, 2000, 7);
    assert_false(health_is_late(&state, &times, 2009, 7, false));
    assert_false(health_is_late(&state, &times, 2010, 7, true));
    assert_int_equal(state.due_ns, 2020);
    assert_false(health_is_late(&state, &times, 2020, 8, false));
    assert_true(health_is_late(&state, &times, 2030, 8, false));
    assert_int_equal(health_answered(&state, &times, 2030, AIRS_HEALTH_UNHEALTHY, true), HEALTH_SHOW);
    assert_int_equal(state.phase, HEALTH_ASKING);
    assert_true(health_is_late(&state, &times, 2040, 8, false));
    assert_int_equal(health_answered(&state, &times, 2040, AIRS_HEALTH_UNHEALTHY, true), HEALTH_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_after_the_interval),        cmocka_unit_test(one_that_works_is_not_asked),
        cmocka_unit_test(after_the_start_there_is_grace),        cmocka_unit_test(a_pause_is_no_illness),
        cmocka_unit_test(it_fails_at_so_many_failures_in_a_row), cmocka_unit_test(an_answer_has_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
