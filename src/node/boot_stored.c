// SPDX-License-Identifier: MIT OR Apache-2.0
/// An app as the store has it.
#include "node/boot_impl.h"

#include <string.h>

#include "airssys/capability.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

// ---------------------------------------------------------------- as the store has it

typedef struct reading {
    node_boot *boot;
    const char *name;
    /// In the place of the manifest that the store has; NULL: that one.
    const airs_buffer *text;
    bool found;
} reading;

static airs_status read_app(void *user, const node_stored_app *app, airs_error *error)
{
    reading *it = user;
    node_boot *boot = it->boot;
    if (strcmp(app->name, it->name) != 0)
        return AIRS_OK;
    it->found = true;
    boot->digest = app->digest;
    base_text_copy(boot->source, sizeof boot->source, base_bytes_of(app->source));
    base_text_copy(boot->folder, sizeof boot->folder, base_bytes_of(app->folder));
    if (it->text != NULL)
        return deploy_manifest_parse_kept(&boot->manifest, boot->source, (airs_bytes){it->text->data, it->text->len},
                                          error);
    if (app->has_manifest)
        return deploy_manifest_parse_kept(&boot->manifest, boot->source, app->manifest, error);
    return deploy_manifest_of_component(&boot->manifest, boot->source, app->name, error);
}

airs_status boot_take_from_store(node_boot *boot, size_t place, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_status status = node_store_path(boot->store, &boot->versions[place].content, path, error);
    if (status != AIRS_OK)
        return status;
    char *kept = deploy_document_alloc(&boot->manifest.document, strlen(path) + 1);
    if (kept == NULL)
        return boot_no_memory(boot, error);
    memcpy(kept, path, strlen(path) + 1);
    boot_actor_at(boot, place)->component_path = kept;
    return AIRS_OK;
}

/// Whether something of the store is about the actor that was added: what it is now, and of one that was removed
/// before, what that one was.
static bool is_added(const node_boot *boot, const char *name)
{
    return boot->added != NULL && strcmp(boot->added, name) == 0;
}

/// What its actors are made of now is taken in the place of what the manifest says.
static airs_status read_version(void *user, const node_stored_version *version, airs_error *error)
{
    node_boot *boot = user;
    const deploy_named *named = deploy_manifest_find(&boot->manifest, version->name);
    if (named == NULL || named->kind != version->kind || is_added(boot, version->name))
        return AIRS_OK;
    size_t place = named->place + (named->kind == DEPLOY_KIND_TEMPLATE ? boot->manifest.actors_count : 0);
    node_stored_version *to = &boot->versions[place];
    const char *name = to->name;
    *to = *version;
    to->name = name;
    return boot_take_from_store(boot, place, error);
}

/// Each component once; they are few.
static airs_status check_contents(const node_boot *boot, airs_error *error)
{
    for (size_t i = 0; i < boot->versions_count; i++) {
        bool before = false;
        for (size_t k = 0; !before && k < i; k++)
            before = node_content_equal(&boot->versions[i].content, &boot->versions[k].content);
        if (before)
            continue;
        airs_buffer wasm;
        airs_status status = node_store_read(boot->store, &boot->versions[i].content, &wasm, error);
        if (status != AIRS_OK) {
            base_error_prefix(error, "actor %s of the app %s", boot->versions[i].name, boot->manifest.name.text);
            return status == AIRS_E_NOT_FOUND ? AIRS_E_IO : status;
        }
        airs_buffer_free(&wasm);
    }
    return AIRS_OK;
}

/// The same of what the app exposes.
static airs_status overlay_exposed(node_boot *boot, const node_stored_grant *grant, airs_error *error)
{
    deploy_names *names = &boot->manifest.expose;
    size_t at = 0;
    while (at < names->count && strcmp(names->items[at].text, grant->text) != 0)
        at++;
    if (grant->revoked && at < names->count) {
        names->count--;
        memmove(&names->items[at], &names->items[at + 1], (names->count - at) * sizeof *names->items);
    } else if (!grant->revoked && at == names->count) {
        deploy_document *document = &boot->manifest.document;
        deploy_text *more = deploy_document_alloc(document, (names->count + 1) * sizeof *more);
        char *text = deploy_document_alloc(document, strlen(grant->text) + 1);
        if (more == NULL || text == NULL)
            return boot_no_memory(boot, error);
        memcpy(text, grant->text, strlen(grant->text) + 1);
        if (names->count > 0)
            memcpy(more, names->items, names->count * sizeof *more);
        more[names->count++] = (deploy_text){.text = text};
        names->items = more;
    }
    return AIRS_OK;
}

/// False: none of those that are made reads so. That of a variable of the actor's own is none of them.
static bool take_back(deploy_grants *grants, const char *text)
{
    char shown[GRANT_TEXT_MAX];
    for (size_t i = 0; i < grants->made_count; i++) {
        if (grants->made[i].revoked || strcmp(airs_grant_format(shown, sizeof shown, &grants->made[i]), text) != 0)
            continue;
        grants->made[i].revoked = true;
        return true;
    }
    return false;
}

