// SPDX-License-Identifier: MIT OR Apache-2.0
/// A model checker for lock-free C: runs a scenario's threads in every interleaving, and gives each atomic load every
/// value that the C11 memory model allows it.
///
/// A scenario is a few functions, one a thread, that use real sources of src/ compiled against the headers in
/// include/. Nothing runs in parallel: threads are fibers, and the explorer decides which makes the next step and
/// which store it reads. A claim that does not hold (`model_check`, an AIRS_ASSERT of the source, a race on plain
/// memory, a thread that waits for ever, a wild pointer) ends the exploration with the interleaving that shows it.
///
///   memory.c     the memory model: which stores a load may return, where a store may stand
///   explorer.c   all choices, depth first; sleep sets; states that were seen
///   fiber.c      threads of a scenario
///   plain.c      plain accesses: what the compiler's instrumentation for race detectors calls
///   trace.c      the interleaving, for people
///   suite.c      the scenarios of a protocol, and each of their orders weakened
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---------------------------------------------------------------- what include/base/atomics.h uses

typedef enum model_order {
    MODEL_RELAXED,
    MODEL_ACQUIRE,
    MODEL_RELEASE,
    MODEL_ACQ_REL,
    MODEL_SEQ_CST,
} model_order;

typedef enum model_kind {
    /// Not an operation: each of them.
    MODEL_ANY_OP,
    MODEL_LOAD_OP,
    /// A load that waits until it gives something else than its value.
    MODEL_AWAIT_OP,
    MODEL_STORE_OP,
    MODEL_INIT_OP,
    MODEL_EXCHANGE_OP,
    MODEL_ADD_OP,
    MODEL_SUB_OP,
    MODEL_OR_OP,
    MODEL_AND_OP,
    MODEL_CAS_OP,
    MODEL_CAS_WEAK_OP,
    /// An exchange that waits until it finds 0.
    MODEL_LOCK_OP,
    MODEL_FUTEX_WAIT_OP,
    MODEL_FUTEX_WAKE_OP,
    MODEL_SPIN_OP,
} model_kind;

/// A place in the source that makes an atomic access.
typedef struct model_site {
    const char *file;
    const char *object;
    int line;
    model_kind kind;
    model_order order;
    // Set when it is first reached.
    const char *function;
    unsigned number;
} model_site;

/// Makes the access, after whatever the other threads do before it. Gives what was read; of the two kinds of
/// compare-and-swap, whether it was done.
uint64_t model_access(model_site *site, const char *function, const void *object, size_t size, uint64_t value,
                      void *expected);

/// Waits until there is something new in what the thread has read since it last waited.
void model_wait(void);

/// The futex, for the sources that use os/futex.h.
void model_futex_wait(const void *word, uint32_t expected);
void model_futex_wake(const void *word, uint32_t count);

// ---------------------------------------------------------------- scenarios

/// Threads of a scenario at most.
#define MODEL_THREADS_MAX 4

typedef struct model_scenario {
    const char *name;
    /// Makes everything as new; the memory must be static. Runs before the threads, and is seen by all.
    void (*setup)(void);
    /// The threads, and what they are called in an interleaving.
    struct {
        const char *name;
        void (*run)(void);
    } threads[MODEL_THREADS_MAX];
    /// After all threads have ended; sees all they did. May be NULL.
    void (*end)(void);
    /// Only with MODEL=long in the environment.
    bool is_long;
} model_scenario;

/// The claim `condition` about the execution that runs. For scenarios, anywhere.
#define model_check(condition) ((condition) ? (void)0 : model_fail("%s:%d: %s", __FILE__, __LINE__, #condition))

/// Ends the exploration: this execution is wrong.
_Noreturn void model_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/// Which thread runs; 0 is the first.
unsigned model_thread(void);

/// A thread-local variable of a source: each thread of the scenario has its own, all zero at first. In setup; two at
/// most, of 128 bytes at most.
void model_thread_local(void *variable, size_t size);

/// In copies of sources that are made for that: whether the check with this number is left out now.
bool model_removed(unsigned check);

/// Names an object in interleavings. In setup. `name` is kept.
void model_name(const void *object, const char *name);

// ---------------------------------------------------------------- suites

/// An order that can be weakened with no scenario failing, and why: it does no harm, or what it guards against is not
/// explored.
typedef struct model_kept {
    const char *function;
    const char *object;
    /// Where a function has several accesses to the object; else MODEL_ANY_OP.
    model_kind kind;
    model_order weakest;
    const char *why;
    /// Of a compare-and-swap: what it reads when it fails is not used.
    bool fails_relaxed;
    /// Which of a function's accesses of this kind to the object, from 1 on; 0: all.
    unsigned nth;
} model_kept;

/// A check that can be left out.
typedef struct model_removal {
    const char *what;
    /// Why it does no harm to leave it out; NULL where it does.
    const char *why_harmless;
} model_removal;

typedef struct model_suite {
    const char *name;
    /// Ends with one that has no name.
    const model_scenario *scenarios;
    /// Files whose orders are weakened, ends with NULL.
    const char *const *files;
    /// Ends with one that has no function. May be NULL.
    const model_kept *kept;
    /// What is left out by the numbers from 1 on; ends with one that says nothing.
    const model_removal *checks;
} model_suite;

/// Runs the suite; 0 when each claim holds and each mutation is found. For main.
///   orders    (no argument) all scenarios, then with each order weakened
///   checks    all scenarios on a copy of the sources, then with each check left out
int model_main(const model_suite *suite, int argc, char **argv);

#endif
