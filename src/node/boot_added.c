// SPDX-License-Identifier: MIT OR Apache-2.0
/// An app of the store with one more actor.
#include "node/boot_impl.h"

#include <string.h>

#include "airssys/capability.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

/// What is being added, and what of it is there.
typedef struct adding {
    const node_boot *from;
    /// As it is said, and with what it has already.
    deploy_addition said;
    deploy_addition add;
    /// Where its component is.
    char component[NODE_STATE_PATH_MAX];
    /// What the manifest has of that name; NULL: nothing, or what was removed.
    const deploy_named *there;
    /// The manifest as it is written, where the actor came so before; and both together.
    deploy_manifest written;
    airs_setting *config;
    airs_grant *grants;
} adding;

// ---------------------------------------------------------------- whether it can be

/// `app/name`, of this app, is `name`.
static airs_status check_name(adding *it, airs_error *error)
{
    const char *app = it->from->manifest.name.text;
    const char *name = it->add.name;
    size_t len = strcspn(name, "/");
    if (deploy_manifest_find(&it->from->manifest, name) == NULL && name[len] == '/') {
        if (strlen(app) != len || memcmp(name, app, len) != 0)
            return base_error_set(error, AIRS_E_NOT_FOUND, "%s: there is no app %.*s here: `airssys up APP` starts one",
                                  name, (int)len, name);
        it->add.name = name + len + 1;
    }
    name = it->add.name;
    if (!deploy_name_valid(name, false))
        return base_error_set(error, AIRS_E_INVALID, "the name \"%s\" is none: 1 to %d letters, digits and -_.:/", name,
                              DEPLOY_NAME_LEN_MAX);
    if (name[strspn(name, "0123456789")] == '\0')
        return base_error_set(error, AIRS_E_INVALID, "%s would be taken for an id: a new name has a letter in it",
                              name);
    return AIRS_OK;
}

static airs_status check_app(const adding *it, airs_error *error)
{
    const deploy_manifest *manifest = &it->from->manifest;
    if (manifest->source.data != NULL && deploy_document_text(&manifest->document, "app", "name").text != NULL)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_UNSUPPORTED,
                          "the app %s is a component alone, to which nothing is added: write a manifest for both "
                          "(airssys.toml), `airssys down`, then `airssys up APP`",
                          manifest->name.text);
}

/// Something of that name is there, or was.
static airs_status check_taken(adding *it, airs_error *error)
{
    const deploy_addition *add = &it->add;
    const deploy_named *named = deploy_manifest_find(&it->from->manifest, add->name);
    bool removed = named != NULL && node_boot_is_removed(it->from, named);
    bool added = named != NULL && deploy_addition_is_in(it->from->manifest.source, add->name);
    it->there = removed ? NULL : named;
    if (named == NULL || added)
        return AIRS_OK;
    if (removed)
        return base_error_set(error, AIRS_E_TAKEN,
                              "%s was removed, and is one of the app's manifest: `airssys deploy APP` brings it back, "
                              "or take another name",
                              add->name);
    if (named->kind != DEPLOY_KIND_ACTOR)
        return base_error_set(error, AIRS_E_TAKEN, "%s is a %s of the app: take another name", add->name,
                              named->kind == DEPLOY_KIND_GROUP ? "group" : "template");
    if (add->config_count + add->grants_count > 0)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "%s is an actor of the app's manifest, which has its settings and grants (--config, "
                              "--grant): change it and `airssys deploy APP`, or `airssys grant %s GRANT`",
                              add->name, add->name);
    return base_error_set(error, AIRS_E_TAKEN,
                          "%s is an actor of the app: it is deployed to by its name; where it does not run, `airssys "
                          "start %s` first",
                          add->name, add->name);
}

static airs_status find_component(adding *it, airs_error *error)
{
    node_content content;
    const char *component = it->add.component;
    if (component[0] == '/') {
        if (strlen(component) >= sizeof it->component)
            return base_error_set(error, AIRS_E_INVALID, "the path is too long: %s", component);
        base_text_copy(it->component, sizeof it->component, base_bytes_of(component));
        return AIRS_OK;
    }
    airs_status status = node_store_find(it->from->store, component, &content, error);
    return status == AIRS_OK ? node_store_path(it->from->store, &content, it->component, error) : status;
}

