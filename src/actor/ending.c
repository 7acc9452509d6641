// SPDX-License-Identifier: MIT OR Apache-2.0
/// The end of an incarnation, what comes of it, and the end of the actor.
#include "actor/age.h"
#include "actor/cell_impl.h"
#include "actor/failures.h"
#include "actor/health.h"
#include "actor/hooks.h"
#include "actor/links.h"
#include "actor/log.h"
#include "actor/names.h"
#include "actor/terms.h"
#include "actor/upgrade.h"
#include "base/bytes.h"

// ---------------------------------------------------------------- an incarnation ends

/// Makes the end known to the supervisor, and a failure to operators.
static void note_end(actor *self)
{
    const actor_failure *end = &self->failure;
    bool failed = actor_exit_is_failure(end->reason);
    os_mutex_lock(&self->info_lock);
    self->last_end = *end;
    self->decision = (actor_decision){0};
    os_mutex_unlock(&self->info_lock);
    if (!failed)
        return;
    actor_failures_add(self, end);
    actor_log(self, end->message, AIRS_LOG_WARN, "failed (%s): %s", airs_exit_name(end->reason), end->text);
    actor_emit(self, AIRS_EVENT_FAILED, end->reason, end->text, 0);
}

/// A pause goes on in the next incarnation; this one does not rest any more.
static void end_pause(actor *self)
{
    uint32_t paused = AIRS_HOLD_PAUSED;
    (void)base_atomic_cas_acq_rel(&self->hold, &paused, (uint32_t)AIRS_HOLD_NONE);
}

/// From here the next incarnation is the one that others link to.
static void end_relations(actor *self)
{
    os_mutex_lock(&self->info_lock);
    self->incarnation++;
    os_mutex_unlock(&self->info_lock);
    actor_links_end(self);
}

void actor_end_holdings(actor *self)
{
    end_relations(self);
    actor_cancel_requests(self);
    if (self->space->incarnation_ended != NULL)
        self->space->incarnation_ended(self->space, self);
}

void actor_end_incarnation(actor *self)
{
    if (!self->incarnate)
        return;
    self->incarnate = false;
    bool was_upgrading = base_atomic_load_relaxed(&self->state) == AIRS_ACTOR_UPGRADING;
    bool failed = actor_exit_is_failure(self->failure.reason);
    self->fails_after_drain = false;
    if (self->in_hand == NULL)
        self->in_hand = self->spoiled;
    self->spoiled = NULL;
    if (self->in_hand != NULL && self->in_hand->kind == ENVELOPE_MESSAGE) {
        self->failure.message = self->in_hand->id;
        self->failure.attempt = self->in_hand->attempts + 1;
    }
    self->failed_ns = sched_now_ns(self->space->sched);
    self->owes_down = true;
    if (failed && self->failure.verdict == AIRS_ERROR_DEFAULT)
        self->failure.verdict = actor_hooks_on_error(self, self->failure.reason, self->failure.text);
    note_end(self);
    actor_end_limit(self);
    actor_health_ends(self);
    actor_age_ends(self);
    end_pause(self);
    self->kind->child->destroy(self, failed);
    end_relations(self);
    actor_end_messages(self, failed);
    actor_cancel_requests(self);
    if (self->space->incarnation_ended != NULL)
        self->space->incarnation_ended(self->space, self);
    actor_give_places_back(self);
    actor_waits_no_more(self);
    base_atomic_store_relaxed(&self->ready_ns, 0u);
    base_atomic_store_relaxed(&self->memory, 0u);
    actor_hooks_post_stop(self, self->failure.reason);
    actor_upgrade_incarnation_ended(self, was_upgrading);
}

// ---------------------------------------------------------------- what comes of it

/// The actor is to be started again: says to others how the incarnation ended, once.
static void tell_of_restart(actor *self)
{
    if (!self->owes_down)
        return;
    self->owes_down = false;
    actor_hooks_on_restart(self, self->failure.reason, self->failure.text);
    actor_links_tell(self, true);
}

