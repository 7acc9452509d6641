// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_members.h"

#include <string.h>

#include "node/system.h"

typedef bool (*is_member_fn)(const app_members *self, const actor *cell, const char *name);

static const char *template_of(const deploy_manifest *manifest, const char *group)
{
    const deploy_named *named = deploy_manifest_find(manifest, group);
    return named == NULL || named->kind != DEPLOY_KIND_GROUP ? NULL : manifest->groups[named->place].template_name.text;
}

static bool is_of_group(const app_members *self, const actor *cell, const char *group)
{
    (void)self;
    const actor *above = cell->supervisor;
    return cell->kind->kind == AIRS_KIND_COMPONENT && above != NULL && above->name != NULL &&
           strcmp(above->name, group) == 0;
}

static bool is_made_of(const app_members *self, const actor *cell, const char *template_name)
{
    if (cell->kind->kind != AIRS_KIND_COMPONENT)
        return false;
    // It has never changed.
    const char *made_of = ds_container_of(cell, component_actor, cell)->made_of;
    if (made_of != NULL)
        return strcmp(made_of, template_name) == 0;
    const char *group = cell->supervisor == NULL ? NULL : cell->supervisor->name;
    const char *was = group == NULL ? NULL : template_of(self->from, group);
    const char *is = was == NULL ? NULL : template_of(self->to, group);
    return was != NULL && strcmp(was, template_name) == 0 && (is == NULL || strcmp(is, template_name) == 0);
}

static void each(const app_members *self, const char *name, is_member_fn is_member,
                 bool (*fn)(void *user, airs_actor_id member), void *user)
{
    airs_system *system = self->system;
    uint32_t cursor = 0;
    ds_handle handle;
    bool goes_on = true;
    while (goes_on) {
        uint64_t found = 0;
        sched_read read = sched_read_enter(system->sched);
        for (actor *it; found == 0 && (it = ds_slotmap_next(&system->actors.actors, &cursor, &handle)) != NULL;) {
            if (is_member(self, it, name))
                found = it->id;
        }
        sched_read_leave(system->sched, read);
        goes_on = found != 0 && fn(user, (airs_actor_id){found});
    }
}

void app_members_each(const app_members *self, const char *template_name, bool (*fn)(void *user, airs_actor_id member),
                      void *user)
{
    each(self, template_name, is_made_of, fn, user);
}

void app_members_of_group(const app_members *self, const char *group, bool (*fn)(void *user, airs_actor_id member),
                          void *user)
{
    each(self, group, is_of_group, fn, user);
}
