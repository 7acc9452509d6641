// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "base/bytes.h"
#include "component/batch.h"
#include "component/canary.h"
#include "component/checkpoint.h"
#include "component/exchange.h"
#include "component/host.h"

static void set_send(component_actor *self, airs_status status, engine_send_outcome *ret)
{
    *ret = exchange_send_outcome(self, status);
}

/// Whether a payload may go from this actor to that one.
static airs_status check(component_actor *self, capability_right right, uint64_t to, engine_bytes payload)
{
    if (payload.len > self->cell.limits.max_message)
        return AIRS_E_TOO_LARGE;
    return authority_check_send(self, right, to);
}

/// The same, counted when it may not: what goes on is counted on its way.
static airs_status check_and_count(component_actor *self, capability_right right, airs_route route, uint64_t to,
                                   engine_bytes payload)
{
    airs_status status = check(self, right, to, payload);
    if (status == AIRS_OK)
        status = component_actor_take_rate(self);
    if (status != AIRS_OK)
        actor_count_send(self->cell.space, actor_id_is_far(to) ? AIRS_ROUTE_APP : route, status);
    return status;
}

/// The outcome that the guest was given before is not needed any more.
static void drop_given(component_actor *self)
{
    actor_space_discard(self->cell.space, self->asked_reply);
    self->asked_reply = NULL;
}

// ---------------------------------------------------------------- mailbox

static void set_event(component_actor *self, const envelope *mail, engine_event *ret)
{
    if (mail->kind == ENVELOPE_REPLY) {
        ret->kind = ENGINE_EVENT_REPLY;
        ret->reply = exchange_reply(self, mail);
    } else if (mail->kind == ENVELOPE_DOWN) {
        ret->kind = ENGINE_EVENT_DOWN;
        ret->down = exchange_down(mail);
    } else {
        ret->kind = ENGINE_EVENT_MESSAGE;
        ret->message = exchange_message(mail);
    }
}

/// Settles the event in hand, the first time it is asked, and takes the next one. READY without one (`*ret` is NULL):
/// the guest is to return from `run`.
static engine_step receive(component_actor *self, const engine_settle *settled, const envelope **ret)
{
    *ret = NULL;
    // It is ended where it is called from, before it says that this event went well.
    if (self->over_refusals)
        return ENGINE_STEP_PENDING;
    if (self->wait != COMPONENT_WAIT_NEXT) {
        drop_given(self);
        batch_end(self);
        exchange_settle(self, settled);
        self->wait = COMPONENT_WAIT_NEXT;
        self->run_asked = true;
    }
    if (!canary_acts(self) && checkpoint_is_due(self->checkpoint, &self->cell))
        self->between = true;
    if (self->cell.life.state == AIRS_ACTOR_READY && !self->exit_requested && !self->between) {
        *ret = component_actor_take(self, &self->slice_ended);
        // Who is not to have the next event comes out of its `run`.
        if (*ret == NULL && !canary_turns(self))
            return ENGINE_STEP_PENDING;
        if (*ret != NULL)
            component_actor_event_begins(self);
    }
    self->wait = COMPONENT_WAIT_NONE;
    return ENGINE_STEP_READY;
}

static engine_step next(void *user, const engine_settle *settled, engine_event *ret)
{
    component_actor *self = user;
    const envelope *mail;
    if (receive(self, settled, &mail) == ENGINE_STEP_PENDING)
        return ENGINE_STEP_PENDING;
    ret->kind = ENGINE_EVENT_NONE;
    if (mail != NULL)
        set_event(self, mail, ret);
    return ENGINE_STEP_READY;
}

static engine_step take(void *user, const engine_settle *settled, uint32_t *ret_words)
{
    component_actor *self = user;
    const envelope *mail;
    if (receive(self, settled, &mail) == ENGINE_STEP_PENDING)
        return ENGINE_STEP_PENDING;
    *ret_words = mail == NULL ? 0 : batch_fill(self);
    return ENGINE_STEP_READY;
}

static void take_into(void *user, uint64_t *memory)
{
    batch_write(user, memory);
}

static void settle(void *user, const engine_settle *outcome)
{
    component_actor *self = user;
    batch_look(self);
    exchange_settle(self, outcome);
    // on_error has said that the incarnation ends with this event: those behind it are for the next one.
    if (self->cell.fails_after_drain)
        batch_cut(self);
}

