// SPDX-License-Identifier: MIT OR Apache-2.0
/// What operators ask to be there, or not to be there: it is so again when the node is.
#include <string.h>

#include <cjson/cJSON.h>

#include "base/alloc.h"
#include "base/error.h"
#include "node/child_template.h"
#include "node/durable.h"
#include "node/system.h"

static airs_status no_memory(airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "no memory for what is asked for");
}

// ---------------------------------------------------------------- what is not to be there

airs_status node_durable_leave_out(const node_durable *self, const node_app *app, const char *name,
                                   airs_actor_id actor_id, bool removed, airs_error *error)
{
    if (self->store == NULL)
        return AIRS_OK;
    if (app != NULL && node_app_knows(app, name))
        return node_store_add_absence(self->store, self->app, name, removed, error);
    return node_store_remove_children(self->store, self->app, NULL, &actor_id.raw, 1, error);
}

airs_status node_durable_has_left(const node_durable *self, const node_app *app, const char *name,
                                  airs_actor_id actor_id, airs_error *error)
{
    if (self->store == NULL || actor_id.raw == 0 || (app != NULL && node_app_knows(app, name)))
        return AIRS_OK;
    airs_status status = node_store_remove_children(self->store, self->app, NULL, &actor_id.raw, 1, error);
    if (status != AIRS_OK)
        base_error_prefix(error, "it has ended, but may be there again after the next start of the node");
    return status;
}

airs_status node_durable_bring_back(const node_durable *self, const node_app *app, const char *name, airs_error *error)
{
    return self->store == NULL || app == NULL ? AIRS_OK
                                              : node_store_end_absences(self->store, self->app, &name, 1, error);
}

static airs_status note_stopped(void *user, const char *name, bool removed, airs_error *error)
{
    node_durable_stopped *it = user;
    (void)error;
    for (size_t i = it->count; !removed && i < it->all_count; i++) {
        if (strcmp(it->names[i], name) != 0)
            continue;
        const char *found = it->names[i];
        it->names[i] = it->names[it->count];
        it->names[it->count++] = found;
        break;
    }
    return AIRS_OK;
}

airs_status node_durable_bring_all_back(const node_durable *self, const node_app *app, const char *name,
                                        node_durable_stopped *ret_stopped, airs_error *error)
{
    *ret_stopped = (node_durable_stopped){.names = NULL};
    if (self->store == NULL)
        return AIRS_OK;
    ret_stopped->all_count = node_app_names_of(app, name, &ret_stopped->names);
    if (ret_stopped->names == NULL)
        return no_memory(error);
    airs_status status = node_store_each_absence(self->store, self->app, note_stopped, ret_stopped, error);
    return status == AIRS_OK
               ? node_store_end_absences(self->store, self->app, ret_stopped->names, ret_stopped->count, error)
               : status;
}

void node_durable_end_stopped(const node_durable *self, airs_system *system, node_durable_stopped *stopped,
                              bool stop_again)
{
    airs_error why = {0};
    for (size_t i = 0; stop_again && i < stopped->count; i++) {
        if (node_store_add_absence(self->store, self->app, stopped->names[i], false, &why) != AIRS_OK)
            base_log_write(&system->log, AIRS_LOG_WARN, NULL,
                           "%s could not be started, and is tried again when the node starts anew: %s",
                           stopped->names[i], why.text);
    }
    base_free(base_allocator_default(), (void *)stopped->names);
}

void node_durable_say_absences(airs_system *system, const node_boot *boot)
{
    for (size_t i = 0; i < boot->absences_count; i++) {
        const node_app_absence *it = &boot->absences[i];
        const deploy_named *named = deploy_manifest_find(&boot->manifest, it->name);
        if (named == NULL || named->kind == DEPLOY_KIND_TEMPLATE)
            continue;
        base_log_write(&system->log, AIRS_LOG_INFO, NULL,
                       it->removed ? "%s was removed, and is not started" : "%s was stopped: `airssys start` starts it",
                       it->name);
    }
}

