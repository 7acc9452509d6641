// SPDX-License-Identifier: MIT OR Apache-2.0
/// How others reach an actor: by id, with messages, signals and reports.
#include "actor/cell.h"
#include "base/bytes.h"

actor *actor_find(const actor_space *space, uint64_t id)
{
    return ds_slotmap_find(&space->actors, id);
}

// ---------------------------------------------------------------- signals and reports

void actor_signal_send(actor *self, actor_signal signal)
{
    // release, with the acquire of the owner's exchange: it sees what led to the signal.
    (void)base_atomic_fetch_or_acq_rel(&self->signals, (uint32_t)signal);
    sched_wake(self->space->sched, &self->task);
}

void actor_report_send(actor *self, uint32_t reports)
{
    actor *supervisor = self->supervisor;
    if (supervisor == NULL)
        return;
    // Only the first of a set pushes the node; the supervisor takes the set after it has taken the node.
    uint32_t before = base_atomic_fetch_or_acq_rel(&self->reports, reports);
    if (before == 0)
        supervisor->kind->take_report(supervisor, self);
    else if ((before & ACTOR_REPORT_ORPHAN) != 0 && (reports & ACTOR_REPORT_GONE) != 0)
        actor_release(self);
}

void actor_wake_id(actor_space *space, uint64_t id)
{
    sched_read read = sched_read_enter(space->sched);
    actor *target = actor_find(space, id);
    if (target != NULL)
        sched_wake(space->sched, &target->task);
    sched_read_leave(space->sched, read);
}

// ---------------------------------------------------------------- messages

/// What who asked gets.
static airs_status drop_status(airs_drop_reason reason)
{
    switch (reason) {
    case AIRS_DROP_FULL:
        return AIRS_E_FULL;
    case AIRS_DROP_HOOK:
        return AIRS_E_FAILED;
    default:
        return AIRS_E_GONE;
    }
}

/// How a message that was accepted ended.
static airs_outcome end_of(airs_drop_reason reason)
{
    switch (reason) {
    case AIRS_DROP_FULL:
        return AIRS_OUTCOME_DROPPED;
    case AIRS_DROP_POISON:
        return AIRS_OUTCOME_POISON;
    case AIRS_DROP_HOOK:
        return AIRS_OUTCOME_HOOK;
    case AIRS_DROP_GONE:
    case AIRS_DROP_TOO_LARGE:
        break;
    }
    return AIRS_OUTCOME_LOST;
}

void actor_drop(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason)
{
    actor_drop_for(space, receiver, mail, reason, "");
}

void actor_drop_for(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                    const char *text)
{
    if (mail->kind != ENVELOPE_MESSAGE) {
        actor_space_discard(space, mail);
        return;
    }
    ACTOR_COUNT(space, dropped);
    ACTOR_COUNT_ROUTE(space, mail->route, end_of(reason));
    if (mail->request != 0) {
        (void)request_settle(space, mail->request, 0, drop_status(reason), base_bytes_of(text));
        mail->request = 0;
    }
    if (space->dead_letter != NULL)
        space->dead_letter(space, receiver, mail, reason, text);
    else
        actor_space_discard(space, mail);
}

void actor_drop_unsent(actor_space *space, uint64_t to, envelope *mail, airs_status status)
{
    // What another app does not expose is not there for who may not.
    bool nobody = status == AIRS_E_GONE || status == AIRS_E_DENIED;
    airs_drop_reason reason = nobody                       ? AIRS_DROP_GONE
                              : status == AIRS_E_TOO_LARGE ? AIRS_DROP_TOO_LARGE
                                                           : AIRS_DROP_FULL;
    // It was counted as what could not be accepted.
    mail->route = AIRS_ROUTES;
    actor_drop(space, actor_find(space, to), mail, reason);
}

airs_status actor_put(actor *target, envelope *mail, airs_mailbox_policy *ret_policy)
{
    if (target == NULL)
        return AIRS_E_GONE;
    actor_expect_put(target);
    *ret_policy = (airs_mailbox_policy)base_atomic_load_relaxed(&target->inbox.policy);
    if (mail->len > base_atomic_load_relaxed(&target->inbox.message_max))
        return AIRS_E_TOO_LARGE;
    envelope *dropped;
    switch (inbox_put_message(&target->inbox, mail, &dropped)) {
    case INBOX_PUT_WAKE:
        sched_wake(target->space->sched, &target->task);
        break;
    case INBOX_PUT:
        break;
    case INBOX_FULL:
        return AIRS_E_FULL;
    case INBOX_CLOSED:
        return AIRS_E_GONE;
    case INBOX_DROP:
        dropped = mail;
        break;
    }
    if (dropped != NULL)
        actor_drop(target->space, target, dropped, AIRS_DROP_FULL);
    return AIRS_OK;
}

airs_status actor_try_send(actor_space *space, uint64_t to, envelope *mail, airs_mailbox_policy *ret_policy)
{
    sched_read read = sched_read_enter(space->sched);
    actor *target = actor_find(space, to);
    airs_status status =
        target == NULL && actor_id_is_far(to) ? actor_far_put(space, to, mail) : actor_put(target, mail, ret_policy);
    sched_read_leave(space->sched, read);
    return status;
}

static airs_outcome outcome_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return AIRS_OUTCOME_DELIVERED;
    case AIRS_E_FULL:
        return AIRS_OUTCOME_FULL;
    case AIRS_E_GONE:
        return AIRS_OUTCOME_GONE;
    case AIRS_E_DENIED:
        return AIRS_OUTCOME_DENIED;
    case AIRS_E_TOO_LARGE:
        return AIRS_OUTCOME_TOO_LARGE;
    default:
        return AIRS_OUTCOME_LIMIT;
    }
}

