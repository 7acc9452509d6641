// SPDX-License-Identifier: MIT OR Apache-2.0
/// Threads of a scenario: fibers on stacks of their own, all on one thread, so that each execution is the same when
/// its choices are.
///
/// A stack is made once with makecontext; after that all switches are _setjmp and _longjmp, which need no system call.
/// To start a fiber anew is to jump to the buffer at the bottom of its stack.
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "model_impl.h"

#define STACK_SIZE (64u * 1024)
#define LOCALS_MAX 2u
#define LOCAL_SIZE_MAX 128u

typedef struct fiber {
    jmp_buf bottom;
    jmp_buf paused;
    ucontext_t context;
    void (*fn)(void);
    char locals[LOCALS_MAX][LOCAL_SIZE_MAX];
    bool made;
    bool ended;
} fiber;

static struct {
    fiber all[MODEL_THREADS_MAX];
    unsigned current;
    jmp_buf explorer;
    /// The thread-local variables of the sources.
    struct {
        void *at;
        size_t size;
    } locals[LOCALS_MAX];
} fibers = {.current = MODEL_THREADS_MAX};

static _Alignas(64) char stacks[MODEL_THREADS_MAX][STACK_SIZE];
static char fault_stack[STACK_SIZE];

static void locals_keep(fiber *self)
{
    for (unsigned i = 0; i < LOCALS_MAX; i++) {
        if (fibers.locals[i].at != NULL)
            memcpy(self->locals[i], fibers.locals[i].at, fibers.locals[i].size);
    }
}

static void locals_set(const fiber *self)
{
    for (unsigned i = 0; i < LOCALS_MAX; i++) {
        if (fibers.locals[i].at != NULL)
            memcpy(fibers.locals[i].at, self->locals[i], fibers.locals[i].size);
    }
}

static void locals_clear(void)
{
    for (unsigned i = 0; i < LOCALS_MAX; i++) {
        if (fibers.locals[i].at != NULL)
            memset(fibers.locals[i].at, 0, fibers.locals[i].size);
    }
}

static _Noreturn void leave(void)
{
    if (fibers.current != MODEL_THREADS_MAX)
        locals_keep(&fibers.all[fibers.current]);
    _longjmp(fibers.explorer, 1);
}

// The bottom of each stack. Locals would not survive the jumps to it.
static void bottom(void)
{
    fibers.all[fibers.current].made = true;
    (void)_setjmp(fibers.all[fibers.current].bottom);
    fibers.all[fibers.current].fn();
    fibers.all[fibers.current].ended = true;
    leave();
}

static _Noreturn void enter(fiber *self, unsigned index)
{
    if (self->made)
        _longjmp(self->bottom, 1);
    getcontext(&self->context);
    self->context.uc_stack.ss_sp = stacks[index];
    self->context.uc_stack.ss_size = STACK_SIZE;
    makecontext(&self->context, bottom, 0);
    setcontext(&self->context);
    abort();
}

void fiber_start(unsigned index, void (*fn)(void))
{
    fiber *self = &fibers.all[index];
    self->fn = fn;
    self->ended = false;
    fibers.current = index;
    locals_clear();
    if (_setjmp(fibers.explorer) == 0)
        enter(&fibers.all[index], index);
    fibers.current = MODEL_THREADS_MAX;
}

void fiber_resume(unsigned index)
{
    fibers.current = index;
    locals_set(&fibers.all[index]);
    if (_setjmp(fibers.explorer) == 0)
        _longjmp(fibers.all[index].paused, 1);
    fibers.current = MODEL_THREADS_MAX;
}

void fiber_pause(void)
{
    if (_setjmp(fibers.all[fibers.current].paused) == 0)
        leave();
}

void fiber_guard(void (*fn)(void))
{
    // What the last thread has left there is not the setup's.
    locals_clear();
    if (_setjmp(fibers.explorer) == 0)
        fn();
}

void fiber_abandon(void)
{
    leave();
}

unsigned fiber_current(void)
{
    return fibers.current;
}

unsigned model_thread(void)
{
    return fibers.current;
}

bool fiber_ended(unsigned index)
{
    return fibers.all[index].ended;
}

bool fiber_owns(const void *address)
{
    const char *at = address;
    return at >= &stacks[0][0] && at < &stacks[0][0] + sizeof(stacks);
}

void model_thread_local(void *variable, size_t size)
{
    unsigned i = 0;
    while (i < LOCALS_MAX && fibers.locals[i].at != NULL && fibers.locals[i].at != variable)
        i++;
    if (i == LOCALS_MAX || size > LOCAL_SIZE_MAX)
        abort();
    fibers.locals[i].at = variable;
    fibers.locals[i].size = size;
}

bool fiber_is_local(const void *address)
{
    for (unsigned i = 0; i < LOCALS_MAX; i++) {
        const char *from = fibers.locals[i].at;
        if (from != NULL && (const char *)address >= from && (const char *)address < from + fibers.locals[i].size)
            return true;
    }
    return false;
}

static void on_fault(int signal)
{
    model_fail("signal %d: a pointer that leads nowhere", signal);
}

void fiber_catch_faults(void)
{
    stack_t stack = {.ss_sp = fault_stack, .ss_size = sizeof(fault_stack)};
    // The handler is left by a jump, so its signal must not stay blocked.
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER};
    if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGSEGV, &action, NULL) != 0 ||
        sigaction(SIGBUS, &action, NULL) != 0)
        abort();
}
