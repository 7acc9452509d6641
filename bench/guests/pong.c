// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads each request, and answers it with its own payload.
#include "read.h"

static uint64_t sum;

airs_result actor_handle(const airs_message *message)
{
    sum += read_all(message->payload);
    return airs_answer(message->payload);
}
