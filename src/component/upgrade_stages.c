// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an order does, one stage after the other.
#include "component/upgrade_impl.h"

#include <stdio.h>

#include "actor/failures.h"
#include "actor/log.h"
#include "base/bytes.h"
#include "component/aside.h"
#include "component/call.h"
#include "component/checkpoint.h"
#include "component/exchange.h"
#include "component/incarnation.h"

// ---------------------------------------------------------------- orders

/// The new version comes; not once the old one has to come in its place.
bool upgrade_goes_forward(const component_upgrade *it, const actor_upgrade *order)
{
    return order->order == ACTOR_ORDER_REHEARSE || order->order == ACTOR_ORDER_SPLIT ||
           (order->order == ACTOR_ORDER_SWAP && !it->recovers);
}

/// The instance stays, and takes the settings.
bool upgrade_applies_in_place(const component_upgrade *it, const actor_upgrade *order)
{
    return it->applies && !it->recovers &&
           (order->order == ACTOR_ORDER_SWAP ||
            (order->order == ACTOR_ORDER_REVERT && order->rollback_state == AIRS_ROLLBACK_CARRY));
}

actor_progress upgrade_refuse(component_upgrade *it, actor_upgrade *order, const char *text)
{
    it->refused = true;
    it->stage = UPGRADE_STAGE_OVER;
    base_text_copy(order->text, sizeof order->text, base_bytes_of(text));
    return ACTOR_DONE;
}

// ---------------------------------------------------------------- the stages

static actor_progress leave(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    actor_progress progress = component_aside_leave(self, failure);
    if (progress == ACTOR_DONE && self->exit_requested && upgrade_goes_forward(it, order))
        return upgrade_refuse(it, order, "it has said that it ends");
    return progress;
}

/// The twin has its `stop` called, and ends. What comes of it does not matter any more.
static actor_progress part(component_actor *self, actor_failure *failure)
{
    engine_outcome ignored;
    actor_progress progress = ACTOR_DONE;
    if (self->calling) {
        progress = component_call_poll(self, &ignored, failure);
    } else {
        if (!canary_acts(self))
            canary_turn(self);
        self->role = COMPONENT_ROLE_LEAVING;
        if (component_exports(self, ENGINE_EXPORT_CHILD))
            progress = component_call(self, engine_call_stop(self->instance, ENGINE_STOP_UPGRADE), &ignored, failure);
    }
    if (progress == ACTOR_DONE)
        canary_end(self);
    return progress;
}

/// Whether there is a state to be saved by who has the seat.
static bool saves(const component_upgrade *it, const actor_upgrade *order)
{
    return it->has_state && (upgrade_goes_forward(it, order) || order->rollback_state == AIRS_ROLLBACK_CARRY) &&
           !(order->order == ACTOR_ORDER_REVERT && upgrade_applies_in_place(it, order));
}

static const char *why_not_kept(component_actor *self, component_state *to, const engine_settle *saved,
                                uint64_t state_max)
{
    static const char too_large[] = "its state is over max_state", no_memory[] = "no memory for its state";
    airs_bytes bytes = exchange_from_engine(saved->data);
    if (bytes.len > state_max)
        return too_large;
    return upgrade_keep_state(to, self->cell.space->allocator, bytes, self->component->metadata.version) ? NULL
                                                                                                         : no_memory;
}

static actor_progress save(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling ? component_call_poll(self, &outcome, failure)
                                            : component_call(self, engine_call_save(self->instance), &outcome, failure);
    if (progress != ACTOR_DONE)
        return progress;
    component_state *to = order->order == ACTOR_ORDER_SWAP ? &it->snapshot : &it->brought;
    char text[ACTOR_FAILURE_SIZE];
    const char *why = text;
    if (outcome.settle.tag == ENGINE_SETTLE_ERROR)
        base_text_copy(text, sizeof text, exchange_from_engine(outcome.settle.data));
    else
        why = why_not_kept(self, to, &outcome.settle,
                           it->has_outfit && upgrade_goes_forward(it, order) ? component_outfit_state_max(&it->outfit)
                                                                             : checkpoint_state_max(self->checkpoint));
    if (why == NULL) {
        bool past = order->from_past && upgrade_goes_forward(it, order) &&
                    order->rollback_state == AIRS_ROLLBACK_SNAPSHOT && self->past_state.data != NULL;
        it->load = past ? &self->past_state : to;
        return ACTOR_DONE;
    }
    if (!upgrade_goes_forward(it, order) || order->puts_back)
        return ACTOR_DONE;
    char refused[ACTOR_FAILURE_SIZE + 32];
    (void)snprintf(refused, sizeof refused, "its state is not saved: %s", why);
    return upgrade_refuse(it, order, refused);
}

