// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_members.h"

#include <string.h>

#include "node/system.h"

/// The group that an actor is a child of, as the manifest has it; NULL: none.
static const deploy_group *group_of(const deploy_manifest *manifest, const actor *cell)
{
    const actor *above = cell->supervisor;
    if (above == NULL || above->name == NULL)
        return NULL;
    const deploy_named *named = deploy_manifest_find(manifest, above->name);
    return named == NULL || named->kind != DEPLOY_KIND_GROUP ? NULL : &manifest->groups[named->place];
}

static bool is_made_of(const deploy_manifest *manifest, const actor *cell, const char *template_name)
{
    if (cell->kind->kind != AIRS_KIND_COMPONENT)
        return false;
    // It has never changed.
    const char *made_of = ds_container_of(cell, component_actor, cell)->made_of;
    if (made_of != NULL)
        return strcmp(made_of, template_name) == 0;
    const deploy_group *group = group_of(manifest, cell);
    return group != NULL && group->template_name.text != NULL && strcmp(group->template_name.text, template_name) == 0;
}

void app_members_each(airs_system *system, const deploy_manifest *manifest, const char *template_name,
                      bool (*fn)(void *user, airs_actor_id member), void *user)
{
    uint32_t cursor = 0;
    ds_handle handle;
    bool goes_on = true;
    while (goes_on) {
        uint64_t found = 0;
        sched_read read = sched_read_enter(system->sched);
        for (actor *it; found == 0 && (it = ds_slotmap_next(&system->actors.actors, &cursor, &handle)) != NULL;) {
            if (is_made_of(manifest, it, template_name))
                found = it->id;
        }
        sched_read_leave(system->sched, read);
        goes_on = found != 0 && fn(user, (airs_actor_id){found});
    }
}
