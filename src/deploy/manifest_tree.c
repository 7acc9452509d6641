// SPDX-License-Identifier: MIT OR Apache-2.0
/// The tree that a manifest describes: who is whose child, who comes first, and what can't be.
#include "base/assert.h"
#include "base/error.h"
#include "base/nearest.h"
#include "deploy/manifest_check.h"

#include <stdlib.h>
#include <string.h>

// How deep children of children may be granted, and how many templates that may make of one: each child has copies of
// what it may spawn.
#define SPAWN_DEPTH_MAX 8
#define SPAWN_TEMPLATES_MAX 1024

static airs_status no_memory(const deploy_manifest *manifest, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", manifest->document.path);
}

static bool is_before(deploy_place a, deploy_place b)
{
    return a.line != b.line ? a.line < b.line : a.column < b.column;
}

// ---------------------------------------------------------------- names

static int compare_names(const void *a, const void *b)
{
    const deploy_named *x = a;
    const deploy_named *y = b;
    int order = strcmp(x->name->text, y->name->text);
    if (order != 0)
        return order;
    return is_before(x->name->at, y->name->at) ? -1 : is_before(y->name->at, x->name->at);
}

static airs_status list_names(deploy_manifest *manifest, airs_error *error)
{
    size_t count = manifest->groups_count + manifest->actors_count + manifest->templates_count;
    deploy_named *names = deploy_document_alloc(&manifest->document, (count + 1) * sizeof *names);
    if (!names)
        return no_memory(manifest, error);
    size_t filled = 0;
    for (size_t i = 0; i < manifest->groups_count; i++)
        names[filled++] = (deploy_named){&manifest->groups[i].name, DEPLOY_KIND_GROUP, i};
    for (size_t i = 0; i < manifest->actors_count; i++)
        names[filled++] = (deploy_named){&manifest->actors[i].name, DEPLOY_KIND_ACTOR, i};
    for (size_t i = 0; i < manifest->templates_count; i++)
        names[filled++] = (deploy_named){&manifest->templates[i].name, DEPLOY_KIND_TEMPLATE, i};
    qsort(names, count, sizeof *names, compare_names);
    manifest->names = names;
    manifest->names_count = count;
    for (size_t i = 1; i < count; i++) {
        const deploy_text *first = names[i - 1].name;
        const deploy_text *second = names[i].name;
        if (strcmp(first->text, second->text) == 0)
            return deploy_document_refuse(&manifest->document, second->at, error,
                                          "the name \"%s\" is taken, by line %u: names are unique in an app",
                                          second->text, first->at.line);
    }
    return AIRS_OK;
}

static int compare_name(const void *key, const void *named)
{
    return strcmp(key, ((const deploy_named *)named)->name->text);
}

const deploy_named *deploy_manifest_find(const deploy_manifest *manifest, const char *name)
{
    return bsearch(name, manifest->names, manifest->names_count, sizeof *manifest->names, compare_name);
}

size_t deploy_place_of(const deploy_manifest *manifest, deploy_kind kind, const char *name)
{
    const deploy_named *named = deploy_manifest_find(manifest, name);
    AIRS_ASSERT(named && named->kind == kind);
    return named->place;
}

const char *deploy_manifest_group_of(const deploy_manifest *manifest, const deploy_named *named)
{
    return named->kind == DEPLOY_KIND_GROUP ? manifest->groups[named->place].parent.text
                                            : manifest->actors[named->place].supervisor.text;
}

bool deploy_manifest_belongs(const deploy_manifest *manifest, const deploy_named *named, const char *name)
{
    const char *at = named->name->text;
    // No group is below itself.
    while (at && strcmp(at, name) != 0)
        at = deploy_manifest_group_of(manifest, deploy_manifest_find(manifest, at));
    return at != NULL;
}

