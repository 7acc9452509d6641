// SPDX-License-Identifier: MIT OR Apache-2.0
/// The owner's side of messages: taking them, settling them, answering requests.
#include <stdio.h>

#include "actor/health.h"
#include "actor/hooks.h"
#include "actor/journal.h"
#include "actor/links.h"
#include "actor/meter.h"
#include "base/alloc.h"
#include "base/assert.h"

void actor_give_places_back(actor *self)
{
    uint32_t places = inbox_give_back(&self->inbox);
    if (places > 0 && base_atomic_load_seq_cst(&self->parked_senders) > 0)
        actor_wake_parked_senders(self, places);
}

/// Whether what is no message is an event for this incarnation; else it is gone.
static bool is_event(actor *self, envelope *mail)
{
    switch ((envelope_kind)mail->kind) {
    case ENVELOPE_REPLY:
        if (actor_health_takes(self, mail))
            return false;
        if (self->unwanted.len == 0 || !actor_ids_remove(&self->unwanted, mail->request)) {
            if (mail->incarnation == self->incarnation || (self->twin != 0 && mail->incarnation == self->twin))
                return true;
        }
        ACTOR_COUNT(self->space, replies_late);
        actor_space_discard(self->space, mail);
        return false;
    case ENVELOPE_DOWN:
        return actor_links_take(self, mail);
    case ENVELOPE_PROBE:
        return actor_health_probes(self, mail);
    case ENVELOPE_MESSAGE:
        break;
    }
    return true;
}

envelope *actor_take(actor *self, bool *ret_yield)
{
    AIRS_DCHECK(self->in_hand == NULL);
    *ret_yield = false;
    while (self->slice_left > 0) {
        envelope *taken;
        ds_mailbox_state state = inbox_take(&self->inbox, &taken);
        if (state == DS_MAILBOX_EMPTY) {
            actor_give_places_back(self);
            if (inbox_sleep(&self->inbox))
                return NULL;
            continue;
        }
        if (state == DS_MAILBOX_BUSY)
            break;
        self->slice_left--;
        if (self->meter != NULL && !actor_meter_begins(self, self->meter, taken)) {
            inbox_put_back(&self->inbox, taken);
            break;
        }
        if (inbox_owes_much(&self->inbox))
            actor_give_places_back(self);
        if (taken->kind != ENVELOPE_MESSAGE) {
            if (!is_event(self, taken))
                continue;
        } else if (self->filters && !actor_hooks_pass(self, taken)) {
            continue;
        }
        self->in_hand = taken;
        self->tracing = ACTOR_TRACING_EVENT;
        return taken;
    }
    *ret_yield = true;
    return NULL;
}

/// Whether it may wait in somebody's hands: what is decided when it is taken, is decided then. How it is can be decided
/// without the event in hand being at fault.
static bool may_be_ahead(const actor *self, const envelope *mail)
{
    return !self->filters &&
           (mail->kind == ENVELOPE_MESSAGE || (mail->kind == ENVELOPE_REPLY && !actor_health_expects(self, mail)));
}

envelope *actor_take_ahead(actor *self)
{
    envelope *taken;
    if (self->inbox.locked)
        return NULL;
    while (self->slice_left > 0 && inbox_take_ahead(&self->inbox, &taken) == DS_MAILBOX_NODE) {
        if (!may_be_ahead(self, taken)) {
            inbox_put_back_ahead(&self->inbox, taken, taken);
            return NULL;
        }
        self->slice_left--;
        if (taken->kind == ENVELOPE_MESSAGE || is_event(self, taken))
            return taken;
    }
    return NULL;
}

void actor_begin(actor *self, envelope *mail)
{
    AIRS_DCHECK(self->in_hand == NULL);
    inbox_begin(&self->inbox, mail);
    self->in_hand = mail;
}

bool actor_ids_add(actor_ids *list, const airs_allocator *allocator, uint64_t id)
{
    if (list->len == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        uint64_t *ids = base_realloc(allocator, list->ids, capacity * sizeof *ids);
        if (ids == NULL)
            return false;
        list->ids = ids;
        list->capacity = capacity;
    }
    list->ids[list->len++] = id;
    return true;
}

bool actor_ids_reserve(actor_ids *list, const airs_allocator *allocator, uint32_t count)
{
    if (list->capacity - list->len >= count)
        return true;
    uint32_t capacity = list->len + count;
    uint64_t *ids = base_realloc(allocator, list->ids, capacity * sizeof *ids);
    if (ids == NULL)
        return false;
    list->ids = ids;
    list->capacity = capacity;
    return true;
}

bool actor_ids_remove(actor_ids *list, uint64_t id)
{
    // The newest are ended soonest, most often.
    for (uint32_t i = list->len; i > 0; i--) {
        if (list->ids[i - 1] == id) {
            list->ids[i - 1] = list->ids[--list->len];
            return true;
        }
    }
    return false;
}

