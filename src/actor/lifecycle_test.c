// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "actor/lifecycle.h"

#define S(name) AIRS_ACTOR_##name
#define E(name) LIFECYCLE_##name

typedef struct transition {
    airs_actor_state from;
    lifecycle_event event;
    airs_actor_state to;
    lifecycle_action action;
} transition;

/// Every transition there is; each pair that is not listed leaves the state as it was.
static const transition transitions[] = {
    {S(CREATING), E(START), S(STARTING), E(DO_START)},
    {S(CREATING), E(STOP), S(TERMINATED), E(DO_TERMINATE)},
    {S(CREATING), E(END), S(TERMINATED), E(DO_TERMINATE)},
    {S(CREATING), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(STARTING), E(STARTED), S(READY), E(DO_READY)},
    {S(STARTING), E(FAILED), S(FAILED), E(DO_REPORT)},
    {S(STARTING), E(EXITED), S(FAILED), E(DO_REPORT)},
    {S(STARTING), E(CRASH), S(FAILED), E(DO_REPORT)},
    {S(STARTING), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(READY), E(FAILED), S(FAILED), E(DO_REPORT)},
    {S(READY), E(EXITED), S(STOPPING), E(DO_STOP)},
    {S(READY), E(HALT), S(STOPPING), E(DO_STOP)},
    {S(READY), E(STOP), S(STOPPING), E(DO_STOP)},
    {S(READY), E(CRASH), S(FAILED), E(DO_REPORT)},
    {S(READY), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(READY), E(UPGRADE), S(UPGRADING), E(DO_UPGRADE)},
    {S(UPGRADING), E(UPGRADED), S(READY), E(DO_RESUME)},
    {S(UPGRADING), E(FAILED), S(FAILED), E(DO_REPORT)},
    {S(UPGRADING), E(CRASH), S(FAILED), E(DO_REPORT)},
    {S(UPGRADING), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(HIBERNATED), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(STOPPING), E(STOPPED), S(FAILED), E(DO_REPORT)},
    {S(STOPPING), E(FAILED), S(FAILED), E(DO_REPORT)},
    {S(STOPPING), E(CRASH), S(FAILED), E(DO_REPORT)},
    {S(STOPPING), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
    {S(FAILED), E(RESTART), S(STARTING), E(DO_START)},
    {S(FAILED), E(REST), S(TERMINATED), E(DO_REST)},
    {S(FAILED), E(END), S(TERMINATED), E(DO_TERMINATE)},
    {S(FAILED), E(STOP), S(TERMINATED), E(DO_TERMINATE)},
    {S(FAILED), E(KILL), S(TERMINATED), E(DO_TERMINATE)},
};

static const transition *listed(airs_actor_state from, lifecycle_event event)
{
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++) {
        if (transitions[i].from == from && transitions[i].event == event)
            return &transitions[i];
    }
    return NULL;
}

static void each_pair_of_state_and_event(void **user)
{
    (void)user;
    for (int state = S(CREATING); state <= S(UPGRADING); state++) {
        for (int event = E(START); event <= E(KILL); event++) {
            lifecycle life = {.state = (airs_actor_state)state};
            lifecycle_action action = lifecycle_step(&life, (lifecycle_event)event);
            const transition *expected = listed((airs_actor_state)state, (lifecycle_event)event);
            assert_int_equal(life.state, expected == NULL ? (airs_actor_state)state : expected->to);
            assert_int_equal(action, expected == NULL ? E(IGNORE) : expected->action);
        }
    }
}

static void at_rest_it_comes_back_or_ends(void **user)
{
    (void)user;
    for (int event = E(START); event <= E(KILL); event++) {
        lifecycle life = {.state = S(FAILED)};
        assert_int_equal(lifecycle_step(&life, E(REST)), E(DO_REST));
        assert_true(life.at_rest && !lifecycle_is_over(&life));
        lifecycle_action action = lifecycle_step(&life, (lifecycle_event)event);
        if (event == E(RESTART)) {
            assert_int_equal(action, E(DO_START));
            assert_int_equal(life.state, S(STARTING));
            assert_false(life.at_rest);
        } else if (event == E(END) || event == E(STOP) || event == E(KILL)) {
            assert_int_equal(action, E(DO_TERMINATE));
            assert_true(lifecycle_is_over(&life));
        } else {
            assert_int_equal(action, E(IGNORE));
            assert_true(life.at_rest);
        }
    }
}

