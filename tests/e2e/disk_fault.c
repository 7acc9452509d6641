// SPDX-License-Identifier: MIT OR Apache-2.0
/// A disk that fails, for tests/e2e/disk_fault.sh and app_fault.sh: loaded into a node (LD_PRELOAD), it lets so many
/// writes and syncs of the node's database pass as the file DISK_FAULT says, and fails each one from there on with EIO.
/// Where the file says `kill NUMBER`, it lets so many of any file, pipe or socket pass, and then the node is killed.
/// Without that file all is well.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

SHOWN ssize_t write(int fd, const void *data, size_t size);
SHOWN ssize_t pwrite(int fd, const void *data, size_t size, off_t at);
SHOWN ssize_t pwrite64(int fd, const void *data, size_t size, off_t at);
SHOWN int fsync(int fd);
SHOWN int fdatasync(int fd);

static bool is_database(int fd)
{
    char link[64], path[512];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    if (len <= 0)
        return false;
    path[len] = '\0';
    return strstr(path, "/node.db") != NULL;
}

/// Counts one down; true when there is none left.
static bool fails(int fd)
{
    const char *path = getenv("DISK_FAULT");
    if (path == NULL)
        return false;
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        return false;
    char text[24] = "";
    bool failing = false;
    long got = syscall(SYS_pread64, file, text, sizeof text - 1, 0);
    const char *kills = strncmp(text, "kill ", 5) == 0 ? "kill " : "";
    if (got > 0 && (*kills != '\0' || is_database(fd))) {
        long left = strtol(text + strlen(kills), NULL, 10);
        failing = left <= 0;
        int len = snprintf(text, sizeof text, "%s%-8ld\n", kills, failing ? 0 : left - 1);
        (void)syscall(SYS_pwrite64, file, text, len, 0);
    }
    if (failing && *kills != '\0')
        (void)kill(getpid(), SIGKILL);
    (void)close(file);
    if (failing)
        errno = EIO;
    return failing;
}

ssize_t write(int fd, const void *data, size_t size)
{
    return fails(fd) ? -1 : syscall(SYS_write, fd, data, size);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return fails(fd) ? -1 : syscall(SYS_pwrite64, fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at)
{
    return pwrite(fd, data, size, at);
}

int fsync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails(fd) ? -1 : (int)syscall(SYS_fdatasync, fd);
}
