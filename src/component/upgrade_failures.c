// SPDX-License-Identifier: MIT OR Apache-2.0
/// What becomes of an order of which a stage has failed.
#include "component/upgrade_impl.h"

#include "actor/log.h"
#include "base/bytes.h"
#include "component/incarnation.h"

/// The state that is tried next; false when it was tried without any.
static bool take_next_state(component_upgrade *it)
{
    // It has not failed at its state: that need not be lost with it.
    if (it->seated && it->load != NULL && !it->was_given && !it->tried_again) {
        it->tried_again = true;
        return true;
    }
    if (it->seated && it->load == NULL)
        return false;
    bool brought = it->seated && it->load == &it->brought;
    it->load = (!it->seated || brought) && it->snapshot.data != NULL ? &it->snapshot : NULL;
    return true;
}

static actor_progress fail_forward(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                   const actor_failure *failure)
{
    if (it->stage == UPGRADE_STAGE_LEAVE && failure->reason == AIRS_EXIT_TIMEOUT) {
        // It goes on with its `run`, as if nobody had asked.
        self->between = false;
        return upgrade_refuse(it, order, failure->text);
    }
    if (!it->seated)
        return ACTOR_FAILED;
    upgrade_note_failure(self, it, order, failure);
    // Where it has to come, it may come without the state.
    bool tries_on = order->puts_back && take_next_state(it);
    upgrade_take_back(self, it);
    if (!tries_on)
        return upgrade_refuse(it, order, failure->text);
    it->stage = UPGRADE_STAGE_INSTANTIATE;
    actor_upgrade_give_time(&self->cell);
    return ACTOR_DONE;
}

static actor_progress fail_backward(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                    const actor_failure *failure);

/// The instance has failed at taking its settings, or is not well with them.
static actor_progress fail_in_place(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                    const actor_failure *failure)
{
    if (upgrade_goes_forward(it, order)) {
        it->refused = true;
        base_text_copy(order->text, sizeof order->text, base_bytes_of(failure->text));
        it->load = NULL;
    }
    return fail_backward(self, it, order, failure);
}

/// An instance that was to leave has failed in one of its last events.
static void put_back_in_hand(component_actor *self)
{
    const envelope *mail = self->cell.in_hand;
    self->requests_open += mail != NULL && mail->kind == ENVELOPE_REPLY;
    actor_put_back_in_hand(&self->cell);
}

static actor_progress fail_backward(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                    const actor_failure *failure)
{
    upgrade_note_failure(self, it, order, failure);
    // Whatever the order was: there is no instance left that could take its settings.
    it->recovers = true;
    component_actor_end_instance(self);
    put_back_in_hand(self);
    upgrade_undo_holdings(self, it);
    if (!take_next_state(it))
        return ACTOR_FAILED;
    it->stage = UPGRADE_STAGE_INSTANTIATE;
    actor_upgrade_give_time(&self->cell);
    return ACTOR_DONE;
}

/// The twin has failed on its way out of an event, or did not stop well: it is gone, and the event goes back.
static actor_progress fail_twin(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                actor_failure *failure)
{
    upgrade_note_failure(self, it, order, failure);
    canary_end(self);
    actor_put_back_in_hand(&self->cell);
    actor_upgrade_give_time(&self->cell);
    if (it->stage == UPGRADE_STAGE_LEAVE && upgrade_goes_forward(it, order))
        return upgrade_refuse(it, order, failure->text);
    it->stage = it->parts ? UPGRADE_STAGE_OVER : UPGRADE_STAGE_SAVE;
    while (it->stage < UPGRADE_STAGE_OVER && !upgrade_has_stage(self, it, order, it->stage))
        it->stage++;
    return ACTOR_DONE;
}

/// Whether the twin has failed on its way out. One that only takes too long to come out of a `run` goes on with that
/// where it need not go.
static bool is_twins(const component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                     const actor_failure *failure)
{
    if (!canary_acts(self) || failure->reason == AIRS_EXIT_KILLED)
        return false;
    return it->stage == UPGRADE_STAGE_PART ||
           (it->stage == UPGRADE_STAGE_LEAVE &&
            !(upgrade_goes_forward(it, order) && failure->reason == AIRS_EXIT_TIMEOUT));
}

/// The twin was to go, and the old version has failed on its way out of an event: that is its own affair, and the twin
/// ends with its incarnation. Where it only takes too long, it goes on with that, alone.
static actor_progress fail_beside_twin(component_actor *self, component_upgrade *it, actor_failure *failure)
{
    if (failure->reason != AIRS_EXIT_TIMEOUT)
        return ACTOR_FAILED;
    self->between = self->aside != COMPONENT_ASIDE_NONE;
    canary_end(self);
    it->stage = UPGRADE_STAGE_OVER;
    *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    return ACTOR_DONE;
}

/// A stage has failed. DONE: it goes on with `it->stage`.
actor_progress upgrade_fail(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    if (is_twins(self, it, order, failure)) {
        actor_progress gone = fail_twin(self, it, order, failure);
        *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
        return gone;
    }
    if (it->stage == UPGRADE_STAGE_STOP) {
        actor_log(&self->cell, failure->message, AIRS_LOG_WARN, "version %s did not stop well, and is gone: %s",
                  self->component->metadata.version, failure->text);
        it->stage = UPGRADE_STAGE_OVER;
        return ACTOR_DONE;
    }
    // Somebody else wants it to end.
    if (failure->reason == AIRS_EXIT_KILLED)
        return ACTOR_FAILED;
    if (order->order == ACTOR_ORDER_REVERT && it->parts)
        return fail_beside_twin(self, it, failure);
    bool in_place = upgrade_applies_in_place(it, order) && it->stage >= UPGRADE_STAGE_APPLY;
    actor_progress progress = order->order == ACTOR_ORDER_PROVE && it->stage != UPGRADE_STAGE_LEAVE ? ACTOR_FAILED
                              : in_place ? fail_in_place(self, it, order, failure)
                              : upgrade_goes_forward(it, order) || order->order == ACTOR_ORDER_PROVE
                                  ? fail_forward(self, it, order, failure)
                                  : fail_backward(self, it, order, failure);
    if (progress == ACTOR_DONE)
        *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    return progress;
}
