// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/learned.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/name.h"
#include "capability/glob.h"
#include "capability/pattern.h"
#include "deploy/addition.h"

#include <cjson/cJSON.h>
#include <string.h>

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)

typedef struct maker {
    cli_learned *it;
    const deploy_manifest *manifest;
    learned_set uses;
    airs_grant *grants;
    size_t count;
    /// Some step had no memory.
    bool failed;
} maker;

// ---------------------------------------------------------------- a tree of JSON, as a manifest has it

static void check(maker *self, bool done)
{
    self->failed = self->failed || !done;
}

/// The table or the list at `key`, made when it is missing. NULL: no memory.
static cJSON *member(maker *self, cJSON *table, const char *key, bool list)
{
    cJSON *found = cJSON_GetObjectItemCaseSensitive(table, key);
    if (found)
        return found;
    found = list ? cJSON_AddArrayToObject(table, key) : cJSON_AddObjectToObject(table, key);
    check(self, found);
    return found;
}

static void append(maker *self, cJSON *list, const char *text)
{
    cJSON *made = cJSON_CreateString(text);
    bool done = made && list && cJSON_AddItemToArray(list, made);
    if (!done)
        cJSON_Delete(made);
    check(self, done);
}

/// Appends to the list at `table.key`; `table` is NULL: that of the grants themselves.
static void put(maker *self, const char *table, const char *key, const char *text)
{
    cJSON *in = table ? member(self, self->it->grants, table, false) : self->it->grants;
    append(self, member(self, in, key, true), text);
}

// ---------------------------------------------------------------- messaging

static bool may_be_registered(const deploy_manifest *manifest, const char *name)
{
    for (size_t i = 0; i < manifest->actors_count + manifest->templates_count; i++) {
        const deploy_actor *one =
            i < manifest->actors_count ? &manifest->actors[i] : &manifest->templates[i - manifest->actors_count];
        for (size_t k = 0; k < one->grants.registers.count; k++) {
            if (capability_pattern_matches(one->grants.registers.items[k].text, name))
                return true;
        }
    }
    return false;
}

/// A manifest takes the name of a receiver that it knows nothing of only as a pattern.
static void put_receiver(maker *self, const char *key, const char *name)
{
    const deploy_named *known = deploy_manifest_find(self->manifest, name);
    bool may_come = may_be_registered(self->manifest, name);
    for (size_t i = 0; i < self->manifest->groups_count; i++)
        may_come = may_come || self->manifest->groups[i].supervision.strategy == AIRS_SIMPLE_ONE_FOR_ONE;
    char pattern[BASE_NAME_MAX + 2];
    bool exact = may_come || (known && known->kind != DEPLOY_KIND_TEMPLATE) || strlen(name) >= BASE_NAME_MAX;
    snprintf(pattern, sizeof pattern, "%s%s", name, exact ? "" : "*");
    put(self, "messaging", key, pattern);
    // Whoever may be sent to may be asked too, where nothing else is said.
    if (strcmp(key, "send") == 0)
        member(self, member(self, self->it->grants, "messaging", false), "ask", true);
}

// ---------------------------------------------------------------- files

/// The path that a glob without patterns stands for.
static void unescape(char out[CAPABILITY_GLOB_MAX + 1], const char *glob)
{
    size_t len = 0;
    for (const char *at = glob; *at && len < CAPABILITY_GLOB_MAX; at++) {
        bool escaped = at[0] == '[' && at[1] && at[2] == ']';
        out[len++] = escaped ? at[1] : at[0];
        at += escaped ? 2 : 0;
    }
    out[len] = '\0';
}

