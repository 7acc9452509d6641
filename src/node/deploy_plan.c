// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/deploy_plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"

// ---------------------------------------------------------------- finding

static airs_status find_and_retain(airs_system *system, airs_actor_id id, actor **ret, airs_error *error)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    if (found == NULL)
        return base_error_set(error, AIRS_E_GONE, "there is no actor %016" PRIx64, id.raw);
    *ret = found;
    return AIRS_OK;
}

airs_status deploy_find_component_actor(airs_system *system, airs_actor_id id, component_actor **ret, airs_error *error)
{
    actor *cell;
    airs_status status = find_and_retain(system, id, &cell, error);
    if (status != AIRS_OK)
        return status;
    if (cell->kind->kind == AIRS_KIND_COMPONENT) {
        *ret = component_actor_of(cell);
        return AIRS_OK;
    }
    status = base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\" is no component", actor_name(cell));
    actor_release(cell);
    return status;
}

/// What it is made of now, and what before its last deployment (NULL: nothing); both retained. True when it is being
/// deployed to: what it is made of now may not stay.
static bool look(component_actor *self, airs_component **ret_now, airs_component **ret_past)
{
    os_mutex_lock(&self->cell.info_lock);
    bool is_taken = self->cell.upgrade != NULL;
    *ret_now = self->shown;
    *ret_past = self->past;
    airs_component_retain(*ret_now);
    airs_component_retain(*ret_past);
    os_mutex_unlock(&self->cell.info_lock);
    return is_taken;
}

// ---------------------------------------------------------------- one actor

static void name_first(deploy_plan *self, const actor *first)
{
    airs_deploy_record *record = &self->record;
    self->first = first->id;
    if (first->name == NULL)
        (void)snprintf(record->actor, sizeof record->actor, "%016" PRIx64, first->id);
    else
        base_text_copy(record->actor, sizeof record->actor, base_bytes_of(first->name));
}

static void note_first(deploy_plan *self, const actor *first, const airs_component *from, const airs_component *to)
{
    airs_deploy_record *record = &self->record;
    if (record->actor[0] != '\0')
        return;
    name_first(self, first);
    base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(from->metadata.version));
    base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(to->metadata.version));
    base_text_copy(record->component, sizeof record->component, base_bytes_of(to->metadata.name));
}

/// Makes room for so many more.
static bool grow(deploy_plan *self, uint32_t more)
{
    if (more <= self->capacity - self->count)
        return true;
    const airs_allocator *allocator = self->system->allocator;
    uint32_t capacity = self->capacity == 0 ? 16 : 2 * self->capacity;
    capacity = capacity - self->count < more ? self->count + more : capacity;
    rollout_target *targets = base_realloc(allocator, self->targets, capacity * sizeof *targets);
    if (targets == NULL)
        return false;
    self->targets = targets;
    plan_origin *origins = base_realloc(allocator, self->origins, capacity * sizeof *origins);
    if (origins == NULL)
        return false;
    self->origins = origins;
    self->capacity = capacity;
    return true;
}

/// `now` is what it is made of.
static airs_status add(deploy_plan *self, component_actor *found, airs_component *now, const rollout_target *target,
                       const airs_spawn_options *was_spawned_with, airs_error *error)
{
    component_settings config = {0};
    if (!grow(self, 1) || (target->has_config && !component_settings_copy_of(&config, found, self->system->allocator)))
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    airs_component_retain(target->component);
    airs_component_retain(now);
    self->targets[self->count] = *target;
    self->origins[self->count++] = (plan_origin){.actor = target->actor,
                                                 .rank = target->rank,
                                                 .component = now,
                                                 .has_config = target->has_config,
                                                 .config = config,
                                                 .spawn = was_spawned_with,
                                                 .options = target->options};
    return AIRS_OK;
}