void actor_take_decision(actor *self)
{
    if (self->life.state != AIRS_ACTOR_FAILED)
        return;
    os_mutex_lock(&self->info_lock);
    actor_decision decision = self->decision;
    os_mutex_unlock(&self->info_lock);
    if (actor_exit_is_failure(self->failure.reason))
        actor_failures_decided(self, &decision);
    if (decision.will_restart)
        tell_of_restart(self);
    else
        actor_links_tell(self, false);
    if (decision.will_restart && decision.delay_ms > 0)
        actor_emit(self, AIRS_EVENT_BACKOFF, self->failure.reason, self->failure.text,
                   (uint64_t)decision.delay_ms * 1000000u);
}

void actor_begin_incarnation(actor *self)
{
    tell_of_restart(self);
    self->owes_down = false;
    inbox_open(&self->inbox);
    self->failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    self->cause = self->ever_ready ? AIRS_START_RESTARTED : AIRS_START_FRESH;
    self->incarnate = true;
    self->start_called = false;
    base_atomic_store_relaxed(&self->restart_due_ns, 0u);
    base_atomic_store_relaxed(&self->hold, (uint32_t)AIRS_HOLD_NONE);
    actor_publish_state(self);
}

void actor_come_to_rest(actor *self)
{
    actor_publish_state(self);
    inbox_close(&self->inbox);
    actor_drop_inbox(self);
    // Those that wait for a place find that there is nobody.
    actor_wake_parked_senders(self, UINT32_MAX);
}

// ---------------------------------------------------------------- the end for good

/// From here nobody can find, watch or name the actor. Who is told of its end later finds it gone in every way.
static void close_to_others(actor *self, ds_list *ret_watches)
{
    ds_list_init(ret_watches);
    os_mutex_lock(&self->info_lock);
    self->terminated = true;
    ds_list_append(ret_watches, &self->watches);
    actor_names_unbind_all(self);
    os_mutex_unlock(&self->info_lock);
    if (self->name != NULL)
        (void)ds_namemap_remove(&self->space->names, base_bytes_of(self->name), self->id);
    (void)ds_slotmap_remove(&self->space->actors, self->id);
}

/// Nobody can find the actor any more: what was sent at the last moment is refused, and its own count goes.
static void on_unreachable(base_retired *retired)
{
    actor *self = ds_container_of(retired, actor, retired);
    actor_drop_inbox(self);
    if (self->kind->unreachable == NULL || self->kind->unreachable(self))
        actor_release(self);
    else
        sched_defer(self->space->sched, &self->retired, on_unreachable);
}

/// What a failed first start is to who spawned.
static airs_status start_status(airs_exit reason)
{
    switch (reason) {
    case AIRS_EXIT_TIMEOUT:
        return AIRS_E_TIMEOUT;
    case AIRS_EXIT_LIMIT:
        return AIRS_E_LIMIT;
    default:
        return AIRS_E_FAILED;
    }
}

void actor_terminate(actor *self)
{
    actor_end_incarnation(self);
    if (self->kind->ending != NULL)
        self->kind->ending(self);
    // One that was at rest has said so.
    if (base_atomic_load_relaxed(&self->state) != AIRS_ACTOR_TERMINATED)
        actor_publish_state(self);
    ds_list watches;
    close_to_others(self, &watches);
    actor_drop_inbox(self);
    // Those that wait for a place find that there is nobody; who comes later sees the state.
    actor_wake_parked_senders(self, UINT32_MAX);
    actor_links_tell(self, false);
    actor_links_end(self);
    if (actor_exit_is_failure(self->failure.reason))
        actor_tell_started(self, start_status(self->failure.reason), self->failure.text);
    else
        actor_tell_started(self, AIRS_E_GONE, "it was stopped before it was ready");
    actor_emit(self, AIRS_EVENT_STOPPED, self->failure.reason, self->failure.text, 0);
    actor_call_watches(self, &watches, ACTOR_MARK_ENDED);
    actor_upgrade_actor_ended(self);
    actor_terms_actor_ended(self);
    actor_report_send(self, ACTOR_REPORT_GONE);
    sched_defer(self->space->sched, &self->retired, on_unreachable);
}
