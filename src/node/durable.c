// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/durable.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/upgrade.h"
#include "node/child_template.h"
#include "node/history.h"
#include "node/store_impl.h"
#include "node/system.h"
#include "os/file.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

// ---------------------------------------------------------------- actors

static actor *find_and_retain(airs_system *system, airs_actor_id id)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    return found;
}

/// What is written down of an actor: what it is made of now, and under which name. Of a group that is its template.
typedef struct written {
    node_content content;
    deploy_kind kind;
    char name[129];
} written;

static void write_component(const airs_component *component, deploy_kind kind, const char *name, written *ret)
{
    memcpy(ret->content.hash, component->hash, sizeof ret->content.hash);
    ret->kind = kind;
    base_text_copy(ret->name, sizeof ret->name, base_bytes_of(name));
}

static bool write_group(child_template *made, written *ret)
{
    airs_component *now, *past;
    char name[CHILD_TEMPLATE_NAME_SIZE];
    child_template_look(made, &now, &past);
    if (now != NULL)
        write_component(now, DEPLOY_KIND_TEMPLATE, child_template_name(made, name), ret);
    bool any = now != NULL;
    airs_component_release(now);
    airs_component_release(past);
    return any;
}

/// False when there is no such actor any more.
static bool write_actor(airs_system *system, airs_actor_id id, written *ret)
{
    actor *found = find_and_retain(system, id);
    if (found == NULL)
        return false;
    child_template *made = child_template_of(found);
    bool is_component = found->kind->kind == AIRS_KIND_COMPONENT;
    bool any = is_component || (made != NULL && write_group(made, ret));
    if (is_component) {
        os_mutex_lock(&found->info_lock);
        write_component(component_actor_of(found)->shown, DEPLOY_KIND_ACTOR, actor_name(found), ret);
        os_mutex_unlock(&found->info_lock);
    }
    actor_release(found);
    return any;
}

/// The actor of the app that has this name.
static bool find_named(airs_system *system, const char *name, airs_actor_id *ret)
{
    // One of another app is none.
    return airs_lookup(system, name, ret) == AIRS_OK && !actor_id_is_far(ret->raw);
}

/// The next supervisor of a template from `*cursor` on, with a count; NULL: there is no other.
static actor *next_simple(airs_system *system, uint32_t *cursor)
{
    actor *found = NULL;
    ds_handle handle;
    sched_read read = sched_read_enter(system->sched);
    for (actor *it; found == NULL && (it = ds_slotmap_next(&system->actors.actors, cursor, &handle)) != NULL;) {
        if (child_template_of(it) != NULL && actor_retain(it))
            found = it;
    }
    sched_read_leave(system->sched, read);
    return found;
}

/// The groups of a template, one after the other; each with a count. NULL: there is no other.
static actor *next_group(airs_system *system, const char *template_name, uint32_t *cursor)
{
    char name[CHILD_TEMPLATE_NAME_SIZE];
    actor *group;
    while ((group = next_simple(system, cursor)) != NULL &&
           strcmp(child_template_name(child_template_of(group), name), template_name) != 0)
        actor_release(group);
    return group;
}

#define GROUPS_MAX 64u

typedef struct targets {
    airs_deploy_target list[GROUPS_MAX + 1];
    size_t count;
    char template_name[129];
} targets;

/// An actor alone; of a group, all groups of its template, and what components spawn of it: they have one version, as
/// in the manifest.
static void find_targets(airs_system *system, airs_actor_id id, targets *ret)
{
    ret->list[0] = (airs_deploy_target){.actor = id};
    ret->count = 1;
    actor *self = find_and_retain(system, id);
    const child_template *made = self == NULL ? NULL : child_template_of(self);
    if (made != NULL)
        (void)child_template_name(made, ret->template_name);
    uint32_t cursor = 0;
    actor *other;
    while (made != NULL && ret->count < GROUPS_MAX &&
           (other = next_group(system, ret->template_name, &cursor)) != NULL) {
        if (other != self)
            ret->list[ret->count++] = (airs_deploy_target){.actor = {other->id}};
        actor_release(other);
    }
    if (made != NULL)
        ret->list[ret->count++] = (airs_deploy_target){.template_name = ret->template_name};
    if (self != NULL)
        actor_release(self);
}

