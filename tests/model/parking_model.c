// SPDX-License-Identifier: MIT OR Apache-2.0
/// Senders that wait for a place: real mailbox, inbox, parking list and the receiver's loop, with a scheduler that only
/// counts wakes. Nobody waits for a place while one is free and nobody is on the way to give it to him.
#include <string.h>

#include "actor/cell.h"
#include "actor/health.h"
#include "actor/hooks.h"
#include "actor/links.h"

#define MESSAGES 3

static struct {
    actor_space space;
    actor receiver;
    actor senders[2];
    actor_parked parked[2];
    envelope mails[MESSAGES];
    /// Wakes of the receiver and of each sender that were not taken.
    BASE_ATOMIC(uint32_t) wakes[3];
    /// The messages that the receiver waits for, and those it has.
    uint32_t wanted;
    uint32_t received;
    uint32_t refused;
} office;

// ---------------------------------------------------------------- what the rooms below give

actor *actor_find(const actor_space *space, uint64_t id)
{
    (void)space;
    (void)id;
    return &office.receiver;
}

sched_read sched_read_enter(sched *scheduler)
{
    (void)scheduler;
    return (sched_read){0};
}

void sched_read_leave(sched *scheduler, sched_read read)
{
    (void)scheduler;
    (void)read;
}

uint64_t sched_now_ns(const sched *scheduler)
{
    (void)scheduler;
    return 0;
}

void sched_wake(sched *scheduler, sched_task *task)
{
    (void)scheduler;
    unsigned who = task == &office.receiver.task ? 0 : task == &office.senders[0].task ? 1 : 2;
    base_atomic_fetch_add_acq_rel(&office.wakes[who], 1u);
}

void actor_space_discard(actor_space *space, envelope *mail)
{
    (void)space;
    (void)mail;
}

// All that is sent here are messages, to actors without hooks.
bool actor_hooks_pass(actor *self, envelope *mail)
{
    (void)self;
    (void)mail;
    return true;
}

bool actor_links_take(actor *self, envelope *down)
{
    (void)self;
    (void)down;
    return true;
}

bool actor_health_takes(actor *self, envelope *reply)
{
    (void)self;
    (void)reply;
    return false;
}

bool actor_health_probes(actor *self, envelope *probe)
{
    (void)self;
    (void)probe;
    return true;
}

actor_counters *actor_space_counters(actor_space *space, bool *ret_shared)
{
    static actor_counters counters;
    (void)space;
    *ret_shared = true;
    return &counters;
}

static void wait_for_wake(unsigned who)
{
    (void)model_await_not(&office.wakes[who], 0);
    (void)base_atomic_exchange_acq_rel(&office.wakes[who], 0u);
}

// ---------------------------------------------------------------- threads

static bool try_send(envelope *mail, airs_status *ret_status)
{
    envelope *dropped;
    inbox_put put = inbox_put_message(&office.receiver.inbox, mail, &dropped);
    *ret_status = put == INBOX_FULL ? AIRS_E_FULL : AIRS_OK;
    if (put == INBOX_PUT_WAKE)
        sched_wake(NULL, &office.receiver.task);
    return put != INBOX_FULL;
}

// As a component does: once as it comes, then as one that waits.
static void send_patiently(unsigned sender)
{
    airs_status status;
    if (try_send(&office.mails[sender], &status))
        return;
    for (;;) {
        model_check(actor_park_sender(&office.parked[sender], 1) == AIRS_OK);
        if (try_send(&office.mails[sender], &status))
            break;
        wait_for_wake(1 + sender);
    }
    actor_unpark_sender(&office.space, &office.parked[sender]);
}

static void patient_a(void)
{
    send_patiently(0);
}

static void patient_b(void)
{
    send_patiently(1);
}

// As a native handler or a foreign thread does: once.
static void impatient(void)
{
    airs_status status;
    if (!try_send(&office.mails[1], &status))
        office.refused = 1;
}

static void receive(void)
{
    actor *self = &office.receiver;
    for (;;) {
        bool yield;
        self->slice_left = 8;
        envelope *mail = actor_take(self, &yield);
        if (mail != NULL) {
            office.received |= mail->request == 0 ? 0 : 1u << mail->request;
            self->in_hand = NULL;
        }
        if ((office.received & office.wanted) == office.wanted)
            break;
        if (mail == NULL && yield)
            model_wait();
        else if (mail == NULL)
            wait_for_wake(0);
    }
    actor_give_places_back(self);
}

// ---------------------------------------------------------------- scenarios

// One place, taken by a message that the receiver has been woken for.
static void setup(uint32_t wanted)
{
    memset(&office, 0, sizeof(office));
    office.wanted = wanted;
    actor *self = &office.receiver;
    self->space = &office.space;
    inbox_init(&self->inbox, 1, AIRS_MAILBOX_PARK_SENDER);
    ds_list_init(&self->parked);
    for (unsigned i = 0; i < 2; i++) {
        office.senders[i].space = &office.space;
        actor_parked_init(&office.parked[i], &office.senders[i]);
    }
    for (unsigned i = 0; i < MESSAGES; i++)
        office.mails[i].request = i + 1;
    airs_status status;
    (void)try_send(&office.mails[2], &status);
    model_name(&self->inbox.box.tail, "tail");
    model_name(&self->inbox.box.used, "used");
    model_name(&self->inbox.box.stub, "stub");
    model_name(&self->parked_senders, "parked_senders");
    model_name(&office.space.parking_lock, "parking_lock");
    model_name(&office.mails[0].node, "message a");
    model_name(&office.mails[1].node, "message b");
    model_name(&office.mails[2].node, "message 0");
    model_name(&office.wakes[0], "receiver's wakes");
    model_name(&office.wakes[1], "a's wakes");
    model_name(&office.wakes[2], "b's wakes");
}

static void setup_one(void)
{
    setup(1u << 1);
}

static void setup_two(void)
{
    setup(1u << 1 | 1u << 2);
}

static void end(void)
{
    envelope *mail;
    while (inbox_take(&office.receiver.inbox, &mail) == DS_MAILBOX_NODE)
        continue;
    inbox_give_back(&office.receiver.inbox);
    model_check(base_atomic_load_relaxed(&office.receiver.inbox.box.used) == 0);
    model_check(base_atomic_load_relaxed(&office.receiver.parked_senders) == 0);
    model_check(ds_list_empty(&office.receiver.parked));
}

static const model_scenario scenarios[] = {
    {"one that waits", setup_one, {{"A", patient_a}, {"R", receive}}, end, false},
    {"one that waits, one that does not", setup_one, {{"A", patient_a}, {"X", impatient}, {"R", receive}}, end, true},
    {"two that wait", setup_two, {{"A", patient_a}, {"B", patient_b}, {"R", receive}}, end, true},
    {0},
};

static const char *const files[] = {"parking.c", "receive.c", NULL};

static const model_kept kept[] = {
    {"actor_park_sender", "&target->state", MODEL_ANY_OP, MODEL_RELAXED,
     "who ends says so before it takes the lock to wake all: the lock orders the two", false, 0},
    {"take_out", "&self->receiver->parked_senders", MODEL_ANY_OP, MODEL_RELAXED,
     "it gets smaller, under the lock: a receiver that sees the larger one looks in vain", false, 0},
    {0},
};

static const model_removal checks[] = {
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"parking", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
