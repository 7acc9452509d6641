// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_spawning.h"

#include <string.h>

#include "base/alloc.h"
#include "base/error.h"
#include "node/app_members.h"
#include "node/deploy_changes.h"
#include "node/system.h"

static const airs_allocator *memory(void)
{
    return base_allocator_default();
}

// ---------------------------------------------------------------- finding

static const deploy_actor *described(const deploy_manifest *manifest, const deploy_named *named)
{
    return named->kind == DEPLOY_KIND_ACTOR ? &manifest->actors[named->place] : &manifest->templates[named->place];
}

static airs_status copy_template(void *user, const airs_template *shown, airs_error *error)
{
    return template_list_copy(user, shown, 1, false, memory(), error);
}

static airs_status add(app_spawning *self, const deploy_manifest *to, const deploy_named *is, app_spawner ***at,
                       airs_error *error)
{
    const deploy_named *was = deploy_manifest_find(self->from, is->name->text);
    if (was == NULL || was->kind != is->kind ||
        described(self->from, was)->spawn.templates.count + described(to, is)->spawn.templates.count == 0)
        return AIRS_OK;
    app_spawner *made = base_alloc_zeroed(memory(), sizeof *made);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    made->name = is->name->text;
    made->of_template = is->kind == DEPLOY_KIND_TEMPLATE;
    **at = made;
    *at = &made->next;
    airs_status status = node_app_template(self->app, to, made->name, copy_template, &made->to, error);
    return status == AIRS_OK ? node_app_template(self->app, self->from, made->name, copy_template, &made->from, error)
                             : status;
}

/// How many may spawn of each other down to it. The manifest has been checked: nobody spawns itself.
static uint32_t depth_of(const deploy_manifest *manifest, const char *name)
{
    uint32_t depth = 0;
    for (size_t i = 0; i < manifest->templates_count; i++) {
        const deploy_names *spawns = &manifest->templates[i].spawn.templates;
        for (size_t k = 0; k < spawns->count; k++) {
            if (strcmp(spawns->items[k].text, name) != 0)
                continue;
            uint32_t below = 1 + depth_of(manifest, manifest->templates[i].name.text);
            depth = below > depth ? below : depth;
        }
    }
    return depth;
}

airs_status app_spawning_init(app_spawning *self, node_app *app, const deploy_manifest *from, const deploy_manifest *to,
                              airs_error *error)
{
    *self = (app_spawning){.app = app, .from = from, .to = to};
    app_spawner **at = &self->first;
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < to->names_count; i++) {
        if (to->names[i].kind == DEPLOY_KIND_ACTOR)
            status = add(self, to, &to->names[i], &at, error);
    }
    for (uint32_t depth = 0; depth <= TEMPLATE_DEPTH_MAX; depth++) {
        for (size_t i = 0; status == AIRS_OK && i < to->names_count; i++) {
            if (to->names[i].kind == DEPLOY_KIND_TEMPLATE && depth_of(to, to->names[i].name->text) == depth)
                status = add(self, to, &to->names[i], &at, error);
        }
    }
    return status;
}

void app_spawning_fini(app_spawning *self)
{
    while (self->first != NULL) {
        app_spawner *it = self->first;
        self->first = it->next;
        template_list_free(&it->to, memory());
        template_list_free(&it->from, memory());
        base_free(memory(), it);
    }
}

const app_spawner *app_spawning_find(const app_spawning *self, const char *name)
{
    const app_spawner *it = self->first;
    while (it != NULL && strcmp(it->name, name) != 0)
        it = it->next;
    return it;
}

// ---------------------------------------------------------------- grants

typedef struct granting {
    airs_system *system;
    const airs_spawn_options *options;
    airs_status status;
    airs_error *error;
} granting;

static bool grant_one(void *user, airs_actor_id id)
{
    granting *it = user;
    component_actor *found;
    // One that has ended needs nothing.
    if (deploy_find_component_actor(it->system, id, &found, NULL) != AIRS_OK)
        return true;
    it->status = authority_change_spawning(found, it->options, it->error);
    actor_release(&found->cell);
    return it->status == AIRS_OK;
}

static airs_status grant(const app_spawning *self, const app_spawner *spawner, const template_list *as,
                         airs_error *error)
{
    airs_system *system = self->app->system;
    granting it = {.system = system, .options = &as->list[0].options, .error = error};
    airs_actor_id id;
    const app_members members = {system, self->from, self->to};
    if (spawner->of_template)
        app_members_each(&members, spawner->name, grant_one, &it);
    else if (airs_lookup(system, spawner->name, &id) == AIRS_OK)
        (void)grant_one(&it, id);
    if (it.status != AIRS_OK)
        base_error_prefix(error, "%s: grants.spawn", spawner->name);
    return it.status;
}

airs_status app_spawning_give(const app_spawning *self, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (const app_spawner *it = self->first; status == AIRS_OK && it != NULL; it = it->next)
        status = grant(self, it, &it->to, error);
    return status;
}

void app_spawning_take_back(const app_spawning *self)
{
    airs_error why = {0};
    for (const app_spawner *it = self->first; it != NULL; it = it->next) {
        if (grant(self, it, &it->from, &why) != AIRS_OK)
            base_log_write(&self->app->system->log, AIRS_LOG_WARN, NULL, "%s", why.text);
    }
}
