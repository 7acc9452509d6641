// SPDX-License-Identifier: MIT OR Apache-2.0
// Times as people write them.
#include "base/testing.h"
#include "cli/audit_flags.h"

#include <stdlib.h>
#include <time.h>

#define NOW 1764000000000000000ull

static void times_are_dates_or_how_long_ago(void **user)
{
    (void)user;
    setenv("TZ", "UTC-2", 1);
    tzset();
    const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {
        {"1h", NOW / 1000000000u - 3600},      {"90s", NOW / 1000000000u - 90},    {"1970-01-02T00:00:00Z", 86400},
        {"1970-01-02T00:00:01", 86401 - 7200}, {"1970-01-02 00:00", 86400 - 7200}, {"1970-01-03", 172800 - 7200},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t time_ns = 0;
        assert_true(cli_time_parse(good[i].text, NOW, &time_ns));
        assert_int_equal(time_ns, good[i].seconds * 1000000000u);
    }
    static const char *const bad[] = {"",           "yesterday",       "1970-01-01", "5",
                                      "2026-13-01", "12:30",           "-1h",        "2026-01-01T00:00:00ZZ",
                                      "1h ago",     "2026-01-01 25:00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t time_ns = 1;
        if (cli_time_parse(bad[i], NOW, &time_ns))
            fail_msg("\"%s\" is taken for a time", bad[i]);
        assert_int_equal(time_ns, 1);
    }
    // Longer ago than there were clocks: from the beginning.
    uint64_t time_ns = 0;
    assert_true(cli_time_parse("18446744073709551615ms", NOW, &time_ns));
    assert_int_equal(time_ns, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_dates_or_how_long_ago),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
