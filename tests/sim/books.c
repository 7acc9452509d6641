// SPDX-License-Identifier: MIT OR Apache-2.0
/// What participants see and do, entered into the ledger, and what must be true of each entry.
#include <string.h>

#include "base/bytes.h"
#include "world.h"

#define MS UINT64_C(1000000)

static bool is_announcement(airs_bytes topic)
{
    static const char prefix[] = "airssys.dead-letters.";
    return topic.len >= sizeof prefix - 1 && memcmp(topic.data, prefix, sizeof prefix - 1) == 0;
}

static void keep(kept *list, uint64_t id)
{
    if (list->count < KEPT_MAX)
        list->ids[list->count++] = id;
}

// ---------------------------------------------------------------- incarnations

void books_incarnation_begins(mind *self)
{
    MUST(self->world, !self->running);
    self->running = true;
    self->incarnation++;
    self->exits = false;
    self->in_event = false;
    self->letter = NONE;
    self->in_hand = (debt){0};
    self->knows = 0;
    self->may_know_count = self->tries = 0;
    self->has_snapshot = self->brought_up = self->comes_back = self->comes_fresh = self->lost_some = false;
    self->ops_left = world_below(self->world, 4);
}

void books_incarnation_ended(mind *self)
{
    world *here = self->world;
    ledger *books = &here->ledger;
    sides_end_twin(self);
    // Who asked is told at once that no answer will come.
    for (uint32_t i = 0; i < self->debts_count; i++)
        MUST(here, books->questions[self->debts[i].question].receiver != self->id ||
                       !request_is_waiting(&here->space, self->debts[i].request));
    // Unless it is tried again.
    MUST(here,
         self->in_hand.request == 0 || self->retries > 0 || !request_is_waiting(&here->space, self->in_hand.request));
    for (uint32_t i = 0; i < books->questions_count; i++) {
        question *it = &books->questions[i];
        if (it->asker == self->index)
            it->abandoned |= it->outcomes == 0 && !it->cancelled;
    }
    self->running = false;
    self->in_event = false;
    self->missed_reply = false;
    self->letter = self->reply = self->reply_again = NONE;
    self->in_hand = (debt){0};
    self->asking = self->sending = NONE;
    self->debts_count = 0;
    self->questions.count = self->subscriptions.count = self->timers.count = self->monitors.count = 0;
}

// ---------------------------------------------------------------- messages

/// A letter has reached the one it was sent to, in its order.
static void check_letter(mind *self, const airs_message *message, uint32_t number)
{
    world *here = self->world;
    const letter *it = &here->ledger.letters[number];
    uint64_t from = it->from == HOST ? 0 : here->minds[it->from].id;
    MUST(here, message->sender.raw == from);
    MUST(here, (message->topic.data != NULL) == (it->kind == LETTER_PUBLISH));
    MUST(here, it->topic == NULL || base_bytes_are(message->topic, it->topic));
    if (it->rerouted)
        return;
    MUST(here, it->kind == LETTER_PUBLISH || it->to == self->id);
    if (it->kind == LETTER_AFTER || it->kind == LETTER_EVERY)
        return;
    // Of one subscriber with several subscriptions each gets a copy.
    uint32_t last = self->seen_of[it->from];
    MUST(here, last <= number || (last == number + 1 && it->kind == LETTER_PUBLISH));
    self->seen_of[it->from] = number + 1;
}

/// Whether the message in hand of this mind has been seen before; it may have been in hand and not been seen.
static bool is_tried_again(mind *self, uint32_t number)
{
    if (self->letter_again == number) {
        self->letter_again = NONE;
        self->world->tally->seen_again++;
        return true;
    }
    if (self->retries == 0 || self->world->ledger.letters[number].seen == 0)
        return false;
    const actor *cell = actor_find(&self->world->space, self->id);
    MUST(self->world, cell != NULL && cell->in_hand != NULL && cell->in_hand->attempts <= self->retries);
    return cell->in_hand->attempts > 0;
}

/// A request has come with a letter.
static void check_request(mind *self, uint64_t request, const letter *it)
{
    world *here = self->world;
    MUST(here, it->question != NONE);
    question *asked = &here->ledger.questions[it->question];
    if (asked->id == 0)
        asked->id = request;
    MUST(here, asked->id == request);
    MUST(here, asked->receiver == self->id);
    self->in_hand = (debt){request, it->question};
}

