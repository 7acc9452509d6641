// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "deploy/addition.h"
#include "node/learning.h"
#include "node/recording.h"
#include "wasm/component.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool node_cache_folder(char *path, size_t size)
{
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    int len = -1;
    // As the XDG rules say, a relative path is as good as none.
    if (cache && cache[0] == '/')
        len = snprintf(path, size, "%s/airssys", cache);
    else if (home && home[0] == '/')
        len = snprintf(path, size, "%s/.cache/airssys", home);
    return len > 0 && (size_t)len < size;
}

/// Puts the app where others of the node find it, before its actors look for them.
static airs_status join_others(node_app *app, const deploy_manifest *manifest, airs_bridge *bridge, airs_error *error)
{
    const deploy_names *expose = &manifest->expose;
    if (!bridge)
        return AIRS_OK;
    const char **patterns = base_alloc_array(base_allocator_default(), expose->count + 1, sizeof *patterns);
    if (!patterns)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the app");
    for (size_t i = 0; i < expose->count; i++)
        patterns[i] = expose->items[i].text;
    airs_status status = airs_bridge_join(bridge, app->system, manifest->name.text, patterns, expose->count, error);
    base_free(base_allocator_default(), (void *)patterns);
    if (status != AIRS_OK)
        base_error_prefix(error, "%s", manifest->document.path);
    return status;
}

static airs_status create_system(node_app *app, const deploy_manifest *manifest, const node_app_options *options,
                                 airs_error *error)
{
    airs_system_options system = {
        .workers = manifest->node.workers,
        .actors_max = manifest->node.actors_max,
        .instances_max = manifest->node.instances_max,
        .component_memory_max = manifest->node.component_memory_max,
        .memory_max = manifest->node.max_memory,
        .max_restarts = manifest->root.max_restarts,
        .window_ms = manifest->root.window_ms,
        .strategy = (airs_strategy)manifest->root.strategy,
        .auto_shutdown = (airs_auto_shutdown)manifest->root.auto_shutdown,
        .backoff = deploy_backoff_options(&manifest->root.backoff),
        .log = options->log,
        .log_user = options->log_user,
        .log_level = options->log_level,
        .cache_dir = options->cache_dir,
        .compiler_path = options->compiler_path,
        .component_max = manifest->node.component_max,
        .compile_memory_max = manifest->node.compile_memory,
        .compile_timeout_ms = manifest->node.compile_time_ms,
    };
    learning_options(options->learner, &system);
    app->learner = options->learner;
    recording_paths paths;
    airs_status status = recording_options(&manifest->node, options->state_dir, &paths, &system.audit, error);
    if (status == AIRS_OK)
        status = airs_system_create(&system, &app->system, error);
    if (status != AIRS_OK)
        return status;
    learning_begin(app->learner, app->system);
    airs_system_on_event(app->system, options->event, options->event_user);
    base_text_copy(app->name, sizeof app->name, base_bytes_of(manifest->name.text));
    status = join_others(app, manifest, options->bridge, error);
    return status != AIRS_OK ? status : recording_started(app->system, app->name, error);
}

/// What is needed while an app comes up, and not after.
typedef struct starting {
    node_app *app;
    const deploy_manifest *manifest;
    /// Components and their files, as they are loaded: those of the app, or for this once.
    const char **paths;
    airs_component **components;
    size_t *components_count;
    /// Of each template of the manifest that has been asked for; its name is NULL until then.
    airs_template *templates;
    /// The lists of templates that actors, and templates, may spawn of.
    airs_template *granted;
    size_t granted_count;
    /// Of each group, its place in the tree; of each place in the tree, that of its supervisor.
    size_t *group_places;
    size_t *above;
    /// What of the manifest is not to be started.
    const node_app_absence *absences;
    size_t absences_count;
    /// Of `show_template`.
    node_app_template_fn template_fn;
    void *template_user;
    /// Of the actor that `make_one` makes; NULL: it is as the manifest says.
    node_app_trial *trial;
    airs_error *error;
} starting;

