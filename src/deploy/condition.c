// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/condition.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/quantity.h"

#define DAY_MS 86400000u
/// Millionths of a percent in the whole.
#define WHOLE UINT64_C(100000000)

static const char *const metric_names[] = {"errors", "p50", "p99", "messages", "restarts"};
static const char *const op_names[] = {"<", "<=", ">", ">="};

#define METRICS (sizeof metric_names / sizeof *metric_names)

// ---------------------------------------------------------------- reading

typedef struct reader {
    const char *text;
    const char *at;
    const char *what;
    airs_error *error;
} reader;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void skip_blanks(reader *self)
{
    while (*self->at == ' ' || *self->at == '\t')
        self->at++;
}

static airs_status refuse(const reader *self, const char *at, const char *why)
{
    return base_error_set(self->error, AIRS_E_INVALID, "%s: column %zu: %s", self->what, (size_t)(at - self->text) + 1,
                          why);
}

/// The length of the word that begins here: letters and digits.
static size_t word_at(const char *at)
{
    size_t len = 0;
    while (is_letter(at[len]) || is_digit(at[len]))
        len++;
    return len;
}

static bool is_word(const char *at, size_t len, const char *word)
{
    return strlen(word) == len && memcmp(at, word, len) == 0;
}

static airs_status read_metric(reader *self, condition_metric *ret)
{
    size_t len = word_at(self->at);
    if (!is_letter(*self->at))
        return refuse(self, self->at, "a metric is expected: errors, p50, p99, messages or restarts");
    for (size_t i = 0; i < METRICS; i++) {
        if (is_word(self->at, len, metric_names[i])) {
            *ret = (condition_metric)i;
            self->at += len;
            return AIRS_OK;
        }
    }
    char why[128];
    (void)snprintf(why, sizeof why, "`%.*s` is no metric: they are errors, p50, p99, messages and restarts",
                   (int)(len < 32 ? len : 32), self->at);
    return refuse(self, self->at, why);
}

static airs_status read_op(reader *self, condition_op *ret)
{
    skip_blanks(self);
    bool less = *self->at == '<';
    if (!less && *self->at != '>')
        return refuse(self, self->at, "one of < <= > >= is expected after a metric");
    self->at++;
    bool equal = *self->at == '=';
    self->at += equal;
    *ret = less ? (equal ? CONDITION_AT_MOST : CONDITION_LESS) : (equal ? CONDITION_AT_LEAST : CONDITION_MORE);
    return AIRS_OK;
}

/// A number in millionths: up to six places behind the point.
static airs_status read_millionths(reader *self, uint64_t *ret, bool *ret_whole)
{
    skip_blanks(self);
    const char *at = self->at;
    uint64_t number = 0, places = 0;
    if (!is_digit(*at))
        return refuse(self, at, "a number is expected");
    for (; is_digit(*at); at++) {
        number = number * 10 + (uint64_t)(*at - '0');
        if (number > UINT64_C(1000000000000))
            return refuse(self, self->at, "the number is too large");
    }
    *ret_whole = *at != '.';
    if (*at == '.') {
        at++;
        if (!is_digit(*at))
            return refuse(self, at, "a digit is expected behind the point");
        uint64_t unit = 100000;
        for (; is_digit(*at); at++, unit /= 10) {
            if (unit == 0)
                return refuse(self, at, "six places behind the point are the most");
            places += unit * (uint64_t)(*at - '0');
        }
    }
    self->at = at;
    *ret = number * 1000000u + places;
    return AIRS_OK;
}

static airs_status read_percent(reader *self, const char *from, uint64_t millionths, uint64_t *ret)
{
    if (*self->at != '%')
        return refuse(self, self->at, "errors are a share: the number needs a %");
    self->at++;
    if (millionths > WHOLE)
        return refuse(self, from, "a share is at most 100%");
    *ret = millionths;
    return AIRS_OK;
}