// ---------------------------------------------------------------- with what it has

static bool has_setting(const deploy_addition *add, const char *key)
{
    bool found = false;
    for (size_t i = 0; !found && i < add->config_count; i++)
        found = strcmp(add->config[i].key, key) == 0;
    return found;
}

static bool is_spawning(const airs_grant *grant)
{
    return grant->rights == AIRS_RIGHT_SPAWN_START && grant->pattern != NULL;
}

/// Whether it is said: the very same, or of another number of children of a template.
static bool has_grant(const deploy_addition *add, const airs_grant *grant)
{
    char text[GRANT_TEXT_MAX];
    char other[GRANT_TEXT_MAX];
    bool found = false;
    (void)airs_grant_format(text, sizeof text, grant);
    for (size_t i = 0; !found && i < add->grants_count; i++) {
        const airs_grant *said = &add->grants[i];
        found = strcmp(airs_grant_format(other, sizeof other, said), text) == 0 ||
                (is_spawning(said) && is_spawning(grant) && strcmp(said->pattern, grant->pattern) == 0);
    }
    return found;
}

/// Settings and grants of one that is there come first; of a setting, what is said now counts.
static airs_status join(adding *it, airs_error *error)
{
    const airs_allocator *memory = base_allocator_default();
    deploy_addition *add = &it->add;
    const deploy_actor *has = &it->written.actors[deploy_manifest_find(&it->written, add->name)->place];
    size_t settings = 0;
    size_t grants = 0;
    it->config = base_alloc_array(memory, has->config.count + add->config_count + 1, sizeof *it->config);
    it->grants = base_alloc_array(memory, has->grants.made_count + add->grants_count + 1, sizeof *it->grants);
    if (it->config == NULL || it->grants == NULL)
        return boot_no_memory(it->from, error);
    for (size_t i = 0; i < has->config.count; i++) {
        if (!has_setting(add, has->config.items[i].key))
            it->config[settings++] = has->config.items[i];
    }
    for (size_t i = 0; i < has->grants.made_count; i++) {
        if (!has_grant(add, &has->grants.made[i]))
            it->grants[grants++] = has->grants.made[i];
    }
    for (size_t i = 0; i < add->config_count; i++)
        it->config[settings++] = add->config[i];
    for (size_t i = 0; i < add->grants_count; i++)
        it->grants[grants++] = add->grants[i];
    add->config = it->config;
    add->config_count = settings;
    add->grants = it->grants;
    add->grants_count = grants;
    return AIRS_OK;
}

/// What else was granted and revoked by hand since is the store's, and not written into the manifest.
static airs_status add_to_it(adding *it, airs_error *error)
{
    const node_boot *from = it->from;
    if (it->there == NULL)
        return AIRS_OK;
    airs_status status = deploy_manifest_parse_kept(&it->written, from->source, from->manifest.source, error);
    return status == AIRS_OK ? join(it, error) : status;
}

// ---------------------------------------------------------------- the app with it

void node_boot_say_plainly(const node_boot *boot, airs_error *error)
{
    size_t len = strlen(boot->source);
    if (strncmp(error->text, boot->source, len) != 0 || error->text[len] != ':')
        return;
    const char *at = error->text + len;
    at += strspn(at, ":0123456789");
    at += strspn(at, " ");
    memmove(error->text, at, strlen(at) + 1);
}

static airs_status read_component(node_boot *boot, airs_error *error)
{
    for (size_t i = 0; i < boot->manifest.actors_count; i++) {
        if (strcmp(boot->manifest.actors[i].name.text, boot->added) == 0)
            return boot_hash_file(boot, i, error);
    }
    return AIRS_OK;
}

static bool can_be_cut(const node_boot *boot, airs_bytes text, const deploy_actor *actor)
{
    const char *name = actor->name.text;
    return node_boot_is_removed(boot, deploy_manifest_find(&boot->manifest, name)) && deploy_addition_is_in(text, name);
}

