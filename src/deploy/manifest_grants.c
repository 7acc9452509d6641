// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a manifest grants, as the library takes it, held against the same rules that decide when the app runs.
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/nearest.h"
#include "capability/defaults.h"
#include "capability/grant_text.h"
#include "capability/pattern.h"
#include "capability/requests.h"
#include "deploy/manifest_check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)
#define ENV_NAME_MAX 256
// Of a table that does not say.
#define CHILDREN_MAX 100u

/// Where a grant stands.
typedef struct origin {
    const char *key;
    deploy_place at;
} origin;

typedef struct maker {
    deploy_manifest *manifest;
    deploy_actor *actor;
    airs_error *error;
    /// As long as the grants.
    origin *origins;
    /// Kinds of which the manifest says something.
    uint32_t written;
    /// The first grant of the table in hand.
    size_t table;
} maker;

static airs_status no_memory(const deploy_manifest *manifest, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "%s: out of memory", manifest->document.path);
}

// ---------------------------------------------------------------- spawn

airs_status deploy_manifest_take_spawn(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    const deploy_spawn_grant *tables = actor->grants.spawn.items;
    size_t count = 0;
    for (size_t i = 0; i < actor->grants.spawn.count; i++)
        count += tables[i].templates.count;
    deploy_spawn *made = &actor->spawn;
    made->templates.items = deploy_document_alloc(&manifest->document, (count + 1) * sizeof *made->templates.items);
    made->counts = deploy_document_alloc(&manifest->document, (count + 1) * sizeof *made->counts);
    if (!made->templates.items || !made->counts)
        return no_memory(manifest, error);
    for (size_t i = 0; i < actor->grants.spawn.count; i++) {
        uint32_t max = tables[i].max_children > 0 ? tables[i].max_children : CHILDREN_MAX;
        made->max_children = max > UINT32_MAX - made->max_children ? UINT32_MAX : made->max_children + max;
        for (size_t k = 0; k < tables[i].templates.count; k++) {
            made->counts[made->templates.count] = max;
            made->templates.items[made->templates.count++] = tables[i].templates.items[k];
        }
    }
    return AIRS_OK;
}

// ---------------------------------------------------------------- grants, one by one

static bool is_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/// Adds a grant; of the same table, what is about the same becomes one.
static void add(maker *self, const airs_grant *grant, const char *key, deploy_place at)
{
    deploy_grants *to = &self->actor->grants;
    for (size_t i = self->table; i < to->made_count; i++) {
        if (is_text(to->made[i].pattern, grant->pattern) && is_text(to->made[i].custom, grant->custom)) {
            to->made[i].rights |= grant->rights;
            return;
        }
    }
    self->origins[to->made_count] = (origin){key, at};
    to->made[to->made_count++] = *grant;
}

static void begin_table(maker *self, capability_kind kind)
{
    self->written |= CAPABILITY_KIND_BIT(kind);
    self->table = self->actor->grants.made_count;
}

static void add_list(maker *self, const char *key, uint32_t rights, uint32_t zones, const deploy_names *list)
{
    for (size_t i = 0; i < list->count; i++) {
        airs_grant grant = {.rights = rights, .pattern = list->items[i].text, .zones = zones};
        add(self, &grant, key, list->items[i].at);
    }
}

static void add_files(maker *self, const deploy_files *files)
{
    begin_table(self, CAPABILITY_FILES);
    add_list(self, "read", RIGHT(FILES_READ), 0, &files->read);
    add_list(self, "write", RIGHT(FILES_WRITE), 0, &files->write);
    add_list(self, "create", RIGHT(FILES_CREATE), 0, &files->create);
    add_list(self, "delete", RIGHT(FILES_DELETE), 0, &files->remove);
    add_list(self, "list", RIGHT(FILES_LIST), 0, &files->list);
}

