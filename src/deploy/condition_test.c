// SPDX-License-Identifier: MIT OR Apache-2.0
/// The conditions of a canary: what is one, what is none and where, and when one holds.
#include <string.h>

#include "base/testing.h"
#include "deploy/condition.h"

static void what_is_read(void **user)
{
    (void)user;
    condition it;
    airs_error error;
    assert_int_equal(condition_parse("errors<0.1% p99<2ms for 60s", "promote_when", &it, &error), AIRS_OK);
    assert_int_equal(it.count, 2);
    assert_int_equal(it.clauses[0].metric, CONDITION_ERRORS);
    assert_int_equal(it.clauses[0].op, CONDITION_LESS);
    assert_int_equal(it.clauses[0].value, 100000);
    assert_int_equal(it.clauses[1].metric, CONDITION_P99);
    assert_int_equal(it.clauses[1].value, 2000000);
    assert_int_equal(it.window_ms, 60000);
    assert_int_equal(condition_parse("  restarts >= 3   messages<=10\tp50 > 1.5us ", "x", &it, &error), AIRS_OK);
    assert_int_equal(it.count, 3);
    assert_int_equal(it.clauses[0].metric, CONDITION_RESTARTS);
    assert_int_equal(it.clauses[0].op, CONDITION_AT_LEAST);
    assert_int_equal(it.clauses[0].value, 3);
    assert_int_equal(it.clauses[1].op, CONDITION_AT_MOST);
    assert_int_equal(it.clauses[2].op, CONDITION_MORE);
    assert_int_equal(it.clauses[2].value, 1500);
    assert_int_equal(it.window_ms, 0);
    assert_int_equal(condition_parse("errors<=100% for 24h", "x", &it, &error), AIRS_OK);
    assert_int_equal(it.clauses[0].value, 100000000);
    // Each place behind the point counts, up to a nanosecond.
    assert_int_equal(condition_parse("p99>0.0005s p50<1.234567s p50<0.0015ms p99<86400s", "x", &it, &error), AIRS_OK);
    assert_int_equal(it.clauses[0].value, 500000);
    assert_int_equal(it.clauses[1].value, 1234567000);
    assert_int_equal(it.clauses[2].value, 1500);
    assert_int_equal(it.clauses[3].value, UINT64_C(86400000000000));
}

