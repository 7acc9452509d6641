// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "os/poller.h"

/// The first descriptor that a child does not have.
#define FIRST_CLOSED 3

// ---------------------------------------------------------------- descriptors

static airs_status no_descriptor(airs_error *error, const char *what)
{
    airs_status status = errno == ENOMEM ? AIRS_E_NOMEM : AIRS_E_LIMIT;
    return base_error_errno(error, status, errno, "%s", what);
}

/// The same descriptor with a number that none of the child's has: what is put to its place there must not lie on what
/// is still to be put.
static int above_the_childs(int fd)
{
    if (fd < 0 || fd >= FIRST_CLOSED)
        return fd;
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_CLOSED);
    os_fd_close(fd);
    return moved;
}

/// A pipe of which the child has the end that is written to.
static bool make_pipe(int *ret_read, int *ret_write)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *ret_read = ends[0];
    *ret_write = above_the_childs(ends[1]);
    if (*ret_write >= 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
        return true;
    os_fd_close(*ret_read);
    os_fd_close(*ret_write);
    return false;
}

static bool write_whole(int fd, airs_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        bytes.data += put;
        bytes.len -= (size_t)put;
    }
    return true;
}

airs_status os_memory_file(const airs_bytes *parts, size_t count, int *ret_fd, airs_error *error)
{
    int fd = memfd_create("airssys", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return no_descriptor(error, "memfd_create");
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = write_whole(fd, parts[i]);
    ok = ok && lseek(fd, 0, SEEK_SET) == 0 &&
         fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
    if (ok) {
        *ret_fd = fd;
        return AIRS_OK;
    }
    airs_status status = base_error_errno(error, AIRS_E_NOMEM, errno, "a file in memory");
    os_fd_close(fd);
    return status;
}

// ---------------------------------------------------------------- start

/// What of the environment a child gets: where its libraries are, and how a sanitizer in it behaves.
static const char *const kept_variables[] = {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"};
#define KEPT_COUNT (sizeof kept_variables / sizeof *kept_variables)

typedef struct environment {
    char text[KEPT_COUNT][1024];
    char *list[KEPT_COUNT + 1];
} environment;

static void fill_environment(environment *ret)
{
    size_t count = 0;
    for (size_t i = 0; i < KEPT_COUNT; i++) {
        const char *value = getenv(kept_variables[i]);
        if (value == NULL)
            continue;
        int len = snprintf(ret->text[count], sizeof ret->text[count], "%s=%s", kept_variables[i], value);
        if (len > 0 && (size_t)len < sizeof ret->text[count]) {
            ret->list[count] = ret->text[count];
            count++;
        }
    }
    ret->list[count] = NULL;
}

/// 0, or an errno.
static int spawn(pid_t *ret_pid, const char *path, char *const argv[], int input, int out, int err)
{
    environment env;
    fill_environment(&env);
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int failed = posix_spawn_file_actions_init(&files);
    if (failed != 0)
        return failed;
    failed = posix_spawnattr_init(&attributes);
    if (failed != 0) {
        posix_spawn_file_actions_destroy(&files);
        return failed;
    }
    if ((failed = posix_spawn_file_actions_adddup2(&files, input, 0)) == 0 &&
        (failed = posix_spawn_file_actions_adddup2(&files, out, 1)) == 0 &&
        (failed = posix_spawn_file_actions_adddup2(&files, err, 2)) == 0 &&
        (failed = posix_spawn_file_actions_addclosefrom_np(&files, FIRST_CLOSED)) == 0 &&
        (failed = posix_spawnattr_setsigmask(&attributes, &none)) == 0 &&
        (failed = posix_spawnattr_setsigdefault(&attributes, &all)) == 0 &&
        (failed = posix_spawnattr_setflags(&attributes,
                                           POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)) == 0)
        failed = posix_spawn(ret_pid, path, &files, &attributes, argv, env.list);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return failed;
}

airs_status os_child_start(os_child *child, const char *path, char *const argv[], int input, airs_error *error)
{
    int out, out_write, err, err_write;
    if (!make_pipe(&out, &out_write))
        return no_descriptor(error, "a pipe");
    if (!make_pipe(&err, &err_write)) {
        airs_status status = no_descriptor(error, "a pipe");
        os_fd_close(out);
        os_fd_close(out_write);
        return status;
    }
    int low = input < FIRST_CLOSED ? fcntl(input, F_DUPFD_CLOEXEC, FIRST_CLOSED) : -1;
    pid_t pid;
    int failed = spawn(&pid, path, argv, low >= 0 ? low : input, out_write, err_write);
    os_fd_close(low);
    os_fd_close(out_write);
    os_fd_close(err_write);
    if (failed != 0) {
        os_fd_close(out);
        os_fd_close(err);
        return base_error_errno(error, AIRS_E_IO, failed, "%s can't be started", path);
    }
    int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    *child = (os_child){.pid = pid, .pidfd = pidfd, .out = out, .err = err};
    return AIRS_OK;
}

// ---------------------------------------------------------------- the end

os_child_end os_child_end_now(os_child *child)
{
    if (child->pidfd >= 0)
        (void)syscall(SYS_pidfd_send_signal, child->pidfd, SIGKILL, NULL, 0);
    else
        (void)kill(child->pid, SIGKILL);
    idtype_t type = child->pidfd >= 0 ? P_PIDFD : P_PID;
    id_t id = (id_t)(child->pidfd >= 0 ? child->pidfd : child->pid);
    siginfo_t info;
    int waited;
    do {
        info = (siginfo_t){0};
        waited = waitid(type, id, &info, WEXITED);
    } while (waited != 0 && errno == EINTR);
    os_fd_close(child->pidfd);
    os_fd_close(child->out);
    os_fd_close(child->err);
    *child = (os_child){.pidfd = -1, .out = -1, .err = -1};
    if (waited != 0)
        return (os_child_end){0};
    bool exited = info.si_code == CLD_EXITED;
    return (os_child_end){.signal = exited ? 0 : info.si_status, .code = exited ? info.si_status : 0};
}
