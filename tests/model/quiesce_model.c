// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deferred calls: what a call ends is in nobody's hands any more. The call writes to it as who frees it may; a reader
/// that still reads is a race.
#include "model_workers.h"

typedef struct thing {
    uint32_t content;
    base_retired retired;
} thing;

static struct {
    BASE_ATOMIC(thing *) shared;
    thing first;
    thing second;
    BASE_ATOMIC(uint32_t) calls;
    /// As in idle.c: a worker that goes to sleep.
    BASE_ATOMIC(uint32_t) asleep;
    bool seen_asleep;
    bool found_nothing;
} shelf;

void sched_idle_notify(sched *scheduler)
{
    (void)scheduler;
    shelf.seen_asleep = base_atomic_load_seq_cst(&shelf.asleep) != 0;
}

void os_thread_yield(void)
{
    model_wait();
}

static void end_thing(base_retired *retired)
{
    thing *gone = ds_container_of(retired, thing, retired);
    gone->content = 0;
    base_atomic_fetch_add_relaxed(&shelf.calls, 1u);
}

static void look(void)
{
    thing *found = base_atomic_load_acquire(&shelf.shared);
    model_check(found == NULL || found->content == 7);
}

static void setup_workers(uint32_t workers)
{
    plant_setup(workers);
    model_thread_local(sched_nested_reads, sizeof sched_nested_reads);
    sched_quiesce_init(&plant.scheduler);
    memset(&shelf, 0, sizeof(shelf));
    shelf.first.content = 7;
    shelf.shared = &shelf.first;
    model_name(&shelf.shared, "shared");
    model_name(&shelf.first, "first");
}

static void setup_one(void)
{
    setup_workers(1);
}

static void setup_two(void)
{
    setup_workers(2);
}

// Takes the thing away, and passes a few times between polls.
static void retire(void)
{
    sched_worker *self = &plant.workers[0];
    sched_this_worker = self;
    sched_quiesce_online(self);
    base_atomic_store_release(&shelf.shared, NULL);
    sched_defer(&plant.scheduler, &shelf.first.retired, end_thing);
    sched_quiesce_pass(self);
    sched_quiesce_pass(self);
    sched_quiesce_offline(self);
}

// The same with readers that have gone already.
static void retire_in_one_pass(void)
{
    sched_this_worker = &plant.workers[0];
    base_atomic_store_release(&shelf.shared, NULL);
    sched_defer(&plant.scheduler, &shelf.first.retired, end_thing);
    sched_quiesce_pass(&plant.workers[0]);
}

static void read_between_passes(void)
{
    sched_worker *self = &plant.workers[1];
    sched_this_worker = self;
    sched_quiesce_online(self);
    look();
    sched_quiesce_pass(self);
    look();
    sched_quiesce_offline(self);
}

static void read_twice_awake(void)
{
    sched_worker *self = &plant.workers[1];
    sched_this_worker = self;
    for (int i = 0; i < 2; i++) {
        sched_quiesce_online(self);
        look();
        sched_quiesce_offline(self);
    }
}

static void read_foreign(void)
{
    sched_read read = sched_read_enter(&plant.scheduler);
    look();
    sched_read_leave(&plant.scheduler, read);
}

// One section in another, and the outer one left first.
static void read_nested(void)
{
    sched_read outer = sched_read_enter(&plant.scheduler);
    sched_read inner = sched_read_enter(&plant.scheduler);
    sched_read_leave(&plant.scheduler, outer);
    look();
    sched_read_leave(&plant.scheduler, inner);
}

static void enter_and_leave(void)
{
    sched_read read = sched_read_enter(&plant.scheduler);
    sched_read_leave(&plant.scheduler, read);
}

// A foreign thread takes it away; a worker adopts the call.
static void retire_foreign(void)
{
    base_atomic_store_release(&shelf.shared, NULL);
    sched_defer(&plant.scheduler, &shelf.first.retired, end_thing);
}

static void adopt(void)
{
    sched_worker *self = &plant.workers[0];
    sched_this_worker = self;
    sched_quiesce_online(self);
    look();
    sched_quiesce_pass(self);
    sched_quiesce_pass(self);
    sched_quiesce_offline(self);
}

