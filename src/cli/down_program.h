// SPDX-License-Identifier: MIT OR Apache-2.0
/// `airssys down` of a node that is part of a program: the node is stopped, the program goes on.
#ifndef AIRS_CLI_DOWN_PROGRAM_H
#define AIRS_CLI_DOWN_PROGRAM_H

#include "cli/args.h"

#include <sys/types.h>

/// Waits until a descriptor can be read, or has ended. False: not until then.
bool cli_down_wait(int fd, uint64_t deadline_ns);

/// Tells the node that listens at a socket to stop, waits until it has, and prints what comes of it; `*ret_code` is
/// the verb's then. False: it is no such node, or does not answer, and nothing was printed.
bool cli_down_program(const char *socket, pid_t pid, uint32_t timeout_ms, cli_exit *ret_code);

#endif