// ---------------------------------------------------------------- the tree as it came up

/// Adds an actor that has just started to the tree, below `above`. It may have ended since: then it is shown as it was
/// made.
static void remember(starting *up, size_t above, airs_actor_id id, const airs_actor_info *made)
{
    node_app *app = up->app;
    up->above[app->tree_count] = above;
    airs_actor_info *info = &app->tree[app->tree_count++];
    if (airs_actor_get_info(app->system, id, info) != AIRS_OK) {
        *info = *made;
        info->id = id;
    }
    info->state = AIRS_ACTOR_READY;
}

static void remember_root(starting *up)
{
    airs_actor_id root = {0};
    airs_actor_list(up->app->system, &root, 1);
    airs_actor_info made = {.kind = AIRS_KIND_SUPERVISOR};
    remember(up, 0, root, &made);
}

/// The place in the tree of a group; of the root when it has no name.
static size_t place_of(const starting *up, deploy_text name)
{
    return name.text ? up->group_places[deploy_place_of(up->manifest, DEPLOY_KIND_GROUP, name.text)] : 0;
}

/// Puts the tree, which is in the order of the starts, into that of `airs_actor_list`: each supervisor before its
/// children, and nobody else's among them.
static airs_status order_tree(starting *up)
{
    const airs_allocator *allocator = base_allocator_default();
    node_app *app = up->app;
    size_t count = app->tree_count;
    // 0 is none: the root is nobody's child.
    size_t *child = base_alloc_zeroed(allocator, count * sizeof *child);
    size_t *sibling = base_alloc_zeroed(allocator, count * sizeof *sibling);
    airs_actor_info *ordered = base_alloc_array(allocator, count, sizeof *ordered);
    airs_status status = AIRS_OK;
    if (child && sibling && ordered) {
        for (size_t i = count; --i > 0;) {
            sibling[i] = child[up->above[i]];
            child[up->above[i]] = i;
        }
        size_t filled = 0;
        size_t at = 0;
        do {
            ordered[filled++] = app->tree[at];
            size_t next = child[at];
            while (next == 0 && at != 0) {
                next = sibling[at];
                at = up->above[at];
            }
            at = next;
        } while (at != 0);
        airs_actor_info *before = app->tree;
        app->tree = ordered;
        ordered = before;
    } else {
        status = base_error_set(up->error, AIRS_E_NOMEM, "no memory for the app");
    }
    base_free(allocator, ordered);
    base_free(allocator, sibling);
    base_free(allocator, child);
    return status;
}

// ---------------------------------------------------------------- spawning

static airs_actor_id supervisor_of(const starting *up, deploy_text name)
{
    return up->app->tree[place_of(up, name)].id;
}

/// The component of an actor: loaded now, or for an actor before of the same file.
static airs_status load_component(starting *up, const deploy_actor *actor, airs_component **ret_component)
{
    for (size_t i = 0; i < *up->components_count; i++) {
        if (strcmp(up->paths[i], actor->component_path) == 0) {
            *ret_component = up->components[i];
            return AIRS_OK;
        }
    }
    airs_component *component;
    airs_status status = airs_component_load_file(up->app->system, actor->component_path, &component, up->error);
    if (status != AIRS_OK) {
        // A bare component has no manifest to point at.
        if (actor->component.at.line > 0)
            base_error_prefix(up->error, "%s:%u:%u", up->manifest->document.path, actor->component.at.line,
                              actor->component.at.column);
        return status;
    }
    up->paths[*up->components_count] = actor->component_path;
    up->components[(*up->components_count)++] = component;
    *ret_component = component;
    return AIRS_OK;
}

static airs_status take_template(starting *up, const char *name, const airs_template **ret_template);

