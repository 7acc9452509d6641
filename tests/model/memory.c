// SPDX-License-Identifier: MIT OR Apache-2.0
/// The memory model: C11 as C17 and C++20 have repaired it, without fences and without consume.
///
/// Each object has its stores in modification order. Each thread has a view: for each object, how far in that order
/// what happens before the thread's next step has come. A load may return any store from there on. A release store
/// carries its thread's view, an acquire load joins it; that is happens-before. Beside views there are vector clocks
/// (how many steps of each thread happen before), for races and for the order S of the seq_cst steps.
///
///   Loads   of any store at or behind the view: coherence, and nothing else, bounds how old it may be.
///   Stores  go to any place in modification order behind the view, not only to the end: that one was made later does
///           not order two that race. Never between a read-modify-write and what it has read.
///   Read-modify-writes  read any store behind the view that no other read-modify-write has read, and stand right
///           behind it. Compare-and-swap that fails is a load, also of an old value; the weak one fails once for no
///           reason in each thread.
///   Release sequences  go on through read-modify-writes only, as in C++20 (C11: also through the thread's own stores).
///   seq_cst  an order S of all seq_cst steps has to exist that agrees with coherence on each object and with
///           strongly-happens-before, as in C++20. S is not the order of execution: it is kept as a partial order, and
///           a step that would close a circle can't be made.
///
/// Where this is less than C11 allows: a load never returns a store that is executed later, so there is no load
/// buffering (and nothing out of thin air): po and rf together have no circle, as in RC11. Where it is more than
/// compilers and processors do: everywhere else.
#include <string.h>

#include "model_impl.h"

#define OBJECTS_MAX 64
#define STORES_MAX 60
#define SEQ_CST_MAX 64
#define SETUP MODEL_THREADS_MAX
#define NONE 0xff

typedef struct vector_clock {
    uint16_t time[MODEL_THREADS_MAX];
} vector_clock;

/// What a thread knows, or what a store tells.
typedef struct knowledge {
    /// By object: the store that is known, none earlier can be read.
    uint8_t view[OBJECTS_MAX];
    vector_clock clock;
} knowledge;

typedef struct store {
    uint64_t value;
    uint8_t thread;
    uint16_t time;
    /// Its place in modification order.
    uint8_t rank;
    /// A read-modify-write has read it and stands right behind it.
    bool updated;
    /// What an acquire load learns.
    bool tells;
    knowledge told;
} store;

typedef struct location {
    const void *address;
    uint8_t size;
    uint8_t count;
    uint64_t hash;
    /// Store numbers in modification order.
    uint8_t order[STORES_MAX];
    store stores[STORES_MAX];
} location;

/// A step of S.
typedef struct seq_cst {
    uint8_t thread;
    uint16_t time;
    uint8_t object;
    uint8_t read;
    uint8_t written;
    /// All that come before it in S.
    uint64_t before;
} seq_cst;

typedef struct worker {
    knowledge knows;
    uint64_t history;
    /// Objects read since it last waited in a loop.
    uint64_t looked;
    bool failed_for_nothing;
} worker;

/// One way to make a step.
typedef struct choice {
    enum {
        READ,
        UPDATE,
        INSERT,
        ADVANCE,
        PASS
    } kind;
    uint8_t object;
    uint8_t store;
} choice;

static struct {
    location objects[OBJECTS_MAX];
    unsigned objects_count;
    worker threads[MODEL_THREADS_MAX];
    seq_cst seq_csts[SEQ_CST_MAX];
    unsigned seq_csts_count;
} memory;

// ---------------------------------------------------------------- objects

uint64_t memory_fetch(const void *address, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, address, size);
    return value;
}

void memory_put(void *address, size_t size, uint64_t value)
{
    memcpy(address, &value, size);
}

static uint64_t hash_of_order(const location *self)
{
    uint64_t hash = (uint64_t)(uintptr_t)self->address;
    for (unsigned i = 0; i < self->count; i++) {
        const store *one = &self->stores[self->order[i]];
        hash = model_mix(hash, ((uint64_t)one->thread << 16) | one->time);
    }
    return hash;
}

// Made when it is first used; its value is what the setup has left in memory.
static unsigned object_at(const void *address, size_t size)
{
    for (unsigned i = 0; i < memory.objects_count; i++) {
        if (memory.objects[i].address == address)
            return i;
    }
    if (memory.objects_count == OBJECTS_MAX)
        model_fail("more than %d atomic objects", OBJECTS_MAX);
    location *made = &memory.objects[memory.objects_count];
    made->address = address;
    made->size = (uint8_t)size;
    made->count = 1;
    made->order[0] = 0;
    made->stores[0] = (store){.value = memory_fetch(address, size), .thread = SETUP};
    made->hash = hash_of_order(made);
    for (unsigned i = 0; i < MODEL_THREADS_MAX; i++)
        memory.threads[i].knows.view[memory.objects_count] = 0;
    return memory.objects_count++;
}

