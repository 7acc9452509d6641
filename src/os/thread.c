// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>

#include "base/assert.h"

static void *thread_main(void *user)
{
    os_thread *thread = user;
    pthread_setname_np(pthread_self(), thread->name);
    thread->fn(thread->user);
    return NULL;
}

// All signals but those that a fault of the thread itself raises: traps of guests arrive as these.
static void signals_to_block(sigset_t *set)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
    sigfillset(set);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(set, faults[i]);
}

airs_status os_thread_start(os_thread *thread, const char *name, size_t stack_size, void (*fn)(void *user), void *user)
{
    thread->fn = fn;
    thread->user = user;
    snprintf(thread->name, sizeof(thread->name), "%s", name);

    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return AIRS_E_NOMEM;
    if (stack_size != 0 && pthread_attr_setstacksize(&attributes, stack_size) != 0) {
        pthread_attr_destroy(&attributes);
        return AIRS_E_INVALID;
    }
    // The new thread inherits the mask; set here so that no signal can come in between.
    sigset_t blocked;
    sigset_t before;
    signals_to_block(&blocked);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int result = pthread_create(&thread->handle, &attributes, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    if (result == 0)
        return AIRS_OK;
    return result == ENOMEM ? AIRS_E_NOMEM : AIRS_E_LIMIT;
}

void os_thread_join(os_thread *thread)
{
    int result = pthread_join(thread->handle, NULL);
    AIRS_ASSERT(result == 0);
}

uint32_t os_cpu_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (uint32_t)count;
}

void os_thread_yield(void)
{
    sched_yield();
}