/// The group that an actor is a child of, whose children all are of its template. False when it is none.
static bool is_group_child(airs_system *system, airs_actor_id id, airs_actor_info *ret_group)
{
    airs_actor_info info;
    actor *group = airs_actor_get_info(system, id, &info) == AIRS_OK ? find_and_retain(system, info.supervisor) : NULL;
    bool is = group != NULL && child_template_of(group) != NULL &&
              airs_actor_get_info(system, info.supervisor, ret_group) == AIRS_OK;
    if (group != NULL)
        actor_release(group);
    return is;
}

airs_status node_durable_may_deploy(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                                    airs_error *error)
{
    airs_actor_info group;
    if (self->store == NULL || !is_group_child(system, actor_id, &group))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_UNSUPPORTED,
                          "it is a child of the group %s, whose children are of one version: deploy to %s", group.name,
                          group.name);
}

void node_durable_subject(airs_system *system, airs_actor_id id, char *ret_text, size_t size)
{
    written it;
    if (!write_actor(system, id, &it) || it.name[0] == '\0')
        (void)snprintf(ret_text, size, "actor %016" PRIx64, id.raw);
    else
        (void)snprintf(ret_text, size, "%s \"%s\"", it.kind == DEPLOY_KIND_TEMPLATE ? "template" : "actor", it.name);
}

// ---------------------------------------------------------------- loading

/// Reads a component: a file, or one of the store.
static airs_status read_component(const node_durable *self, airs_system *system, const char *component,
                                  airs_buffer *ret_wasm, airs_error *error)
{
    if (component[0] == '/')
        return os_file_read(base_allocator_default(), component, OS_FILE_REGULAR,
                            system_get_loading(system).component_max, ret_wasm, error);
    node_content content;
    if (self->store == NULL)
        return base_error_set(error, AIRS_E_NOT_FOUND, "the node keeps no components: name a file, not %s", component);
    airs_status status = node_store_find(self->store, component, &content, error);
    return status == AIRS_OK ? node_store_read(self->store, &content, ret_wasm, error) : status;
}

static airs_status load(const node_durable *self, airs_system *system, const char *component, bool keep,
                        airs_component **ret_component, airs_error *error)
{
    airs_buffer wasm;
    airs_status status = read_component(self, system, component, &wasm, error);
    if (status != AIRS_OK)
        return status;
    airs_component *loaded = NULL;
    status = airs_component_load(system, wasm.data, wasm.len, &loaded, error);
    if (status != AIRS_OK)
        base_error_prefix(error, "%s", component);
    else if (keep && self->store != NULL) {
        node_content content;
        status = node_store_add(self->store, (airs_bytes){wasm.data, wasm.len}, &content, NULL, error);
    }
    airs_buffer_free(&wasm);
    if (status == AIRS_OK)
        *ret_component = loaded;
    else
        airs_component_release(loaded);
    return status;
}

airs_status node_durable_load(const node_durable *self, airs_system *system, const char *component,
                              airs_component **ret_component, airs_error *error)
{
    return load(self, system, component, false, ret_component, error);
}

// ---------------------------------------------------------------- deploying

/// A deployment, from before it begins until it is written down.
typedef struct deploying {
    const node_durable *self;
    airs_system *system;
    airs_actor_id actor;
    /// As it begins; as it has ended.
    airs_deploy_record record;
    int64_t row;
    /// What the actor is made of when this goes well, known before: once it has ended, the actor may have another
    /// deployment at it, or be gone. Not of a rollback, which finds its component itself.
    written to;
    bool has_to;
} deploying;

/// `component` NULL: a rollback.
static airs_status begin(deploying *it, const airs_deploy_options *options, const airs_component *component,
                         airs_error *error)
{
    if (it->self->store == NULL)
        return AIRS_OK;
    airs_actor_info info;
    airs_status status = airs_actor_get_info(it->system, it->actor, &info);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    status = node_durable_may_deploy(it->self, it->system, it->actor, error);
    if (status != AIRS_OK)
        return status;
    airs_deploy_record *record = &it->record;
    record->time_ms = (uint64_t)store_now_ms();
    record->rollback = component == NULL;
    record->dry_run = options->dry_run;
    record->canary = options->canary && !options->dry_run;
    base_text_copy(record->by, sizeof record->by, base_bytes_of(options->by == NULL ? "" : options->by));
    base_text_copy(record->actor, sizeof record->actor, base_bytes_of(info.name));
    base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(info.version));
    if (component != NULL) {
        it->has_to = write_actor(it->system, it->actor, &it->to);
        memcpy(it->to.content.hash, component->hash, sizeof it->to.content.hash);
        base_text_copy(record->component, sizeof record->component, base_bytes_of(airs_component_name(component)));
        base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(airs_component_version(component)));
    }
    return node_store_begin_deploy(it->self->store, it->self->app, record, &it->row, error);
}

