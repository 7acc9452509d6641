// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads each message; answers a request with the number of messages that came before it.
#include "read.h"

static uint64_t count;
static uint64_t sum;

airs_result actor_handle(const airs_message *message)
{
    if (message->request != 0)
        return airs_answer(airs_unsigned(count));
    sum += read_all(message->payload);
    count++;
    return airs_ok();
}