/// Adds an actor, unless all of it is so already. `back`: it gets the component that it had before.
static airs_status plan_actor(deploy_plan *self, component_actor *found, const airs_deploy_change *change,
                              const deploy_respawn *respawn, bool back, airs_error *error)
{
    airs_component *now, *past;
    bool is_taken = look(found, &now, &past);
    airs_component *to = back ? past : change->component == NULL ? now : change->component;
    airs_status status = AIRS_OK;
    bool changes = change->has_config && !component_settings_are(found, change->config, change->config_count);
    if (is_taken && !self->is_late) {
        airs_canary_info ignored;
        bool canary = airs_canary_get_info(self->system, (airs_actor_id){found->cell.id}, &ignored) == AIRS_OK;
        status = base_error_set(error, AIRS_E_TAKEN,
                                canary ? "a canary runs on actor \"%s\": promote it, or roll it back"
                                       : "actor \"%s\" is being deployed to",
                                actor_name(&found->cell));
    } else if (to == NULL) {
        status =
            base_error_set(error, AIRS_E_NOT_FOUND, "actor \"%s\" has had no other version", actor_name(&found->cell));
    } else if (changes || respawn->to != NULL || !wasm_component_equal(to, now)) {
        note_first(self, &found->cell, now, to);
        status = add(self, found, now,
                     &(rollout_target){.actor = found->cell.id,
                                       .rank = change->rank,
                                       .component = to,
                                       .from_past = back,
                                       .has_config = changes,
                                       .config = change->config,
                                       .config_count = change->config_count,
                                       .spawn = respawn->to,
                                       .options = change->options},
                     respawn->from, error);
    }
    airs_component_release(now);
    airs_component_release(past);
    return status;
}

// ---------------------------------------------------------------- a group

bool deploy_plan_group_has(const plan_group *group, const actor *child)
{
    if (child->kind->kind != AIRS_KIND_COMPONENT)
        return false;
    if (group->supervisor != NULL)
        return child->supervisor == group->supervisor;
    // It has never changed.
    const char *made_of = ds_container_of(child, component_actor, cell)->made_of;
    return made_of != NULL && strcmp(made_of, group->template_name) == 0;
}

const char *deploy_plan_group_name(const plan_group *group)
{
    return group->supervisor == NULL ? group->template_name : actor_name(group->supervisor);
}

/// The next actor from `*cursor` on, with a count on it; NULL: there is no other.
static actor *next_actor(const deploy_plan *self, uint32_t *cursor)
{
    actor *found = NULL;
    ds_handle handle;
    sched_read read = sched_read_enter(self->system->sched);
    for (actor *it; found == NULL && (it = ds_slotmap_next(&self->system->actors.actors, cursor, &handle)) != NULL;) {
        if (actor_retain(it))
            found = it;
    }
    sched_read_leave(self->system->sched, read);
    return found;
}

/// The next child of a group from `*cursor` on, with a count on it; NULL: there is no other.
static component_actor *next_child(const deploy_plan *self, const plan_group *group, uint32_t *cursor)
{
    component_actor *child = NULL;
    ds_handle handle;
    sched_read read = sched_read_enter(self->system->sched);
    for (actor *it; child == NULL && (it = ds_slotmap_next(&self->system->actors.actors, cursor, &handle)) != NULL;) {
        if (deploy_plan_group_has(group, it) && actor_retain(it))
            child = component_actor_of(it);
    }
    sched_read_leave(self->system->sched, read);
    return child;
}

static int by_actor(const void *a, const void *b)
{
    const plan_origin *x = a, *y = b;
    return (x->actor > y->actor) - (x->actor < y->actor);
}

/// NULL: it is no target. They are sorted.
static const plan_origin *find_origin(const deploy_plan *self, uint64_t id)
{
    plan_origin key = {.actor = id};
    return self->count == 0 ? NULL : bsearch(&key, self->origins, self->count, sizeof key, by_actor);
}

/// Whether it comes with the state that was kept for it.
static bool is_back(component_actor *child, const airs_component *to)
{
    airs_component *now, *past;
    (void)look(child, &now, &past);
    bool back = past != NULL && wasm_component_equal(past, to);
    airs_component_release(now);
    airs_component_release(past);
    return back;
}

