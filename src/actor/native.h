// SPDX-License-Identifier: MIT OR Apache-2.0
/// Actors written in C: the dual contract as `airs_child_fns` and `airs_actor_fns`.
#ifndef ACTOR_NATIVE_H
#define ACTOR_NATIVE_H

#include "actor/cell.h"

/// Spawns a native actor; `options->component_name` is filled in from its kind.
/// Errors: as `actor_spawn`. Any thread.
airs_status native_spawn(actor_space *space, const airs_native *native, const actor_options *options, uint64_t *ret_id,
                         airs_error *error);

/// The actor that a context belongs to; NULL for NULL, and on a thread that does not run it.
actor *native_context_actor(const airs_context *context);

#endif
