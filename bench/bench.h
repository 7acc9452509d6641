// SPDX-License-Identifier: MIT OR Apache-2.0
/// How a benchmark measures and what it prints.
///
/// What is compared alternates: a round of ours, a round of the reference, and so on, in one process, so
/// that both meet the same machine. A result is the median of the rounds; its spread is half the distance
/// between the quartiles. Results go to stdout, one JSON object a line.
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

/// Rounds of each side.
#define BENCH_ROUNDS 21u

/// Does `count` operations and gives the nanoseconds that they took in total.
typedef double (*bench_fn)(void *user, uint64_t count);

typedef struct bench_side {
    bench_fn run;
    void *user;
} bench_side;

/// Nanoseconds of the monotonic clock.
double bench_now_ns(void);

/// Measures ours alone: nanoseconds for each of `count` operations a round.
void bench_value(const char *name, bench_side ours, uint64_t count);

/// Measures ours against `reference`, whose name is printed too.
void bench_ratio(const char *name, bench_side ours, const char *reference_name, bench_side reference, uint64_t count);

/// Prints a result that was measured elsewhere: `values` are sorted in place.
void bench_print(const char *name, const char *unit, double *values, uint32_t count);
void bench_print_ratio(const char *name, const char *unit, double *values, const char *reference_name,
                       double *reference_values, uint32_t count);

/// Ends the program when something that must work does not.
void bench_check(bool ok, const char *what);

#endif
