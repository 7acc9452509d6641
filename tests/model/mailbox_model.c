// SPDX-License-Identifier: MIT OR Apache-2.0
/// The mailbox: nothing is lost, what one sender sends comes in order, and who sleeps is woken by exactly one push.
#include <string.h>

#include "ds/list.h"
#include "ds/mailbox.h"

#define SENDERS 2
#define EACH 3

typedef struct letter {
    ds_mailbox_node node;
    /// Plain: belongs to the sender until the push, and to the receiver from the pop on.
    uint32_t sender;
    uint32_t number;
} letter;

static struct {
    ds_mailbox mailbox;
    letter letters[SENDERS][EACH];
    BASE_ATOMIC(uint32_t) wakes;
    // The receiver's.
    uint32_t next[SENDERS];
    uint32_t received;
    bool waits;
    /// Plain: the receiver's before it sleeps, then the waker's, as a task's state is.
    uint32_t turn;
    /// How many operations the receiver makes, where that is counted.
    uint32_t operations;
    uint32_t each;
    uint32_t senders;
} post;

static void setup(uint32_t senders, uint32_t each)
{
    memset(&post, 0, sizeof(post));
    post.senders = senders;
    post.each = each;
    ds_mailbox_init(&post.mailbox);
    post.operations = 3;
    model_name(&post.mailbox.tail, "tail");
    model_name(&post.mailbox.used, "used");
    model_name(&post.mailbox.head, "head");
    model_name(&post.mailbox.stub, "stub");
    model_name(&post.wakes, "wakes");
    static const char *const names[SENDERS][EACH] = {{"a1", "a2", "a3"}, {"b1", "b2", "b3"}};
    for (uint32_t i = 0; i < SENDERS; i++) {
        for (uint32_t k = 0; k < EACH; k++) {
            // As the last use has left it.
            base_atomic_init(&post.letters[i][k].node.next, &post.mailbox.stub);
            model_name(&post.letters[i][k], names[i][k]);
        }
    }
}

static void setup_1_each(void)
{
    setup(2, 1);
}

static void setup_2_each(void)
{
    setup(2, 2);
}

static void setup_3_each(void)
{
    setup(2, 3);
}

static void setup_5_pops(void)
{
    setup(2, 3);
    post.operations = 5;
}

static void setup_3_from_one(void)
{
    setup(1, 3);
}

static void send(uint32_t sender)
{
    for (uint32_t i = 0; i < post.each; i++) {
        letter *one = &post.letters[sender][i];
        one->sender = sender;
        one->number = i;
        if (ds_mailbox_push(&post.mailbox, &one->node)) {
            post.turn++;
            base_atomic_fetch_add_release(&post.wakes, 1u);
        }
    }
}

static void send_a(void)
{
    send(0);
}

static void send_b(void)
{
    send(1);
}

static void take(ds_mailbox_node *node)
{
    letter *one = ds_container_of(node, letter, node);
    model_check(node != &post.mailbox.stub);
    model_check(one->number == post.next[one->sender]);
    post.next[one->sender]++;
    post.received++;
    // It belongs to the receiver: it may write all of it, as who frees it does.
    memset(one, 0, sizeof(*one));
}

static void wait_for_wake(void)
{
    (void)model_await_not(&post.wakes, 0);
    model_check(base_atomic_fetch_sub_acq_rel(&post.wakes, 1u) == 1);
}

// True when it slept, and was woken.
static bool sleep_until_woken(void)
{
    post.turn++;
    if (!ds_mailbox_sleep(&post.mailbox))
        return false;
    wait_for_wake();
    return true;
}

// Until it has received all of them, and sleeps whenever it can.
static void receive_all(void)
{
    post.waits = true;
    wait_for_wake();
    while (post.received < post.senders * post.each) {
        ds_mailbox_node *node;
        ds_mailbox_state state = ds_mailbox_pop(&post.mailbox, &node);
        if (state == DS_MAILBOX_NODE)
            take(node);
        else if (state == DS_MAILBOX_BUSY)
            model_wait();
        else
            sleep_until_woken();
    }
}

// It runs from the start on, and ends after a few operations, whatever they gave.
static void receive_some(void)
{
    for (uint32_t i = 0; i < post.operations; i++) {
        ds_mailbox_node *node;
        if (ds_mailbox_pop(&post.mailbox, &node) == DS_MAILBOX_NODE)
            take(node);
    }
}