static airs_status unknown_name(const deploy_manifest *manifest, deploy_kind kind, const char *key, deploy_text name,
                                airs_error *error)
{
    static const char *const kinds[] = {"group", "actor", "template"};
    static const char *const tables[] = {"supervisor.group", "actor", "template"};
    const deploy_named *other = deploy_manifest_find(manifest, name.text);
    if (other)
        return deploy_document_refuse(&manifest->document, name.at, error, "`%s` is \"%s\", which is %s %s, not a %s",
                                      key, name.text, other->kind == DEPLOY_KIND_ACTOR ? "an" : "a", kinds[other->kind],
                                      kinds[kind]);
    base_nearest nearest;
    base_nearest_init(&nearest, name.text);
    for (size_t i = 0; i < manifest->names_count; i++) {
        if (manifest->names[i].kind == kind)
            base_nearest_try(&nearest, manifest->names[i].name->text);
    }
    const char *best = base_nearest_best(&nearest);
    if (best)
        return deploy_document_refuse(&manifest->document, name.at, error,
                                      "`%s` is \"%s\", but there is no such %s: did you mean \"%s\"?", key, name.text,
                                      kinds[kind], best);
    return deploy_document_refuse(&manifest->document, name.at, error,
                                  "`%s` is \"%s\", but there is no such %s: add a [[%s]] of this name", key, name.text,
                                  kinds[kind], tables[kind]);
}

/// The place of what `key` names, of the kind that it must be.
static airs_status resolve(const deploy_manifest *manifest, deploy_kind kind, const char *key, deploy_text name,
                           size_t *ret_place, airs_error *error)
{
    const deploy_named *named = deploy_manifest_find(manifest, name.text);
    if (!named || named->kind != kind)
        return unknown_name(manifest, kind, key, name, error);
    *ret_place = named->place;
    return AIRS_OK;
}

// ---------------------------------------------------------------- children and their supervisors

/// What the parts of a tree may be to each other. `group` is NULL: the root.
static airs_status check_child(const deploy_manifest *manifest, const deploy_group *group, const char *key,
                               deploy_text named, bool significant, deploy_place significant_at, airs_error *error)
{
    const deploy_supervision *supervision = group ? &group->supervision : &manifest->root;
    if (supervision->strategy == AIRS_SIMPLE_ONE_FOR_ONE)
        return deploy_document_refuse(&manifest->document, named.at, error,
                                      "`%s` is \"%s\", which is simple_one_for_one: its children are made of its "
                                      "template while it runs, and none is listed",
                                      key, named.text);
    if (significant && supervision->auto_shutdown == AIRS_AUTO_SHUTDOWN_NEVER)
        return deploy_document_refuse(&manifest->document, significant_at, error,
                                      "`significant` below a supervisor with auto_shutdown = \"never\": choose \"any\" "
                                      "or \"all\" there, or take this out");
    return AIRS_OK;
}

/// Checks what a child says of its supervisor, the root when `name` has none. `ret_parent` is its group's place or
/// SIZE_MAX.
static airs_status check_supervisor(const deploy_manifest *manifest, const char *key, deploy_text name,
                                    bool significant, deploy_place significant_at, size_t *ret_parent,
                                    airs_error *error)
{
    *ret_parent = SIZE_MAX;
    airs_status status = AIRS_OK;
    if (name.text)
        status = resolve(manifest, DEPLOY_KIND_GROUP, key, name, ret_parent, error);
    if (status != AIRS_OK)
        return status;
    const deploy_group *group = name.text ? &manifest->groups[*ret_parent] : NULL;
    return check_child(manifest, group, key, name, significant, significant_at, error);
}

