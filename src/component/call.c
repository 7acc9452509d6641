// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/call.h"

#include <inttypes.h>

#include "base/assert.h"
#include "component/batch.h"

// ---------------------------------------------------------------- time limits of an event

static uint64_t ticks_now(const component_actor *self)
{
    return base_atomic_load_relaxed(&self->space->ticker->ticks);
}

void component_actor_renew_limits(component_actor *self)
{
    self->event_ticks = 0;
    self->turn_ticks = ticks_now(self);
    component_actor_end_park_limit(self);
    self->park_max_ms = self->cell.limits.max_park_ms;
    self->park_left_ns = (uint64_t)self->park_max_ms * 1000000u;
}

void component_actor_event_begins(component_actor *self)
{
    component_actor_renew_limits(self);
    self->refused_before = base_atomic_load_relaxed(&component_gauges(self)->growths_refused);
    self->tables_refused_before = base_atomic_load_relaxed(&component_gauges(self)->table_growths_refused);
}

static void on_park_timer(sched_timer *timer)
{
    component_actor *self = timer->user;
    sched_wake(self->cell.space->sched, &self->cell.task);
}

void component_call_init(component_actor *self)
{
    sched_timer_init(&self->park_timer, on_park_timer, self);
}

void component_call_limit_wait(component_actor *self, uint32_t timeout_ms)
{
    if (timeout_ms < self->park_max_ms) {
        self->park_max_ms = timeout_ms;
        self->park_left_ns = (uint64_t)timeout_ms * 1000000u;
    }
}

/// The guest waits in the middle of an event, and nothing else limits that.
void component_actor_run_park_limit(component_actor *self)
{
    if (self->park_runs)
        return;
    sched *scheduler = self->cell.space->sched;
    self->park_runs = true;
    self->park_deadline_ns = os_deadline_ns(sched_now_ns(scheduler), self->park_left_ns);
    sched_timer_start(scheduler, &self->park_timer, self->park_deadline_ns);
}

void component_actor_end_park_limit(component_actor *self)
{
    if (!self->park_runs)
        return;
    sched *scheduler = self->cell.space->sched;
    (void)sched_timer_cancel(scheduler, &self->park_timer);
    uint64_t now_ns = sched_now_ns(scheduler);
    self->park_left_ns = now_ns < self->park_deadline_ns ? self->park_deadline_ns - now_ns : 0;
    self->park_runs = false;
}

bool component_actor_park_limit_has_passed(const component_actor *self)
{
    return self->park_runs && sched_now_ns(self->cell.space->sched) >= self->park_deadline_ns;
}

// ---------------------------------------------------------------- polling the pending call

actor_progress component_call_poll(component_actor *self, engine_outcome *ret, actor_failure *failure)
{
    if (component_actor_park_limit_has_passed(self) && self->wait != COMPONENT_WAIT_SEND)
        return actor_fail(failure, AIRS_EXIT_LIMIT, "it waited longer than %s, %" PRIu32 " ms",
                          self->park_max_ms == self->cell.limits.max_park_ms ? "max_park" : "half of start_timeout",
                          self->park_max_ms);
    // While it runs it does not wait; a sender that is woken in vain goes on waiting.
    if (self->wait != COMPONENT_WAIT_SEND)
        component_actor_end_park_limit(self);
    self->slice_ended = false;
    self->turn_ticks = ticks_now(self);
    engine_poll_status status = engine_poll(self->instance, &self->cell, ret);
    if (self->wait == COMPONENT_WAIT_NONE)
        batch_look(self);
    uint64_t turn = ticks_now(self) - self->turn_ticks;
    self->event_ticks += turn;
    // Most turns see no tick. Those that do stand for the time of all: a turn of 10 us sees one in a hundred.
    if (turn > 0)
        base_atomic_store_relaxed(&self->cell.ran_ticks, base_atomic_load_relaxed(&self->cell.ran_ticks) + turn);
    if (self->event_ticks > base_atomic_load_relaxed(&self->longest_ticks))
        base_atomic_store_relaxed(&self->longest_ticks, self->event_ticks);
    if (self->over_refusals && status != ENGINE_POLL_TRAP) {
        self->calling = status != ENGINE_POLL_READY;
        return component_fail_refusals(self, failure);
    }
    switch (status) {
    case ENGINE_POLL_READY:
        self->calling = false;
        component_actor_end_park_limit(self);
        return ACTOR_DONE;
    case ENGINE_POLL_YIELDED:
        // One tick comes to whoever is being called. Two in one event, and it has run for all the time between.
        self->cell.preempted = self->event_ticks > 1;
        return ACTOR_YIELDED;
    case ENGINE_POLL_PENDING:
        if (self->slice_ended)
            return ACTOR_YIELDED;
        if (self->wait == COMPONENT_WAIT_NONE)
            component_actor_run_park_limit(self);
        else if (self->wait != COMPONENT_WAIT_SEND)
            component_actor_end_park_limit(self);
        return ACTOR_WAITING;
    case ENGINE_POLL_TRAP:
        break;
    }
    self->calling = false;
    return component_trap_fail(self, &ret->trap, failure);
}

actor_progress component_call_begin(component_actor *self, engine_result result, actor_failure *failure)
{
    // That it can't be started is a bug here, or a panic in the engine.
    AIRS_ASSERT(result != ENGINE_BUSY && result != ENGINE_INVALID);
    if (result != ENGINE_OK)
        return actor_fail(failure, AIRS_EXIT_FAILED, "a fault of the engine: a call could not be begun (%d)",
                          (int)result);
    self->calling = true;
    component_actor_event_begins(self);
    return ACTOR_DONE;
}
