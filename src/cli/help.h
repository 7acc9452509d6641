// SPDX-License-Identifier: MIT OR Apache-2.0
/// Help texts, made from the command table.
#ifndef AIRS_CLI_HELP_H
#define AIRS_CLI_HELP_H

#include "cli/cli.h"

#include <stdio.h>

/// What `airssys help` prints: the verbs and the exit codes.
void cli_help_overview(FILE *stream);

/// What `airssys VERB --help` prints.
void cli_help_command(FILE *stream, const cli_command *command);

#endif
