// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks the actor `pong` as often as the message says, and answers when that is done.
#include "read.h"

static uint64_t sum;

airs_result actor_handle(const airs_message *message)
{
    static uint8_t ball[64];
    uint64_t rounds;
    airs_actor pong = airs_lookup(airs_text("pong"));
    if (pong == 0 || !airs_parse_unsigned(message->payload, &rounds))
        return airs_error(airs_text("a number, and an actor named pong"));
    for (uint64_t i = 0; i < rounds; i++) {
        airs_bytes answer;
        airs_status status = airs_ask(pong, (airs_bytes){ball, sizeof ball}, 5000, &answer);
        if (status != AIRS_OK || answer.len != sizeof ball)
            return airs_error(airs_text("no answer"));
        sum += read_all(answer);
    }
    return airs_answer(airs_text("done"));
}