// ---------------------------------------------------------------- send, ask, request

static uint64_t self_id(void *user)
{
    component_actor *self = user;
    return self->cell.id;
}

/// Makes the envelope of a send and tries once. In a read section.
static airs_status put(component_actor *self, uint64_t to, engine_bytes payload, airs_mailbox_policy *ret_policy)
{
    actor *cell = &self->cell;
    if (payload.len > cell->limits.max_message)
        return AIRS_E_TOO_LARGE;
    actor *target = actor_find(cell->space, to);
    actor_expect_put(target);
    airs_status status = authority_check_target(self, CAPABILITY_MESSAGING_SEND, to, target);
    if (status == AIRS_OK)
        status = component_actor_take_rate(self);
    if (status == AIRS_OK)
        status = actor_make_message(cell, exchange_from_engine(payload), &self->held);
    if (status != AIRS_OK)
        return status;
    return target == NULL ? actor_far_put(cell->space, to, self->held) : actor_put(target, self->held, ret_policy);
}

/// True when the guest has to wait for a place.
static bool begin_send(component_actor *self, uint64_t to, engine_bytes payload, airs_status *ret_status)
{
    sched *scheduler = self->cell.space->sched;
    airs_mailbox_policy policy = AIRS_MAILBOX_REFUSE;
    sched_read read = sched_read_enter(scheduler);
    *ret_status = put(self, to, payload, &policy);
    sched_read_leave(scheduler, read);
    return *ret_status == AIRS_E_FULL && policy == AIRS_MAILBOX_PARK_SENDER;
}

/// Tries again, as one that waits; true when it goes on waiting.
static bool go_on_waiting(component_actor *self, uint64_t to, airs_status *ret_status)
{
    airs_mailbox_policy policy;
    *ret_status = actor_park_sender(&self->parked, to);
    if (*ret_status == AIRS_OK)
        *ret_status = actor_try_send(self->cell.space, to, self->held, &policy);
    if (*ret_status == AIRS_E_FULL && !component_actor_park_limit_has_passed(self))
        return true;
    actor_unpark_sender(self->cell.space, &self->parked);
    component_actor_end_park_limit(self);
    self->wait = COMPONENT_WAIT_NONE;
    return false;
}