static void add_network(maker *self, const deploy_network *network)
{
    uint32_t zones = 0;
    for (size_t i = 0; i < network->zones.count; i++)
        zones |= capability_zone_find(base_bytes_of(network->zones.items[i].text));
    begin_table(self, CAPABILITY_NETWORK);
    add_list(self, "connect", RIGHT(NETWORK_CONNECT), zones, &network->connect);
    add_list(self, "bind", RIGHT(NETWORK_BIND), zones, &network->bind);
    // A name alone is looked up: a grant of its own, also where one to connect has the same text.
    begin_table(self, CAPABILITY_NETWORK);
    add_list(self, "lookup", RIGHT(NETWORK_LOOKUP), 0, &network->lookup);
}

static void add_messaging(maker *self, const deploy_grants *from)
{
    begin_table(self, CAPABILITY_MESSAGING);
    // Who may send may ask too, unless the manifest says who may be asked.
    add_list(self, "send", RIGHT(MESSAGING_SEND) | (from->ask.items ? 0 : RIGHT(MESSAGING_ASK)), 0, &from->send);
    add_list(self, "ask", RIGHT(MESSAGING_ASK), 0, &from->ask);
    add_list(self, "register", RIGHT(MESSAGING_REGISTER), 0, &from->registers);
    begin_table(self, CAPABILITY_MESSAGING);
    add_list(self, "publish", RIGHT(MESSAGING_PUBLISH), 0, &from->publish);
    add_list(self, "subscribe", RIGHT(MESSAGING_SUBSCRIBE), 0, &from->subscribe);
}

static void add_spawn(maker *self, const deploy_spawn *spawn)
{
    begin_table(self, CAPABILITY_SPAWN);
    for (size_t i = 0; i < spawn->templates.count; i++) {
        airs_grant grant = {
            .rights = RIGHT(SPAWN_START), .pattern = spawn->templates.items[i].text, .count_max = spawn->counts[i]};
        add(self, &grant, "templates", spawn->templates.items[i].at);
    }
}

/// A list of keys; one that is there and empty grants nothing.
static void add_keys(maker *self, const char *key, capability_kind kind, uint32_t right, const deploy_names *list)
{
    if (!list->items)
        return;
    begin_table(self, kind);
    add_list(self, key, right, 0, list);
}

/// A list of rights that have no pattern.
static void add_plain(maker *self, const char *key, capability_kind kind, const deploy_names *words)
{
    if (!words->items)
        return;
    begin_table(self, kind);
    for (size_t i = 0; i < words->count; i++) {
        capability_right right;
        // The reader knows the same words.
        if (capability_right_find(kind, base_bytes_of(words->items[i].text), &right))
            add(self, &(airs_grant){.rights = CAPABILITY_BIT(right)}, key, words->items[i].at);
    }
}

static void add_custom(maker *self, const deploy_lists *lists)
{
    begin_table(self, CAPABILITY_CUSTOM);
    for (size_t i = 0; i < lists->count; i++) {
        const deploy_list *list = &lists->items[i];
        for (size_t k = 0; k < list->values.count; k++) {
            airs_grant grant = {
                .rights = RIGHT(CUSTOM_USE), .pattern = list->values.items[k].text, .custom = list->key.text};
            add(self, &grant, list->key.text, list->values.items[k].at);
        }
    }
}

static void add_all(maker *self)
{
    deploy_actor *actor = self->actor;
    deploy_grants *grants = &actor->grants;
    const deploy_network *network = grants->network.items;
    add_files(self, &grants->files);
    for (size_t i = 0; i < grants->network.count; i++)
        add_network(self, &network[i]);
    add_messaging(self, grants);
    add_spawn(self, &actor->spawn);
    begin_table(self, CAPABILITY_ENV);
    add_list(self, "env", RIGHT(ENV_READ), 0, &grants->env);
    add_keys(self, "config", CAPABILITY_CONFIG, RIGHT(CONFIG_READ), &grants->config);
    add_plain(self, "clock", CAPABILITY_CLOCK, &grants->clock);
    add_plain(self, "random", CAPABILITY_RANDOM, &grants->random);
    add_plain(self, "stdio", CAPABILITY_STDIO, &grants->stdio);
    add_custom(self, &grants->custom);
}