static bool take_record(void *user, const airs_deploy_record *record)
{
    airs_deploy_record *into = user;
    if (into->number == record->number)
        *into = *record;
    return false;
}

/// The old version comes back: what was done could not be written down.
static airs_status undo(deploying *it, const airs_error *why, airs_error *error)
{
    targets all;
    // Whatever it lacks: the one that is there now was deployed onto it.
    airs_deploy_options options = {
        .probation_ms = AIRS_NO_PROBATION, .on_no_state = AIRS_NO_STATE_FRESH, .by = "the node"};
    airs_error again = {0};
    find_targets(it->system, it->actor, &all);
    airs_status status = airs_rollback(it->system, all.list, all.count, &options, NULL, &again);
    return base_error_set(error, AIRS_E_IO, "the deployment can't be written down: %s: %s%s", why->text,
                          status == AIRS_OK ? "the old version is put back"
                                            : "the old version can't be put back before the next start of the node: ",
                          status == AIRS_OK ? "" : again.text);
}

/// Writes down how it has ended. `status` is that of the deployment, and so is what is returned where this goes well.
static airs_status end(deploying *it, airs_status status, airs_deploy_result *result, airs_error *error)
{
    node_store *store = it->self->store;
    airs_error why = {0};
    if (store == NULL)
        return status;
    if (result->number == 0) {
        if (node_store_drop_deploy(store, it->row, &why) != AIRS_OK)
            base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "a deployment that never began is not forgotten: %s",
                           why.text);
        return status;
    }
    // In case that there was no memory for a record.
    it->record.number = result->number;
    it->record.result = *result;
    (void)airs_deploy_history(it->system, result->number - 1, take_record, &it->record);
    bool changed =
        result->deployed && (it->has_to || (it->record.rollback && write_actor(it->system, it->actor, &it->to)));
    airs_status kept =
        node_store_end_deploy(store, it->self->app, it->row, &it->record, changed ? it->to.kind : DEPLOY_KIND_ACTOR,
                              changed ? it->to.name : "", changed ? &it->to.content : NULL, &why);
    if (kept == AIRS_OK)
        return status;
    if (result->deployed)
        return undo(it, &why, error);
    base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "the end of a deployment is not written down: %s", why.text);
    return status;
}

void node_durable_digest(airs_system *system, airs_actor_id actor_id, const airs_component *component,
                         char ret_digits[NODE_CONTENT_DIGITS + 1])
{
    written now;
    node_content digest;
    uint8_t all[2 * sizeof now.content.hash + 1 + sizeof now.name] = {0};
    ret_digits[0] = '\0';
    if (!write_actor(system, actor_id, &now))
        return;
    memcpy(all, now.content.hash, sizeof now.content.hash);
    memcpy(all + sizeof now.content.hash, component->hash, sizeof now.content.hash);
    all[2 * sizeof now.content.hash] = (uint8_t)now.kind;
    base_text_copy((char *)all + 2 * sizeof now.content.hash + 1, sizeof now.name, base_bytes_of(now.name));
    wasm_cache_hash((airs_bytes){all, sizeof all}, digest.hash);
    node_content_format(&digest, ret_digits);
}

airs_status node_durable_say_changed(const char *name, airs_error *error)
{
    return base_error_set(error, AIRS_E_TAKEN,
                          "%s: its files, or what runs of it, have changed since they were compared: look again", name);
}

static airs_status check_digest(airs_system *system, airs_actor_id actor_id, const airs_component *component,
                                const char *digest, airs_error *error)
{
    airs_actor_info info;
    char now[NODE_CONTENT_DIGITS + 1];
    node_durable_digest(system, actor_id, component, now);
    // Of one that is gone the deployment says so.
    if (digest[0] == '\0' || now[0] == '\0' || strcmp(digest, now) == 0 ||
        airs_actor_get_info(system, actor_id, &info) != AIRS_OK)
        return AIRS_OK;
    return node_durable_say_changed(info.name, error);
}

