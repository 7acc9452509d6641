// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/quantity.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void durations_have_a_unit(void **state)
{
    (void)state;
    uint64_t ms = 7;
    assert_true(base_duration_parse("250ms", &ms) && ms == 250);
    assert_true(base_duration_parse("5s", &ms) && ms == 5000);
    assert_true(base_duration_parse("2m", &ms) && ms == 120000);
    assert_true(base_duration_parse("1h", &ms) && ms == 3600000);
    assert_true(base_duration_parse("0s", &ms) && ms == 0);
    static const char *const bad[] = {"",
                                      "5",
                                      "s",
                                      "-5s",
                                      "+5s",
                                      "1.5s",
                                      "5 s",
                                      " 5s",
                                      "5S",
                                      "5sec",
                                      "5ss",
                                      "18446744073709551616ms",
                                      "18446744073709551615s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ms = 7;
        assert_false(base_duration_parse(bad[i], &ms));
        assert_int_equal(ms, 7);
    }
}

static void sizes_have_a_unit(void **state)
{
    (void)state;
    uint64_t bytes;
    assert_true(base_size_parse("512B", &bytes) && bytes == 512);
    assert_true(base_size_parse("64KiB", &bytes) && bytes == 65536);
    assert_true(base_size_parse("64MiB", &bytes) && bytes == 64u << 20);
    assert_true(base_size_parse("4GiB", &bytes) && bytes == UINT64_C(4) << 30);
    assert_true(base_size_parse("1kB", &bytes) && bytes == 1000);
    assert_true(base_size_parse("2MB", &bytes) && bytes == 2000000);
    static const char *const bad[] = {"", "64", "MiB", "64mib", "64M", "-1B", "0x10B", "99999999999GiB"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(base_size_parse(bad[i], &bytes));
}

static void people_read_three_digits(void **state)
{
    (void)state;
    char text[BASE_QUANTITY_MAX];
    assert_string_equal(base_duration_format(text, 0), "0 ns");
    assert_string_equal(base_duration_format(text, 999), "999 ns");
    assert_string_equal(base_duration_format(text, 1000), "1 us");
    assert_string_equal(base_duration_format(text, 12450), "12.4 us");
    assert_string_equal(base_duration_format(text, 3100000), "3.1 ms");
    assert_string_equal(base_duration_format(text, 123456789), "123 ms");
    assert_string_equal(base_duration_format(text, UINT64_C(59900000000)), "59.9 s");
    assert_string_equal(base_duration_format(text, UINT64_C(200000000000)), "3m 20s");
    assert_string_equal(base_duration_format(text, UINT64_C(18720000000000)), "5h 12m");
    assert_string_equal(base_duration_format(text, UINT64_MAX), "213503d 23h");
    assert_string_equal(base_size_format(text, 0), "0 B");
    assert_string_equal(base_size_format(text, 1023), "1023 B");
    assert_string_equal(base_size_format(text, 1536), "1.5 KiB");
    assert_string_equal(base_size_format(text, 64u << 20), "64 MiB");
    assert_string_equal(base_size_format(text, UINT64_MAX), "16777215 TiB");
}

static void check_numbers(void)
{
    char text[BASE_QUANTITY_MAX];
    assert_string_equal(base_number_format(text, 0, 15), "0");
    assert_string_equal(base_number_format(text, -2.5, 15), "-2.5");
    assert_string_equal(base_number_format(text, 1.023e-06, 11), "1.023e-06");
    assert_string_equal(base_number_format(text, 123456.789, 15), "123456.789");
    assert_string_equal(base_number_format(text, 123456.789, 4), "1.235e+05");
    assert_string_equal(base_number_format(text, 1e300, 15), "1e+300");
    assert_string_equal(base_number_format(text, -INFINITY, 15), "-inf");
}

static void numbers_have_a_point(void **state)
{
    (void)state;
    check_numbers();
}

/// Also where the program's locale writes a comma.
static void numbers_have_a_point_in_any_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "pl_PL.UTF-8", "ps_AF.UTF-8"};
    size_t found = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        locale_t locale = newlocale(LC_NUMERIC_MASK, names[i], (locale_t)0);
        if (!locale)
            continue;
        found++;
        locale_t before = uselocale(locale);
        check_numbers();
        (void)uselocale(before);
        freelocale(locale);
    }
    if (found == 0)
        skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_have_a_unit),
        cmocka_unit_test(sizes_have_a_unit),
        cmocka_unit_test(people_read_three_digits),
        cmocka_unit_test(numbers_have_a_point),
        cmocka_unit_test(numbers_have_a_point_in_any_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
