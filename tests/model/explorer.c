// SPDX-License-Identifier: MIT OR Apache-2.0
/// All executions of a scenario, depth first. An execution is the list of its choices: which thread makes the next
/// step, and in which of the ways that memory.c allows. To go back is to run again from the start, with the same
/// choices up to the place where another one is to be tried.
///
/// What is left out, and why nothing is lost
///   States   What has happened so far is a graph: the steps of each thread, who read from whom, and the modification
///            order of each object. It decides all that can follow, whatever order its steps were made in. A graph
///            that was met before (by its 64-bit hash) is not gone on from again.
///   Sleep    After all that begins with a step of thread T was tried, T's step need not be tried again behind a step
///            of another thread that does not touch the same object: it leads to the same graphs. T sleeps until a
///            step that it depends on. A state that was met asleep for more threads than now is gone on from for
///            those that were not tried (after Godefroid).
///   Steps    Only atomic accesses are steps. Plain ones belong to the step before; if the moment at which they
///            are made mattered there would be a race, and races are reported.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_impl.h"

#define DEPTH_MAX 1000
#define SITES_MAX 256
#define STATES_MAX (1u << 25)

typedef uint8_t thread_set;

/// A place in the execution at which something else may be tried.
typedef struct frame {
    thread_set asleep;
    thread_set left;
    uint8_t thread;
    uint16_t choice;
    uint16_t choices;
} frame;

typedef struct state {
    uint64_t hash;
    thread_set asleep;
} state;

typedef enum park {
    AWAKE,
    /// In a futex.
    ASLEEP,
} park;

static struct {
    const model_scenario *scenario;
    unsigned threads_count;
    model_step steps[MODEL_THREADS_MAX];
    uint64_t given[MODEL_THREADS_MAX];
    /// The step that was made last.
    model_step last;
    park parks[MODEL_THREADS_MAX];

    frame frames[DEPTH_MAX];
    unsigned depth;
    unsigned frames_count;

    state *states;
    size_t states_capacity;
    model_result result;

    bool failed;
    char failure[512];

    model_site *sites[SITES_MAX];
    unsigned sites_count;
    const model_site *weak_site;
    model_order weak_order;
    bool weak_fail_only;
    unsigned removed;
    bool removed_reached;
} run;

// ---------------------------------------------------------------- failures

static _Noreturn void fail(const char *format, va_list arguments)
{
    if (!run.failed)
        vsnprintf(run.failure, sizeof(run.failure), format, arguments);
    run.failed = true;
    fiber_abandon();
}

void model_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail(format, arguments);
}

void explore_race(const void *address, unsigned other, unsigned time)
{
    char name[64];
    trace_object_name(address, name, sizeof(name));
    model_fail("a race on plain memory, %s: with %s, whose last use of it is just before or in its step %u", name,
               run.scenario->threads[other].name, time);
}

// Assertions of the sources end here.
_Noreturn void base_assert_fail(const char *expression, const char *file, int line);
void base_assert_fail(const char *expression, const char *file, int line)
{
    model_fail("%s:%d: assertion failed: %s", trace_file(file), line, expression);
}

const char *explore_failure(void)
{
    return run.failure;
}

// ---------------------------------------------------------------- sites and mutations

static void know_site(model_site *site, const char *function)
{
    if (site->function != NULL)
        return;
    if (run.sites_count == SITES_MAX)
        model_fail("more than %d sites", SITES_MAX);
    site->function = function;
    site->number = run.sites_count;
    run.sites[run.sites_count++] = site;
}

unsigned explore_sites(model_site *const **ret_sites)
{
    *ret_sites = run.sites;
    return run.sites_count;
}

void explore_weaken(const model_site *site, model_order order, bool fail_only)
{
    run.weak_site = site;
    run.weak_order = order;
    run.weak_fail_only = fail_only;
}

bool explore_remove(unsigned check)
{
    bool reached = run.removed_reached;
    run.removed = check;
    run.removed_reached = false;
    return reached;
}

bool model_removed(unsigned check)
{
    run.removed_reached |= check == run.removed;
    return check == run.removed;
}

static void set_orders(model_step *step, const model_site *site)
{
    bool weak = site == run.weak_site;
    step->order = weak && !run.weak_fail_only ? run.weak_order : site->order;
    step->fail_order = model_acquires(step->order) ? MODEL_ACQUIRE : MODEL_RELAXED;
    if (weak && run.weak_fail_only)
        step->fail_order = run.weak_order;
}

// ---------------------------------------------------------------- what threads call

static uint64_t make(const model_step *step)
{
    unsigned thread = fiber_current();
    if (thread == MODEL_THREADS_MAX)
        return memory_direct(step);
    run.steps[thread] = *step;
    fiber_pause();
    return run.given[thread];
}