/// Fills in the templates that an actor, or what a template makes, may spawn of.
static airs_status grant_templates(starting *up, const deploy_actor *actor, airs_spawn_options *options)
{
    const deploy_names *names = &actor->spawn.templates;
    // Taken first: templates of templates are added to the same list.
    airs_template *list = &up->granted[up->granted_count];
    up->granted_count += names->count;
    for (size_t i = 0; i < names->count; i++) {
        const airs_template *made;
        airs_status status = take_template(up, names->items[i].text, &made);
        if (status != AIRS_OK)
            return status;
        list[i] = *made;
    }
    options->templates = names->count > 0 ? list : NULL;
    options->templates_count = names->count;
    return AIRS_OK;
}

static bool is_named(const deploy_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].text, name) == 0)
            return true;
    }
    return false;
}

// Children that such an actor may have at once: as many as of one that says nothing.
#define CHILDREN_SHOWN_MAX 100u

/// The same for an actor of an app that learns: behind those that it is granted, all that there are.
static airs_status show_templates(starting *up, const deploy_actor *actor, airs_spawn_options *options)
{
    const deploy_names *granted = &actor->spawn.templates;
    airs_template *list = &up->granted[up->granted_count];
    up->granted_count += up->manifest->templates_count;
    size_t count = 0;
    airs_status status = AIRS_OK;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < up->manifest->templates_count && status == AIRS_OK; i++) {
            const char *name = up->manifest->templates[i].name.text;
            const airs_template *made;
            if (is_named(granted, name) != (pass == 0))
                continue;
            status = take_template(up, name, &made);
            if (status == AIRS_OK)
                list[count++] = *made;
        }
    }
    options->templates = count > 0 ? list : NULL;
    options->templates_count = count;
    if (options->children_max < CHILDREN_SHOWN_MAX)
        options->children_max = CHILDREN_SHOWN_MAX;
    return status;
}

/// The template of a name, made when it is asked for first. The manifest has been checked: none spawns itself, and
/// they are few levels deep.
static airs_status take_template(starting *up, const char *name, const airs_template **ret_template)
{
    size_t place = deploy_place_of(up->manifest, DEPLOY_KIND_TEMPLATE, name);
    const deploy_actor *described = &up->manifest->templates[place];
    airs_template *made = &up->templates[place];
    if (!made->name) {
        made->options = deploy_actor_options(described, (airs_actor_id){0});
        airs_status status = load_component(up, described, &made->component);
        if (status == AIRS_OK)
            status = grant_templates(up, described, &made->options);
        if (status != AIRS_OK)
            return status;
        made->name = described->name.text;
    }
    *ret_template = made;
    return AIRS_OK;
}

/// Makes the supervisor of a group below `parent`.
static airs_status make_group(starting *up, const deploy_group *group, airs_actor_id parent, airs_actor_id *ret_id)
{
    airs_supervisor_options options = deploy_group_options(group, parent);
    airs_status status = AIRS_OK;
    if (group->template_name.text)
        status = take_template(up, group->template_name.text, &options.child_template);
    if (status != AIRS_OK)
        return status;
    status = airs_spawn_supervisor(up->app->system, &options, ret_id, up->error);
    if (status != AIRS_OK)
        base_error_prefix(up->error, "%s:%u:%u: group %s", up->manifest->document.path, group->name.at.line,
                          group->name.at.column, group->name.text);
    return status;
}

static airs_status spawn_group(starting *up, size_t place)
{
    node_app *app = up->app;
    const deploy_group *group = &up->manifest->groups[place];
    airs_actor_id parent = supervisor_of(up, group->parent);
    airs_actor_id id;
    airs_status status = make_group(up, group, parent, &id);
    if (status != AIRS_OK)
        return status;
    airs_actor_info made = {.supervisor = parent, .kind = AIRS_KIND_SUPERVISOR};
    base_text_copy(made.name, sizeof made.name, base_bytes_of(group->name.text));
    up->group_places[place] = app->tree_count;
    remember(up, place_of(up, group->parent), id, &made);
    return AIRS_OK;
}