/// The longest mount that has a path: of the actor's own, else of those that it may be a child or a parent of.
static const deploy_entry *find_mount(const maker *self, const char *path)
{
    const deploy_manifest *manifest = self->manifest;
    const deploy_actor *others = self->it->is_template ? manifest->actors : manifest->templates;
    size_t others_count = self->it->is_template ? manifest->actors_count : manifest->templates_count;
    for (size_t i = 0; i <= others_count; i++) {
        const deploy_entries *mounts =
            i == 0 ? &self->it->actor->grants.files.mounts : &others[i - 1].grants.files.mounts;
        const deploy_entry *best = NULL;
        for (size_t k = 0; k < mounts->count; k++) {
            const deploy_entry *one = &mounts->items[k];
            if (capability_path_is_below(path, one->key.text, NULL) &&
                (!best || strlen(one->key.text) > strlen(best->key.text)))
                best = one;
        }
        if (best)
            return best;
    }
    return NULL;
}

static void mount(maker *self, const char *guest, const char *host)
{
    cJSON *mounts = member(self, member(self, self->it->grants, "files", false), "mounts", false);
    if (mounts && !cJSON_HasObjectItem(mounts, guest))
        check(self, cJSON_AddStringToObject(mounts, guest, host));
}

/// The folder of the guest's root that the path is in; with `itself`, a folder of the root is its own. "/": it is in
/// none.
static void top_of(char out[CAPABILITY_GLOB_MAX + 1], const char *path, bool itself)
{
    const char *end = strchr(path + 1, '/');
    size_t len = end ? (size_t)(end - path) : itself ? strlen(path) : 1;
    base_text_copy(out, CAPABILITY_GLOB_MAX + 1, (airs_bytes){(const uint8_t *)path, len});
}

/// Whether something is used below the folder.
static bool is_folder(const maker *self, const char *folder)
{
    char path[CAPABILITY_GLOB_MAX + 1];
    for (size_t i = 0; i < self->count; i++) {
        if (capability_right_kind((capability_right)__builtin_ctz(self->grants[i].rights)) != CAPABILITY_FILES)
            continue;
        unescape(path, self->grants[i].pattern);
        if (strcmp(path, folder) != 0 && capability_path_is_below(path, folder, NULL))
            return true;
    }
    return false;
}

/// A folder that nothing says of where it is: one of the root, of the same name beside the manifest.
static void mount_new(maker *self, const airs_grant *grant, const char *path)
{
    char top[CAPABILITY_GLOB_MAX + 1];
    bool lists = (grant->rights & RIGHT(FILES_LIST)) != 0;
    bool reads = (grant->rights & (RIGHT(FILES_LIST) | RIGHT(FILES_READ))) != 0;
    top_of(top, path, lists || (reads && is_folder(self, path)));
    mount(self, top, top[1] ? top + 1 : ".");
    if (!self->it->unmounted)
        self->it->unmounted = cJSON_CreateArray();
    check(self, self->it->unmounted);
    const cJSON *one;
    cJSON_ArrayForEach(one, self->it->unmounted)
    {
        if (strcmp(one->valuestring, top) == 0)
            return;
    }
    append(self, self->it->unmounted, top);
}

static void put_file(maker *self, const airs_grant *grant)
{
    char path[CAPABILITY_GLOB_MAX + 1];
    unescape(path, grant->pattern);
    const deploy_entry *known = find_mount(self, path);
    if (known)
        mount(self, known->key.text, known->value.text);
    else
        mount_new(self, grant, path);
    capability_right right = (capability_right)__builtin_ctz(grant->rights);
    put(self, "files", capability_right_name(right), grant->pattern);
}

/// Where the root itself is mounted for want of anything else, what is below it is not mounted beside it.
static void mount_root_alone(maker *self)
{
    cJSON *mounts =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(self->it->grants, "files"), "mounts");
    bool root = false;
    cJSON *one;
    cJSON_ArrayForEach(one, self->it->unmounted) root = root || strcmp(one->valuestring, "/") == 0;
    if (!root)
        return;
    cJSON_ArrayForEach(one, self->it->unmounted)
    {
        if (strcmp(one->valuestring, "/") != 0)
            cJSON_DeleteItemFromObjectCaseSensitive(mounts, one->valuestring);
    }
    cJSON_Delete(self->it->unmounted);
    self->it->unmounted = cJSON_CreateArray();
    append(self, self->it->unmounted, "/");
}

// ---------------------------------------------------------------- all kinds

