// SPDX-License-Identifier: MIT OR Apache-2.0
// Never comes back from its start.
#include <airssys/guest.h>

airs_result actor_start(const airs_start_info *info)
{
    volatile uint64_t turns = info->id;
    for (;;)
        turns++;
}

airs_result actor_handle(const airs_message *message)
{
    return airs_answer(message->payload);
}
