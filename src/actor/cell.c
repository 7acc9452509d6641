// SPDX-License-Identifier: MIT OR Apache-2.0
/// The owner's side of an actor: its task and its lifecycle. See also ending.c, telling.c, receive.c.
#include "actor/age.h"
#include "actor/cell_impl.h"
#include "actor/health.h"
#include "actor/hooks.h"
#include "actor/links.h"
#include "actor/terms.h"
#include "actor/upgrade.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/bytes.h"

/// Messages an actor handles in one turn of its task.
#define SLICE_MESSAGES 128u

// ---------------------------------------------------------------- failures

actor_progress actor_fail(actor_failure *failure, airs_exit reason, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    failure->reason = reason;
    failure->backtrace[0] = '\0';
    (void)vsnprintf(failure->text, sizeof failure->text, format, args);
    va_end(args);
    // It may hold what a guest said, and goes to logs and terminals.
    base_text_tidy(failure->text);
    return ACTOR_FAILED;
}

void actor_exit(actor *self, const char *text)
{
    if (text == NULL)
        (void)actor_fail(&self->failure, AIRS_EXIT_NORMAL, "%s", "");
    else
        (void)actor_fail(&self->failure, AIRS_EXIT_FAILED, "%s", text);
}

// ---------------------------------------------------------------- time limit of start and stop

void actor_run_limit(actor *self, uint32_t timeout_ms)
{
    if (self->limit_runs)
        return;
    self->limit_runs = true;
    self->limit_deadline_ns = os_deadline_ms(sched_now_ns(self->space->sched), timeout_ms);
    sched_timer_start(self->space->sched, &self->limit_timer, self->limit_deadline_ns);
}

void actor_end_limit(actor *self)
{
    if (self->limit_runs)
        (void)sched_timer_cancel(self->space->sched, &self->limit_timer);
    self->limit_runs = false;
}

bool actor_is_told_to_end(const actor *self)
{
    return self->life.stop_requested || self->life.halt_requested;
}

uint32_t actor_start_limit(const actor *self)
{
    const airs_limits *limits = &self->limits;
    bool hurries = actor_is_told_to_end(self) && limits->stop_timeout_ms < limits->start_timeout_ms;
    return hurries ? limits->stop_timeout_ms : limits->start_timeout_ms;
}

/// It was told to end in the middle of a start: that has as long from now on as a stop would.
static void hurry(actor *self)
{
    uint64_t deadline_ns = os_deadline_ms(sched_now_ns(self->space->sched), actor_start_limit(self));
    if (self->limit_runs && self->limit_deadline_ns <= deadline_ns)
        return;
    actor_end_limit(self);
    actor_run_limit(self, actor_start_limit(self));
}

actor_progress actor_fail_start_limit(const actor *self, actor_failure *failure)
{
    if (actor_is_told_to_end(self))
        return actor_fail(failure, AIRS_EXIT_KILLED, "told to end, it was still starting after %u ms",
                          actor_start_limit(self));
    return actor_fail(failure, AIRS_EXIT_TIMEOUT, "start took longer than start_timeout, %u ms",
                      self->limits.start_timeout_ms);
}

bool actor_limit_has_passed(const actor *self)
{
    return self->limit_runs && sched_now_ns(self->space->sched) >= self->limit_deadline_ns;
}

bool actor_is_called(const actor *self)
{
    uint32_t signals = base_atomic_load_relaxed(&self->signals);
    // The timer may also have fired for a start that had come back just before. While it is ready, the limit is how
    // long an order waits; while it is upgrading, it is looked at between two turns: what fails then is the candidate.
    return (signals & (ACTOR_SIGNAL_KILL | ACTOR_SIGNAL_CRASH)) != 0 ||
           ((signals & ACTOR_SIGNAL_TIMEOUT) != 0 && self->life.state != AIRS_ACTOR_READY &&
            self->life.state != AIRS_ACTOR_UPGRADING && actor_limit_has_passed(self));
}

// ---------------------------------------------------------------- lifecycle

static void apply(actor *self, lifecycle_event event);

static void announce_ready(actor *self)
{
    uint64_t now_ns = sched_now_ns(self->space->sched);
    actor_end_limit(self);
    actor_health_begins(self);
    actor_age_begins(self);
    base_atomic_store_relaxed(&self->ready_ns, now_ns);
    actor_publish_state(self);
    if (self->ever_ready) {
        base_atomic_store_relaxed(&self->restarts, base_atomic_load_relaxed(&self->restarts) + 1u);
        ACTOR_COUNT(self->space, restarts);
        actor_emit(self, AIRS_EVENT_RESTARTED, AIRS_EXIT_NORMAL, "", now_ns - self->failed_ns);
    } else {
        self->ever_ready = true;
        actor_emit(self, AIRS_EVENT_STARTED, AIRS_EXIT_NORMAL, "", 0);
        actor_tell_started(self, AIRS_OK, "");
    }
    actor_tell_mark(self, ACTOR_MARK_READY);
    actor_report_send(self, ACTOR_REPORT_READY);
}

