// SPDX-License-Identifier: MIT OR Apache-2.0
/// A child process: a program with one descriptor to read from and two to write to, and nothing else of ours.
///
/// It has a session of its own (a Ctrl-C at the terminal is not for it), no other descriptor, no signal that is blocked
/// or ignored, and of the environment only what a program needs to find its libraries. It may be waited for and ended
/// beside whatever the program does with children of its own: it is held by a pidfd, not by its number.
#ifndef AIRS_OS_CHILD_H
#define AIRS_OS_CHILD_H

#include <sys/types.h>

#include "airssys/status.h"

typedef struct os_child {
    pid_t pid;
    /// -1 where the kernel has none (before Linux 5.3): then it is held by its number.
    int pidfd;
    /// What it writes to its descriptors 1 and 2; read ends, which do not block.
    int out;
    int err;
} os_child;

/// How a child has ended.
typedef struct os_child_end {
    /// Of what ended it, 0: it has ended by itself, with `code`.
    int signal;
    int code;
} os_child_end;

/// Starts `path` with `argv` (its name first, NULL at the end); `input` is its descriptor 0. The thread that starts it
/// is the one that waits for it: a child may ask to end with it (PR_SET_PDEATHSIG).
/// Owns:    `input` stays the caller's. On success the child is ended with `os_child_end_now`.
/// Errors:  E_IO it can't be started; E_LIMIT no more descriptors.
AIRS_NODISCARD airs_status os_child_start(os_child *child, const char *path, char *const argv[], int input,
                                          airs_error *error);

/// Kills it if it still runs, waits for its end, and closes what it was held by. An end that somebody else has waited
/// for (a program that ignores SIGCHLD) is told as code 0. Blocks no longer than a kill takes.
os_child_end os_child_end_now(os_child *child);

/// An unnamed file in memory that holds `parts` one behind the other, and can't be changed any more; closed with
/// `os_fd_close`. Errors: E_LIMIT no more descriptors; E_NOMEM.
AIRS_NODISCARD airs_status os_memory_file(const airs_bytes *parts, size_t count, int *ret_fd, airs_error *error);

#endif