/// Whether a child was made of the version that its template has lost again: it is no target of that deployment, nor
/// has it ever been one. Who was deployed to by itself keeps that.
static bool has_come_late(component_actor *child, const deploy_plan *of)
{
    airs_component *now, *past;
    (void)look(child, &now, &past);
    bool late = past == NULL && find_origin(of, child->cell.id) == NULL;
    airs_component_release(now);
    airs_component_release(past);
    return late;
}

static const airs_setting *find_setting(const airs_setting *list, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].key, key) == 0)
            return &list[i];
    }
    return NULL;
}

/// What a child is to have: its own settings as they are; where it has those of the template before, those of now, and
/// those that are new. `list` has room for all.
static size_t merge(airs_setting *list, const component_settings *has, const airs_spawn_options *was,
                    const airs_spawn_options *is)
{
    size_t count = 0;
    for (size_t i = 0; i < has->count; i++) {
        const airs_setting *mine = &has->list[i];
        const airs_setting *before = find_setting(was->config, was->config_count, mine->key);
        const airs_setting *now = find_setting(is->config, is->config_count, mine->key);
        if (before == NULL || strcmp(before->value, mine->value) != 0)
            list[count++] = *mine;
        else if (now != NULL)
            list[count++] = *now;
    }
    for (size_t i = 0; i < is->config_count; i++) {
        if (find_setting(list, count, is->config[i].key) == NULL)
            list[count++] = is->config[i];
    }
    return count;
}

/// The settings of a child of a template that changes. Errors: E_NOMEM; nothing is left then.
static airs_status merge_settings(component_settings *ret, component_actor *child, const deploy_respawn *respawn,
                                  const airs_allocator *allocator, airs_error *error)
{
    component_settings has = {0};
    const airs_spawn_options *is = &respawn->made_of->options;
    bool ok = component_settings_copy_of(&has, child, allocator);
    airs_setting *list = ok ? base_alloc_array(allocator, has.count + is->config_count + 1, sizeof *list) : NULL;
    ok = list != NULL &&
         component_settings_copy(ret, list, merge(list, &has, &respawn->was_made_of->options, is), allocator);
    base_free(allocator, list);
    component_settings_free(&has, allocator);
    return ok ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
}

static airs_status plan_child(deploy_plan *self, component_actor *child, const airs_deploy_change *change,
                              const deploy_respawn *respawn, airs_error *error)
{
    if (respawn->made_of == NULL)
        return plan_actor(self, child, change, respawn, false, error);
    uint32_t before = self->count;
    airs_deploy_change merged = *change;
    component_settings settings = {0};
    airs_status status = merge_settings(&settings, child, respawn, self->system->allocator, error);
    if (status != AIRS_OK)
        return status;
    merged.has_config = true;
    merged.config = settings.list;
    merged.config_count = settings.count;
    status = plan_actor(self, child, &merged, respawn, false, error);
    if (self->count > before)
        self->origins[before].merged = settings;
    else
        component_settings_free(&settings, self->system->allocator);
    return status;
}

/// `late_of` (may be NULL): only those that have come late to it.
static airs_status plan_children(deploy_plan *self, const plan_group *group, const airs_deploy_change *change,
                                 const deploy_respawn *respawn, bool back, const deploy_plan *late_of,
                                 airs_error *error)
{
    airs_status status = AIRS_OK;
    uint32_t cursor = 0;
    for (component_actor *child; status == AIRS_OK && (child = next_child(self, group, &cursor)) != NULL;) {
        uint32_t before = self->count;
        if (late_of == NULL || has_come_late(child, late_of))
            status = plan_child(self, child, change, respawn, error);
        if (self->count > before)
            self->targets[before].from_past = back && is_back(child, change->component);
        actor_release(&child->cell);
    }
    return status;
}