static void report_end(actor *self)
{
    actor_end_incarnation(self);
    actor_publish_state(self);
    actor_tell_mark(self, self->pausing ? ACTOR_MARK_DOWN | ACTOR_MARK_PAUSED : ACTOR_MARK_DOWN);
    if (self->supervisor == NULL)
        apply(self, LIFECYCLE_END);
    else
        actor_report_send(self, ACTOR_REPORT_ENDED);
}

static void apply(actor *self, lifecycle_event event)
{
    switch (lifecycle_step(&self->life, event)) {
    case LIFECYCLE_IGNORE:
        break;
    case LIFECYCLE_DO_START:
        actor_begin_incarnation(self);
        break;
    case LIFECYCLE_DO_READY:
        announce_ready(self);
        break;
    case LIFECYCLE_DO_STOP:
        actor_end_limit(self);
        actor_health_ends(self);
        actor_age_ends(self);
        actor_publish_state(self);
        actor_hooks_pre_stop(self, self->failure.reason);
        break;
    case LIFECYCLE_DO_REPORT:
        report_end(self);
        break;
    case LIFECYCLE_DO_TERMINATE:
        actor_terminate(self);
        break;
    case LIFECYCLE_DO_REST:
        actor_come_to_rest(self);
        break;
    case LIFECYCLE_DO_UPGRADE:
        actor_upgrade_begin(self);
        break;
    case LIFECYCLE_DO_FALL_BACK:
        actor_upgrade_fall_back(self);
        break;
    case LIFECYCLE_DO_RESUME:
        actor_upgrade_resume(self);
        break;
    }
}

/// The incarnation has failed (`self->failure`): on probation its version may be the one that has.
static void fail(actor *self)
{
    bool may_fall_back = self->life.state == AIRS_ACTOR_READY && actor_upgrade_may_fall_back(self);
    apply(self, may_fall_back ? LIFECYCLE_FAILED : LIFECYCLE_CRASH);
}

static void on_time_limit(actor *self)
{
    if (!actor_limit_has_passed(self))
        return;
    if (self->life.state == AIRS_ACTOR_STARTING) {
        (void)actor_fail_start_limit(self, &self->failure);
        apply(self, LIFECYCLE_FAILED);
    } else if (self->life.state == AIRS_ACTOR_STOPPING) {
        (void)actor_fail(&self->failure, AIRS_EXIT_KILLED, "stop took longer than stop_timeout, %u ms",
                         self->limits.stop_timeout_ms);
        apply(self, LIFECYCLE_FAILED);
    } else if (self->life.state == AIRS_ACTOR_READY && actor_upgrade_is_late(self)) {
        fail(self);
    }
}

// ---------------------------------------------------------------- pause

/// Takes no event from now on; none is in hand.
static void come_to_pause(actor *self)
{
    if (base_atomic_load_relaxed(&self->hold) != AIRS_HOLD_PAUSED) {
        base_atomic_store_release(&self->hold, (uint32_t)AIRS_HOLD_PAUSED);
        actor_emit(self, AIRS_EVENT_PAUSED, AIRS_EXIT_NORMAL, "", 0);
    }
    actor_tell_mark(self, ACTOR_MARK_PAUSED);
}

static void pause(actor *self)
{
    self->pausing = true;
    bool has_incarnation = self->incarnate;
    if (!has_incarnation || base_atomic_load_relaxed(&self->hold) == AIRS_HOLD_PAUSED)
        actor_tell_mark(self, ACTOR_MARK_PAUSED);
}

static void resume(actor *self)
{
    self->pausing = false;
    // Who waits for a pause that is taken back before it came waits no more.
    actor_tell_mark(self, ACTOR_MARK_PAUSED);
    if (base_atomic_load_relaxed(&self->hold) != AIRS_HOLD_PAUSED)
        return;
    base_atomic_store_release(&self->hold, (uint32_t)AIRS_HOLD_NONE);
    actor_emit(self, AIRS_EVENT_RESUMED, AIRS_EXIT_NORMAL, "", 0);
}

// ---------------------------------------------------------------- signals

static void crash(actor *self, lifecycle_event event)
{
    // What ended already ended for its own reason.
    if (self->incarnate || self->life.state == AIRS_ACTOR_CREATING)
        (void)actor_fail(&self->failure, AIRS_EXIT_KILLED, "killed");
    apply(self, event);
}

