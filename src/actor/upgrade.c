// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/upgrade.h"

#include <stdio.h>

#include "actor/age.h"
#include "actor/cell_impl.h"
#include "actor/failures.h"
#include "actor/health.h"
#include "actor/journal.h"
#include "actor/log.h"
#include "actor/meter.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"

static void answer(actor_upgrade *it, actor_answer_kind kind, const char *text)
{
    it->order = ACTOR_ORDER_NONE;
    it->drains = it->waits = false;
    (void)it->told(it, kind, text);
}

static uint64_t handled(const actor *self)
{
    return base_atomic_load_relaxed(&self->handled);
}

// ---------------------------------------------------------------- who orders

airs_status actor_upgrade_attach(actor *self, actor_upgrade *upgrade, airs_error *error)
{
    if (self->kind->child->consider == NULL)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\" is no component", actor_name(self));
    airs_status status = self->kind->child->consider(self, upgrade, error);
    if (status != AIRS_OK)
        return status;
    os_mutex_lock(&self->info_lock);
    status = self->terminated ? AIRS_E_GONE : self->upgrade != NULL ? AIRS_E_TAKEN : AIRS_OK;
    if (status == AIRS_OK)
        self->upgrade = upgrade;
    os_mutex_unlock(&self->info_lock);
    if (status == AIRS_OK)
        return AIRS_OK;
    self->kind->child->forget(self, upgrade);
    return status == AIRS_E_GONE ? base_error_set(error, status, "%s", airs_status_text(status))
                                 : base_error_set(error, status, "actor \"%s\" is being deployed to", actor_name(self));
}

void actor_upgrade_give(actor *self, actor_upgrade *upgrade, actor_order order)
{
    // release, by way of the signal: the owner sees what was written before.
    base_atomic_store_release(&upgrade->ordered, (uint32_t)order);
    actor_signal_send(self, ACTOR_SIGNAL_UPGRADE);
}

void actor_upgrade_admit(actor *self, actor_upgrade *upgrade)
{
    // release, by way of the signal.
    base_atomic_store_release(&upgrade->admitted, true);
    actor_signal_send(self, ACTOR_SIGNAL_UPGRADE);
}

void actor_upgrade_clear(actor *self)
{
    actor_signal_send(self, ACTOR_SIGNAL_UPGRADE);
}

// ---------------------------------------------------------------- the owner: what would be lost

/// The new version is there: what it handles from now on is noted where its predecessor's state may come back.
static void begin_journal(actor *self, actor_upgrade *it)
{
    it->handled_at_swap = handled(self);
    it->journals = true;
    if (it->meter != NULL)
        it->meter->is_new = true;
    it->aside = self->journal;
    // Without memory it is only counted.
    self->journal = it->rollback_state == AIRS_ROLLBACK_SNAPSHOT ? actor_journal_create(self->space->allocator) : NULL;
}

/// The old version is there again.
static void end_journal(actor *self, actor_upgrade *it)
{
    if (!it->journals)
        return;
    it->journals = false;
    if (it->meter != NULL)
        it->meter->is_new = false;
    if (it->carried)
        actor_journal_destroy(self->journal);
    else
        it->lost = self->journal;
    self->journal = it->aside;
    it->aside = NULL;
}

/// The new version stays: what was noted before it is gone when it has come with an earlier state.
static void conclude_journal(actor_upgrade *it)
{
    if (!it->took_past || it->aside == NULL) {
        actor_journal_destroy(it->aside);
    } else {
        it->lost = it->aside;
        it->handled_since = it->aside->count;
    }
    it->aside = NULL;
}

// ---------------------------------------------------------------- the owner: an order comes

/// The owner's own look: only it takes the pointer away.
static actor_upgrade *attached(actor *self)
{
    os_mutex_lock(&self->info_lock);
    actor_upgrade *it = self->upgrade;
    os_mutex_unlock(&self->info_lock);
    return it;
}

static void let_go(actor *self, actor_upgrade *it, actor_answer_kind last)
{
    os_mutex_lock(&self->info_lock);
    self->upgrade = NULL;
    os_mutex_unlock(&self->info_lock);
    self->ordered = NULL;
    self->meter = NULL;
    self->life.on_probation = false;
    if (last == ACTOR_ANSWER_RELEASED)
        conclude_journal(it);
    actor_journal_destroy(it->aside);
    it->aside = NULL;
    self->kind->child->forget(self, it);
    answer(it, last, "");
}