/// Adds a supervisor with all its children. `back`: they get what they were made of before.
static airs_status plan_group_of(deploy_plan *self, actor *supervisor, const airs_deploy_change *change,
                                 const deploy_respawn *respawn, bool back, airs_error *error)
{
    child_template *made = child_template_of(supervisor);
    airs_component *now, *past;
    child_template_look(made, &now, &past);
    airs_component *to = back ? past : change->component == NULL ? now : change->component;
    bool is_first = self->record.actor[0] == '\0';
    airs_status status = AIRS_OK;
    if (change->has_config)
        status = base_error_set(error, AIRS_E_UNSUPPORTED, "the settings of what \"%s\" makes can't be changed",
                                actor_name(supervisor));
    else if (now == NULL)
        status = base_error_set(error, AIRS_E_UNSUPPORTED, "the children of \"%s\" are no components",
                                actor_name(supervisor));
    else if (to == NULL)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "the children of \"%s\" have had no other version",
                                actor_name(supervisor));
    else if (back || change->component != NULL || respawn->made_of != NULL)
        status = plan_children(self, &(plan_group){.supervisor = supervisor},
                               &(airs_deploy_change){.rank = change->rank, .component = to, .options = change->options},
                               respawn, back, NULL, error);
    // What is deployed to its children is deployed to the group.
    if (is_first && self->record.actor[0] != '\0')
        name_first(self, supervisor);
    template_list other = {0};
    if (status == AIRS_OK && respawn->made_of != NULL)
        status = template_list_copy(&other, respawn->made_of, 1, true, self->system->allocator, error);
    bool changes = status == AIRS_OK && (respawn->made_of != NULL || !wasm_component_equal(now, to));
    if (changes && actor_retain(supervisor)) {
        note_first(self, supervisor, now, to);
        airs_component_retain(now);
        airs_component_retain(to);
        self->groups[self->groups_count++] = (plan_group){.supervisor = supervisor,
                                                          .made = made,
                                                          .rank = change->rank,
                                                          .from = now,
                                                          .to = to,
                                                          .options = change->options,
                                                          .respawn = *respawn,
                                                          .other = other};
    }
    airs_component_release(now);
    airs_component_release(past);
    return status;
}

// ---------------------------------------------------------------- templates of components

/// Components in whose place others may come: by the change, and by one back.
#define RESERVED(group) ((group)->named_count + 2)

static void free_named(const deploy_plan *self, plan_group *group)
{
    for (size_t i = 0; i < group->named_count; i++)
        airs_component_release(group->named[i]);
    base_free(self->system->allocator, group->named);
    group->named = NULL;
    group->named_count = 0;
}

/// Adds a component that is not among them yet. False without memory.
static bool add_named(const deploy_plan *self, plan_group *group, airs_component *component)
{
    for (size_t i = 0; i < group->named_count; i++) {
        if (wasm_component_equal(group->named[i], component))
            return true;
    }
    airs_component **more =
        base_realloc(self->system->allocator, group->named, (group->named_count + 1) * sizeof(airs_component *));
    if (more == NULL)
        return false;
    airs_component_retain(component);
    group->named = more;
    group->named[group->named_count++] = component;
    return true;
}

/// What templates of the name are of, in a list and in the lists of those in it. They are a few levels deep.
static bool find_named(const deploy_plan *self, plan_group *group, const airs_template *list, size_t count)
{
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (list[i].component != NULL && strcmp(list[i].name, group->template_name) == 0)
            ok = add_named(self, group, list[i].component);
        if (ok)
            ok = find_named(self, group, list[i].options.templates, list[i].options.templates_count);
    }
    return ok;
}

typedef struct naming {
    const deploy_plan *plan;
    plan_group *group;
    bool ok;
} naming;

static void find_in_template(void *user, const airs_template *of)
{
    naming *it = user;
    it->ok = it->ok && find_named(it->plan, it->group, of->options.templates, of->options.templates_count);
}

/// The same of all that may spawn, now or once they are made.
static bool find_all_named(const deploy_plan *self, plan_group *group)
{
    naming it = {self, group, true};
    uint32_t cursor = 0;
    template_versions_each(&self->system->components.versions, find_in_template, &it);
    for (actor *next; it.ok && (next = next_actor(self, &cursor)) != NULL; actor_release(next)) {
        child_template *made = child_template_of(next);
        if (next->kind->kind == AIRS_KIND_COMPONENT) {
            const template_list *own = &component_actor_of(next)->children_of.templates;
            os_mutex_lock(&next->info_lock);
            it.ok = find_named(self, group, own->list, own->count);
            os_mutex_unlock(&next->info_lock);
        } else if (made != NULL) {
            child_template_show(made, find_in_template, &it);
        }
    }
    return it.ok;
}

