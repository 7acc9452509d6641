// SPDX-License-Identifier: MIT OR Apache-2.0
#include <string.h>

#include "world.h"

static const char *const topics_list[] = {"a", "a.b", "a.b.c", "b.x", "b.y"};
static const char *const patterns[] = {"a", "a.*", "a.>", "*.b", ">", "b.*", "b.x", "*.*.c"};
static const char *const groups[] = {"g", "h"};
static const char *const names[] = {"n1", "n2", "n3"};
static const uint32_t timeouts_ms[] = {0, 1, 3, 20, 100, 4000};

#define PICK(here, list) ((list)[world_below((here), sizeof(list) / sizeof((list)[0]))])

static uint64_t target(mind *self)
{
    world *here = self->world;
    uint32_t count = here->minds_count;
    uint32_t index = world_below(here, count);
    switch (here->plan.workload->topology) {
    case TOPOLOGY_MESH:
        break;
    case TOPOLOGY_RING:
        index = (self->index + 1) % count;
        break;
    case TOPOLOGY_FAN_IN:
        index = world_below(here, count < 2 ? 1 : 2);
        break;
    case TOPOLOGY_FAN_OUT:
        if (self->index > 0)
            index = 0;
        break;
    }
    // Now and then a supervisor, which takes no messages, or nobody.
    if (world_one_in(here, 60))
        return here->overseers[world_below(here, here->overseers_count)].id;
    if (world_one_in(here, 80))
        return UINT64_C(77) << 32 | 5;
    return here->minds[index].id;
}

static uint32_t payload_len(world *here)
{
    uint32_t least = sizeof(letter_head);
    if (plan_has(&here->plan, FEATURE_LARGE_PAYLOADS) && world_one_in(here, 3))
        return least + world_below(here, OP_PAYLOAD_MAX - least);
    return least + world_below(here, 48);
}

/// A letter goes out with the op; false when the books are full.
static bool write_letter(mind *self, op *it, letter_kind kind)
{
    ledger *books = &self->world->ledger;
    it->letter = ledger_letter(books, kind, self->index, it->to);
    if (it->letter == NONE)
        return false;
    it->len = payload_len(self->world);
    books->letters[it->letter].len = it->len;
    books->letters[it->letter].topic = kind == LETTER_PUBLISH ? it->text : NULL;
    ledger_write(it->payload, it->len, false, it->letter, 0);
    return true;
}

static bool write_question(mind *self, op *it, request_kind kind)
{
    ledger *books = &self->world->ledger;
    if (!write_letter(self, it, LETTER_REQUEST))
        return false;
    it->question = ledger_question(books, kind, it->letter, self->index, self->incarnation);
    if (it->question == NONE) {
        books->letters_count--;
        return false;
    }
    books->questions[it->question].asker_twin = self->twin_acts ? self->twin : 0;
    it->timeout_ms = PICK(self->world, timeouts_ms);
    uint64_t limit_ms = it->timeout_ms;
    if (kind == REQUEST_PARKED && self->max_park_ms > 0 && self->max_park_ms < limit_ms)
        limit_ms = self->max_park_ms;
    books->questions[it->question].deadline_ns = sched_sim_now_ns(self->world->sim) + limit_ms * 1000000u;
    return true;
}

static bool write_answer(mind *self, op *it, uint32_t number)
{
    ledger *books = &self->world->ledger;
    it->question = number;
    it->answer = ledger_answer(books, number);
    if (it->answer == NONE)
        return false;
    it->len = payload_len(self->world);
    ledger_write(it->payload, it->len, true, books->questions[number].letter, it->answer);
    return true;
}

// ---------------------------------------------------------------- ops with something to choose

/// Mostly its own debts; now and then one a second time, or somebody else's.
static bool decide_reply(mind *self, op *it)
{
    world *here = self->world;
    it->settle = world_one_in(here, 6) ? SETTLE_ERROR : SETTLE_REPLY;
    if (world_one_in(here, 8) && here->ledger.questions_count > 0) {
        uint32_t any = world_below(here, here->ledger.questions_count);
        it->number = here->ledger.questions[any].id;
        return it->number != 0 && write_answer(self, it, any);
    }
    if (self->in_hand.request != 0 && world_one_in(here, 2)) {
        it->number = self->in_hand.request;
        return write_answer(self, it, self->in_hand.question);
    }
    if (self->debts_count == 0)
        return false;
    uint32_t at = world_below(here, self->debts_count);
    debt owed = self->debts[at];
    it->number = owed.request;
    // Kept now and then, to answer it twice.
    if (!world_one_in(here, 4))
        self->debts[at] = self->debts[--self->debts_count];
    return write_answer(self, it, owed.question);
}

/// Something that another mind keeps, at the same place of it.
static bool decide_strange(mind *self, op *it, const kept *own)
{
    size_t place = (size_t)((const char *)own - (const char *)self);
    const mind *other = &self->world->minds[world_below(self->world, self->world->minds_count)];
    const kept *list = (const kept *)(const void *)((const char *)other + place);
    if (other == self || list->count == 0)
        return false;
    it->number = list->ids[world_below(self->world, list->count)];
    it->strange = true;
    return true;
}

static bool decide_kept(mind *self, op *it, kept *list)
{
    if (world_one_in(self->world, 8))
        return decide_strange(self, it, list);
    if (list->count == 0)
        return false;
    uint32_t at = world_below(self->world, list->count);
    it->number = list->ids[at];
    list->ids[at] = list->ids[--list->count];
    return true;
}

