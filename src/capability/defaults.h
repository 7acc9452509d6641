// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component has of a kind of which its grants say nothing: the clocks, random numbers, standard output and
/// error, and its own configuration. Of all other kinds it has nothing.
#ifndef CAPABILITY_DEFAULTS_H
#define CAPABILITY_DEFAULTS_H

#include "capability/policy.h"

#define CAPABILITY_DEFAULTS 4u

/// A kind as a member of a set.
#define CAPABILITY_KIND_BIT(kind) (1u << (kind))

/// Puts the grants of each kind that is not in `written` behind `count` grants, where there is room for
/// CAPABILITY_DEFAULTS more. Returns how many there are then.
size_t capability_defaults_add(uint32_t written, capability_grant *grants, size_t count);

/// The kinds of the grants, as a set. Those that give no right, or none that there is, are left out.
uint32_t capability_kinds_of(const capability_grant *grants, size_t count);

#endif
