// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/log_file.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/// Opens the newest part and puts it in the place of stdout, and of stderr where that is the file. False: errno.
static bool put_in_place(const cli_log_file *file)
{
    int fd = open(file->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (fd < 0)
        return false;
    bool done = dup2(fd, STDOUT_FILENO) >= 0 && (!file->with_stderr || dup2(fd, STDERR_FILENO) >= 0);
    int reason = errno;
    close(fd);
    errno = reason;
    return done;
}

airs_status cli_log_file_open(cli_log_file *file, const char *folder, uint64_t size_max, uint32_t count,
                              airs_error *error)
{
    *file = (cli_log_file){.size_max = size_max, .count = count};
    if (snprintf(file->path, sizeof file->path, "%s/node.log", folder) >= (int)sizeof file->path)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the path of the log is too long: %s", folder);
    fflush(stdout);
    if (!put_in_place(file))
        return base_error_errno(error, AIRS_E_IO, errno, "the log %s", file->path);
    return AIRS_OK;
}

void cli_log_file_take_stderr(cli_log_file *file)
{
    fflush(stderr);
    file->with_stderr = dup2(STDOUT_FILENO, STDERR_FILENO) >= 0;
}

/// The name of a part; 0 is the newest.
static void name_part(const cli_log_file *file, uint32_t number, char *name, size_t size)
{
    if (number == 0)
        snprintf(name, size, "%s", file->path);
    else
        snprintf(name, size, "%s.%" PRIu32, file->path, number);
}

void cli_log_file_rotate(cli_log_file *file)
{
    struct stat about;
    if (fstat(STDOUT_FILENO, &about) != 0 || (uint64_t)about.st_size < file->size_max)
        return;
    char from[PATH_MAX + 16];
    char to[PATH_MAX + 16];
    // The oldest part goes: the one before it takes its place.
    for (uint32_t number = file->count - 1; number > 0; number--) {
        name_part(file, number - 1, from, sizeof from);
        name_part(file, number, to, sizeof to);
        (void)rename(from, to);
    }
    if (file->count == 1)
        (void)unlink(file->path);
    (void)put_in_place(file);
}
