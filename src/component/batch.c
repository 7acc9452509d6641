// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/batch.h"

#include <string.h>

#include "base/assert.h"
#include "component/exchange.h"

/// Events of one list.
#define EVENTS_MAX 64u

/// Before the events of a list.
struct component_batch_head {
    /// How many events the guest has begun; it writes this.
    uint32_t begun;
    /// How many it may begin; the host may make it smaller.
    uint32_t limit;
};

/// Before the bytes of an event, and those of its topic, each filled up to whole words.
typedef struct event_head {
    uint8_t kind;
    /// Of a reply its engine_request_tag; of a down its engine_exit_tag.
    uint8_t tag;
    /// Of a reply that could not be sent its engine_send_tag; of a down whether it will restart.
    uint8_t detail;
    uint8_t unused;
    uint32_t len;
    /// Of a message its sender, of a reply the request, of a down the monitor.
    uint64_t id;
    /// Of a message, when it is a request, that; of a down the actor.
    uint64_t other;
    uint32_t topic_len;
    uint32_t has_topic;
} event_head;

_Static_assert(sizeof(struct component_batch_head) == 8 && sizeof(event_head) == 32, "as in event-list.md");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a guest's memory is little-endian");

/// Where the bytes of an event are.
typedef struct event_bytes {
    engine_bytes data;
    engine_bytes topic;
} event_bytes;

static event_bytes describe_reply(component_actor *self, const envelope *mail, event_head *ret_head)
{
    engine_reply reply = exchange_reply(self, mail);
    const engine_request_outcome *outcome = &reply.outcome;
    event_bytes bytes = {.data = outcome->tag == ENGINE_REQUEST_SEND ? outcome->send.text : outcome->data};
    *ret_head = (event_head){.kind = ENGINE_EVENT_REPLY,
                             .tag = (uint8_t)outcome->tag,
                             .detail = (uint8_t)outcome->send.tag,
                             .len = (uint32_t)bytes.data.len,
                             .id = reply.request};
    return bytes;
}

static event_bytes describe_down(const envelope *mail, event_head *ret_head)
{
    event_bytes bytes = {.data = exchange_to_engine(envelope_payload(mail))};
    *ret_head = (event_head){.kind = ENGINE_EVENT_DOWN,
                             .tag = mail->status,
                             .detail = mail->will_restart,
                             .len = (uint32_t)bytes.data.len,
                             .id = mail->request,
                             .other = mail->sender};
    return bytes;
}

static event_bytes describe_message(const envelope *mail, event_head *ret_head)
{
    event_bytes bytes = {.data = exchange_to_engine(envelope_payload(mail)),
                         .topic = exchange_to_engine(envelope_topic(mail))};
    *ret_head = (event_head){.kind = ENGINE_EVENT_MESSAGE,
                             .len = (uint32_t)bytes.data.len,
                             .id = mail->sender,
                             .other = mail->request,
                             .topic_len = (uint32_t)bytes.topic.len,
                             .has_topic = mail->topic != NULL};
    return bytes;
}

static event_bytes describe(component_actor *self, const envelope *mail, event_head *ret_head)
{
    if (mail->kind == ENVELOPE_REPLY)
        return describe_reply(self, mail, ret_head);
    return mail->kind == ENVELOPE_DOWN ? describe_down(mail, ret_head) : describe_message(mail, ret_head);
}

// ---------------------------------------------------------------- the list

static uint32_t words_for(size_t len)
{
    return (uint32_t)((len + 7) / 8);
}

static uint32_t event_words(component_actor *self, const envelope *mail)
{
    event_head head;
    event_bytes bytes = describe(self, mail, &head);
    return words_for(sizeof head) + words_for(bytes.data.len) + words_for(bytes.topic.len);
}

static uint64_t *write_bytes(uint64_t *at, engine_bytes bytes)
{
    if (bytes.len > 0)
        memcpy(at, bytes.data, bytes.len);
    return at + words_for(bytes.len);
}

static uint64_t *write_event(component_actor *self, const envelope *mail, uint64_t *at)
{
    // The head is written where it belongs: copied, its small parts would be read back before they have arrived.
    event_head *head = (event_head *)(void *)at;
    event_bytes bytes = describe(self, mail, head);
    return write_bytes(write_bytes(at + words_for(sizeof *head), bytes.data), bytes.topic);
}

