// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/difference.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/defaults.h"
#include "capability/policy.h"
#include "deploy/compare.h"
#include "deploy/manifest_file.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

static const airs_allocator *memory(void)
{
    return base_allocator_default();
}

static void add_key(char *list, size_t size, const char *key)
{
    size_t len = strlen(list);
    (void)snprintf(list + len, size - len, "%s%s", len == 0 ? "" : ", ", key);
}

const deploy_actor *deploy_item_described(const deploy_item *item, const deploy_manifest *manifest)
{
    const deploy_named *named = deploy_manifest_find(manifest, item->name);
    if (named->kind == DEPLOY_KIND_ACTOR)
        return &manifest->actors[named->place];
    if (named->kind == DEPLOY_KIND_TEMPLATE)
        return &manifest->templates[named->place];
    const char *of = item->retemplated ? manifest->groups[named->place].template_name.text : NULL;
    return of == NULL ? NULL : &manifest->templates[deploy_place_of(manifest, DEPLOY_KIND_TEMPLATE, of)];
}

// ---------------------------------------------------------------- making

typedef struct making {
    deploy_difference *self;
    const deploy_side *from;
    const deploy_side *to;
    size_t capacity;
    bool no_memory;
} making;

static void refuse(making *it, const char *format, const char *a, const char *b)
{
    if (it->self->refused[0] == '\0')
        (void)snprintf(it->self->refused, sizeof it->self->refused, format, a, b);
}

static deploy_item *add(making *it, deploy_what what, const deploy_named *named)
{
    deploy_difference *self = it->self;
    if (self->count == it->capacity) {
        size_t capacity = it->capacity == 0 ? 16 : 2 * it->capacity;
        deploy_item *grown = base_realloc(memory(), self->items, capacity * sizeof *grown);
        if (grown == NULL) {
            it->no_memory = true;
            return NULL;
        }
        self->items = grown;
        it->capacity = capacity;
    }
    deploy_item *item = &self->items[self->count++];
    *item = (deploy_item){.what = what, .kind = named->kind, .name = named->name->text, .place = named->place};
    return item;
}

static const deploy_actor *actor_of(const deploy_manifest *manifest, const deploy_named *named)
{
    return named->kind == DEPLOY_KIND_ACTOR ? &manifest->actors[named->place] : &manifest->templates[named->place];
}

static const deploy_hash *hash_of(const deploy_side *side, const deploy_named *named)
{
    size_t before = named->kind == DEPLOY_KIND_TEMPLATE ? side->manifest->actors_count : 0;
    return &side->hashes[before + named->place];
}

// ---------------------------------------------------------------- grants

static bool add_text(making *it, deploy_lines *to, const char *text)
{
    char **grown = base_realloc(memory(), to->items, (to->count + 1) * sizeof *grown);
    if (grown != NULL)
        to->items = grown;
    char *copy = grown == NULL ? NULL : base_strndup(memory(), text, strlen(text));
    if (copy == NULL) {
        it->no_memory = true;
        return false;
    }
    to->items[to->count++] = copy;
    return true;
}

static size_t count_grant(const deploy_grants *grants, size_t until, const char *text)
{
    size_t count = 0;
    char other[GRANT_TEXT_MAX];
    for (size_t i = 0; grants != NULL && i < until; i++)
        count += !grants->made[i].revoked &&
                 strcmp(capability_grant_format(other, sizeof other, &grants->made[i]), text) == 0;
    return count;
}

/// Adds what `of` has more often than `than`.
static void add_more(making *it, deploy_lines *to, const deploy_grants *of, const deploy_grants *than)
{
    for (size_t i = 0; of != NULL && i < of->made_count; i++) {
        char text[GRANT_TEXT_MAX];
        if (of->made[i].revoked)
            continue;
        (void)capability_grant_format(text, sizeof text, &of->made[i]);
        size_t nth = count_grant(of, i, text);
        if (nth >= count_grant(than, than == NULL ? 0 : than->made_count, text) && !add_text(it, to, text))
            return;
    }
}

