// SPDX-License-Identifier: MIT OR Apache-2.0
/// What would change for an actor that is given another component, and why it can't be.
#include <stdio.h>

#include "base/bytes.h"
#include "component/checkpoint.h"
#include "component/upgrade.h"

static const struct {
    uint32_t bit;
    const char *name;
} exports[] = {
    {ENGINE_EXPORT_CHILD, "child"},       {ENGINE_EXPORT_ACTOR, "actor"},
    {ENGINE_EXPORT_BATCH, "batch"},       {ENGINE_EXPORT_REPLIES, "replies"},
    {ENGINE_EXPORT_SIGNALS, "signals"},   {ENGINE_EXPORT_HEALTH, "health"},
    {ENGINE_EXPORT_STATE, "state"},       {ENGINE_EXPORT_RECONFIGURE, "reconfigure"},
    {ENGINE_EXPORT_MAIN, "wasi:cli/run"},
};

static void name_exports(uint32_t bits, char *ret, size_t size)
{
    size_t len = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < sizeof exports / sizeof exports[0]; i++) {
        if ((bits & exports[i].bit) == 0 || len >= size)
            continue;
        len += (size_t)snprintf(ret + len, size - len, "%s%s", len == 0 ? "" : ", ", exports[i].name);
    }
}

bool component_only_runs(const airs_component *component)
{
    return (component->exports & ENGINE_EXPORT_MAIN) != 0 &&
           (component->exports & (ENGINE_EXPORT_ACTOR | ENGINE_EXPORT_BATCH)) == 0;
}

static bool takes_messages(const airs_component *component)
{
    return (component->exports & (ENGINE_EXPORT_ACTOR | ENGINE_EXPORT_BATCH)) != 0;
}

/// Why one can't be put in the place of the other; "" when it can.
static const char *objection(const airs_component *from, const airs_component *to, bool is_saved,
                             airs_on_no_state on_no_state)
{
    bool saves = (from->exports & ENGINE_EXPORT_STATE) != 0;
    bool loads = (to->exports & ENGINE_EXPORT_STATE) != 0;
    if (component_only_runs(from) || component_only_runs(to))
        return "a program (wasi:cli/run) has no place between two events: stop it and start the other";
    if (takes_messages(from) && !takes_messages(to))
        return "it takes no messages, and the version before does: who sends to it would find nobody";
    if (is_saved && !loads)
        return "its state is saved (checkpoint), and the new version does not export `state`";
    if (saves && loads)
        return "";
    if (on_no_state == AIRS_NO_STATE_REFUSE)
        return saves ? "the new version does not export `state`, and on_no_state is refuse"
                     : "the old version does not export `state`, and on_no_state is refuse";
    if (on_no_state == AIRS_NO_STATE_AUTO && saves)
        return "the new version does not export `state`: its state would be lost (on_no_state fresh allows that)";
    return "";
}

bool component_takes_settings(const airs_component *component)
{
    return (component->exports & ENGINE_EXPORT_RECONFIGURE) != 0 && !component_only_runs(component);
}

void component_compare_versions(const airs_component *from, const airs_component *with, bool is_saved,
                                airs_on_no_state on_no_state, airs_deploy_difference *ret)
{
    *ret = (airs_deploy_difference){0};
    base_text_copy(ret->old_name, sizeof ret->old_name, base_bytes_of(from->metadata.name));
    base_text_copy(ret->old_version, sizeof ret->old_version, base_bytes_of(from->metadata.version));
    base_text_copy(ret->new_name, sizeof ret->new_name, base_bytes_of(with->metadata.name));
    base_text_copy(ret->new_version, sizeof ret->new_version, base_bytes_of(with->metadata.version));
    ret->same = wasm_component_equal(from, with);
    ret->carries_state = (from->exports & with->exports & ENGINE_EXPORT_STATE) != 0;
    ret->starts_fresh = !ret->carries_state;
    name_exports(with->exports & ~from->exports, ret->gains, sizeof ret->gains);
    name_exports(from->exports & ~with->exports, ret->loses, sizeof ret->loses);
    base_text_copy(ret->refused, sizeof ret->refused, base_bytes_of(objection(from, with, is_saved, on_no_state)));
}

void component_compare(actor *cell, const airs_component *with, const airs_checkpoint *when,
                       airs_on_no_state on_no_state, airs_deploy_difference *ret)
{
    component_actor *self = component_actor_of(cell);
    os_mutex_lock(&cell->info_lock);
    airs_component *from = self->shown;
    airs_component_retain(from);
    if (when == NULL && self->checkpoint != NULL)
        when = &self->checkpoint->when;
    bool is_saved = when != NULL && checkpoint_saves(when);
    os_mutex_unlock(&cell->info_lock);
    component_compare_versions(from, with, is_saved, on_no_state, ret);
    airs_component_release(from);
}
