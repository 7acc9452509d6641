// SPDX-License-Identifier: MIT OR Apache-2.0
// Looks for what nobody granted: "env", "args", "files", "write". Answers "nothing", or what it found.
#include <airssys/guest.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wasi/api.h>

extern char **environ;

static airs_bytes probe_env(void)
{
    for (char **variable = environ; variable && *variable; variable++)
        return airs_text_of(*variable);
    return getenv("PATH") ? airs_text("PATH") : airs_text("nothing");
}

static airs_bytes probe_args(void)
{
    size_t count = 0, bytes = 0;
    if (__wasi_args_sizes_get(&count, &bytes) != 0 || count == 0)
        return airs_text("nothing");
    return airs_join(airs_unsigned(count), airs_text(" arguments"));
}

static airs_bytes probe_files(void)
{
    static const char *const paths[] = {"/", ".", "/etc/passwd", "/proc/self/environ", "/tmp"};
    struct stat about;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (stat(paths[i], &about) == 0)
            return airs_text_of(paths[i]);
    }
    // A folder that was given to this guest would stand behind stdin, stdout and stderr.
    for (__wasi_fd_t folder = 3; folder < 16; folder++) {
        __wasi_prestat_t granted;
        if (__wasi_fd_prestat_get(folder, &granted) == 0)
            return airs_join(airs_text("folder "), airs_unsigned(folder));
    }
    return airs_text("nothing");
}

static airs_bytes probe_write(void)
{
    int file = open("/tmp/airssys-probe", O_WRONLY | O_CREAT, 0600);
    if (file < 0)
        return airs_text("nothing");
    close(file);
    return airs_text("/tmp/airssys-probe");
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("env")))
        return airs_answer(probe_env());
    if (airs_equal(message->payload, airs_text("args")))
        return airs_answer(probe_args());
    if (airs_equal(message->payload, airs_text("files")))
        return airs_answer(probe_files());
    if (airs_equal(message->payload, airs_text("write")))
        return airs_answer(probe_write());
    return airs_error(airs_text("env, args, files or write"));
}
