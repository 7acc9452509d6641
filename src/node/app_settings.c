// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_settings.h"

#include <string.h>

#include "airssys/bridge.h"
#include "base/alloc.h"
#include "base/error.h"
#include "node/app_members.h"
#include "node/system.h"

static const airs_allocator *memory(void)
{
    return base_allocator_default();
}

// ---------------------------------------------------------------- what other instances are made with

bool app_settings_respawns(const deploy_item *item)
{
    if (item->what != DEPLOY_CHANGED || (item->kind == DEPLOY_KIND_GROUP && !item->retemplated))
        return false;
    // A template is another one, whatever changes of it.
    return item->kind != DEPLOY_KIND_ACTOR || item->component || item->config || item->swapped.count > 0;
}

void app_settings_each(const node_app_plan *plan, airs_system *system, const deploy_item *item,
                       bool (*fn)(void *user, airs_actor_id id), void *user)
{
    const app_members members = {system, &plan->from.manifest, &plan->to.manifest};
    airs_actor_id id;
    if (item->kind == DEPLOY_KIND_TEMPLATE)
        app_members_each(&members, item->name, fn, user);
    else if (item->kind == DEPLOY_KIND_GROUP)
        app_members_of_group(&members, item->name, fn, user);
    else if (airs_lookup(system, item->name, &id) == AIRS_OK)
        (void)fn(user, id);
}

static airs_status copy_template(void *user, const airs_template *shown, airs_error *error)
{
    return template_list_copy(user, shown, 1, false, memory(), error);
}

static airs_status copy_templates(const app_settings *self, const deploy_item *item, app_respawn *made,
                                  airs_error *error)
{
    const deploy_manifest *to = &self->plan->to.manifest;
    const deploy_manifest *from = &self->plan->from.manifest;
    airs_status status = node_app_template(self->app, to, deploy_item_described(item, to)->name.text, copy_template,
                                           &made->made_of, error);
    return status == AIRS_OK ? node_app_template(self->app, from, deploy_item_described(item, from)->name.text,
                                                 copy_template, &made->was_made_of, error)
                             : status;
}

airs_status app_settings_respawn(app_settings *self, const deploy_item *item, deploy_respawn *ret, airs_error *error)
{
    bool of_template = item->kind != DEPLOY_KIND_ACTOR;
    if (!of_template && item->swapped.count == 0)
        return AIRS_OK;
    app_respawn *made = base_alloc_zeroed(memory(), sizeof *made);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    made->next = self->respawns;
    self->respawns = made;
    made->to = deploy_actor_options(deploy_item_described(item, &self->plan->to.manifest), (airs_actor_id){0});
    made->from = deploy_actor_options(deploy_item_described(item, &self->plan->from.manifest), (airs_actor_id){0});
    airs_status status = of_template ? copy_templates(self, item, made, error) : AIRS_OK;
    if (status != AIRS_OK)
        return status;
    if (item->swapped.count > 0)
        *ret = (deploy_respawn){.to = &made->to, .from = &made->from};
    ret->made_of = made->made_of.list;
    ret->was_made_of = made->was_made_of.list;
    return AIRS_OK;
}

// ---------------------------------------------------------------- what comes to those that run

static bool comes_live(const deploy_item *item)
{
    return item->what == DEPLOY_CHANGED && (item->live.count > 0 || item->max_message);
}

static airs_status prepare_root(app_settings *self, airs_error *error)
{
    const deploy_supervision *root = &self->plan->to.manifest.root;
    airs_actor_id id = {0};
    airs_actor_list(self->app->system, &id, 1);
    return node_live_add_group(&self->first, id,
                               &(airs_supervisor_options){.max_restarts = root->max_restarts,
                                                          .window_ms = root->window_ms,
                                                          .strategy = (airs_strategy)root->strategy,
                                                          .auto_shutdown = (airs_auto_shutdown)root->auto_shutdown,
                                                          .backoff = deploy_backoff_options(&root->backoff)},
                               error);
}

/// What it may spawn of comes before another instance of it, which may do so in its start, and with the settings of
/// before where the others come later.
static airs_status add_spawner(node_live *to, const app_settings *self, const deploy_item *item, airs_actor_id id,
                               bool later, airs_error *error)
{
    const deploy_manifest *manifest = later ? &self->plan->from.manifest : &self->plan->to.manifest;
    const airs_spawn_options options = deploy_actor_options(deploy_item_described(item, manifest), id);
    const app_spawner *spawner = app_spawning_find(&self->spawning, item->name);
    return node_live_add_spawner(to, id, &options, &spawner->to.list[0].options, error);
}

static airs_status prepare_actor(app_settings *self, const deploy_item *item, airs_actor_id id, airs_error *error)
{
    bool later = app_settings_respawns(item);
    airs_status status = item->spawning ? add_spawner(&self->first, self, item, id, later, error) : AIRS_OK;
    if (status != AIRS_OK || (item->spawning && !later))
        return status;
    const airs_spawn_options options = deploy_actor_options(deploy_item_described(item, &self->plan->to.manifest), id);
    return node_live_add_actor(later ? &self->live : &self->first, id, &options, error);
}

typedef struct adding {
    app_settings *self;
    const deploy_item *item;
    const airs_spawn_options *options;
    airs_status status;
    airs_error *error;
} adding;

