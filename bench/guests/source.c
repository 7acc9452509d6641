// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends 64 bytes to the actor `sink` as often as the message says, then asks it, which is answered after all of them.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    static uint8_t payload[64];
    uint64_t count;
    airs_actor sink = airs_lookup(airs_text("sink"));
    if (sink == 0 || !airs_parse_unsigned(message->payload, &count))
        return airs_error(airs_text("a number, and an actor named sink"));
    for (uint64_t i = 0; i < count; i++) {
        if (airs_send(sink, (airs_bytes){payload, sizeof payload}) != AIRS_OK)
            return airs_error(airs_text("a message was refused"));
    }
    airs_bytes handled;
    if (airs_ask(sink, airs_text("?"), 30000, &handled) != AIRS_OK)
        return airs_error(airs_text("the sink does not answer"));
    return airs_answer(handled);
}
