// SPDX-License-Identifier: MIT OR Apache-2.0
/// Templates: what children are made of that are spawned while the system runs, by a guest or an operator.
///
/// A list of templates is copied whole, with everything in it: texts, settings, grants, templates of templates. It is
/// immutable, so that its owner may spawn of it from any thread.
#ifndef COMPONENT_TEMPLATE_H
#define COMPONENT_TEMPLATE_H

#include "airssys/supervision.h"
#include "component/component_actor.h"

/// Templates inside of templates, at most so deep.
#define TEMPLATE_DEPTH_MAX 8u

/// A copy of templates. Components are retained. With `resolve`, the folders of their mounts are made absolute, without
/// links; not within a host function, which has no stack for that, nor again.
/// Errors: E_INVALID not one of native and component, no name, a name twice, a list that is NULL, too deep; E_NOMEM.
/// `error` says which; nothing is left then. Any thread.
airs_status template_list_copy(template_list *ret_list, const airs_template *from, size_t count, bool resolve,
                               const airs_allocator *allocator, airs_error *error);
/// The absolute path of a folder of the host, without links; as it was given where there is no such folder. A copy;
/// NULL without memory.
char *template_mount_folder(const airs_allocator *allocator, const char *folder);
void template_list_free(template_list *list, const airs_allocator *allocator);

/// NULL when there is none of this name.
const airs_template *template_list_find(const template_list *list, airs_bytes name);

/// One child that is made of a template.
typedef struct template_child {
    /// Raw id.
    uint64_t supervisor;
    /// NULL: none.
    const char *name;
    /// Stands before the template's own settings, and wins.
    const airs_setting *config;
    size_t config_count;
    /// The component that spawns it, which it may send to, and of whose grants it gets no more. NULL: none.
    component_actor *parent;
    actor_started_fn started_fn;
    void *started_user;
} template_child;

/// Spawns it. Errors: those of spawning. Any thread.
airs_status template_spawn(component_space *space, const airs_template *of, const template_child *child,
                           uint64_t *ret_id, airs_error *error);

/// The options of an actor as it is spawned, but for its supervisor, and whom to tell of its start.
actor_options template_actor_options(const airs_spawn_options *from);

#endif
