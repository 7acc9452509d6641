// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/manifest.h"

#include "base/error.h"
#include "capability/loopback.h"
#include "deploy/manifest_check.h"
#include "deploy/manifest_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define APP_NAME_MAX 64
// Of an app of one actor: a system for few instances is made faster, and fits where memory is scarce.
#define INSTANCES_OF_ONE 16

static airs_status no_memory(const deploy_manifest *manifest, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", manifest->document.path);
}

// ---------------------------------------------------------------- names

/// The app's name is also the name of a file, its socket.
static bool app_name_valid(const char *name)
{
    return deploy_name_valid(name, false) && !strpbrk(name, "/:") && name[0] != '.' && name[0] != '-' &&
           strlen(name) <= APP_NAME_MAX;
}

// ---------------------------------------------------------------- component files

const char *deploy_manifest_path(deploy_document *document, const char *name)
{
    const char *slash = strrchr(document->path, '/');
    size_t folder = slash && name[0] != '/' ? (size_t)(slash - document->path) + 1 : 0;
    size_t size = folder + strlen(name) + 1;
    char *path = deploy_document_alloc(document, size);
    if (path)
        snprintf(path, size, "%.*s%s", (int)folder, document->path, name);
    return path;
}

static airs_status check_component(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    deploy_document *document = &manifest->document;
    actor->component_path = deploy_manifest_path(document, actor->component.text);
    if (!actor->component_path)
        return no_memory(manifest, error);
    if (manifest->kept)
        return AIRS_OK;
    const char *path = actor->component_path;
    struct stat about;
    if (stat(path, &about) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return deploy_document_refuse(document, actor->component.at, error,
                                          "no such component file: %s: build it, or correct the path", path);
        return deploy_document_refuse(document, actor->component.at, error, "component file %s: %s", path,
                                      strerror(errno));
    }
    if (S_ISDIR(about.st_mode))
        return deploy_document_refuse(document, actor->component.at, error,
                                      "the component %s is a folder: name the .wasm file in it", path);
    if (access(path, R_OK) != 0)
        return deploy_document_refuse(document, actor->component.at, error, "component file %s: %s", path,
                                      strerror(errno));
    return AIRS_OK;
}

// ---------------------------------------------------------------- the whole file

/// An app of one actor, which ends when the actor is done.
static airs_status take_component(deploy_manifest *manifest, deploy_text name, deploy_text component, airs_error *error)
{
    deploy_actor *actor = deploy_document_alloc(&manifest->document, sizeof *actor);
    if (!actor)
        return no_memory(manifest, error);
    *actor = deploy_actor_initial;
    actor->at = name.at;
    actor->name = name;
    actor->component = component;
    actor->component_path = component.text;
    actor->restart = AIRS_RESTART_TRANSIENT;
    actor->significant = true;
    manifest->name = name;
    manifest->root = deploy_manifest_file_initial.supervisor.supervision;
    if (manifest->node.instances_max == 0)
        manifest->node.instances_max = INSTANCES_OF_ONE;
    manifest->actors = actor;
    manifest->actors_count = 1;
    return AIRS_OK;
}

/// Printf into the document's memory; NULL when there is none.
static char *document_printf(deploy_document *document, const char *format, const char *text)
{
    size_t size = strlen(format) + strlen(text) + 1;
    char *made = deploy_document_alloc(document, size);
    if (made)
        snprintf(made, size, format, text);
    return made;
}

/// A project of `airssys build` without [app] runs as an app of its one component.
static airs_status take_project(deploy_manifest *manifest, airs_error *error)
{
    deploy_document *document = &manifest->document;
    deploy_text name = deploy_document_text(document, "component", "name");
    if (!name.text)
        return deploy_document_refuse(document, (deploy_place){1, 1}, error, "`name` is missing in [component]");
    deploy_text output = deploy_document_text(document, "build", "output");
    if (!output.text)
        output = (deploy_text){document_printf(document, "build/%s.wasm", name.text), name.at};
    if (!output.text)
        return no_memory(manifest, error);
    manifest->version = deploy_document_text(document, "component", "version");
    manifest->description = deploy_document_text(document, "component", "description");
    return take_component(manifest, name, output, error);
}

static void take_file(deploy_manifest *manifest, const deploy_manifest_file *file)
{
    manifest->name = file->app.name;
    manifest->version = file->app.version;
    manifest->description = file->app.description;
    manifest->expose = file->app.expose;
    manifest->root = file->supervisor.supervision;
    manifest->node = file->node;
    manifest->groups = file->supervisor.groups.items;
    manifest->groups_count = file->supervisor.groups.count;
    manifest->actors = file->actors.items;
    manifest->actors_count = file->actors.count;
    manifest->templates = file->templates.items;
    manifest->templates_count = file->templates.count;
}

/// Whether the node has room for all that is there all the time: others may end before the next one starts.
static airs_status check_node(const deploy_manifest *manifest, airs_error *error)
{
    const deploy_node *node = &manifest->node;
    size_t instances = 0;
    for (size_t i = 0; i < manifest->actors_count; i++)
        instances += manifest->actors[i].restart == AIRS_RESTART_PERMANENT;
    size_t actors = 1 + manifest->groups_count + instances;
    if (node->instances_max > 0 && instances > node->instances_max)
        return deploy_document_refuse(&manifest->document, node->instances_max_at, error,
                                      "`instances_max` is %u, but %zu actors are permanent", node->instances_max,
                                      instances);
    if (node->actors_max > 0 && actors > node->actors_max)
        return deploy_document_refuse(&manifest->document, node->actors_max_at, error,
                                      "`actors_max` is %u, but the root, groups and permanent actors are %zu",
                                      node->actors_max, actors);
    if (node->metrics.text != NULL) {
        capability_address address;
        uint16_t port;
        airs_error why = {0};
        if (capability_loopback_parse(node->metrics.text, &address, &port, &why) != AIRS_OK)
            return deploy_document_refuse(&manifest->document, node->metrics.at, error, "`metrics`: %s", why.text);
    }
    return AIRS_OK;
}