void actor_upgrade_take(actor *self)
{
    actor_upgrade *it = attached(self);
    if (it == NULL)
        return;
    // Not in the middle of one.
    if (self->life.state != AIRS_ACTOR_UPGRADING)
        self->kind->child->clear(self, it);
    if (base_atomic_exchange_acq_rel(&it->admitted, false))
        it->waits = false;
    actor_order order = (actor_order)base_atomic_exchange_acq_rel(&it->ordered, (uint32_t)ACTOR_ORDER_NONE);
    if (order == ACTOR_ORDER_NONE)
        return;
    AIRS_ASSERT(it->order == ACTOR_ORDER_NONE);
    if (order == ACTOR_ORDER_RELEASE) {
        let_go(self, it, ACTOR_ANSWER_RELEASED);
        return;
    }
    it->order = order;
    self->ordered = it;
    // An event may be in hand that nobody has measured so far.
    if (it->meter != NULL && self->meter != it->meter)
        it->meter->begun_ns = sched_now_ns(self->space->sched);
    self->meter = it->meter;
}

bool actor_upgrade_is_due(const actor *self)
{
    return self->ordered != NULL && self->ordered->order != ACTOR_ORDER_NONE;
}

bool actor_upgrade_waits(const actor *self)
{
    return actor_upgrade_is_due(self) && !self->ordered->waits;
}

/// Without an incarnation there is nothing to be asked, and nothing that could refuse.
static void carry_out_at_rest(actor *self, actor_upgrade *it)
{
    it->pause_ns = 0;
    if (it->order == ACTOR_ORDER_SPLIT) {
        answer(it, ACTOR_ANSWER_REFUSED, "it does not run: there is nothing that a canary could stand beside");
        return;
    }
    if (it->order == ACTOR_ORDER_SWAP || it->order == ACTOR_ORDER_REVERT) {
        bool swaps = it->order == ACTOR_ORDER_SWAP;
        self->kind->child->adopt(self, it);
        self->life.on_probation = it->on_new;
        if (swaps && it->on_new)
            begin_journal(self, it);
        else if (!swaps)
            end_journal(self, it);
    }
    answer(it, ACTOR_ANSWER_DONE, "");
}

static bool is_between_events(const actor *self)
{
    return self->in_hand == NULL && !(self->health != NULL && actor_health_wants(self));
}

/// Asks for leave, between two events: it is not waited for any more.
static bool may_begin(actor *self, actor_upgrade *it)
{
    actor_leave leave = it->begins(it);
    if (leave == ACTOR_LEAVE_BEGIN)
        return true;
    if (it->drains)
        actor_end_limit(self);
    it->drains = false;
    it->waits = leave == ACTOR_LEAVE_WAIT;
    if (leave == ACTOR_LEAVE_VOID)
        it->order = ACTOR_ORDER_NONE;
    return false;
}

bool actor_upgrade_look(actor *self)
{
    actor_upgrade *it = self->ordered;
    switch (self->life.state) {
    case AIRS_ACTOR_CREATING:
    case AIRS_ACTOR_FAILED:
    case AIRS_ACTOR_TERMINATED:
        carry_out_at_rest(self, it);
        return false;
    case AIRS_ACTOR_READY:
        if (it->waits)
            return false;
        if (is_between_events(self))
            return may_begin(self, it);
        if (it->order == ACTOR_ORDER_REVERT && it->split && !self->twin_acts) {
            // The old version is in the middle of an event, and need not be disturbed.
            self->kind->child->part(self, it);
            it->split = false;
            it->pause_ns = 0;
            answer(it, ACTOR_ANSWER_DONE, "");
            return false;
        }
        if (!it->drains) {
            it->drains = true;
            actor_run_limit(self, it->drain_timeout_ms);
            (void)it->told(it, ACTOR_ANSWER_WAITS, "");
        }
        return false;
    case AIRS_ACTOR_STARTING:
    case AIRS_ACTOR_STOPPING:
    case AIRS_ACTOR_HIBERNATED:
    case AIRS_ACTOR_UPGRADING:
        break;
    }
    return false;
}