uint64_t model_access(model_site *site, const char *function, const void *object, size_t size, uint64_t value,
                      void *expected)
{
    // Those of setup and end are no steps, and can't be weakened.
    if (fiber_current() != MODEL_THREADS_MAX)
        know_site(site, function);
    model_step step = {.site = site, .kind = site->kind, .object = object, .size = size, .value = value};
    if (size < sizeof(value))
        step.value &= (1ull << (8 * size)) - 1;
    set_orders(&step, site);
    if (expected == NULL)
        return make(&step);
    step.expected = memory_fetch(expected, size);
    uint64_t before = make(&step);
    bool done = fiber_current() == MODEL_THREADS_MAX ? before == step.expected : run.given[fiber_current()] != 0;
    if (fiber_current() != MODEL_THREADS_MAX)
        before = run.steps[fiber_current()].expected;
    if (!done)
        memory_put(expected, size, before);
    return done;
}

void model_wait(void)
{
    make(&(model_step){.kind = MODEL_SPIN_OP, .size = 1});
}

void model_futex_wait(const void *word, uint32_t expected)
{
    make(&(model_step){.kind = MODEL_FUTEX_WAIT_OP, .object = word, .size = sizeof(uint32_t), .value = expected});
}

void model_futex_wake(const void *word, uint32_t count)
{
    make(&(model_step){.kind = MODEL_FUTEX_WAKE_OP, .object = word, .size = sizeof(uint32_t), .value = count});
}

// ---------------------------------------------------------------- steps

static bool is_on_memory(model_kind kind)
{
    return kind < MODEL_FUTEX_WAIT_OP;
}

// Whether two threads' next steps may lead to different graphs in their two orders.
static bool depends(const model_step *a, const model_step *b)
{
    bool a_reads = a->kind == MODEL_LOAD_OP || a->kind == MODEL_AWAIT_OP;
    bool b_reads = b->kind == MODEL_LOAD_OP || b->kind == MODEL_AWAIT_OP;
    if (a_reads && b_reads)
        return false;
    // Who spins waits for any store.
    if (a->kind == MODEL_SPIN_OP)
        return !b_reads && is_on_memory(b->kind);
    if (b->kind == MODEL_SPIN_OP)
        return !a_reads && is_on_memory(a->kind);
    return a->object == b->object;
}

static bool can_go_on(unsigned thread)
{
    return !fiber_ended(thread) && run.parks[thread] == AWAKE && memory_choices(thread, &run.steps[thread]) > 0;
}

static void wake_sleepers(unsigned waker, const model_step *step)
{
    uint64_t left = step->value;
    for (unsigned i = 0; i < run.threads_count && left > 0; i++) {
        if (run.parks[i] == ASLEEP && run.steps[i].object == step->object) {
            run.parks[i] = AWAKE;
            memory_note(waker, i + 1);
            // It goes on at once: what it does up to its next step is its own.
            fiber_resume(i);
            left--;
        }
    }
}

static void finish_step(unsigned thread, const model_outcome *outcome)
{
    model_step *step = &run.steps[thread];
    run.given[thread] = outcome->read;
    if (step->kind == MODEL_CAS_OP || step->kind == MODEL_CAS_WEAK_OP) {
        run.given[thread] = outcome->writes;
        step->expected = outcome->read;
    }
    if (step->kind == MODEL_FUTEX_WAIT_OP && outcome->read == step->value) {
        run.parks[thread] = ASLEEP;
        return;
    }
    if (step->kind == MODEL_FUTEX_WAKE_OP)
        wake_sleepers(thread, &outcome->step);
    if (!run.failed)
        fiber_resume(thread);
}

static void make_step(frame *at)
{
    model_outcome outcome;
    unsigned thread = at->thread;
    if (at->choices == 0)
        at->choices = (uint16_t)memory_choices(thread, &run.steps[thread]);
    run.last = run.steps[thread];
    memory_make(thread, &run.steps[thread], at->choice, &outcome);
    trace_add(&outcome);
    if (!run.failed)
        finish_step(thread, &outcome);
}

// ---------------------------------------------------------------- states

static state *state_at(uint64_t hash)
{
    for (size_t at = hash;; at++) {
        state *found = &run.states[at & (run.states_capacity - 1)];
        if (found->hash == hash || found->hash == 0)
            return found;
    }
}

static void states_grow(void)
{
    state *old = run.states;
    size_t count = run.states_capacity;
    run.states_capacity = count == 0 ? 1u << 16 : 2 * count;
    run.states = calloc(run.states_capacity, sizeof(*run.states));
    if (run.states == NULL)
        abort();
    for (size_t i = 0; i < count; i++) {
        if (old[i].hash != 0)
            *state_at(old[i].hash) = old[i];
    }
    free(old);
}

