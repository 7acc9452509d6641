// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends requests to the actor `pong`, the next one when the outcome of the last has come, as often as the message says;
// then it answers that message.
#include "read.h"

static airs_actor pong;
static uint64_t left;
static uint64_t waiting;
static uint64_t expected;
static uint64_t sum;

static bool request_next(void)
{
    static uint8_t ball[64];
    return airs_request(pong, (airs_bytes){ball, sizeof ball}, 5000, &expected) == AIRS_OK;
}

airs_result actor_handle(const airs_message *message)
{
    pong = airs_lookup(airs_text("pong"));
    waiting = message->request;
    if (pong == 0 || !airs_parse_unsigned(message->payload, &left) || left == 0 || !request_next())
        return airs_error(airs_text("a number, and an actor named pong"));
    return airs_ok();
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    if (answer->status != AIRS_OK || answer->request != expected || answer->data.len != 64)
        return airs_error(airs_text("another reply than the one that was asked for"));
    sum += read_all(answer->data);
    if (--left == 0)
        (void)airs_reply(waiting, airs_text("done"));
    else if (!request_next())
        return airs_error(airs_text("a request was refused"));
    return airs_ok();
}
