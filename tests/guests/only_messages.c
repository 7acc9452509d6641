// SPDX-License-Identifier: MIT OR Apache-2.0
// Takes messages, and has no start and no stop.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    return airs_answer(message->payload);
}