/// One table for each number of children.
static void put_spawn(maker *self, const airs_grant *grant)
{
    cJSON *tables = member(self, self->it->grants, "spawn", true);
    cJSON *table;
    cJSON_ArrayForEach(table, tables)
    {
        if (cJSON_GetNumberValue(cJSON_GetObjectItem(table, "max_children")) == grant->count_max)
            break;
    }
    if (!table) {
        table = cJSON_CreateObject();
        bool done = table && tables && cJSON_AddItemToArray(tables, table);
        if (!done)
            cJSON_Delete(table);
        check(self, done);
        if (!done)
            return;
        member(self, table, "templates", true);
        check(self, cJSON_AddNumberToObject(table, "max_children", grant->count_max));
    }
    append(self, member(self, table, "templates", true), grant->pattern);
}

static void put_grant(maker *self, const airs_grant *grant)
{
    capability_right right = (capability_right)__builtin_ctz(grant->rights);
    capability_kind kind = capability_right_kind(right);
    const char *of_kind = capability_kind_name(kind);
    const char *of_right = capability_right_name(right);
    switch (kind) {
    case CAPABILITY_FILES:
        put_file(self, grant);
        break;
    case CAPABILITY_MESSAGING:
        if (right == CAPABILITY_MESSAGING_SEND || right == CAPABILITY_MESSAGING_ASK)
            put_receiver(self, of_right, grant->pattern);
        else
            put(self, of_kind, of_right, grant->pattern);
        break;
    case CAPABILITY_NETWORK:
        put(self, of_kind, of_right, grant->pattern);
        break;
    case CAPABILITY_SPAWN:
        put_spawn(self, grant);
        break;
    case CAPABILITY_CUSTOM:
        put(self, of_kind, grant->custom, grant->pattern);
        break;
    case CAPABILITY_ENV:
    case CAPABILITY_CONFIG:
        put(self, NULL, of_kind, grant->pattern);
        break;
    default:
        put(self, NULL, of_kind, of_right);
        break;
    }
}

/// What is given without a word is taken away by a list that does not have it.
static void put_lists(maker *self)
{
    static const capability_kind given[] = {CAPABILITY_CONFIG, CAPABILITY_CLOCK, CAPABILITY_RANDOM, CAPABILITY_STDIO};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        member(self, self->it->grants, capability_kind_name(given[i]), true);
}

// ---------------------------------------------------------------- what is left out

/// Whether the manifest says it, not only the defaults.
static bool is_written(const deploy_actor *of, const airs_grant *grant)
{
    switch (capability_right_kind((capability_right)__builtin_ctz(grant->rights))) {
    case CAPABILITY_CONFIG:
        return of->grants.config.items;
    case CAPABILITY_CLOCK:
        return of->grants.clock.items;
    case CAPABILITY_RANDOM:
        return of->grants.random.items;
    case CAPABILITY_STDIO:
        return of->grants.stdio.items;
    default:
        return true;
    }
}

/// The rights of each grant that were not used, as text.
static void put_unused(maker *self)
{
    const deploy_grants *granted = &self->it->actor->grants;
    for (size_t i = 0; i < granted->made_count; i++) {
        airs_grant left = granted->made[i];
        if (left.rights == 0 || !is_written(self->it->actor, &left))
            continue;
        for (uint32_t right = 0; right < CAPABILITY_RIGHTS; right++) {
            airs_grant one = granted->made[i];
            one.rights &= CAPABILITY_BIT(right);
            if (one.rights != 0 && learned_set_uses(&self->uses, &one))
                left.rights &= ~one.rights;
        }
        char text[1400];
        if (left.rights != 0)
            append(self, self->it->unused, capability_grant_format(text, sizeof text, &left));
    }
}

// ---------------------------------------------------------------- life

static airs_status make_grants(maker *self)
{
    airs_status status = learned_set_grants(&self->uses, &self->grants, &self->count);
    if (status != AIRS_OK)
        return status;
    put_lists(self);
    for (size_t i = 0; i < self->count; i++)
        put_grant(self, &self->grants[i]);
    mount_root_alone(self);
    learned_grants_free(&self->uses, self->grants);
    return self->failed ? AIRS_E_NOMEM : AIRS_OK;
}