static airs_status read_time(reader *self, const char *from, uint64_t millionths, uint64_t *ret)
{
    static const struct {
        const char *name;
        uint64_t ns;
    } units[] = {{"us", 1000}, {"ms", 1000000}, {"s", 1000000000}};
    size_t len = word_at(self->at);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!is_word(self->at, len, units[i].name))
            continue;
        if (millionths / 1000000u > UINT64_C(86400000000000) / units[i].ns)
            return refuse(self, from, "the time is over a day");
        self->at += len;
        *ret = millionths * (units[i].ns / 1000u) / 1000u;
        return AIRS_OK;
    }
    return refuse(self, self->at, "a time needs its unit: us, ms or s");
}

static airs_status read_value(reader *self, condition_metric metric, uint64_t *ret)
{
    uint64_t millionths = 0;
    bool whole = true;
    skip_blanks(self);
    const char *from = self->at;
    airs_status status = read_millionths(self, &millionths, &whole);
    if (status != AIRS_OK)
        return status;
    if (metric == CONDITION_ERRORS)
        return read_percent(self, from, millionths, ret);
    if (metric == CONDITION_P50 || metric == CONDITION_P99)
        return read_time(self, from, millionths, ret);
    if (!whole)
        return refuse(self, from, "a whole number is expected");
    *ret = millionths / 1000000u;
    return AIRS_OK;
}

/// A clause ends where the text does, or at a blank.
static airs_status end_clause(const reader *self)
{
    if (*self->at == '\0' || *self->at == ' ' || *self->at == '\t')
        return AIRS_OK;
    return refuse(self, self->at, "a blank is expected between two clauses");
}

static airs_status read_window(reader *self, condition *ret)
{
    char text[32];
    self->at += 3;
    skip_blanks(self);
    const char *from = self->at;
    size_t len = word_at(from);
    (void)snprintf(text, sizeof text, "%.*s", (int)(len < sizeof text ? len : sizeof text - 1), from);
    if (len == 0 || len >= sizeof text || !base_duration_parse(text, &ret->window_ms) || ret->window_ms == 0)
        return refuse(self, from, "a duration is expected after `for`: 60s, 5m, 500ms");
    if (ret->window_ms > DAY_MS)
        return refuse(self, from, "the longest window is a day, 24h");
    self->at += len;
    skip_blanks(self);
    return *self->at == '\0' ? AIRS_OK : refuse(self, self->at, "nothing may follow the duration");
}

static airs_status read_clause(reader *self, condition *ret)
{
    if (ret->count == CONDITION_CLAUSES_MAX)
        return refuse(self, self->at, "eight clauses are the most");
    condition_clause *clause = &ret->clauses[ret->count];
    airs_status status = read_metric(self, &clause->metric);
    if (status == AIRS_OK)
        status = read_op(self, &clause->op);
    if (status == AIRS_OK)
        status = read_value(self, clause->metric, &clause->value);
    if (status == AIRS_OK)
        status = end_clause(self);
    ret->count += status == AIRS_OK;
    return status;
}

airs_status condition_parse(const char *text, const char *what, condition *ret, airs_error *error)
{
    reader self = {text, text, what, error};
    condition made = {.count = 0};
    airs_status status = AIRS_OK;
    if (strlen(text) >= CONDITION_TEXT_MAX)
        return base_error_set(error, AIRS_E_INVALID, "%s: it has more than %u bytes", what, CONDITION_TEXT_MAX - 1);
    for (skip_blanks(&self); status == AIRS_OK && *self.at != '\0'; skip_blanks(&self)) {
        if (!is_word(self.at, word_at(self.at), "for"))
            status = read_clause(&self, &made);
        else if (made.count == 0)
            status = refuse(&self, self.at, "a metric is expected before `for`");
        else
            status = read_window(&self, &made);
    }
    if (status == AIRS_OK && made.count == 0)
        status = refuse(&self, self.at, "a metric is expected: errors, p50, p99, messages or restarts");
    if (status == AIRS_OK)
        *ret = made;
    return status;
}

