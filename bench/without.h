// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a part of the runtime costs: the same program, built with a source from which that part was taken out
/// (NAME.sed), as a child that takes its turns through a pipe.
#ifndef BENCH_WITHOUT_H
#define BENCH_WITHOUT_H

#include "bench.h"

typedef struct without {
    int to;
    int from;
} without;

/// Starts `program` with the argument "serve".
without without_start(const char *program);
/// A bench_fn, whose user is the child.
double without_run(void *user, uint64_t count);
/// It ends with its pipe.
void without_end(const without *child);

/// The child's part: a count in, nanoseconds out, until there is no more.
void without_serve(bench_side side);

#endif