static unsigned rank_in_view(const knowledge *knows, unsigned at)
{
    return memory.objects[at].stores[knows->view[at]].rank;
}

static void know_store(knowledge *knows, unsigned at, unsigned number)
{
    if (memory.objects[at].stores[number].rank > rank_in_view(knows, at))
        knows->view[at] = (uint8_t)number;
}

static void learn(knowledge *knows, const knowledge *told)
{
    for (unsigned i = 0; i < memory.objects_count; i++)
        know_store(knows, i, told->view[i]);
    for (unsigned i = 0; i < MODEL_THREADS_MAX; i++) {
        if (told->clock.time[i] > knows->clock.time[i])
            knows->clock.time[i] = told->clock.time[i];
    }
}

void memory_reset(void)
{
    memory.objects_count = 0;
    memory.seq_csts_count = 0;
    memset(memory.threads, 0, sizeof(memory.threads));
}

// ---------------------------------------------------------------- S

// The step that would be made: reads `read` and stands behind `behind`, each NONE if it does not.
typedef struct candidate {
    unsigned thread;
    unsigned object;
    unsigned read;
    unsigned behind;
} candidate;

// Whether coherence has `other` before the candidate, or the candidate before `other`.
static bool coherent_before(const seq_cst *other, const candidate *next)
{
    const store *stores = memory.objects[next->object].stores;
    if (other->object != next->object)
        return false;
    if (next->behind != NONE) {
        unsigned rank = stores[next->behind].rank;
        if ((other->written != NONE && stores[other->written].rank <= rank) ||
            (other->read != NONE && stores[other->read].rank <= rank))
            return true;
    }
    return next->read != NONE && other->written != NONE && stores[other->written].rank <= stores[next->read].rank;
}

static bool coherent_after(const seq_cst *other, const candidate *next)
{
    const store *stores = memory.objects[next->object].stores;
    if (other->object != next->object)
        return false;
    if (next->behind != NONE) {
        unsigned rank = stores[next->behind].rank;
        if ((other->written != NONE && stores[other->written].rank > rank) ||
            (other->read != NONE && stores[other->read].rank > rank))
            return true;
    }
    return next->read != NONE && other->written != NONE && stores[other->written].rank > stores[next->read].rank;
}

// What S has before and after the candidate; false when that is a circle.
static bool place_in_s(const candidate *next, uint64_t *ret_before, uint64_t *ret_after)
{
    const vector_clock *clock = &memory.threads[next->thread].knows.clock;
    uint64_t before = 0;
    uint64_t after = 0;
    for (unsigned i = 0; i < memory.seq_csts_count; i++) {
        const seq_cst *other = &memory.seq_csts[i];
        // Strongly happens before: sequenced, or something sequenced after the other one happens before something
        // sequenced before this one.
        bool strongly = other->thread == next->thread || clock->time[other->thread] > other->time;
        if (strongly || coherent_before(other, next))
            before |= other->before | (1ull << i);
        if (coherent_after(other, next))
            after |= 1ull << i;
    }
    *ret_before = before;
    *ret_after = after;
    return (before & after) == 0;
}

static bool fits_s(unsigned thread, model_order order, unsigned at, unsigned read, unsigned behind)
{
    uint64_t before;
    uint64_t after;
    if (order != MODEL_SEQ_CST)
        return true;
    candidate next = {.thread = thread, .object = at, .read = read, .behind = behind};
    return place_in_s(&next, &before, &after);
}

static void add_to_s(const seq_cst *added, uint64_t after)
{
    if (memory.seq_csts_count == SEQ_CST_MAX)
        model_fail("more than %d seq_cst steps", SEQ_CST_MAX);
    unsigned number = memory.seq_csts_count++;
    memory.seq_csts[number] = *added;
    for (unsigned i = 0; i < number; i++) {
        if ((memory.seq_csts[i].before & after) != 0 || (after >> i & 1) != 0)
            memory.seq_csts[i].before |= added->before | (1ull << number);
    }
}

// ---------------------------------------------------------------- choices

typedef struct choices {
    unsigned count;
    choice all[2 * STORES_MAX];
} choices;

static void add(choices *to, int kind, unsigned at, unsigned number)
{
    to->all[to->count].kind = (unsigned)kind;
    to->all[to->count].object = (uint8_t)at;
    to->all[to->count++].store = (uint8_t)number;
}

static bool is_cas(model_kind kind)
{
    return kind == MODEL_CAS_OP || kind == MODEL_CAS_WEAK_OP;
}