/// Whether what is said of each part makes sense in itself.
static airs_status check_settings(const deploy_manifest *manifest, airs_error *error)
{
    airs_status status = deploy_manifest_check_backoff(manifest, &manifest->root.backoff, error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->groups_count; i++)
        status = deploy_manifest_check_group(manifest, &manifest->groups[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = deploy_manifest_check_actor(manifest, &manifest->actors[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = deploy_manifest_check_actor(manifest, &manifest->templates[i], error);
    return status;
}

static airs_status check_manifest(deploy_manifest *manifest, airs_error *error)
{
    deploy_document *document = &manifest->document;
    if (!app_name_valid(manifest->name.text))
        return deploy_document_refuse(document, manifest->name.at, error,
                                      "`name` is \"%s\": the name of an app is 1 to %d letters, digits and -_., and "
                                      "starts with none of -.",
                                      manifest->name.text, APP_NAME_MAX);
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = deploy_manifest_take_spawn(manifest, &manifest->actors[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = deploy_manifest_take_spawn(manifest, &manifest->templates[i], error);
    if (status == AIRS_OK)
        status = deploy_manifest_check_tree(manifest, error);
    if (status == AIRS_OK)
        status = deploy_manifest_check_expose(manifest, error);
    if (status == AIRS_OK)
        status = check_settings(manifest, error);
    if (status == AIRS_OK)
        status = check_node(manifest, error);
    if (status == AIRS_OK && manifest->node.audit_dir.text != NULL) {
        manifest->node.audit_path = deploy_manifest_path(document, manifest->node.audit_dir.text);
        status = manifest->node.audit_path == NULL ? no_memory(manifest, error) : AIRS_OK;
    }
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = check_component(manifest, &manifest->actors[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = check_component(manifest, &manifest->templates[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = deploy_manifest_check_grants(manifest, &manifest->actors[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = deploy_manifest_check_grants(manifest, &manifest->templates[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = deploy_manifest_check_program(manifest, &manifest->actors[i], error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = deploy_manifest_check_program(manifest, &manifest->templates[i], error);
    return status;
}

static airs_status read_manifest(deploy_manifest *manifest, airs_error *error)
{
    deploy_document *document = &manifest->document;
    deploy_manifest_file file = deploy_manifest_file_initial;
    airs_status status = deploy_document_read(document, deploy_manifest_fields(), &file, error);
    if (status != AIRS_OK)
        return status;
    take_file(manifest, &file);
    deploy_place top = {1, 1};
    if (!file.app.name.text && file.actors.count > 0)
        return deploy_document_refuse(document, top, error, "[app] is missing: it gives the app its `name`");
    if (!file.app.name.text && !file.component)
        return deploy_document_refuse(document, top, error,
                                      "[app] is missing: this is neither an app nor a component's project");
    if (!file.app.name.text)
        status = take_project(manifest, error);
    else if (file.actors.count == 0)
        return deploy_document_refuse(document, top, error, "no [[actor]]: an app has at least one");
    return status == AIRS_OK ? check_manifest(manifest, error) : status;
}

/// So that what was read can be kept as it was.
static airs_status take_source(deploy_manifest *manifest, airs_bytes text, airs_error *error)
{
    uint8_t *copy = deploy_document_alloc(&manifest->document, text.len + 1);
    if (!copy)
        return no_memory(manifest, error);
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    manifest->source = (airs_bytes){copy, text.len};
    return AIRS_OK;
}

static airs_status parse(deploy_manifest *manifest, const char *path, airs_bytes text, bool kept, airs_error *error)
{
    deploy_manifest made = {.kept = kept};
    airs_status status = deploy_document_open(&made.document, path, text, error);
    if (status != AIRS_OK)
        return status;
    status = take_source(&made, text, error);
    if (status == AIRS_OK)
        status = read_manifest(&made, error);
    if (status == AIRS_OK)
        *manifest = made;
    else
        deploy_manifest_close(&made);
    return status;
}

airs_status deploy_manifest_parse(deploy_manifest *manifest, const char *path, airs_bytes text, airs_error *error)
{
    return parse(manifest, path, text, false, error);
}

airs_status deploy_manifest_parse_kept(deploy_manifest *manifest, const char *path, airs_bytes text, airs_error *error)
{
    return parse(manifest, path, text, true, error);
}

airs_status deploy_manifest_of_component(deploy_manifest *manifest, const char *path, const char *name,
                                         airs_error *error)
{
    deploy_manifest made = {.bare = true, .node = deploy_manifest_file_initial.node};
    airs_status status = deploy_document_make(&made.document, path, error);
    if (status != AIRS_OK)
        return status;
    deploy_text named = {document_printf(&made.document, "%s", name), {0}};
    status = named.text ? take_component(&made, named, (deploy_text){made.document.path, {0}}, error)
                        : no_memory(&made, error);
    if (status == AIRS_OK)
        status = deploy_manifest_check_tree(&made, error);
    if (status == AIRS_OK)
        *manifest = made;
    else
        deploy_manifest_close(&made);
    return status;
}

void deploy_manifest_close(deploy_manifest *manifest)
{
    deploy_document_close(&manifest->document);
    *manifest = (deploy_manifest){0};
}
