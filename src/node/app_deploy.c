// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_deploy.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/log.h"
#include "deploy/compare.h"
#include "deploy/outcome.h"
#include "node/app_digest.h"
#include "node/app_grants.h"
#include "node/app_probation.h"
#include "node/deploy_told.h"
#include "node/history.h"
#include "node/store_impl.h"
#include "node/system.h"
#include "os/clock.h"

// ---------------------------------------------------------------- the plan

static const deploy_hash *hashes_of(const node_boot *boot)
{
    deploy_hash *hashes = base_alloc_array(base_allocator_default(), boot->versions_count + 1, sizeof *hashes);
    for (size_t i = 0; hashes != NULL && i < boot->versions_count; i++)
        memcpy(hashes[i].bytes, boot->versions[i].content.hash, sizeof hashes[i].bytes);
    return hashes;
}

static const bool *removed_of(const node_boot *boot)
{
    const deploy_manifest *manifest = &boot->manifest;
    bool *removed = base_alloc_array(base_allocator_default(), manifest->names_count + 1, sizeof *removed);
    for (size_t i = 0; removed != NULL && i < manifest->names_count; i++)
        removed[i] = node_boot_is_removed(boot, &manifest->names[i]);
    return removed;
}

static airs_status compare(node_app_plan *plan, airs_error *error)
{
    deploy_side from = {&plan->from.manifest, hashes_of(&plan->from), removed_of(&plan->from)};
    deploy_side to = {&plan->to.manifest, hashes_of(&plan->to), removed_of(&plan->to)};
    airs_status status = from.hashes != NULL && to.hashes != NULL && from.removed != NULL && to.removed != NULL
                             ? deploy_difference_make(&plan->difference, &from, &to, error)
                             : base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    base_free(base_allocator_default(), (void *)(uintptr_t)from.hashes);
    base_free(base_allocator_default(), (void *)(uintptr_t)to.hashes);
    base_free(base_allocator_default(), (void *)(uintptr_t)from.removed);
    base_free(base_allocator_default(), (void *)(uintptr_t)to.removed);
    return status;
}

static airs_status read_wish(node_app_plan *plan, const node_durable *durable, const node_app_wish *wish,
                             airs_error *error)
{
    bool same = false;
    airs_status status = node_boot_stored(&plan->from, durable->store, durable->app, error);
    if (status != AIRS_OK)
        return status;
    if (wish->add != NULL)
        return node_boot_with(&plan->to, &plan->from, wish->add, error);
    if (wish->path == NULL)
        return node_boot_past(&plan->to, durable->store, durable->app, error);
    status = node_boot_next(&plan->to, durable->store, wish->path, &same, error);
    if (status == AIRS_OK && strcmp(plan->to.manifest.name.text, durable->app) != 0)
        status = base_error_set(error, AIRS_E_INVALID, "%s is the app %s, and this node runs %s", wish->path,
                                plan->to.manifest.name.text, durable->app);
    return status;
}

airs_status node_app_plan_make(node_app_plan *plan, const node_durable *durable, const node_app_wish *wish,
                               airs_error *error)
{
    *plan = (node_app_plan){.back = wish->path == NULL && wish->add == NULL};
    if (durable->store == NULL)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "the node keeps no state, so there is nothing to deploy onto: start it with --state-dir");
    airs_status status = read_wish(plan, durable, wish, error);
    if (status == AIRS_OK)
        status = compare(plan, error);
    if (status == AIRS_OK)
        app_digest_make(plan, &plan->digest);
    else
        node_app_plan_fini(plan);
    return status;
}

const char *node_app_plan_canary(const node_app_plan *plan, const deploy_item *item)
{
    bool changes = item->what == DEPLOY_CHANGED && item->component;
    return changes && !plan->back ? deploy_item_described(item, &plan->to.manifest)->policy.canary.text : NULL;
}

