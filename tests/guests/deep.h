// SPDX-License-Identifier: MIT OR Apache-2.0
// A recursion without end that calls the host at each depth, so also at the deepest.
#ifndef TEST_DEEP_H
#define TEST_DEEP_H

#include <airssys/guest.h>

typedef uint64_t host_call(void);

typedef struct named_call {
    airs_bytes name;
    host_call *call;
} named_call;

__attribute__((noinline)) static uint64_t dive(host_call *call, volatile uint64_t *depth)
{
    *depth += 1;
    // Never 0: only so that the compiler takes it for a recursion with an end.
    return call() + (*depth ? dive(call, depth) : 0) + *depth;
}

// Dives with the call that the message names; else echoes.
static airs_result dive_by_name(const airs_message *message, const named_call *calls, size_t count)
{
    volatile uint64_t depth = 0;
    for (size_t i = 0; i < count; i++) {
        if (airs_equal(message->payload, calls[i].name))
            return airs_answer(airs_unsigned(dive(calls[i].call, &depth)));
    }
    return airs_answer(message->payload);
}

#endif