static envelope *next_of(const envelope *mail)
{
    ds_mailbox_node *next = base_atomic_load_relaxed(&mail->node.next);
    return next == NULL ? NULL : ds_container_of(next, envelope, node);
}

static void append(component_batch *batch, envelope *mail)
{
    base_atomic_store_relaxed(&mail->node.next, NULL);
    if (batch->first == NULL)
        batch->first = mail;
    else
        base_atomic_store_relaxed(&batch->last->node.next, &mail->node);
    batch->last = mail;
    batch->count++;
}

/// A large payload comes alone: the guest needs no more memory for it than if there were no lists. So does what is no
/// event yet.
static bool comes_alone(const envelope *mail)
{
    return mail->block != NULL || mail->kind > ENVELOPE_DOWN;
}

/// Who saves its state after so many events is asked between two of them, so it gets them one by one. So does who has a
/// canary, or is one.
uint32_t batch_fill(component_actor *self)
{
    actor *cell = &self->cell;
    component_batch *batch = &self->batch;
    AIRS_DCHECK(batch->first == NULL && batch->head == NULL);
    batch->count = batch->begun = 1;
    uint32_t words = words_for(sizeof *batch->head) + event_words(self, cell->in_hand);
    while (batch->count < EVENTS_MAX && !comes_alone(cell->in_hand) && self->checkpoint == NULL &&
           cell->meter == NULL) {
        envelope *mail = actor_take_ahead(cell);
        if (mail == NULL)
            break;
        if (comes_alone(mail)) {
            inbox_put_back_ahead(&cell->inbox, mail, mail);
            break;
        }
        self->requests_open -= mail->kind == ENVELOPE_REPLY;
        words += event_words(self, mail);
        append(batch, mail);
    }
    return words;
}

void batch_write(component_actor *self, uint64_t *memory)
{
    component_batch *batch = &self->batch;
    batch->head = (volatile component_batch_head *)memory;
    batch->head->begun = batch->begun;
    batch->head->limit = batch->count;
    uint64_t *at = write_event(self, self->cell.in_hand, memory + words_for(sizeof *batch->head));
    for (const envelope *mail = batch->first; mail != NULL; mail = next_of(mail))
        at = write_event(self, mail, at);
}

// ---------------------------------------------------------------- how far it has come

void batch_look(component_actor *self)
{
    actor *cell = &self->cell;
    component_batch *batch = &self->batch;
    if (batch->head == NULL || batch->begun == batch->count)
        return;
    uint32_t begun = batch->head->begun;
    if (begun > batch->count)
        begun = batch->count;
    if (begun <= batch->begun)
        return;
    for (; batch->begun < begun; batch->begun++) {
        envelope *mail = batch->first;
        batch->first = next_of(mail);
        if (cell->in_hand != NULL)
            actor_settle(cell);
        actor_begin(cell, mail);
    }
    component_actor_renew_limits(self);
    if (inbox_owes_much(&cell->inbox))
        actor_give_places_back(cell);
}

/// What is left of the list goes back, but for its first `kept` events.
static void cut(component_actor *self, uint32_t kept)
{
    component_batch *batch = &self->batch;
    batch_look(self);
    envelope *last_kept = NULL;
    envelope *first = batch->first;
    for (uint32_t i = 0; i < kept && first != NULL; i++) {
        last_kept = first;
        first = next_of(first);
    }
    if (first == NULL)
        return;
    for (const envelope *mail = first; mail != NULL; mail = next_of(mail)) {
        self->requests_open += mail->kind == ENVELOPE_REPLY;
        batch->count--;
    }
    inbox_put_back_ahead(&self->cell.inbox, first, batch->last);
    batch->last = last_kept;
    if (last_kept == NULL)
        batch->first = NULL;
    else
        base_atomic_store_relaxed(&last_kept->node.next, NULL);
    if (batch->head != NULL)
        batch->head->limit = batch->count;
}

void batch_cut(component_actor *self)
{
    cut(self, 0);
}

void batch_cut_behind_next(component_actor *self)
{
    cut(self, 1);
}

void batch_end(component_actor *self)
{
    batch_cut(self);
    self->batch = (component_batch){0};
}
