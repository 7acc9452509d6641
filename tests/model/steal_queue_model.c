// SPDX-License-Identifier: MIT OR Apache-2.0
/// The run queue: each element is taken exactly once, by who then sees what its owner did to it; the oldest first; and
/// the ring is used again.
#include <string.h>

#include "base/alloc.h"
#include "ds/steal_queue.h"

#define ITEMS 4
#define CAPACITY 2
#define CAPACITY_LARGE 4

typedef struct item {
    /// Plain: written before the push, read after the take.
    uint32_t number;
    uint32_t taken;
} item;

static struct {
    ds_steal_queue queue;
    BASE_ATOMIC(void *) slots[CAPACITY_LARGE];
    item items[ITEMS];
    uint32_t pushed;
    /// The last number that each thread has taken; the last one is of the end.
    uint32_t last[MODEL_THREADS_MAX + 1];
    uint32_t count;
} ring;

static void setup(uint32_t count)
{
    memset(&ring, 0, sizeof(ring));
    ring.count = count;
    ring.queue.slots = ring.slots;
    ring.queue.mask = CAPACITY - 1;
    model_name(&ring.queue.front, "front");
    model_name(&ring.queue.back, "back");
    model_name(&ring.slots[0], "slot 0");
    model_name(&ring.slots[1], "slot 1");
    static const char *const names[ITEMS] = {"item 1", "item 2", "item 3", "item 4"};
    for (uint32_t i = 0; i < ITEMS; i++)
        model_name(&ring.items[i], names[i]);
}

static void setup_1(void)
{
    setup(1);
}

static void setup_2(void)
{
    setup(2);
}

static void setup_3(void)
{
    setup(3);
}

static void setup_4(void)
{
    setup(4);
}

static void setup_large(void)
{
    setup(4);
    ring.queue.mask = CAPACITY_LARGE - 1;
}

static void got(void *element)
{
    item *one = element;
    model_check(one != NULL);
    model_check(one->taken == 0);
    one->taken = 1;
    model_check(one->number > ring.last[model_thread()]);
    ring.last[model_thread()] = one->number;
}

static bool push(void)
{
    item *one = &ring.items[ring.pushed];
    one->number = ring.pushed + 1;
    if (!ds_steal_queue_push(&ring.queue, one))
        return false;
    ring.pushed++;
    return true;
}

static bool take(void)
{
    void *element = ds_steal_queue_take(&ring.queue);
    if (element != NULL)
        got(element);
    return element != NULL;
}

// Takes one where there is no place.
static void own(void)
{
    while (ring.pushed < ring.count) {
        if (!push())
            take();
    }
}

// The same, and takes one of its own at the end.
static void own_and_take(void)
{
    own();
    take();
}

static void steal_one(void)
{
    take();
}

static void steal_three_times(void)
{
    for (int i = 0; i < 3; i++)
        take();
}

static void steal_half(void)
{
    void *elements[CAPACITY];
    uint32_t count = ds_steal_queue_take_half(&ring.queue, elements, CAPACITY);
    model_check(count <= CAPACITY);
    for (uint32_t i = 0; i < count; i++)
        got(elements[i]);
}

// Of a single element, a queue is at most one long, however old what it looks at.
static void look(void)
{
    model_check(ds_steal_queue_len(&ring.queue) <= 1);
}

// However old what it looks at, a queue is never longer than its ring.
static void look_at_ring(void)
{
    model_check(ds_steal_queue_len(&ring.queue) <= CAPACITY);
}

// A thief that has less room than half of the queue.
static void steal_into_one(void)
{
    void *elements[CAPACITY_LARGE] = {0};
    uint32_t count = ds_steal_queue_take_half(&ring.queue, elements, 1);
    model_check(count <= 1 && elements[1] == NULL);
    if (count == 1)
        got(elements[0]);
}

static void end(void)
{
    while (take()) {
    }
    model_check(ring.pushed == ring.count);
    for (uint32_t i = 0; i < ring.count; i++)
        model_check(ring.items[i].taken == 1);
    model_check(ds_steal_queue_len(&ring.queue) == 0);
}

