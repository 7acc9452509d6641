// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *nearest(const char *word)
{
    static const char *const names[] = {"run", "call", "send", "max_memory", "max_message", "completions"};
    base_nearest search;
    base_nearest_init(&search, word);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        base_nearest_try(&search, names[i]);
    return base_nearest_best(&search);
}

static void slips_of_the_finger_are_found(void **state)
{
    (void)state;
    assert_string_equal(nearest("cal"), "call");
    assert_string_equal(nearest("clal"), "call");
    assert_string_equal(nearest("CALL"), "call");
    assert_string_equal(nearest("rum"), "run");
    assert_string_equal(nearest("max-memory"), "max_memory");
    assert_string_equal(nearest("max_memroy"), "max_memory");
    assert_string_equal(nearest("completion"), "completions");
}

static void what_is_far_is_not(void **state)
{
    (void)state;
    static const char long_word[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz";
    assert_null(nearest("xyzzy"));
    assert_null(nearest("r"));
    assert_null(nearest(""));
    assert_null(nearest("seldom"));
    assert_null(nearest(long_word));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips_of_the_finger_are_found),
        cmocka_unit_test(what_is_far_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