// ---------------------------------------------------------------- how a key changes

/// Keys, or the beginnings of keys, of what an instance is made with.
static const char *const instance_keys[] = {"env", "args", "stdin", "limits.", "checkpoint."};
/// Of the actor itself, or of a group. They are looked for first.
static const char *const live_keys[] = {"restart",
                                        "significant",
                                        "backoff",
                                        "health.",
                                        "on_failure.",
                                        "limits.mailbox_max",
                                        "limits.mailbox_policy",
                                        "limits.max_mailbox_age",
                                        "strategy",
                                        "max_restarts",
                                        "window",
                                        "auto_shutdown",
                                        "max_children",
                                        "grants.spawn"};

static bool is_one_of(const char *const *keys, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(key, keys[i], strlen(keys[i])) == 0)
            return true;
    }
    return false;
}

/// Where the keys of an item go.
typedef struct sorting {
    making *it;
    size_t item;
} sorting;

static void sort_key(void *user, const char *key, const char *shown)
{
    const sorting *to = user;
    deploy_item *item = &to->it->self->items[to->item];
    item->max_message |= strcmp(key, "limits.max_message") == 0;
    if (is_one_of(live_keys, sizeof live_keys / sizeof *live_keys, key))
        (void)add_text(to->it, &item->live, shown);
    else if (is_one_of(instance_keys, sizeof instance_keys / sizeof *instance_keys, key))
        (void)add_text(to->it, &item->swapped, shown);
    else
        add_key(item->fixed, sizeof item->fixed, key);
}

/// What it may spawn of: the numbers are of grants, which are shown as such.
static void spawns_otherwise(const sorting *to)
{
    to->it->self->spawning = to->it->self->items[to->item].spawning = true;
    sort_key((void *)(uintptr_t)to, "grants.spawn", "grants.spawn");
}

static void note_any(void *user, const char *key, const char *shown)
{
    (void)key;
    (void)shown;
    *(bool *)user = true;
}

static void note_root(void *user, const char *key, const char *shown)
{
    making *it = user;
    (void)key;
    (void)add_text(it, &it->self->root, shown);
}

/// Keys of `[node]`; `fixed` are those without which the new app might not fit into the node, or not start with it.
typedef struct noting {
    making *it;
    /// Nothing is audited so far: whether there can be a log is found out by a start.
    bool has_no_log;
    char fixed[160];
} noting;

static void note_node(void *user, const char *key, const char *shown)
{
    // What loading a component may take.
    static const char *const live[] = {"node.component_max", "node.compile_memory", "node.compile_time"};
    static const char *const next[] = {"node.workers",       "node.audit",          "node.audit_sync_ms",
                                       "node.audit_segment", "node.audit_segments", "node.audit_on_failure"};
    noting *to = user;
    bool begins_log = to->has_no_log && strcmp(key, "node.audit") == 0;
    if (!begins_log && is_one_of(next, sizeof next / sizeof *next, key)) {
        (void)add_text(to->it, &to->it->self->next_start, shown);
        return;
    }
    if (!is_one_of(live, sizeof live / sizeof *live, key)) {
        add_key(to->fixed, sizeof to->fixed, key + strlen("node."));
        return;
    }
    to->it->self->loading = true;
    note_root(to->it, key, shown);
}

/// A table that is there, and says nothing but defaults, is not the supervisor's: of what it says nothing differs.
static bool backoff_comes_or_goes(const deploy_backoff *a, const deploy_backoff *b)
{
    bool differs = false;
    const deploy_field *root = deploy_compare_field_of(deploy_manifest_fields(), "supervisor")->fields;
    deploy_compare_fields(deploy_compare_field_of(root, "backoff")->fields, "", a, b, "", note_any, &differs);
    return (a->at.line == 0) != (b->at.line == 0) && !differs;
}

// ---------------------------------------------------------------- one that is in both

