// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the machine says, done: to children through signals, to the supervisor by what it says of itself.
#include <inttypes.h>
#include <stdio.h>

#include "actor/log.h"
#include "supervise/supervisor_impl.h"

// ---------------------------------------------------------------- what the machine says of a child

static void hold(actor *child, airs_hold what)
{
    base_atomic_store_release(&child->hold, (uint32_t)what);
}

static void decide(supervisor *self, actor *child, const supervise_action *action)
{
    if (action->counted) {
        child->window_restarts = supervise_restarts_in_window(&self->state);
        actor_log(child, 0, AIRS_LOG_INFO, "restarting, %" PRIu32 " of %" PRIu32 " within %" PRIu32 " ms",
                  child->window_restarts, self->state.settings.max_restarts, self->state.settings.window_ms);
    }
    os_mutex_lock(&child->info_lock);
    child->decision = (actor_decision){action->decision, action->will_restart, action->over, action->delay_ms};
    os_mutex_unlock(&child->info_lock);
    if (action->delay_ms > 0) {
        uint64_t due_ns = supervise_now_ns(self) + action->delay_ms * UINT64_C(1000000);
        base_atomic_store_relaxed(&child->restart_due_ns, due_ns);
        hold(child, AIRS_HOLD_BACKOFF);
    }
    actor_signal_send(child, ACTOR_SIGNAL_DECIDED);
}

static void on_backoff_timer(sched_timer *timer)
{
    actor_report_send(timer->user, ACTOR_REPORT_DUE);
}

static void wait_for(supervisor *self, actor *child, uint32_t delay_ms)
{
    sched_timer_init(&child->backoff_timer, on_backoff_timer, child);
    child->backoff_due_ns = supervise_now_ns(self) + delay_ms * UINT64_C(1000000);
    sched_timer_start(self->cell.space->sched, &child->backoff_timer, child->backoff_due_ns);
}

void supervise_wait_no_more(supervisor *self, actor *child)
{
    if (child->backoff_due_ns != 0)
        (void)sched_timer_cancel_wait(self->cell.space->sched, &child->backoff_timer);
    child->backoff_due_ns = 0;
}

static void restart(actor *child)
{
    if (base_atomic_load_relaxed(&child->hold) == AIRS_HOLD_QUARANTINED)
        actor_emit(child, AIRS_EVENT_RELEASED, AIRS_EXIT_NORMAL, "", 0);
    // One that was never started has no other hold to lose.
    hold(child, AIRS_HOLD_NONE);
    base_atomic_store_relaxed(&child->restart_due_ns, 0u);
}

static void quarantine(actor *child)
{
    base_atomic_store_relaxed(&child->restart_due_ns, 0u);
    hold(child, AIRS_HOLD_QUARANTINED);
    actor_emit(child, AIRS_EVENT_QUARANTINED, AIRS_EXIT_NORMAL, "", 0);
    // Nobody takes in what is wanted of its own children until it is released.
    if (supervisor_is(child))
        supervise_controls_fail(&((supervisor *)(void *)child)->controls, "its supervisor is quarantined");
}

void supervise_answer_for(supervisor *self, actor *child, airs_status status)
{
    actor_failure end = supervise_end_of(child);
    if (status == AIRS_E_FAILED && end.reason == AIRS_EXIT_TIMEOUT)
        status = AIRS_E_TIMEOUT;
    supervise_controls_answer(&self->controls, child, status, status == AIRS_OK ? "" : end.text);
}

// ---------------------------------------------------------------- what the machine says of the supervisor

actor_failure supervise_end_of(actor *child)
{
    os_mutex_lock(&child->info_lock);
    actor_failure end = child->last_end;
    os_mutex_unlock(&child->info_lock);
    return end;
}

/// Ends the supervisor as its child ended.
static void finish(supervisor *self, actor *child)
{
    actor_failure end = supervise_end_of(child);
    self->exits = true;
    if (!actor_exit_is_failure(end.reason)) {
        actor_exit(&self->cell, NULL);
        return;
    }
    char text[ACTOR_FAILURE_SIZE];
    (void)snprintf(text, sizeof text, "\"%s\", on which it depends, ended (%s): %.160s", actor_name(child),
                   airs_exit_name(end.reason), end.text);
    actor_exit(&self->cell, text);
}