/// One of its own monitors, which then ends, or one of another's.
static bool decide_demonitor(mind *self, op *it)
{
    if (world_one_in(self->world, 8)) {
        // Numbers of monitors are each actor's own: a strange one may be one of its own too.
        it->number = 12345u << 10;
        it->strange = true;
        return true;
    }
    if (self->monitors.count == 0)
        return false;
    uint32_t at = world_below(self->world, self->monitors.count);
    it->number = self->monitors.ids[at];
    books_forgets_monitor(self, at);
    return true;
}

static bool decide_cancel(mind *self, op *it)
{
    if (!decide_kept(self, it, &self->questions))
        return false;
    it->question = (uint32_t)it->number;
    it->number = self->world->ledger.questions[it->question].id;
    return true;
}

static bool decide_alarm(mind *self, op *it, letter_kind kind)
{
    it->to = world_one_in(self->world, 2) ? self->id : target(self);
    it->delay_ms = 1 + world_below(self->world, world_one_in(self->world, 4) ? 5000 : 30);
    if (kind == LETTER_AFTER && world_one_in(self->world, 10))
        it->delay_ms = 0;
    return self->timers.count < KEPT_MAX && write_letter(self, it, kind);
}

static bool decide_subscribe(mind *self, op *it)
{
    if (self->subscriptions.count == KEPT_MAX)
        return false;
    it->text = PICK(self->world, patterns);
    if (plan_has(&self->world->plan, FEATURE_GROUPS) && world_one_in(self->world, 2))
        it->group = PICK(self->world, groups);
    if (plan_has(&self->world->plan, FEATURE_MOURNERS) && world_one_in(self->world, 3))
        it->text = "airssys.dead-letters.>";
    return true;
}

static bool decide_ask(mind *self, op *it)
{
    it->to = target(self);
    it->circle = it->to == self->id || books_closes_circle(self, it->to);
    return write_question(self, it, REQUEST_PARKED);
}

/// Some can be done by components only, and some in an event only.
static bool is_possible(const mind *self, op_kind kind)
{
    switch (kind) {
    case OP_ASK:
    case OP_SPIN:
    case OP_SLEEP:
    case OP_TRAP:
        return self->component;
    case OP_SPAWN:
    case OP_STOP:
    case OP_KILL:
    case OP_MONITOR:
    case OP_DEMONITOR:
    case OP_LINK:
    case OP_UNLINK:
        return !self->component;
    case OP_FORWARD:
        return self->in_event && self->letter != NONE;
    case OP_REQUEST:
        return !self->component || (self->exports & ENGINE_EXPORT_REPLIES) != 0;
    default:
        return true;
    }
}

/// Fills in the rest of `it->kind`; false when there is nothing to do it with.
static bool fill(mind *self, op *it)
{
    world *here = self->world;
    switch (it->kind) {
    case OP_SEND:
        it->to = target(self);
        return write_letter(self, it, LETTER_SEND);
    case OP_REQUEST:
        it->to = target(self);
        return write_question(self, it, REQUEST_EVENT);
    case OP_ASK:
        return decide_ask(self, it);
    case OP_CANCEL:
        return decide_cancel(self, it);
    case OP_REPLY:
        return decide_reply(self, it);
    case OP_PUBLISH:
        it->text = PICK(here, topics_list);
        return write_letter(self, it, LETTER_PUBLISH);
    case OP_SUBSCRIBE:
        return decide_subscribe(self, it);
    case OP_UNSUBSCRIBE:
        return decide_kept(self, it, &self->subscriptions);
    case OP_REGISTER:
    case OP_UNREGISTER:
        it->text = PICK(here, names);
        return true;
    case OP_MONITOR:
        it->to = target(self);
        return self->monitors.count < KEPT_MAX;
    case OP_DEMONITOR:
        return decide_demonitor(self, it);
    case OP_SEND_AFTER:
        return decide_alarm(self, it, LETTER_AFTER);
    case OP_SEND_EVERY:
        return decide_alarm(self, it, LETTER_EVERY);
    case OP_CANCEL_TIMER:
        return decide_kept(self, it, &self->timers);
    case OP_EXIT:
        it->well = world_one_in(here, 2);
        return true;
    case OP_SPIN:
        it->ticks = 1 + world_below(here, 30);
        return true;
    case OP_SLEEP:
        it->delay_ms = world_below(here, 200);
        return true;
    default:
        it->to = target(self);
        return true;
    }
}

static op_kind draw_kind(mind *self)
{
    const plan *drawn = &self->world->plan;
    uint32_t at = world_below(self->world, drawn->weights_sum);
    for (uint32_t kind = 0; kind < OP_COUNT; kind++) {
        if (at < drawn->weights[kind])
            return (op_kind)kind;
        at -= drawn->weights[kind];
    }
    return OP_RETURN;
}

void mind_settle(mind *self, op *it)
{
    world *here = self->world;
    it->kind = OP_RETURN;
    it->settle = SETTLE_DONE;
    it->question = NONE;
    it->len = 0;
    if (self->in_hand.request != 0 && !world_one_in(here, 4) && write_answer(self, it, self->in_hand.question))
        it->settle = SETTLE_REPLY;
    if (world_one_in(here, 10))
        it->settle = SETTLE_ERROR;
}

void mind_decide(mind *self, op *it)
{
    world *here = self->world;
    it->letter = NONE;
    it->question = NONE;
    it->circle = it->strange = false;
    while (self->ops_left > 0 && here->ops_left > 0 && !here->winding_down && !self->exits) {
        self->ops_left--;
        here->ops_left--;
        it->kind = draw_kind(self);
        if (is_possible(self, it->kind) && fill(self, it))
            return;
    }
    mind_settle(self, it);
}