// Which of the threads that can go on have to be tried here; changes what is known of the state.
static thread_set untried(thread_set able, thread_set *asleep)
{
    if (run.result.states * 2 >= run.states_capacity)
        states_grow();
    uint64_t hash = memory_hash() | 1;
    state *known = state_at(hash);
    if (known->hash == 0) {
        *known = (state){.hash = hash, .asleep = *asleep};
        run.result.states++;
        return able & (thread_set) ~*asleep;
    }
    thread_set left = able & known->asleep & (thread_set) ~*asleep;
    known->asleep &= *asleep;
    *asleep = (thread_set)~left;
    return left;
}

// ---------------------------------------------------------------- one execution

static void all_ended(void)
{
    memory_settle();
    if (run.scenario->end != NULL)
        fiber_guard(run.scenario->end);
}

static void nobody_can_go_on(void)
{
    size_t len = 0;
    for (unsigned i = 0; i < run.threads_count; i++) {
        if (fiber_ended(i))
            continue;
        const model_step *step = &run.steps[i];
        len += (size_t)snprintf(run.failure + len, sizeof(run.failure) - len, "%s%s waits for ever (%s %s)",
                                len == 0 ? "" : "; ", run.scenario->threads[i].name, trace_kind(step->kind),
                                step->site != NULL ? step->site->object : "");
    }
    run.failed = true;
}

// What sleeps behind the step of the frame before.
static thread_set asleep_here(void)
{
    if (run.depth == 0)
        return 0;
    const frame *before = &run.frames[run.depth - 1];
    thread_set asleep = 0;
    // Their steps are still the same: they have not moved.
    for (unsigned i = 0; i < run.threads_count; i++) {
        if ((before->asleep >> i & 1) != 0 && i != before->thread && !fiber_ended(i) &&
            !depends(&run.steps[i], &run.last))
            asleep |= (thread_set)(1u << i);
    }
    return asleep;
}

// Adds the frame in which the execution is now; false when nothing is left to try from here.
static bool frame_add(void)
{
    thread_set able = 0;
    bool all = true;
    for (unsigned i = 0; i < run.threads_count; i++) {
        all &= fiber_ended(i);
        if (can_go_on(i))
            able |= (thread_set)(1u << i);
    }
    if (all) {
        all_ended();
        return false;
    }
    if (able == 0) {
        nobody_can_go_on();
        return false;
    }
    if (run.depth == DEPTH_MAX) {
        run.failed = true;
        snprintf(run.failure, sizeof(run.failure), "no end after %d steps", DEPTH_MAX);
        return false;
    }
    thread_set asleep = asleep_here();
    thread_set left = untried(able, &asleep);
    if (left == 0)
        return false;
    frame *added = &run.frames[run.frames_count++];
    unsigned thread = (unsigned)__builtin_ctz(left);
    *added = (frame){.asleep = asleep, .left = left, .thread = (uint8_t)thread};
    added->choices = (uint16_t)memory_choices(thread, &run.steps[thread]);
    return true;
}

static void begin(void)
{
    run.depth = 0;
    memory_reset();
    plain_reset();
    trace_reset();
    memset(run.parks, 0, sizeof(run.parks));
    fiber_guard(run.scenario->setup);
    for (unsigned i = 0; i < run.threads_count && !run.failed; i++)
        fiber_start(i, run.scenario->threads[i].run);
}

static void execute(void)
{
    begin();
    run.result.executions++;
    while (!run.failed) {
        if (run.depth == run.frames_count && !frame_add())
            break;
        make_step(&run.frames[run.depth]);
        run.depth++;
    }
    if (run.depth > run.result.deepest)
        run.result.deepest = run.depth;
}

// The next list of choices; false when there is none.
static bool go_back(void)
{
    while (run.frames_count > 0) {
        frame *last = &run.frames[run.frames_count - 1];
        if (++last->choice < last->choices)
            return true;
        last->left &= (thread_set) ~(1u << last->thread);
        last->asleep |= (thread_set)(1u << last->thread);
        if (last->left != 0) {
            last->thread = (uint8_t)__builtin_ctz(last->left);
            last->choice = 0;
            // Counted when the execution is there again.
            last->choices = 0;
            return true;
        }
        run.frames_count--;
    }
    return false;
}

model_result explore(const model_scenario *scenario)
{
    run.scenario = scenario;
    run.threads_count = 0;
    while (run.threads_count < MODEL_THREADS_MAX && scenario->threads[run.threads_count].run != NULL)
        run.threads_count++;
    run.frames_count = 0;
    run.failed = false;
    run.result = (model_result){0};
    if (run.states != NULL)
        memset(run.states, 0, run.states_capacity * sizeof(*run.states));
    fiber_catch_faults();
    do {
        execute();
    } while (!run.failed && run.result.states < STATES_MAX && go_back());
    run.result.cut = run.result.states >= STATES_MAX;
    run.result.failed = run.failed;
    return run.result;
}