static void what_is_refused_and_where(void **user)
{
    (void)user;
    static const struct {
        const char *text;
        const char *error;
    } rows[] = {
        {"", "w: column 1: a metric is expected: errors, p50, p99, messages or restarts"},
        {"   ", "w: column 4: a metric is expected: errors, p50, p99, messages or restarts"},
        {"error<1%", "w: column 1: `error` is no metric: they are errors, p50, p99, messages and restarts"},
        {"Errors<1%", "w: column 1: `Errors` is no metric: they are errors, p50, p99, messages and restarts"},
        {"errors", "w: column 7: one of < <= > >= is expected after a metric"},
        {"errors=1%", "w: column 7: one of < <= > >= is expected after a metric"},
        {"errors<", "w: column 8: a number is expected"},
        {"errors<x", "w: column 8: a number is expected"},
        {"errors<-1%", "w: column 8: a number is expected"},
        {"errors=<1%", "w: column 7: one of < <= > >= is expected after a metric"},
        {"errors<1", "w: column 9: errors are a share: the number needs a %"},
        {"errors<1ms", "w: column 9: errors are a share: the number needs a %"},
        {"errors<100.000001%", "w: column 8: a share is at most 100%"},
        {"errors<1.%", "w: column 10: a digit is expected behind the point"},
        {"errors<0.1234567%", "w: column 16: six places behind the point are the most"},
        {"p99<2", "w: column 6: a time needs its unit: us, ms or s"},
        {"p99<2%", "w: column 6: a time needs its unit: us, ms or s"},
        {"p99<2min", "w: column 6: a time needs its unit: us, ms or s"},
        {"p99<86401s", "w: column 5: the time is over a day"},
        {"p99<99999999999999s", "w: column 5: the number is too large"},
        {"p95<2ms", "w: column 1: `p95` is no metric: they are errors, p50, p99, messages and restarts"},
        {"restarts<1.5", "w: column 10: a whole number is expected"},
        {"restarts<1%", "w: column 11: a blank is expected between two clauses"},
        {"errors<1%p99<2ms", "w: column 10: a blank is expected between two clauses"},
        {"errors<1%, p99<2ms", "w: column 10: a blank is expected between two clauses"},
        {"for 60s", "w: column 1: a metric is expected before `for`"},
        {"errors<1% for", "w: column 14: a duration is expected after `for`: 60s, 5m, 500ms"},
        {"errors<1% for 60", "w: column 15: a duration is expected after `for`: 60s, 5m, 500ms"},
        {"errors<1% for 0s", "w: column 15: a duration is expected after `for`: 60s, 5m, 500ms"},
        {"errors<1% for 25h", "w: column 15: the longest window is a day, 24h"},
        {"errors<1% for 60s p99<1ms", "w: column 19: nothing may follow the duration"},
        {"p50<1s p50<1s p50<1s p50<1s p50<1s p50<1s p50<1s p50<1s p50<1s", "w: column 57: eight clauses are the most"},
        {"\xc3\xa9<1%", "w: column 1: a metric is expected: errors, p50, p99, messages or restarts"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        condition untouched = {.count = 77};
        airs_error error = {0};
        assert_int_equal(condition_parse(rows[i].text, "w", &untouched, &error), AIRS_E_INVALID);
        assert_string_equal(error.text, rows[i].error);
        assert_int_equal(untouched.count, 77);
    }
    char long_one[400];
    memset(long_one, ' ', sizeof long_one - 1);
    long_one[sizeof long_one - 1] = '\0';
    condition it;
    airs_error error;
    assert_int_equal(condition_parse(long_one, "w", &it, &error), AIRS_E_INVALID);
    assert_string_equal(error.text, "w: it has more than 255 bytes");
}

static void shares(void **user)
{
    (void)user;
    static const struct {
        const char *text;
        uint32_t ppm;
        const char *error;
    } rows[] = {
        {"5%", 50000, ""},
        {"0%", 0, ""},
        {"100%", 1000000, ""},
        {"0.0001%", 1, ""},
        {"12.5%", 125000, ""},
        {"", 7, "w: column 1: a share is expected: 5%, 0.5%, or 0% of what is only brought up"},
        {"five", 7, "w: column 1: a share is expected: 5%, 0.5%, or 0% of what is only brought up"},
        {"-5%", 7, "w: column 1: a share is expected: 5%, 0.5%, or 0% of what is only brought up"},
        {"5", 7, "w: column 2: a share needs a %: 5%"},
        {"5 %", 7, "w: column 2: a share needs a %: 5%"},
        {"101%", 7, "w: column 1: a share is at most 100%"},
        {"5%%", 7, "w: column 3: nothing may follow the share"},
        {"0.00001%", 7, "w: column 1: four places behind the point are the most"},
        {"5.%", 7, "w: column 3: a digit is expected behind the point"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t ppm = 7;
        airs_error error = {0};
        airs_status status = condition_parse_share(rows[i].text, "w", &ppm, &error);
        assert_int_equal(status, rows[i].error[0] == '\0' ? AIRS_OK : AIRS_E_INVALID);
        assert_string_equal(error.text, rows[i].error);
        assert_int_equal(ppm, rows[i].ppm);
    }
}

/// Facts of so many events, all of which took so long.
static condition_facts facts_of(uint64_t handled, uint64_t failed, uint64_t ns, uint64_t restarts)
{
    condition_facts facts = {.handled = handled, .failed = failed, .restarts = restarts};
    facts.times[histogram_bucket(ns)] = handled + failed;
    return facts;
}

static void when_one_holds(void **user)
{
    (void)user;
    static const struct {
        const char *text;
        uint64_t handled, failed, ns, restarts;
        bool holds;
    } rows[] = {
        {"errors<1%", 1000, 0, 1000, 0, true},
        {"errors<1%", 990, 10, 1000, 0, false},
        {"errors<=1%", 990, 10, 1000, 0, true},
        {"errors>1%", 980, 20, 1000, 0, true},
        {"errors>=100%", 0, 1, 1000, 0, true},
        // Nothing handled says nothing.
        {"errors<1%", 0, 0, 1000, 0, false},
        {"errors>0%", 0, 0, 1000, 0, false},
        {"p99<2ms", 0, 0, 1000, 0, false},
        {"p99<2ms", 100, 0, 1000000, 0, true},
        {"p99<2ms", 100, 0, 3000000, 0, false},
        {"p50>2ms", 100, 0, 3000000, 0, true},
        {"messages>=100", 60, 40, 1000, 0, true},
        {"messages>=100", 60, 39, 1000, 0, false},
        {"messages<1", 0, 0, 1000, 0, true},
        {"restarts>0", 0, 0, 1000, 1, true},
        {"restarts<1", 10, 0, 1000, 1, false},
        {"errors<1% p99<2ms messages>10", 100, 0, 1000, 0, true},
        {"errors<1% p99<2ms messages>10", 100, 0, 5000000, 0, false},
    };
    // What was before the window does not count.
    condition_facts before = facts_of(5000, 5000, 90000000, 50);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        condition it;
        airs_error error;
        char text[CONDITION_TEXT_MAX];
        assert_int_equal(condition_parse(rows[i].text, "w", &it, &error), AIRS_OK);
        condition_facts now = before, more = facts_of(rows[i].handled, rows[i].failed, rows[i].ns, rows[i].restarts);
        now.handled += more.handled;
        now.failed += more.failed;
        now.restarts += more.restarts;
        for (uint32_t k = 0; k < HISTOGRAM_BUCKETS; k++)
            now.times[k] += more.times[k];
        if (condition_holds(&it, &before, &now, text) != rows[i].holds)
            fail_msg("row %zu: %s", i, rows[i].text);
    }
    condition it;
    airs_error error;
    char text[CONDITION_TEXT_MAX];
    condition_facts none = {0}, some = facts_of(39, 1, 1000, 0);
    assert_int_equal(condition_parse("errors>1% messages>=10 for 5s", "w", &it, &error), AIRS_OK);
    assert_true(condition_holds(&it, &none, &some, text));
    assert_string_equal(text, "errors 2.5% (>1%), messages 40 (>=10)");
}

static void quantiles(void **user)
{
    (void)user;
    condition_facts facts = {.handled = 100};
    assert_int_equal(condition_quantile_ns(&facts, 0.5), 0);
    facts.times[histogram_bucket(1000)] = 98;
    facts.times[histogram_bucket(1000000)] = 2;
    assert_in_range(condition_quantile_ns(&facts, 0.5), 875, 1125);
    assert_in_range(condition_quantile_ns(&facts, 0.99), 875000, 1125000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_read),   cmocka_unit_test(what_is_refused_and_where),
        cmocka_unit_test(when_one_holds), cmocka_unit_test(quantiles),
        cmocka_unit_test(shares),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