static void note_template(deploy_plan *self, const plan_group *group)
{
    airs_deploy_record *record = &self->record;
    if (record->actor[0] != '\0')
        return;
    (void)snprintf(record->actor, sizeof record->actor, "template %.100s", group->template_name);
    base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(group->from->metadata.version));
    base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(group->to->metadata.version));
    base_text_copy(record->component, sizeof record->component, base_bytes_of(group->to->metadata.name));
}

/// Whether what children of its templates are made of now is another one, of all of them or of some.
static bool changes(const deploy_plan *self, const plan_group *group)
{
    template_versions *versions = &self->system->components.versions;
    bool changed = group->respawn.made_of != NULL || !wasm_component_equal(group->from, group->to);
    for (size_t i = 0; !changed && i < group->named_count; i++) {
        const airs_template of = {.name = group->template_name, .component = group->named[i]};
        airs_template now;
        template_versions_enter(versions, &of, &now);
        changed = !wasm_component_equal(now.component, group->to);
        template_versions_leave(versions);
    }
    return changed;
}

/// `group` has what its templates name, `now` what children are made of; both are the group's then.
static airs_status plan_named(deploy_plan *self, plan_group *group, const airs_deploy_change *change, bool back,
                              airs_error *error)
{
    const airs_deploy_change each = {.rank = change->rank, .component = group->to, .options = change->options};
    airs_status status = plan_children(self, group, &each, &group->respawn, back, NULL, error);
    if (status != AIRS_OK || !changes(self, group))
        return status;
    if (group->respawn.made_of != NULL)
        status = template_list_copy(&group->other, group->respawn.made_of, 1, true, self->system->allocator, error);
    if (status != AIRS_OK)
        return status;
    if (!template_versions_reserve(&self->system->components.versions, group->template_name, RESERVED(group)))
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    note_template(self, group);
    self->groups[self->groups_count++] = *group;
    // The plan's now.
    *group = (plan_group){.supervisor = NULL};
    return AIRS_OK;
}

/// Adds the templates of components that have a name, with all their children. Where nobody can spawn of such a one, or
/// it has had no other version to go `back` to, there is nothing to do.
static airs_status plan_templates(deploy_plan *self, const airs_deploy_change *change, const deploy_respawn *respawn,
                                  bool back, airs_error *error)
{
    airs_component *past;
    plan_group group = {
        .template_name = change->template_name, .rank = change->rank, .options = change->options, .respawn = *respawn};
    if (change->has_config)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "the settings of what the template \"%s\" makes can't be changed", change->template_name);
    template_versions_look(&self->system->components.versions, group.template_name, &group.from, &past);
    group.to = back ? past : change->component;
    if (!back) {
        airs_component_release(past);
        airs_component_retain(group.to);
    }
    airs_status status = AIRS_OK;
    if (!find_all_named(self, &group))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    if (group.from == NULL && group.named_count > 0) {
        group.from = group.named[0];
        airs_component_retain(group.from);
    }
    if (status == AIRS_OK && group.from != NULL && group.to != NULL)
        status = plan_named(self, &group, change, back, error);
    free_named(self, &group);
    template_list_free(&group.other, self->system->allocator);
    airs_component_release(group.from);
    airs_component_release(group.to);
    return status;
}

// ---------------------------------------------------------------- the whole of it

static airs_status plan_change(deploy_plan *self, const airs_deploy_change *change, const deploy_respawn *respawn,
                               bool back, airs_error *error)
{
    actor *found;
    if (change->template_name != NULL)
        return plan_templates(self, change, respawn, back, error);
    airs_status status = find_and_retain(self->system, change->actor, &found, error);
    if (status != AIRS_OK)
        return status;
    if (child_template_of(found) != NULL)
        status = plan_group_of(self, found, change, respawn, back, error);
    else if (found->kind->kind == AIRS_KIND_COMPONENT)
        status = plan_actor(self, component_actor_of(found), change, respawn, back, error);
    else
        status = base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\" is no component", actor_name(found));
    actor_release(found);
    return status;
}