/// Keeps a request in mind, until it is settled or taken out.
static bool remember(actor *self, actor_ids *list, uint64_t request)
{
    if (list->len > 0 && list->len == list->capacity) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < list->len; i++) {
            if (request_is_waiting(self->space, list->ids[i]))
                list->ids[kept++] = list->ids[i];
        }
        // Not one by one when nearly all are pending: then it grows.
        if (kept <= list->capacity / 2)
            list->len = kept;
    }
    return actor_ids_add(list, self->space->allocator, request);
}

bool actor_remember_request(actor *self, uint64_t request)
{
    return remember(self, &self->requests, request);
}

void actor_cancel_requests(actor *self)
{
    for (uint32_t i = 0; i < self->requests.len; i++)
        (void)request_cancel(self->space, self->requests.ids[i], self->id);
    self->requests.len = self->unwanted.len = 0;
}

static void drop_in_hand(actor *self)
{
    actor_space_discard(self->space, self->in_hand);
    self->in_hand = NULL;
}

void actor_settle(actor *self)
{
    envelope *done = self->in_hand;
    uint64_t request = done->kind == ENVELOPE_MESSAGE ? done->request : 0;
    actor_ids *unanswered = self->twin_acts ? &self->twin_unanswered : &self->unanswered;
    if (request != 0 && !remember(self, unanswered, request))
        (void)request_settle(self->space, request, 0, AIRS_E_NOMEM, (airs_bytes){0});
    ACTOR_COUNT_ROUTE(self->space, done->route, AIRS_OUTCOME_HANDLED);
    if (self->journal != NULL)
        actor_journal_add(self->journal, done);
    if (self->meter != NULL)
        actor_meter_ends(self, self->meter, true);
    drop_in_hand(self);
    base_atomic_store_relaxed(&self->handled, base_atomic_load_relaxed(&self->handled) + 1u);
    ACTOR_COUNT(self->space, handled);
}

void actor_fail_after_drain(actor *self)
{
    self->fails_after_drain = true;
    self->slice_left = 0;
}

/// Counts what was in hand as failed.
static void count_failed(actor *self)
{
    base_atomic_store_relaxed(&self->failed, base_atomic_load_relaxed(&self->failed) + 1u);
    ACTOR_COUNT(self->space, failed);
    if (self->meter != NULL)
        actor_meter_ends(self, self->meter, false);
}

/// The hook on_error wants the incarnation to end with this message: it stays in hand, as if it had trapped in it.
static bool ends_by_hook(actor *self, airs_bytes text)
{
    if (self->hooks == NULL || self->hooks->on_error == NULL || self->life.state != AIRS_ACTOR_READY)
        return false;
    actor_failure failure;
    (void)actor_fail(&failure, AIRS_EXIT_FAILED, "%.*s", (int)(text.len < 200 ? text.len : 200),
                     (const char *)text.data);
    airs_error_verdict verdict = actor_hooks_on_error(self, AIRS_EXIT_NORMAL, failure.text);
    if (verdict == AIRS_ERROR_DEFAULT || verdict == AIRS_ERROR_RESUME)
        return false;
    failure.verdict = verdict;
    failure.message = 0;
    failure.attempt = 0;
    self->failure = failure;
    self->spoiled = self->in_hand;
    self->in_hand = NULL;
    actor_fail_after_drain(self);
    return true;
}

void actor_settle_failed(actor *self, airs_bytes text)
{
    if (ends_by_hook(self, text))
        return;
    envelope *done = self->in_hand;
    if (done->kind == ENVELOPE_MESSAGE && done->request != 0)
        (void)request_settle(self->space, done->request, 0, AIRS_E_FAILED, text);
    ACTOR_COUNT_ROUTE(self->space, done->route, AIRS_OUTCOME_FAILED);
    drop_in_hand(self);
    count_failed(self);
}

/// An answer that nobody waits for.
static airs_status count_late(actor *self)
{
    ACTOR_COUNT(self->space, replies_late);
    ACTOR_COUNT_ROUTE(self->space, AIRS_ROUTE_REPLY, AIRS_OUTCOME_GONE);
    return AIRS_E_GONE;
}

airs_status actor_answer(actor *self, uint64_t request, airs_status status, airs_bytes payload)
{
    if (payload.len > self->limits.max_message) {
        ACTOR_COUNT_ROUTE(self->space, AIRS_ROUTE_REPLY, AIRS_OUTCOME_TOO_LARGE);
        return AIRS_E_TOO_LARGE;
    }
    envelope *in_hand = self->in_hand;
    if (in_hand != NULL && in_hand->kind == ENVELOPE_MESSAGE && in_hand->request == request && request != 0)
        in_hand->request = 0;
    else if (!actor_ids_remove(&self->unanswered, request) && !actor_ids_remove(&self->twin_unanswered, request))
        return count_late(self);
    if (!request_settle(self->space, request, self->id, status, payload))
        return count_late(self);
    ACTOR_COUNT_ROUTE(self->space, AIRS_ROUTE_REPLY, AIRS_OUTCOME_DELIVERED);
    return AIRS_OK;
}

