// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls the host at each depth of a recursion without end, so also at the deepest. The message says
// which function: "self", "lookup", "send", "log".
#include <airssys/guest.h>

typedef uint64_t host_call(void);

static uint64_t call_self(void)
{
    return airs_self();
}

static uint64_t call_lookup(void)
{
    return airs_lookup(airs_text("nobody"));
}

static uint64_t call_send(void)
{
    return (uint64_t)airs_send(airs_self() + 1000000, airs_text("to nobody"));
}

static uint64_t call_log(void)
{
    airs_log(airs_text("deeper"));
    return 0;
}

__attribute__((noinline)) static uint64_t dive(host_call *call, volatile uint64_t *depth)
{
    *depth += 1;
    // Never 0: only so that the compiler takes it for a recursion with an end.
    return call() + (*depth ? dive(call, depth) : 0) + *depth;
}

airs_result actor_handle(const airs_message *message)
{
    volatile uint64_t depth = 0;
    if (airs_equal(message->payload, airs_text("self")))
        return airs_answer(airs_unsigned(dive(call_self, &depth)));
    if (airs_equal(message->payload, airs_text("lookup")))
        return airs_answer(airs_unsigned(dive(call_lookup, &depth)));
    if (airs_equal(message->payload, airs_text("send")))
        return airs_answer(airs_unsigned(dive(call_send, &depth)));
    if (airs_equal(message->payload, airs_text("log")))
        return airs_answer(airs_unsigned(dive(call_log, &depth)));
    return airs_answer(message->payload);
}
