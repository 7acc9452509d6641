// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who has the seat, and what goes with it: the version, its settings, what it holds and has spawned.
#include "component/upgrade_impl.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "component/children.h"
#include "component/incarnation.h"

// ---------------------------------------------------------------- states

void component_state_free(component_state *self, const airs_allocator *allocator)
{
    base_free(allocator, self->data);
    *self = (component_state){0};
}

bool upgrade_keep_state(component_state *self, const airs_allocator *allocator, airs_bytes from, const char *version)
{
    uint8_t *copy = base_alloc(allocator, from.len + 1);
    if (copy == NULL)
        return false;
    if (from.len > 0)
        memcpy(copy, from.data, from.len);
    component_state_free(self, allocator);
    self->data = copy;
    self->len = from.len;
    base_text_copy(self->version, sizeof self->version, base_bytes_of(version));
    return true;
}

airs_bytes upgrade_state_bytes(const component_state *self)
{
    return (airs_bytes){self->data, self->len};
}

// ---------------------------------------------------------------- the seat

static bool takes_downs(const airs_component *component)
{
    return (component->exports & (ENGINE_EXPORT_SIGNALS | ENGINE_EXPORT_BATCH)) != 0;
}

/// What the actor is made of; it retains that.
static void set_component(component_actor *self, airs_component *to)
{
    airs_component *from = self->component;
    if (from == to)
        return;
    airs_component_retain(to);
    os_mutex_lock(&self->cell.info_lock);
    self->component = to;
    if (canary_of(self) == NULL)
        self->shown = to;
    os_mutex_unlock(&self->cell.info_lock);
    airs_component_release(from);
}

/// What others see of that: only of one that has come to stay.
void upgrade_show_component(component_actor *self)
{
    const wasm_metadata *of = &self->component->metadata;
    actor_set_component(&self->cell, of->name, of->version, takes_downs(self->component));
}

/// The actor is of the new version from now on, or of the old one, with the settings that go with it.
void upgrade_set_version(component_actor *self, component_upgrade *it, bool is_new)
{
    set_component(self, is_new ? it->new_version : it->old_version);
    if (it->settings_are_new == is_new)
        return;
    if (it->has_config)
        component_settings_exchange(&it->other, self);
    if (it->has_outfit)
        component_outfit_exchange(&it->outfit, self);
    it->settings_are_new = is_new;
}

void component_upgrade_change_places(component_actor *self, component_upgrade *it, bool is_new)
{
    engine_instance *beside = it->beside;
    it->beside = self->instance;
    self->instance = beside;
    uint32_t connections = it->beside_connections;
    it->beside_connections = base_atomic_load_relaxed(&self->cell.connections);
    base_atomic_store_relaxed(&self->cell.connections, connections);
    uint64_t refusals_ns = it->beside_refusals_ns;
    it->beside_refusals_ns = base_atomic_load_relaxed(&self->refusals.full_ns);
    base_atomic_store_relaxed(&self->refusals.full_ns, refusals_ns);
    self->seat ^= 1u;
    upgrade_set_version(self, it, is_new);
}

void component_upgrade_end_beside(component_upgrade *it)
{
    if (it->beside != NULL)
        engine_instance_destroy(it->beside);
    it->beside = NULL;
    it->beside_connections = 0;
}

/// Who starts anew has children of its own. Those that are there are the other one's until it is known who stays.
void upgrade_put_children_aside(component_actor *self, component_upgrade *it)
{
    if (it->has_state || it->aside)
        return;
    it->aside = true;
    it->children = children_put_aside(self);
}

void upgrade_end_children_aside(component_actor *self, component_upgrade *it)
{
    if (it->aside)
        children_drop(self, it->children);
    it->children = NULL;
    it->aside = false;
}

/// What the candidate holds, and those that it has spawned, are gone with it.
void upgrade_undo_holdings(component_actor *self, component_upgrade *it)
{
    if (it->notes)
        holdings_undo(&it->held, self);
    it->notes = false;
    if (it->aside)
        children_take_back(self, it->children);
    it->children = NULL;
    it->aside = false;
}

/// The candidate goes, and who stands beside takes the seat again.
void upgrade_take_back(component_actor *self, component_upgrade *it)
{
    it->seated = false;
    if (canary_acts(self)) {
        canary_end(self);
        return;
    }
    component_actor_end_instance(self);
    component_upgrade_change_places(self, it, it->new_stays);
    it->seated = false;
    upgrade_undo_holdings(self, it);
    self->role = COMPONENT_ROLE_SELF;
}
