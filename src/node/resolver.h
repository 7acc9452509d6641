// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who knows the addresses of names, as the engine wants it.
#ifndef NODE_RESOLVER_H
#define NODE_RESOLVER_H

#include "airssys/system.h"
#include "engine.h"

/// What the options say, or the system. `options` outlives the engine.
engine_resolver resolver_of(const airs_system_options *options);

#endif