static bool is_load(model_kind kind)
{
    return kind == MODEL_LOAD_OP || kind == MODEL_AWAIT_OP;
}

static bool is_store(model_kind kind)
{
    return kind == MODEL_STORE_OP || kind == MODEL_INIT_OP;
}

static void choose_at(choices *to, unsigned thread, const model_step *step, unsigned at, unsigned number)
{
    const store *one = &memory.objects[at].stores[number];
    if (is_load(step->kind)) {
        if ((step->kind == MODEL_LOAD_OP || one->value != step->value) && fits_s(thread, step->order, at, number, NONE))
            add(to, READ, at, number);
        return;
    }
    if (is_store(step->kind)) {
        if (!one->updated && fits_s(thread, step->order, at, NONE, number))
            add(to, INSERT, at, number);
        return;
    }
    bool equal = step->kind == MODEL_LOCK_OP ? one->value == 0 : !is_cas(step->kind) || one->value == step->expected;
    if (equal && !one->updated && fits_s(thread, step->order, at, number, number))
        add(to, UPDATE, at, number);
    bool for_nothing = step->kind == MODEL_CAS_WEAK_OP && equal && !memory.threads[thread].failed_for_nothing;
    if (is_cas(step->kind) && (!equal || for_nothing))
        add(to, READ, at, number);
}

// Goes on when one of the objects that it has read has a store that it has not seen: each of them is one choice.
static void choose_spin(choices *to, unsigned thread)
{
    const worker *self = &memory.threads[thread];
    for (unsigned i = 0; i < memory.objects_count; i++) {
        unsigned rank = rank_in_view(&self->knows, i);
        if ((self->looked >> i & 1) != 0 && rank + 1u < memory.objects[i].count)
            add(to, ADVANCE, i, memory.objects[i].order[rank + 1]);
    }
}

// The newest first: the first execution is what one would expect.
static void choose(choices *to, unsigned thread, const model_step *step)
{
    to->count = 0;
    if (step->kind == MODEL_SPIN_OP) {
        choose_spin(to, thread);
        return;
    }
    unsigned at = object_at(step->object, step->size);
    const location *object = &memory.objects[at];
    if (step->kind == MODEL_FUTEX_WAIT_OP || step->kind == MODEL_FUTEX_WAKE_OP) {
        add(to, PASS, at, object->order[object->count - 1]);
        return;
    }
    unsigned first = rank_in_view(&memory.threads[thread].knows, at);
    for (unsigned rank = object->count; rank-- > first;)
        choose_at(to, thread, step, at, object->order[rank]);
}

unsigned memory_choices(unsigned thread, const model_step *step)
{
    choices all;
    choose(&all, thread, step);
    return all.count;
}

// ---------------------------------------------------------------- making a step

static uint64_t result_of(const model_step *step, uint64_t before)
{
    switch (step->kind) {
    case MODEL_ADD_OP:
        return before + step->value;
    case MODEL_SUB_OP:
        return before - step->value;
    case MODEL_OR_OP:
        return before | step->value;
    case MODEL_AND_OP:
        return before & step->value;
    default:
        return step->value;
    }
}

static uint64_t cut_to(uint64_t value, size_t size)
{
    return size >= sizeof(value) ? value : value & ((1ull << (8 * size)) - 1);
}

static void read_store(worker *self, unsigned at, unsigned number, model_order order)
{
    const store *one = &memory.objects[at].stores[number];
    know_store(&self->knows, at, number);
    if (model_acquires(order) && one->tells)
        learn(&self->knows, &one->told);
}

// Puts a store right behind another one. Gives its number.
static unsigned insert_store(location *object, unsigned behind)
{
    if (object->count == STORES_MAX)
        model_fail("more than %d stores to one object", STORES_MAX);
    unsigned number = object->count++;
    unsigned rank = object->stores[behind].rank + 1u;
    for (unsigned i = number; i > rank; i--) {
        object->order[i] = object->order[i - 1];
        object->stores[object->order[i]].rank = (uint8_t)i;
    }
    object->order[rank] = (uint8_t)number;
    object->stores[number].rank = (uint8_t)rank;
    return number;
}

static unsigned write_store(unsigned thread, const model_step *step, const choice *made, uint64_t value)
{
    worker *self = &memory.threads[thread];
    location *object = &memory.objects[made->object];
    unsigned number = insert_store(object, made->store);
    store *one = &object->stores[number];
    const store *before = &object->stores[made->store];
    one->value = value;
    one->thread = (uint8_t)thread;
    one->time = self->knows.clock.time[thread];
    one->updated = false;
    one->tells = model_releases(step->order);
    self->knows.view[made->object] = (uint8_t)number;
    if (one->tells)
        one->told = self->knows;
    // The release sequence goes on.
    if (made->kind == UPDATE && before->tells) {
        if (one->tells)
            learn(&one->told, &before->told);
        else
            one->told = before->told;
        one->tells = true;
    }
    if (made->kind == UPDATE)
        object->stores[made->store].updated = true;
    object->hash = hash_of_order(object);
    return number;
}