static void halt(actor *self, lifecycle_event event)
{
    if (self->life.state == AIRS_ACTOR_READY || self->life.state == AIRS_ACTOR_STARTING)
        (void)actor_fail(&self->failure, AIRS_EXIT_SHUTDOWN, "%s", "");
    self->stop_reason = AIRS_STOP_SHUTDOWN;
    apply(self, event);
    if (self->life.state == AIRS_ACTOR_STARTING || self->life.state == AIRS_ACTOR_UPGRADING)
        hurry(self);
}

/// What only an incarnation that is ready can fail by.
static void look_after(actor *self, uint32_t signals)
{
    // That is no fault of its version.
    if ((signals & ACTOR_SIGNAL_LINK) != 0 && actor_links_are_broken(self, &self->failure))
        apply(self, LIFECYCLE_CRASH);
    if ((signals & ACTOR_SIGNAL_AGE) != 0 && self->life.state == AIRS_ACTOR_READY && self->age != NULL &&
        actor_age_time(self))
        fail(self);
    if ((signals & ACTOR_SIGNAL_HEALTH) != 0 && self->life.state == AIRS_ACTOR_READY && self->health != NULL &&
        actor_health_time(self))
        fail(self);
}

/// Takes all signals at once; the order here decides between those that came together.
static void obey(actor *self, uint32_t signals)
{
    if (signals & ACTOR_SIGNAL_KILL)
        crash(self, LIFECYCLE_KILL);
    if (signals & ACTOR_SIGNAL_START)
        apply(self, LIFECYCLE_START);
    if (signals & ACTOR_SIGNAL_TIMEOUT)
        on_time_limit(self);
    if (signals & ACTOR_SIGNAL_DECIDED)
        actor_take_decision(self);
    if (signals & ACTOR_SIGNAL_REST)
        apply(self, LIFECYCLE_REST);
    if (signals & ACTOR_SIGNAL_RESTART)
        apply(self, LIFECYCLE_RESTART);
    // After RESTART: a supervisor that is killed just when it has started this one kills it too.
    if (signals & ACTOR_SIGNAL_CRASH)
        crash(self, LIFECYCLE_CRASH);
    if (signals & (ACTOR_SIGNAL_HALT | ACTOR_SIGNAL_STOP))
        halt(self, signals & ACTOR_SIGNAL_STOP ? LIFECYCLE_STOP : LIFECYCLE_HALT);
    if (signals & ACTOR_SIGNAL_END)
        apply(self, LIFECYCLE_END);
    if (signals & (ACTOR_SIGNAL_HEALTH | ACTOR_SIGNAL_AGE | ACTOR_SIGNAL_LINK))
        look_after(self, signals);
    if (signals & ACTOR_SIGNAL_PAUSE)
        pause(self);
    if (signals & ACTOR_SIGNAL_RESUME)
        resume(self);
    if (signals & ACTOR_SIGNAL_UPGRADE)
        actor_upgrade_take(self);
    if (signals & ACTOR_SIGNAL_TERMS)
        self->terms_wait = true;
}

// ---------------------------------------------------------------- the task

/// Whether a poll function has something else to do at once, or its end has to be dealt with.
static bool is_over(actor_progress progress)
{
    return progress != ACTOR_WAITING && progress != ACTOR_YIELDED;
}

static bool go_on_starting(actor *self, actor_progress *ret_progress)
{
    if (!self->start_called && !actor_hooks_pre_start(self, &self->failure)) {
        *ret_progress = ACTOR_FAILED;
    } else {
        self->start_called = true;
        *ret_progress = self->kind->child->start(self, self->cause, &self->failure);
        if (*ret_progress == ACTOR_DONE && !actor_hooks_post_start(self, &self->failure))
            *ret_progress = ACTOR_FAILED;
    }
    if (is_over(*ret_progress))
        apply(self, *ret_progress == ACTOR_DONE ? LIFECYCLE_STARTED : LIFECYCLE_FAILED);
    else
        actor_run_limit(self, actor_start_limit(self));
    return is_over(*ret_progress);
}

static bool go_on_stopping(actor *self, actor_progress *ret_progress)
{
    *ret_progress = self->kind->child->stop(self, self->stop_reason, &self->failure);
    if (is_over(*ret_progress))
        apply(self, *ret_progress == ACTOR_DONE ? LIFECYCLE_STOPPED : LIFECYCLE_FAILED);
    else
        actor_run_limit(self, self->limits.stop_timeout_ms);
    return is_over(*ret_progress);
}

static bool go_on_checking(actor *self, actor_progress *ret_progress)
{
    *ret_progress = actor_health_check(self);
    if (*ret_progress == ACTOR_FAILED)
        fail(self);
    return is_over(*ret_progress);
}