/// Of the actor that was added: it is written in the manifest now.
static bool is_said(const node_boot *boot, const node_stored_grant *grant)
{
    bool found = false;
    for (size_t i = 0; is_added(boot, grant->actor) && !found && i < boot->said_count; i++)
        found = strcmp(boot->said[i], grant->text) == 0;
    return found;
}

/// One grant that was given or taken back while the app ran, as if the manifest had said it: so nothing ever runs with
/// what was revoked. The manifest of a component alone has no grants; node_durable_resume gives and takes them.
static airs_status overlay_grant(void *user, const node_stored_grant *grant, airs_error *error)
{
    node_boot *boot = user;
    deploy_document *document = &boot->manifest.document;
    if (grant->actor[0] == '\0')
        return overlay_exposed(boot, grant, error);
    const deploy_named *named = deploy_manifest_find(&boot->manifest, grant->actor);
    if (named == NULL || named->kind != DEPLOY_KIND_ACTOR || (boot->added_anew && is_added(boot, grant->actor)))
        return AIRS_OK;
    deploy_grants *grants = &boot->manifest.actors[named->place].grants;
    if (!grants->complete || is_said(boot, grant))
        return AIRS_OK;
    if (grant->revoked && take_back(grants, grant->text))
        return AIRS_OK;
    airs_grant_text *text = deploy_document_alloc(document, sizeof *text);
    airs_grant *more = deploy_document_alloc(document, (grants->made_count + 1) * sizeof *more);
    if (more == NULL || text == NULL)
        return boot_no_memory(boot, error);
    airs_status status = airs_grant_parse(grant->text, text, error);
    // The others all are among those that are made.
    if (status != AIRS_OK || (grant->revoked && text->grant.rights != AIRS_RIGHT_ENV_READ))
        return grant->revoked ? AIRS_OK : status;
    if (grants->made_count > 0)
        memcpy(more, grants->made, grants->made_count * sizeof *more);
    more[grants->made_count] = text->grant;
    more[grants->made_count++].revoked = grant->revoked;
    grants->made = more;
    return AIRS_OK;
}

/// A copy that lives as long as the manifest; NULL without memory.
static const char *keep_text(node_boot *boot, const char *text)
{
    size_t size = strlen(text) + 1;
    char *kept = deploy_document_alloc(&boot->manifest.document, size);
    if (kept != NULL)
        memcpy(kept, text, size);
    return kept;
}

static airs_status read_absence(void *user, const char *name, bool removed, airs_error *error)
{
    node_boot *boot = user;
    if (boot->added_anew && is_added(boot, name))
        return AIRS_OK;
    if (boot->undone != NULL && boot->undone_there && removed && strcmp(boot->undone, name) == 0)
        return AIRS_OK;
    node_app_absence *more =
        base_realloc(base_allocator_default(), boot->absences, (boot->absences_count + 1) * sizeof *more);
    if (more == NULL)
        return boot_no_memory(boot, error);
    boot->absences = more;
    const char *kept = keep_text(boot, name);
    if (kept == NULL)
        return boot_no_memory(boot, error);
    more[boot->absences_count++] = (node_app_absence){kept, removed};
    return AIRS_OK;
}

typedef struct reading_grants {
    node_boot *boot;
    /// The child whose grants are being read.
    size_t at;
} reading_grants;

static airs_status read_child(void *user, const node_stored_child *child, airs_error *error)
{
    node_boot *boot = user;
    node_stored_child *more =
        base_realloc(base_allocator_default(), boot->children, (boot->children_count + 1) * sizeof *more);
    if (more == NULL)
        return boot_no_memory(boot, error);
    boot->children = more;
    node_stored_child kept = {.place = child->place,
                              .group = keep_text(boot, child->group),
                              .name = keep_text(boot, child->name),
                              .config = keep_text(boot, child->config),
                              .actor = child->actor};
    if (kept.group == NULL || kept.name == NULL || kept.config == NULL)
        return boot_no_memory(boot, error);
    more[boot->children_count++] = kept;
    return AIRS_OK;
}

/// The children are in the order of their places, as their grants are.
static airs_status read_child_grant(void *user, int64_t place, const node_stored_grant *grant, airs_error *error)
{
    reading_grants *it = user;
    node_boot *boot = it->boot;
    while (it->at < boot->children_count && boot->children[it->at].place != place)
        it->at++;
    // It has come behind them meanwhile.
    if (it->at == boot->children_count)
        return AIRS_OK;
    node_stored_child *child = &boot->children[it->at];
    airs_grant *more = deploy_document_alloc(&boot->manifest.document, (child->grants_count + 1) * sizeof *more);
    airs_grant_text *text = deploy_document_alloc(&boot->manifest.document, sizeof *text);
    if (more == NULL || text == NULL)
        return boot_no_memory(boot, error);
    airs_status status = airs_grant_parse(grant->text, text, error);
    if (status != AIRS_OK)
        return status;
    if (child->grants_count > 0)
        memcpy(more, child->grants, child->grants_count * sizeof *more);
    more[child->grants_count] = text->grant;
    more[child->grants_count++].revoked = grant->revoked;
    child->grants = more;
    return AIRS_OK;
}

