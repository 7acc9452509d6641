// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the completions of a shell ask for while somebody types: names of the actors that run, and of nodes.
#ifndef AIRS_CLI_COMPLETE_H
#define AIRS_CLI_COMPLETE_H

/// No verb for people.
#define CLI_COMPLETE_VERB_NAME "__complete"

/// `airssys __complete actors|nodes WORD [THE REST OF THE LINE]`: prints those that the word may become, one a line:
/// that begin with it, or that it matches when it has a `*`. `--node` and `--socket` of the line count. Says nothing
/// when there are none, no node runs, or it does not answer within a second. Returns the exit code, which is 0.
int cli_complete_main(int argc, char *const *argv);

#endif