airs_status actor_forward(actor *self, uint64_t to)
{
    envelope *in_hand = self->in_hand;
    if (in_hand == NULL || in_hand->kind != ENVELOPE_MESSAGE)
        return AIRS_E_INVALID;
    envelope *copy = envelope_share(in_hand, &self->space->envelopes, actor_space_cache(self->space));
    if (copy == NULL)
        return AIRS_E_NOMEM;
    copy->route = AIRS_ROUTE_FORWARD;
    copy->sender = in_hand->sender;
    copy->of_twin = in_hand->of_twin;
    copy->request = in_hand->request;
    if (copy->request != 0 && !request_forward(self->space, copy->request, self->id, to))
        copy->request = 0;
    airs_status status = actor_send(self->space, to, copy);
    if (status != AIRS_OK) {
        if (copy->request != 0)
            (void)request_forward(self->space, copy->request, to, self->id);
        actor_space_discard(self->space, copy);
        return status;
    }
    in_hand->request = 0;
    return AIRS_OK;
}

// ---------------------------------------------------------------- what is left at the end

/// The event in hand is what the actor failed at: the next incarnation gets it first, if it may be tried again.
static bool put_back(actor *self)
{
    envelope *mail = self->in_hand;
    // Where on_error has said that this is the end, nobody tries again.
    if (mail->kind != ENVELOPE_MESSAGE || mail->attempts >= self->on_failure.retries ||
        self->life.state == AIRS_ACTOR_TERMINATED || self->failure.verdict == AIRS_ERROR_STOP)
        return false;
    mail->attempts++;
    inbox_put_back(&self->inbox, mail);
    return true;
}

void actor_put_back_in_hand(actor *self)
{
    envelope *mail = self->in_hand;
    self->in_hand = NULL;
    if (mail == NULL)
        return;
    if (mail->kind == ENVELOPE_MESSAGE)
        mail->attempts++;
    else if (mail->kind == ENVELOPE_DOWN)
        mail->incarnation = self->incarnation;
    inbox_put_back(&self->inbox, mail);
}

static void lose(actor *self, airs_bytes why)
{
    envelope *poison = self->in_hand;
    if (poison->kind == ENVELOPE_MESSAGE && poison->request != 0)
        request_receiver_ended(self->space, poison->request, why);
    poison->request = 0;
    count_failed(self);
    if (self->on_failure.drop_message) {
        ACTOR_COUNT_ROUTE(self->space, poison->route, AIRS_OUTCOME_POISON);
        actor_space_discard(self->space, poison);
    } else {
        actor_drop(self->space, self, poison, AIRS_DROP_POISON);
    }
}

void actor_end_twin(actor *self, airs_bytes why)
{
    for (uint32_t i = 0; i < self->twin_unanswered.len; i++)
        (void)request_settle(self->space, self->twin_unanswered.ids[i], 0, AIRS_E_FAILED, why);
    self->twin_unanswered.len = 0;
    self->twin = 0;
    self->twin_acts = false;
}

/// Drops what waits. Not what comes meanwhile: who sends faster than this would keep it here.
static void clear_inbox(actor *self, airs_bytes why)
{
    envelope *mail;
    for (uint32_t left = inbox_len(&self->inbox); left > 0 && inbox_take(&self->inbox, &mail) == DS_MAILBOX_NODE;) {
        left -= mail->counted;
        if (mail->kind == ENVELOPE_MESSAGE && mail->request != 0) {
            request_receiver_ended(self->space, mail->request, why);
            mail->request = 0;
        }
        actor_drop_waiting(self, mail);
    }
}

void actor_end_messages(actor *self, bool failed)
{
    char text[ACTOR_FAILURE_SIZE + 64];
    int len = snprintf(text, sizeof text, "the receiver ended (%s)%s%s", airs_exit_name(self->failure.reason),
                       self->failure.text[0] == '\0' ? "" : ": ", self->failure.text);
    airs_bytes why = {(const uint8_t *)text, len < (int)sizeof text ? (size_t)len : sizeof text - 1};
    if (failed && self->on_failure.clear_mailbox)
        clear_inbox(self, why);
    if (self->in_hand != NULL && !(failed && put_back(self)))
        lose(self, why);
    self->in_hand = NULL;
    for (uint32_t i = 0; i < self->unanswered.len; i++)
        request_receiver_ended(self->space, self->unanswered.ids[i], why);
    self->unanswered.len = 0;
}

void actor_drop_waiting(actor *self, envelope *mail)
{
    if (mail->kind == ENVELOPE_DOWN && !actor_links_take(self, mail))
        return;
    if (mail->kind == ENVELOPE_PROBE)
        actor_health_drops(self, mail);
    else
        actor_drop(self->space, self, mail, AIRS_DROP_GONE);
}

void actor_drop_inbox(actor *self)
{
    envelope *mail;
    while (inbox_take(&self->inbox, &mail) == DS_MAILBOX_NODE)
        actor_drop_waiting(self, mail);
}
