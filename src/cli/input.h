// SPDX-License-Identifier: MIT OR Apache-2.0
/// Bounded reading of files and stdin.
#ifndef AIRS_CLI_INPUT_H
#define AIRS_CLI_INPUT_H

#include "airssys/status.h"

/// Bytes read; ended with `cli_input_free`.
typedef airs_buffer cli_input;

/// Reads a whole file, or stdin for `-`. One NUL stands behind the bytes, not counted.
/// Errors: E_NOT_FOUND; E_IO (a folder, not readable…); E_TOO_LARGE over `max`; E_NOMEM. Texts name the file.
AIRS_NODISCARD airs_status cli_input_read(const char *path, size_t max, cli_input *ret_input, airs_error *error);

/// Whether an argument means a component's file rather than an actor: it ends in .wasm, or is a file, or is a folder
/// that is written with a slash.
bool cli_is_component_file(const char *argument);

void cli_input_free(cli_input *input);

#endif
