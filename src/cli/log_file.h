// SPDX-License-Identifier: MIT OR Apache-2.0
/// The log file of a node in the background: it is the process's stdout and stderr, and is rotated by size.
///
/// `node.log` is the newest part, `node.log.1` the one before, and so on.
#ifndef AIRS_CLI_LOG_FILE_H
#define AIRS_CLI_LOG_FILE_H

#include "airssys/status.h"

#include <limits.h>

typedef struct cli_log_file {
    char path[PATH_MAX];
    /// Of one part, about: it is rotated between two lines.
    uint64_t size_max;
    /// How many parts there are, the newest included.
    uint32_t count;
    /// Whether stderr is the file too.
    bool with_stderr;
} cli_log_file;

/// Opens the file, at its end, and makes it the process's stdout. Errors: E_IO, E_TOO_LARGE; texts name the file.
AIRS_NODISCARD airs_status cli_log_file_open(cli_log_file *file, const char *folder, uint64_t size_max, uint32_t count,
                                             airs_error *error);

/// Makes it the process's stderr as well, which is flushed first.
void cli_log_file_take_stderr(cli_log_file *file);

/// Begins a new part when this one is full. What can't be moved is written on. One thread at a time; stdout is flushed.
void cli_log_file_rotate(cli_log_file *file);

#endif
