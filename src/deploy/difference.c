// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/difference.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/defaults.h"
#include "capability/policy.h"
#include "deploy/manifest_file.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

static const airs_allocator *memory(void)
{
    return base_allocator_default();
}

static bool text_is(deploy_text a, deploy_text b)
{
    return a.text == b.text || (a.text != NULL && b.text != NULL && strcmp(a.text, b.text) == 0);
}

static bool names_are(const deploy_names *a, const deploy_names *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = text_is(a->items[i], b->items[i]);
    return same;
}

static bool entries_are(const deploy_entries *a, const deploy_entries *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = text_is(a->items[i].key, b->items[i].key) && text_is(a->items[i].value, b->items[i].value);
    return same;
}

static bool settings_are(const deploy_settings *a, const deploy_settings *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->items[i].key, b->items[i].key) == 0 && strcmp(a->items[i].value, b->items[i].value) == 0;
    return same;
}

// ---------------------------------------------------------------- keys of the manifest

static const deploy_field *field_of(const deploy_field *fields, const char *key)
{
    while (fields->key == NULL || strcmp(fields->key, key) != 0)
        fields++;
    return fields;
}

/// Lists are somebody else's to compare.
static bool value_is(const deploy_field *field, const void *a, const void *b)
{
    switch (field->kind) {
    case DEPLOY_FIELD_TEXT:
    case DEPLOY_FIELD_NAME:
        return text_is(*(const deploy_text *)a, *(const deploy_text *)b);
    case DEPLOY_FIELD_FLAG:
        return *(const bool *)a == *(const bool *)b;
    case DEPLOY_FIELD_COUNT:
    case DEPLOY_FIELD_DURATION:
    case DEPLOY_FIELD_SIZE32:
        return *(const uint32_t *)a == *(const uint32_t *)b;
    case DEPLOY_FIELD_SIZE64:
        return *(const uint64_t *)a == *(const uint64_t *)b;
    case DEPLOY_FIELD_NUMBER:
        return memcmp(a, b, sizeof(double)) == 0;
    case DEPLOY_FIELD_CHOICE:
        return *(const int *)a == *(const int *)b;
    case DEPLOY_FIELD_PATTERNS:
    case DEPLOY_FIELD_TOPICS:
    case DEPLOY_FIELD_WORDS:
    case DEPLOY_FIELD_PLACED_TEXTS:
    case DEPLOY_FIELD_NAMES:
        return names_are(a, b);
    case DEPLOY_FIELD_SETTINGS:
        return settings_are(a, b);
    case DEPLOY_FIELD_ENTRIES:
        return entries_are(a, b);
    case DEPLOY_FIELD_TEXTS:
    case DEPLOY_FIELD_LISTS:
    case DEPLOY_FIELD_TABLE:
    case DEPLOY_FIELD_TABLES:
    case DEPLOY_FIELD_TABLE_OR_TABLES:
    case DEPLOY_FIELD_PLACE:
    case DEPLOY_FIELD_ELSEWHERE:
        break;
    }
    return true;
}

static void add_key(char *list, size_t size, const char *key)
{
    size_t len = strlen(list);
    (void)snprintf(list + len, size - len, "%s%s", len == 0 ? "" : ", ", key);
}

