// SPDX-License-Identifier: MIT OR Apache-2.0
#include "without.h"

#include <unistd.h>

without without_start(const char *program)
{
    int to[2];
    int from[2];
    bench_check(pipe(to) == 0 && pipe(from) == 0, "two pipes");
    pid_t pid = fork();
    bench_check(pid >= 0, "a child");
    if (pid == 0) {
        (void)dup2(to[0], STDIN_FILENO);
        (void)dup2(from[1], STDOUT_FILENO);
        (void)close(to[1]);
        (void)close(from[0]);
        (void)execl(program, program, "serve", (char *)NULL);
        _exit(127);
    }
    (void)close(to[0]);
    (void)close(from[1]);
    return (without){to[1], from[0]};
}

double without_run(void *user, uint64_t count)
{
    const without *it = user;
    double took_ns = 0;
    bench_check(write(it->to, &count, sizeof count) == (ssize_t)sizeof count, "a written count");
    bench_check(read(it->from, &took_ns, sizeof took_ns) == (ssize_t)sizeof took_ns, "an answer of the child");
    return took_ns;
}

void without_end(const without *child)
{
    (void)close(child->to);
    (void)close(child->from);
}

void without_serve(bench_side side)
{
    uint64_t count;
    while (read(STDIN_FILENO, &count, sizeof count) == (ssize_t)sizeof count) {
        double took_ns = side.run(side.user, count);
        bench_check(write(STDOUT_FILENO, &took_ns, sizeof took_ns) == (ssize_t)sizeof took_ns, "a written result");
    }
}
