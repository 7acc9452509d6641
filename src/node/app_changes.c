// SPDX-License-Identifier: MIT OR Apache-2.0
/// What may be changed of an app at once: all of it, one actor, and what operators ask to be there.
#include "node/app.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

// ---------------------------------------------------------------- all of it, or something of it

airs_status node_app_begin_change(node_app *app, bool whole, airs_error *error)
{
    os_mutex_lock(&app->look);
    bool taken = app->deploying || (whole && app->changes > 0);
    if (!taken && whole)
        app->deploying = true;
    else if (!taken)
        app->changes++;
    bool all = app->deploying;
    os_mutex_unlock(&app->look);
    if (!taken)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_TAKEN,
                          all ? "the app %s is being deployed to: try again when that has ended"
                              : "something of the app %s is being changed: try again when that has ended",
                          app->name);
}

void node_app_end_change(node_app *app, bool whole)
{
    os_mutex_lock(&app->look);
    if (whole)
        app->deploying = false;
    else
        app->changes--;
    os_mutex_unlock(&app->look);
}

// ---------------------------------------------------------------- what is asked for

/// Whether one of the two belongs to the other, or is it. Under `app->look`.
static bool overlap(const node_app *app, const char *one, const char *other)
{
    const deploy_named *first = deploy_manifest_find(app->manifest, one);
    const deploy_named *second = deploy_manifest_find(app->manifest, other);
    return strcmp(one, other) == 0 || (first && deploy_manifest_belongs(app->manifest, first, other)) ||
           (second && deploy_manifest_belongs(app->manifest, second, one));
}

/// Who stops is not held up, but by who starts the group that a child is of: that one is not written down yet.
static bool excludes(const node_app *app, const node_app_ask *other, const node_app_ask *ask)
{
    switch (ask->what) {
    case NODE_APP_STOP:
        return ask->group[0] && other->what == NODE_APP_START && overlap(app, ask->group, other->name);
    case NODE_APP_SPAWN:
        return other->what != NODE_APP_SPAWN && overlap(app, ask->name, other->name);
    case NODE_APP_START:
    case NODE_APP_SCALE:
        break;
    }
    return overlap(app, ask->name, other->name);
}

static void say(const node_app_ask *other, airs_error *error)
{
    static const char *const doing[] = {
        [NODE_APP_STOP] = "%s is being stopped: try again when that has ended",
        [NODE_APP_START] = "%s is being started: try again when that has ended",
        [NODE_APP_SPAWN] = "a child of %s is being started: try again when that has ended",
        [NODE_APP_SCALE] = "%s is being scaled: try again when that has ended",
    };
    base_error_set(error, AIRS_E_TAKEN, doing[other->what], other->name);
}

/// Whether what is started by that name is what a deployment changes. Under `app->look`.
static bool makes(const node_app *app, const char *name, const char *of)
{
    const deploy_manifest *manifest = app->manifest;
    bool found = false;
    for (size_t i = 0; !found && i < manifest->starts_count; i++) {
        const deploy_named *named = &manifest->starts[i];
        bool is_actor = named->kind == DEPLOY_KIND_ACTOR;
        const char *made = is_actor ? named->name->text : manifest->groups[named->place].template_name.text;
        char subject[sizeof((node_app_deploy){0}).of];
        if (!made || !deploy_manifest_belongs(manifest, named, name))
            continue;
        (void)snprintf(subject, sizeof subject, "%s \"%s\"", is_actor ? "actor" : "template", made);
        found = strcmp(subject, of) == 0;
    }
    return found;
}

/// Who makes something anew that a deployment changes; NULL: nobody. Under `app->look`.
static const node_app_ask *first_start(const node_app *app, const char *of)
{
    const node_app_ask *it = app->asks;
    while (it && (it->what != NODE_APP_START || it->is_there || !makes(app, it->name, of)))
        it = it->next;
    return it;
}

/// Under `app->look`. Errors: E_TAKEN.
static airs_status check(const node_app *app, const node_app_ask *ask, airs_error *error)
{
    for (const node_app_ask *it = app->asks; it; it = it->next) {
        if (excludes(app, it, ask)) {
            say(it, error);
            return AIRS_E_TAKEN;
        }
    }
    for (const node_app_deploy *it = app->deploys; ask->what == NODE_APP_START && !ask->is_there && it; it = it->next) {
        if (makes(app, ask->name, it->of))
            return base_error_set(error, AIRS_E_TAKEN, "%s is being deployed to: try again when that has ended",
                                  it->of);
    }
    return AIRS_OK;
}

airs_status node_app_begin_ask(node_app *app, node_app_ask *ask, airs_error *error)
{
    airs_status status = node_app_begin_change(app, false, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&app->look);
    status = check(app, ask, error);
    if (status == AIRS_OK) {
        ask->next = app->asks;
        app->asks = ask;
    }
    os_mutex_unlock(&app->look);
    if (status != AIRS_OK)
        node_app_end_change(app, false);
    return status;
}

void node_app_end_ask(node_app *app, node_app_ask *ask)
{
    os_mutex_lock(&app->look);
    node_app_ask **at = &app->asks;
    while (*at != ask)
        at = &(*at)->next;
    *at = ask->next;
    os_mutex_unlock(&app->look);
    node_app_end_change(app, false);
}

// ---------------------------------------------------------------- deployments to one

airs_status node_app_begin_deploy(node_app *app, node_app_deploy *deploy, airs_error *error)
{
    airs_status status = node_app_begin_change(app, false, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&app->look);
    const node_app_deploy *other = app->deploys;
    while (other && strcmp(other->of, deploy->of) != 0)
        other = other->next;
    const node_app_ask *start = other ? NULL : first_start(app, deploy->of);
    if (other)
        base_error_set(error, AIRS_E_TAKEN, "%s is being deployed to", deploy->of);
    else if (start)
        say(start, error);
    else {
        deploy->next = app->deploys;
        app->deploys = deploy;
    }
    os_mutex_unlock(&app->look);
    if (!other && !start)
        return AIRS_OK;
    node_app_end_change(app, false);
    return AIRS_E_TAKEN;
}

void node_app_end_deploy(node_app *app, node_app_deploy *deploy)
{
    os_mutex_lock(&app->look);
    node_app_deploy **at = &app->deploys;
    while (*at != deploy)
        at = &(*at)->next;
    *at = deploy->next;
    os_mutex_unlock(&app->look);
    node_app_end_change(app, false);
}
