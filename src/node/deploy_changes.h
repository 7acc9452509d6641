// SPDX-License-Identifier: MIT OR Apache-2.0
/// Several changes as one deployment, for who writes the history himself.
#ifndef NODE_DEPLOY_CHANGES_H
#define NODE_DEPLOY_CHANGES_H

#include "airssys/deploy.h"

/// What else an actor is made with than its component and its settings, in the order of the changes. NULL: that stays.
typedef struct deploy_respawn {
    /// As if it were spawned with these. Of them count its limits, but for those of the mailbox, `env`, `args`, `input`
    /// and `checkpoint`. And what it was made with so far.
    const airs_spawn_options *to;
    const airs_spawn_options *from;
    /// Of a group: what its children are made of from then on, all of it, and what so far. Those that are there get
    /// `options` as above, and its settings where they have the template's own.
    const airs_template *made_of;
    const airs_template *was_made_of;
} deploy_respawn;

/// `airs_deploy_all`, checked and without an entry in the history: what it would say is left in `*record`. `respawns`
/// may be NULL. Errors: as that.
airs_status deploy_changes(airs_system *system, const airs_deploy_change *changes, const deploy_respawn *respawns,
                           size_t count, const airs_deploy_options *options, airs_deploy_record *record,
                           airs_error *error);

#endif