void node_app_plan_check_canary(node_app_plan *plan, const char *asked)
{
    deploy_difference *difference = &plan->difference;
    if (difference->refused[0] != '\0' || asked[0] == '\0' || strcmp(asked, "none") == 0)
        return;
    if (plan->to.added != NULL)
        (void)snprintf(difference->refused, sizeof difference->refused,
                       "canary %.32s: a canary tries another component beside the one that is there, and of that alone",
                       asked);
    else
        (void)snprintf(difference->refused, sizeof difference->refused,
                       "canary %.32s: a whole app is deployed to all of it at once: try one of its components first "
                       "(`airssys deploy COMPONENT --name NAME --canary %.32s`), or leave the canary out",
                       asked, asked);
}

void node_app_plan_fini(node_app_plan *plan)
{
    deploy_difference_fini(&plan->difference);
    node_boot_fini(&plan->from);
    node_boot_fini(&plan->to);
}

// ---------------------------------------------------------------- carrying it out

typedef struct carrying {
    node_app_plan *plan;
    const node_durable *durable;
    node_app *app;
    airs_system *system;
    airs_deploy_options options;
    airs_deploy_record record;
    int64_t row;
    airs_deploy_change *changes;
    airs_deploy_options *policies;
    size_t changes_count;
    /// What else of them changes.
    deploy_respawn *respawns;
    /// Once that is done; NULL: it is not, or there was nothing.
    deploy_done *done;
    app_settings settings;
    app_probation probation;
    /// Grants were given, maybe not all.
    bool granted;
    /// Items that were started.
    size_t started;
} carrying;

static const deploy_item *item_at(const carrying *it, size_t i)
{
    return &it->plan->difference.items[i];
}

static bool is_there(const carrying *it, const char *name, airs_actor_id *ret)
{
    airs_actor_info info;
    return airs_lookup(it->system, name, ret) == AIRS_OK && airs_actor_get_info(it->system, *ret, &info) == AIRS_OK &&
           info.state != AIRS_ACTOR_TERMINATED;
}

static airs_status load(const carrying *it, const deploy_actor *of, airs_component **ret, airs_error *error)
{
    return airs_component_load_file(it->system, of->component_path, ret, error);
}

// ---------------------------------------------------------------- grants

/// Once more when it was done before: for members of templates that were made meanwhile.
static airs_status grant_all(carrying *it, airs_error *error)
{
    airs_status status = AIRS_OK;
    it->granted = true;
    for (size_t i = 0; status == AIRS_OK && i < it->plan->difference.count; i++)
        status = app_grants_give(&it->settings, item_at(it, i), error);
    return status == AIRS_OK ? app_spawning_give(&it->settings.spawning, error) : status;
}

// ---------------------------------------------------------------- what is new

static bool is_added(const carrying *it, const char *name)
{
    bool found = false;
    for (size_t i = 0; !found && i < it->plan->difference.count; i++)
        found = item_at(it, i)->what == DEPLOY_ADDED && strcmp(item_at(it, i)->name, name) == 0;
    return found;
}

/// Whether its group, or one above, was there before and is not now: it is started with that one.
static bool waits_for_group(const carrying *it, const deploy_item *item)
{
    const deploy_manifest *manifest = &it->plan->to.manifest;
    const char *group = deploy_manifest_group_of(manifest, deploy_manifest_find(manifest, item->name));
    airs_actor_id id;
    bool waits = false;
    for (; !waits && group != NULL; group = deploy_manifest_group_of(manifest, deploy_manifest_find(manifest, group)))
        waits = !is_added(it, group) && !is_there(it, group, &id);
    return waits;
}

static airs_status start_item(carrying *it, const deploy_item *item, airs_error *error)
{
    const deploy_manifest *to = &it->plan->to.manifest;
    if (item->kind == DEPLOY_KIND_GROUP)
        return node_app_make(it->app, to, item->name, NULL, error);
    return app_probation_make(&it->probation, it->app, to, &to->actors[item->place], error);
}