bool actor_upgrade_is_late(actor *self)
{
    actor_upgrade *it = self->ordered;
    if (it == NULL || !it->drains)
        return false;
    actor_end_limit(self);
    it->drains = false;
    if (it->order == ACTOR_ORDER_REVERT) {
        // It has to go, whatever it is in the middle of.
        (void)actor_fail(&self->failure, AIRS_EXIT_LIMIT, "put out in the middle of an event: drain_timeout, %u ms",
                         it->drain_timeout_ms);
        return true;
    }
    answer(it, ACTOR_ANSWER_LATE, "it did not come to the end of an event within drain_timeout");
    return false;
}

// ---------------------------------------------------------------- the owner: failures

/// Asks whether it may, and voids what had been ordered: the failure is the answer to that too.
static bool falls(actor *self, actor_upgrade *it)
{
    char text[ACTOR_FAILURE_SIZE + 32];
    (void)snprintf(text, sizeof text, "failed (%s): %s", airs_exit_name(self->failure.reason), self->failure.text);
    if (!it->told(it, ACTOR_ANSWER_FELL, text)) {
        self->life.on_probation = false;
        return false;
    }
    (void)base_atomic_exchange_acq_rel(&it->ordered, (uint32_t)ACTOR_ORDER_NONE);
    it->drains = it->waits = false;
    it->order = ACTOR_ORDER_FALL_BACK;
    if (!it->split)
        it->handled_since = handled(self) - it->handled_at_swap;
    return true;
}

/// Who was killed from outside has not failed by its version.
static bool is_its_fault(const actor *self)
{
    return actor_exit_is_failure(self->failure.reason) && self->failure.reason != AIRS_EXIT_KILLED;
}

bool actor_upgrade_may_fall_back(actor *self)
{
    return self->life.on_probation && is_its_fault(self) && falls(self, self->ordered);
}

/// To operators it is a failure like any other.
static void note_fall(actor *self)
{
    const actor_failure *end = &self->failure;
    actor_failures_add(self, end);
    actor_failures_decided(self, &(actor_decision){.action = AIRS_ACTION_RESTARTED, .will_restart = true});
    actor_log(self, end->message, AIRS_LOG_WARN, "failed (%s) on probation, the version before comes back: %s",
              airs_exit_name(end->reason), end->text);
    actor_emit(self, AIRS_EVENT_FAILED, end->reason, end->text, 0);
}

// ---------------------------------------------------------------- the owner: carrying it out

/// What goes by the clock of a ready incarnation.
static void stop_clocks(actor *self)
{
    actor_end_limit(self);
    actor_health_ends(self);
    actor_age_ends(self);
}

static void begin(actor *self, actor_upgrade *it)
{
    it->drains = false;
    it->begun_ns = sched_now_ns(self->space->sched);
    stop_clocks(self);
    actor_publish_state(self);
    actor_run_limit(self, actor_start_limit(self));
}

void actor_upgrade_begin(actor *self)
{
    begin(self, self->ordered);
}

bool actor_upgrade_has_no_time(const actor *self)
{
    return self->life.state == AIRS_ACTOR_UPGRADING && actor_limit_has_passed(self);
}

void actor_upgrade_give_time(actor *self)
{
    actor_end_limit(self);
    actor_run_limit(self, actor_start_limit(self));
}

/// What holds from now on.
static actor_answer_kind conclude(actor *self, actor_upgrade *it, bool refused)
{
    it->pause_ns = sched_now_ns(self->space->sched) - it->begun_ns;
    bool swapped = it->journals;
    switch (it->order) {
    case ACTOR_ORDER_SPLIT:
        it->split = !refused;
        break;
    case ACTOR_ORDER_SWAP:
        // Refused, it may have left the twin in the seat.
        self->life.on_probation = it->on_new || self->twin_acts;
        it->split = self->twin != 0;
        if (it->on_new)
            begin_journal(self, it);
        break;
    case ACTOR_ORDER_FALL_BACK:
        self->life.on_probation = false;
        it->split = false;
        end_journal(self, it);
        return ACTOR_ANSWER_FELL_BACK;
    case ACTOR_ORDER_REVERT:
        self->life.on_probation = false;
        it->split = false;
        end_journal(self, it);
        if (swapped)
            it->handled_since = it->carried ? 0 : handled(self) - it->handled_at_swap;
        break;
    default:
        break;
    }
    return refused ? ACTOR_ANSWER_REFUSED : ACTOR_ANSWER_DONE;
}

