// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_grants.h"

#include <string.h>

#include "airssys/capability.h"
#include "base/error.h"
#include "base/log.h"
#include "node/deploy_changes.h"
#include "node/system.h"

// Room for any grant as text.
#define GRANT_TEXT_MAX 1400

// ---------------------------------------------------------------- what is there

typedef struct search {
    const char *text;
    uint32_t number;
    size_t count;
} search;

/// The last of those that read so.
static bool find_grant(void *user, const airs_grant_info *info)
{
    search *it = user;
    char text[GRANT_TEXT_MAX];
    if (!info->grant.revoked && strcmp(airs_grant_format(text, sizeof text, &info->grant), it->text) == 0) {
        it->number = info->number;
        it->count++;
    }
    return true;
}

/// That of a variable of its own, which it may read without a word of the manifest.
static airs_grant grant_of_variable(const char *name)
{
    return (airs_grant){.rights = AIRS_RIGHT_ENV_READ, .pattern = name};
}

/// How often a manifest gives what reads so; `*ret` is one of those.
static size_t wanted(const deploy_actor *of, const char *text, airs_grant *ret)
{
    char other[GRANT_TEXT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < of->grants.made_count; i++) {
        const airs_grant *grant = &of->grants.made[i];
        if (grant->revoked || strcmp(airs_grant_format(other, sizeof other, grant), text) != 0)
            continue;
        *ret = *grant;
        count++;
    }
    for (size_t i = 0; i < of->env.count; i++) {
        airs_grant grant = grant_of_variable(of->env.items[i].key.text);
        if (strcmp(airs_grant_format(other, sizeof other, &grant), text) != 0)
            continue;
        *ret = grant;
        count++;
    }
    return count;
}

// ---------------------------------------------------------------- one actor

typedef struct granting {
    airs_system *system;
    const deploy_item *item;
    const deploy_actor *as;
    const char *text;
    airs_status status;
    airs_error *error;
} granting;

static bool give(void *user, airs_actor_id id)
{
    granting *it = user;
    search held = {.text = it->text};
    airs_grant grant = {0};
    if (airs_actor_each_grant(it->system, id, find_grant, &held) != AIRS_OK ||
        held.count >= wanted(it->as, it->text, &grant))
        return true;
    component_actor *found;
    // One that has ended needs nothing.
    if (deploy_find_component_actor(it->system, id, &found, NULL) != AIRS_OK)
        return true;
    const capability_change more = {.added = &grant, .added_count = 1};
    it->status = authority_change_child(found, &more, it->error);
    actor_release(&found->cell);
    return it->status == AIRS_OK;
}

static bool take(void *user, airs_actor_id id)
{
    granting *it = user;
    search held = {.text = it->text};
    airs_grant ignored;
    // What can't be taken away any more is gone with its actor.
    if (airs_actor_each_grant(it->system, id, find_grant, &held) != AIRS_OK ||
        held.count <= wanted(it->as, it->text, &ignored))
        return true;
    if (airs_grant_revoke(it->system, id, &held.number, 1, NULL) != AIRS_OK)
        base_log_write(&it->system->log, AIRS_LOG_WARN, NULL, "%s: a grant is not revoked: %s", it->item->name,
                       it->text);
    return true;
}

// ---------------------------------------------------------------- one item

typedef bool (*each_fn)(void *user, airs_actor_id id);

static void each_text(const app_settings *of, granting *it, const deploy_lines *texts, const deploy_lines *variables,
                      each_fn fn)
{
    char text[GRANT_TEXT_MAX];
    for (size_t i = 0; it->status == AIRS_OK && i < texts->count; i++) {
        it->text = texts->items[i];
        // Those to spawn are somebody else's where what it may spawn of changes (app_spawning.h).
        if (strncmp(it->text, "spawn.", 6) != 0 || app_spawning_find(&of->spawning, it->item->name) == NULL)
            app_settings_each(of->plan, it->system, it->item, fn, it);
    }
    for (size_t i = 0; it->status == AIRS_OK && i < variables->count; i++) {
        airs_grant grant = grant_of_variable(variables->items[i]);
        it->text = airs_grant_format(text, sizeof text, &grant);
        app_settings_each(of->plan, it->system, it->item, fn, it);
    }
    if (it->status != AIRS_OK)
        base_error_prefix(it->error, "%s: the grant %s", it->item->name, it->text);
}

static bool stays(const deploy_item *item)
{
    return item->what == DEPLOY_CHANGED && (item->kind != DEPLOY_KIND_GROUP || item->retemplated);
}

airs_status app_grants_give(const app_settings *of, const deploy_item *item, airs_error *error)
{
    if (!stays(item))
        return AIRS_OK;
    granting it = {.system = of->app->system,
                   .item = item,
                   .as = deploy_item_described(item, &of->plan->to.manifest),
                   .error = error};
    each_text(of, &it, &item->gains, &item->variables_gained, give);
    return it.status;
}

void app_grants_take_back(const app_settings *of, const deploy_item *item)
{
    if (!stays(item))
        return;
    granting it = {
        .system = of->app->system, .item = item, .as = deploy_item_described(item, &of->plan->from.manifest)};
    each_text(of, &it, &item->gains, &item->variables_gained, take);
}

void app_grants_take(const app_settings *of, const deploy_item *item)
{
    if (!stays(item))
        return;
    granting it = {.system = of->app->system, .item = item, .as = deploy_item_described(item, &of->plan->to.manifest)};
    each_text(of, &it, &item->loses, &item->variables_lost, take);
}