// Reads, then has something to retire itself: its own grace period says that it has seen the other's.
static void read_and_retire(void)
{
    sched_worker *self = &plant.workers[1];
    sched_this_worker = self;
    sched_quiesce_online(self);
    look();
    sched_defer(&plant.scheduler, &shelf.second.retired, end_thing);
    sched_quiesce_pass(self);
    sched_quiesce_offline(self);
}

// Has more to retire before the first grace period has ended.
static void retire_again(void)
{
    sched_worker *self = &plant.workers[0];
    sched_this_worker = self;
    base_atomic_store_release(&shelf.shared, NULL);
    sched_defer(&plant.scheduler, &shelf.first.retired, end_thing);
    sched_quiesce_pass(self);
    sched_defer(&plant.scheduler, &shelf.second.retired, end_thing);
    sched_quiesce_pass(self);
}

static void end_again(void)
{
    uint32_t left = plant.workers[0].deferrals.waiting != NULL;
    left += plant.workers[0].deferrals.filling != NULL;
    model_check(base_atomic_load_relaxed(&shelf.calls) + left == 2);
}

// Goes to sleep, and looks for deferred calls.
static void fall_asleep(void)
{
    base_atomic_fetch_add_seq_cst(&shelf.asleep, 1u);
    shelf.found_nothing = base_atomic_load_seq_cst(&plant.scheduler.foreign_deferrals) == 0;
}

static void end_asleep(void)
{
    model_check(shelf.seen_asleep || !shelf.found_nothing);
}

static void end(void)
{
    model_check(plant.workers[0].deferrals.filling == NULL);
}

static const model_scenario scenarios[] = {
    {"a worker that reads between passes",
     setup_two,
     {{"retires", retire}, {"reads", read_between_passes}},
     end,
     false},
    {"a worker that comes and goes", setup_two, {{"retires", retire}, {"reads", read_twice_awake}}, end, false},
    {"a foreign reader", setup_one, {{"retires", retire}, {"reads", read_foreign}}, end, false},
    {"a foreign reader in two sections", setup_one, {{"retires", retire}, {"reads", read_nested}}, end, false},
    {"a foreign thread retires, a worker reads and adopts",
     setup_one,
     {{"retires", retire_foreign}, {"adopts", adopt}},
     end,
     false},
    {"a foreign thread retires, a worker falls asleep",
     setup_one,
     {{"retires", retire_foreign}, {"sleeps", fall_asleep}},
     end_asleep,
     false},
    {"a foreign reader, more is retired meanwhile",
     setup_one,
     {{"retires", retire_again}, {"reads", read_foreign}},
     end_again,
     false},
    {"two workers retire", setup_two, {{"retires", retire}, {"retires too", read_and_retire}}, end, false},
    {"two foreign readers",
     setup_one,
     {{"retires", retire_in_one_pass}, {"reads", read_foreign}, {"comes and goes", enter_and_leave}},
     end,
     false},
    {0},
};

static const char *const files[] = {"quiesce.c", NULL};

static const model_kept kept[] = {
    {"deferrals_adopt", "&scheduler->foreign_deferrals", MODEL_STORE_OP, MODEL_RELAXED,
     "it gets smaller, under the lock: who sees the larger one looks in vain", false, 0},
    {"sched_quiesce_online", "&worker->seen", MODEL_ANY_OP, MODEL_ACQUIRE,
     "the release sequence of the store that went offline goes on through it", false, 0},
    {"reader_claim", "seen", MODEL_CAS_OP, MODEL_ACQUIRE,
     "the release sequence of the store that left goes on through it", true, 0},
    {"deferrals_begin", "&worker->sched->readers_count", MODEL_ANY_OP, MODEL_RELEASE,
     "a slot that is counted is looked at, and that look acquires", false, 0},
    {"deferrals_begin", "&worker->sched->epoch", MODEL_ANY_OP, MODEL_RELEASE,
     "a later target goes on with the release sequences of those before", false, 0},
    {"reader_take", "&scheduler->readers_count", MODEL_CAS_OP, MODEL_RELAXED,
     "the next round loads what this has stored, or something later, and acquires", false, 0},
    {0},
};

static const model_removal checks[] = {
    {"a participant has to have seen the target", NULL},
    {"who is offline is looked at by a read-modify-write", NULL},
    {"who is online is not looked at twice", "the read-modify-write that follows sees the same"},
    {"what came online meanwhile has to pass", NULL},
    {"a batch waits until the one before has ended", NULL},
    {"foreign readers take part", NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"quiesce", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
