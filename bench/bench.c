// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double bench_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void bench_check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "benchmark failed: %s\n", what);
    exit(1);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/// The median and half the distance between the quartiles. Sorts.
static double summarize(double *values, uint32_t count, double *ret_spread)
{
    qsort(values, count, sizeof *values, compare);
    *ret_spread = (values[count * 3 / 4] - values[count / 4]) / 2;
    return values[count / 2];
}

void bench_print(const char *name, const char *unit, double *values, uint32_t count)
{
    double spread;
    double value = summarize(values, count, &spread);
    printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"spread\":%.3f}\n", name, value, unit, spread);
    fflush(stdout);
}

void bench_print_ratio(const char *name, const char *unit, double *values, const char *reference_name,
                       double *reference_values, uint32_t count)
{
    double spread;
    double reference_spread;
    double value = summarize(values, count, &spread);
    double reference = summarize(reference_values, count, &reference_spread);
    printf("{\"name\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"spread\":%.3f,\"reference\":\"%s\","
           "\"reference_value\":%.3f,\"ratio\":%.3f}\n",
           name, value, unit, spread, reference_name, reference, value / reference);
    fflush(stdout);
}

static double per_operation(bench_side side, uint64_t count)
{
    return side.run(side.user, count) / (double)count;
}

void bench_value(const char *name, bench_side ours, uint64_t count)
{
    double values[BENCH_ROUNDS];
    (void)per_operation(ours, count);
    for (uint32_t round = 0; round < BENCH_ROUNDS; round++)
        values[round] = per_operation(ours, count);
    bench_print(name, "ns", values, BENCH_ROUNDS);
}

void bench_ratio(const char *name, bench_side ours, const char *reference_name, bench_side reference, uint64_t count)
{
    double values[BENCH_ROUNDS];
    double reference_values[BENCH_ROUNDS];
    (void)per_operation(ours, count);
    (void)per_operation(reference, count);
    for (uint32_t round = 0; round < BENCH_ROUNDS; round++) {
        values[round] = per_operation(ours, count);
        reference_values[round] = per_operation(reference, count);
    }
    bench_print_ratio(name, "ns", values, reference_name, reference_values, BENCH_ROUNDS);
}
