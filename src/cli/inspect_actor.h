// SPDX-License-Identifier: MIT OR Apache-2.0
/// The half of `airssys inspect` that is about an actor.
#ifndef AIRS_CLI_INSPECT_ACTOR_H
#define AIRS_CLI_INSPECT_ACTOR_H

#include "cli/cli.h"

/// Shows the actor that the first argument names. Prints what is wrong.
cli_exit cli_inspect_actor(const cli_args *args);

#endif
