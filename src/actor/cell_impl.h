// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of the owner's side share: cell.c (the task and the lifecycle), ending.c (the end of an incarnation
/// and of the actor), telling.c (who is told). For nobody else.
#ifndef ACTOR_CELL_IMPL_H
#define ACTOR_CELL_IMPL_H

#include "actor/cell.h"

/// Says how the first start went, once.
void actor_tell_started(actor *self, airs_status status, const char *text);

/// Tells those that wait for one of these marks, and lets go of them.
void actor_tell_mark(actor *self, uint32_t marks);

/// Tells those in a list that were taken out of the actor's.
void actor_call_watches(actor *self, ds_list *told, uint32_t marks);

/// A time limit runs from now on, if none does already: that of start, stop, or an upgrade.
void actor_run_limit(actor *self, uint32_t timeout_ms);
bool actor_limit_has_passed(const actor *self);

/// The time limit of start or stop runs no more.
void actor_end_limit(actor *self);

/// The incarnation has ended by itself, by its supervisor or by a failure (`self->failure`): ends what it held, and
/// makes its end known.
void actor_end_incarnation(actor *self);

/// The actor ends for good, with its incarnation if there is one.
void actor_terminate(actor *self);

/// It has ended as it should and keeps its place: nothing reaches it until it is started again, or ended for good.
void actor_come_to_rest(actor *self);

/// Its supervisor has decided about the last end: who waits for that is told.
void actor_take_decision(actor *self);

/// Another incarnation begins: what was to be said of the last one is said.
void actor_begin_incarnation(actor *self);

#endif