static actor_progress instantiate(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                  actor_failure *failure)
{
    engine_outcome ignored;
    if (self->calling)
        return component_call_poll(self, &ignored, failure);
    bool forward = upgrade_goes_forward(it, order);
    it->was_given = false;
    if (!forward || order->order == ACTOR_ORDER_REHEARSE)
        upgrade_end_extra(self, it);
    if (order->order == ACTOR_ORDER_SPLIT) {
        it->beside_refusals_ns = 0;
        canary_begin(self, order);
        it->seated = true;
        return component_actor_instantiate(self, &ignored, failure);
    }
    if (!forward)
        it->new_stays = false;
    // One that did not come up on the way back has left an empty seat.
    if (!it->seated) {
        // Whoever was there before is not held against it.
        it->beside_refusals_ns = 0;
        // A rehearsal of other settings takes them as the instance will: when it runs.
        component_upgrade_change_places(self, it, forward && !it->applies);
    }
    it->seated = true;
    self->role = order->order == ACTOR_ORDER_REHEARSE ? COMPONENT_ROLE_REHEARSAL : COMPONENT_ROLE_CANDIDATE;
    if (self->role == COMPONENT_ROLE_CANDIDATE)
        upgrade_put_children_aside(self, it);
    if (self->role == COMPONENT_ROLE_CANDIDATE && !it->notes) {
        it->notes = holdings_note(&it->held, self);
        if (!it->notes && forward)
            return actor_fail(failure, AIRS_EXIT_FAILED, "no memory for what it holds");
    }
    return upgrade_take_spare(self, it) ? ACTOR_DONE : component_actor_instantiate(self, &ignored, failure);
}

/// The error of a guest's own is a failure like a trap.
static actor_progress settle(const engine_outcome *outcome, const char *what, actor_failure *failure)
{
    if (outcome->settle.tag != ENGINE_SETTLE_ERROR)
        return ACTOR_DONE;
    airs_bytes text = exchange_from_engine(outcome->settle.data);
    return actor_fail(failure, AIRS_EXIT_FAILED, "%s: %.*s", what, (int)(text.len < 200 ? text.len : 200),
                      (const char *)text.data);
}

static actor_progress start(component_actor *self, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling ? component_call_poll(self, &outcome, failure)
                                            : component_actor_start(self, AIRS_START_UPGRADED, &outcome, failure);
    return progress == ACTOR_DONE ? settle(&outcome, "start", failure) : progress;
}

static actor_progress load(component_actor *self, component_upgrade *it, actor_failure *failure)
{
    engine_outcome outcome;
    engine_bytes version = exchange_to_engine(base_bytes_of(it->load->version));
    engine_bytes bytes = exchange_to_engine(upgrade_state_bytes(it->load));
    it->was_given = true;
    actor_progress progress =
        self->calling ? component_call_poll(self, &outcome, failure)
                      : component_call(self, engine_call_load(self->instance, version, bytes), &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "loading the state");
    return progress == ACTOR_DONE ? settle(&outcome, "loading the state", failure) : progress;
}

/// For who asks why later. The trap's frames go with it.
void upgrade_note_failure(component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                          const actor_failure *failure)
{
    actor *cell = &self->cell;
    actor_failures_add(cell, failure);
    actor_failures_decided(cell, &(actor_decision){.action = AIRS_ACTION_NONE, .will_restart = true});
    actor_log(cell, failure->message, AIRS_LOG_WARN, "%s version %s: %s (%s): %s",
              upgrade_goes_forward(it, order) || canary_acts(self) ? "the new" : "the old",
              self->component->metadata.version,
              order->order == ACTOR_ORDER_REHEARSE                   ? "rehearsal"
              : canary_acts(self) && it->stage <= UPGRADE_STAGE_PART ? "it did not leave well"
                                                                     : "it did not come up",
              airs_exit_name(failure->reason), failure->text);
}

/// Its settings were not taken, and it has those of before still: by its own word, so it has not failed, and what it
/// has said of its end counts.
static actor_progress decline(component_actor *self, component_upgrade *it, actor_upgrade *order,
                              const actor_failure *why)
{
    upgrade_note_failure(self, it, order, why);
    if (upgrade_goes_forward(it, order)) {
        upgrade_set_version(self, it, false);
        return upgrade_refuse(it, order, why->text);
    }
    // It does not go back by itself: another instance does, with its state.
    it->applies = false;
    it->stage = it->has_state ? UPGRADE_STAGE_SAVE : UPGRADE_STAGE_INSTANTIATE;
    actor_upgrade_give_time(&self->cell);
    return ACTOR_DONE;
}

/// The instance in the seat is told the settings that it is to have, which are the actor's from here on.
static actor_progress apply(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress;
    actor_failure why = {.reason = AIRS_EXIT_NORMAL};
    bool in_place = upgrade_applies_in_place(it, order);
    if (!self->calling) {
        upgrade_set_version(self, it, upgrade_goes_forward(it, order));
        if (component_settings_make(self) != AIRS_OK) {
            progress = actor_fail(in_place ? &why : failure, AIRS_EXIT_FAILED, "no memory for its settings");
            return in_place ? decline(self, it, order, &why) : progress;
        }
    }
    progress = self->calling
                   ? component_call_poll(self, &outcome, failure)
                   : component_call(self, engine_call_apply(self->instance, self->settings, self->cell.config_count),
                                    &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "taking its settings");
    if (progress != ACTOR_DONE)
        return progress;
    progress = settle(&outcome, "taking its settings", in_place ? &why : failure);
    return in_place && progress == ACTOR_FAILED ? decline(self, it, order, &why) : progress;
}

