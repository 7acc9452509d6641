// SPDX-License-Identifier: MIT OR Apache-2.0
/// How many lines a component may write in a second; what is over is counted, and told once.
#ifndef COMPONENT_LOG_LIMIT_H
#define COMPONENT_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct log_limit {
    uint32_t lines_per_second;
    uint32_t lines;
    uint32_t dropped;
    uint64_t second_ns;
} log_limit;

/// Whether one more line may be written at `now_ns`. `*ret_dropped` is how many were dropped in the
/// second that has ended, when this line is the first of another one; else 0.
bool log_limit_allows(log_limit *limit, uint64_t now_ns, uint32_t *ret_dropped);

#endif
