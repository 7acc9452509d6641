// SPDX-License-Identifier: MIT OR Apache-2.0
// "calls" uses up the stack of calls, "data" the stack in its own memory; anything else is echoed.
#include <airssys/guest.h>

__attribute__((noinline)) static uint64_t calls(volatile uint64_t *seen, uint64_t depth)
{
    *seen = depth;
    // Always so: only that the compiler takes it for a recursion with an end.
    return *seen == depth ? calls(seen, depth + 1) + *seen : 0;
}

__attribute__((noinline)) static uint64_t data(volatile uint8_t *above, uint64_t depth)
{
    volatile uint8_t block[1024] = {above[0]};
    block[depth % sizeof block] = above[0];
    return block[0] == above[0] ? data(block, depth + 1) + block[depth % sizeof block] : 0;
}

airs_result actor_handle(const airs_message *message)
{
    volatile uint64_t seen = 0;
    volatile uint8_t first = 0;
    if (airs_equal(message->payload, airs_text("calls")))
        return airs_answer(airs_unsigned(calls(&seen, 0)));
    if (airs_equal(message->payload, airs_text("data")))
        return airs_answer(airs_unsigned(data(&first, 0)));
    return airs_answer(message->payload);
}