static bool has_entry(const deploy_entries *entries, const char *key)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (strcmp(entries->items[i].key.text, key) == 0)
            return true;
    }
    return false;
}

static void add_variables(making *it, deploy_lines *to, const deploy_entries *of, const deploy_entries *than)
{
    for (size_t i = 0; i < of->count; i++) {
        if (!has_entry(than, of->items[i].key.text) && !add_text(it, to, of->items[i].key.text))
            return;
    }
}

/// Whether that of a variable alone was taken back, and not given again.
static bool is_taken_back(const deploy_grants *grants, const char *variable)
{
    bool revoked = false;
    for (size_t i = 0; i < grants->made_count; i++) {
        const airs_grant *grant = &grants->made[i];
        if (grant->rights != AIRS_RIGHT_ENV_READ || strcmp(grant->pattern, variable) != 0)
            continue;
        if (!grant->revoked)
            return false;
        revoked = true;
    }
    return revoked;
}

/// Variables that both have, and that one may not read any more.
static void add_variables_again(making *it, deploy_lines *to, const deploy_entries *of, const deploy_actor *than)
{
    char text[GRANT_TEXT_MAX];
    for (size_t i = 0; i < of->count; i++) {
        const airs_grant grant = {.rights = AIRS_RIGHT_ENV_READ, .pattern = of->items[i].key.text};
        if (has_entry(&than->env, grant.pattern) && is_taken_back(&than->grants, grant.pattern) &&
            !add_text(it, to, capability_grant_format(text, sizeof text, &grant)))
            return;
    }
}

static bool is_nothing(const deploy_item *item)
{
    return !item->component && !item->config && item->gains.count + item->loses.count == 0 &&
           item->swapped.count + item->live.count == 0 && item->fixed[0] == '\0';
}

/// All that is said of one, but for its name, goes into the item.
static void compare_described(making *it, const sorting *sorts, const deploy_field *fields, const deploy_actor *a,
                              const deploy_actor *b)
{
    deploy_item *item = &it->self->items[sorts->item];
    void *user = (void *)(uintptr_t)sorts;
    item->config = !deploy_compare_settings(&a->config, &b->config);
    add_more(it, &item->gains, &b->grants, &a->grants);
    add_more(it, &item->loses, &a->grants, &b->grants);
    add_variables_again(it, &item->gains, &b->env, a);
    add_variables_again(it, &item->loses, &a->env, b);
    add_variables(it, &item->variables_gained, &b->env, &a->env);
    add_variables(it, &item->variables_lost, &a->env, &b->env);
    deploy_compare_fields(fields, "", a, b, " name component config grants deploy ", sort_key, user);
    if (backoff_comes_or_goes(&a->backoff, &b->backoff))
        sort_key(user, "backoff", "backoff");
    if (!deploy_compare_entries(&a->grants.files.mounts, &b->grants.files.mounts))
        sort_key(user, "grants.files.mounts", "");
    if (!deploy_compare_names(&a->spawn.templates, &b->spawn.templates) ||
        a->spawn.max_children != b->spawn.max_children)
        spawns_otherwise(sorts);
    deploy_compare_fields(deploy_compare_field_of(fields, "deploy")->fields, "", &a->policy, &b->policy, "", note_any,
                          &it->self->other);
}

static void compare_actor(making *it, const deploy_named *was, const deploy_named *is)
{
    const char *table = is->kind == DEPLOY_KIND_ACTOR ? "actor" : "template";
    deploy_item *item = add(it, DEPLOY_CHANGED, is);
    if (item == NULL)
        return;
    const sorting sorts = {it, it->self->count - 1};
    item->component = memcmp(hash_of(it->from, was), hash_of(it->to, is), sizeof(deploy_hash)) != 0;
    compare_described(it, &sorts, deploy_compare_field_of(deploy_manifest_fields(), table)->fields,
                      actor_of(it->from->manifest, was), actor_of(it->to->manifest, is));
    if (is_nothing(item))
        it->self->count--;
}