airs_status condition_parse_share(const char *text, const char *what, uint32_t *ret_ppm, airs_error *error)
{
    uint64_t millionths = 0, share = 0;
    bool ignored;
    reader self = {text, text, what, error};
    if (!is_digit(*text))
        return refuse(&self, text, "a share is expected: 5%, 0.5%, or 0% of what is only brought up");
    airs_status status = read_millionths(&self, &millionths, &ignored);
    if (status == AIRS_OK && *self.at != '%')
        return refuse(&self, self.at, "a share needs a %: 5%");
    if (status == AIRS_OK)
        status = read_percent(&self, text, millionths, &share);
    if (status == AIRS_OK && *self.at != '\0')
        return refuse(&self, self.at, "nothing may follow the share");
    if (status == AIRS_OK && share % 100 != 0)
        return refuse(&self, text, "four places behind the point are the most");
    if (status == AIRS_OK)
        *ret_ppm = (uint32_t)(share / 100);
    return status;
}

// ---------------------------------------------------------------- looking

static uint64_t quantile_between(const condition_facts *before, const condition_facts *now, double quantile)
{
    uint64_t total = 0, seen = 0;
    uint32_t last = 0;
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS; i++)
        total += now->times[i] - before->times[i];
    uint64_t wanted = (uint64_t)((double)total * quantile);
    for (uint32_t i = 0; i < HISTOGRAM_BUCKETS && total > 0; i++) {
        uint64_t here = now->times[i] - before->times[i];
        if (here == 0)
            continue;
        last = i;
        seen += here;
        if (seen > wanted)
            break;
    }
    return total == 0 ? 0 : histogram_value_ns(last);
}

uint64_t condition_quantile_ns(const condition_facts *facts, double quantile)
{
    static const condition_facts nothing;
    return quantile_between(&nothing, facts, quantile);
}

/// In the clause's own unit. False when there is nothing to go by.
static bool measure(condition_metric metric, const condition_facts *before, const condition_facts *now, uint64_t *ret)
{
    uint64_t handled = now->handled - before->handled, failed = now->failed - before->failed;
    uint64_t all = handled + failed;
    switch (metric) {
    case CONDITION_ERRORS:
        *ret = all == 0 ? 0 : (uint64_t)((double)failed / (double)all * (double)WHOLE + 0.5);
        return all > 0;
    case CONDITION_P50:
    case CONDITION_P99:
        *ret = quantile_between(before, now, metric == CONDITION_P50 ? 0.5 : 0.99);
        return all > 0;
    case CONDITION_MESSAGES:
        *ret = all;
        return true;
    case CONDITION_RESTARTS:
        *ret = now->restarts - before->restarts;
        return true;
    }
    return false;
}

static bool compare(condition_op op, uint64_t found, uint64_t value)
{
    switch (op) {
    case CONDITION_LESS:
        return found < value;
    case CONDITION_AT_MOST:
        return found <= value;
    case CONDITION_MORE:
        return found > value;
    case CONDITION_AT_LEAST:
        return found >= value;
    }
    return false;
}

static void format(condition_metric metric, uint64_t value, char ret[BASE_QUANTITY_MAX])
{
    char number[BASE_QUANTITY_MAX];
    if (metric == CONDITION_ERRORS)
        (void)snprintf(ret, BASE_QUANTITY_MAX, "%.*s%%", BASE_QUANTITY_MAX - 2,
                       base_number_format(number, (double)value / 1e6, 6));
    else if (metric == CONDITION_P50 || metric == CONDITION_P99)
        (void)base_duration_format(ret, value);
    else
        (void)snprintf(ret, BASE_QUANTITY_MAX, "%" PRIu64, value);
}

bool condition_holds(const condition *self, const condition_facts *before, const condition_facts *now, char *ret_text)
{
    size_t len = 0;
    ret_text[0] = '\0';
    for (uint32_t i = 0; i < self->count; i++) {
        const condition_clause *clause = &self->clauses[i];
        uint64_t found;
        if (!measure(clause->metric, before, now, &found) || !compare(clause->op, found, clause->value))
            return false;
        char is[BASE_QUANTITY_MAX], limit[BASE_QUANTITY_MAX];
        format(clause->metric, found, is);
        format(clause->metric, clause->value, limit);
        if (len < CONDITION_TEXT_MAX)
            len += (size_t)snprintf(ret_text + len, CONDITION_TEXT_MAX - len, "%s%s %s (%s%s)", i == 0 ? "" : ", ",
                                    metric_names[clause->metric], is, op_names[clause->op], limit);
    }
    return true;
}
