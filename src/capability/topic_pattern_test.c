// SPDX-License-Identifier: MIT OR Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "capability/topic_pattern.h"

static void grants_cover_what_matches_no_more(void **user)
{
    (void)user;
    static const struct {
        const char *granted;
        const char *wanted;
        bool covers;
    } cases[] = {
        {"a.b", "a.b", true},  {"a.b", "a.c", false},  {"a.b", "a", false},     {"a", "a.b", false},
        {"a.*", "a.b", true},  {"a.*", "a.*", true},   {"a.*", "a.>", false},   {"a.*", "a.b.c", false},
        {"a.*", "*.b", false}, {"a.>", "a.b.c", true}, {"a.>", "a.*", true},    {"a.>", "a.>", true},
        {"a.>", "a", false},   {"a.>", ">", false},    {">", ">", true},        {">", "a", true},
        {"*", "*", true},      {"*", "a", true},       {"*", ">", false},       {"*.b", "a.b", true},
        {"*.b", "*.*", false}, {"*.*", "*.b", true},   {"a.b.>", "a.>", false}, {"ab", "a", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        airs_bytes wanted = {(const uint8_t *)cases[i].wanted, strlen(cases[i].wanted)};
        if (capability_topic_covers(cases[i].granted, wanted) != cases[i].covers)
            fail_msg("\"%s\" over \"%s\"", cases[i].granted, cases[i].wanted);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_cover_what_matches_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