static engine_step send(void *user, uint64_t to, engine_bytes payload, engine_send_outcome *ret)
{
    component_actor *self = user;
    airs_status status = AIRS_OK;
    if (self->wait != COMPONENT_WAIT_SEND && begin_send(self, to, payload, &status)) {
        batch_look(self);
        self->wait = COMPONENT_WAIT_SEND;
        component_actor_run_park_limit(self);
    }
    if (self->wait == COMPONENT_WAIT_SEND && go_on_waiting(self, to, &status))
        return ENGINE_STEP_PENDING;
    if (status != AIRS_OK)
        actor_space_discard(self->cell.space, self->held);
    self->held = NULL;
    actor_count_send(self->cell.space, actor_id_is_far(to) ? AIRS_ROUTE_APP : AIRS_ROUTE_ID, status);
    set_send(self, status, ret);
    return ENGINE_STEP_READY;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static airs_status open_request(component_actor *self, request_kind kind, uint64_t to, engine_bytes payload,
                                uint32_t timeout_ms, uint64_t *ret_request)
{
    request_options options = {.kind = kind,
                               .owner = kind == REQUEST_EVENT ? &self->cell : NULL,
                               .trace = actor_trace_parent(&self->cell),
                               .asker = self->cell.id,
                               .incarnation = canary_incarnation(self),
                               .receiver = to,
                               .timeout_ms = timeout_ms};
    return actor_request(self->cell.space, &options, exchange_from_engine(payload), ret_request);
}

/// Begins an ask; true when it waits for its outcome.
static bool begin_ask(component_actor *self, uint64_t to, engine_bytes payload, uint32_t timeout_ms,
                      engine_request_outcome *ret)
{
    airs_status status =
        to == self->cell.id ? AIRS_OK : check_and_count(self, CAPABILITY_MESSAGING_ASK, AIRS_ROUTE_ID, to, payload);
    if (status == AIRS_OK) {
        base_atomic_store_seq_cst(&self->cell.waits_for, to);
        if (actor_would_deadlock(&self->cell, to)) {
            actor_waits_no_more(&self->cell);
            *ret = (engine_request_outcome){.tag = ENGINE_REQUEST_DEADLOCK};
            return false;
        }
    }
    // No host call waits longer than max_park, or what is less than that right now.
    uint32_t limit_ms = smaller(timeout_ms, self->park_max_ms);
    if (status == AIRS_OK)
        status = open_request(self, REQUEST_PARKED, to, payload, limit_ms, &self->asked);
    if (status == AIRS_OK) {
        base_atomic_store_release(&self->cell.waits_in, self->asked);
        return true;
    }
    actor_waits_no_more(&self->cell);
    *ret = (engine_request_outcome){.tag = ENGINE_REQUEST_SEND};
    set_send(self, status, &ret->send);
    return false;
}

static engine_step ask(void *user, uint64_t to, engine_bytes payload, uint32_t timeout_ms, engine_request_outcome *ret)
{
    component_actor *self = user;
    if (self->wait != COMPONENT_WAIT_ASK) {
        batch_look(self);
        drop_given(self);
        if (!begin_ask(self, to, payload, timeout_ms, ret))
            return ENGINE_STEP_READY;
        self->wait = COMPONENT_WAIT_ASK;
    }
    self->asked_reply = request_take(self->cell.space, self->asked);
    if (self->asked_reply == NULL)
        return ENGINE_STEP_PENDING;
    self->wait = COMPONENT_WAIT_NONE;
    self->asked = 0;
    actor_waits_no_more(&self->cell);
    *ret = exchange_request_outcome(self, self->asked_reply);
    return ENGINE_STEP_READY;
}

static void request(void *user, uint64_t to, engine_bytes payload, uint32_t timeout_ms, engine_send_outcome *ret,
                    uint64_t *ret_request)
{
    component_actor *self = user;
    airs_status status = check_and_count(self, CAPABILITY_MESSAGING_ASK, AIRS_ROUTE_ID, to, payload);
    // Outcomes don't count against the mailbox's limit, so their number is limited here.
    if (status == AIRS_OK && self->requests_open >= self->cell.limits.mailbox_max)
        status = AIRS_E_LIMIT;
    if (status == AIRS_OK)
        status = open_request(self, REQUEST_EVENT, to, payload, timeout_ms, ret_request);
    self->requests_open += status == AIRS_OK;
    set_send(self, status, ret);
}

static bool cancel(void *user, uint64_t request_id)
{
    component_actor *self = user;
    bool cancelled = request_cancel(self->cell.space, request_id, self->cell.id);
    // One of an earlier incarnation was not counted.
    if (cancelled && self->requests_open > 0)
        self->requests_open--;
    return cancelled;
}

static void reply(void *user, uint64_t request_id, const engine_settle *outcome, engine_send_outcome *ret)
{
    component_actor *self = user;
    batch_look(self);
    airs_status status = outcome->tag == ENGINE_SETTLE_ERROR ? AIRS_E_FAILED : AIRS_OK;
    set_send(self, actor_answer(&self->cell, request_id, status, exchange_from_engine(outcome->data)), ret);
}

static void forward(void *user, uint64_t to, engine_send_outcome *ret)
{
    component_actor *self = user;
    batch_look(self);
    airs_status status = check_and_count(self, CAPABILITY_MESSAGING_SEND, AIRS_ROUTE_FORWARD, to, (engine_bytes){0});
    if (status == AIRS_OK)
        status = actor_forward(&self->cell, to);
    // Nothing in hand to hand on is nobody to send from.
    set_send(self, status == AIRS_E_INVALID ? AIRS_E_GONE : status, ret);
}

static bool lookup(void *user, engine_bytes name, uint64_t *ret)
{
    component_actor *self = user;
    airs_bytes text = exchange_from_engine(name);
    return actor_lookup(self->cell.space, text, authority_may_look_up(self, text), ret);
}

void component_host_init_messaging(engine_host *host)
{
    host->next = next;
    host->take = take;
    host->take_into = take_into;
    host->settle = settle;
    host->self_id = self_id;
    host->send = send;
    host->ask = ask;
    host->request = request;
    host->cancel = cancel;
    host->reply = reply;
    host->forward = forward;
    host->lookup = lookup;
}
