// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/events.h"

#include "base/bytes.h"
#include "component/aside.h"
#include "component/batch.h"
#include "component/call.h"
#include "component/canary.h"
#include "component/checkpoint.h"
#include "component/children.h"
#include "component/exchange.h"

/// Between two events: saves the state, when it is time.
static actor_progress save_when_due(component_actor *self, actor_failure *failure)
{
    if (canary_acts(self))
        return ACTOR_DONE;
    bool waits = !self->calling || (self->wait == COMPONENT_WAIT_NEXT && self->cell.in_hand == NULL);
    if (self->aside == COMPONENT_ASIDE_NONE && !(waits && checkpoint_is_due(self->checkpoint, &self->cell)))
        return ACTOR_DONE;
    return component_aside_save(self, failure);
}

// ---------------------------------------------------------------- one long call

void component_run_ended(component_actor *self)
{
    batch_end(self);
    if (self->cell.in_hand != NULL)
        actor_settle(&self->cell);
    self->between = false;
}

/// The guest has returned from `run`: by itself, or because it was told to.
static actor_progress after_run(component_actor *self, actor_failure *failure)
{
    component_run_ended(self);
    if (self->exit_requested)
        return ACTOR_EXITED;
    // It came back for this.
    if (canary_turns(self))
        return ACTOR_YIELDED;
    if (!canary_acts(self) && checkpoint_is_due(self->checkpoint, &self->cell))
        return ACTOR_YIELDED;
    if (inbox_sleep(&self->cell.inbox))
        return ACTOR_WAITING;
    // It is called again for what there is; one that never takes it would be called for ever.
    if (!self->run_asked)
        return actor_fail(failure, AIRS_EXIT_FAILED, "run returned without taking an event, though there was one");
    return ACTOR_YIELDED;
}

static actor_progress drain_batch(component_actor *self, actor_failure *failure)
{
    actor_progress progress = save_when_due(self, failure);
    if (progress != ACTOR_DONE)
        return progress;
    if (self->exit_requested && !self->calling)
        return ACTOR_EXITED;
    if (!self->calling) {
        self->run_asked = false;
        progress = component_call_begin(self, engine_call_run(self->instance), failure);
        if (progress != ACTOR_DONE)
            return progress;
    }
    engine_outcome outcome;
    progress = component_call_poll(self, &outcome, failure);
    return progress == ACTOR_DONE ? after_run(self, failure) : progress;
}

// ---------------------------------------------------------------- a call for each event

/// Starts the call that handles the event in hand, and polls it once: its arguments are lowered by that.
static actor_progress call_for_event(component_actor *self, engine_outcome *ret, actor_failure *failure)
{
    const envelope *mail = self->cell.in_hand;
    engine_message message;
    engine_reply reply;
    engine_down down;
    switch (mail->kind) {
    case ENVELOPE_REPLY:
        reply = exchange_reply(self, mail);
        return component_call(self, engine_call_handle_reply(self->instance, &reply), ret, failure);
    case ENVELOPE_DOWN:
        down = exchange_down(mail);
        return component_call(self, engine_call_handle_down(self->instance, &down), ret, failure);
    default:
        message = exchange_message(mail);
        return component_call(self, engine_call_handle(self->instance, &message), ret, failure);
    }
}

envelope *component_actor_take(component_actor *self, bool *ret_yield)
{
    envelope *mail = actor_take(&self->cell, ret_yield);
    if (mail != NULL && mail->kind == ENVELOPE_REPLY)
        self->requests_open--;
    return mail;
}

static void refuse_in_hand(component_actor *self, const char *text)
{
    actor_settle_failed(&self->cell, base_bytes_of(text));
}

/// The export that takes an event of this kind.
static uint32_t taker_of(const envelope *mail)
{
    switch (mail->kind) {
    case ENVELOPE_REPLY:
        return ENGINE_EXPORT_REPLIES;
    case ENVELOPE_DOWN:
        return ENGINE_EXPORT_SIGNALS;
    default:
        return ENGINE_EXPORT_ACTOR;
    }
}

static actor_progress drain_calls(component_actor *self, actor_failure *failure)
{
    for (;;) {
        engine_outcome outcome;
        actor_progress progress = save_when_due(self, failure);
        if (progress != ACTOR_DONE)
            return progress;
        if (self->calling) {
            progress = component_call_poll(self, &outcome, failure);
        } else {
            if (self->exit_requested)
                return ACTOR_EXITED;
            bool yield;
            envelope *mail = component_actor_take(self, &yield);
            if (mail == NULL)
                return yield ? ACTOR_YIELDED : ACTOR_DONE;
            if (!component_exports(self, taker_of(mail))) {
                refuse_in_hand(self, "this component takes no messages");
                continue;
            }
            progress = call_for_event(self, &outcome, failure);
        }
        if (progress != ACTOR_DONE)
            return progress;
        exchange_settle(self, &outcome.settle);
    }
}

// ---------------------------------------------------------------- programs

/// The one call of a program.
static actor_progress poll_main(component_actor *self, actor_failure *failure)
{
    if (!self->calling) {
        actor_progress progress = component_call_begin(self, engine_call_main(self->instance), failure);
        if (progress != ACTOR_DONE)
            return progress;
    }
    engine_outcome outcome = {0};
    actor_progress progress = component_call_poll(self, &outcome, failure);
    if (progress == ACTOR_FAILED && outcome.trap.kind == ENGINE_TRAP_EXIT && outcome.trap.exit_code == 0) {
        // Its instance has ended: there is no `stop` to call any more.
        self->stage = COMPONENT_STAGE_STOPPED;
        actor_exit(&self->cell, NULL);
        return ACTOR_EXITED;
    }
    if (progress != ACTOR_DONE)
        return progress;
    actor_exit(&self->cell, outcome.settle.tag == ENGINE_SETTLE_ERROR ? "run returned an error" : NULL);
    return ACTOR_EXITED;
}

/// wasi:cli/run: one call; what comes meanwhile has nobody to take it.
static actor_progress drain_main(component_actor *self, actor_failure *failure)
{
    bool yield;
    while (component_actor_take(self, &yield) != NULL)
        refuse_in_hand(self, "this component takes no messages");
    actor_progress progress = poll_main(self, failure);
    // What was left of the messages wakes nobody.
    return progress == ACTOR_WAITING && yield ? ACTOR_YIELDED : progress;
}

// ---------------------------------------------------------------- whichever it is

static actor_progress drain(component_actor *self, actor_failure *failure)
{
    if (component_exports(self, ENGINE_EXPORT_BATCH))
        return drain_batch(self, failure);
    return component_is_program(self) ? drain_main(self, failure) : drain_calls(self, failure);
}

actor_progress component_drain(actor *cell, actor_failure *ret_failure)
{
    component_actor *self = component_actor_of(cell);
    if (children_have_failed(self, ret_failure))
        return ACTOR_FAILED;
    actor_progress progress = drain(self, ret_failure);
    // Who comes into the seat may have children of its own.
    while (progress == ACTOR_YIELDED && canary_turn_if_due(self))
        progress = children_have_failed(self, ret_failure) ? ACTOR_FAILED : drain(self, ret_failure);
    component_actor_publish_memory(self);
    // The actor does not end by that: its canary does.
    if (progress == ACTOR_EXITED && canary_acts(self))
        return actor_fail(ret_failure, AIRS_EXIT_FAILED, "the canary has said that it ends");
    return progress;
}

void component_rest(actor *cell)
{
    component_actor *self = component_actor_of(cell);
    if (self->wait == COMPONENT_WAIT_SEND)
        actor_unpark_sender(cell->space, &self->parked);
}