/// Makes an actor below `supervisor`.
static airs_status make_actor(starting *up, const deploy_actor *actor, airs_actor_id supervisor,
                              airs_component **ret_component, airs_actor_id *ret_id)
{
    airs_spawn_options options = deploy_actor_options(actor, supervisor);
    airs_status status = load_component(up, actor, ret_component);
    if (status == AIRS_OK)
        status = up->app->learner ? show_templates(up, actor, &options) : grant_templates(up, actor, &options);
    if (status != AIRS_OK)
        return status;
    status = up->trial ? up->trial->spawn(up->trial, up->app->system, *ret_component, &options, ret_id, up->error)
                       : airs_spawn_component(up->app->system, *ret_component, &options, ret_id, up->error);
    if (status == AIRS_OK)
        return status;
    base_error_prefix(up->error, "actor %s does not start", actor->name.text);
    if (actor->component.at.line > 0)
        base_error_prefix(up->error, "%s:%u:%u", up->manifest->document.path, actor->component.at.line,
                          actor->component.at.column);
    return status;
}

static airs_status spawn_actor(starting *up, const deploy_actor *actor)
{
    airs_actor_id supervisor = supervisor_of(up, actor->supervisor);
    airs_component *component;
    airs_actor_id id;
    airs_status status = make_actor(up, actor, supervisor, &component, &id);
    if (status != AIRS_OK)
        return status;
    airs_actor_info made = {.supervisor = supervisor, .kind = AIRS_KIND_COMPONENT};
    base_text_copy(made.name, sizeof made.name, base_bytes_of(actor->name.text));
    base_text_copy(made.component, sizeof made.component, base_bytes_of(airs_component_name(component)));
    base_text_copy(made.version, sizeof made.version, base_bytes_of(airs_component_version(component)));
    remember(up, place_of(up, actor->supervisor), id, &made);
    return AIRS_OK;
}

/// What is wrong with a component is said before anything has started.
static airs_status check_component(starting *up, const deploy_actor *actor)
{
    airs_component *component;
    airs_status status = load_component(up, actor, &component);
    if (status == AIRS_OK && actor->checkpoint.at.line > 0 && (component->exports & ENGINE_EXPORT_STATE) == 0)
        return deploy_document_refuse(&up->manifest->document, actor->checkpoint.at, up->error,
                                      "a checkpoint of %s, which does not export `state`", actor->component_path);
    return status;
}

static airs_status check_components(starting *up)
{
    const deploy_manifest *manifest = up->manifest;
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = check_component(up, &manifest->actors[i]);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = check_component(up, &manifest->templates[i]);
    return status;
}

/// What the manifest calls so, if that is an actor or a group; NULL: nothing.
static const deploy_named *find_named(const deploy_manifest *manifest, const char *name)
{
    const deploy_named *named = deploy_manifest_find(manifest, name);
    return named && named->kind != DEPLOY_KIND_TEMPLATE ? named : NULL;
}

/// In the place of a group that is left out: why.
#define PLACE_STOPPED SIZE_MAX
#define PLACE_REMOVED (SIZE_MAX - 1)

/// Whether an actor or a group is left out: itself, or the group that it belongs to, which comes before it. Then that
/// is noted.
static bool is_left_out(starting *up, const deploy_named *next)
{
    const deploy_manifest *manifest = up->manifest;
    const char *name = next->name->text;
    const char *group = deploy_manifest_group_of(manifest, next);
    size_t above = group ? up->group_places[deploy_place_of(manifest, DEPLOY_KIND_GROUP, group)] : 0;
    bool removed = above == PLACE_REMOVED;
    bool left_out = removed || above == PLACE_STOPPED;
    for (size_t i = 0; i < up->absences_count; i++) {
        if (strcmp(up->absences[i].name, name) != 0)
            continue;
        left_out = true;
        removed = removed || up->absences[i].removed;
    }
    if (left_out && next->kind == DEPLOY_KIND_GROUP)
        up->group_places[next->place] = removed ? PLACE_REMOVED : PLACE_STOPPED;
    if (removed)
        base_atomic_store_release(&up->app->removed[find_named(manifest, name) - manifest->names], true);
    return left_out;
}

