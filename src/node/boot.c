// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/boot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "airssys/capability.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "os/file.h"
#include "wasm/component.h"

// Of what a manifest says nothing of; as airs_system_options.component_max.
#define COMPONENT_BYTES_MAX (64u << 20)
// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

static airs_status no_memory(const node_boot *boot, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "no memory for the app %s", boot->manifest.name.text);
}

static uint64_t component_max(const node_boot *boot)
{
    return boot->manifest.node.component_max == 0 ? COMPONENT_BYTES_MAX : boot->manifest.node.component_max;
}

/// The actor or template that a version is of.
static deploy_actor *actor_at(const node_boot *boot, size_t place)
{
    const deploy_manifest *manifest = &boot->manifest;
    return place < manifest->actors_count ? &manifest->actors[place]
                                          : &manifest->templates[place - manifest->actors_count];
}

static airs_status make_versions(node_boot *boot, airs_error *error)
{
    const deploy_manifest *manifest = &boot->manifest;
    boot->versions_count = manifest->actors_count + manifest->templates_count;
    boot->versions = base_alloc_zeroed(base_allocator_default(), boot->versions_count * sizeof *boot->versions);
    if (boot->versions == NULL)
        return no_memory(boot, error);
    for (size_t i = 0; i < boot->versions_count; i++) {
        boot->versions[i].kind = i < manifest->actors_count ? DEPLOY_KIND_ACTOR : DEPLOY_KIND_TEMPLATE;
        boot->versions[i].name = actor_at(boot, i)->name.text;
    }
    return AIRS_OK;
}

// ---------------------------------------------------------------- as it is given

/// The hash of a component's file, read now, or for one before.
static airs_status hash_file(const node_boot *boot, size_t place, airs_error *error)
{
    const char *path = actor_at(boot, place)->component_path;
    for (size_t i = 0; i < place; i++) {
        if (strcmp(actor_at(boot, i)->component_path, path) == 0) {
            boot->versions[place].content = boot->versions[i].content;
            return AIRS_OK;
        }
    }
    airs_buffer file;
    airs_status status =
        os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, component_max(boot), &file, error);
    if (status != AIRS_OK)
        return status;
    wasm_cache_hash((airs_bytes){file.data, file.len}, boot->versions[place].content.hash);
    airs_buffer_free(&file);
    return AIRS_OK;
}

/// A hash over all that makes the app what it is: where it is (relative paths begin there), its manifest, and its
/// components.
static airs_status make_digest(node_boot *boot, airs_error *error)
{
    airs_bytes source = base_bytes_of(boot->source);
    airs_bytes text = boot->manifest.source;
    size_t hash_size = sizeof boot->digest.hash;
    size_t size = source.len + 1 + text.len + boot->versions_count * hash_size;
    uint8_t *all = base_alloc(base_allocator_default(), size);
    if (all == NULL)
        return no_memory(boot, error);
    memcpy(all, source.data, source.len);
    all[source.len] = 0;
    if (text.len > 0)
        memcpy(all + source.len + 1, text.data, text.len);
    for (size_t i = 0; i < boot->versions_count; i++)
        memcpy(all + source.len + 1 + text.len + i * hash_size, boot->versions[i].content.hash, hash_size);
    wasm_cache_hash((airs_bytes){all, size}, boot->digest.hash);
    base_free(base_allocator_default(), all);
    return AIRS_OK;
}

static airs_status find_source(node_boot *boot, airs_error *error)
{
    // It has room for any path that there is.
    if (realpath(boot->manifest.document.path, boot->source) != NULL)
        return AIRS_OK;
    return base_error_errno(error, AIRS_E_IO, errno, "%s: its whole path can't be told", boot->manifest.document.path);
}

typedef struct search {
    const node_boot *boot;
    bool found;
    bool same;
    char folder[sizeof((node_boot *)NULL)->folder];
} search;

static airs_status compare(void *user, const node_stored_app *app, airs_error *error)
{
    (void)error;
    search *it = user;
    if (strcmp(app->name, it->boot->manifest.name.text) != 0)
        return AIRS_OK;
    it->found = true;
    it->same = node_content_equal(&app->digest, &it->boot->digest);
    base_text_copy(it->folder, sizeof it->folder, base_bytes_of(app->folder));
    return AIRS_OK;
}

