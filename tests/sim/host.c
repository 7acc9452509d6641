// SPDX-License-Identifier: MIT OR Apache-2.0
/// What comes from outside of any actor, between two polls: as a foreign thread would do it.
#include "base/bytes.h"
#include "world.h"

typedef struct host_ask {
    world *world;
    uint32_t question;
} host_ask;

static host_ask host_asks[QUESTIONS_MAX];

static uint64_t target(world *self)
{
    return self->minds[world_below(self, self->minds_count)].id;
}

static uint32_t write_letter(world *self, letter_kind kind, uint64_t to, uint8_t *payload)
{
    uint32_t number = ledger_letter(&self->ledger, kind, HOST, to);
    if (number != NONE) {
        self->ledger.letters[number].len = sizeof(letter_head) + 8;
        ledger_write(payload, sizeof(letter_head) + 8, false, number, 0);
    }
    return number;
}

static void host_sends(world *self)
{
    uint8_t payload[sizeof(letter_head) + 8];
    uint64_t to = target(self);
    uint32_t number = write_letter(self, LETTER_SEND, to, payload);
    if (number == NONE)
        return;
    if (actor_send_bytes(&self->space, 0, to, (airs_bytes){payload, sizeof payload}) == AIRS_OK)
        self->ledger.letters[number].put++;
}

static void on_reply(void *user, const airs_reply *reply)
{
    const host_ask *asked = user;
    books_outcome(asked->world, asked->question, reply->status, reply->payload);
}

static void host_asks_one(world *self)
{
    uint8_t payload[sizeof(letter_head) + 8];
    uint64_t to = target(self);
    uint32_t number = write_letter(self, LETTER_REQUEST, to, payload);
    if (number == NONE)
        return;
    uint32_t asked = ledger_question(&self->ledger, REQUEST_CALLBACK, number, HOST, 0);
    if (asked == NONE)
        return;
    host_asks[asked] = (host_ask){self, asked};
    question *it = &self->ledger.questions[asked];
    uint32_t timeout_ms = world_below(self, 3) * 50;
    it->deadline_ns = sched_sim_now_ns(self->sim) + (uint64_t)timeout_ms * 1000000u;
    request_options options = {
        .kind = REQUEST_CALLBACK, .receiver = to, .timeout_ms = timeout_ms, .fn = on_reply, .user = &host_asks[asked]};
    if (actor_request(&self->space, &options, (airs_bytes){payload, sizeof payload}, &it->id) == AIRS_OK)
        self->ledger.letters[number].put++;
    else
        it->failed_to_open = true;
}

static void host_publishes(world *self)
{
    uint8_t payload[sizeof(letter_head) + 8];
    uint32_t number = write_letter(self, LETTER_PUBLISH, 0, payload);
    if (number == NONE)
        return;
    letter *it = &self->ledger.letters[number];
    it->topic = "a.b";
    uint32_t reached;
    if (router_publish(&self->router, NULL, NULL, base_bytes_of("a.b"), (airs_bytes){payload, sizeof payload}, &reached,
                       NULL) == AIRS_OK)
        it->put += reached;
}

/// A dead letter is sent once more; it may be an announcement, whose letter is not entered again.
static void host_resends(world *self)
{
    uint64_t last = dead_letters_count(&self->router.dead_letters);
    if (last == 0 || !plan_has(&self->plan, FEATURE_RESEND))
        return;
    uint64_t at = 1 + world_below(self, (uint32_t)last);
    uint64_t receiver;
    envelope *copy = dead_letters_copy(&self->router.dead_letters, at, &receiver);
    if (copy == NULL)
        return;
    letter_head head;
    MUST(self, ledger_read(envelope_payload(copy), false, &head));
    bool announcement = envelope_topic(copy).data != NULL && envelope_topic(copy).len > 20;
    actor_space_discard(&self->space, copy);
    uint64_t to = world_one_in(self, 2) ? target(self) : 0;
    self->ledger.letters[head.letter].rerouted = true;
    if (router_resend(&self->router, at, to) == AIRS_OK && !announcement)
        self->ledger.letters[head.letter].put++;
}

static void host_signals(world *self)
{
    const uint32_t *weights = self->plan.weights;
    if (weights[OP_STOP] > 0 && world_one_in(self, 3))
        world_signal(self, target(self), ACTOR_SIGNAL_STOP);
    if (weights[OP_KILL] > 0 && world_one_in(self, 3))
        world_signal(self, target(self), ACTOR_SIGNAL_KILL);
    if (weights[OP_SPAWN] > 0)
        world_spawn(self);
}

/// Kills one that waits in the middle of an event and was just woken: what it was woken for must not be lost.
static void host_kills_woken(world *self)
{
    uint32_t first = world_below(self, self->minds_count);
    for (uint32_t i = 0; i < self->minds_count && self->plan.weights[OP_KILL] > 0; i++) {
        const mind *at = &self->minds[(first + i) % self->minds_count];
        actor *cell = at->component ? actor_find(&self->space, at->id) : NULL;
        if (cell == NULL || base_atomic_load_relaxed(&cell->task.state) == 0)
            continue;
        component_wait wait = component_actor_of(cell)->wait;
        if (wait == COMPONENT_WAIT_SEND || wait == COMPONENT_WAIT_ASK) {
            world_signal(self, at->id, ACTOR_SIGNAL_KILL);
            return;
        }
    }
}

/// An operator pauses, lets go on, or kills.
static void host_operates(world *self)
{
    static const actor_signal signals[] = {ACTOR_SIGNAL_PAUSE, ACTOR_SIGNAL_RESUME, ACTOR_SIGNAL_CRASH};
    world_signal(self, target(self), signals[world_below(self, 3)]);
}

void host_acts(world *self)
{
    if (plan_has(&self->plan, FEATURE_DEPLOYS) && world_one_in(self, 3)) {
        deploys_act(self);
        return;
    }
    if (plan_has(&self->plan, FEATURE_PAUSES) && world_one_in(self, 3)) {
        host_operates(self);
        return;
    }
    switch (world_below(self, 9)) {
    case 0:
        host_asks_one(self);
        break;
    case 1:
        host_publishes(self);
        break;
    case 2:
        host_resends(self);
        break;
    case 3:
        host_signals(self);
        break;
    case 4:
        host_kills_woken(self);
        break;
    default:
        host_sends(self);
        break;
    }
}
