// SPDX-License-Identifier: MIT OR Apache-2.0
/// cold.start: from the start of the process to the first byte of the reply, `airssys call` with a warm cache,
/// against a minimal program that takes compiled code, makes an instance and calls it.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

extern char **environ;

/// Runs a program and gives the nanoseconds from its start to the first byte that it writes.
static double run(char *const arguments[])
{
    int ends[2];
    posix_spawn_file_actions_t actions;
    bench_check(pipe2(ends, O_CLOEXEC) == 0 && posix_spawn_file_actions_init(&actions) == 0 &&
                    posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0,
                "a process");
    pid_t child;
    double begin = bench_now_ns();
    bench_check(posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ) == 0, arguments[0]);
    close(ends[1]);
    char byte;
    ssize_t got = read(ends[0], &byte, 1);
    double elapsed = bench_now_ns() - begin;
    // The rest of its output, and its end.
    char rest[256];
    while (got > 0)
        got = read(ends[0], rest, sizeof rest);
    close(ends[0]);
    int status;
    bench_check(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
    return elapsed;
}

static double runs(void *user, uint64_t count)
{
    double elapsed = 0;
    for (uint64_t i = 0; i < count; i++)
        elapsed += run(user);
    return elapsed;
}

int main(void)
{
    char airssys[] = BENCH_AIRSSYS;
    char minimal[] = BENCH_MINIMAL;
    char guest[] = BENCH_GUESTS "/echo-calls.wasm";
    char code[] = BENCH_GUESTS "/echo-calls.code";
    char call[] = "call";
    char compile[] = "compile";
    char run_verb[] = "run";
    char payload[] = "hello";
    char *compile_arguments[] = {minimal, compile, guest, code, NULL};
    (void)run(compile_arguments);
    char *ours[] = {airssys, call, guest, payload, NULL};
    char *bare[] = {minimal, run_verb, code, payload, NULL};
    bench_ratio("cold.start", (bench_side){runs, ours}, "deserialize + instantiate + call", (bench_side){runs, bare},
                10);
    return 0;
}