static airs_status start_all(carrying *it, airs_error *error)
{
    airs_status status = app_probation_init(&it->probation, it->system, it->plan->difference.count, error);
    for (size_t i = 0; status == AIRS_OK && i < it->plan->difference.count; i++) {
        const deploy_item *item = item_at(it, i);
        it->started = i;
        if (item->what == DEPLOY_ADDED && item->kind != DEPLOY_KIND_TEMPLATE && !waits_for_group(it, item))
            status = start_item(it, item, error);
        if (status != AIRS_OK && it->plan->to.added != NULL)
            node_boot_say_plainly(&it->plan->to, error);
    }
    if (status == AIRS_OK)
        it->started = it->plan->difference.count;
    return status;
}

static void stop_item(const carrying *it, const deploy_item *item)
{
    airs_actor_id id;
    if (item->kind != DEPLOY_KIND_TEMPLATE && airs_lookup(it->system, item->name, &id) == AIRS_OK) {
        airs_status status = airs_stop(it->system, id);
        if (status != AIRS_OK && status != AIRS_E_GONE)
            base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "%s is not stopped: %s", item->name,
                           airs_status_text(status));
    }
}

/// What has been done goes back, the last first.
static void undo(carrying *it)
{
    for (size_t i = it->started; i-- > 0;) {
        if (item_at(it, i)->what == DEPLOY_ADDED)
            stop_item(it, item_at(it, i));
    }
    for (size_t i = 0; it->granted && i < it->plan->difference.count; i++)
        app_grants_take_back(&it->settings, item_at(it, i));
    if (it->granted)
        app_spawning_take_back(&it->settings.spawning);
    app_settings_take_back_first(&it->settings);
}

// ---------------------------------------------------------------- what changes

static void take_policy(airs_deploy_options *to, const airs_deploy_options *given, const deploy_policy *policy)
{
    *to = *given;
    if (given->drain_timeout_ms == 0)
        to->drain_timeout_ms = policy->drain_timeout_ms;
    if (given->on_no_state == AIRS_NO_STATE_AUTO)
        to->on_no_state = (airs_on_no_state)policy->on_no_state;
    if (given->rollback_state == AIRS_ROLLBACK_CARRY)
        to->rollback_state = (airs_rollback_state)policy->rollback_state;
}

/// The longest probation and the smallest number at once that one of them wants.
static void widen(carrying *it, const airs_deploy_options *given, const deploy_policy *policy)
{
    airs_deploy_options *all = &it->options;
    if (given->probation_ms == 0 && policy->probation_ms > 0 && policy->probation_ms > all->probation_ms)
        all->probation_ms = policy->probation_ms;
    if (policy->parallel_max > 0 && (all->parallel_max == 0 || policy->parallel_max < all->parallel_max))
        all->parallel_max = policy->parallel_max;
}

static airs_status add_change(carrying *it, const deploy_item *item, airs_actor_id id, const airs_deploy_options *given,
                              airs_error *error)
{
    const deploy_actor *now = deploy_item_described(item, &it->plan->to.manifest);
    size_t at = it->changes_count;
    take_policy(&it->policies[at], given, &now->policy);
    widen(it, given, &now->policy);
    it->changes[at] = (airs_deploy_change){.actor = id,
                                           .rank = item->rank,
                                           // What a template makes has its own settings too: those are merged.
                                           .has_config = item->config && item->kind == DEPLOY_KIND_ACTOR,
                                           .config = now->config.items,
                                           .config_count = now->config.count,
                                           .options = &it->policies[at]};
    it->changes_count++;
    airs_status status = app_settings_respawn(&it->settings, item, &it->respawns[at], error);
    // What components spawn of a template names one, also where it stays.
    bool loads = item->component || id.raw == 0;
    return status == AIRS_OK && loads ? load(it, now, &it->changes[at].component, error) : status;
}