// A step on an object: read, write or both.
static void access_object(unsigned thread, const model_step *step, const choice *made, model_outcome *ret)
{
    worker *self = &memory.threads[thread];
    const location *object = &memory.objects[made->object];
    ret->reads = made->kind != INSERT;
    ret->writes = made->kind != READ;
    ret->stale = made->store != object->order[object->count - 1];
    model_order order = made->kind == READ && is_cas(step->kind) ? step->fail_order : step->order;

    // Its place in S follows from what the thread knew before.
    seq_cst place = {.thread = (uint8_t)thread,
                     .time = self->knows.clock.time[thread],
                     .object = made->object,
                     .read = ret->reads ? made->store : NONE,
                     .written = NONE};
    uint64_t after = 0;
    if (order == MODEL_SEQ_CST) {
        candidate next = {thread, made->object, place.read, ret->writes ? made->store : NONE};
        (void)place_in_s(&next, &place.before, &after);
    }
    if (ret->reads) {
        const store *source = &object->stores[made->store];
        ret->read = source->value;
        ret->source_thread = source->thread;
        ret->source_time = source->time;
        self->looked |= 1ull << made->object;
        read_store(self, made->object, made->store, order);
    }
    if (ret->writes) {
        ret->written = cut_to(result_of(step, ret->read), step->size);
        place.written = (uint8_t)write_store(thread, step, made, ret->written);
    }
    if (order == MODEL_SEQ_CST)
        add_to_s(&place, after);
}

void memory_make(unsigned thread, const model_step *step, unsigned number, model_outcome *ret)
{
    choices all;
    choose(&all, thread, step);
    const choice *made = &all.all[number];
    worker *self = &memory.threads[thread];
    const store *source = &memory.objects[made->object].stores[made->store];
    uint64_t id = ((uint64_t)source->thread << 16) | source->time;

    self->knows.clock.time[thread]++;
    *ret = (model_outcome){.thread = thread, .time = self->knows.clock.time[thread], .step = *step};
    if (made->kind == ADVANCE) {
        know_store(&self->knows, made->object, made->store);
        self->looked = 0;
        id ^= (uint64_t)(uintptr_t)memory.objects[made->object].address << 20;
    } else if (made->kind == PASS) {
        // The kernel looks at the newest, and so its thread can't see an older one later; nothing else is ordered.
        ret->read = source->value;
        know_store(&self->knows, made->object, made->store);
    } else {
        access_object(thread, step, made, ret);
        plain_atomic(thread, step->object, step->size, ret->writes);
        if (step->kind == MODEL_INIT_OP)
            plain_access(thread, step->object, step->size, true);
        if (step->kind == MODEL_CAS_WEAK_OP && !ret->writes && ret->read == step->expected)
            self->failed_for_nothing = true;
    }
    memory_note(thread, (id << 3) | made->kind);
}

// ---------------------------------------------------------------- the whole

void memory_note(unsigned thread, uint64_t what)
{
    memory.threads[thread].history = model_mix(memory.threads[thread].history, what);
}

unsigned memory_time(unsigned thread, unsigned of)
{
    return memory.threads[thread].knows.clock.time[of];
}

uint64_t memory_hash(void)
{
    uint64_t hash = 0;
    for (unsigned i = 0; i < MODEL_THREADS_MAX; i++)
        hash = model_mix(hash, memory.threads[i].history);
    // Objects are numbered as they are met, which differs: the sum does not.
    uint64_t sum = 0;
    for (unsigned i = 0; i < memory.objects_count; i++) {
        // One that was only read is as one that was not met.
        if (memory.objects[i].count > 1)
            sum += model_mix(1, memory.objects[i].hash);
    }
    return model_mix(hash, sum);
}

uint64_t memory_direct(const model_step *step)
{
    uint64_t before = memory_fetch(step->object, step->size);
    if (is_load(step->kind) || step->kind == MODEL_SPIN_OP || (is_cas(step->kind) && before != step->expected))
        return before;
    memory_put((void *)(uintptr_t)step->object, step->size, result_of(step, before));
    return before;
}

void memory_settle(void)
{
    for (unsigned i = 0; i < memory.objects_count; i++) {
        const location *object = &memory.objects[i];
        memory_put((void *)(uintptr_t)object->address, object->size,
                   object->stores[object->order[object->count - 1]].value);
    }
}