/// What an actor has without a word.
static void add_defaults(maker *self)
{
    deploy_grants *grants = &self->actor->grants;
    grants->made_count = capability_defaults_add(self->written, grants->made, grants->made_count);
}

/// More than there can be.
static size_t count_all(const deploy_actor *actor)
{
    const deploy_grants *it = &actor->grants;
    const deploy_names *lists[] = {&it->files.read, &it->files.write, &it->files.create, &it->files.remove,
                                   &it->files.list, &it->send,        &it->ask,          &it->publish,
                                   &it->subscribe,  &it->registers,   &it->env,          &it->config,
                                   &it->clock,      &it->random,      &it->stdio,        &actor->spawn.templates};
    size_t count = CAPABILITY_DEFAULTS;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        count += lists[i]->count;
    for (size_t i = 0; i < it->network.count; i++) {
        const deploy_network *network = &((const deploy_network *)it->network.items)[i];
        count += network->connect.count + network->bind.count + network->lookup.count;
    }
    for (size_t i = 0; i < it->custom.count; i++)
        count += it->custom.items[i].values.count;
    return count;
}

// ---------------------------------------------------------------- folders

static airs_status check_folder(maker *self, const deploy_entry *entry, airs_mount *ret)
{
    const deploy_document *document = &self->manifest->document;
    deploy_place at = entry->value.at;
    const char *path = deploy_manifest_path(&self->manifest->document, entry->value.text);
    char *real = deploy_document_alloc(&self->manifest->document, PATH_MAX);
    if (!path || !real)
        return no_memory(self->manifest, self->error);
    struct stat about;
    if (entry->value.text[0] == '\0')
        return deploy_document_refuse(document, at, self->error,
                                      "the folder of the mount \"%s\" is empty: \".\" is that of the manifest",
                                      entry->key.text);
    if (!realpath(path, real) || stat(real, &about) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return deploy_document_refuse(document, at, self->error,
                                          "no such folder: %s: make it, or correct the path, which begins at the "
                                          "folder of the manifest",
                                          path);
        return deploy_document_refuse(document, at, self->error, "folder %s: %s", path, strerror(errno));
    }
    if (!S_ISDIR(about.st_mode))
        return deploy_document_refuse(document, at, self->error,
                                      "%s is no folder: mount the folder that it is in, and grant the file", path);
    *ret = (airs_mount){entry->key.text, real};
    return AIRS_OK;
}

static airs_status make_mounts(maker *self)
{
    deploy_grants *grants = &self->actor->grants;
    const deploy_entries *from = &grants->files.mounts;
    grants->mounts = deploy_document_alloc(&self->manifest->document, (from->count + 1) * sizeof *grants->mounts);
    if (!grants->mounts)
        return no_memory(self->manifest, self->error);
    airs_status status = AIRS_OK;
    for (size_t i = 0; i < from->count && status == AIRS_OK; i++)
        status = check_folder(self, &from->items[i], &grants->mounts[grants->mounts_count++]);
    return status;
}

// ---------------------------------------------------------------- what is wrong