static airs_status look_up(node_boot *boot, const char *folder, bool *ret_same, airs_error *error)
{
    search it = {.boot = boot};
    airs_status status = make_versions(boot, error);
    for (size_t i = 0; status == AIRS_OK && i < boot->versions_count; i++)
        status = hash_file(boot, i, error);
    if (status == AIRS_OK)
        status = find_source(boot, error);
    if (status == AIRS_OK)
        status = make_digest(boot, error);
    if (status == AIRS_OK)
        status = node_store_each_app(boot->store, compare, &it, error);
    const char *part = folder == NULL ? boot->manifest.name.text : folder;
    base_text_copy(boot->folder, sizeof boot->folder, base_bytes_of(it.found ? it.folder : part));
    boot->replaces = it.found && !it.same;
    *ret_same = it.same;
    return status;
}

airs_status node_boot_given(node_boot *boot, node_store *store, const char *path, const char *folder, airs_error *error)
{
    *boot = (node_boot){.store = store};
    airs_status status = deploy_manifest_load(&boot->manifest, path, error);
    if (status != AIRS_OK || store == NULL)
        return status;
    bool same = false;
    status = look_up(boot, folder, &same, error);
    if (status == AIRS_OK && same) {
        node_boot stored;
        status = node_boot_stored(&stored, store, boot->manifest.name.text, error);
        if (status == AIRS_OK) {
            node_boot_fini(boot);
            *boot = stored;
        }
    }
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}

airs_status node_boot_next(node_boot *boot, node_store *store, const char *path, bool *ret_same, airs_error *error)
{
    *boot = (node_boot){.store = store};
    airs_status status = deploy_manifest_load(&boot->manifest, path, error);
    if (status == AIRS_OK)
        status = look_up(boot, NULL, ret_same, error);
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}

// ---------------------------------------------------------------- as the store has it

typedef struct reading {
    node_boot *boot;
    const char *name;
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
    if (app->has_manifest)
        return deploy_manifest_parse_kept(&boot->manifest, boot->source, app->manifest, error);
    return deploy_manifest_of_component(&boot->manifest, boot->source, app->name, error);
}

/// The component of the store in the place of what the manifest says.
static airs_status take_from_store(node_boot *boot, size_t place, airs_error *error)
{
    char path[NODE_STATE_PATH_MAX];
    airs_status status = node_store_path(boot->store, &boot->versions[place].content, path, error);
    if (status != AIRS_OK)
        return status;
    char *kept = deploy_document_alloc(&boot->manifest.document, strlen(path) + 1);
    if (kept == NULL)
        return no_memory(boot, error);
    memcpy(kept, path, strlen(path) + 1);
    actor_at(boot, place)->component_path = kept;
    return AIRS_OK;
}