/// The children of a group are of another template from then on: as if theirs had become that.
static void compare_made_of(making *it, const sorting *sorts, const deploy_group *a, const deploy_group *b)
{
    const deploy_named *was = deploy_manifest_find(it->from->manifest, a->template_name.text);
    const deploy_named *is = deploy_manifest_find(it->to->manifest, b->template_name.text);
    deploy_item *item = &it->self->items[sorts->item];
    char text[2 * DEPLOY_NAME_LEN_MAX + 24];
    item->retemplated = true;
    (void)snprintf(text, sizeof text, "template %s -> %s", was->name->text, is->name->text);
    (void)add_text(it, &item->live, text);
    item->component = memcmp(hash_of(it->from, was), hash_of(it->to, is), sizeof(deploy_hash)) != 0;
    compare_described(it, sorts, deploy_compare_field_of(deploy_manifest_fields(), "template")->fields,
                      actor_of(it->from->manifest, was), actor_of(it->to->manifest, is));
    // What the children that live may spawn of would have to come with that.
    if (item->spawning)
        add_key(item->fixed, sizeof item->fixed, "template (grants.spawn)");
}

static void compare_group(making *it, const deploy_named *was, const deploy_named *is)
{
    const deploy_field *root = deploy_compare_field_of(deploy_manifest_fields(), "supervisor")->fields;
    const deploy_group *a = &it->from->manifest->groups[was->place];
    const deploy_group *b = &it->to->manifest->groups[is->place];
    deploy_item *item = add(it, DEPLOY_CHANGED, is);
    if (item == NULL)
        return;
    sorting sorts = {it, it->self->count - 1};
    const char *but = " name template ";
    deploy_compare_fields(deploy_compare_field_of(root, "group")->fields, "", a, b, but, sort_key, &sorts);
    if (backoff_comes_or_goes(&a->supervision.backoff, &b->supervision.backoff))
        sort_key(&sorts, "backoff", "backoff");
    // Whether its children are named, or all of one template.
    if ((a->template_name.text == NULL) != (b->template_name.text == NULL))
        sort_key(&sorts, "template", "");
    else if (!deploy_compare_texts(a->template_name, b->template_name))
        compare_made_of(it, &sorts, a, b);
    if (is_nothing(item))
        it->self->count--;
}

/// The root supervisor, and the node.
static void compare_app(making *it)
{
    const deploy_manifest *a = it->from->manifest;
    const deploy_manifest *b = it->to->manifest;
    const deploy_field *fields = deploy_manifest_fields();
    deploy_manifest_file was = {.node = a->node}, is = {.node = b->node};
    was.supervisor.supervision = a->root;
    is.supervisor.supervision = b->root;
    noting node = {.it = it, .has_no_log = a->node.audit == DEPLOY_AUDIT_OFF};
    deploy_compare_fields(deploy_compare_field_of(fields, "node")->fields, "node", &was, &is, "", note_node, &node);
    if (node.fixed[0] != '\0')
        refuse(it,
               "[node] (%s) takes a restart of the node, and so nothing is deployed: `airssys down`, then `airssys up "
               "APP`%s",
               node.fixed, "");
    deploy_compare_fields(deploy_compare_field_of(fields, "supervisor")->fields, "supervisor", &was, &is, "", note_root,
                          it);
    if (backoff_comes_or_goes(&a->root.backoff, &b->root.backoff))
        note_root(it, "", "supervisor.backoff");
    it->self->expose = !deploy_compare_names(&a->expose, &b->expose);
    it->self->other |=
        !deploy_compare_texts(a->version, b->version) || !deploy_compare_texts(a->description, b->description);
    if (a->bare != b->bare)
        refuse(it, "the app %s runs as a component alone, or is one now: `airssys down`, then `airssys up APP`%s",
               b->name.text, "");
}

// ---------------------------------------------------------------- who needs whom