/// Whether the children of a group are of the template, and stay so.
static bool is_made_of(const carrying *it, const deploy_group *group, const char *template_name)
{
    const deploy_manifest *to = &it->plan->to.manifest;
    const deploy_named *is = deploy_manifest_find(to, group->name.text);
    if (group->template_name.text == NULL || strcmp(group->template_name.text, template_name) != 0)
        return false;
    return is == NULL || is->kind != DEPLOY_KIND_GROUP ||
           deploy_compare_texts(to->groups[is->place].template_name, group->template_name);
}

/// A template stands for the groups that are made of it, and for what components spawn of it.
static airs_status add_groups(carrying *it, const deploy_item *item, const airs_deploy_options *given,
                              airs_error *error)
{
    const deploy_manifest *manifest = &it->plan->from.manifest;
    airs_status status = AIRS_OK;
    airs_actor_id id;
    for (size_t i = 0; status == AIRS_OK && i < manifest->groups_count; i++) {
        const deploy_group *group = &manifest->groups[i];
        if (is_made_of(it, group, item->name) && is_there(it, group->name.text, &id))
            status = add_change(it, item, id, given, error);
    }
    size_t at = it->changes_count;
    if (status == AIRS_OK)
        status = add_change(it, item, (airs_actor_id){0}, given, error);
    if (it->changes_count > at)
        it->changes[at].template_name = item->name;
    return status;
}

/// One that does not run has its new version when it is started again.
static airs_status plan_changes(carrying *it, const airs_deploy_options *given, airs_error *error)
{
    const deploy_difference *difference = &it->plan->difference;
    size_t room = 2 * difference->count + it->plan->from.manifest.groups_count + 1;
    it->changes = base_alloc_zeroed(base_allocator_default(), room * sizeof *it->changes);
    it->policies = base_alloc_zeroed(base_allocator_default(), room * sizeof *it->policies);
    it->respawns = base_alloc_zeroed(base_allocator_default(), room * sizeof *it->respawns);
    if (it->changes == NULL || it->policies == NULL || it->respawns == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    airs_status status = AIRS_OK;
    airs_actor_id id;
    for (size_t i = 0; status == AIRS_OK && i < difference->count; i++) {
        const deploy_item *item = &difference->items[i];
        if (item->what == DEPLOY_ADDED && item->kind == DEPLOY_KIND_ACTOR)
            widen(it, given, &it->plan->to.manifest.actors[item->place].policy);
        if (!app_settings_respawns(item))
            continue;
        if (item->kind == DEPLOY_KIND_TEMPLATE)
            status = add_groups(it, item, given, error);
        else if (is_there(it, item->name, &id))
            status = add_change(it, item, id, given, error);
    }
    return status == AIRS_OK ? app_settings_prepare(&it->settings, error) : status;
}

static airs_status roll_out(carrying *it, airs_error *error)
{
    it->record.result.deployed = !it->options.dry_run;
    return it->changes_count == 0 ? AIRS_OK
                                  : deploy_changes(it->system, it->changes, it->respawns, it->changes_count,
                                                   &it->options, &it->probation.brake, &it->record, &it->done, error);
}

/// What was added has been there for as long as what was changed, or longer.
static airs_status watch_added(carrying *it, uint64_t since_ns, airs_error *error)
{
    airs_deploy_options options = it->options;
    airs_status status = rollout_complete(&options, error);
    if (status != AIRS_OK)
        return status;
    bool none = options.probation_ms == AIRS_NO_PROBATION;
    status =
        app_probation_wait(&it->probation, none ? since_ns : os_deadline_ms(since_ns, options.probation_ms), error);
    return status == AIRS_OK ? app_probation_add_terms(&it->probation, &it->settings.live, error) : status;
}

static void free_changes(carrying *it)
{
    deploy_done_end(it->done);
    app_probation_fini(&it->probation);
    for (size_t i = 0; i < it->changes_count; i++)
        airs_component_release(it->changes[i].component);
    base_free(base_allocator_default(), it->changes);
    base_free(base_allocator_default(), it->policies);
    base_free(base_allocator_default(), it->respawns);
    app_settings_fini(&it->settings);
}

// ---------------------------------------------------------------- the record, and the disk

static const char *version_of(const node_boot *boot)
{
    return boot->manifest.version.text == NULL ? "" : boot->manifest.version.text;
}

/// The record of an actor that is added is about that actor. That its component can't be loaded is said before anything
/// has begun.
static airs_status describe_added(carrying *it, airs_error *error)
{
    airs_deploy_record *record = &it->record;
    const node_boot *to = &it->plan->to;
    airs_component *component;
    airs_actor_info info;
    airs_actor_id id;
    if (to->added == NULL)
        return AIRS_OK;
    const deploy_named *named = deploy_manifest_find(&to->manifest, to->added);
    airs_status status = load(it, &to->manifest.actors[named->place], &component, error);
    if (status != AIRS_OK)
        return status;
    base_text_copy(record->actor, sizeof record->actor, base_bytes_of(to->added));
    base_text_copy(record->component, sizeof record->component, base_bytes_of(airs_component_name(component)));
    base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(airs_component_version(component)));
    airs_component_release(component);
    if (!to->added_anew && is_there(it, to->added, &id) && airs_actor_get_info(it->system, id, &info) == AIRS_OK)
        base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(info.version));
    if (to->added_anew && !it->options.dry_run)
        base_text_copy(record->result.text, sizeof record->result.text, base_bytes_of("as a new actor"));
    return AIRS_OK;
}