static void end(void)
{
    ds_mailbox_node *node;
    while (ds_mailbox_pop(&post.mailbox, &node) == DS_MAILBOX_NODE)
        take(node);
    model_check(post.received == post.senders * post.each);
    model_check(ds_mailbox_pop(&post.mailbox, &node) == DS_MAILBOX_EMPTY);
    // The first push finds it asleep from the start, where nobody waits for the wake.
    model_check(base_atomic_load_relaxed(&post.wakes) == (post.waits ? 0 : 1));
}

// ---------------------------------------------------------------- places

// A limit of one place, a sender that waits for it, and one that does not: what of actor/parking.c is about places.
static struct {
    BASE_ATOMIC(uint32_t) parked;
    BASE_ATOMIC(uint32_t) wakes;
    /// Messages that were pushed: those of the one that waits, and in the high half the other's.
    BASE_ATOMIC(uint32_t) mails;
    uint32_t refused;
} office;

#define IMPATIENT (1u << 16)
#define PATIENT_SENDS 2u

static void setup_places(void)
{
    setup(2, 3);
    memset(&office, 0, sizeof(office));
    model_name(&office.parked, "parked");
    model_name(&office.wakes, "wakes");
    model_name(&office.mails, "mails");
}

static void wait_for_place(void)
{
    base_atomic_store_seq_cst(&office.parked, 1u);
    if (ds_mailbox_reserve(&post.mailbox, 1))
        return;
    (void)model_await_not(&office.wakes, 0);
    base_atomic_fetch_sub_acq_rel(&office.wakes, 1u);
    // Who was woken tries again, and may find the place taken by another one.
    if (!ds_mailbox_reserve(&post.mailbox, 1))
        wait_for_place();
}

static void send_patiently(void)
{
    for (uint32_t i = 0; i < PATIENT_SENDS; i++) {
        if (!ds_mailbox_reserve(&post.mailbox, 1))
            wait_for_place();
        base_atomic_fetch_add_acq_rel(&office.mails, 1u);
    }
}

static void send_impatiently(void)
{
    if (ds_mailbox_reserve(&post.mailbox, 1))
        base_atomic_fetch_add_acq_rel(&office.mails, IMPATIENT);
    else
        office.refused = 1;
}

static void give_places_back(void)
{
    for (uint32_t received = 0; received < PATIENT_SENDS;) {
        (void)model_await_not(&office.mails, 0);
        uint32_t mails = base_atomic_exchange_acq_rel(&office.mails, 0u);
        model_check(mails == 1 || mails == IMPATIENT);
        received += mails == 1;
        ds_mailbox_release(&post.mailbox, 1);
        if (base_atomic_load_seq_cst(&office.parked) != 0 && base_atomic_exchange_acq_rel(&office.parked, 0u) != 0)
            base_atomic_fetch_add_release(&office.wakes, 1u);
    }
}

static void end_places(void)
{
    uint32_t left = base_atomic_load_relaxed(&office.mails) != 0;
    model_check(ds_mailbox_used(&post.mailbox) == left);
}

static const model_scenario scenarios[] = {
    {"two senders, a message each", setup_1_each, {{"A", send_a}, {"B", send_b}, {"R", receive_all}}, end, false},
    {"one sender, three messages", setup_3_from_one, {{"A", send_a}, {"R", receive_all}}, end, false},
    {"two senders, two messages each", setup_2_each, {{"A", send_a}, {"B", send_b}, {"R", receive_all}}, end, false},
    {"one place, one waits for it", setup_places, {{"A", send_patiently}, {"R", give_places_back}}, end_places, false},
    {"one place, one waits for it, one does not",
     setup_places,
     {{"A", send_patiently}, {"X", send_impatiently}, {"R", give_places_back}},
     end_places,
     false},
    {"two senders, three messages each; three pops",
     setup_3_each,
     {{"A", send_a}, {"B", send_b}, {"R", receive_some}},
     end,
     false},
    {"two senders, three messages each; five pops",
     setup_5_pops,
     {{"A", send_a}, {"B", send_b}, {"R", receive_some}},
     end,
     true},
    {0},
};

static const char *const files[] = {"mailbox.c", NULL};

static const model_kept kept[] = {
    {0},
};

static const model_removal checks[] = {
    {"what a push finds says whether to wake", NULL},
    {"a pop skips the stub", NULL},
    {"a pop ends where the stub is the last", NULL},
    {"the last node is had by moving the tail only", NULL},
    {"the stub ends the chain when it is put there", NULL},
    {"a node is not taken without its successor when the tail has moved on", NULL},
    {"a node ends the chain when it is pushed", NULL},
    {"no sleep where the tail is a message", NULL},
    {"the mark of the sleeper is no part of the address", NULL},
    {"a place is taken only where there is one", NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"mailbox", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