// ---------------------------------------------------------------- children of groups

static bool is_alive(airs_system *system, uint64_t id)
{
    airs_actor_info info;
    return airs_actor_get_info(system, (airs_actor_id){id}, &info) == AIRS_OK && info.state != AIRS_ACTOR_TERMINATED;
}

/// Children of a group that have ended, whatever the reason.
typedef struct ended {
    airs_system *system;
    const char *group;
    uint64_t *actors;
    size_t count;
} ended;

static airs_status note_ended(void *user, const node_stored_child *child, airs_error *error)
{
    ended *it = user;
    // One that could not be started is tried again at the next start.
    if (strcmp(child->group, it->group) != 0 || child->actor == 0 || is_alive(it->system, child->actor))
        return AIRS_OK;
    uint64_t *more = base_realloc(base_allocator_default(), it->actors, (it->count + 1) * sizeof *more);
    if (more == NULL)
        return no_memory(error);
    it->actors = more;
    it->actors[it->count++] = child->actor;
    return AIRS_OK;
}

/// Those that were stopped, or have ended, before they were written down. Who stops one looks after that once more
/// (`node_durable_has_left`), so it is forgotten by one of the two.
static airs_status forget_stopped(const node_durable *self, airs_system *system, const node_durable_children *children,
                                  airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < children->count; i++) {
        if (!is_alive(system, children->ids[i].raw))
            status = node_store_remove_children(self->store, self->app, NULL, &children->ids[i].raw, 1, error);
    }
    return status;
}

/// As one: those that have ended are forgotten, those that have started are kept.
static airs_status write_children(const node_durable *self, airs_system *system, const char *group,
                                  const node_durable_children *children, airs_error *error)
{
    ended it = {.system = system, .group = group};
    node_stored_child *stored = base_alloc_array(base_allocator_default(), children->count + 1, sizeof *stored);
    airs_status status =
        stored == NULL ? no_memory(error) : node_store_each_child(self->store, self->app, note_ended, &it, error);
    for (size_t i = 0; status == AIRS_OK && i < children->count; i++)
        stored[i] = (node_stored_child){.group = group,
                                        .name = children->name == NULL ? "" : children->name,
                                        .config = children->config == NULL ? "{}" : children->config,
                                        .actor = children->ids[i].raw};
    const node_store_children_change change = {.group = children->all ? group : NULL,
                                               .gone = it.actors,
                                               .gone_count = it.count,
                                               .added = stored,
                                               .added_count = children->count};
    if (status == AIRS_OK)
        status = node_store_change_children(self->store, self->app, &change, error);
    if (status == AIRS_OK)
        status = forget_stopped(self, system, children, error);
    base_free(base_allocator_default(), it.actors);
    base_free(base_allocator_default(), stored);
    return status;
}

airs_status node_durable_keep_children(const node_durable *self, airs_system *system, const node_app *app,
                                       airs_actor_id group_id, const node_durable_children *children, airs_error *error)
{
    airs_actor_info group;
    // Children of a group that has ended meanwhile have ended with it; one that is none of the app's comes with who
    // makes it.
    if (self->store == NULL || app == NULL || airs_actor_get_info(system, group_id, &group) != AIRS_OK ||
        !node_app_knows(app, group.name))
        return AIRS_OK;
    airs_status status = write_children(self, system, group.name, children, error);
    if (status == AIRS_OK)
        return AIRS_OK;
    for (size_t i = children->count; i-- > 0;) {
        // It can only have ended already.
        airs_status ignored = airs_stop(system, children->ids[i]);
        (void)ignored;
    }
    base_error_prefix(error, "what was started is stopped again");
    return status;
}

airs_status node_durable_forget_children(const node_durable *self, airs_system *system, airs_actor_id group_id,
                                         const airs_actor_id *ids, size_t count, airs_error *error)
{
    airs_actor_info group;
    if (self->store == NULL || airs_actor_get_info(system, group_id, &group) != AIRS_OK)
        return AIRS_OK;
    uint64_t *actors = base_alloc_array(base_allocator_default(), count + 1, sizeof *actors);
    if (actors == NULL)
        return no_memory(error);
    for (size_t i = 0; i < count; i++)
        actors[i] = ids[i].raw;
    airs_status status = node_store_remove_children(self->store, self->app, group.name, actors, count, error);
    base_free(base_allocator_default(), actors);
    return status;
}