/// What its actors are made of now is taken in the place of what the manifest says.
static airs_status read_version(void *user, const node_stored_version *version, airs_error *error)
{
    node_boot *boot = user;
    const deploy_named *named = deploy_manifest_find(&boot->manifest, version->name);
    if (named == NULL || named->kind != version->kind)
        return AIRS_OK;
    size_t place = named->place + (named->kind == DEPLOY_KIND_TEMPLATE ? boot->manifest.actors_count : 0);
    node_stored_version *to = &boot->versions[place];
    const char *name = to->name;
    *to = *version;
    to->name = name;
    return take_from_store(boot, place, error);
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
            return no_memory(boot, error);
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

/// One grant that was given or taken back while the app ran, as if the manifest had said it: so nothing ever runs with
/// what was revoked. The manifest of a component alone has no grants; node_durable_resume gives and takes them.
static airs_status overlay_grant(void *user, const node_stored_grant *grant, airs_error *error)
{
    node_boot *boot = user;
    deploy_document *document = &boot->manifest.document;
    if (grant->actor[0] == '\0')
        return overlay_exposed(boot, grant, error);
    const deploy_named *named = deploy_manifest_find(&boot->manifest, grant->actor);
    if (named == NULL || named->kind != DEPLOY_KIND_ACTOR)
        return AIRS_OK;
    deploy_grants *grants = &boot->manifest.actors[named->place].grants;
    if (!grants->complete)
        return AIRS_OK;
    if (grant->revoked && take_back(grants, grant->text))
        return AIRS_OK;
    airs_grant_text *text = deploy_document_alloc(document, sizeof *text);
    airs_grant *more = deploy_document_alloc(document, (grants->made_count + 1) * sizeof *more);
    if (more == NULL || text == NULL)
        return no_memory(boot, error);
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
    node_app_absence *more =
        base_realloc(base_allocator_default(), boot->absences, (boot->absences_count + 1) * sizeof *more);
    if (more == NULL)
        return no_memory(boot, error);
    boot->absences = more;
    const char *kept = keep_text(boot, name);
    if (kept == NULL)
        return no_memory(boot, error);
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
        return no_memory(boot, error);
    boot->children = more;
    node_stored_child kept = {.place = child->place,
                              .group = keep_text(boot, child->group),
                              .name = keep_text(boot, child->name),
                              .config = keep_text(boot, child->config),
                              .actor = child->actor};
    if (kept.group == NULL || kept.name == NULL || kept.config == NULL)
        return no_memory(boot, error);
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
        return no_memory(boot, error);
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

airs_status node_boot_stored(node_boot *boot, node_store *store, const char *name, airs_error *error)
{
    *boot = (node_boot){.store = store, .stored = true};
    reading it = {.boot = boot, .name = name};
    airs_status status = node_store_each_app(store, read_app, &it, error);
    if (status == AIRS_OK && !it.found)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "the node has no app %s", name);
    if (status == AIRS_OK)
        status = make_versions(boot, error);
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
    return status == AIRS_OK ? make_versions(boot, error) : status;
}

airs_status node_boot_past(node_boot *boot, node_store *store, const char *name, airs_error *error)
{
    *boot = (node_boot){.store = store, .stored = true};
    airs_status status = node_store_past_app(store, name, read_past, read_version, boot, error);
    if (status == AIRS_OK)
        status = check_contents(boot, error);
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}

// ---------------------------------------------------------------- keeping

/// Whether the app has loaded a component of this hash.
static bool is_loaded(const node_app *app, const node_content *content)
{
    for (size_t i = 0; i < app->components_count; i++) {
        if (memcmp(app->components[i]->hash, content->hash, sizeof content->hash) == 0)
            return true;
    }
    return false;
}

static airs_status changed(const char *path, airs_error *error)
{
    return base_error_set(error, AIRS_E_IO, "%s has changed while the app started: start it again", path);
}

/// `app` NULL: whether it is loaded does not matter.
static airs_status keep_component(const node_boot *boot, size_t place, const node_app *app, airs_error *error)
{
    const node_content *content = &boot->versions[place].content;
    const char *path = actor_at(boot, place)->component_path;
    for (size_t i = 0; i < place; i++) {
        if (node_content_equal(&boot->versions[i].content, content))
            return AIRS_OK;
    }
    if (app != NULL && !is_loaded(app, content))
        return changed(path, error);
    airs_buffer file;
    airs_status status =
        os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, component_max(boot), &file, error);
    if (status != AIRS_OK)
        return status;
    node_content kept;
    status = node_store_add(boot->store, (airs_bytes){file.data, file.len}, &kept, NULL, error);
    airs_buffer_free(&file);
    if (status == AIRS_OK && !node_content_equal(&kept, content))
        status = changed(path, error);
    return status;
}

airs_status node_boot_keep(node_boot *boot, const node_app *app, airs_error *error)
{
    if (boot->store == NULL || boot->stored)
        return AIRS_OK;
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < boot->versions_count; i++)
        status = keep_component(boot, i, app, error);
    if (status != AIRS_OK)
        return status;
    const node_stored_app kept = node_boot_as_stored(boot);
    status = node_store_put_app(boot->store, &kept, boot->versions, boot->versions_count, error);
    boot->stored = status == AIRS_OK;
    return status;
}

node_stored_app node_boot_as_stored(const node_boot *boot)
{
    return (node_stored_app){.name = boot->manifest.name.text,
                             .source = boot->source,
                             .manifest = boot->manifest.source,
                             .has_manifest = boot->manifest.source.data != NULL,
                             .digest = boot->digest,
                             .folder = boot->folder};
}

airs_status node_boot_take_components(node_boot *boot, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; !boot->stored && status == AIRS_OK && i < boot->versions_count; i++)
        status = keep_component(boot, i, NULL, error);
    for (size_t i = 0; !boot->stored && status == AIRS_OK && i < boot->versions_count; i++)
        status = take_from_store(boot, i, error);
    return status;
}

void node_boot_fini(node_boot *boot)
{
    base_free(base_allocator_default(), boot->versions);
    base_free(base_allocator_default(), boot->absences);
    base_free(base_allocator_default(), boot->children);
    deploy_manifest_close(&boot->manifest);
    *boot = (node_boot){0};
}
