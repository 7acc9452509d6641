// SPDX-License-Identifier: MIT OR Apache-2.0
// Lifecycle and messages, one call each: what is spawned in the benchmark of spawning.
#include <airssys/guest.h>

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
    return airs_answer(message->payload);
}