/// An example of what would be right.
static const char *hint_for(const airs_grant *grant, const char *text)
{
    switch (capability_right_kind((capability_right)__builtin_ctz(grant->rights))) {
    case CAPABILITY_FILES:
        return strncmp(text, "nothing is mounted", 18) == 0
                   ? ": give the folder in `mounts`, such as mounts = { \"/data\" = \"data\" }"
                   : ": a path of the guest, such as \"/data/**\"";
    case CAPABILITY_NETWORK:
        return (grant->rights & RIGHT(NETWORK_LOOKUP)) != 0
                   ? ": a host, such as \"db.example.org\" or \"*.example.org\""
               : (grant->rights & RIGHT(NETWORK_BIND)) != 0
                   ? ": an address and a port, such as \"127.0.0.1:8080\""
                   : ": such as \"tcp://db.example.org:5432\", \"https://example.org\" or \"10.0.0.0/8:8000-8010\"";
    case CAPABILITY_CUSTOM:
        return ": a pattern of what it is about, such as \"red*\"";
    default:
        return ": a key, such as \"APP_HOME\" or \"APP_*\"";
    }
}

static airs_status refuse(maker *self, uint32_t wrong, const char *text)
{
    const deploy_grants *grants = &self->actor->grants;
    const deploy_document *document = &self->manifest->document;
    if (wrong >= grants->made_count) {
        const deploy_entry *entry = &grants->files.mounts.items[wrong - grants->made_count];
        return deploy_document_refuse(document, entry->key.at, self->error,
                                      "`mounts`: %s: it begins with / and does not end with it, such as \"/data\"",
                                      text);
    }
    const airs_grant *grant = &grants->made[wrong];
    return deploy_document_refuse(document, self->origins[wrong].at, self->error, "`%s` has \"%s\": %s%s",
                                  self->origins[wrong].key, grant->pattern ? grant->pattern : "", text,
                                  hint_for(grant, text));
}

/// Whether the grants are what the runtime would take.
static airs_status check_policy(maker *self)
{
    const deploy_grants *grants = &self->actor->grants;
    capability_policy_options options = {grants->made, grants->made_count, grants->mounts, grants->mounts_count};
    capability_policy *policy;
    uint32_t wrong = CAPABILITY_NONE;
    airs_error error = {.text = ""};
    airs_status status = capability_policy_create(&options, base_allocator_default(), &policy, &wrong, &error);
    if (status == AIRS_OK)
        capability_policy_release(policy);
    if (status == AIRS_E_INVALID && wrong != CAPABILITY_NONE)
        return refuse(self, wrong, error.text);
    if (status == AIRS_E_LIMIT)
        return deploy_document_refuse(&self->manifest->document, self->actor->at, self->error,
                                      "too many grants of one actor: %s", error.text);
    return status == AIRS_OK ? AIRS_OK : no_memory(self->manifest, self->error);
}

/// Variables are named as such: they stand in no pattern.
static airs_status take_env(maker *self)
{
    const deploy_entries *env = &self->actor->env;
    airs_setting *made = deploy_document_alloc(&self->manifest->document, (env->count + 1) * sizeof *made);
    if (!made)
        return no_memory(self->manifest, self->error);
    self->actor->variables = made;
    for (size_t i = 0; i < env->count; i++) {
        const deploy_text *key = &env->items[i].key;
        size_t len = strlen(key->text);
        bool valid = len > 0 && len <= ENV_NAME_MAX;
        for (size_t k = 0; k < len && valid; k++)
            valid = (unsigned char)key->text[k] >= ' ' && key->text[k] != 0x7f && !strchr("*=", key->text[k]);
        if (!valid)
            return deploy_document_refuse(&self->manifest->document, key->at, self->error,
                                          "`env` has the variable \"%.300s\": a name has 1 to %d bytes, none of them "
                                          "`*`, `=` or a control character",
                                          key->text, ENV_NAME_MAX);
        made[i] = (airs_setting){key->text, env->items[i].value.text};
    }
    return AIRS_OK;
}

// ---------------------------------------------------------------- receivers

static bool may_be_registered(const deploy_actor *actors, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        const deploy_names *patterns = &actors[i].grants.registers;
        for (size_t k = 0; k < patterns->count; k++) {
            if (capability_pattern_matches(patterns->items[k].text, name))
                return true;
        }
    }
    return false;
}

