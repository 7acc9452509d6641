// SPDX-License-Identifier: MIT OR Apache-2.0
// `wasi:cli/run` without a C library: the build says how it ends.
#include "contract.h"

__attribute__((import_module("wasi:cli/exit@0.2.1"), import_name("exit"))) void exit_program(word is_error);

EXPORT("wasi:cli/run@0.2.1#run") word run(void)
{
#ifdef TRAP
    __builtin_trap();
#endif
#ifdef EXIT_WELL
    exit_program(0);
#endif
#ifdef EXIT_BADLY
    exit_program(1);
#endif
#ifdef ERROR
    return 1;
#endif
#ifdef LOOP
    for (volatile word turns = 0;;)
        turns++;
#endif
    return 0;
}

#ifdef CHILD
static word started[4];

/// Whether anybody called it after it had exited: a second exit would be the trap of another reason.
EXPORT("airssys:actor/child@0.1.0#stop") void stop(word reason)
{
    (void)reason;
    __builtin_trap();
}

EXPORT("airssys:actor/child@0.1.0#start")
word start(uint64_t id, word name, word name_len, word cause, word restarts, word config, word config_len)
{
    (void)id, (void)name, (void)name_len, (void)cause, (void)restarts, (void)config, (void)config_len;
    return (word)(uintptr_t)started;
}

static uint8_t heap[4096];

EXPORT("cabi_realloc") word cabi_realloc(word old, word old_len, word align, word len)
{
    (void)old, (void)old_len, (void)align, (void)len;
    return (word)(uintptr_t)heap;
}
#endif