static airs_status spawn_all(starting *up)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < up->manifest->starts_count; i++) {
        const deploy_named *next = &up->manifest->starts[i];
        if (up->absences_count > 0 && is_left_out(up, next))
            continue;
        if (next->kind == DEPLOY_KIND_GROUP)
            status = spawn_group(up, next->place);
        else
            status = spawn_actor(up, &up->manifest->actors[next->place]);
    }
    return status;
}

/// How many templates are named, by actors and by templates.
static size_t count_granted(const deploy_manifest *manifest)
{
    size_t count = 0;
    for (size_t i = 0; i < manifest->actors_count; i++)
        count += manifest->actors[i].spawn.templates.count;
    for (size_t i = 0; i < manifest->templates_count; i++)
        count += manifest->templates[i].spawn.templates.count;
    return count;
}

/// Memory for what is only needed while actors are made.
static bool begin_starting(starting *up)
{
    const airs_allocator *allocator = base_allocator_default();
    const deploy_manifest *manifest = up->manifest;
    up->templates = base_alloc_zeroed(allocator, (manifest->templates_count + 1) * sizeof *up->templates);
    size_t shown = up->app->learner ? manifest->actors_count * manifest->templates_count : 0;
    up->granted = base_alloc_array(allocator, count_granted(manifest) + shown + 1, sizeof *up->granted);
    up->group_places = base_alloc_array(allocator, manifest->groups_count + 1, sizeof *up->group_places);
    up->above = base_alloc_array(allocator, manifest->starts_count + 1, sizeof *up->above);
    if (up->templates && up->granted && up->group_places && up->above)
        return true;
    base_error_set(up->error, AIRS_E_NOMEM, "no memory for the app");
    return false;
}

static void end_starting(starting *up)
{
    const airs_allocator *allocator = base_allocator_default();
    base_free(allocator, up->group_places);
    base_free(allocator, up->above);
    base_free(allocator, up->templates);
    base_free(allocator, up->granted);
}

/// Most components that a manifest can name.
static size_t files_of(const deploy_manifest *manifest)
{
    return manifest->actors_count + manifest->templates_count + 1;
}

static airs_status start_tree(node_app *app, const deploy_manifest *manifest, const node_app_options *options,
                              airs_error *error)
{
    const airs_allocator *allocator = base_allocator_default();
    size_t files = files_of(manifest);
    starting up = {.app = app,
                   .manifest = manifest,
                   .components_count = &app->components_count,
                   .absences = options->absences,
                   .absences_count = options->absences_count,
                   .error = error};
    app->manifest = manifest;
    app->paths = base_alloc_array(allocator, files, sizeof *app->paths);
    app->components = base_alloc_array(allocator, files, sizeof(airs_component *));
    app->tree = base_alloc_array(allocator, manifest->starts_count + 1, sizeof *app->tree);
    app->removed = base_alloc_zeroed(allocator, (manifest->names_count + 1) * sizeof *app->removed);
    airs_status status = begin_starting(&up) ? AIRS_OK : AIRS_E_NOMEM;
    if (status == AIRS_OK && (!app->paths || !app->components || !app->tree || !app->removed))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the app");
    up.paths = app->paths;
    up.components = app->components;
    if (status == AIRS_OK) {
        remember_root(&up);
        status = check_components(&up);
    }
    if (status == AIRS_OK)
        status = spawn_all(&up);
    if (status == AIRS_OK)
        status = order_tree(&up);
    end_starting(&up);
    return status;
}

// ---------------------------------------------------------------- while it runs

/// A manifest that the app was given by a deployment, or had before one.
struct node_app_past {
    struct node_app_past *next;
    deploy_manifest manifest;
    BASE_ATOMIC(bool) *removed;
};

/// What it is of now; valid as long as the app.
static const deploy_manifest *look(const node_app *app)
{
    // The lock is no part of what is looked at.
    os_mutex *lock = (os_mutex *)(uintptr_t)&app->look;
    os_mutex_lock(lock);
    const deploy_manifest *manifest = app->manifest;
    os_mutex_unlock(lock);
    return manifest;
}