// The search of sched/idle.c: who adds looks whether one sleeps, who goes to sleep looks whether there is something.
static BASE_ATOMIC(uint32_t) asleep;
static bool seen_asleep;
static bool found_nothing;

static void setup_dekker(void)
{
    setup(1);
    base_atomic_init(&asleep, 0u);
    model_name(&asleep, "asleep");
    seen_asleep = false;
    found_nothing = false;
}

static void add_and_look(void)
{
    push();
    seen_asleep = base_atomic_load_seq_cst(&asleep) != 0;
}

static void look_and_sleep(void)
{
    base_atomic_fetch_add_seq_cst(&asleep, 1u);
    found_nothing = ds_steal_queue_len(&ring.queue) == 0;
}

static void end_dekker(void)
{
    model_check(seen_asleep || !found_nothing);
}

static void take_and_sleep(void)
{
    base_atomic_fetch_add_seq_cst(&asleep, 1u);
    found_nothing = !take();
}

static void half_and_sleep(void)
{
    void *element;
    base_atomic_fetch_add_seq_cst(&asleep, 1u);
    found_nothing = ds_steal_queue_take_half(&ring.queue, &element, 1) == 0;
}

static const model_scenario scenarios[] = {
    {"two elements, a thief", setup_2, {{"owner", own_and_take}, {"thief", steal_one}}, end, false},
    {"three elements in a ring of two, a thief",
     setup_3,
     {{"owner", own_and_take}, {"thief", steal_three_times}},
     end,
     false},
    {"three elements, a thief of halves", setup_3, {{"owner", own_and_take}, {"thief", steal_half}}, end, false},
    {"three elements in a ring of two, one that looks", setup_3, {{"owner", own}, {"looks", look_at_ring}}, end, false},
    {"four elements, a thief with little room", setup_large, {{"owner", own}, {"thief", steal_into_one}}, end, false},
    {"a search that sleeps", setup_dekker, {{"owner", add_and_look}, {"searcher", look_and_sleep}}, end_dekker, false},
    {"a take that sleeps", setup_dekker, {{"owner", add_and_look}, {"searcher", take_and_sleep}}, end_dekker, false},
    {"a steal that sleeps", setup_dekker, {{"owner", add_and_look}, {"searcher", half_and_sleep}}, end_dekker, false},
    {"three elements, a thief of halves, a thief",
     setup_3,
     {{"owner", own}, {"halves", steal_half}, {"thief", steal_one}},
     end,
     false},
    {"one element, a thief, one that looks",
     setup_1,
     {{"owner", own}, {"thief", steal_one}, {"looks", look}},
     end,
     false},
    {"four elements, a thief of halves, a thief",
     setup_4,
     {{"owner", own_and_take}, {"halves", steal_half}, {"thief", steal_three_times}},
     end,
     true},
    {0},
};

static const char *const files[] = {"steal_queue.c", NULL};

static const model_kept kept[] = {
    // The taker would have to read from its slot what the owner stores there later: load buffering, which is not
    // explored. Processors keep the store behind the branch on what was loaded; C11 does not count that.
    {"ds_steal_queue_push", "&queue->front", MODEL_ANY_OP, MODEL_RELAXED,
     "only load buffering could tell; needed by C11 all the same", false, 0},
    {0},
};

static const model_removal checks[] = {
    {"a push looks at what the takers have left", NULL},
    {"a push fails where the ring is full", NULL},
    {"a take ends at the back", NULL},
    {"one compare-and-swap wins an element", NULL},
    {"one compare-and-swap wins a half", NULL},
    {"an old front does not make a half larger than the ring",
     "the thief's room bounds it as well, and the compare-and-swap of an old front fails"},
    {"a half is at most what the thief has room for", NULL},
    {"a half of nothing is nothing", "the compare-and-swap then moves nothing, and gives nothing"},
    {"an old front does not make the length larger than the ring", NULL},
    {0},
};

int main(int argc, char **argv)
{
    static const model_suite suite = {"steal_queue", scenarios, files, kept, checks};
    return model_main(&suite, argc, argv);
}