static airs_status begin(carrying *it, airs_error *error)
{
    airs_deploy_record *record = &it->record;
    record->time_ms = (uint64_t)store_now_ms();
    record->rollback = it->plan->back;
    record->dry_run = it->options.dry_run;
    base_text_copy(record->by, sizeof record->by, base_bytes_of(it->options.by == NULL ? "" : it->options.by));
    if (it->plan->to.added == NULL) {
        (void)snprintf(record->actor, sizeof record->actor, "app %s", it->durable->app);
        base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(version_of(&it->plan->from)));
        base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(version_of(&it->plan->to)));
    }
    return node_store_begin_deploy(it->durable->store, it->durable->app, record, &it->row, error);
}

/// Names of which nothing of before is to be left: what has come or gone, and what was added and removed since.
static const char **names_of(const carrying *it, size_t *ret_count)
{
    const node_boot *from = &it->plan->from;
    const deploy_difference *difference = &it->plan->difference;
    size_t room = difference->count + from->manifest.actors_count + 1;
    const char **names = base_alloc_array(base_allocator_default(), room, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; names != NULL && i < difference->count; i++) {
        if (difference->items[i].what != DEPLOY_CHANGED)
            names[count++] = difference->items[i].name;
    }
    for (size_t i = 0; names != NULL && it->plan->to.added != NULL && i < from->manifest.actors_count; i++) {
        if (node_boot_is_cut(from, &it->plan->to, &from->manifest.actors[i]))
            names[count++] = from->manifest.actors[i].name.text;
    }
    *ret_count = count;
    return names;
}

/// The one of before, which another one of those that were added names.
static bool past_has(const airs_buffer *past, const char *added)
{
    return deploy_addition_is_in((airs_bytes){past->data, past->len}, added);
}

static bool has(const node_boot *boot, const char *name)
{
    const deploy_named *named = deploy_manifest_find(&boot->manifest, name);
    return named != NULL && !node_boot_is_removed(boot, named);
}