static airs_status check_template_use(const deploy_manifest *manifest, const deploy_group *group, airs_error *error)
{
    const deploy_document *document = &manifest->document;
    bool simple = group->supervision.strategy == AIRS_SIMPLE_ONE_FOR_ONE;
    if (simple && !group->template_name.text)
        return deploy_document_refuse(document, group->supervision.strategy_at, error,
                                      "simple_one_for_one needs `template`, the name of a [[template]]");
    if (!simple && group->template_name.text)
        return deploy_document_refuse(document, group->template_name.at, error,
                                      "`template` goes with strategy = \"simple_one_for_one\" only");
    if (!simple && group->max_children > 0)
        return deploy_document_refuse(document, group->max_children_at, error,
                                      "`max_children` goes with strategy = \"simple_one_for_one\" only");
    if (!simple)
        return AIRS_OK;
    size_t place = 0;
    airs_status status = resolve(manifest, DEPLOY_KIND_TEMPLATE, "template", group->template_name, &place, error);
    if (status != AIRS_OK)
        return status;
    if (manifest->templates[place].significant && group->supervision.auto_shutdown == AIRS_AUTO_SHUTDOWN_NEVER)
        return deploy_document_refuse(
            document, group->template_name.at, error,
            "the template \"%s\" is significant, but this group has auto_shutdown = \"never\"",
            group->template_name.text);
    return AIRS_OK;
}

/// Fills in each group's parent, SIZE_MAX for the root, and each actor's.
static airs_status check_supervisors(const deploy_manifest *manifest, size_t *parents, size_t *supervisors,
                                     airs_error *error)
{
    airs_status status = AIRS_OK;
    if (manifest->root.strategy == AIRS_SIMPLE_ONE_FOR_ONE)
        return deploy_document_refuse(&manifest->document, manifest->root.strategy_at, error,
                                      "the root can't be simple_one_for_one: give it to a [[supervisor.group]], with "
                                      "its `template`");
    for (size_t i = 0; status == AIRS_OK && i < manifest->groups_count; i++) {
        const deploy_group *group = &manifest->groups[i];
        status = check_supervisor(manifest, "parent", group->parent, group->significant, group->significant_at,
                                  &parents[i], error);
        if (status == AIRS_OK)
            status = check_template_use(manifest, group, error);
    }
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++) {
        const deploy_actor *actor = &manifest->actors[i];
        status = check_supervisor(manifest, "supervisor", actor->supervisor, actor->significant, actor->significant_at,
                                  &supervisors[i], error);
    }
    return status;
}

// ---------------------------------------------------------------- order

/// Refuses groups that never reach the root. `walks` is all zero: which walk came by a group first.
static airs_status check_cycles(const deploy_manifest *manifest, const size_t *parents, size_t *walks,
                                airs_error *error)
{
    for (size_t i = 0; i < manifest->groups_count; i++) {
        size_t at = i;
        while (at != SIZE_MAX && walks[at] == 0) {
            walks[at] = i + 1;
            at = parents[at];
        }
        if (at != SIZE_MAX && walks[at] == i + 1)
            return deploy_document_refuse(&manifest->document, manifest->groups[at].parent.at, error,
                                          "group \"%s\" is below itself: following `parent` never reaches the root",
                                          manifest->groups[at].name.text);
    }
    return AIRS_OK;
}

/// What `order_starts` works on.
typedef struct ordering {
    deploy_manifest *manifest;
    const size_t *parents;
    /// Of each group.
    bool *placed;
    /// Room for one walk from a group to the root.
    size_t *path;
} ordering;

static void start_group(ordering *order, size_t group)
{
    size_t depth = 0;
    for (size_t at = group; at != SIZE_MAX && !order->placed[at]; at = order->parents[at])
        order->path[depth++] = at;
    deploy_manifest *manifest = order->manifest;
    while (depth > 0) {
        size_t at = order->path[--depth];
        order->placed[at] = true;
        manifest->starts[manifest->starts_count++] = (deploy_named){&manifest->groups[at].name, DEPLOY_KIND_GROUP, at};
    }
}

/// Groups and actors as they stand in the file, but each group before whatever belongs to it.
static void order_starts(ordering *order, const size_t *supervisors)
{
    deploy_manifest *manifest = order->manifest;
    size_t group = 0;
    for (size_t i = 0; i < manifest->actors_count; i++) {
        const deploy_actor *actor = &manifest->actors[i];
        while (group < manifest->groups_count && is_before(manifest->groups[group].at, actor->at))
            start_group(order, group++);
        if (supervisors[i] != SIZE_MAX)
            start_group(order, supervisors[i]);
        manifest->starts[manifest->starts_count++] = (deploy_named){&actor->name, DEPLOY_KIND_ACTOR, i};
    }
    while (group < manifest->groups_count)
        start_group(order, group++);
}