static bool has_name(const deploy_names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->items[i].text, name) == 0)
            return true;
    }
    return false;
}

static bool needs(const deploy_actor *who, const char *name)
{
    return has_name(&who->grants.send, name) || has_name(&who->grants.ask, name);
}

static bool is_removed(const deploy_side *side, const deploy_named *named)
{
    return side->removed != NULL &&
           side->removed[deploy_manifest_find(side->manifest, named->name->text) - side->manifest->names];
}

static void check_removed(making *it, const char *name)
{
    const deploy_manifest *manifest = it->to->manifest;
    const char *format = "%s is removed, and %s may send to it: take that grant away, or remove it too";
    for (size_t i = 0; i < manifest->actors_count; i++) {
        const deploy_actor *who = &manifest->actors[i];
        if (needs(who, name) && !is_removed(it->to, deploy_manifest_find(manifest, who->name.text)))
            refuse(it, format, name, who->name.text);
    }
    for (size_t i = 0; i < manifest->templates_count; i++) {
        if (needs(&manifest->templates[i], name))
            refuse(it, format, name, manifest->templates[i].name.text);
    }
}

static bool makes(const deploy_manifest *manifest, const char *template_name, const deploy_actor *who)
{
    for (size_t i = 0; i < manifest->groups_count; i++) {
        const deploy_group *group = &manifest->groups[i];
        if (group->template_name.text != NULL && strcmp(group->template_name.text, template_name) == 0 &&
            needs(who, group->name.text))
            return true;
    }
    return false;
}

static bool is_before(const making *it, const deploy_item *asked, const deploy_item *item)
{
    const deploy_actor *who = deploy_item_described(item, it->to->manifest);
    return who != NULL &&
           (asked->kind == DEPLOY_KIND_TEMPLATE ? makes(it->to->manifest, asked->name, who) : needs(who, asked->name));
}

/// Who is asked before who asks, as far as they do not ask in a circle.
static void rank(making *it)
{
    deploy_difference *self = it->self;
    // A path that is longer than all of them is a circle.
    for (size_t round = 0; round < self->count; round++) {
        bool changed = false;
        for (size_t i = 0; i < self->count; i++) {
            for (size_t k = 0; k < self->count; k++) {
                deploy_item *item = &self->items[i];
                const deploy_item *asked = &self->items[k];
                if (i == k || item->what != DEPLOY_CHANGED || asked->what != DEPLOY_CHANGED ||
                    item->rank > asked->rank || asked->rank >= self->count || !is_before(it, asked, item))
                    continue;
                item->rank = asked->rank + 1;
                changed = true;
            }
        }
        if (!changed)
            return;
    }
}

// ---------------------------------------------------------------- the whole of it

/// What is removed by hand comes again with the app, as its manifest says then: the node need not be started anew.
static const char *fixed_format(const deploy_item *item)
{
    switch (item->kind) {
    case DEPLOY_KIND_ACTOR:
        return "%1$s: %2$s can't change while it runs: `airssys rm %1$s` ends it, with its state, and the same "
               "deployment "
               "then starts it so; or `airssys down`, then `airssys up APP`";
    case DEPLOY_KIND_GROUP:
        return "%1$s: %2$s can't change while it runs: `airssys rm %1$s` ends it and all that belongs to it, and the "
               "same "
               "deployment then starts them so; or `airssys down`, then `airssys up APP`";
    case DEPLOY_KIND_TEMPLATE:
        break;
    }
    return "%s: %s can't change while the app runs: `airssys down`, then `airssys up APP`";
}

static void check_items(making *it)
{
    for (size_t i = 0; i < it->self->count; i++) {
        const deploy_item *item = &it->self->items[i];
        if (item->what == DEPLOY_CHANGED && item->fixed[0] != '\0')
            refuse(it, fixed_format(item), item->name, item->fixed);
        if (item->what == DEPLOY_REMOVED)
            check_removed(it, item->name);
    }
}

