// SPDX-License-Identifier: MIT OR Apache-2.0
/// Durations and sizes as people write and read them.
#ifndef AIRS_BASE_QUANTITY_H
#define AIRS_BASE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A whole number and a unit: "250ms", "5s", "2m", "1h". False for anything else, also what does not
/// fit 64 bits; `ret_ms` is then untouched.
bool base_duration_parse(const char *text, uint64_t *ret_ms);

/// A whole number and a unit: "512B", "64KiB", "64MiB", "4GiB", and "kB", "MB", "GB" of 1,000.
bool base_size_parse(const char *text, uint64_t *ret_bytes);

/// Room for any text that the functions below write.
#define BASE_QUANTITY_MAX 32

/// "850 ns", "12.4 us", "3.1 ms", "4.2 s", "3m 20s", "5h 12m", "8d 3h". Returns `text`.
const char *base_duration_format(char text[BASE_QUANTITY_MAX], uint64_t duration_ns);

/// "512 B", "1.5 KiB", "64 MiB". Returns `text`.
const char *base_size_format(char text[BASE_QUANTITY_MAX], uint64_t bytes);

/// A number with at most so many digits, as `%.*g` in the locale "C" writes it: with a point, whatever the program's
/// locale is. `digits`: at most 15. Returns `text`.
const char *base_number_format(char text[BASE_QUANTITY_MAX], double number, int digits);

#endif
