// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/aside.h"

#include <stdio.h>

#include "base/bytes.h"
#include "component/call.h"
#include "component/canary.h"
#include "component/checkpoint.h"
#include "component/events.h"
#include "component/exchange.h"

actor_progress component_aside_fail(actor_failure *failure, const char *what)
{
    // Who was killed or stopped was not so because of what it did just then.
    if (failure->reason == AIRS_EXIT_KILLED || failure->reason == AIRS_EXIT_TIMEOUT)
        return ACTOR_FAILED;
    actor_failure plain = *failure;
    return actor_fail(failure, plain.reason, "%s: %s", what, plain.text);
}

/// Waits until no call is pending: a `run` comes back when it asks for its next event. What it has of a list it goes
/// through before: it may be just about to begin the next one, so nothing can be taken out of its hands here.
static actor_progress leave_run(component_actor *self, actor_failure *failure)
{
    if (!self->calling)
        return ACTOR_DONE;
    engine_outcome ignored;
    actor_progress progress = component_call_poll(self, &ignored, failure);
    if (progress == ACTOR_DONE)
        component_run_ended(self);
    return progress;
}

actor_progress component_aside_leave(component_actor *self, actor_failure *failure)
{
    actor_progress progress = component_aside_finish(self, failure);
    if (progress != ACTOR_DONE)
        return progress;
    self->between = true;
    progress = leave_run(self, failure);
    if (progress == ACTOR_DONE)
        self->between = false;
    return progress;
}

static engine_result begin(component_actor *self, component_aside which)
{
    return which == COMPONENT_ASIDE_CHECK ? engine_call_check(self->instance) : engine_call_save(self->instance);
}

/// Begins one of the calls or goes on with it; on ACTOR_DONE `*ret` is its outcome.
static actor_progress go_on(component_actor *self, component_aside which, engine_outcome *ret, actor_failure *failure)
{
    actor_progress progress;
    if (self->aside == COMPONENT_ASIDE_NONE) {
        self->between = true;
        progress = leave_run(self, failure);
        if (progress != ACTOR_DONE)
            return progress;
        self->aside = which;
        progress = component_call(self, begin(self, which), ret, failure);
    } else {
        progress = component_call_poll(self, ret, failure);
    }
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, which == COMPONENT_ASIDE_CHECK ? "health check" : "saving its state");
    if (progress == ACTOR_DONE) {
        self->aside = COMPONENT_ASIDE_NONE;
        self->between = false;
    }
    return progress;
}

// ---------------------------------------------------------------- the two

actor_progress component_aside_save(component_actor *self, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = go_on(self, COMPONENT_ASIDE_SAVE, &outcome, failure);
    if (progress != ACTOR_DONE)
        return progress;
    if (outcome.settle.tag == ENGINE_SETTLE_ERROR)
        checkpoint_refuse(self->checkpoint, &self->cell, exchange_from_engine(outcome.settle.data));
    else
        checkpoint_keep(self->checkpoint, &self->cell, self->component->metadata.version,
                        exchange_from_engine(outcome.settle.data));
    return ACTOR_DONE;
}

static actor_progress check(component_actor *self, airs_health *ret, char *ret_text)
{
    engine_outcome outcome;
    actor_progress progress = go_on(self, COMPONENT_ASIDE_CHECK, &outcome, &self->cell.failure);
    if (progress != ACTOR_DONE)
        return progress;
    // The cases stand in the same order, and each is a case: the engine has checked it.
    *ret = (airs_health)outcome.health;
    base_text_copy(ret_text, ACTOR_HEALTH_SIZE, exchange_from_engine(outcome.settle.data));
    // It goes to logs and terminals.
    base_text_tidy(ret_text);
    return ACTOR_DONE;
}

/// The one that has the seat; healthy when it does not say.
static actor_progress check_if_any(component_actor *self, airs_health *ret, char *ret_text)
{
    *ret = AIRS_HEALTH_HEALTHY;
    ret_text[0] = '\0';
    actor_progress progress = component_exports(self, ENGINE_EXPORT_HEALTH) ? check(self, ret, ret_text) : ACTOR_DONE;
    component_actor_publish_memory(self);
    return progress;
}

/// The old version, whose health is the actor's, and then its canary: that has failed when it is not well.
static actor_progress check_both(component_actor *self, airs_health *ret, char *ret_text)
{
    canary *it = canary_of(self);
    actor_progress progress = ACTOR_DONE;
    if (!it->asks_twin) {
        if (self->aside == COMPONENT_ASIDE_NONE)
            progress = canary_go_home(self, &self->cell.failure);
        if (progress == ACTOR_DONE)
            progress = check_if_any(self, &it->health, it->health_text);
        if (progress != ACTOR_DONE)
            return progress;
        canary_turn(self);
        it->asks_twin = true;
    }
    airs_health health;
    char text[ACTOR_HEALTH_SIZE];
    progress = check_if_any(self, &health, text);
    if (progress != ACTOR_DONE && progress != ACTOR_FAILED)
        return progress;
    it->asks_twin = false;
    if (progress == ACTOR_FAILED)
        return progress;
    if (self->exit_requested)
        return actor_fail(&self->cell.failure, AIRS_EXIT_FAILED, "the canary has said that it ends");
    if (health == AIRS_HEALTH_UNHEALTHY)
        return actor_fail(&self->cell.failure, AIRS_EXIT_FAILED, "unhealthy: %s", text);
    canary_turn(self);
    *ret = it->health;
    base_text_copy(ret_text, ACTOR_HEALTH_SIZE, base_bytes_of(it->health_text));
    return ACTOR_DONE;
}

actor_progress component_aside_finish(component_actor *self, actor_failure *failure)
{
    if (self->aside == COMPONENT_ASIDE_SAVE)
        return component_aside_save(self, failure);
    engine_outcome ignored;
    return self->aside == COMPONENT_ASIDE_CHECK ? go_on(self, COMPONENT_ASIDE_CHECK, &ignored, failure) : ACTOR_DONE;
}

actor_progress component_aside_check(actor *cell, airs_health *ret, char *ret_text)
{
    component_actor *self = component_actor_of(cell);
    actor_progress progress = ACTOR_DONE;
    if (self->aside == COMPONENT_ASIDE_SAVE)
        progress = component_aside_save(self, &cell->failure);
    if (progress != ACTOR_DONE)
        return progress;
    if (canary_of(self) != NULL)
        return check_both(self, ret, ret_text);
    *ret = AIRS_HEALTH_HEALTHY;
    ret_text[0] = '\0';
    if (!component_exports(self, ENGINE_EXPORT_HEALTH) || component_is_program(self))
        return ACTOR_DONE;
    progress = check(self, ret, ret_text);
    component_actor_publish_memory(self);
    return progress;
}