static bool prepare_member(void *user, airs_actor_id member)
{
    adding *it = user;
    it->status = add_spawner(&it->self->first, it->self, it->item, member, true, it->error);
    return it->status == AIRS_OK;
}

static airs_status prepare_item(app_settings *self, const deploy_item *item, airs_error *error)
{
    airs_system *system = self->app->system;
    airs_actor_id id;
    adding it = {.self = self, .item = item, .error = error};
    if (item->kind == DEPLOY_KIND_TEMPLATE && item->spawning)
        app_settings_each(self->plan, system, item, prepare_member, &it);
    if (item->kind == DEPLOY_KIND_TEMPLATE || airs_lookup(system, item->name, &id) != AIRS_OK)
        return it.status;
    if (item->kind == DEPLOY_KIND_ACTOR)
        return prepare_actor(self, item, id, error);
    const airs_supervisor_options options = deploy_group_options(&self->plan->to.manifest.groups[item->place], id);
    return node_live_add_group(&self->first, id, &options, error);
}

airs_status app_settings_prepare(app_settings *self, airs_error *error)
{
    const node_app_plan *plan = self->plan;
    const deploy_difference *difference = &plan->difference;
    airs_status status = difference->root.count > 0 ? prepare_root(self, error) : AIRS_OK;
    if (status == AIRS_OK && difference->spawning)
        status = app_spawning_init(&self->spawning, self->app, &plan->from.manifest, &plan->to.manifest, error);
    for (size_t i = 0; status == AIRS_OK && i < difference->count; i++) {
        const deploy_item *item = &difference->items[i];
        if (!comes_live(item))
            continue;
        status = prepare_item(self, item, error);
        if (status != AIRS_OK)
            base_error_prefix(error, "%s", item->name);
    }
    return status;
}

/// Those that have come meanwhile are among them.
static bool add_member(void *user, airs_actor_id member)
{
    adding *it = user;
    node_live *live = &it->self->live;
    it->status = it->item->spawning ? add_spawner(live, it->self, it->item, member, false, it->error)
                                    : node_live_add_actor(live, member, it->options, it->error);
    return it->status == AIRS_OK;
}

static airs_status add_members(app_settings *self, airs_error *error)
{
    const deploy_difference *difference = &self->plan->difference;
    adding it = {.self = self, .error = error};
    for (size_t i = 0; it.status == AIRS_OK && i < difference->count; i++) {
        const deploy_item *item = &difference->items[i];
        if (!comes_live(item) || (item->kind != DEPLOY_KIND_TEMPLATE && !item->retemplated))
            continue;
        const airs_spawn_options options =
            deploy_actor_options(deploy_item_described(item, &self->plan->to.manifest), (airs_actor_id){0});
        it.options = &options;
        it.item = item;
        app_settings_each(self->plan, self->app->system, item, add_member, &it);
        if (it.status != AIRS_OK)
            base_error_prefix(error, "%s", item->name);
    }
    return it.status;
}

// ---------------------------------------------------------------- what the app exposes

/// An app that no other one reaches has nothing to do.
static airs_status expose(const app_settings *self, const deploy_manifest *manifest, airs_error *error)
{
    const deploy_names *names = &manifest->expose;
    if (!self->plan->difference.expose || base_atomic_load_acquire(&self->app->system->place) == NULL)
        return AIRS_OK;
    const char **patterns = base_alloc_array(memory(), names->count + 1, sizeof *patterns);
    if (patterns == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for what is exposed");
    for (size_t i = 0; i < names->count; i++)
        patterns[i] = names->items[i].text;
    airs_status status = airs_bridge_expose(self->app->system, patterns, names->count, error);
    base_free(memory(), (void *)patterns);
    return status;
}

// ---------------------------------------------------------------- doing it

airs_status app_settings_give_first(app_settings *self, airs_error *error)
{
    return node_live_give(&self->first, error);
}

void app_settings_take_back_first(app_settings *self)
{
    node_live_take_back(&self->first);
}

airs_status app_settings_give(app_settings *self, airs_error *error)
{
    airs_status status = add_members(self, error);
    if (status == AIRS_OK)
        status = node_live_give(&self->live, error);
    if (status == AIRS_OK)
        status = expose(self, &self->plan->to.manifest, error);
    self->exposed = status == AIRS_OK;
    if (status != AIRS_OK)
        node_live_take_back(&self->live);
    return status;
}

void app_settings_take_back(app_settings *self)
{
    airs_error why = {0};
    node_live_take_back(&self->live);
    if (self->exposed && expose(self, &self->plan->from.manifest, &why) != AIRS_OK)
        base_log_write(&self->app->system->log, AIRS_LOG_WARN, NULL, "what was exposed before is not again: %s",
                       why.text);
    self->exposed = false;
}

void app_settings_fini(app_settings *self)
{
    app_spawning_fini(&self->spawning);
    node_live_fini(&self->first);
    node_live_fini(&self->live);
    while (self->respawns != NULL) {
        app_respawn *it = self->respawns;
        self->respawns = it->next;
        template_list_free(&it->made_of, memory());
        template_list_free(&it->was_made_of, memory());
        base_free(memory(), it);
    }
}