/// Makes what the manifest calls so, below the supervisor that is there now.
static airs_status make_named(starting *up, const deploy_named *named, airs_actor_id *ret_id)
{
    const deploy_manifest *manifest = up->manifest;
    const char *group = deploy_manifest_group_of(manifest, named);
    airs_actor_id supervisor = {0};
    airs_component *component;
    if (group && airs_lookup(up->app->system, group, &supervisor) != AIRS_OK)
        return base_error_set(up->error, AIRS_E_GONE, "its group %s is not there: start %s, which starts all of it",
                              group, group);
    if (!group)
        airs_actor_list(up->app->system, &supervisor, 1);
    if (named->kind == DEPLOY_KIND_GROUP)
        return make_group(up, &manifest->groups[named->place], supervisor, ret_id);
    return make_actor(up, &manifest->actors[named->place], supervisor, &component, ret_id);
}

/// Whether that has been removed from the manifest. What is made has its name before it is asked, and who removes looks
/// for the name after it is told: one of the two sees the other.
static bool is_removed(node_app *app, const deploy_named *named)
{
    os_mutex_lock(&app->look);
    const deploy_named *listed = find_named(app->manifest, named->name->text);
    bool removed = listed && base_atomic_load_acquire(&app->removed[listed - app->manifest->names]);
    os_mutex_unlock(&app->look);
    return removed;
}

static airs_status say_removed(const deploy_manifest *manifest, const char *name, airs_error *error)
{
    if (deploy_addition_is_in(manifest->source, name))
        return base_error_set(error, AIRS_E_NOT_FOUND,
                              "%s was removed: it is there again when it is added again, `airssys deploy COMPONENT "
                              "--name %s`",
                              name, name);
    return base_error_set(error, AIRS_E_NOT_FOUND,
                          "%s was removed: it is there again when the app is deployed as a whole, with it", name);
}

static void stop_again(airs_system *system, airs_actor_id id)
{
    // It can only have ended already.
    airs_status ignored = airs_stop(system, id);
    (void)ignored;
}

/// One after the other. `ret_first` is the one of that name, before what belongs to it.
static airs_status make_all(starting *up, const char *name, airs_actor_id *ret_first)
{
    const deploy_manifest *manifest = up->manifest;
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < manifest->starts_count; i++) {
        const deploy_named *named = &manifest->starts[i];
        airs_actor_id id;
        if (!deploy_manifest_belongs(manifest, named, name) || is_removed(up->app, named))
            continue;
        status = make_named(up, named, &id);
        if (status == AIRS_OK && ret_first->raw == 0)
            *ret_first = id;
        // Meanwhile; it may have been stopped for it.
        if (status == AIRS_OK && is_removed(up->app, named))
            stop_again(up->app->system, id);
    }
    return status;
}

static airs_status revive(starting *up, const char *name)
{
    const deploy_named *wanted = find_named(up->manifest, name);
    airs_actor_id first = {0};
    if (!wanted)
        return base_error_set(up->error, AIRS_E_NOT_FOUND, "no actor is named %s, and none in the manifest", name);
    if (is_removed(up->app, wanted))
        return say_removed(up->manifest, name, up->error);
    airs_status status = begin_starting(up) ? make_all(up, name, &first) : AIRS_E_NOMEM;
    end_starting(up);
    if (status == AIRS_OK && is_removed(up->app, wanted))
        status = say_removed(up->manifest, name, up->error);
    // All that was made is below it, or is it.
    if (status != AIRS_OK && first.raw != 0)
        stop_again(up->app->system, first);
    return status;
}

/// That alone.
static airs_status make_one(starting *up, const char *name)
{
    const deploy_named *named = find_named(up->manifest, name);
    if (!named)
        return base_error_set(up->error, AIRS_E_NOT_FOUND, "nothing in the manifest is named %s", name);
    airs_actor_id id;
    airs_status status = begin_starting(up) ? make_named(up, named, &id) : AIRS_E_NOMEM;
    end_starting(up);
    return status;
}