bool node_boot_is_cut(const node_boot *from, const node_boot *to, const deploy_actor *actor)
{
    return can_be_cut(from, from->manifest.source, actor) &&
           !deploy_addition_is_in(to->manifest.source, actor->name.text);
}

/// Cuts one out where the rest is a manifest without it: `*ret_cut`.
static airs_status cut_one(const node_boot *boot, airs_buffer *text, const char *name, bool *ret_cut, airs_error *error)
{
    airs_buffer rest = {0};
    deploy_manifest manifest;
    airs_error why;
    airs_status status = deploy_addition_cut((airs_bytes){text->data, text->len}, name, &rest, error);
    if (status != AIRS_OK)
        return status;
    status = deploy_manifest_parse_kept(&manifest, boot->source, (airs_bytes){rest.data, rest.len}, &why);
    *ret_cut = status == AIRS_OK;
    if (*ret_cut) {
        deploy_manifest_close(&manifest);
        airs_buffer_free(text);
        *text = rest;
        return AIRS_OK;
    }
    airs_buffer_free(&rest);
    return status == AIRS_E_MANIFEST ? AIRS_OK : base_error_set(error, status, "%s", why.text);
}

airs_status node_boot_cut(const node_boot *boot, airs_buffer *ret_text, airs_error *error)
{
    const deploy_manifest *manifest = &boot->manifest;
    airs_buffer text = {0};
    bool again = true;
    airs_status status = base_buffer_copy(base_allocator_default(), manifest->source, &text);
    if (status != AIRS_OK)
        return boot_no_memory(boot, error);
    // One that is named by another one that goes too can go after that.
    while (status == AIRS_OK && again) {
        again = false;
        for (size_t i = 0; status == AIRS_OK && i < manifest->actors_count; i++) {
            bool cut = false;
            if (can_be_cut(boot, (airs_bytes){text.data, text.len}, &manifest->actors[i]))
                status = cut_one(boot, &text, manifest->actors[i].name.text, &cut, error);
            again = again || cut;
        }
    }
    if (status == AIRS_OK)
        *ret_text = text;
    else
        airs_buffer_free(&text);
    return status;
}

static airs_status make(adding *it, node_boot *boot, airs_error *error)
{
    airs_buffer rest = {0};
    airs_buffer text = {0};
    airs_error why = {.text = ""};
    it->add.component = it->component;
    airs_status status = node_boot_cut(it->from, &rest, &why);
    if (status == AIRS_OK)
        status = deploy_addition_write(&it->add, (airs_bytes){rest.data, rest.len}, &text, &why);
    airs_buffer_free(&rest);
    if (status == AIRS_OK)
        status = boot_read_with(boot, it->from->manifest.name.text, &it->said, &text, &why);
    airs_buffer_free(&text);
    if (status == AIRS_E_MANIFEST) {
        node_boot_say_plainly(it->from, &why);
        base_error_prefix(&why, "%s can't be %s", it->add.name, boot->added_anew ? "added" : "changed");
    }
    if (status == AIRS_OK)
        return read_component(boot, error);
    return base_error_set(error, status, "%s", why.text);
}

airs_status node_boot_with(node_boot *boot, const node_boot *from, const deploy_addition *add, airs_error *error)
{
    adding it = {.from = from, .add = *add};
    *boot = (node_boot){.store = from->store, .stored = true};
    airs_status status = check_app(&it, error);
    if (status == AIRS_OK)
        status = check_name(&it, error);
    if (status == AIRS_OK)
        status = check_taken(&it, error);
    if (status == AIRS_OK)
        status = deploy_addition_check_manifest(&from->manifest, error);
    it.said = it.add;
    if (status == AIRS_OK)
        status = find_component(&it, error);
    if (status == AIRS_OK)
        status = add_to_it(&it, error);
    boot->added_anew = it.there == NULL;
    if (status == AIRS_OK)
        status = make(&it, boot, error);
    base_free(base_allocator_default(), it.config);
    base_free(base_allocator_default(), it.grants);
    deploy_manifest_close(&it.written);
    if (status != AIRS_OK)
        node_boot_fini(boot);
    return status;
}
