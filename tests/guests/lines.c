// SPDX-License-Identifier: MIT OR Apache-2.0
// Traps at lines that the test knows: "divide", or "sum" by way of recursion.
#include <airssys/guest.h>

#line 100
static __attribute__((noinline)) uint64_t divide(uint64_t a, uint64_t b)
{
    return a / b; // 102
}

// Recursion that stays one.
static __attribute__((optnone, noinline)) uint64_t sum(uint64_t to)
{
    if (to == 5)
        return divide(to, to - 5); // 109
    return sum(to - 1) + to;       // 110
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("divide")))
        return airs_answer(airs_unsigned(divide(1, message->payload.len - 6))); // 116
    if (airs_equal(message->payload, airs_text("sum")))
        return airs_answer(airs_unsigned(sum(50)));
    return airs_answer(message->payload);
}
