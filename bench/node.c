// SPDX-License-Identifier: MIT OR Apache-2.0
/// node.ready: `airssys up` of an app with one actor, from its start to its end, at which the node is ready; with a
/// warm cache.
/// node.recover: from the kill of a node with 1,000 actors until `airssys up` says that all of them are ready again.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define ACTORS 1000u

extern char **environ;

/// Where all of it is; removed at the end.
static char work[64];

/// Runs airssys with a state folder, quietly, and waits for its end, which must be a good one.
static void run(const char *verb, const char *state, const char *app)
{
    char airssys[] = BENCH_AIRSSYS;
    char flag[] = "--state-dir";
    char name[16], folder[128], what[128];
    (void)snprintf(name, sizeof name, "%s", verb);
    (void)snprintf(folder, sizeof folder, "%s/%s", work, state);
    (void)snprintf(what, sizeof what, "%s/%s", work, app == NULL ? "" : app);
    char *arguments[] = {airssys, name, flag, folder, app == NULL ? NULL : what, NULL};
    posix_spawn_file_actions_t actions;
    pid_t child = 0;
    int status;
    bench_check(posix_spawn_file_actions_init(&actions) == 0 &&
                    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
                    posix_spawn(&child, airssys, &actions, NULL, arguments, environ) == 0,
                airssys);
    bench_check(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, verb);
    posix_spawn_file_actions_destroy(&actions);
}

/// Kills the node of a state folder, and waits until it is gone.
static void kill_node(const char *state)
{
    char path[128], digits[24] = "";
    (void)snprintf(path, sizeof path, "%s/%s/node.pid", work, state);
    FILE *file = fopen(path, "re");
    bench_check(file != NULL && fgets(digits, sizeof digits, file) != NULL, path);
    (void)fclose(file);
    pid_t pid = (pid_t)strtol(digits, NULL, 10);
    int handle = (int)syscall(SYS_pidfd_open, pid, 0u);
    bench_check(handle >= 0 && kill(pid, SIGKILL) == 0, "the node");
    struct pollfd end = {.fd = handle, .events = POLLIN};
    bench_check(poll(&end, 1, 60000) == 1, "the end of the node");
    close(handle);
}

static void write_app(const char *name, unsigned actors)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", work, name);
    bench_check(mkdir(path, 0700) == 0, path);
    (void)snprintf(path, sizeof path, "%s/%s/airssys.toml", work, name);
    FILE *file = fopen(path, "we");
    bench_check(file != NULL, path);
    fprintf(file, "[app]\nname = \"%s\"\n[node]\ninstances_max = %u\n", name, actors + 16);
    for (unsigned i = 0; i < actors; i++)
        fprintf(file, "[[actor]]\nname = \"a%u\"\ncomponent = \"%s/echo-calls.wasm\"\n", i, BENCH_GUESTS);
    bench_check(fclose(file) == 0, path);
}

static void set_folder(const char *variable, const char *name)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", work, name);
    bench_check(mkdir(path, 0700) == 0 && setenv(variable, path, 1) == 0, path);
}

int main(void)
{
    double ready[BENCH_ROUNDS], recover[BENCH_ROUNDS];
    (void)snprintf(work, sizeof work, "/tmp/airssys-bench-XXXXXX");
    bench_check(mkdtemp(work) != NULL, work);
    set_folder("XDG_RUNTIME_DIR", "run");
    set_folder("XDG_CACHE_HOME", "cache");
    write_app("one", 1);
    write_app("many", ACTORS);

    run("up", "one-state", "one");
    run("down", "one-state", NULL);
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        double begin = bench_now_ns();
        run("up", "one-state", NULL);
        ready[i] = (bench_now_ns() - begin) / 1e6;
        run("down", "one-state", NULL);
    }
    run("up", "many-state", "many");
    for (unsigned i = 0; i < BENCH_ROUNDS; i++) {
        double begin = bench_now_ns();
        kill_node("many-state");
        run("up", "many-state", NULL);
        recover[i] = (bench_now_ns() - begin) / 1e6;
    }
    run("down", "many-state", NULL);
    bench_print("node.ready", "ms", ready, BENCH_ROUNDS);
    bench_print("node.recover", "ms", recover, BENCH_ROUNDS);

    char command[96];
    (void)snprintf(command, sizeof command, "rm -rf '%s'", work);
    bench_check(system(command) == 0, command);
    return 0;
}
