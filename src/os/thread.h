// SPDX-License-Identifier: MIT OR Apache-2.0
/// Threads of the operating system.
#ifndef AIRS_OS_THREAD_H
#define AIRS_OS_THREAD_H

#include <pthread.h>

#include "airssys/status.h"

typedef struct os_thread {
    pthread_t handle;
    void (*fn)(void *user);
    void *user;
    char name[16];
} os_thread;

/// Starts a thread that calls `fn(user)`; it takes no signals, those are left to the program's own threads.
/// Owns:    `thread` stays where it is until `os_thread_join`. `name` is cut to 15 bytes.
///          A stack size of 0 is the system's default.
/// Errors:  E_LIMIT no more threads; E_INVALID a stack of this size is not to be had; E_NOMEM.
AIRS_NODISCARD airs_status os_thread_start(os_thread *thread, const char *name, size_t stack_size,
                                           void (*fn)(void *user), void *user);

/// Waits until it has ended.
void os_thread_join(os_thread *thread);

/// Cores this process may run on, at least 1.
uint32_t os_cpu_count(void);

/// Lets another thread run.
void os_thread_yield(void);

#endif
