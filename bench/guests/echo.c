// SPDX-License-Identifier: MIT OR Apache-2.0
// Reads each message, and sends its payload back to who sent it.
#include "read.h"

static uint64_t sum;

airs_result actor_handle(const airs_message *message)
{
    sum += read_all(message->payload);
    return airs_send(message->sender, message->payload) == AIRS_OK ? airs_ok() : airs_error(airs_text("refused"));
}
