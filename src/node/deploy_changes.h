// SPDX-License-Identifier: MIT OR Apache-2.0
/// Several changes as one deployment, for who writes the history himself.
#ifndef NODE_DEPLOY_CHANGES_H
#define NODE_DEPLOY_CHANGES_H

#include "airssys/deploy.h"
#include "component/component_actor.h"
#include "os/mutex.h"

/// What else an actor is made with than its component and its settings, in the order of the changes. NULL: that stays.
typedef struct deploy_respawn {
    /// As if it were spawned with these. Of them count its limits, but for those of the mailbox, `env`, `args`, `input`
    /// and `checkpoint`. And what it was made with so far.
    const airs_spawn_options *to;
    const airs_spawn_options *from;
    /// Of a group, or of templates of components: what its children are made of from then on, all of it, and what so
    /// far. Those that are there get `options` as above, and its settings where they have the template's own.
    const airs_template *made_of;
    const airs_template *was_made_of;
} deploy_respawn;

/// Changes that were made, as long as they may be put back.
typedef struct deploy_done deploy_done;

/// Ends a deployment that is under way, or is to come, from another thread: all zero is none that has been ended.
typedef struct deploy_brake {
    os_mutex lock;
    // Under the lock.
    struct rollout *running;
    /// Why it was pulled, as long as in a result; "": it was not.
    char why[sizeof((airs_deploy_result *)0)->text];
} deploy_brake;

/// What was changed goes back; nothing where the new versions stay already. The first one counts. Any thread.
void deploy_brake_pull(deploy_brake *self, const char *why);

/// `airs_deploy_all`, checked and without an entry in the history: what it would say is left in `*record`. `respawns`
/// may be NULL; they are borrowed as long as `*ret_done`, which is set where something was deployed, NULL else; it is
/// ended with `deploy_done_end`. `brake` is borrowed until this returns. Errors: as that.
airs_status deploy_changes(airs_system *system, const airs_deploy_change *changes, const deploy_respawn *respawns,
                           size_t count, const airs_deploy_options *options, deploy_brake *brake,
                           airs_deploy_record *record, deploy_done **ret_done, airs_error *error);

/// All that still live get back what they had, and templates make that again: nothing is refused for what it lacks,
/// what does not take the state of now comes without it, and what has ended meanwhile needs nothing. False: not all;
/// `error` says why. NULL is true. Any thread but a worker's.
bool deploy_done_put_back(deploy_done *self, airs_error *error);
/// NULL is allowed.
void deploy_done_end(deploy_done *self);

/// `airs_deploy_compare`, of an actor that is to have the checkpoint `when`; NULL: its own. Errors: as that.
airs_status deploy_compare(airs_system *system, airs_component *component, airs_actor_id actor_id,
                           const airs_checkpoint *when, airs_on_no_state on_no_state,
                           airs_deploy_difference *ret_difference, airs_error *error);

/// A component actor by its id, with a count on it. Errors: E_GONE, E_UNSUPPORTED.
airs_status deploy_find_component_actor(airs_system *system, airs_actor_id id, component_actor **ret,
                                        airs_error *error);

#endif