void books_sees_message(mind *self, const airs_message *message)
{
    world *here = self->world;
    letter_head head;
    MUST(here, self->running && !self->in_event);
    MUST(here, ledger_read(message->payload, false, &head));
    MUST(here, head.letter < here->ledger.letters_count);
    bool again = is_tried_again(self, head.letter);
    here->ledger.messages_seen += !again;
    here->tally->retried += again;
    sched_sim_note(here->sim, (uint64_t)self->index << 32 | head.letter);
    self->in_event = true;
    self->missed_reply = false;
    self->in_hand = (debt){0};
    self->ops_left = world_below(here, 5);
    self->letter = head.letter;
    if (is_announcement(message->topic)) {
        here->ledger.announced++;
        self->letter = NONE;
        return;
    }
    letter *it = &here->ledger.letters[head.letter];
    sides_meet(self, message->sender.raw);
    it->seen += !again;
    if (!again)
        check_letter(self, message, head.letter);
    if (message->request.raw != 0)
        check_request(self, message->request.raw, it);
}

void books_dead_letter(world *self, const actor *receiver, const envelope *mail, airs_drop_reason reason)
{
    letter_head head;
    MUST(self, mail->kind == ENVELOPE_MESSAGE && mail->request == 0);
    MUST(self, ledger_read(envelope_payload(mail), false, &head));
    ledger *books = &self->ledger;
    // One that was never in a mailbox: its receiver does not exist, or refuses what is over its limit.
    bool refused = reason == AIRS_DROP_GONE ? receiver == NULL
                                            : reason == AIRS_DROP_FULL && receiver != NULL &&
                                                  (receiver->limits.mailbox_policy == AIRS_MAILBOX_REFUSE ||
                                                   receiver->limits.mailbox_policy == AIRS_MAILBOX_PARK_SENDER);
    if (refused)
        books->dead_refused++;
    else if (reason == AIRS_DROP_GONE)
        books->dead_gone++;
    else if (reason == AIRS_DROP_FULL)
        books->dead_full++;
    else
        books->dead_poison++;
    letter *it = &books->letters[head.letter];
    // Then it is counted as seen.
    bool seen = mail->attempts > 0 && it->seen > 0;
    books->seen_and_lost += seen && reason != AIRS_DROP_POISON;
    if (is_announcement(envelope_topic(mail)))
        return;
    if (it->question != NONE && !it->rerouted)
        MUST(self, !request_is_waiting(&self->space, books->questions[it->question].id));
    mind *at = receiver == NULL ? NULL : world_mind(self, receiver->id);
    if (seen)
        return;
    if (refused)
        it->refused++;
    else if (reason != AIRS_DROP_POISON || at == NULL || at->letter != head.letter)
        it->dropped++;
}

// ---------------------------------------------------------------- monitors and links

void books_forgets_monitor(mind *self, uint32_t at)
{
    uint32_t last = --self->monitors.count;
    self->monitors.ids[at] = self->monitors.ids[last];
    self->watched[at] = self->watched[last];
}

/// What a monitor is told is told of the right one, while there is one; the last of it when its target has ended.
void books_sees_down(mind *self, const airs_down *down)
{
    world *here = self->world;
    MUST(here, self->running && !self->in_event);
    here->ledger.downs_seen++;
    sched_sim_note(here->sim, down->actor.raw << 8 | (uint64_t)down->reason);
    self->in_event = true;
    self->in_hand = (debt){0};
    self->letter = NONE;
    self->ops_left = world_below(here, 3);
    const mind *target = world_mind(here, down->actor.raw);
    if (down->monitor == 0) {
        MUST(here, target == NULL || (self->linked >> target->index & 1u) != 0);
        return;
    }
    uint32_t at = 0;
    while (at < self->monitors.count && self->monitors.ids[at] != down->monitor)
        at++;
    MUST(here, at < self->monitors.count);
    MUST(here, self->watched[at] == down->actor.raw);
    if (down->will_restart)
        return;
    const actor *cell = actor_find(&here->space, down->actor.raw);
    airs_actor_state state =
        cell == NULL ? AIRS_ACTOR_TERMINATED : (airs_actor_state)base_atomic_load_relaxed(&cell->state);
    MUST(here, state == AIRS_ACTOR_TERMINATED || state == AIRS_ACTOR_FAILED);
    books_forgets_monitor(self, at);
}

static void done_watch(mind *self, const op *done, const op_result *result)
{
    world *here = self->world;
    bool self_or_nobody = done->to == self->id || done->to == 0;
    MUST(here, result->status == AIRS_OK || result->status == AIRS_E_LIMIT || result->status == AIRS_E_NOMEM ||
                   (result->status == AIRS_E_INVALID && self_or_nobody));
    if (result->status != AIRS_OK)
        return;
    if (done->kind == OP_MONITOR) {
        self->watched[self->monitors.count] = done->to;
        self->monitors.ids[self->monitors.count++] = result->number;
        return;
    }
    mind *other = world_mind(here, done->to);
    if (other == NULL)
        return;
    self->linked |= UINT64_C(1) << other->index;
    other->linked |= UINT64_C(1) << self->index;
}

// ---------------------------------------------------------------- the end of an event