/// Whether somebody has the name, or may get it: children of a group are named by an operator.
static bool may_exist(const deploy_manifest *manifest, const char *name)
{
    const deploy_named *named = deploy_manifest_find(manifest, name);
    if (named && named->kind != DEPLOY_KIND_TEMPLATE)
        return true;
    for (size_t i = 0; i < manifest->groups_count; i++) {
        if (manifest->groups[i].supervision.strategy == AIRS_SIMPLE_ONE_FOR_ONE)
            return true;
    }
    return may_be_registered(manifest->actors, manifest->actors_count, name) ||
           may_be_registered(manifest->templates, manifest->templates_count, name);
}

static airs_status refuse_nobody(const deploy_manifest *manifest, const char *key, deploy_text name, airs_error *error)
{
    base_nearest nearest;
    base_nearest_init(&nearest, name.text);
    for (size_t i = 0; i < manifest->actors_count; i++)
        base_nearest_try(&nearest, manifest->actors[i].name.text);
    const char *best = base_nearest_best(&nearest);
    return deploy_document_refuse(
        &manifest->document, name.at, error,
        "`%s` has \"%s\", but there is no such actor, and none may register the name: %s%s%s", key, name.text,
        best ? "did you mean \"" : "add it, or write a pattern with `*` for one that comes from outside",
        best ? best : "", best ? "\"?" : "");
}

/// Whether it is `app/name` of another app, of which nothing is known here. `*ret_own` is the name behind the slash
/// when the app is this one, else the whole text.
static bool is_elsewhere(const deploy_manifest *manifest, const char *text, const char **ret_own)
{
    size_t len = strcspn(text, "/");
    bool app = len > 0 && text[len] == '/' && text[len + 1] != '\0';
    bool own = app && strlen(manifest->name.text) == len && memcmp(text, manifest->name.text, len) == 0;
    *ret_own = own ? text + len + 1 : text;
    return app && !own;
}

static airs_status check_receivers(maker *self, const char *key, const deploy_names *names)
{
    const deploy_manifest *manifest = self->manifest;
    for (size_t i = 0; i < names->count; i++) {
        deploy_text name = names->items[i];
        const char *own;
        bool elsewhere = is_elsewhere(manifest, name.text, &own);
        if (elsewhere || may_exist(manifest, name.text))
            continue;
        // The name of this app in front is no part of a name: grants are about what stands behind it.
        bool known = strchr(own, '*') || may_exist(manifest, own);
        if (known) {
            names->items[i].text = own;
            continue;
        }
        const deploy_named *template_named = deploy_manifest_find(manifest, name.text);
        if (template_named)
            return deploy_document_refuse(
                &manifest->document, name.at, self->error,
                "`%s` has \"%s\", which is a template: children have names of their own, "
                "write a pattern of these, or nothing: they can be sent to by whoever spawned "
                "them",
                key, name.text);
        return refuse_nobody(manifest, key, name, self->error);
    }
    return AIRS_OK;
}

airs_status deploy_manifest_check_expose(const deploy_manifest *manifest, airs_error *error)
{
    const deploy_names *names = &manifest->expose;
    for (size_t i = 0; i < names->count; i++) {
        deploy_text name = names->items[i];
        if (strchr(name.text, '*') || may_exist(manifest, name.text))
            continue;
        return refuse_nobody(manifest, "expose", name, error);
    }
    return AIRS_OK;
}

static airs_status begin(maker *self)
{
    deploy_manifest *manifest = self->manifest;
    size_t room = count_all(self->actor) + 1;
    self->actor->grants.made = deploy_document_alloc(&manifest->document, room * sizeof *self->actor->grants.made);
    self->origins = deploy_document_alloc(&manifest->document, room * sizeof *self->origins);
    return self->actor->grants.made && self->origins ? AIRS_OK : no_memory(manifest, self->error);
}

