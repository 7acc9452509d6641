// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the children of a simple_one_for_one are made of, as their supervisor keeps it (`supervisor_template`).
///
/// Of a template of a component another version may take the place of the one that is there: children that are made
/// from then on are of that one. A change waits for a child that is just being made, so who lists the children after
/// a change finds all those that were made of the component before.
#ifndef NODE_CHILD_TEMPLATE_H
#define NODE_CHILD_TEMPLATE_H

#include "component/template.h"
#include "supervise/supervisor.h"

typedef struct child_template child_template;

/// A copy of what the options say: the one template of a simple_one_for_one; none, and AIRS_OK, for the others. The
/// supervisor's once it is spawned; given back with `ret_template->release` when it is not.
/// Errors: E_INVALID a template where none belongs, none where one does, or as `template_list_copy`; E_NOMEM.
airs_status child_template_copy(const airs_supervisor_options *options, const airs_allocator *allocator,
                                supervisor_template *ret_template, airs_error *error);

/// Of an actor: NULL when it is no supervisor, or has none. Valid as long as there is a count on it. Any thread.
child_template *child_template_of(const actor *cell);

/// What one child is given beside the grants of the template, and what is taken back from it, in this order: one that
/// is `revoked` is the same as one that holds so far.
typedef struct child_grants {
    const airs_grant *list;
    size_t count;
} child_grants;

/// Spawns a child; it never runs with what `grants` (NULL: nothing) take back. Errors: those of spawning. Any thread
/// but a worker's.
airs_status child_template_spawn(child_template *self, component_space *space, const template_child *child,
                                 const child_grants *grants, uint64_t *ret_id, airs_error *error);

/// `airs_spawn_child` (airssys/supervision.h), with those.
airs_status child_spawn(airs_system *system, airs_actor_id supervisor, const template_child *child,
                        const child_grants *grants, airs_actor_id *ret_id, airs_error *error);

/// What children are made of now, and what before the last change; NULL: of no component, no change. Both retained.
/// Any thread.
void child_template_look(child_template *self, airs_component **ret_now, airs_component **ret_past);

/// Room for the name of a template, with its NUL.
#define CHILD_TEMPLATE_NAME_SIZE 129u

/// Its name in the manifest, which a deployment may change; cut where it is longer than any there. Returns `ret`. Any
/// thread.
const char *child_template_name(const child_template *self, char ret[CHILD_TEMPLATE_NAME_SIZE]);

/// Shows the template as it is; it does not change meanwhile. Any thread; `fn` takes no time.
void child_template_show(child_template *self, void (*fn)(void *user, const airs_template *of), void *user);

/// What children were made of before, where it was not changed since it came up; retained. Any thread.
void child_template_set_past(child_template *self, airs_component *component);

/// Whether children have their state saved (`airs_spawn_options.checkpoint`). Any thread.
bool child_template_saves(const child_template *self);

/// What children are made of and `with`, a list of one copied as this one's (template_list_copy), change places, with
/// the name. Any thread.
void child_template_exchange(child_template *self, template_list *with);

/// Children are made of `to`, which is retained, from now on; what they were made of is what was before. Any thread.
void child_template_change(child_template *self, airs_component *to);

#endif