void actor_count_send(actor_space *space, airs_route route, airs_status status)
{
    ACTOR_COUNT_ROUTE(space, route, outcome_of(status));
}

airs_status actor_send(actor_space *space, uint64_t to, envelope *mail)
{
    airs_mailbox_policy policy;
    // Read before: the receiver may have handled it by now.
    airs_route route = actor_id_is_far(to) ? AIRS_ROUTE_APP : (airs_route)mail->route;
    airs_status status = actor_try_send(space, to, mail, &policy);
    actor_count_send(space, route, status);
    return status;
}

void actor_post_reply(actor_space *space, uint64_t asker, envelope *reply)
{
    sched_read read = sched_read_enter(space->sched);
    actor *target = actor_find(space, asker);
    if (target != NULL && inbox_put_uncounted(&target->inbox, reply))
        sched_wake(space->sched, &target->task);
    sched_read_leave(space->sched, read);
    if (target == NULL) {
        ACTOR_COUNT(space, replies_late);
        actor_space_discard(space, reply);
    }
}

airs_status actor_send_bytes(actor_space *space, uint64_t from, uint64_t to, airs_bytes payload)
{
    envelope *mail;
    airs_status status = actor_space_envelope(space, payload, &mail);
    if (status != AIRS_OK)
        return status;
    mail->sender = from;
    mail->route = from == 0 ? AIRS_ROUTE_OUTSIDE : AIRS_ROUTE_ID;
    status = actor_send(space, to, mail);
    if (status != AIRS_OK)
        actor_space_discard(space, mail);
    return status;
}

const trace_parent *actor_trace_parent(const actor *self)
{
    switch (self->tracing) {
    case ACTOR_TRACING_OWN:
        return &self->own_trace;
    case ACTOR_TRACING_NONE:
        return NULL;
    case ACTOR_TRACING_EVENT:
        break;
    }
    return self->in_hand == NULL ? NULL : envelope_trace(self->in_hand);
}

void actor_set_trace(actor *self, const trace_parent *trace)
{
    self->tracing = trace == NULL ? ACTOR_TRACING_NONE : ACTOR_TRACING_OWN;
    if (trace != NULL)
        self->own_trace = *trace;
}

airs_status actor_make_message(const actor *self, airs_bytes payload, envelope **ret_mail)
{
    actor_space *space = self->space;
    envelope *mail;
    airs_status status = actor_space_envelope(space, payload, &mail);
    if (status != AIRS_OK)
        return status;
    mail->sender = self->id;
    mail->of_twin = self->twin_acts;
    mail->route = AIRS_ROUTE_ID;
    const trace_parent *trace = actor_trace_parent(self);
    if (trace != NULL && !envelope_set_trace(mail, space->allocator, trace)) {
        actor_space_discard(space, mail);
        return AIRS_E_NOMEM;
    }
    *ret_mail = mail;
    return AIRS_OK;
}

airs_status actor_request(actor_space *space, const request_options *options, airs_bytes payload, uint64_t *ret_request)
{
    envelope *mail;
    airs_status status = actor_space_envelope(space, payload, &mail);
    if (status != AIRS_OK)
        return status;
    uint64_t request;
    if (options->trace != NULL && !envelope_set_trace(mail, space->allocator, options->trace))
        status = AIRS_E_NOMEM;
    request_options with = *options;
    if (actor_id_is_far(options->receiver))
        with.route = AIRS_ROUTE_APP;
    if (status == AIRS_OK)
        status = request_open(space, &with, &request);
    if (status == AIRS_OK && options->owner != NULL && !actor_remember_request(options->owner, request)) {
        (void)request_cancel(space, request, options->asker);
        status = AIRS_E_NOMEM;
    }
    if (status == AIRS_OK) {
        mail->sender = options->asker;
        mail->of_twin = (options->incarnation & ACTOR_TWIN_BIT) != 0;
        mail->route = (uint8_t)options->route;
        mail->request = request;
        status = actor_send(space, options->receiver, mail);
        if (status == AIRS_OK) {
            *ret_request = request;
            return AIRS_OK;
        }
        // When it could not be given up, its time limit was faster: the outcome is on its way.
        if (!request_cancel(space, request, options->asker)) {
            *ret_request = request;
            status = AIRS_OK;
        }
    }
    actor_space_discard(space, mail);
    return status;
}

/// Whom an actor waits for right now: a request that was handed on is another one's to answer, and one that was
/// answered is only still to be taken.
static uint64_t waits_for(const actor *waiting)
{
    uint64_t to = base_atomic_load_seq_cst(&waiting->waits_for);
    uint64_t request = base_atomic_load_acquire(&waiting->waits_in);
    return to == 0 || request == 0 ? to : request_receiver(waiting->space, request);
}

void actor_waits_no_more(actor *asker)
{
    base_atomic_store_release(&asker->waits_in, 0u);
    base_atomic_store_release(&asker->waits_for, 0u);
}

/// Asks are chains of actors that each wait for one other: following it finds a circle, if there is one. Of two that
/// close a circle at the same moment at least one sees it: each sets its own `waits_for`, then looks (seq_cst).
bool actor_would_deadlock(const actor *asker, uint64_t to)
{
    // A longer chain is no proof of a circle; its time limits end it.
    enum {
        CHAIN_MAX = 256
    };
    actor_space *space = asker->space;
    bool circle = false;
    sched_read read = sched_read_enter(space->sched);
    uint64_t at = to;
    for (int i = 0; i < CHAIN_MAX && at != 0 && !circle; i++) {
        const actor *waiting = actor_find(space, at);
        circle = at == asker->id;
        at = waiting == NULL ? 0 : waits_for(waiting);
    }
    sched_read_leave(space->sched, read);
    return circle;
}
