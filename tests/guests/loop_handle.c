// SPDX-License-Identifier: MIT OR Apache-2.0
// "loop" never ends; "work N" counts to N million first; anything else is echoed at once.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    volatile uint64_t turns = 0;
    while (airs_equal(message->payload, airs_text("loop")))
        turns++;
    if (airs_starts_with(message->payload, airs_text("work "))) {
        uint64_t millions;
        if (!airs_parse_unsigned(airs_slice(message->payload, 5, message->payload.len), &millions))
            return airs_error(airs_text("work how much?"));
        for (uint64_t i = 0; i < millions * 1000000; i++)
            turns++;
    }
    return airs_answer(message->payload);
}
