// SPDX-License-Identifier: MIT OR Apache-2.0
/// Senders that wait for a place in a mailbox (AIRS_MAILBOX_PARK_SENDER).
///
/// No wake-up is lost: a sender counts itself in `parked_senders` (seq_cst) before it tries for the last time, and
/// the receiver gives places back before it looks at that count (seq_cst): one of the two sees the other. A sender
/// that is woken for a place and ends, or is paused, before it tries to take it wakes the next one.
#include "actor/cell.h"

void actor_parked_init(actor_parked *self, actor *sender)
{
    ds_list_init(&self->link);
    self->sender = sender;
    self->receiver = NULL;
    self->woken_by = 0;
}

/// Under the lock.
static void take_out(actor_parked *self)
{
    ds_list_remove(&self->link);
    (void)base_atomic_fetch_sub_seq_cst(&self->receiver->parked_senders, 1u);
    self->receiver = NULL;
}

airs_status actor_park_sender(actor_parked *self, uint64_t receiver)
{
    actor_space *space = self->sender->space;
    sched_read read = sched_read_enter(space->sched);
    actor *target = actor_find(space, receiver);
    airs_status status = AIRS_E_GONE;
    if (target != NULL) {
        os_mutex_lock(&space->parking_lock);
        self->woken_by = 0;
        if (self->receiver == NULL && base_atomic_load_acquire(&target->state) != AIRS_ACTOR_TERMINATED) {
            self->receiver = target;
            ds_list_push_back(&target->parked, &self->link);
            (void)base_atomic_fetch_add_seq_cst(&target->parked_senders, 1u);
        }
        status = self->receiver == target ? AIRS_OK : AIRS_E_GONE;
        os_mutex_unlock(&space->parking_lock);
    }
    sched_read_leave(space->sched, read);
    return status;
}

void actor_unpark_sender(actor_space *space, actor_parked *self)
{
    os_mutex_lock(&space->parking_lock);
    if (self->receiver != NULL)
        take_out(self);
    uint64_t unused = self->woken_by;
    self->woken_by = 0;
    os_mutex_unlock(&space->parking_lock);
    if (unused == 0)
        return;
    sched_read read = sched_read_enter(space->sched);
    actor *receiver = actor_find(space, unused);
    if (receiver != NULL)
        actor_wake_parked_senders(receiver, 1);
    sched_read_leave(space->sched, read);
}

void actor_wake_parked_senders(actor *self, uint32_t places)
{
    actor_space *space = self->space;
    os_mutex_lock(&space->parking_lock);
    for (; places > 0 && !ds_list_empty(&self->parked); places--) {
        actor_parked *parked = ds_container_of(ds_list_front(&self->parked), actor_parked, link);
        take_out(parked);
        parked->woken_by = self->id;
        // Its memory stays: to end, it would first have to take itself out, under this lock.
        sched_wake(space->sched, &parked->sender->task);
    }
    os_mutex_unlock(&space->parking_lock);
}
