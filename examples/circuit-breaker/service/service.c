// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers, unless it is broken. `break` and `repair` say which; `crash` traps.
#include <airssys/guest.h>

static bool broken;

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("crash")))
        __builtin_trap();
    if (airs_equal(message->payload, airs_text("break")))
        broken = true;
    else if (airs_equal(message->payload, airs_text("repair")))
        broken = false;
    else if (broken)
        return airs_error(airs_text("the service is broken"));
    return airs_answer(airs_join(message->payload, airs_text(": done")));
}
