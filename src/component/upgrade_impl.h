// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of a component's upgrade share: upgrade.c (orders from their beginning to their end),
/// upgrade_stages.c (what an order does), upgrade_failures.c (what becomes of it when that fails), upgrade_seat.c (who
/// has the seat), upgrade_spare.c (instances that are made before and destroyed after). For nobody else. All is the
/// owner's.
#ifndef COMPONENT_UPGRADE_IMPL_H
#define COMPONENT_UPGRADE_IMPL_H

#include "component/upgrade.h"

// ---------------------------------------------------------------- states

/// Takes a copy in place of what was there. False: no memory, and that is there still.
bool upgrade_keep_state(component_state *self, const airs_allocator *allocator, airs_bytes from, const char *version);
airs_bytes upgrade_state_bytes(const component_state *self);

// ---------------------------------------------------------------- the seat

/// The actor is of the new version from now on, or of the old one, with the settings that go with it.
void upgrade_set_version(component_actor *self, component_upgrade *it, bool is_new);
/// What others see of that: only of one that has come to stay.
void upgrade_show_component(component_actor *self);

/// Who starts anew has children of its own. Those that are there are the other one's until it is known who stays.
void upgrade_put_children_aside(component_actor *self, component_upgrade *it);
void upgrade_end_children_aside(component_actor *self, component_upgrade *it);
/// What the candidate holds, and those that it has spawned, are gone with it.
void upgrade_undo_holdings(component_actor *self, component_upgrade *it);
/// The candidate goes, and who stands beside takes the seat again.
void upgrade_take_back(component_actor *self, component_upgrade *it);

// ---------------------------------------------------------------- spare instances

/// The rehearsal was good, and its candidate still has the seat: another one is made ready there, if there is room.
void upgrade_make_spare(component_actor *self, component_upgrade *it);
/// The seat is empty: it is given the spare. False: there is none.
bool upgrade_take_spare(component_actor *self, component_upgrade *it);
/// Who has the seat has stopped, and leaves it empty where there is room for it.
void upgrade_leave_spent(component_actor *self, component_upgrade *it);
/// Destroys who is spent; or both. Nothing where there is none.
void upgrade_end_spent(component_actor *self, component_upgrade *it);
void upgrade_end_extra(component_actor *self, component_upgrade *it);

// ---------------------------------------------------------------- stages

/// The new version comes; not once the old one has to come in its place.
bool upgrade_goes_forward(const component_upgrade *it, const actor_upgrade *order);
/// The instance stays, and takes the settings.
bool upgrade_applies_in_place(const component_upgrade *it, const actor_upgrade *order);

/// The order can't be carried out, and nothing has changed. Returns DONE.
actor_progress upgrade_refuse(component_upgrade *it, actor_upgrade *order, const char *text);

/// Whether a stage has something to do.
bool upgrade_has_stage(const component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                       component_upgrade_stage stage);
/// Begins `it->stage`, or goes on with it.
actor_progress upgrade_go_on_with_stage(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                        actor_failure *failure);
/// Who has left is ended, now or soon, and who stays has the seat.
void upgrade_end_leaving(component_actor *self, component_upgrade *it);

// ---------------------------------------------------------------- failures

/// For who asks why later. The trap's frames go with it.
void upgrade_note_failure(component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                          const actor_failure *failure);
/// A stage has failed. DONE: it goes on with `it->stage`.
actor_progress upgrade_fail(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure);

#endif