static void a_crash_during_a_requested_stop_ends_for_good(void **user)
{
    (void)user;
    lifecycle life = {.state = S(READY)};
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(CRASH)), E(DO_TERMINATE));
}

static void a_stop_while_starting_is_kept(void **user)
{
    (void)user;
    lifecycle life = {.state = S(STARTING)};
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(STARTED)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(STOPPED)), E(DO_TERMINATE));
    assert_int_equal(life.state, S(TERMINATED));
}

static void a_requested_stop_ends_for_good_even_by_a_failure(void **user)
{
    (void)user;
    lifecycle life = {.state = S(READY)};
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(FAILED)), E(DO_TERMINATE));

    life = (lifecycle){.state = S(STARTING)};
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(FAILED)), E(DO_TERMINATE));
}

static void a_stop_overrules_a_halt(void **user)
{
    (void)user;
    lifecycle life = {.state = S(READY)};
    assert_int_equal(lifecycle_step(&life, E(HALT)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(STOPPED)), E(DO_TERMINATE));
}

static void a_halt_is_forgotten_by_the_restart(void **user)
{
    (void)user;
    lifecycle life = {.state = S(STARTING)};
    assert_int_equal(lifecycle_step(&life, E(HALT)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(STARTED)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(STOPPED)), E(DO_REPORT));
    assert_int_equal(lifecycle_step(&life, E(RESTART)), E(DO_START));
    assert_int_equal(lifecycle_step(&life, E(STARTED)), E(DO_READY));
}

static void a_failure_on_probation_falls_back(void **user)
{
    (void)user;
    lifecycle life = {.state = S(READY), .on_probation = true};
    assert_int_equal(lifecycle_step(&life, E(FAILED)), E(DO_FALL_BACK));
    assert_int_equal(life.state, S(UPGRADING));
    // The version before can fail too.
    lifecycle again = life;
    assert_int_equal(lifecycle_step(&again, E(FAILED)), E(DO_REPORT));
    life.on_probation = false;
    assert_int_equal(lifecycle_step(&life, E(UPGRADED)), E(DO_RESUME));
    assert_int_equal(life.state, S(READY));
    // Who was killed from outside has not failed by its version, nor has one that is not ready.
    life = (lifecycle){.state = S(READY), .on_probation = true};
    assert_int_equal(lifecycle_step(&life, E(CRASH)), E(DO_REPORT));
    life = (lifecycle){.state = S(STARTING), .on_probation = true};
    assert_int_equal(lifecycle_step(&life, E(FAILED)), E(DO_REPORT));
}

static void a_stop_or_halt_while_upgrading_is_kept(void **user)
{
    (void)user;
    lifecycle life = {.state = S(READY)};
    assert_int_equal(lifecycle_step(&life, E(UPGRADE)), E(DO_UPGRADE));
    assert_int_equal(lifecycle_step(&life, E(HALT)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(UPGRADED)), E(DO_STOP));
    assert_int_equal(lifecycle_step(&life, E(STOPPED)), E(DO_REPORT));

    life = (lifecycle){.state = S(UPGRADING)};
    assert_int_equal(lifecycle_step(&life, E(STOP)), E(IGNORE));
    assert_int_equal(lifecycle_step(&life, E(FAILED)), E(DO_TERMINATE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_pair_of_state_and_event),
        cmocka_unit_test(at_rest_it_comes_back_or_ends),
        cmocka_unit_test(a_crash_during_a_requested_stop_ends_for_good),
        cmocka_unit_test(a_stop_while_starting_is_kept),
        cmocka_unit_test(a_requested_stop_ends_for_good_even_by_a_failure),
        cmocka_unit_test(a_stop_overrules_a_halt),
        cmocka_unit_test(a_halt_is_forgotten_by_the_restart),
        cmocka_unit_test(a_failure_on_probation_falls_back),
        cmocka_unit_test(a_stop_or_halt_while_upgrading_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
