// SPDX-License-Identifier: MIT OR Apache-2.0
// Counts: "add" adds one, and any message is answered with the count. State that others must not lose.
#include <airssys/guest.h>

static uint64_t count;

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("add")))
        count++;
    return airs_answer(airs_unsigned(count));
}
