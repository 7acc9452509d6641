// SPDX-License-Identifier: MIT OR Apache-2.0
/// Folders and files that verbs write.
#ifndef AIRS_CLI_FILES_H
#define AIRS_CLI_FILES_H

#include "airssys/status.h"

#include <limits.h>

#define CLI_PATH_MAX PATH_MAX

/// Writes `folder/name` into `path`; `name` alone when it is absolute or the folder is "." or "".
/// Errors: E_TOO_LARGE.
AIRS_NODISCARD airs_status cli_path_join(char path[CLI_PATH_MAX], const char *folder, const char *name,
                                         airs_error *error);

/// The part of a path behind its last slash. Borrowed from it.
const char *cli_path_base(const char *path);

/// Makes a folder and those above it; it may be there. Errors: E_IO.
AIRS_NODISCARD airs_status cli_folder_make(const char *path, airs_error *error);

/// Whether there is nothing in this folder: it is not there, or empty. False for a file.
bool cli_folder_is_empty(const char *path);

/// Writes a whole file in one step, so that nobody sees half of it; the folders above it are made.
/// A file that holds the same bytes already is left as it is. Errors: E_IO, E_TOO_LARGE, E_NOMEM.
AIRS_NODISCARD airs_status cli_file_write(const char *path, airs_bytes bytes, airs_error *error);

typedef enum cli_file_state {
    CLI_FILE_ABSENT = 0,
    CLI_FILE_SAME,
    CLI_FILE_DIFFERENT,
} cli_file_state;

/// Compares a file with bytes; one that cannot be read is different.
cli_file_state cli_file_compare(const char *path, airs_bytes bytes);

#endif