static airs_status check_order(deploy_manifest *manifest, airs_error *error)
{
    deploy_document *document = &manifest->document;
    size_t groups = manifest->groups_count + 1;
    size_t actors = manifest->actors_count + 1;
    size_t *parents = deploy_document_alloc(document, (3 * groups + actors) * sizeof *parents);
    bool *placed = deploy_document_alloc(document, groups * sizeof *placed);
    manifest->starts = deploy_document_alloc(document, (groups + actors) * sizeof *manifest->starts);
    if (!parents || !placed || !manifest->starts)
        return no_memory(manifest, error);
    size_t *supervisors = parents + 3 * groups;
    airs_status status = check_supervisors(manifest, parents, supervisors, error);
    if (status == AIRS_OK)
        status = check_cycles(manifest, parents, parents + groups, error);
    if (status != AIRS_OK)
        return status;
    ordering order = {manifest, parents, placed, parents + 2 * groups};
    order_starts(&order, supervisors);
    return AIRS_OK;
}

// ---------------------------------------------------------------- who may spawn what

/// Counts the templates that a child of any of these gets, and theirs. `open` are those above.
static airs_status count_templates(const deploy_manifest *manifest, const deploy_spawn *spawn,
                                   const deploy_actor **open, size_t depth, size_t *count, airs_error *error)
{
    for (size_t i = 0; i < spawn->templates.count; i++) {
        deploy_text name = spawn->templates.items[i];
        size_t place = 0;
        airs_status status = resolve(manifest, DEPLOY_KIND_TEMPLATE, "templates", name, &place, error);
        if (status != AIRS_OK)
            return status;
        const deploy_actor *made = &manifest->templates[place];
        for (size_t above = 0; above < depth; above++) {
            if (open[above] == made)
                return deploy_document_refuse(&manifest->document, name.at, error,
                                              "template \"%s\" may spawn itself, and so without end", name.text);
        }
        if (depth == SPAWN_DEPTH_MAX)
            return deploy_document_refuse(&manifest->document, name.at, error,
                                          "children of children of children: more than %d levels of templates",
                                          SPAWN_DEPTH_MAX);
        if (++*count > SPAWN_TEMPLATES_MAX)
            return deploy_document_refuse(&manifest->document, name.at, error,
                                          "more than %d templates, those of its children included",
                                          SPAWN_TEMPLATES_MAX);
        open[depth] = made;
        status = count_templates(manifest, &made->spawn, open, depth + 1, count, error);
        if (status != AIRS_OK)
            return status;
    }
    return AIRS_OK;
}

static airs_status check_spawn(const deploy_manifest *manifest, const deploy_actor *actor, bool is_template,
                               airs_error *error)
{
    const deploy_names *names = &actor->spawn.templates;
    for (size_t i = 1; i < names->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (strcmp(names->items[i].text, names->items[j].text) == 0)
                return deploy_document_refuse(&manifest->document, names->items[i].at, error,
                                              "`templates` names \"%s\" twice", names->items[i].text);
        }
    }
    const deploy_actor *open[SPAWN_DEPTH_MAX + 1] = {actor};
    size_t count = 0;
    return count_templates(manifest, &actor->spawn, open, is_template ? 1 : 0, &count, error);
}

airs_status deploy_manifest_check_tree(deploy_manifest *manifest, airs_error *error)
{
    airs_status status = list_names(manifest, error);
    if (status == AIRS_OK)
        status = check_order(manifest, error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->templates_count; i++)
        status = check_spawn(manifest, &manifest->templates[i], true, error);
    for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++)
        status = check_spawn(manifest, &manifest->actors[i], false, error);
    return status;
}
