// SPDX-License-Identifier: MIT OR Apache-2.0
/// The configuration of a component, and another one in its place.
#ifndef COMPONENT_SETTINGS_H
#define COMPONENT_SETTINGS_H

#include "component/component_actor.h"

/// Settings that are not in force: they lie beside an actor that has others.
typedef struct component_settings {
    airs_setting *list;
    uint32_t count;
    /// As the engine takes them; NULL: not made yet, or there are none.
    engine_setting *made;
} component_settings;

/// Copies `list` into an empty one. False: no memory, and it is empty.
bool component_settings_copy(component_settings *self, const airs_setting *list, size_t count,
                             const airs_allocator *allocator);
/// The same of those that an actor has. Any thread, with a count on it.
bool component_settings_copy_of(component_settings *self, component_actor *of, const airs_allocator *allocator);
void component_settings_free(component_settings *self, const airs_allocator *allocator);

/// What the actor has and what lies beside change places. The owner, when no call is pending.
void component_settings_exchange(component_settings *self, component_actor *with);

/// Whether the actor has just these, in this order. Any thread, with a count on it.
bool component_settings_are(component_actor *of, const airs_setting *list, size_t count);

/// Makes `with->settings` where that is missing. Errors: E_NOMEM. The owner.
AIRS_NODISCARD airs_status component_settings_make(component_actor *with);

#endif
