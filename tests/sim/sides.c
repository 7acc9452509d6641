// SPDX-License-Identifier: MIT OR Apache-2.0
/// What each version in an actor has and knows: of a message that it has seen, or whose state it has loaded has seen.
/// Kept apart from the core, which must give to each version just the state that is its own.
#include <string.h>

#include "component/upgrade.h"
#include "world.h"

// ---------------------------------------------------------------- the two in one actor

/// What the one has and what the other has change places.
static void turn(mind *self)
{
    side *it = &self->beside;
    side had = {.debts_count = self->debts_count,
                .questions = self->questions,
                .subscriptions = self->subscriptions,
                .timers = self->timers,
                .exits = self->exits,
                .leaves = self->leaves,
                .knows = self->knows};
    memcpy(had.debts, self->debts, sizeof had.debts);
    memcpy(self->debts, it->debts, sizeof self->debts);
    self->debts_count = it->debts_count;
    self->questions = it->questions;
    self->subscriptions = it->subscriptions;
    self->timers = it->timers;
    self->exits = it->exits;
    self->leaves = it->leaves;
    self->knows = it->knows;
    *it = had;
    self->twin_acts = !self->twin_acts;
}

void sides_end_twin(mind *self)
{
    world *here = self->world;
    if (self->twin == 0)
        return;
    if (self->twin_acts)
        turn(self);
    here->tally->twins_gone++;
    // Who waits for an answer of it is told that none will come; what it has asked for is nobody's.
    for (uint32_t i = 0; i < self->beside.debts_count; i++) {
        const debt *owed = &self->beside.debts[i];
        MUST(here, here->ledger.questions[owed->question].receiver != self->id ||
                       !request_is_waiting(&here->space, owed->request));
    }
    for (uint32_t i = 0; i < here->ledger.questions_count; i++) {
        question *it = &here->ledger.questions[i];
        if (it->asker == self->index && it->asker_twin == self->twin)
            it->abandoned |= it->outcomes == 0 && !it->cancelled;
    }
    self->beside = (side){0};
    self->twin = 0;
    self->by_sender = false;
}

/// Of a candidate that has gone nothing is left, and nobody waits for what it has asked; one that stays has it all.
static void look_at_candidate(mind *self, const component_actor *cell)
{
    world *here = self->world;
    uint64_t seated = script_number(cell->instance);
    uint64_t beside = cell->upgrade == NULL ? 0 : script_number(cell->upgrade->beside);
    if (self->candidate == 0 || (cell->role != COMPONENT_ROLE_SELF && seated == self->candidate))
        return;
    bool gone = seated != self->candidate && beside != self->candidate;
    here->tally->candidates_gone += gone;
    self->candidate = 0;
    for (uint32_t i = 0; i < here->ledger.questions_count; i++) {
        question *it = &here->ledger.questions[i];
        if (it->asker == self->index && it->of_candidate)
            it->abandoned |= gone && it->outcomes == 0 && !it->cancelled;
        if (it->asker == self->index)
            it->of_candidate = false;
    }
}

void sides_try(mind *self, const component_actor *cell, op *what)
{
    static const uint32_t may = 1u << OP_SEND | 1u << OP_REQUEST | 1u << OP_ASK | 1u << OP_PUBLISH |
                                1u << OP_SUBSCRIBE | 1u << OP_SEND_AFTER | 1u << OP_SEND_EVERY | 1u << OP_SPIN |
                                1u << OP_SLEEP | 1u << OP_TRAP;
    self->ops_left = 1;
    mind_decide(self, what);
    what->rehearsed = cell->role == COMPONENT_ROLE_REHEARSAL;
    if ((may & 1u << what->kind) == 0) {
        what->kind = OP_RETURN;
        what->settle = SETTLE_DONE;
        what->question = NONE;
    }
    if (what->rehearsed || cell->role == COMPONENT_ROLE_TWIN)
        return;
    self->lost_some = true;
    self->world->tally->candidates += self->candidate == 0;
    self->candidate = script_number(cell->instance);
    if (what->question != NONE)
        self->world->ledger.questions[what->question].of_candidate = true;
}

void sides_look(mind *self, const component_actor *cell)
{
    look_at_candidate(self, cell);
    if (self->twin != cell->cell.twin) {
        sides_end_twin(self);
        self->twin = cell->cell.twin;
        self->met[0] = self->met[1] = 0;
        self->world->tally->twins += self->twin != 0;
        self->by_sender = self->twin != 0 && !cell->cell.ordered->by_message;
    }
    if (self->twin_acts != cell->cell.twin_acts)
        turn(self);
}

void sides_look_at_all(world *self)
{
    for (uint32_t i = 0; i < self->minds_count; i++) {
        actor *cell = self->minds[i].component ? actor_find(&self->space, self->minds[i].id) : NULL;
        if (cell != NULL)
            sides_look(&self->minds[i], component_actor_of(cell));
    }
}

/// As long as the canary runs each sender meets one of the two.
void sides_meet(mind *self, uint64_t sender)
{
    world *here = self->world;
    self->world->tally->twin_events += self->twin_acts;
    const mind *from = world_mind(here, sender);
    if (!self->by_sender || sender == self->id || (from == NULL && sender != 0))
        return;
    uint64_t bit = UINT64_C(1) << (from == NULL ? HOST : from->index);
    MUST(here, (self->met[!self->twin_acts] & bit) == 0);
    self->met[self->twin_acts] |= bit;
}