static const deploy_named *in(const deploy_side *side, const deploy_named *named)
{
    const deploy_named *found = deploy_manifest_find(side->manifest, named->name->text);
    return found == NULL || is_removed(side, found) ? NULL : found;
}

/// Those of the new manifest in the order of `list`, that are not in the old one.
static void add_new(making *it, const deploy_named *list, size_t count, bool templates)
{
    for (size_t i = 0; i < count; i++) {
        const deploy_named *was = in(it->from, &list[i]);
        if ((list[i].kind == DEPLOY_KIND_TEMPLATE) != templates || is_removed(it->to, &list[i]))
            continue;
        if (was != NULL && was->kind != list[i].kind)
            refuse(it, "%s is something else in the app that runs: give it another name%s", list[i].name->text, "");
        if (was != NULL)
            continue;
        deploy_item *item = add(it, DEPLOY_ADDED, &list[i]);
        // Nobody is asked about what everybody has.
        airs_grant made[CAPABILITY_DEFAULTS];
        const deploy_grants plain = {.made = made, .made_count = capability_defaults_add(0, made, 0)};
        if (item != NULL && list[i].kind != DEPLOY_KIND_GROUP)
            add_more(it, &item->gains, &actor_of(it->to->manifest, &list[i])->grants, &plain);
    }
}

static void add_changed(making *it)
{
    const deploy_manifest *manifest = it->to->manifest;
    for (size_t i = 0; i < manifest->names_count && !it->no_memory; i++) {
        const deploy_named *is = &manifest->names[i];
        const deploy_named *was = in(it->from, is);
        if (was == NULL || was->kind != is->kind || is_removed(it->to, is))
            continue;
        if (is->kind == DEPLOY_KIND_GROUP)
            compare_group(it, was, is);
        else
            compare_actor(it, was, is);
    }
}

/// The last that was started first.
static void add_removed(making *it)
{
    const deploy_manifest *manifest = it->from->manifest;
    for (size_t i = manifest->starts_count; i-- > 0;) {
        if (in(it->to, &manifest->starts[i]) == NULL && !is_removed(it->from, &manifest->starts[i]))
            (void)add(it, DEPLOY_REMOVED, &manifest->starts[i]);
    }
    for (size_t i = 0; i < manifest->names_count; i++) {
        if (manifest->names[i].kind == DEPLOY_KIND_TEMPLATE && in(it->to, &manifest->names[i]) == NULL)
            (void)add(it, DEPLOY_REMOVED, &manifest->names[i]);
    }
}

airs_status deploy_difference_make(deploy_difference *self, const deploy_side *from, const deploy_side *to,
                                   airs_error *error)
{
    *self = (deploy_difference){0};
    making it = {.self = self, .from = from, .to = to};
    const deploy_manifest *manifest = to->manifest;
    compare_app(&it);
    add_new(&it, manifest->names, manifest->names_count, true);
    add_new(&it, manifest->starts, manifest->starts_count, false);
    add_changed(&it);
    add_removed(&it);
    if (it.no_memory) {
        deploy_difference_fini(self);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the difference of two manifests");
    }
    check_items(&it);
    rank(&it);
    return AIRS_OK;
}

bool deploy_difference_is_none(const deploy_difference *self)
{
    return self->count == 0 && self->root.count == 0 && self->next_start.count == 0 && !self->expose && !self->other;
}

static void free_texts(const deploy_lines *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        base_free(memory(), texts->items[i]);
    base_free(memory(), texts->items);
}

void deploy_difference_fini(deploy_difference *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const deploy_lines *lists[] = {
            &self->items[i].gains,          &self->items[i].loses,   &self->items[i].variables_gained,
            &self->items[i].variables_lost, &self->items[i].swapped, &self->items[i].live};
        for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
            free_texts(lists[k]);
    }
    free_texts(&self->root);
    free_texts(&self->next_start);
    base_free(memory(), self->items);
    *self = (deploy_difference){0};
}
