// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capability/pattern.h"

#include <string.h>

static void patterns(void **user)
{
    (void)user;
    static const struct {
        const char *pattern;
        const char *name;
        bool matches;
    } cases[] = {
        {"greeter", "greeter", true},
        {"greeter", "greeter2", false},
        {"greeter", "greete", false},
        {"", "", true},
        {"", "a", false},
        {"*", "", true},
        {"*", "anything", true},
        {"a*", "a", true},
        {"a*", "ba", false},
        {"*a", "bca", true},
        {"*a", "bcab", false},
        {"a*b*c", "aXbYc", true},
        {"a*b*c", "aXcYb", false},
        {"**", "x", true},
        {"a*bc", "abcbc", true},
        {"a?c", "abc", false},
        {"a?c", "a?c", true},
        {"*:worker", "pool:worker", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(capability_pattern_matches(cases[i].pattern, cases[i].name), cases[i].matches);
}

static void hostile_patterns_end_soon(void **user)
{
    (void)user;
    char pattern[128] = "";
    char name[128] = "";
    for (int i = 0; i < 30; i++)
        memcpy(pattern + 2 * i, "a*", 2);
    pattern[60] = 'b';
    memset(name, 'a', 120);
    assert_false(capability_pattern_matches(pattern, name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns),
        cmocka_unit_test(hostile_patterns_end_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
