// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a deployment of a whole app changes beside components, configurations and grants: what other instances are made
/// with (deploy_changes.h), what comes to those that run (live.h), and what the app exposes.
#ifndef NODE_APP_SETTINGS_H
#define NODE_APP_SETTINGS_H

#include "component/template.h"
#include "node/app_deploy.h"
#include "node/app_spawning.h"
#include "node/deploy_changes.h"
#include "node/live.h"

/// What one change of a rollout needs, kept until the deployment has ended.
typedef struct app_respawn {
    struct app_respawn *next;
    airs_spawn_options to;
    airs_spawn_options from;
    /// Of a template.
    template_list made_of;
    template_list was_made_of;
} app_respawn;

/// All zero but the first two: nothing.
typedef struct app_settings {
    const node_app_plan *plan;
    node_app *app;
    app_respawn *respawns;
    app_spawning spawning;
    /// Live settings: of groups, and of actors that keep their instance; they come before anything else is done. And of
    /// those that get another one, together with what is exposed.
    node_live first;
    node_live live;
    bool exposed;
} app_settings;

/// Whether an item is changed by another instance, or by another template.
bool app_settings_respawns(const deploy_item *item);

/// Visits whom an item that is changed so stands for, and that live: an actor, the members of a template, the children
/// of a group that is of another one. `fn` returns whether to go on.
void app_settings_each(const node_app_plan *plan, airs_system *system, const deploy_item *item,
                       bool (*fn)(void *user, airs_actor_id id), void *user);

/// What the rollout is told of an item that is changed so. Errors: E_NOMEM, those of loading components.
AIRS_NODISCARD airs_status app_settings_respawn(app_settings *self, const deploy_item *item, deploy_respawn *ret,
                                                airs_error *error);

/// Prepares what comes to those that run: what can't be is refused. Errors: those of `node_live_add_spawner` and
/// `app_spawning_init`.
AIRS_NODISCARD airs_status app_settings_prepare(app_settings *self, airs_error *error);
/// Does what needs no other instance. Errors: those of `node_live_give`; nothing is left then.
AIRS_NODISCARD airs_status app_settings_give_first(app_settings *self, airs_error *error);
void app_settings_take_back_first(app_settings *self);
/// Does the rest, once templates are changed: to their members too, and what the app exposes. Errors: those of
/// `node_live_give` and `airs_bridge_expose`; nothing of it is left then.
AIRS_NODISCARD airs_status app_settings_give(app_settings *self, airs_error *error);
/// That is back.
void app_settings_take_back(app_settings *self);
void app_settings_fini(app_settings *self);

#endif
