// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other components, and all else that children are made with, in the place of what templates of components say.
///
/// A component has its templates as they were when it was spawned (template.h), and they never change: what a
/// deployment changes is noted here, by the name of the template and the component that it had. Children that are
/// spawned from then on are made of that, whoever spawns them. A change waits for a child that is just being
/// spawned, so who lists the children after a change finds all those that were made of the component before.
#ifndef COMPONENT_TEMPLATE_VERSIONS_H
#define COMPONENT_TEMPLATE_VERSIONS_H

#include <pthread.h>

#include "airssys/supervision.h"

struct template_list;

typedef struct template_versions {
    /// Held shared while a child is spawned, which is no short time: who waits sleeps.
    pthread_rwlock_t lock;
    struct template_version *first;
    const airs_allocator *allocator;
} template_versions;

/// False without memory for a lock.
bool template_versions_init(template_versions *self, const airs_allocator *allocator);
/// When nobody spawns any more.
void template_versions_fini(template_versions *self);

/// What a child of the template is to be made of now, with the name of `of`; the component is counted on by who keeps
/// it. All of it is valid until `template_versions_leave`, and what is spawned before that is there for who changes it
/// afterwards. Any thread.
void template_versions_enter(template_versions *self, const airs_template *of, airs_template *ret_now);
void template_versions_leave(template_versions *self);

/// What was noted of templates of this name: the component of now, and of before its last change; both retained, NULL:
/// none. Any thread.
void template_versions_look(template_versions *self, const char *name, airs_component **ret_now,
                            airs_component **ret_past);

/// Room for so many components in whose place another one may come, so that a change can't fail; until it is given
/// back. False without memory. Any thread.
bool template_versions_reserve(template_versions *self, const char *name, size_t count);
void template_versions_give_back(template_versions *self, const char *name, size_t count);

/// Children of templates of this name whose component is one of `from`, or was noted before, are made of `to` from now
/// on; `past` (may be NULL) is what was before. There is room for `count` and one more. What else they are made with
/// and `with`, a copy of one template (template.h), change places, where nothing was noted with none; NULL: that stays.
/// Any thread.
void template_versions_change(template_versions *self, const char *name, airs_component *const *from, size_t count,
                              airs_component *to, airs_component *past, struct template_list *with);

/// Of a template that nobody may spawn of any more nothing is noted, so that another one may have its name. Any thread.
void template_versions_forget(template_versions *self, const char *name);

/// Shows each template that was noted with all that its children are made with. Any thread; `fn` takes no time.
void template_versions_each(template_versions *self, void (*fn)(void *user, const airs_template *noted), void *user);

/// What children of templates of this name were made of before, where nothing was noted of them. False without memory.
/// Any thread.
bool template_versions_set_past(template_versions *self, const char *name, airs_component *past);

#endif