/// Appends the keys that differ to a list, but for those of `but`, with spaces around each.
static void compare_fields(const deploy_field *fields, const char *table, const void *a, const void *b, const char *but,
                           char *list, size_t size)
{
    char word[64];
    char key[64];
    for (const deploy_field *field = fields; field->key != NULL || field->kind == DEPLOY_FIELD_PLACE; field++) {
        if (field->key == NULL)
            continue;
        (void)snprintf(word, sizeof word, " %s ", field->key);
        const void *of_a = (const char *)a + field->offset;
        const void *of_b = (const char *)b + field->offset;
        if (strstr(but, word) != NULL)
            continue;
        if (field->kind == DEPLOY_FIELD_TABLE)
            compare_fields(field->fields, field->key, of_a, of_b, but, list, size);
        if (field->kind == DEPLOY_FIELD_TABLE || value_is(field, of_a, of_b))
            continue;
        (void)snprintf(key, sizeof key, "%s%s%s", table, table[0] == '\0' ? "" : ".", field->key);
        add_key(list, size, key);
    }
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

static bool add_text(making *it, deploy_grant_texts *to, const char *text)
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
static void add_more(making *it, deploy_grant_texts *to, const deploy_grants *of, const deploy_grants *than)
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

// ---------------------------------------------------------------- one that is in both

static void compare_actor(making *it, const deploy_named *was, const deploy_named *is)
{
    const deploy_actor *a = actor_of(it->from->manifest, was);
    const deploy_actor *b = actor_of(it->to->manifest, is);
    const char *table = is->kind == DEPLOY_KIND_ACTOR ? "actor" : "template";
    const deploy_field *fields = field_of(deploy_manifest_fields(), table)->fields;
    deploy_item *item = add(it, DEPLOY_CHANGED, is);
    if (item == NULL)
        return;
    item->component = memcmp(hash_of(it->from, was), hash_of(it->to, is), sizeof(deploy_hash)) != 0;
    item->config = !settings_are(&a->config, &b->config);
    add_more(it, &item->gains, &b->grants, &a->grants);
    add_more(it, &item->loses, &a->grants, &b->grants);
    compare_fields(fields, "", a, b, " name component config grants deploy ", item->settings, sizeof item->settings);
    if (!entries_are(&a->grants.files.mounts, &b->grants.files.mounts))
        add_key(item->settings, sizeof item->settings, "mounts");
    if (!names_are(&a->spawn.templates, &b->spawn.templates) || a->spawn.max_children != b->spawn.max_children)
        add_key(item->settings, sizeof item->settings, "grants.spawn");
    char policy[sizeof item->settings] = "";
    compare_fields(field_of(fields, "deploy")->fields, "", &a->policy, &b->policy, "", policy, sizeof policy);
    it->self->other |= policy[0] != '\0';
    if (is->kind == DEPLOY_KIND_TEMPLATE) {
        if (item->config)
            add_key(item->settings, sizeof item->settings, "config");
        if (item->gains.count + item->loses.count > 0)
            add_key(item->settings, sizeof item->settings, "grants");
    }
    if (!item->component && !item->config && item->gains.count + item->loses.count == 0 && item->settings[0] == '\0')
        it->self->count--;
}

static void compare_group(making *it, const deploy_named *was, const deploy_named *is)
{
    const deploy_field *root = field_of(deploy_manifest_fields(), "supervisor")->fields;
    char keys[sizeof((deploy_item *)NULL)->settings] = "";
    compare_fields(field_of(root, "group")->fields, "", &it->from->manifest->groups[was->place],
                   &it->to->manifest->groups[is->place], " name ", keys, sizeof keys);
    deploy_item *item = keys[0] == '\0' ? NULL : add(it, DEPLOY_CHANGED, is);
    if (item != NULL)
        base_text_copy(item->settings, sizeof item->settings, base_bytes_of(keys));
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
    char keys[160] = "";
    compare_fields(field_of(fields, "node")->fields, "", &was, &is, "", keys, sizeof keys);
    if (keys[0] != '\0')
        refuse(it, "[node] (%s) can't change while it runs: `airssys down`, then `airssys up APP`%s", keys, "");
    compare_fields(field_of(fields, "supervisor")->fields, "", &was, &is, "", keys, sizeof keys);
    if (keys[0] != '\0')
        refuse(it, "[supervisor] (%s) can't change while it runs: `airssys down`, then `airssys up APP`%s", keys, "");
    if (!names_are(&a->expose, &b->expose))
        refuse(it, "[app] (expose) is not what holds now, which `airssys expose` and `hide` change%s%s", "", "");
    it->self->other |= !text_is(a->version, b->version) || !text_is(a->description, b->description);
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

static void check_removed(making *it, const char *name)
{
    const deploy_manifest *manifest = it->to->manifest;
    const char *format = "%s is removed, and %s may send to it: take that grant away, or remove it too";
    for (size_t i = 0; i < manifest->actors_count; i++) {
        if (needs(&manifest->actors[i], name))
            refuse(it, format, name, manifest->actors[i].name.text);
    }
    for (size_t i = 0; i < manifest->templates_count; i++) {
        if (needs(&manifest->templates[i], name))
            refuse(it, format, name, manifest->templates[i].name.text);
    }
}

/// What an item is of, which says whom it asks: of a group its template. NULL: nobody.
static const deploy_actor *asker(const deploy_manifest *manifest, const deploy_item *item)
{
    if (item->kind == DEPLOY_KIND_ACTOR)
        return &manifest->actors[item->place];
    return item->kind == DEPLOY_KIND_TEMPLATE ? &manifest->templates[item->place] : NULL;
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
    const deploy_actor *who = asker(it->to->manifest, item);
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

/// A template is changed where groups make their children of it, and nowhere else.
static void check_template(making *it, const deploy_item *item)
{
    const deploy_manifest *manifest = it->to->manifest;
    for (size_t i = 0; i < manifest->actors_count; i++) {
        if (has_name(&manifest->actors[i].spawn.templates, item->name))
            refuse(it,
                   "the template %s can't change while %s runs, which may spawn of it: `airssys down`, then "
                   "`airssys up APP`",
                   item->name, manifest->actors[i].name.text);
    }
    for (size_t i = 0; i < manifest->templates_count; i++) {
        if (has_name(&manifest->templates[i].spawn.templates, item->name))
            refuse(it,
                   "the template %s can't change while the app runs: what %s makes may spawn of it: `airssys "
                   "down`, then `airssys up APP`",
                   item->name, manifest->templates[i].name.text);
    }
}

static void check_items(making *it)
{
    for (size_t i = 0; i < it->self->count; i++) {
        const deploy_item *item = &it->self->items[i];
        if (item->what == DEPLOY_CHANGED && item->settings[0] != '\0')
            refuse(it, "%s: %s can't change while it runs: `airssys down`, then `airssys up APP`", item->name,
                   item->settings);
        if (item->what == DEPLOY_CHANGED && item->kind == DEPLOY_KIND_TEMPLATE)
            check_template(it, item);
        if (item->what == DEPLOY_REMOVED)
            check_removed(it, item->name);
    }
}

static bool is_removed(const deploy_side *side, const deploy_named *named)
{
    return side->removed != NULL &&
           side->removed[deploy_manifest_find(side->manifest, named->name->text) - side->manifest->names];
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
        if ((list[i].kind == DEPLOY_KIND_TEMPLATE) != templates)
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
        if (was == NULL || was->kind != is->kind)
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

static void free_texts(deploy_grant_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        base_free(memory(), texts->items[i]);
    base_free(memory(), texts->items);
}

void deploy_difference_fini(deploy_difference *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free_texts(&self->items[i].gains);
        free_texts(&self->items[i].loses);
    }
    base_free(memory(), self->items);
    *self = (deploy_difference){0};
}