static airs_status check_twice(const airs_deploy_change *targets, size_t at, airs_error *error)
{
    const char *name = targets[at].template_name;
    for (size_t i = 0; i < at; i++) {
        if (name != NULL && targets[i].template_name != NULL && strcmp(targets[i].template_name, name) == 0)
            return base_error_set(error, AIRS_E_INVALID, "the template \"%s\" is named twice", name);
        if (name == NULL && targets[i].template_name == NULL && targets[i].actor.raw == targets[at].actor.raw)
            return base_error_set(error, AIRS_E_INVALID, "actor %016" PRIx64 " is named twice", targets[at].actor.raw);
    }
    return AIRS_OK;
}

static const plan_group *group_of(const deploy_plan *self, const actor *child)
{
    for (uint32_t i = 0; i < self->groups_count; i++) {
        if (deploy_plan_group_has(&self->groups[i], child))
            return &self->groups[i];
    }
    return NULL;
}

/// A child that is named beside its group would be a target twice.
static airs_status check_groups(const deploy_plan *self, const airs_deploy_change *targets, size_t count,
                                airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; self->groups_count > 0 && status == AIRS_OK && i < count; i++) {
        actor *found;
        if (targets[i].template_name != NULL ||
            find_and_retain(self->system, targets[i].actor, &found, NULL) != AIRS_OK)
            continue;
        const plan_group *group = group_of(self, found);
        if (group != NULL)
            status = base_error_set(error, AIRS_E_INVALID, "actor \"%s\" is named twice: itself, and with \"%s\"",
                                    actor_name(found), deploy_plan_group_name(group));
        actor_release(found);
    }
    return status;
}

void deploy_plan_fini(deploy_plan *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        airs_component_release(self->targets[i].component);
        airs_component_release(self->origins[i].component);
        component_settings_free(&self->origins[i].config, self->system->allocator);
        component_settings_free(&self->origins[i].merged, self->system->allocator);
    }
    for (uint32_t i = 0; i < self->groups_count; i++) {
        airs_component_release(self->groups[i].from);
        airs_component_release(self->groups[i].to);
        template_list_free(&self->groups[i].other, self->system->allocator);
        if (self->groups[i].supervisor != NULL)
            actor_release(self->groups[i].supervisor);
        else
            template_versions_give_back(&self->system->components.versions, self->groups[i].template_name,
                                        RESERVED(&self->groups[i]));
        free_named(self, &self->groups[i]);
    }
    base_free(self->system->allocator, self->targets);
    base_free(self->system->allocator, self->origins);
    base_free(self->system->allocator, self->options);
    base_free(self->system->allocator, self->groups);
    base_free(self->system->allocator, self->lost);
}

/// The change as it is planned: with options that are complete.
static airs_status complete(deploy_plan *self, const airs_deploy_change *change, size_t at, airs_deploy_change *ret,
                            airs_error *error)
{
    *ret = *change;
    if (change->options == NULL)
        return AIRS_OK;
    self->options[at] = *change->options;
    ret->options = &self->options[at];
    return rollout_complete(&self->options[at], error);
}

airs_status deploy_plan_init(deploy_plan *self, airs_system *system, const airs_deploy_change *changes,
                             const deploy_respawn *respawns, size_t count, bool back, airs_error *error)
{
    static const deploy_respawn nothing = {0};
    *self = (deploy_plan){.system = system,
                          .groups = base_alloc_array(system->allocator, count, sizeof *self->groups),
                          .options = base_alloc_array(system->allocator, count, sizeof *self->options)};
    airs_status status = self->groups == NULL || self->options == NULL
                             ? base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment")
                             : AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        airs_deploy_change change;
        status = check_twice(changes, i, error);
        if (status == AIRS_OK)
            status = complete(self, &changes[i], i, &change, error);
        if (status == AIRS_OK)
            status = plan_change(self, &change, respawns == NULL ? &nothing : &respawns[i], back, error);
    }
    if (status == AIRS_OK)
        status = check_groups(self, changes, count, error);
    if (status != AIRS_OK)
        deploy_plan_fini(self);
    return status;
}

