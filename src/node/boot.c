// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/boot_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "os/file.h"
#include "wasm/component.h"

// Of what a manifest says nothing of; as airs_system_options.component_max.
#define COMPONENT_BYTES_MAX (64u << 20)

airs_status boot_no_memory(const node_boot *boot, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "no memory for the app %s", boot->manifest.name.text);
}

static uint64_t component_max(const node_boot *boot)
{
    return boot->manifest.node.component_max == 0 ? COMPONENT_BYTES_MAX : boot->manifest.node.component_max;
}

deploy_actor *boot_actor_at(const node_boot *boot, size_t place)
{
    const deploy_manifest *manifest = &boot->manifest;
    return place < manifest->actors_count ? &manifest->actors[place]
                                          : &manifest->templates[place - manifest->actors_count];
}

airs_status boot_make_versions(node_boot *boot, airs_error *error)
{
    const deploy_manifest *manifest = &boot->manifest;
    boot->versions_count = manifest->actors_count + manifest->templates_count;
    boot->versions = base_alloc_zeroed(base_allocator_default(), boot->versions_count * sizeof *boot->versions);
    if (boot->versions == NULL)
        return boot_no_memory(boot, error);
    for (size_t i = 0; i < boot->versions_count; i++) {
        boot->versions[i].kind = i < manifest->actors_count ? DEPLOY_KIND_ACTOR : DEPLOY_KIND_TEMPLATE;
        boot->versions[i].name = boot_actor_at(boot, i)->name.text;
    }
    return AIRS_OK;
}

// ---------------------------------------------------------------- as it is given

airs_status boot_hash_file(const node_boot *boot, size_t place, airs_error *error)
{
    const char *path = boot_actor_at(boot, place)->component_path;
    for (size_t i = 0; i < place; i++) {
        if (strcmp(boot_actor_at(boot, i)->component_path, path) == 0) {
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
        return boot_no_memory(boot, error);
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
    airs_status status = boot_make_versions(boot, error);
    for (size_t i = 0; status == AIRS_OK && i < boot->versions_count; i++)
        status = boot_hash_file(boot, i, error);
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

static airs_status changed(const char *path, const node_app *app, airs_error *error)
{
    return base_error_set(error, AIRS_E_IO,
                          app != NULL ? "%s has changed while the app started: start it again"
                                      : "%s has changed since it was compared: look again",
                          path);
}

/// `app` NULL: whether it is loaded does not matter.
static airs_status keep_component(const node_boot *boot, size_t place, const node_app *app, airs_error *error)
{
    const node_content *content = &boot->versions[place].content;
    const char *path = boot_actor_at(boot, place)->component_path;
    for (size_t i = 0; i < place; i++) {
        if (node_content_equal(&boot->versions[i].content, content))
            return AIRS_OK;
    }
    if (app != NULL && !is_loaded(app, content))
        return changed(path, app, error);
    airs_buffer file;
    airs_status status =
        os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, component_max(boot), &file, error);
    if (status != AIRS_OK)
        return status;
    node_content kept;
    status = node_store_add(boot->store, (airs_bytes){file.data, file.len}, &kept, NULL, error);
    airs_buffer_free(&file);
    if (status == AIRS_OK && !node_content_equal(&kept, content))
        status = changed(path, app, error);
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

/// Whether its component is not the store's yet.
static bool is_given(const node_boot *boot, size_t place)
{
    return !boot->stored || (boot->added != NULL && strcmp(boot->versions[place].name, boot->added) == 0);
}

airs_status node_boot_take_components(node_boot *boot, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < boot->versions_count; i++) {
        if (is_given(boot, i))
            status = keep_component(boot, i, NULL, error);
    }
    for (size_t i = 0; status == AIRS_OK && i < boot->versions_count; i++) {
        if (is_given(boot, i))
            status = boot_take_from_store(boot, i, error);
    }
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