actor_progress actor_upgrade_go_on(actor *self)
{
    actor_upgrade *it = self->ordered;
    bool refused = false;
    actor_progress progress = self->kind->child->upgrade(self, it, &refused, &self->failure);
    if (progress == ACTOR_FAILED && it->order == ACTOR_ORDER_PROVE && actor_upgrade_may_fall_back(self)) {
        // Asked how it is, it has failed: it goes right away.
        note_fall(self);
        self->kind->child->leave(self);
        actor_put_back_in_hand(self);
        actor_upgrade_give_time(self);
        return ACTOR_YIELDED;
    }
    if (progress == ACTOR_DONE)
        it->due = conclude(self, it, refused);
    return progress;
}

void actor_upgrade_resume(actor *self)
{
    actor_end_limit(self);
    actor_health_begins(self);
    actor_age_begins(self);
    actor_publish_state(self);
}

void actor_upgrade_answer(actor *self)
{
    actor_upgrade *it = self->ordered;
    answer(it, it->due, it->due == ACTOR_ANSWER_REFUSED ? it->text : "");
}

// ---------------------------------------------------------------- the owner: falling back, and other ends

void actor_upgrade_fall_back(actor *self)
{
    begin(self, self->ordered);
    note_fall(self);
    self->fails_after_drain = false;
    self->kind->child->leave(self);
    if (self->in_hand == NULL)
        self->in_hand = self->spoiled;
    self->spoiled = NULL;
    actor_put_back_in_hand(self);
    actor_give_places_back(self);
    actor_waits_no_more(self);
    self->failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
}

/// The order cannot be carried out by this incarnation any more, which has been destroyed.
static void answer_interrupted(actor *self, actor_upgrade *it)
{
    switch (it->order) {
    case ACTOR_ORDER_SWAP:
        self->life.on_probation = it->on_new;
        if (it->on_new)
            begin_journal(self, it);
        answer(it, it->on_new ? ACTOR_ANSWER_DONE : ACTOR_ANSWER_BROKE, self->failure.text);
        return;
    case ACTOR_ORDER_REVERT:
    case ACTOR_ORDER_FALL_BACK:
        self->kind->child->adopt(self, it);
        self->life.on_probation = false;
        end_journal(self, it);
        answer(it, it->order == ACTOR_ORDER_REVERT ? ACTOR_ANSWER_DONE : ACTOR_ANSWER_FELL_BACK, "");
        return;
    default:
        answer(it, ACTOR_ANSWER_BROKE, self->failure.text);
        return;
    }
}

/// The old version's incarnation has ended, and its twin with it: what both held is gone.
static void tell_of_twin(actor *self, actor_upgrade *it)
{
    char text[ACTOR_FAILURE_SIZE + 64];
    (void)snprintf(text, sizeof text, "the old version has ended beside its canary (%s): %s",
                   airs_exit_name(self->failure.reason), self->failure.text);
    it->split = false;
    // It ends for good, and says so.
    if (self->life.state == AIRS_ACTOR_TERMINATED)
        return;
    if (!it->told(it, ACTOR_ANSWER_FELL, text))
        return;
    (void)base_atomic_exchange_acq_rel(&it->ordered, (uint32_t)ACTOR_ORDER_NONE);
    answer(it, ACTOR_ANSWER_FELL_BACK, "");
}

void actor_upgrade_incarnation_ended(actor *self, bool was_upgrading)
{
    actor_upgrade *it = self->ordered;
    if (it == NULL)
        return;
    // The limit has ended with it.
    it->drains = false;
    bool split = it->split;
    if (was_upgrading) {
        it->split = false;
        answer_interrupted(self, it);
    } else if (split) {
        tell_of_twin(self, it);
    } else if (self->life.on_probation && is_its_fault(self) && falls(self, it)) {
        // In its start or its stop: the supervisor makes the next incarnation, of the version before.
        self->kind->child->adopt(self, it);
        self->life.on_probation = false;
        end_journal(self, it);
        answer(it, ACTOR_ANSWER_FELL_BACK, "");
    }
}

void actor_upgrade_actor_ended(actor *self)
{
    actor_upgrade *it = attached(self);
    if (it != NULL)
        let_go(self, it, ACTOR_ANSWER_GONE);
}
