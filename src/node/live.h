// SPDX-License-Identifier: MIT OR Apache-2.0
/// Other settings for actors and supervisors that run, without another incarnation (actor/terms.h): all of them, or
/// none.
///
/// All is checked, and memory asked for, as they are added; then they are given one after the other, and each is waited
/// for. What has been given can be taken back, which can't fail but by the end of its actor.
#ifndef NODE_LIVE_H
#define NODE_LIVE_H

#include "actor/terms.h"
#include "airssys/actor.h"
#include "airssys/supervision.h"
#include "airssys/system.h"
#include "component/component_actor.h"
#include "os/event.h"
#include "supervise/supervisor.h"

typedef struct node_live_change {
    struct node_live_change *next;
    /// Counted.
    actor *cell;
    actor_terms terms;
    supervisor_terms group;
    children_options spawning;
    os_event done;
    airs_status status;
    /// They are in force, and `terms` are those of before.
    bool given;
} node_live_change;

/// All zero but `system`: none.
typedef struct node_live {
    airs_system *system;
    /// How long a group that is being restarted is waited for; 0: 10 s.
    uint32_t give_timeout_ms;
    /// The last that was added first.
    node_live_change *changes;
} node_live;

/// An actor is to be kept as one that is spawned with `options`. One that has ended is left out. Errors: as spawning
/// it; E_NOMEM. Any thread.
AIRS_NODISCARD airs_status node_live_add_actor(node_live *self, airs_actor_id actor, const airs_spawn_options *options,
                                               airs_error *error);
/// The same, and it may spawn of the templates of `spawns` from then on; those are copied. Errors: also those of
/// template_list_copy.
AIRS_NODISCARD airs_status node_live_add_spawner(node_live *self, airs_actor_id actor,
                                                 const airs_spawn_options *options, const airs_spawn_options *spawns,
                                                 airs_error *error);
/// The same for a supervisor, the root included. Errors: as spawning it; E_UNSUPPORTED as supervisor_terms_init.
AIRS_NODISCARD airs_status node_live_add_group(node_live *self, airs_actor_id group,
                                               const airs_supervisor_options *options, airs_error *error);

/// Gives all that have not been given. Errors: E_TIMEOUT one is restarting its children, or is in a health check that
/// does not end; E_TAKEN: then all are taken back. Any thread but a worker's.
AIRS_NODISCARD airs_status node_live_give(node_live *self, airs_error *error);
/// Takes back all that are in force.
void node_live_take_back(node_live *self);

/// What is in force stays. All zero is allowed.
void node_live_fini(node_live *self);

#endif