airs_status node_durable_deploy(const node_durable *self, airs_system *system, const char *component,
                                airs_actor_id actor_id, const char *digest, const airs_deploy_options *options,
                                airs_deploy_result *ret_result, airs_error *error)
{
    airs_component *loaded = NULL;
    targets all;
    deploying it = {.self = self, .system = system, .actor = actor_id};
    airs_status status = load(self, system, component, !options->dry_run, &loaded, error);
    if (status == AIRS_OK)
        status = check_digest(system, actor_id, loaded, digest, error);
    if (status == AIRS_OK)
        status = begin(&it, options, loaded, error);
    if (status == AIRS_OK) {
        *ret_result = (airs_deploy_result){.number = 0};
        find_targets(system, actor_id, &all);
        status = airs_deploy(system, loaded, all.list, all.count, options, ret_result, error);
        status = end(&it, status, ret_result, error);
        node_durable_prune(self, system);
    }
    airs_component_release(loaded);
    return status;
}

airs_status node_durable_rollback(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                                  const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    targets all;
    deploying it = {.self = self, .system = system, .actor = actor_id};
    airs_status status = begin(&it, options, NULL, error);
    if (status != AIRS_OK)
        return status;
    *ret_result = (airs_deploy_result){.number = 0};
    find_targets(system, actor_id, &all);
    status = airs_rollback(system, all.list, all.count, options, ret_result, error);
    status = end(&it, status, ret_result, error);
    node_durable_prune(self, system);
    return status;
}

void node_durable_prune(const node_durable *self, airs_system *system)
{
    airs_error why = {0};
    if (self->store == NULL)
        return;
    airs_status status = node_store_prune(self->store, NODE_STORE_UNUSED_MAX, NULL, &why);
    // While another one is under way: that one comes to its end too.
    if (status != AIRS_OK && status != AIRS_E_TAKEN)
        base_log_write(&system->log, AIRS_LOG_WARN, NULL, "components that nothing needs are not removed: %s",
                       why.text);
}

// ---------------------------------------------------------------- grants

typedef char grant_line[GRANT_TEXT_MAX];

/// Of a child of a group something can be written down from the moment on that it is itself. Errors: E_TAKEN it is not.
static airs_status check_is_kept(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                                 airs_error *error)
{
    airs_actor_info group;
    bool kept = true;
    if (self->store == NULL || !is_group_child(system, actor_id, &group))
        return AIRS_OK;
    airs_status status = node_store_has_child(self->store, self->app, actor_id.raw, &kept, error);
    return status == AIRS_OK && !kept
               ? base_error_set(
                     error, AIRS_E_TAKEN,
                     "it is a child of %s that is just being started or stopped: try again when that is done",
                     group.name)
               : status;
}