airs_status cli_learned_init(cli_learned *self, const component_learner *learner, const deploy_manifest *manifest,
                             const deploy_actor *of, bool is_template)
{
    *self = (cli_learned){.actor = of, .is_template = is_template};
    maker made = {.it = self, .manifest = manifest};
    self->unseen = !learner_knows(learner, of->name.text, is_template);
    self->grants = cJSON_CreateObject();
    self->unused = cJSON_CreateArray();
    airs_status status = learner_collect(learner, of->name.text, is_template, &made.uses);
    self->cut = status == AIRS_E_LIMIT || made.uses.cut > 0;
    if (status == AIRS_E_LIMIT)
        status = AIRS_OK;
    if (!self->grants || !self->unused)
        status = AIRS_E_NOMEM;
    if (status == AIRS_OK) {
        put_unused(&made);
        status = make_grants(&made);
    }
    learned_set_fini(&made.uses);
    if (status != AIRS_OK)
        cli_learned_fini(self);
    return status;
}

void cli_learned_fini(cli_learned *self)
{
    cJSON_Delete(self->grants);
    cJSON_Delete(self->unused);
    cJSON_Delete(self->unmounted);
    *self = (cli_learned){0};
}

// ---------------------------------------------------------------- as TOML

static void write_piece(void *out, const char *piece, size_t len)
{
    fwrite(piece, 1, len, out);
}

void cli_toml_text(FILE *out, const char *text)
{
    deploy_toml_quote(text, write_piece, out);
}

static void write_key(FILE *out, const char *key)
{
    if (deploy_toml_is_bare(key))
        fputs(key, out);
    else
        cli_toml_text(out, key);
}

/// A list of more than a few texts has one on each line, so that each can be taken out.
static void write_list(FILE *out, const cJSON *list)
{
    bool lines = cJSON_GetArraySize(list) > 3;
    const cJSON *one;
    const char *between = lines ? "\n    " : "";
    fputc('[', out);
    cJSON_ArrayForEach(one, list)
    {
        fputs(between, out);
        cli_toml_text(out, one->valuestring);
        between = lines ? ",\n    " : ", ";
    }
    fputs(lines ? ",\n]" : "]", out);
}

static void write_inline(FILE *out, const cJSON *table)
{
    const cJSON *one;
    const char *between = "{ ";
    cJSON_ArrayForEach(one, table)
    {
        fputs(between, out);
        write_key(out, one->string);
        fputs(" = ", out);
        cli_toml_text(out, one->valuestring);
        between = ", ";
    }
    fputs(" }", out);
}

/// The values of a table that are no tables; of `mounts`, one on its own line.
static void write_values(FILE *out, const cJSON *table)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, table)
    {
        bool tables = cJSON_IsArray(one) && cJSON_IsObject(cJSON_GetArrayItem(one, 0));
        if (tables || (cJSON_IsObject(one) && strcmp(one->string, "mounts") != 0))
            continue;
        write_key(out, one->string);
        fputs(" = ", out);
        if (cJSON_IsNumber(one))
            fprintf(out, "%.0f", one->valuedouble);
        else if (cJSON_IsObject(one))
            write_inline(out, one);
        else
            write_list(out, one);
        fputc('\n', out);
    }
}

void cli_learned_write(const cli_learned *self, FILE *out)
{
    const char *of = self->is_template ? "template" : "actor";
    fprintf(out, "[%s.grants]\n", of);
    write_values(out, self->grants);
    const cJSON *table;
    cJSON_ArrayForEach(table, self->grants)
    {
        const cJSON *one;
        if (cJSON_IsObject(table)) {
            fprintf(out, "\n[%s.grants.%s]\n", of, table->string);
            write_values(out, table);
        } else if (cJSON_IsObject(cJSON_GetArrayItem(table, 0))) {
            cJSON_ArrayForEach(one, table)
            {
                fprintf(out, "\n[[%s.grants.%s]]\n", of, table->string);
                write_values(out, one);
            }
        }
    }
}
