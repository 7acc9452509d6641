// SPDX-License-Identifier: MIT OR Apache-2.0
// Says of each message that it has begun it, and then how it went. "NUMBER WAY": "recorder" is sent the number; "well"
// answers the number, "done" answers nothing, "bad" is an error, "large" is an answer over max_message, "trap" traps.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    airs_bytes way;
    airs_bytes number = airs_cut(message->payload, ' ', &way);
    (void)airs_send(airs_lookup(airs_text("recorder")), number);
    if (airs_equal(way, airs_text("bad")))
        return airs_error(airs_text("as asked"));
    if (airs_equal(way, airs_text("large")))
        return airs_answer((airs_bytes){airs_alloc(4096), 4096});
    if (airs_equal(way, airs_text("trap")))
        __builtin_trap();
    return airs_equal(way, airs_text("well")) ? airs_answer(number) : airs_ok();
}