/// An actor as if it were a template.
static airs_status take_actor(starting *up, const deploy_actor *actor, airs_template *made)
{
    made->name = actor->name.text;
    made->options = deploy_actor_options(actor, (airs_actor_id){0});
    airs_status status = load_component(up, actor, &made->component);
    return status == AIRS_OK ? grant_templates(up, actor, &made->options) : status;
}

static airs_status show_template(starting *up, const char *name)
{
    const deploy_named *named = deploy_manifest_find(up->manifest, name);
    airs_template actor = {0};
    const airs_template *made = &actor;
    airs_status status = begin_starting(up) ? AIRS_OK : AIRS_E_NOMEM;
    if (status == AIRS_OK)
        status = named->kind == DEPLOY_KIND_ACTOR ? take_actor(up, &up->manifest->actors[named->place], &actor)
                                                  : take_template(up, name, &made);
    if (status == AIRS_OK)
        status = up->template_fn(up->template_user, made, up->error);
    end_starting(up);
    return status;
}

/// With another manifest than the app's own (`as->manifest`), whose components are the actors' alone.
static airs_status start_as(starting as, const char *name, airs_status (*start)(starting *up, const char *name))
{
    const airs_allocator *allocator = base_allocator_default();
    size_t files = files_of(as.manifest);
    size_t count = 0;
    starting up = as;
    up.components_count = &count;
    up.paths = base_alloc_array(allocator, files, sizeof *up.paths);
    up.components = base_alloc_array(allocator, files, sizeof(airs_component *));
    airs_status status = up.paths && up.components
                             ? start(&up, name)
                             : base_error_set(as.error, AIRS_E_NOMEM, "no memory to start %s", name);
    for (size_t i = 0; i < count; i++)
        airs_component_release(up.components[i]);
    base_free(allocator, up.components);
    base_free(allocator, up.paths);
    return status;
}

bool node_app_knows(const node_app *app, const char *name)
{
    return find_named(look(app), name) != NULL;
}

size_t node_app_names_of(const node_app *app, const char *name, const char ***ret_names)
{
    const deploy_manifest *manifest = look(app);
    size_t count = 0;
    const char **names = base_alloc_array(base_allocator_default(), manifest->starts_count + 1, sizeof *names);
    for (size_t i = 0; names && i < manifest->starts_count; i++) {
        if (deploy_manifest_belongs(manifest, &manifest->starts[i], name))
            names[count++] = manifest->starts[i].name->text;
    }
    *ret_names = names;
    return count;
}

const deploy_policy *node_app_policy(const node_app *app, const char *name)
{
    const deploy_manifest *manifest = look(app);
    const deploy_named *named = find_named(manifest, name);
    if (!named)
        return NULL;
    if (named->kind == DEPLOY_KIND_ACTOR)
        return &manifest->actors[named->place].policy;
    const char *of = named->kind == DEPLOY_KIND_GROUP ? manifest->groups[named->place].template_name.text : NULL;
    for (size_t i = 0; of && i < manifest->templates_count; i++) {
        if (strcmp(manifest->templates[i].name.text, of) == 0)
            return &manifest->templates[i].policy;
    }
    return NULL;
}

airs_status node_app_revive(node_app *app, const deploy_manifest *manifest, const char *name, airs_error *error)
{
    starting up = {.app = app,
                   .manifest = app->manifest,
                   .paths = app->paths,
                   .components = app->components,
                   .components_count = &app->components_count,
                   .error = error};
    os_mutex_lock(&app->lock);
    airs_status status = manifest ? start_as((starting){.app = app, .manifest = manifest, .error = error}, name, revive)
                                  : revive(&up, name);
    os_mutex_unlock(&app->lock);
    return status;
}

void node_app_forget(node_app *app, const char *name)
{
    os_mutex_lock(&app->look);
    const deploy_manifest *manifest = app->manifest;
    for (size_t i = 0; i < manifest->names_count; i++) {
        const deploy_named *named = &manifest->names[i];
        if (named->kind != DEPLOY_KIND_TEMPLATE && deploy_manifest_belongs(manifest, named, name))
            base_atomic_store_release(&app->removed[i], true);
    }
    os_mutex_unlock(&app->look);
}

