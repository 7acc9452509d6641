// SPDX-License-Identifier: MIT OR Apache-2.0
// What it means here that a guest reads a message: all of it is added up.
#ifndef BENCH_READ_H
#define BENCH_READ_H

#include <airssys/guest.h>

static inline uint64_t read_all(airs_bytes bytes)
{
    uint64_t sum = 0;
    size_t at = 0;
    for (; at + sizeof sum <= bytes.len; at += sizeof sum) {
        uint64_t word;
        __builtin_memcpy(&word, bytes.data + at, sizeof word);
        sum += word;
    }
    for (; at < bytes.len; at++)
        sum += bytes.data[at];
    return sum;
}

#endif
