// SPDX-License-Identifier: MIT OR Apache-2.0
/// Another version in the place of a component's instance: the component's part of a deployment (actor/upgrade.h).
///
/// Two instances stand beside each other, and one of them has the seat: it is the one that is called. The other is
/// between two events and stands still. So a version that does not come up costs nothing: it is thrown away, and the
/// one beside takes the seat again.
///
///   REHEARSE   LEAVE  SAVE  INSTANTIATE  START  LOAD  CHECK                  thrown away
///   SPLIT      LEAVE  SAVE  INSTANTIATE  START  LOAD  CHECK                  stays beside, as a twin (canary.h)
///   SWAP       LEAVE  SAVE  INSTANTIATE  START  LOAD  CHECK  | STOP of the old
///   PROVE      LEAVE  CHECK
///   REVERT     LEAVE  SAVE  INSTANTIATE  START  LOAD         | STOP of the new
///   FALL_BACK               INSTANTIATE  START  LOAD
///
/// Where there is a twin, SWAP has it stop behind LEAVE (PART), and a REVERT is LEAVE and PART alone.
///
/// Other settings go with the seat: the configuration, and the outfit (outfit.h). Where only the configuration
/// changes, and the component exports `reconfigure`, it keeps its instance, and it is rehearsed on one with the old
/// settings:
///
///   REHEARSE   LEAVE  SAVE  INSTANTIATE  START  LOAD  APPLY  CHECK           thrown away
///   SWAP       LEAVE  SAVE  APPLY  CHECK
///   REVERT     LEAVE  APPLY
///
/// An instance that fails in one of these two is followed by one with the old settings and the state from before the
/// SWAP: it is brought up as on any way back. One that says no in the REVERT is followed by one with its state.
///
/// Up to `|` whatever fails leaves the one who stood there. On the way back nothing may stop it: what can't be loaded
/// is left away, the state as of the swap is tried, and then none. One that has failed before it was given a state is
/// brought up once more with the same. A SWAP that puts back what was there before a deployment (`puts_back`) is
/// rehearsed, but not refused for what the version lacks, and what it can't load is left away too.
///
/// What takes long is not done while the actor's messages wait, where there is room (component_room): a rehearsal that
/// was good leaves an instance that has run its initialisers for the SWAP (`spare`), and who has stopped (`spent`) is
/// destroyed when the new version is there everywhere.
#ifndef COMPONENT_UPGRADE_H
#define COMPONENT_UPGRADE_H

#include "actor/upgrade.h"
#include "component/canary.h"
#include "component/component_actor.h"
#include "component/holdings.h"
#include "component/outfit.h"
#include "component/settings.h"

typedef enum component_upgrade_stage {
    UPGRADE_STAGE_IDLE,
    UPGRADE_STAGE_LEAVE,
    UPGRADE_STAGE_PART,
    UPGRADE_STAGE_SAVE,
    UPGRADE_STAGE_INSTANTIATE,
    UPGRADE_STAGE_START,
    UPGRADE_STAGE_LOAD,
    UPGRADE_STAGE_APPLY,
    UPGRADE_STAGE_CHECK,
    UPGRADE_STAGE_STOP,
    UPGRADE_STAGE_OVER,
} component_upgrade_stage;

typedef struct component_upgrade {
    component_upgrade_stage stage;
    bool refused;
    /// The candidate of a rehearsal has come to where it can't go on by itself.
    bool rehearsed;
    /// Both can save and load.
    bool has_state;
    /// Retained from the first order on.
    airs_component *old_version;
    airs_component *new_version;
    /// Which of the two has the seat if this is interrupted now.
    bool new_stays;
    /// The settings that the actor has not: the new ones, or the old ones.
    bool has_config;
    component_settings other;
    /// The same of all else that an instance is made with.
    bool has_outfit;
    component_outfit outfit;
    /// The actor has the new ones.
    bool settings_are_new;
    /// Only the settings change, and the instance takes them.
    bool applies;
    /// An instance has failed on the way back, or at that: one of the old version is brought up in its place.
    bool recovers;
    /// Who has the seat has been given its state; or had not come up so far, and was brought up once more with that.
    bool was_given;
    bool tried_again;
    /// A candidate has the seat.
    bool seated;
    /// Who stands beside; NULL: nobody.
    engine_instance *beside;
    /// Its open sockets.
    uint32_t beside_connections;
    /// When it may be refused as often as max_refusals allows again; 0: it may now.
    uint64_t beside_refusals_ns;
    /// As of the swap; and that of the new version on its way out, or of the old one in a rehearsal.
    component_state snapshot;
    component_state brought;
    /// What is to be loaded; NULL: nothing.
    component_state *load;
    /// `held` is in use.
    bool notes;
    holdings held;
    /// `children` are those of the one who was there before a candidate that starts anew; NULL: it has none.
    bool aside;
    struct children *children;
    /// An instance of the new version that has run its initialisers and nothing else, for the SWAP to come; NULL: none.
    /// It is made with the gauges of the other seat, and so is the one that has left: only one of the two is there.
    engine_instance *spare;
    /// An instance that has stopped, and has to be destroyed; NULL: none.
    engine_instance *spent;
    /// Bytes of its memory, as they were taken of the component_room.
    uint64_t extra_memory;
    /// The candidate of a rehearsal, or a spare, has done something that counts for nothing.
    bool pretended;
    canary twin;
    /// A REVERT of a twin, and a fall of one: nothing is to be brought up, the old version is there.
    bool parts;
} component_upgrade;

/// `actor_child_fns`.
airs_status component_upgrade_consider(actor *cell, actor_upgrade *order, airs_error *error);
actor_progress component_upgrade_go_on(actor *cell, actor_upgrade *order, bool *ret_refused, actor_failure *failure);
void component_upgrade_leave(actor *cell);
void component_upgrade_adopt(actor *cell, actor_upgrade *order);
void component_upgrade_forget(actor *cell, actor_upgrade *order);
void component_upgrade_clear(actor *cell, actor_upgrade *order);

void component_upgrade_part(actor *cell, actor_upgrade *order);

/// Who stands beside and who has the seat change places; the seat is for an instance of the new version, or the old.
void component_upgrade_change_places(component_actor *self, component_upgrade *it, bool is_new);
/// Ends who stands beside, of whom no call is pending. Nothing where nobody does.
void component_upgrade_end_beside(component_upgrade *it);

/// The incarnation ends, in the middle of an order maybe: who stands beside ends too. The owner.
void component_upgrade_end(component_actor *self);

/// What an actor had before its last deployment, where it has had none since it came up; retained. Any thread.
void component_past_set(component_actor *self, airs_component *component);

/// At the end of the actor.
void component_past_fini(component_actor *self);

/// What would change for an actor, and why it can't be; `when` is the checkpoint that it is to have, NULL: its own.
/// Any thread, with a count on the actor.
void component_compare(actor *cell, const airs_component *with, const airs_checkpoint *when,
                       airs_on_no_state on_no_state, airs_deploy_difference *ret);
/// The same for actors that are made of `from`; `is_saved`: with a checkpoint.
void component_compare_versions(const airs_component *from, const airs_component *with, bool is_saved,
                                airs_on_no_state on_no_state, airs_deploy_difference *ret);

/// Whether it only exports `wasi:cli/run`: such a one has no place between two events.
bool component_only_runs(const airs_component *component);
/// Whether it is told other settings while it runs: it exports `reconfigure`, and has a place between two events.
bool component_takes_settings(const airs_component *component);

void component_state_free(component_state *self, const airs_allocator *allocator);

#endif
