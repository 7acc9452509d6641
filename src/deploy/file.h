// SPDX-License-Identifier: MIT OR Apache-2.0
/// Reading what a user named: a file, or stdin.
#ifndef AIRS_DEPLOY_FILE_H
#define AIRS_DEPLOY_FILE_H

#include "airssys/status.h"

/// Reads a whole file, or stdin for `-`.
/// Owns:    `ret_bytes` is the caller's; a NUL stands behind its bytes, not counted.
/// Errors:  E_NOT_FOUND; E_IO (a folder, not readable…); E_TOO_LARGE over `max`; E_NOMEM; texts name the file.
AIRS_NODISCARD airs_status deploy_file_read(const char *path, size_t max, airs_buffer *ret_bytes, airs_error *error);

#endif
