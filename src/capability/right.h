// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component may be allowed to do. The language of the grants is docs/reference/capabilities.md.
#ifndef CAPABILITY_RIGHT_H
#define CAPABILITY_RIGHT_H

#include "airssys/grant.h"

/// X(kind, right, number, text of the right).
#define CAPABILITY_RIGHT_MAP(X) AIRS_RIGHT_MAP(X)

typedef enum capability_kind {
    CAPABILITY_FILES,
    CAPABILITY_NETWORK,
    CAPABILITY_MESSAGING,
    CAPABILITY_SPAWN,
    CAPABILITY_ENV,
    CAPABILITY_CONFIG,
    CAPABILITY_CLOCK,
    CAPABILITY_RANDOM,
    CAPABILITY_STDIO,
    CAPABILITY_CUSTOM,
    CAPABILITY_KINDS,
} capability_kind;

/// One thing that is decided about: CAPABILITY_FILES_READ, CAPABILITY_NETWORK_CONNECT…
typedef enum capability_right {
#define CAPABILITY_RIGHT_ENUM(kind, right, number, text) CAPABILITY_##kind##_##right = number,
    CAPABILITY_RIGHT_MAP(CAPABILITY_RIGHT_ENUM)
#undef CAPABILITY_RIGHT_ENUM
    CAPABILITY_RIGHTS,
} capability_right;

/// A right as a member of a set.
#define CAPABILITY_BIT(right) (1u << (right))

/// "files", "network"…; "?" for an unknown number. Static.
const char *capability_kind_name(capability_kind kind);
/// "read", "connect"…; "?" for an unknown number. Static.
const char *capability_right_name(capability_right right);
/// The kind of a right that exists.
capability_kind capability_right_kind(capability_right right);

/// The kind of that name; false when there is none.
bool capability_kind_find(airs_bytes name, capability_kind *ret_kind);
/// The right of that name within the kind; false when there is none.
bool capability_right_find(capability_kind kind, airs_bytes name, capability_right *ret_right);

#endif
