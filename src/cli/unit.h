// SPDX-License-Identifier: MIT OR Apache-2.0
/// A unit of systemd that runs a node.
#ifndef AIRS_CLI_UNIT_H
#define AIRS_CLI_UNIT_H

#include "cli/cli.h"

/// Prints it: a node with this state folder and these apps, all absolute. Its socket and its limits are in `args`.
cli_exit cli_print_unit(const char *folder, char *const *apps, size_t count, const cli_args *args);

#endif