// ---------------------------------------------------------------- deployments of the whole of it

bool node_app_is_bare(const node_app *app)
{
    return look(app)->source.data == NULL;
}

airs_status node_app_make(node_app *app, const deploy_manifest *manifest, const char *name, node_app_trial *trial,
                          airs_error *error)
{
    const starting as = {.app = app, .manifest = manifest, .trial = trial, .error = error};
    os_mutex_lock(&app->lock);
    airs_status status = start_as(as, name, make_one);
    os_mutex_unlock(&app->lock);
    return status;
}

airs_status node_app_template(node_app *app, const deploy_manifest *manifest, const char *name, node_app_template_fn fn,
                              void *user, airs_error *error)
{
    const starting as = {.app = app, .manifest = manifest, .template_fn = fn, .template_user = user, .error = error};
    os_mutex_lock(&app->lock);
    airs_status status = start_as(as, name, show_template);
    os_mutex_unlock(&app->lock);
    return status;
}

/// What was removed of the manifest before is removed of this one. Under `app->look`.
static void keep_removed(const node_app *app, const deploy_manifest *manifest, const char *alone, bool gone,
                         BASE_ATOMIC(bool) *removed)
{
    const deploy_manifest *before = app->manifest;
    for (size_t i = 0; i < manifest->names_count; i++) {
        const char *name = manifest->names[i].name->text;
        const deploy_named *was = find_named(before, name);
        if (strcmp(name, alone) == 0)
            base_atomic_store_relaxed(&removed[i], gone);
        else if (was && find_named(manifest, name))
            base_atomic_store_relaxed(&removed[i], base_atomic_load_acquire(&app->removed[was - before->names]));
    }
}

airs_status node_app_take(node_app *app, deploy_manifest *manifest, const char *alone, bool gone, airs_error *error)
{
    const airs_allocator *allocator = base_allocator_default();
    struct node_app_past *made = base_alloc_zeroed(allocator, sizeof *made);
    BASE_ATOMIC(bool) *removed = base_alloc_zeroed(allocator, (manifest->names_count + 1) * sizeof *removed);
    if (!made || !removed) {
        base_free(allocator, made);
        base_free(allocator, removed);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the app");
    }
    made->manifest = *manifest;
    *manifest = (deploy_manifest){0};
    os_mutex_lock(&app->lock);
    os_mutex_lock(&app->look);
    // Otherwise what was removed by hand is not in it, or was started with it.
    if (alone)
        keep_removed(app, &made->manifest, alone, gone, removed);
    made->removed = app->removed;
    app->removed = removed;
    app->manifest = &made->manifest;
    made->next = app->past;
    app->past = made;
    os_mutex_unlock(&app->look);
    os_mutex_unlock(&app->lock);
    return AIRS_OK;
}

// ---------------------------------------------------------------- the app

airs_status node_app_start(node_app *app, const deploy_manifest *manifest, const node_app_options *options,
                           airs_error *error)
{
    *app = (node_app){0};
    airs_status status = create_system(app, manifest, options, error);
    if (status == AIRS_OK)
        status = start_tree(app, manifest, options, error);
    if (status != AIRS_OK)
        node_app_stop(app);
    return status;
}

void node_app_stop(node_app *app)
{
    recording_stops(app->system, app->name);
    airs_system_stop(app->system);
    for (size_t i = 0; i < app->components_count; i++)
        airs_component_release(app->components[i]);
    airs_system_destroy(app->system);
    base_free(base_allocator_default(), app->components);
    base_free(base_allocator_default(), (void *)app->paths);
    base_free(base_allocator_default(), app->removed);
    for (struct node_app_past *it = app->past; it;) {
        struct node_app_past *next = it->next;
        deploy_manifest_close(&it->manifest);
        base_free(base_allocator_default(), it->removed);
        base_free(base_allocator_default(), it);
        it = next;
    }
    base_free(base_allocator_default(), app->tree);
    *app = (node_app){0};
}
