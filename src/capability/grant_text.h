// SPDX-License-Identifier: MIT OR Apache-2.0
/// A grant as people write it on a command line, and read it:
///
///     files.read,list "/data/**"
///     network.connect tcp://db:5432 zones=private,loopback
///     spawn.start worker max=3
///     clock.wall
///     custom.led "red"
///
/// kind, a dot and rights (for custom: its name), then the pattern, in quotes or without, then what else there is.
#ifndef CAPABILITY_GRANT_TEXT_H
#define CAPABILITY_GRANT_TEXT_H

#include "capability/policy.h"

/// Room for any pattern, and for the name of a custom capability, with their NULs.
#define CAPABILITY_PATTERN_SIZE 1100u
#define CAPABILITY_CUSTOM_SIZE 132u

/// A grant, and its texts.
typedef struct capability_grant_text {
    char pattern[CAPABILITY_PATTERN_SIZE];
    char custom[CAPABILITY_CUSTOM_SIZE];
    /// Points to them.
    capability_grant grant;
} capability_grant_text;

/// Reads a grant. Whether its pattern means something is for a policy to say.
/// Errors: E_INVALID, `error` says what is wrong, and what would be right.
AIRS_NODISCARD airs_status capability_grant_parse(airs_bytes text, capability_grant_text *ret_grant, airs_error *error);

#endif
