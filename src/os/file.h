// SPDX-License-Identifier: MIT OR Apache-2.0
/// Reading whole files, bounded. Any thread; blocks as files do.
#ifndef AIRS_OS_FILE_H
#define AIRS_OS_FILE_H

#include "airssys/status.h"

/// What a file may be.
typedef enum os_file_kind {
    /// Anything that can be read but a folder: also a pipe, or a device.
    OS_FILE_ANY,
    OS_FILE_REGULAR,
} os_file_kind;

/// Opens a file for reading. A pipe that nobody writes to does not hold the caller: it is empty.
/// Errors: E_NOT_FOUND; E_IO (a folder, not readable, not of this kind…); texts name the file. On success closed with
/// `os_fd_close`.
AIRS_NODISCARD airs_status os_file_open(const char *path, os_file_kind kind, int *ret_fd, airs_error *error);

/// Reads to the end of a descriptor. `name` is what errors call it.
/// Owns:    `ret_bytes` is the caller's; a NUL stands behind its bytes, not counted.
/// Errors:  E_TOO_LARGE over `max`; E_IO; E_NOMEM.
AIRS_NODISCARD airs_status os_fd_read(const airs_allocator *allocator, int fd, const char *name, uint64_t max,
                                      airs_buffer *ret_bytes, airs_error *error);

/// Both in one. Errors: those of both.
AIRS_NODISCARD airs_status os_file_read(const airs_allocator *allocator, const char *path, os_file_kind kind,
                                        uint64_t max, airs_buffer *ret_bytes, airs_error *error);

#endif
