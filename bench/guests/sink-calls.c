// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads each message, one call each; answers a request.
#include "read.h"

static uint64_t sum;

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    (void)reason;
}

airs_result actor_handle(const airs_message *message)
{
    sum += read_all(message->payload);
    return message->request == 0 ? airs_ok() : airs_answer(message->payload);
}