void sides_fell(mind *self)
{
    ledger *books = &self->world->ledger;
    if (self->in_event) {
        self->world->tally->falls++;
        if (self->letter != NONE) {
            self->letter_again = self->letter;
        } else if (self->reply != NONE) {
            self->reply_again = self->reply;
            books->replies_seen--;
        } else {
            // An announcement, which has no letter of its own.
            books->messages_seen--;
        }
    }
    // It comes again, and is not missed.
    books->replies_unseen -= self->missed_reply;
    self->missed_reply = false;
    self->in_event = self->exits = self->leaves = false;
    self->letter = self->reply = self->asking = self->sending = NONE;
    self->in_hand = (debt){0};
}

// ---------------------------------------------------------------- states

static bool goes_back(const component_actor *cell)
{
    actor_order order = cell->cell.ordered->order;
    return order == ACTOR_ORDER_REVERT || order == ACTOR_ORDER_FALL_BACK ||
           (order == ACTOR_ORDER_SWAP && cell->upgrade->recovers);
}

/// It is for the moment, or is the twin's.
static bool stays_aside(const component_actor *cell)
{
    actor_order order = cell->cell.ordered->order;
    return order == ACTOR_ORDER_REHEARSE || order == ACTOR_ORDER_SPLIT;
}

/// One that comes back without a state has failed at that, or has failed before it could be given one, twice with it.
/// The first of those need not have come so far that it was seen here.
static bool may_have_none(const mind *self)
{
    return self->comes_fresh || (self->comes_back && (self->loads || !self->had_snapshot || self->tries > 1));
}

/// Another one comes before the last one has shown what it knows.
static void note_what_it_may_know(mind *self)
{
    if (!self->brought_up || (!self->loaded && !may_have_none(self)))
        return;
    uint64_t seen = self->loaded ? self->given.seen : 0;
    for (uint32_t i = 0; i < self->may_know_count; i++) {
        if (self->may_know[i] == seen)
            return;
    }
    MUST(self->world, self->may_know_count < KEPT_MAX);
    self->may_know[self->may_know_count++] = seen;
}

static void bring_up(mind *self, bool comes_back, bool comes_fresh)
{
    note_what_it_may_know(self);
    self->loads = self->loaded = false;
    self->brought_up = true;
    self->comes_back = comes_back;
    self->had_snapshot = self->has_snapshot;
    self->tries += comes_back;
    self->comes_fresh = comes_fresh;
    self->lost_some |= comes_fresh || comes_back;
}

/// The one that was ready came to stay, with the state that it is given now or without any.
static void take_spare(mind *self, bool comes_fresh)
{
    self->spare = 0;
    self->world->tally->spares++;
    bring_up(self, false, comes_fresh);
}

void sides_take_spare(mind *self, const component_actor *cell)
{
    if (self->spare != 0 && cell->role != COMPONENT_ROLE_REHEARSAL && script_number(cell->instance) == self->spare)
        take_spare(self, cell->upgrade == NULL || !cell->upgrade->has_state);
}

void sides_bring_up(mind *self, const component_actor *cell)
{
    sides_fell(self);
    // It has been there since without having been called.
    if (self->spare != 0 && script_number(cell->upgrade->beside) == self->spare)
        take_spare(self, true);
    self->spare = cell->role == COMPONENT_ROLE_REHEARSAL ? script_number(cell->instance) : 0;
    if (!stays_aside(cell))
        bring_up(self, goes_back(cell), !cell->upgrade->has_state);
}

void sides_loads(mind *self, const component_actor *cell)
{
    self->loads |= !stays_aside(cell);
}

static bool same(script_state a, script_state b)
{
    return a.seen == b.seen && a.version == b.version;
}

void sides_saved(mind *self, const component_actor *cell, script_state state)
{
    self->saved = state;
    if (cell->cell.ordered == NULL || cell->cell.ordered->order != ACTOR_ORDER_SWAP)
        return;
    self->snapshot = state;
    self->has_snapshot = true;
}

void sides_loaded(mind *self, const component_actor *cell, script_state state)
{
    const actor_upgrade *order = cell->cell.ordered;
    MUST(self->world, order != NULL);
    bool snapshot = order->rollback_state == AIRS_ROLLBACK_SNAPSHOT;
    bool back = goes_back(cell);
    bool own = same(state, self->saved) && (!back || (order->order == ACTOR_ORDER_REVERT && !snapshot));
    bool of_swap = back && same(state, self->snapshot);
    bool past = !back && order->from_past && snapshot && same(state, self->past);
    MUST(self->world, own || of_swap || past);
    if (order->order == ACTOR_ORDER_SPLIT)
        self->knows = state.seen;
    if (stays_aside(cell))
        return;
    self->loaded = true;
    self->given = state;
}

/// The state of who has the seat is the one that it should have.
void sides_know(mind *self, const component_actor *cell, uint64_t knew)
{
    world *here = self->world;
    bool brought_up = self->brought_up && !self->twin_acts;
    // One that was refused has left the other as it was.
    bool right = knew == self->knows;
    if (brought_up && (self->loaded || may_have_none(self)))
        right |= knew == (self->loaded ? self->given.seen : 0);
    for (uint32_t i = 0; i < self->may_know_count && brought_up; i++)
        right |= knew == self->may_know[i];
    if (!right)
        world_fail(here, "\"%s\" knows of %lu messages, not of %lu", self->name, (unsigned long)knew,
                   (unsigned long)self->knows);
    if (brought_up && knew != self->knows) {
        here->tally->came_back += self->comes_back;
        here->tally->came_fresh += self->comes_fresh;
    }
    if (brought_up)
        self->brought_up = self->comes_back = self->comes_fresh = false;
    if (brought_up)
        self->tries = self->may_know_count = 0;
    // A list of events is gone through without anybody's knowing where it ends: what was in hand may be gone.
    if (self->in_event && cell->cell.ordered != NULL)
        sides_fell(self);
    self->knows = knew + 1;
}