static actor_progress check(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling
                                  ? component_call_poll(self, &outcome, failure)
                                  : component_call(self, engine_call_check(self->instance), &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "health check");
    if (progress != ACTOR_DONE || outcome.health != ENGINE_HEALTH_UNHEALTHY)
        return progress;
    airs_bytes text = exchange_from_engine(outcome.settle.data);
    (void)actor_fail(failure, AIRS_EXIT_FAILED, "unhealthy: %.*s", (int)(text.len < 200 ? text.len : 200),
                     (const char *)text.data);
    return order->order == ACTOR_ORDER_PROVE ? upgrade_refuse(it, order, failure->text) : ACTOR_FAILED;
}

/// The candidate is good: it stays, whatever comes now.
static void commit(component_actor *self, component_upgrade *it, actor_upgrade *order)
{
    it->new_stays = upgrade_goes_forward(it, order);
    order->on_new = it->new_stays;
    order->took_past = order->order == ACTOR_ORDER_SWAP && it->load == &self->past_state;
    if (it->notes)
        holdings_commit(&it->held, self, !it->has_state);
    it->notes = false;
    upgrade_end_children_aside(self, it);
    if (self->checkpoint != NULL && it->load != NULL)
        checkpoint_keep(self->checkpoint, &self->cell, it->load->version, upgrade_state_bytes(it->load));
    upgrade_show_component(self);
}

/// Who stands beside has its `stop` called, in the seat for that time. What comes of it does not matter any more.
static actor_progress stop(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome ignored;
    if (self->calling)
        return component_call_poll(self, &ignored, failure);
    commit(self, it, order);
    it->seated = false;
    order->carried = it->load == &it->brought;
    self->role = COMPONENT_ROLE_SELF;
    if (it->beside == NULL)
        return ACTOR_DONE;
    component_upgrade_change_places(self, it, !it->new_stays);
    self->role = COMPONENT_ROLE_LEAVING;
    if (!component_exports(self, ENGINE_EXPORT_CHILD))
        return ACTOR_DONE;
    return component_call(self, engine_call_stop(self->instance, ENGINE_STOP_UPGRADE), &ignored, failure);
}

/// Who has left is ended, now or soon, and who stays has the seat.
void upgrade_end_leaving(component_actor *self, component_upgrade *it)
{
    if (self->role != COMPONENT_ROLE_LEAVING)
        return;
    upgrade_leave_spent(self, it);
    component_actor_end_instance(self);
    component_upgrade_change_places(self, it, it->new_stays);
    self->role = COMPONENT_ROLE_SELF;
}

actor_progress upgrade_go_on_with_stage(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                        actor_failure *failure)
{
    switch (it->stage) {
    case UPGRADE_STAGE_LEAVE:
        return leave(self, it, order, failure);
    case UPGRADE_STAGE_PART:
        return part(self, failure);
    case UPGRADE_STAGE_SAVE:
        return save(self, it, order, failure);
    case UPGRADE_STAGE_INSTANTIATE:
        return instantiate(self, it, order, failure);
    case UPGRADE_STAGE_START:
        return start(self, failure);
    case UPGRADE_STAGE_LOAD:
        return load(self, it, failure);
    case UPGRADE_STAGE_APPLY:
        return apply(self, it, order, failure);
    case UPGRADE_STAGE_CHECK:
        return check(self, it, order, failure);
    case UPGRADE_STAGE_STOP:
        return stop(self, it, order, failure);
    case UPGRADE_STAGE_IDLE:
    case UPGRADE_STAGE_OVER:
        break;
    }
    return ACTOR_DONE;
}

/// Whether a stage has something to do.
bool upgrade_has_stage(const component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                       component_upgrade_stage stage)
{
    bool proves = order->order == ACTOR_ORDER_PROVE;
    bool brings_up = !proves && !it->parts && !upgrade_applies_in_place(it, order);
    switch (stage) {
    case UPGRADE_STAGE_PART:
        return it->twin.lives;
    case UPGRADE_STAGE_SAVE:
        return !proves && !it->parts && saves(it, order);
    case UPGRADE_STAGE_INSTANTIATE:
        return brings_up;
    case UPGRADE_STAGE_START:
        return brings_up && component_exports(self, ENGINE_EXPORT_CHILD);
    case UPGRADE_STAGE_LOAD:
        return brings_up && it->load != NULL;
    case UPGRADE_STAGE_APPLY:
        return !it->parts &&
               (upgrade_applies_in_place(it, order) || (it->applies && order->order == ACTOR_ORDER_REHEARSE));
    case UPGRADE_STAGE_CHECK:
        return (upgrade_goes_forward(it, order) || proves) && component_exports(self, ENGINE_EXPORT_HEALTH);
    case UPGRADE_STAGE_STOP:
        return brings_up && order->order != ACTOR_ORDER_REHEARSE && order->order != ACTOR_ORDER_SPLIT;
    default:
        return true;
    }
}
