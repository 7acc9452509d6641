// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/quantity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

/// Reads digits and one of the units; the units end with a nameless one.
static bool quantity_parse(const char *text, const unit *units, uint64_t *ret)
{
    uint64_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        if (__builtin_mul_overflow(number, 10u, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return false;
    }
    if (at == text)
        return false;
    for (const unit *u = units; u->name; u++) {
        uint64_t scaled;
        if (strcmp(at, u->name) == 0 && !__builtin_mul_overflow(number, u->factor, &scaled)) {
            *ret = scaled;
            return true;
        }
    }
    return false;
}

bool base_duration_parse(const char *text, uint64_t *ret_ms)
{
    static const unit units[] = {{"ms", 1}, {"s", 1000}, {"m", 60u * 1000}, {"h", 3600u * 1000}, {NULL, 0}};
    return quantity_parse(text, units, ret_ms);
}

bool base_size_parse(const char *text, uint64_t *ret_bytes)
{
    static const unit units[] = {{"B", 1},     {"KiB", 1u << 10},    {"MiB", 1u << 20},           {"GiB", 1u << 30},
                                 {"kB", 1000}, {"MB", 1000u * 1000}, {"GB", 1000u * 1000 * 1000}, {NULL, 0}};
    return quantity_parse(text, units, ret_bytes);
}

/// "3", "3.1", "31.4" or "314": three digits say enough, and ".0" says nothing.
static void scaled_format(char text[BASE_QUANTITY_MAX], uint64_t value, uint64_t factor, const char *name)
{
    uint64_t whole = value / factor;
    uint64_t tenth = value % factor * 10 / factor;
    if (tenth == 0 || whole >= 100)
        snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64 " %s", whole, name);
    else
        snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64 ".%" PRIu64 " %s", whole, tenth, name);
}

const char *base_duration_format(char text[BASE_QUANTITY_MAX], uint64_t duration_ns)
{
    const uint64_t second = 1000u * 1000 * 1000;
    uint64_t s = duration_ns / second;
    if (duration_ns < 1000)
        scaled_format(text, duration_ns, 1, "ns");
    else if (duration_ns < 1000u * 1000)
        scaled_format(text, duration_ns, 1000, "us");
    else if (duration_ns < second)
        scaled_format(text, duration_ns, 1000u * 1000, "ms");
    else if (s < 60)
        scaled_format(text, duration_ns, second, "s");
    else if (s < 3600)
        snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64 "m %" PRIu64 "s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64 "h %" PRIu64 "m", s / 3600, s % 3600 / 60);
    else
        snprintf(text, BASE_QUANTITY_MAX, "%" PRIu64 "d %" PRIu64 "h", s / 86400, s % 86400 / 3600);
    return text;
}

const char *base_size_format(char text[BASE_QUANTITY_MAX], uint64_t bytes)
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t at = 0;
    uint64_t factor = 1;
    while (at + 1 < sizeof names / sizeof *names && bytes / factor >= 1024) {
        factor *= 1024;
        at++;
    }
    scaled_format(text, bytes, factor, names[at]);
    return text;
}

const char *base_number_format(char text[BASE_QUANTITY_MAX], double number, int digits)
{
    static const char figures[] = "0123456789";
    (void)snprintf(text, BASE_QUANTITY_MAX, "%.*g", digits, number);
    char *sign = text + (text[0] == '-');
    char *point = sign + strspn(sign, figures);
    // What is not finite, and a number without a fraction, has none.
    if (point == sign || *point == '\0' || *point == 'e')
        return text;
    char *fraction = point + strcspn(point, figures);
    *point = '.';
    memmove(point + 1, fraction, strlen(fraction) + 1);
    return text;
}