static airs_status write_down(carrying *it, airs_error *error)
{
    const node_boot *to = &it->plan->to;
    const node_stored_app stored = node_boot_as_stored(to);
    airs_buffer past = {0};
    size_t count;
    const char **names = names_of(it, &count);
    if (names == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    airs_status status = to->added == NULL ? AIRS_OK : node_boot_cut(&it->plan->from, &past, error);
    const node_stored_change change = {.app = &stored,
                                       .versions = to->versions,
                                       .versions_count = to->versions_count,
                                       .names = names,
                                       .names_count = count,
                                       .added = to->added,
                                       .past = {past.data, past.len},
                                       .past_has_added = to->added != NULL && past_has(&past, to->added),
                                       .said = to->said,
                                       .said_count = to->said_count,
                                       .undone = to->undone,
                                       .undone_there = to->undone_there,
                                       .undone_was_there = to->undone != NULL && has(&it->plan->from, to->undone)};
    if (status == AIRS_OK)
        status = node_store_change_app(it->durable->store, &change, it->row, &it->record, error);
    airs_buffer_free(&past);
    base_free(base_allocator_default(), (void *)names);
    return status;
}

/// One that has not come about, or was a dry run.
static void write_end(carrying *it)
{
    airs_error why = {0};
    if (node_store_end_deploy(it->durable->store, it->durable->app, it->row, &it->record, DEPLOY_KIND_ACTOR, "", NULL,
                              &why) != AIRS_OK)
        base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "the end of a deployment is not written down: %s",
                       why.text);
}

static void note(carrying *it)
{
    it->record.took_ms = (uint64_t)store_now_ms() - it->record.time_ms;
    it->record.number = it->record.result.number = history_add(it->system, &it->record, NULL, 0);
    airs_actor_id added;
    bool about_added = it->plan->to.added != NULL && is_there(it, it->plan->to.added, &added);
    deploy_told_end(it->system, about_added ? added.raw : it->system->root, &it->record);
}

/// The number is in what is written down, so it is known before.
static uint64_t next_number(const carrying *it)
{
    return airs_deploy_history(it->system, UINT64_MAX, NULL, NULL) + 1;
}

/// Where something of the new app stays, all that belongs to it does.
static airs_status put_back(carrying *it, airs_status status, const airs_error *why, airs_error *error)
{
    airs_error again = {0};
    app_settings_take_back(&it->settings);
    bool is_back = deploy_done_put_back(it->done, &again);
    it->record.result.deployed = false;
    if (is_back)
        undo(it);
    return base_error_set(
        error, status, "%s%s: %s%s", status == AIRS_E_IO ? "the deployment can't be written down: " : "", why->text,
        is_back ? "the old app is put back" : "the old app can't be put back before the next start of the node: ",
        is_back ? "" : again.text);
}

/// From the moment on that it is written down.
static void settle(carrying *it)
{
    airs_error why = {0};
    for (size_t i = 0; i < it->plan->difference.count; i++)
        app_grants_take(&it->settings, item_at(it, i));
    const deploy_node *node = &it->plan->to.manifest.node;
    if (it->plan->difference.loading)
        system_set_loading(it->system,
                           &(system_loading){node->component_max, node->compile_memory, node->compile_time_ms});
    const node_boot *to = &it->plan->to;
    const char *alone = to->added != NULL ? to->added : to->undone;
    bool gone = to->undone != NULL && !to->undone_there;
    if (node_app_take(it->app, &it->plan->to.manifest, alone, gone, &why) != AIRS_OK)
        base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "what is started again is of the manifest before: %s",
                       why.text);
    for (size_t i = 0; i < it->plan->difference.count; i++) {
        const deploy_item *item = item_at(it, i);
        if (item->what == DEPLOY_REMOVED)
            stop_item(it, item);
        if (item->what == DEPLOY_REMOVED && item->kind == DEPLOY_KIND_TEMPLATE)
            template_versions_forget(&it->system->components.versions, item->name);
    }
}

/// What may have to wait for somebody comes first: that is undone easily. `*ret_since_ns`: when all that is added has
/// started.
static airs_status begin_all(carrying *it, uint64_t *ret_since_ns, airs_error *error)
{
    airs_status status = app_settings_give_first(&it->settings, error);
    if (status == AIRS_OK)
        status = grant_all(it, error);
    if (status == AIRS_OK)
        status = start_all(it, error);
    *ret_since_ns = os_clock_now_ns();
    // One that does not even start says so by itself.
    bool started = status == AIRS_OK;
    if (started)
        status = roll_out(it, error);
    airs_error why = {0};
    // Asked before all that was added is stopped, which would be an end on probation as well.
    bool by_added = started && status == AIRS_E_FAILED && app_probation_check(&it->probation, &why) != AIRS_OK;
    if (status != AIRS_OK)
        undo(it);
    return by_added ? base_error_set(error, status, "%s: the old app is put back", why.text) : status;
}

