// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a deployment is to do: its targets, one actor each, and what the history says of it.
///
/// A target may be a simple_one_for_one supervisor (a group): then all its children are targets, and once the new
/// version is there its template is changed, so that children are made of the new version from then on. Or the
/// templates of components that have one name, with all children that were spawned of them.
#ifndef NODE_DEPLOY_PLAN_H
#define NODE_DEPLOY_PLAN_H

#include "component/settings.h"
#include "deploy/rollout.h"
#include "node/child_template.h"
#include "node/deploy_changes.h"
#include "node/system.h"

/// A template that is to change.
typedef struct plan_group {
    /// The supervisor that has it, counted. NULL: components do, and it is all of this name, which is the change's.
    actor *supervisor;
    child_template *made;
    const char *template_name;
    /// What such templates of components name, each once; retained.
    airs_component **named;
    size_t named_count;
    uint32_t rank;
    /// Retained: what its children are made of, and are to be.
    airs_component *from;
    airs_component *to;
    /// Complete; NULL: those of the deployment. The plan's.
    const airs_deploy_options *options;
    /// What else changes of what they are made of; all NULL: nothing. And the template that it has not: the new one, or
    /// once it was changed the old one; of components none, where theirs were the first.
    deploy_respawn respawn;
    template_list other;
} plan_group;

/// What a target had when it was planned.
typedef struct plan_origin {
    uint64_t actor;
    uint32_t rank;
    /// Retained.
    airs_component *component;
    /// The settings, where they are to change.
    bool has_config;
    component_settings config;
    /// Of a child of which the template's settings change: all that it is to have.
    component_settings merged;
    /// What else it was made with, where that is to change; NULL: that stays.
    const airs_spawn_options *spawn;
    const airs_deploy_options *options;
} plan_origin;

typedef struct deploy_plan {
    airs_system *system;
    /// Of `deploy_plan_late`: who is being deployed to by somebody else is found out by the rollout.
    bool is_late;
    rollout_target *targets;
    /// One of each target; `deploy_plan_late` sorts them by actor.
    plan_origin *origins;
    uint32_t count;
    uint32_t capacity;
    /// Of each change that has some, complete.
    airs_deploy_options *options;
    plan_group *groups;
    uint32_t groups_count;
    airs_deploy_record record;
    /// The one that the record names.
    uint64_t first;
    /// Who looks on while it is carried out with a canary.
    airs_deploy_event_fn on_event;
    void *user;
    /// While it is carried out with a canary.
    struct running_canary *canary;
    /// NULL: nobody else ends it.
    deploy_brake *brake;
    /// Of its rollout, when it has ended; NULL: none.
    rollout_lost *lost;
    uint32_t lost_count;
} deploy_plan;

/// Plans what changes an actor; what changes nothing is left out. `back`: each is given the component that it had
/// before. `respawns` has one for each change, NULL: nothing else changes. Both are borrowed until the plan has been
/// carried out. Errors: E_INVALID one twice, options that are none; E_GONE; E_UNSUPPORTED no component, settings for a
/// group; E_TAKEN one, or a child of one, is being deployed to (whatever it is made of meanwhile); E_NOT_FOUND it has
/// had no other; E_NOMEM. `error` names the target; nothing is left then. Any thread.
airs_status deploy_plan_init(deploy_plan *self, airs_system *system, const airs_deploy_change *changes,
                             const deploy_respawn *respawns, size_t count, bool back, airs_error *error);
void deploy_plan_fini(deploy_plan *self);

/// Whether an actor is made of the template.
bool deploy_plan_group_has(const plan_group *group, const actor *child);

/// What stands for it in errors: the supervisor's name, or the template's.
const char *deploy_plan_group_name(const plan_group *group);

/// Changes the templates of its groups; children that are made from now on are of the new version.
void deploy_plan_change_templates(deploy_plan *self);
/// Changes them back.
void deploy_plan_restore_templates(deploy_plan *self);

/// After the templates were changed: plans for the children that were made meanwhile and have the version before. Or
/// `back`, after they were changed back: each target gets what it had, settings too, and other children what the
/// template has; nothing of that is refused for what it lacks. `*ret_plan` has no groups, and borrows from `self`,
/// which has room for its targets unless it has a canary. Errors: E_NOMEM; nothing is left then.
airs_status deploy_plan_late(deploy_plan *self, bool back, deploy_plan *ret_plan, airs_error *error);
/// The targets of `late`, which was carried out, are those of `self` from now on.
void deploy_plan_join(deploy_plan *self, deploy_plan *late);

#endif