airs_status deploy_manifest_check_grants(deploy_manifest *manifest, deploy_actor *actor, airs_error *error)
{
    maker self = {.manifest = manifest, .actor = actor, .error = error};
    airs_status status = begin(&self);
    if (status == AIRS_OK)
        status = take_env(&self);
    if (status == AIRS_OK)
        status = check_receivers(&self, "send", &actor->grants.send);
    if (status == AIRS_OK)
        status = check_receivers(&self, "ask", &actor->grants.ask);
    if (status == AIRS_OK)
        status = make_mounts(&self);
    if (status != AIRS_OK)
        return status;
    add_all(&self);
    add_defaults(&self);
    actor->grants.complete = true;
    return check_policy(&self);
}

// ---------------------------------------------------------------- requests

#define REQUEST_TEXT_MAX 1500

/// Whether the grant is the same when it is read again: a pattern with a quote in it, say, is not.
static bool is_readable(const airs_grant *grant, const char *text)
{
    capability_grant_text again;
    return !strpbrk(text, "\n\r") && capability_grant_parse(base_bytes_of(text), &again, NULL) == AIRS_OK &&
           again.grant.rights == grant->rights && is_text(again.grant.pattern, grant->pattern) &&
           is_text(again.grant.custom, grant->custom);
}

static airs_status write_requests(maker *self, const char **ret_text)
{
    deploy_document *document = &self->manifest->document;
    const deploy_grants *requests = &self->actor->grants;
    size_t size = requests->made_count * REQUEST_TEXT_MAX + 1;
    char *text = deploy_document_alloc(document, size);
    size_t len = 0;
    if (!text)
        return no_memory(self->manifest, self->error);
    for (size_t i = 0; i < requests->made_count; i++) {
        char line[REQUEST_TEXT_MAX];
        (void)capability_grant_format(line, sizeof line, &requests->made[i]);
        if (!is_readable(&requests->made[i], line))
            return deploy_document_refuse(document, self->origins[i].at, self->error,
                                          "`%s` can't be a request: it has a quote or a control character in it",
                                          self->origins[i].key);
        len += (size_t)snprintf(text + len, size - len, "%s\n", line);
    }
    *ret_text = text;
    return AIRS_OK;
}

/// A component sees its files wherever the operator mounts them.
static airs_status make_request_grants(maker *self)
{
    static airs_mount everywhere = {"/", "/"};
    deploy_grants *requests = &self->actor->grants;
    if (requests->files.mounts.count > 0)
        return deploy_document_refuse(&self->manifest->document, requests->files.mounts.items[0].key.at, self->error,
                                      "`mounts` in requests: which folder it gets is the operator's to say, request "
                                      "paths as the component sees them");
    add_all(self);
    if (requests->made_count > CAPABILITY_REQUESTS_MAX)
        return deploy_document_refuse(&self->manifest->document, self->origins[CAPABILITY_REQUESTS_MAX].at, self->error,
                                      "more than %u requests", CAPABILITY_REQUESTS_MAX);
    requests->mounts = &everywhere;
    requests->mounts_count = 1;
    airs_status status = check_policy(self);
    requests->mounts = NULL;
    requests->mounts_count = 0;
    return status;
}

airs_status deploy_requests_make(deploy_document *document, deploy_grants *requests, const char **ret_text,
                                 airs_error *error)
{
    // The same as an actor's, of a manifest with nothing else in it.
    deploy_manifest manifest = {.document = *document};
    deploy_actor actor = {.grants = *requests};
    maker self = {.manifest = &manifest, .actor = &actor, .error = error};
    airs_status status = deploy_manifest_take_spawn(&manifest, &actor, error);
    if (status == AIRS_OK)
        status = begin(&self);
    if (status == AIRS_OK)
        status = make_request_grants(&self);
    if (status == AIRS_OK)
        status = write_requests(&self, ret_text);
    *document = manifest.document;
    *requests = actor.grants;
    return status;
}