static bool go_on_upgrading(actor *self, actor_progress *ret_progress)
{
    *ret_progress = actor_upgrade_go_on(self);
    if (*ret_progress == ACTOR_FAILED) {
        apply(self, LIFECYCLE_FAILED);
    } else if (*ret_progress == ACTOR_DONE) {
        // Told to end meanwhile: that is what it ends of.
        if (actor_is_told_to_end(self))
            (void)actor_fail(&self->failure, AIRS_EXIT_SHUTDOWN, "%s", "");
        apply(self, LIFECYCLE_UPGRADED);
        actor_upgrade_answer(self);
    }
    return is_over(*ret_progress);
}

static bool go_on_ready(actor *self, actor_progress *ret_progress)
{
    bool asked = self->health != NULL && actor_health_wants(self);
    if (self->in_hand == NULL && asked)
        return go_on_checking(self, ret_progress);
    // What a supervisor has to do with its children is no event: it goes on with that, so that what operators want of
    // them is done.
    bool rests = self->pausing && self->kind->take_report == NULL;
    if (self->in_hand == NULL && self->pausing)
        come_to_pause(self);
    if (self->in_hand == NULL && rests) {
        if (self->kind->messages->rest != NULL)
            self->kind->messages->rest(self);
        *ret_progress = ACTOR_DONE;
        return false;
    }
    // It finishes what it has in hand: `actor_take` gives no other.
    asked |= actor_upgrade_waits(self);
    if (rests || asked)
        self->slice_left = 0;
    *ret_progress = self->kind->messages->drain(self, &self->failure);
    if (self->fails_after_drain || *ret_progress == ACTOR_FAILED) {
        fail(self);
    } else if (*ret_progress == ACTOR_EXITED) {
        self->stop_reason = AIRS_STOP_NORMAL;
        apply(self, LIFECYCLE_EXITED);
    } else {
        return (rests || asked) && self->in_hand == NULL;
    }
    return true;
}

/// One call into the kind's tables; what it says becomes an event of the lifecycle.
/// True when the actor has something else to do at once.
static bool go_on(actor *self, actor_progress *ret_progress)
{
    switch (self->life.state) {
    case AIRS_ACTOR_STARTING:
        return go_on_starting(self, ret_progress);
    case AIRS_ACTOR_READY:
        return go_on_ready(self, ret_progress);
    case AIRS_ACTOR_STOPPING:
        return go_on_stopping(self, ret_progress);
    case AIRS_ACTOR_TERMINATED:
        // At rest: what was on its way when it came to rest reaches nobody.
        actor_drop_inbox(self);
        *ret_progress = inbox_sleep(&self->inbox) ? ACTOR_DONE : ACTOR_YIELDED;
        return false;
    case AIRS_ACTOR_UPGRADING:
        return go_on_upgrading(self, ret_progress);
    case AIRS_ACTOR_CREATING:
    case AIRS_ACTOR_FAILED:
    case AIRS_ACTOR_HIBERNATED:
        break;
    }
    *ret_progress = ACTOR_DONE;
    return false;
}

static sched_verdict poll_actor(sched_task *task)
{
    actor *self = ds_container_of(task, actor, task);
    self->slice_left = SLICE_MESSAGES;
    self->preempted = false;
    for (;;) {
        // acquire: what was done before a signal is seen here.
        uint32_t signals = base_atomic_load_relaxed(&self->signals);
        if (signals != 0)
            obey(self, base_atomic_exchange_acq_rel(&self->signals, 0u));
        if (lifecycle_is_over(&self->life))
            return SCHED_POLL_DONE;
        if (self->terms_wait)
            actor_terms_take(self);
        if (actor_upgrade_is_due(self) && actor_upgrade_look(self))
            apply(self, LIFECYCLE_UPGRADE);
        actor_progress progress;
        if (go_on(self, &progress))
            continue;
        // What was in the way of it may have been done just now.
        if (self->terms_wait)
            actor_terms_take(self);
        actor_give_places_back(self);
        if (progress != ACTOR_YIELDED)
            return SCHED_POLL_IDLE;
        // Who has many messages has its turn as the others have; who spins comes after those that don't.
        return self->preempted ? SCHED_POLL_AGAIN : SCHED_POLL_YIELD;
    }
}

static void on_limit_timer(sched_timer *timer)
{
    actor_signal_send(timer->user, ACTOR_SIGNAL_TIMEOUT);
}

void actor_init_task(actor *self)
{
    sched_task_init(&self->task, poll_actor);
    sched_timer_init(&self->limit_timer, on_limit_timer, self);
}
