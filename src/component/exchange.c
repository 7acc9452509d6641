// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/exchange.h"

#include "base/bytes.h"

engine_message exchange_message(const envelope *mail)
{
    return (engine_message){.sender = mail->sender,
                            .request = mail->request,
                            .has_topic = mail->topic != NULL,
                            .topic = exchange_to_engine(envelope_topic(mail)),
                            .payload = exchange_to_engine(envelope_payload(mail))};
}

engine_reply exchange_reply(component_actor *self, const envelope *mail)
{
    return (engine_reply){mail->request, exchange_request_outcome(self, mail)};
}

engine_down exchange_down(const envelope *mail)
{
    // The reasons stand in the same order here and there.
    return (engine_down){.monitor = mail->request,
                         .actor = mail->sender,
                         .reason = (engine_exit_tag)mail->status,
                         .text = exchange_to_engine(envelope_payload(mail)),
                         .will_restart = mail->will_restart};
}

static engine_send_tag send_tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_SEND_OK;
    case AIRS_E_GONE:
        return ENGINE_SEND_GONE;
    case AIRS_E_TOO_LARGE:
        return ENGINE_SEND_TOO_LARGE;
    case AIRS_E_DENIED:
        return ENGINE_SEND_DENIED;
    case AIRS_E_STOPPING:
    case AIRS_E_INTERRUPTED:
        return ENGINE_SEND_INTERRUPTED;
    default:
        // No place in the mailbox, in the table of requests or in memory: the sender may try again.
        return ENGINE_SEND_FULL;
    }
}

engine_send_outcome exchange_send_outcome(component_actor *self, airs_status status)
{
    engine_send_outcome outcome = {.tag = send_tag_of(status)};
    if (outcome.tag == ENGINE_SEND_DENIED)
        outcome.text = exchange_to_engine(base_bytes_of(self->text));
    return outcome;
}

engine_request_outcome exchange_request_outcome(component_actor *self, const envelope *mail)
{
    airs_status status = (airs_status)mail->status;
    // Who answered has a limit of its own, which may be larger.
    if (status == AIRS_OK && mail->len > self->cell.limits.max_message)
        status = AIRS_E_TOO_LARGE;
    engine_request_outcome outcome = {.data = exchange_to_engine(envelope_payload(mail))};
    switch (status) {
    case AIRS_OK:
        outcome.tag = ENGINE_REQUEST_OK;
        break;
    case AIRS_E_TIMEOUT:
        outcome.tag = ENGINE_REQUEST_TIMEOUT;
        break;
    case AIRS_E_FAILED:
        outcome.tag = ENGINE_REQUEST_FAILED;
        break;
    default:
        outcome.tag = ENGINE_REQUEST_SEND;
        outcome.send = exchange_send_outcome(self, status);
        break;
    }
    return outcome;
}

void exchange_settle(component_actor *self, const engine_settle *settle)
{
    actor *cell = &self->cell;
    if (cell->in_hand == NULL)
        return;
    // Before the answer: who has got it may look.
    component_actor_publish_memory(self);
    airs_bytes data = exchange_from_engine(settle->data);
    if (settle->tag == ENGINE_SETTLE_ERROR) {
        actor_settle_failed(cell, data);
        return;
    }
    uint64_t request = cell->in_hand->kind == ENVELOPE_MESSAGE ? cell->in_hand->request : 0;
    if (settle->tag == ENGINE_SETTLE_REPLY && request != 0 &&
        actor_answer(cell, request, AIRS_OK, data) == AIRS_E_TOO_LARGE)
        actor_settle_failed(cell, base_bytes_of("the reply is over max_message"));
    else
        actor_settle(cell);
}
