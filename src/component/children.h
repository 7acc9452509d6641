// SPDX-License-Identifier: MIT OR Apache-2.0
/// The children that a component spawns of its templates.
///
/// They live under a supervisor of their own, simple_one_for_one, which stands beside the component in the tree and is
/// made when the first is spawned. It ends, with all of them, when the component's incarnation does; when it gives up,
/// the component fails.
#ifndef COMPONENT_CHILDREN_H
#define COMPONENT_CHILDREN_H

#include "component/component_actor.h"
#include "component/template.h"

/// Copies the templates as `template_list_copy` does. Errors: as that.
airs_status children_options_init(children_options *self, const airs_spawn_options *from, bool resolve,
                                  const airs_allocator *allocator, airs_error *error);
void children_options_fini(children_options *self, const airs_allocator *allocator);

/// `actor_kind.take_terms`: what a component may spawn of, children_options, and what it may so far change places. Whom
/// it has spawned stays.
bool children_take_terms(actor *cell, void *of_kind);

/// Spawns a child and does not wait for its start. Errors: those of spawning; E_DENIED no grant; E_LIMIT for `max`, or
/// the number of the grant. The owner.
airs_status children_spawn(component_actor *self, const airs_template *of, const template_child *child,
                           uint64_t *ret_id, airs_error *error);

/// How many children of the template are alive. The owner.
uint32_t children_alive_of(component_actor *self, airs_bytes template_name);

/// Whether an actor is one of this incarnation's. In a read section. The owner.
bool children_has(const component_actor *self, const actor *child);

/// Whether they have brought their component down: the failure is set. The owner.
bool children_have_failed(component_actor *self, actor_failure *ret_failure);

/// The incarnation ends: they are told to. The owner.
void children_end(component_actor *self);

/// For another instance in the place of this one, which has children of its own: takes them out; NULL when there are
/// none. They live on, until they are given back in place of those that are there then, or dropped: told to end. The
/// owner.
struct children *children_put_aside(component_actor *self);
/// Puts those that were taken out in the place of none.
void children_seat(component_actor *self, struct children *list);
void children_take_back(component_actor *self, struct children *aside);
void children_drop(component_actor *self, struct children *aside);

#endif
