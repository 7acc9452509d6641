// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"

#include <string.h>

airs_bytes airs_text_of(const char *text)
{
    return (airs_bytes){(const uint8_t *)text, strlen(text)};
}

airs_bytes airs_join_parts(const airs_bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (__builtin_add_overflow(len, parts[i].len, &len))
            __builtin_trap();
    }
    uint8_t *joined = airs_alloc(len);
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(joined + at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    return (airs_bytes){joined, len};
}

airs_bytes airs_copy(airs_bytes bytes)
{
    return airs_join_parts(&bytes, 1);
}

/// Digits of `number`, with a sign before them when it is not 0.
static airs_bytes digits(uint64_t number, unsigned base, char sign)
{
    enum {
        DIGITS_MAX = 20
    };
    uint8_t *text = airs_alloc(DIGITS_MAX + 1);
    size_t at = DIGITS_MAX + 1;
    do {
        text[--at] = (uint8_t) "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    if (sign)
        text[--at] = (uint8_t)sign;
    return (airs_bytes){text + at, DIGITS_MAX + 1 - at};
}

airs_bytes airs_unsigned(uint64_t number)
{
    return digits(number, 10, 0);
}

airs_bytes airs_signed(int64_t number)
{
    return number < 0 ? digits(-(uint64_t)number, 10, '-') : digits((uint64_t)number, 10, 0);
}

airs_bytes airs_hex(uint64_t number)
{
    return digits(number, 16, 0);
}

bool airs_parse_unsigned(airs_bytes text, uint64_t *ret)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t digit = (uint8_t)(text.data[i] - '0');
        if (digit > 9 || number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    if (text.len == 0)
        return false;
    *ret = number;
    return true;
}

bool airs_parse_signed(airs_bytes text, int64_t *ret)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    uint64_t number;
    if (!airs_parse_unsigned(airs_slice(text, negative, text.len), &number))
        return false;
    if (number > (uint64_t)INT64_MAX + negative)
        return false;
    *ret = (int64_t)(negative ? -number : number);
    return true;
}

int airs_compare(airs_bytes a, airs_bytes b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    if (order != 0 || a.len == b.len)
        return order;
    return a.len < b.len ? -1 : 1;
}

bool airs_equal(airs_bytes a, airs_bytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool airs_starts_with(airs_bytes text, airs_bytes beginning)
{
    return text.len >= beginning.len && memcmp(text.data, beginning.data, beginning.len) == 0;
}

airs_bytes airs_slice(airs_bytes text, size_t start, size_t len)
{
    if (start > text.len)
        start = text.len;
    if (len > text.len - start)
        len = text.len - start;
    return (airs_bytes){text.data + start, len};
}

airs_bytes airs_cut(airs_bytes text, char separator, airs_bytes *rest)
{
    size_t at = 0;
    while (at < text.len && text.data[at] != (uint8_t)separator)
        at++;
    if (rest)
        *rest = at < text.len ? airs_slice(text, at + 1, text.len) : airs_slice(text, at, 0);
    return airs_slice(text, 0, at);
}

bool airs_setting_find(airs_settings settings, airs_bytes key, airs_bytes *ret)
{
    for (size_t i = 0; i < settings.count; i++) {
        if (airs_equal(settings.list[i].key, key)) {
            *ret = settings.list[i].value;
            return true;
        }
    }
    return false;
}
