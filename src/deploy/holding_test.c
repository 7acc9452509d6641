// SPDX-License-Identifier: MIT OR Apache-2.0
/// A canary is looked after: what counts is the last window, and a canary younger than that is no evidence.
#include <string.h>

#include "base/alloc.h"
#include "base/testing.h"
#include "deploy/holding.h"

#define MS UINT64_C(1000000)

static holding here;
static condition_facts facts;
static uint64_t now_ns;
static char text[CONDITION_TEXT_MAX];

static void begin(const char *promote, const char *rollback)
{
    airs_error error;
    airs_deploy_options options = {.promote_when = promote, .rollback_when = rollback};
    assert_int_equal(holding_init(&here, &options, base_allocator_default(), &error), AIRS_OK);
    facts = (condition_facts){.handled = 0};
    now_ns = 5000 * MS;
    holding_begin(&here, now_ns);
}

/// So many events, and then a look.
static holding_verdict look(uint64_t after_ms, uint64_t handled, uint64_t failed)
{
    now_ns += after_ms * MS;
    facts.handled += handled;
    facts.failed += failed;
    facts.times[histogram_bucket(1000)] += handled + failed;
    return holding_look(&here, &facts, now_ns, text);
}

static void the_window_has_to_pass(void **user)
{
    (void)user;
    begin("errors<1% for 1600ms", NULL);
    assert_int_equal(holding_step_ms(&here), 100);
    for (int i = 0; i < 15; i++)
        assert_int_equal(look(100, 10, 0), HOLDING_GO_ON);
    assert_int_equal(look(100, 10, 0), HOLDING_PROMOTE);
    assert_string_equal(text, "errors 0% (<1%)");
    holding_fini(&here);
}

static void what_is_long_past_is_forgotten(void **user)
{
    (void)user;
    begin("errors<1% for 1600ms", "errors>50% for 3200ms");
    assert_int_equal(look(100, 0, 10), HOLDING_GO_ON);
    int looks = 0;
    while (look(100, 10, 0) == HOLDING_GO_ON)
        assert_true(++looks < 40);
    // The failures have left the window, and not before that; rounded to its steps.
    assert_in_range(looks, 15, 18);
    holding_fini(&here);
}

static void nothing_handled_is_no_evidence(void **user)
{
    (void)user;
    begin("errors<1% p99<1s for 160ms", NULL);
    for (int i = 0; i < 100; i++)
        assert_int_equal(look(20, 0, 0), HOLDING_GO_ON);
    // Nor is what was handled before the window.
    assert_int_equal(look(20, 1, 0), HOLDING_PROMOTE);
    holding_fini(&here);
}

static void rolling_back_comes_first(void **user)
{
    (void)user;
    begin("messages>=10", "errors>1%");
    assert_int_equal(holding_step_ms(&here), 100);
    assert_int_equal(look(100, 9, 0), HOLDING_GO_ON);
    assert_int_equal(look(100, 0, 1), HOLDING_ROLL_BACK);
    assert_string_equal(text, "errors 10% (>1%)");
    holding_fini(&here);
}

static void without_conditions_nobody_looks(void **user)
{
    (void)user;
    begin("", NULL);
    assert_int_equal(holding_step_ms(&here), 0);
    assert_int_equal(look(100, 9, 9), HOLDING_GO_ON);
    holding_fini(&here);
}

static void steps_are_bounded(void **user)
{
    (void)user;
    begin("errors<1% for 24h", NULL);
    assert_int_equal(holding_step_ms(&here), 1000);
    holding_fini(&here);
    begin("errors<1% for 1ms", NULL);
    assert_int_equal(holding_step_ms(&here), 20);
    assert_int_equal(look(20, 1, 0), HOLDING_PROMOTE);
    holding_fini(&here);
    // Looked at less often than it wants to be: what was seen counts.
    begin("errors<1% for 1600ms", NULL);
    assert_int_equal(look(10000, 1, 0), HOLDING_PROMOTE);
    holding_fini(&here);
}

static void a_bad_one_leaves_nothing(void **user)
{
    (void)user;
    airs_error error;
    airs_deploy_options options = {.promote_when = "errors<1% for 5s", .rollback_when = "errors>x"};
    assert_int_equal(holding_init(&here, &options, base_allocator_default(), &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "rollback_when: column 8: a number is expected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_window_has_to_pass),          cmocka_unit_test(what_is_long_past_is_forgotten),
        cmocka_unit_test(nothing_handled_is_no_evidence),  cmocka_unit_test(rolling_back_comes_first),
        cmocka_unit_test(without_conditions_nobody_looks), cmocka_unit_test(steps_are_bounded),
        cmocka_unit_test(a_bad_one_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