bool node_boot_is_removed(const node_boot *boot, const deploy_named *named)
{
    bool removed = false;
    for (size_t i = 0; !removed && named->kind != DEPLOY_KIND_TEMPLATE && i < boot->absences_count; i++)
        removed = boot->absences[i].removed && deploy_manifest_belongs(&boot->manifest, named, boot->absences[i].name);
    return removed;
}

static airs_status keep_said(node_boot *boot, const deploy_addition *said, airs_error *error)
{
    char text[GRANT_TEXT_MAX];
    boot->added = deploy_manifest_find(&boot->manifest, said->name)->name->text;
    boot->said = deploy_document_alloc(&boot->manifest.document, (said->grants_count + 1) * sizeof *boot->said);
    if (boot->said == NULL)
        return boot_no_memory(boot, error);
    for (size_t i = 0; i < said->grants_count; i++) {
        const char *kept = keep_text(boot, airs_grant_format(text, sizeof text, &said->grants[i]));
        if (kept == NULL)
            return boot_no_memory(boot, error);
        boot->said[boot->said_count++] = kept;
    }
    return AIRS_OK;
}

airs_status boot_read_with(node_boot *boot, const char *app, const deploy_addition *said, const airs_buffer *text,
                           airs_error *error)
{
    reading it = {.boot = boot, .name = app, .text = text};
    airs_status status = node_store_each_app(boot->store, read_app, &it, error);
    if (status == AIRS_OK && !it.found)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app %s", app);
    if (status == AIRS_OK)
        status = boot_make_versions(boot, error);
    if (status == AIRS_OK)
        status = keep_said(boot, said, error);
    if (status == AIRS_OK)
        status = node_store_each_version(boot->store, app, read_version, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_grant(boot->store, app, overlay_grant, boot, error);
    return status == AIRS_OK ? node_store_each_absence(boot->store, app, read_absence, boot, error) : status;
}

airs_status node_boot_stored(node_boot *boot, node_store *store, const char *name, airs_error *error)
{
    *boot = (node_boot){.store = store, .stored = true};
    reading it = {.boot = boot, .name = name};
    airs_status status = node_store_each_app(store, read_app, &it, error);
    if (status == AIRS_OK && !it.found)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app %s", name);
    if (status == AIRS_OK)
        status = boot_make_versions(boot, error);
    if (status == AIRS_OK)
        status = node_store_each_version(store, name, read_version, boot, error);
    if (status == AIRS_OK)
        status = check_contents(boot, error);
    if (status == AIRS_OK)
        status = node_store_each_grant(store, name, overlay_grant, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_absence(store, name, read_absence, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_child(store, name, read_child, boot, error);
    reading_grants grants = {.boot = boot};
    if (status == AIRS_OK)
        status = node_store_each_child_grant(store, name, read_child_grant, &grants, error);
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}

/// For visits that come one after the other.
static airs_status read_past(void *user, const node_stored_app *app, airs_error *error)
{
    node_boot *boot = user;
    reading it = {.boot = boot, .name = app->name};
    airs_status status = read_app(&it, app, error);
    return status == AIRS_OK ? boot_make_versions(boot, error) : status;
}

static airs_status read_version_of_undone(void *user, const node_stored_version *version, airs_error *error)
{
    const node_boot *boot = user;
    return strcmp(version->name, boot->undone) == 0 ? read_version(user, version, error) : AIRS_OK;
}

static airs_status read_version_of_others(void *user, const node_stored_version *version, airs_error *error)
{
    const node_boot *boot = user;
    return strcmp(version->name, boot->undone) == 0 ? AIRS_OK : read_version(user, version, error);
}

/// As it is now, but for that actor.
static airs_status read_undone(node_boot *boot, const char *name, airs_error *error)
{
    airs_status status = node_store_past_app(boot->store, name, read_past, read_version_of_undone, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_version(boot->store, name, read_version_of_others, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_grant(boot->store, name, overlay_grant, boot, error);
    if (status == AIRS_OK)
        status = node_store_each_absence(boot->store, name, read_absence, boot, error);
    // Its name may have stayed in the manifest: another one is granted something with it.
    if (status == AIRS_OK && !boot->undone_there && deploy_manifest_find(&boot->manifest, boot->undone) != NULL)
        status = read_absence(boot, boot->undone, true, error);
    return status;
}

airs_status node_boot_past(node_boot *boot, node_store *store, const char *name, airs_error *error)
{
    node_stored_addition addition;
    *boot = (node_boot){.store = store, .stored = true};
    airs_status status = node_store_past_addition(store, name, &addition, error);
    if (status == AIRS_OK && addition.name[0] == '\0')
        status = node_store_past_app(store, name, read_past, read_version, boot, error);
    else if (status == AIRS_OK) {
        boot->undone = addition.name;
        boot->undone_there = addition.there;
        status = read_undone(boot, name, error);
        boot->undone = status == AIRS_OK ? keep_text(boot, addition.name) : NULL;
        if (status == AIRS_OK && boot->undone == NULL)
            status = boot_no_memory(boot, error);
    }
    if (status == AIRS_OK)
        status = check_contents(boot, error);
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}
