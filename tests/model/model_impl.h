// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the files of the explorer share.
#ifndef MODEL_IMPL_H
#define MODEL_IMPL_H

#include "model.h"

/// The next step of a thread: what it has asked for and waits to be given.
typedef struct model_step {
    const model_site *site;
    model_kind kind;
    model_order order;
    /// Of the read of a compare-and-swap that fails.
    model_order fail_order;
    const void *object;
    size_t size;
    uint64_t value;
    uint64_t expected;
} model_step;

/// How a step went, for the thread and for the trace.
typedef struct model_outcome {
    unsigned thread;
    /// How many steps of its thread this is.
    unsigned time;
    model_step step;
    uint64_t read;
    uint64_t written;
    bool reads;
    bool writes;
    /// Who had stored what was read, in which of its steps; 0 of thread MODEL_THREADS_MAX: the setup.
    unsigned source_thread;
    unsigned source_time;
    /// What was read is not the newest, or what was written is not.
    bool stale;
} model_outcome;

static inline bool model_acquires(model_order order)
{
    return order == MODEL_ACQUIRE || order == MODEL_ACQ_REL || order == MODEL_SEQ_CST;
}

static inline bool model_releases(model_order order)
{
    return order == MODEL_RELEASE || order == MODEL_ACQ_REL || order == MODEL_SEQ_CST;
}

static inline uint64_t model_mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
    hash *= 0xd6e8feb86659fd93u;
    return hash ^ (hash >> 29);
}

// ---------------------------------------------------------------- memory.c

/// Forgets all of the execution before.
void memory_reset(void);
/// In how many ways the step can be made now; 0: it has to wait.
unsigned memory_choices(unsigned thread, const model_step *step);
/// Makes it in one of these ways.
void memory_make(unsigned thread, const model_step *step, unsigned choice, model_outcome *ret_outcome);
/// The access when nothing runs at the same time: setup and end.
uint64_t memory_direct(const model_step *step);
/// Puts the last value of each object where it belongs.
void memory_settle(void);
/// What the execution so far is: two with the same hash go on in the same ways.
uint64_t memory_hash(void);
/// Adds to a thread's history what only the explorer knows.
void memory_note(unsigned thread, uint64_t what);
/// How many steps of the thread `of` happen before the next of `thread`; of its own: how many it has made.
unsigned memory_time(unsigned thread, unsigned of);
/// A value of `size` bytes in memory.
uint64_t memory_fetch(const void *object, size_t size);
void memory_put(void *object, size_t size, uint64_t value);

// ---------------------------------------------------------------- plain.c

void plain_reset(void);
/// Fails when another thread's access to the same bytes races with this plain one.
void plain_access(unsigned thread, const void *address, size_t size, bool write);
/// The same for an atomic access, which races only with plain ones.
void plain_atomic(unsigned thread, const void *address, size_t size, bool write);

// ---------------------------------------------------------------- fiber.c

/// Runs `fn` as thread `index`, until it makes its first step or ends. Whatever ran there before is forgotten.
void fiber_start(unsigned index, void (*fn)(void));
/// Lets it go on until its next step or its end.
void fiber_resume(unsigned index);
/// In a fiber: back to the explorer, until it is resumed.
void fiber_pause(void);
/// Runs what is no thread, but may be given up like one.
void fiber_guard(void (*fn)(void));
/// Gives this execution up: the explorer's `fiber_start`, `fiber_resume` or `fiber_guard` returns.
_Noreturn void fiber_abandon(void);
/// Which one runs; MODEL_THREADS_MAX: none.
unsigned fiber_current(void);
bool fiber_ended(unsigned index);
/// Whether an address is on the stack of a fiber.
bool fiber_owns(const void *address);
bool fiber_is_local(const void *address);
/// Faults in a fiber become failures.
void fiber_catch_faults(void);

// ---------------------------------------------------------------- trace.c

void trace_reset(void);
void trace_add(const model_outcome *outcome);
/// What people call an object, or a pointer to one.
void trace_object_name(const void *address, char *ret_name, size_t size);
const char *trace_order(model_order order);
const char *trace_kind(model_kind kind);
/// The last part of a path.
const char *trace_file(const char *path);
/// The last execution.
void trace_print(const model_scenario *scenario);

// ---------------------------------------------------------------- explorer.c

typedef struct model_result {
    bool failed;
    /// It was given up because there were too many.
    bool cut;
    uint64_t executions;
    uint64_t states;
    uint32_t deepest;
} model_result;

/// All interleavings of one scenario, or up to the first that is wrong.
model_result explore(const model_scenario *scenario);
/// Why the last exploration failed.
const char *explore_failure(void);
/// Ends the exploration: `other` has used this memory until its step `time`, and nothing orders that.
_Noreturn void explore_race(const void *address, unsigned other, unsigned time);
/// The sites reached so far.
unsigned explore_sites(model_site *const **ret_sites);
/// From now on this site has this order; `fail_only`: only its failing read has. NULL: all as they are written.
void explore_weaken(const model_site *site, model_order order, bool fail_only);
/// From now on this check is left out; 0: none. Gives whether the one before was reached.
bool explore_remove(unsigned check);

#endif
