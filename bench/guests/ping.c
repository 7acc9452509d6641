// SPDX-License-Identifier: MIT OR Apache-2.0
// Sends 64 bytes to the actor `echo`, and again when they have come back, as often as a request says; then answers it.
#include "read.h"

static airs_actor echo;
static uint64_t left;
static uint64_t waiting;
static uint64_t sum;

static airs_result serve(void)
{
    static uint8_t ball[64];
    return airs_send(echo, (airs_bytes){ball, sizeof ball}) == AIRS_OK ? airs_ok() : airs_error(airs_text("refused"));
}

airs_result actor_handle(const airs_message *message)
{
    if (message->request == 0) {
        sum += read_all(message->payload);
        if (--left > 0)
            return serve();
        (void)airs_reply(waiting, airs_text("done"));
        return airs_ok();
    }
    echo = airs_lookup(airs_text("echo"));
    waiting = message->request;
    if (echo == 0 || !airs_parse_unsigned(message->payload, &left) || left == 0)
        return airs_error(airs_text("a number, and an actor named echo"));
    return serve();
}
