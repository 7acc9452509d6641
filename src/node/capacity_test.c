// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "airssys/system.h"
#include "base/testing.h"
#include "node/capacity.h"
#include "os/mappings.h"

static void test_an_instance_takes_four_mappings(void **state)
{
    (void)state;
    // What Linux allows by default is enough for the 15,000 that the figures are about.
    assert_true(capacity_of_mappings(65530, 100) >= 15000);
    assert_int_equal(capacity_of_mappings(65530, 65530), 0);
    assert_int_equal(capacity_of_mappings(500, 100), 0);
    assert_int_equal(capacity_of_mappings(9000, 0) - capacity_of_mappings(9000, 400), 100);
}

static void test_the_kernel_is_asked(void **state)
{
    (void)state;
    uint64_t used = os_mappings_used();
    assert_true(used > 5 && used < os_mappings_max());
}

static void test_more_than_fit_are_refused_at_create(void **state)
{
    (void)state;
    airs_system *system = NULL;
    airs_error error = {.status = AIRS_OK, .text = ""};
    // No kernel allows that many: the limit is an int.
    airs_system_options options = {.workers = 1, .instances_max = UINT32_MAX};
    assert_int_equal(airs_system_create(&options, &system, &error), AIRS_E_LIMIT);
    assert_null(system);
    assert_int_equal(error.status, AIRS_E_LIMIT);
    assert_non_null(strstr(error.text, "instances_max is 4294967295, but vm.max_map_count ("));
    assert_non_null(strstr(error.text, "is enough for "));
}

static void test_as_many_as_fit_are_allowed(void **state)
{
    (void)state;
    airs_system *system;
    airs_error error = {.status = AIRS_OK, .text = ""};
    uint64_t fit = capacity_of_mappings(os_mappings_max(), os_mappings_used());
    // Beside the threads that the system starts, and what another one may have opened meanwhile.
    fit = fit > 1000000 ? 1000000 : fit - 100;
    assert_int_equal(capacity_check((uint32_t)fit, &error), AIRS_OK);
    airs_system_options options = {.workers = 1, .instances_max = (uint32_t)fit};
    assert_int_equal(airs_system_create(&options, &system, &error), AIRS_OK);
    airs_system_destroy(system);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_instance_takes_four_mappings),
        cmocka_unit_test(test_the_kernel_is_asked),
        cmocka_unit_test(test_more_than_fit_are_refused_at_create),
        cmocka_unit_test(test_as_many_as_fit_are_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