void node_durable_forget_ended(const node_durable *self, airs_system *system)
{
    airs_error why = {0};
    size_t count = 0;
    uint64_t *actors = self->ends == NULL ? NULL : node_ends_take(self->ends, &count);
    if (actors == NULL)
        return;
    if (self->store != NULL && node_store_remove_children(self->store, self->app, NULL, actors, count, &why) != AIRS_OK)
        base_log_write(&system->log, AIRS_LOG_WARN, NULL,
                       "children that have ended by themselves may be started again with the node: %s", why.text);
    base_free(base_allocator_default(), actors);
}

// ---------------------------------------------------------------- being there again

/// Errors: those of spawning.
static airs_status start_child(airs_system *system, airs_actor_id group, const node_stored_child *child,
                               airs_actor_id *ret_id, airs_error *error)
{
    cJSON *config = cJSON_Parse(child->config);
    size_t room = (size_t)cJSON_GetArraySize(config) + 1;
    airs_setting *settings = base_alloc_array(base_allocator_default(), room, sizeof *settings);
    size_t count = 0;
    const cJSON *entry;
    cJSON_ArrayForEach(entry, config)
    {
        if (settings != NULL && cJSON_IsString(entry))
            settings[count++] = (airs_setting){entry->string, entry->valuestring};
    }
    const template_child made = {
        .name = child->name[0] == '\0' ? NULL : child->name, .config = settings, .config_count = count};
    const child_grants grants = {child->grants, child->grants_count};
    airs_status status =
        settings == NULL ? no_memory(error) : child_spawn(system, group, &made, &grants, ret_id, error);
    base_free(base_allocator_default(), settings);
    cJSON_Delete(config);
    return status;
}

/// The id that it has now, 0 when it is not there: an app does not fail for it.
static uint64_t start_again(airs_system *system, const node_stored_child *child)
{
    airs_error why = {0};
    airs_actor_id group;
    airs_actor_id id = {0};
    // A group that is not to be there has its children when it is.
    if (airs_lookup(system, child->group, &group) != AIRS_OK)
        return 0;
    airs_status status = start_child(system, group, child, &id, &why);
    if (status == AIRS_OK)
        return id.raw;
    base_log_write(&system->log, AIRS_LOG_WARN, NULL,
                   "a child of %s that was asked for is not started, and is tried again when the node starts anew: %s",
                   child->group, why.text[0] == '\0' ? airs_status_text(status) : why.text);
    return 0;
}

static bool is_one_of(const char *const *names, size_t count, const char *name)
{
    bool found = false;
    for (size_t i = 0; !found && i < count; i++)
        found = strcmp(names[i], name) == 0;
    return found;
}

airs_status node_durable_start_children(const node_durable *self, airs_system *system, const node_boot *boot,
                                        const char *const *groups, size_t groups_count, airs_error *error)
{
    if (boot->children_count == 0)
        return AIRS_OK;
    size_t count = 0;
    node_stored_child *placed = base_alloc_array(base_allocator_default(), boot->children_count, sizeof *placed);
    if (placed == NULL)
        return no_memory(error);
    // One that ends before its place has its id would be looked for in vain.
    node_ends_hold(self->ends);
    for (size_t i = 0; i < boot->children_count; i++) {
        if (groups != NULL && !is_one_of(groups, groups_count, boot->children[i].group))
            continue;
        placed[count] = boot->children[i];
        placed[count].actor = start_again(system, &placed[count]);
        count++;
    }
    airs_status status = node_store_place_children(self->store, self->app, placed, count, error);
    node_ends_let_go(self->ends);
    base_free(base_allocator_default(), placed);
    return status;
}
