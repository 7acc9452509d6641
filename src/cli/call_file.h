// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys call COMPONENT.wasm`: a component asked once, without a node.
#ifndef AIRS_CLI_CALL_FILE_H
#define AIRS_CLI_CALL_FILE_H

#include "cli/args.h"

/// Starts the component of the first argument in a system of its own, asks it with the second, prints
/// the reply.
cli_exit cli_call_file(const cli_args *args, uint32_t timeout_ms);

/// Prints a reply as `call` does.
cli_exit cli_call_print(const cli_args *args, airs_bytes reply);

#endif