void books_settled(mind *self, const op *done)
{
    if (self->in_hand.request != 0 && done->settle == SETTLE_DONE && self->debts_count < KEPT_MAX)
        self->debts[self->debts_count++] = self->in_hand;
    self->in_event = false;
    self->letter = self->reply = NONE;
    self->in_hand = (debt){0};
}

// ---------------------------------------------------------------- questions

void books_outcome(world *self, uint32_t number, airs_status status, airs_bytes payload)
{
    question *it = &self->ledger.questions[number];
    MUST(self, it->outcomes == 0 && !it->cancelled && !it->failed_to_open && !it->abandoned);
    it->outcomes++;
    self->tally->answered += status == AIRS_OK;
    self->tally->failed += status == AIRS_E_FAILED;
    self->tally->timed_out += status == AIRS_E_TIMEOUT;
    if (status == AIRS_E_TIMEOUT)
        MUST(self, sched_sim_now_ns(self->sim) >= it->deadline_ns && it->taken == 0);
    if (status != AIRS_OK) {
        // Without memory for the answer it is a failure after all.
        MUST(self, it->taken == 0 || status == AIRS_E_FAILED || world_was_starved(self));
        return;
    }
    letter_head head;
    MUST(self, ledger_read(payload, true, &head));
    MUST(self, head.letter == it->letter);
    uint32_t answer = 1u << head.answer;
    MUST(self, (it->tried & answer) != 0 && (it->refused & answer) == 0);
    MUST(self, it->taken == 0 || it->taken == answer);
}

void books_sees_reply(mind *self, const airs_reply *reply)
{
    world *here = self->world;
    MUST(here, self->running && !self->in_event);
    here->ledger.replies_seen++;
    self->in_event = true;
    self->in_hand = (debt){0};
    self->missed_reply = false;
    self->letter = NONE;
    self->ops_left = world_below(here, 3);
    uint32_t number = NONE;
    for (uint32_t i = 0; i < here->ledger.questions_count; i++) {
        if (here->ledger.questions[i].id == reply->request.raw && here->ledger.questions[i].kind == REQUEST_EVENT)
            number = i;
    }
    MUST(here, number != NONE);
    const question *it = &here->ledger.questions[number];
    MUST(here, it->asker == self->index && it->asker_incarnation == self->incarnation);
    MUST(here, it->asker_twin == (self->twin_acts ? self->twin : 0));
    sched_sim_note(here->sim, (uint64_t)number << 8 | (uint64_t)reply->status);
    self->reply = number;
    bool again = self->reply_again == number;
    self->reply_again = NONE;
    here->tally->seen_again += again;
    if (!again)
        books_outcome(here, number, reply->status, reply->payload);
}

/// The circle as the world sees it: who waits for whom, and whether that is still to be answered.
bool books_closes_circle(mind *self, uint64_t to)
{
    world *here = self->world;
    for (uint32_t i = 0; i <= MINDS_MAX; i++) {
        if (to == self->id)
            return true;
        const mind *at = world_mind(here, to);
        if (at == NULL || at->asking == NONE)
            return false;
        const actor *cell = actor_find(&here->space, to);
        if (cell == NULL || !request_is_waiting(&here->space, component_actor_of((actor *)(uintptr_t)cell)->asked))
            return false;
        to = here->ledger.questions[at->asking].receiver;
    }
    return false;
}

// ---------------------------------------------------------------- ops

static bool may_fail_to_send(airs_status status)
{
    return status == AIRS_E_GONE || status == AIRS_E_FULL || status == AIRS_E_TOO_LARGE || status == AIRS_E_DENIED ||
           status == AIRS_E_NOMEM || status == AIRS_E_LIMIT;
}

static void check_grant(const mind *self, uint64_t to, airs_status status)
{
    world *here = self->world;
    const mind *receiver = world_mind(here, to);
    MUST(here, status != AIRS_E_DENIED || self->restricted);
    if (self->restricted && receiver != NULL && receiver != self && receiver->alive && receiver->name[0] == 'b')
        // A candidate without memory for its request is not even asked whether it may.
        MUST(here, status == AIRS_E_DENIED || status == AIRS_E_GONE || status == AIRS_E_TOO_LARGE ||
                       (status == AIRS_E_FULL && self->candidate != 0 && world_was_starved(here)));
}

static void done_send(mind *self, const op *done, airs_status status)
{
    world *here = self->world;
    self->sending = NONE;
    MUST(here, status == AIRS_OK || may_fail_to_send(status));
    if (done->kind != OP_ASK)
        check_grant(self, done->to, status);
    if (status == AIRS_OK)
        here->ledger.letters[done->letter].put++;
}

static void done_request(mind *self, const op *done, const op_result *result)
{
    question *it = &self->world->ledger.questions[done->question];
    done_send(self, done, result->status);
    if (result->status != AIRS_OK) {
        it->failed_to_open = true;
        return;
    }
    MUST(self->world, it->id == 0);
    it->id = result->number;
    keep(&self->questions, done->question);
}