static airs_status do_all(carrying *it, airs_error *error)
{
    airs_error why = {0};
    uint64_t since_ns = 0;
    airs_status status = begin_all(it, &since_ns, error);
    if (status != AIRS_OK)
        return status;
    status = watch_added(it, since_ns, &why);
    if (status == AIRS_OK)
        status = grant_all(it, &why);
    if (status == AIRS_OK)
        status = app_settings_give(&it->settings, &why);
    if (status == AIRS_OK)
        status = app_probation_check(&it->probation, &why);
    if (status == AIRS_OK) {
        it->record.number = it->record.result.number = next_number(it);
        it->record.took_ms = (uint64_t)store_now_ms() - it->record.time_ms;
        status = write_down(it, &why) == AIRS_OK ? AIRS_OK : AIRS_E_IO;
    }
    return status == AIRS_OK ? AIRS_OK : put_back(it, status, &why, error);
}

static airs_status carry_out(carrying *it, airs_error *error)
{
    bool dry_run = it->options.dry_run;
    airs_status status = begin(it, error);
    if (status != AIRS_OK)
        return status;
    status = dry_run ? roll_out(it, error) : do_all(it, error);
    if (status != AIRS_OK) {
        it->record.result.deployed = false;
        base_text_copy(it->record.result.text, sizeof it->record.result.text, base_bytes_of(error->text));
    }
    note(it);
    if (status != AIRS_OK || dry_run)
        write_end(it);
    else
        settle(it);
    return status;
}

bool node_app_plan_takes(const node_app_plan *plan)
{
    airs_bytes was = plan->from.manifest.source, is = plan->to.manifest.source;
    bool given = !plan->back && plan->to.added == NULL && is.data != NULL;
    return given && deploy_difference_is_none(&plan->difference) &&
           (!node_content_equal(&plan->from.digest, &plan->to.digest) || was.len != is.len ||
            memcmp(was.data, is.data, is.len) != 0);
}

airs_status node_app_plan_take(node_app_plan *plan, const node_durable *durable, node_app *app, airs_error *error)
{
    airs_error why = {0};
    airs_status status = node_boot_take_components(&plan->to, error);
    const node_stored_app stored = node_boot_as_stored(&plan->to);
    if (status == AIRS_OK)
        status = node_store_take_app(durable->store, &stored, error);
    if (status == AIRS_OK && node_app_take(app, &plan->to.manifest, NULL, false, &why) != AIRS_OK)
        base_log_write(&app->system->log, AIRS_LOG_WARN, NULL, "what is started again is of the manifest before: %s",
                       why.text);
    return status;
}

airs_status node_app_plan_carry_out(node_app_plan *plan, const node_durable *durable, node_app *app,
                                    const airs_deploy_options *options, airs_deploy_result *ret_result,
                                    airs_error *error)
{
    carrying it = {.plan = plan,
                   .durable = durable,
                   .app = app,
                   .system = app->system,
                   .options = *options,
                   .settings = {.plan = plan, .app = app, .first.system = app->system, .live.system = app->system}};
    *ret_result = (airs_deploy_result){0};
    if (plan->difference.refused[0] != '\0')
        return base_error_set(error, AIRS_E_UNSUPPORTED, "%s", plan->difference.refused);
    airs_status status = node_boot_take_components(&plan->to, error);
    if (status == AIRS_OK)
        status = describe_added(&it, error);
    if (status == AIRS_OK)
        status = plan_changes(&it, options, error);
    if (status == AIRS_OK)
        status = carry_out(&it, error);
    free_changes(&it);
    node_durable_prune(durable, app->system);
    *ret_result = it.record.result;
    return status;
}