static void give_up(supervisor *self, actor *child)
{
    actor_failure end = supervise_end_of(child);
    self->exits = true;
    char text[ACTOR_FAILURE_SIZE];
    if (child->place.end.verdict == AIRS_ERROR_ESCALATE)
        (void)snprintf(text, sizeof text, "the hook of \"%s\" says so (%s): %.120s", actor_name(child),
                       airs_exit_name(end.reason), end.text);
    else
        (void)snprintf(text, sizeof text,
                       "more than %" PRIu32 " restarts within %" PRIu32 " ms, the last of \"%s\" (%s): %.120s",
                       self->state.settings.max_restarts, self->state.settings.window_ms, actor_name(child),
                       airs_exit_name(end.reason), end.text);
    actor_exit(&self->cell, text);
    actor_log(&self->cell, 0, AIRS_LOG_ERROR, "gives up: %s", text);
    actor_emit(&self->cell, AIRS_EVENT_ESCALATED, AIRS_EXIT_FAILED, text, 0);
}

/// It does not come up, since this child does not. NULL: one that has gone meanwhile.
static void start_failed(supervisor *self, actor *child)
{
    self->outcome = SUPERVISE_OUTCOME_START_FAILED;
    if (child == NULL) {
        (void)actor_fail(&self->cell.failure, AIRS_EXIT_FAILED, "a child on which it depends did not start");
        return;
    }
    actor_failure end = supervise_end_of(child);
    (void)actor_fail(&self->cell.failure, AIRS_EXIT_FAILED, "\"%s\" did not start again (%s): %.160s",
                     actor_name(child), airs_exit_name(end.reason), end.text);
}

// ---------------------------------------------------------------- doing what it says

static void act_on_child(supervisor *self, actor *child, const supervise_action *action)
{
    switch (action->kind) {
    case SUPERVISE_DO_START:
        restart(child);
        // What comes under a paused supervisor is paused too; the others have been told.
        if (self->cell.pausing)
            actor_signal_send(child, ACTOR_SIGNAL_PAUSE);
        actor_signal_send(child, ACTOR_SIGNAL_START);
        break;
    case SUPERVISE_DO_RESTART:
        restart(child);
        actor_signal_send(child, ACTOR_SIGNAL_RESTART);
        break;
    case SUPERVISE_DO_DECIDE:
        decide(self, child, action);
        break;
    case SUPERVISE_DO_WAIT:
        wait_for(self, child, action->delay_ms);
        break;
    case SUPERVISE_DO_CANCEL:
        supervise_wait_no_more(self, child);
        break;
    case SUPERVISE_DO_HALT:
        actor_signal_send(child, ACTOR_SIGNAL_HALT);
        break;
    case SUPERVISE_DO_STOP:
        actor_signal_send(child, ACTOR_SIGNAL_STOP);
        break;
    case SUPERVISE_DO_KILL:
        actor_signal_send(child, ACTOR_SIGNAL_CRASH);
        break;
    case SUPERVISE_DO_REST:
        hold(child, AIRS_HOLD_ENDED);
        actor_signal_send(child, ACTOR_SIGNAL_REST);
        break;
    case SUPERVISE_DO_QUARANTINE:
        quarantine(child);
        break;
    case SUPERVISE_DO_END:
        actor_signal_send(child, ACTOR_SIGNAL_END);
        break;
    case SUPERVISE_DO_ANSWER:
        supervise_answer_for(self, child, action->status);
        break;
    default:
        break;
    }
}

static void act(supervisor *self, const supervise_action *action)
{
    actor *child = action->child == NULL ? NULL : supervise_cell_of(action->child);
    switch (action->kind) {
    case SUPERVISE_DO_GIVE_UP:
        give_up(self, child);
        break;
    case SUPERVISE_DO_FINISH:
        finish(self, child);
        break;
    case SUPERVISE_DO_UP:
        self->outcome = SUPERVISE_OUTCOME_UP;
        break;
    case SUPERVISE_DO_START_FAILED:
        start_failed(self, child);
        break;
    case SUPERVISE_DO_DOWN:
        self->outcome = SUPERVISE_OUTCOME_DOWN;
        break;
    default:
        act_on_child(self, child, action);
        break;
    }
}

void supervise_tell(supervisor *self, supervise_event event)
{
    event.now_ms = supervise_now_ns(self) / 1000000u;
    supervise_step(&self->state, &event);
    for (supervise_action action; supervise_next(&self->state, &action);)
        act(self, &action);
}

void supervise_tell_of(supervisor *self, supervise_event_kind kind, actor *child)
{
    supervise_tell(self, (supervise_event){.kind = kind, .child = &child->place});
}
