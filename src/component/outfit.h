// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an instance is made with beside its component and its configuration: the limits that are its own, variables,
/// arguments, input, and when its state is saved. Another one is put in its place with another instance, as its
/// settings are (settings.h).
#ifndef COMPONENT_OUTFIT_H
#define COMPONENT_OUTFIT_H

#include "component/component_actor.h"

/// One that is not in force: it lies beside an actor that has another.
typedef struct component_outfit {
    /// Complete. Those of the mailbox are the actor's (actor/terms.h), and mean nothing here.
    airs_limits limits;
    /// As of component_actor.
    airs_setting *env;
    size_t env_count;
    component_program program;
    /// All zero: the state is not saved.
    airs_checkpoint when;
    /// For an actor that has none yet; NULL: it has one, or needs none.
    struct checkpoint *checkpoint;
} component_outfit;

/// That of an actor that is spawned with `options`, of the component `version`.
/// Errors: E_INVALID, `error` names what is out of its range; E_UNSUPPORTED a checkpoint of a component without
/// `state`; E_NOMEM; nothing is left then. Any thread, with a count on the actor.
AIRS_NODISCARD airs_status component_outfit_init(component_outfit *self, const airs_spawn_options *options,
                                                 component_actor *of, const airs_component *version, airs_error *error);
/// All zero is allowed.
void component_outfit_fini(component_outfit *self, const airs_allocator *allocator);

/// Bytes of a state at most.
uint64_t component_outfit_state_max(const component_outfit *self);

/// What the actor has and what lies beside change places. The owner, when no call is pending.
void component_outfit_exchange(component_outfit *self, component_actor *with);

/// The actor keeps what it has, and `self` is what it had before: the state is saved from now on, or no more. The
/// owner.
void component_outfit_settle(component_outfit *self, component_actor *of);

/// Takes over the limits of its cell, which are complete. The owner, or who makes it.
void component_outfit_apply_limits(component_actor *self);

/// Variables with their texts, in one block; `*ret` is NULL where there are none. Errors: E_NOMEM.
AIRS_NODISCARD airs_status component_outfit_copy_env(airs_setting **ret, size_t *ret_count,
                                                     const airs_spawn_options *from, const airs_allocator *allocator,
                                                     airs_error *error);

#endif