static void done_ask(mind *self, const op *done, const op_result *result)
{
    world *here = self->world;
    question *it = &here->ledger.questions[done->question];
    self->asking = NONE;
    if (result->status == AIRS_E_DEADLOCK) {
        MUST(here, done->circle);
        here->tally->deadlocks++;
        it->failed_to_open = true;
        return;
    }
    MUST(here, !done->circle || may_fail_to_send(result->status));
    // FULL and GONE are said of one that was sent too, when it is dropped later.
    if (result->status == AIRS_OK || result->status == AIRS_E_TIMEOUT || result->status == AIRS_E_FAILED) {
        books_outcome(here, done->question, result->status, result->payload);
        return;
    }
    MUST(here, may_fail_to_send(result->status));
    it->failed_to_open = true;
}

static void done_reply(mind *self, const op *done, airs_status status)
{
    world *here = self->world;
    question *it = &here->ledger.questions[done->question];
    uint32_t answer = 1u << done->answer;
    MUST(here, status == AIRS_OK || status == AIRS_E_GONE);
    if (status != AIRS_OK) {
        it->refused |= answer;
        return;
    }
    // A callback has had its outcome by now, before the answer came back to who gave it.
    MUST(here, it->taken == 0 && (it->outcomes == 0 || it->kind == REQUEST_CALLBACK) && !it->cancelled);
    MUST(here, it->receiver == self->id);
    it->taken = answer;
    if (self->in_hand.request == done->number)
        self->in_hand = (debt){0};
}

static void done_forward(mind *self, const op *done, airs_status status)
{
    world *here = self->world;
    MUST(here, status == AIRS_OK || may_fail_to_send(status));
    check_grant(self, done->to, status);
    if (status != AIRS_OK)
        return;
    letter *it = &here->ledger.letters[self->letter];
    it->rerouted = true;
    it->put++;
    if (self->in_hand.request != 0)
        here->ledger.questions[self->in_hand.question].receiver = done->to;
    self->in_hand = (debt){0};
}

static void done_cancel(mind *self, const op *done, bool did)
{
    question *it = &self->world->ledger.questions[done->question];
    if (!did || done->strange)
        return;
    MUST(self->world, it->outcomes == 0 && it->taken == 0 && !it->cancelled);
    it->cancelled = true;
}

/// It has gone well, and nobody will ever hear of it.
static void done_rehearsed(mind *self, const op *done, const op_result *result)
{
    MUST(self->world, result->status == AIRS_OK);
    self->sending = self->asking = NONE;
    if (done->question != NONE)
        self->world->ledger.questions[done->question].failed_to_open = true;
}

void books_done(mind *self, const op *done, const op_result *result)
{
    if (done->rehearsed) {
        done_rehearsed(self, done, result);
        return;
    }
    ledger *books = &self->world->ledger;
    // A twin is told that it has ended what is not its own, and has not.
    MUST(self->world, !done->strange || result->status != AIRS_OK || self->twin_acts);
    sched_sim_note(self->world->sim, (uint64_t)done->kind << 8 | (uint64_t)result->status);
    switch (done->kind) {
    case OP_SEND:
        done_send(self, done, result->status);
        break;
    case OP_REQUEST:
        done_request(self, done, result);
        break;
    case OP_ASK:
        done_ask(self, done, result);
        break;
    case OP_REPLY:
        done_reply(self, done, result->status);
        break;
    case OP_FORWARD:
        done_forward(self, done, result->status);
        break;
    case OP_CANCEL:
        done_cancel(self, done, result->status == AIRS_OK);
        break;
    case OP_PUBLISH:
        if (result->status == AIRS_OK)
            books->letters[done->letter].put += (uint32_t)result->number;
        break;
    case OP_SUBSCRIBE:
        if (result->status == AIRS_OK)
            keep(&self->subscriptions, result->number);
        break;
    case OP_UNSUBSCRIBE:
        MUST(self->world, result->status == AIRS_OK || done->strange || self->lost_some);
        break;
    case OP_SEND_AFTER:
    case OP_SEND_EVERY:
        if (result->status == AIRS_OK)
            keep(&self->timers, result->number);
        break;
    case OP_MONITOR:
    case OP_LINK:
        done_watch(self, done, result);
        break;
    case OP_DEMONITOR:
        // Those that can't be told are only forgotten.
        MUST(self->world, result->status == AIRS_OK || done->strange || self->index % 3 == 0);
        break;
    case OP_EXIT:
        self->exits = true;
        break;
    default:
        break;
    }
}

void books_dropped(mind *self, const op *pending)
{
    if (pending->kind == OP_ASK)
        self->world->ledger.questions[pending->question].abandoned = true;
}