/// Writes down what was given or taken, as texts; nothing of an actor that does not come again with the app: the store
/// sees to that.
static airs_status write_texts(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                               const grant_line *texts, size_t count, bool revoked, airs_error *error)
{
    airs_actor_info info;
    if (self->store == NULL || count == 0 || airs_actor_get_info(system, actor_id, &info) != AIRS_OK)
        return AIRS_OK;
    node_stored_grant *stored = base_alloc_array(base_allocator_default(), count, sizeof *stored);
    if (stored == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    for (size_t i = 0; i < count; i++)
        stored[i] = (node_stored_grant){.actor = info.name, .text = texts[i], .revoked = revoked, .id = actor_id.raw};
    airs_status status = node_store_add_grants(self->store, self->app, stored, count, error);
    base_free(base_allocator_default(), stored);
    return status;
}

static airs_status write_grants(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                                const airs_grant *grants, size_t count, airs_error *error)
{
    grant_line *texts = base_alloc_array(base_allocator_default(), count + 1, sizeof *texts);
    if (texts == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    for (size_t i = 0; i < count; i++)
        (void)airs_grant_format(texts[i], sizeof texts[i], &grants[i]);
    airs_status status = write_texts(self, system, actor_id, (const grant_line *)texts, count, false, error);
    base_free(base_allocator_default(), texts);
    return status;
}

airs_status node_durable_grant(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                               const airs_grant *grants, size_t count, uint32_t *ret_number, airs_error *error)
{
    uint32_t number = 0;
    airs_status status = check_is_kept(self, system, actor_id, error);
    if (status == AIRS_OK)
        status = airs_grant_add(system, actor_id, grants, count, &number, error);
    if (status != AIRS_OK)
        return status;
    status = write_grants(self, system, actor_id, grants, count, error);
    for (uint32_t i = 0; status != AIRS_OK && i < count; i++) {
        const uint32_t one = number + i;
        // It can only be gone meanwhile, and with it what it was granted.
        airs_status ignored = airs_grant_revoke(system, actor_id, &one, 1, NULL);
        (void)ignored;
    }
    if (status == AIRS_OK && ret_number != NULL)
        *ret_number = number;
    return status;
}

airs_status node_durable_expose(const node_durable *self, const char *const *patterns, size_t count, bool hide,
                                airs_error *error)
{
    if (self->store == NULL)
        return AIRS_OK;
    node_stored_grant *stored = base_alloc_array(base_allocator_default(), count + 1, sizeof *stored);
    if (stored == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for what is exposed");
    for (size_t i = 0; i < count; i++)
        stored[i] = (node_stored_grant){.actor = "", .text = patterns[i], .revoked = hide};
    airs_status status = node_store_add_grants(self->store, self->app, stored, count, error);
    base_free(base_allocator_default(), stored);
    if (status != AIRS_OK)
        base_error_prefix(error, "it is so now, but would not be after the next start of the node");
    return status;
}

/// What of the grants with some numbers holds now, as text, which is what is kept: not every grant of a manifest can be
/// read from its own.
typedef struct holding {
    const uint32_t *numbers;
    size_t numbers_count;
    grant_line *texts;
    size_t count;
} holding;

static bool note_holding(void *user, const airs_grant_info *info)
{
    holding *it = user;
    for (size_t i = 0; i < it->numbers_count; i++) {
        if (it->numbers[i] != info->number || info->grant.revoked)
            continue;
        (void)airs_grant_format(it->texts[it->count], sizeof it->texts[it->count], &info->grant);
        it->count++;
        break;
    }
    return true;
}

airs_status node_durable_revoke(const node_durable *self, airs_system *system, airs_actor_id actor_id,
                                const uint32_t *numbers, size_t count, airs_error *error)
{
    holding it = {.numbers = numbers, .numbers_count = count};
    it.texts = base_alloc_array(base_allocator_default(), count, sizeof *it.texts);
    airs_status status = check_is_kept(self, system, actor_id, error);
    if (it.texts == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    // Of what is no component, or has ended, the revocation says so.
    else if (airs_actor_each_grant(system, actor_id, note_holding, &it) != AIRS_OK)
        it.count = 0;
    if (status == AIRS_OK)
        status = airs_grant_revoke(system, actor_id, numbers, count, error);
    if (status == AIRS_OK) {
        // What was revoked before is written down now, where it could not be then.
        status = it.count == 0 && self->store != NULL
                     ? node_store_add_grants(self->store, self->app, NULL, 0, error)
                     : write_texts(self, system, actor_id, (const grant_line *)it.texts, it.count, true, error);
        if (status != AIRS_OK)
            base_error_prefix(error, "it is revoked, but would be granted again after the next start of the node");
    }
    base_free(base_allocator_default(), it.texts);
    return status;
}

// ---------------------------------------------------------------- being there again

typedef struct resuming {
    const node_durable *self;
    airs_system *system;
} resuming;

static airs_status resume_record(void *user, const airs_deploy_record *record, airs_error *error)
{
    const resuming *it = user;
    return history_restore(it->system, record) ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for history");
}

/// A revocation of a component alone, whose grants are what every component has without a word.
typedef struct revoking {
    const char *text;
    uint32_t number;
    bool found;
} revoking;

static bool find_grant(void *user, const airs_grant_info *info)
{
    revoking *it = user;
    char text[GRANT_TEXT_MAX];
    if (info->grant.revoked || strcmp(airs_grant_format(text, sizeof text, &info->grant), it->text) != 0)
        return true;
    it->number = info->number;
    it->found = true;
    return false;
}

static airs_status resume_grant(void *user, const node_stored_grant *grant, airs_error *error)
{
    const resuming *it = user;
    airs_actor_id id;
    if (!find_named(it->system, grant->actor, &id))
        return AIRS_OK;
    if (!grant->revoked) {
        airs_grant_text made;
        airs_status status = airs_grant_parse(grant->text, &made, error);
        return status == AIRS_OK ? airs_grant_add(it->system, id, &made.grant, 1, NULL, error) : status;
    }
    revoking search = {.text = grant->text};
    airs_status status = airs_actor_each_grant(it->system, id, find_grant, &search);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    return search.found ? airs_grant_revoke(it->system, id, &search.number, 1, error) : AIRS_OK;
}

static void set_previous(airs_system *system, const node_stored_version *version, airs_component *component)
{
    airs_actor_id id;
    uint32_t cursor = 0;
    actor *found;
    if (version->kind == DEPLOY_KIND_TEMPLATE) {
        if (!template_versions_set_past(&system->components.versions, version->name, component))
            base_log_write(&system->log, AIRS_LOG_WARN, NULL, "no memory for the version before of %s", version->name);
        while ((found = next_group(system, version->name, &cursor)) != NULL) {
            child_template_set_past(child_template_of(found), component);
            actor_release(found);
        }
    } else if (find_named(system, version->name, &id) && (found = find_and_retain(system, id)) != NULL) {
        if (found->kind->kind == AIRS_KIND_COMPONENT)
            component_past_set(component_actor_of(found), component);
        actor_release(found);
    }
}

/// So that it can be rolled back to. What can't be loaded any more is only said: the app runs without.
static void resume_previous(const node_durable *self, airs_system *system, const node_stored_version *version)
{
    char digits[NODE_CONTENT_DIGITS + 1];
    airs_component *component = NULL;
    airs_error error = {0};
    if (!version->has_previous)
        return;
    node_content_format(&version->previous, digits);
    if (load(self, system, digits, false, &component, &error) != AIRS_OK) {
        base_log_write(&system->log, AIRS_LOG_WARN, NULL, "%s can't be rolled back: %s", version->name, error.text);
        return;
    }
    set_previous(system, version, component);
    airs_component_release(component);
}

/// With a manifest the grants have been there from the start.
static airs_status resume_rest(resuming *it, const node_boot *boot, airs_error *error)
{
    const node_durable *self = it->self;
    for (size_t i = 0; i < boot->versions_count; i++)
        resume_previous(self, it->system, &boot->versions[i]);
    return boot->manifest.source.data != NULL ? AIRS_OK
                                              : node_store_each_grant(self->store, self->app, resume_grant, it, error);
}

static airs_status revive_children(resuming *it, const node_boot *boot, const node_app *app, const char *name,
                                   airs_error *error)
{
    const char **names;
    size_t count = node_app_names_of(app, name, &names);
    if (names == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory to start %s", name);
    airs_status status = node_durable_start_children(it->self, it->system, boot, names, count, error);
    base_free(base_allocator_default(), (void *)names);
    return status;
}

static airs_status revive(resuming *it, node_app *app, const char *name, airs_error *error)
{
    // What a component alone was given on the command line is in its own manifest only.
    if (it->self->store == NULL || node_app_is_bare(app))
        return node_app_revive(app, NULL, name, error);
    node_boot boot;
    airs_status status = node_boot_stored(&boot, it->self->store, it->self->app, error);
    if (status != AIRS_OK)
        return status;
    status = node_app_revive(app, &boot.manifest, name, error);
    bool made = status == AIRS_OK;
    if (status == AIRS_OK)
        status = resume_rest(it, &boot, error);
    if (status == AIRS_OK)
        status = revive_children(it, &boot, app, name, error);
    airs_actor_id id;
    if (made && status != AIRS_OK && find_named(it->system, name, &id)) {
        // It can only have ended already.
        airs_status ignored = airs_stop(it->system, id);
        (void)ignored;
    }
    node_boot_fini(&boot);
    return status;
}

airs_status node_durable_revive(const node_durable *self, airs_system *system, node_app *app, const char *name,
                                airs_error *error)
{
    resuming it = {self, system};
    node_durable_stopped stopped;
    // Before it is made: who stops it from then on has the last word.
    airs_status status = node_durable_bring_all_back(self, app, name, &stopped, error);
    bool begun = status == AIRS_OK;
    if (status == AIRS_OK)
        status = revive(&it, app, name, error);
    node_durable_end_stopped(self, system, &stopped, begun && status != AIRS_OK);
    return status;
}

airs_status node_durable_resume(const node_durable *self, airs_system *system, const node_boot *boot, airs_error *error)
{
    if (self->store == NULL)
        return AIRS_OK;
    resuming it = {self, system};
    airs_status status = node_store_settle_deploys(self->store, self->app, error);
    if (status == AIRS_OK)
        status = node_store_each_deploy(self->store, self->app, resume_record, &it, error);
    if (status != AIRS_OK || !boot->stored)
        return status;
    node_durable_say_absences(system, boot);
    status = resume_rest(&it, boot, error);
    return status == AIRS_OK ? node_durable_start_children(self, system, boot, NULL, 0, error) : status;
}