// ---------------------------------------------------------------- templates

static void change_template(const deploy_plan *self, plan_group *group, airs_component *to, airs_component *from)
{
    if (group->supervisor == NULL)
        template_versions_change(&self->system->components.versions, group->template_name, group->named,
                                 group->named_count, to, from, group->respawn.made_of == NULL ? NULL : &group->other);
    else if (group->other.count > 0)
        child_template_exchange(group->made, &group->other);
    else
        child_template_change(group->made, to);
}

void deploy_plan_change_templates(deploy_plan *self)
{
    for (uint32_t i = 0; i < self->groups_count; i++)
        change_template(self, &self->groups[i], self->groups[i].to, self->groups[i].from);
}

void deploy_plan_restore_templates(deploy_plan *self)
{
    for (uint32_t i = 0; i < self->groups_count; i++)
        change_template(self, &self->groups[i], self->groups[i].from, self->groups[i].to);
}

/// What it had, settings too; one that has ended meanwhile needs nothing.
static airs_status plan_return(deploy_plan *self, const plan_origin *origin, airs_error *error)
{
    component_actor *found;
    if (deploy_find_component_actor(self->system, (airs_actor_id){origin->actor}, &found, NULL) != AIRS_OK)
        return AIRS_OK;
    airs_deploy_change change = {.rank = origin->rank,
                                 .component = origin->component,
                                 .has_config = origin->has_config,
                                 .config = origin->config.list,
                                 .config_count = origin->config.count,
                                 .options = origin->options};
    uint32_t before = self->count;
    const deploy_respawn respawn = {.to = origin->spawn};
    airs_status status = plan_actor(self, found, &change, &respawn, false, error);
    if (self->count > before)
        self->targets[before].from_past = is_back(found, origin->component);
    actor_release(&found->cell);
    return status;
}

airs_status deploy_plan_late(deploy_plan *self, bool back, deploy_plan *ret_plan, airs_error *error)
{
    *ret_plan = (deploy_plan){.system = self->system, .is_late = true};
    airs_status status = AIRS_OK;
    if (self->count > 0)
        qsort(self->origins, self->count, sizeof *self->origins, by_actor);
    for (uint32_t i = 0; back && status == AIRS_OK && i < self->count; i++)
        status = plan_return(ret_plan, &self->origins[i], error);
    for (uint32_t i = 0; status == AIRS_OK && i < self->groups_count; i++) {
        const plan_group *group = &self->groups[i];
        airs_deploy_change change = {
            .rank = group->rank, .component = back ? group->from : group->to, .options = group->options};
        // Of other settings than the component nobody can tell by looking who has them.
        const deploy_plan *late_of = back || group->respawn.made_of != NULL ? self : NULL;
        deploy_respawn respawn = group->respawn;
        if (back)
            respawn = (deploy_respawn){respawn.from, respawn.to, respawn.was_made_of, respawn.made_of};
        status = plan_children(ret_plan, group, &change, &respawn, false, late_of, error);
    }
    for (uint32_t i = 0; back && i < ret_plan->count; i++)
        ret_plan->targets[i].puts_back = true;
    // Others look into one with a canary (canaries.c).
    if (status == AIRS_OK && !back && self->canary == NULL && !grow(self, ret_plan->count))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    if (status != AIRS_OK)
        deploy_plan_fini(ret_plan);
    return status;
}

void deploy_plan_join(deploy_plan *self, deploy_plan *late)
{
    AIRS_ASSERT(late->count <= self->capacity - self->count);
    for (uint32_t i = 0; i < late->count; i++) {
        self->targets[self->count] = late->targets[i];
        self->origins[self->count++] = late->origins[i];
    }
    late->count = 0;
}
