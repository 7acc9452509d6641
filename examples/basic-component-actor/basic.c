// SPDX-License-Identifier: MIT OR Apache-2.0
// The actor that main.c looks at: answers with the number of messages so far, and ends badly when told to.
#include <airssys/guest.h>

static uint64_t messages;

airs_result actor_start(const airs_start_info *info)
{
    airs_log(airs_join(airs_text("start, restarts so far: "), airs_unsigned(info->restarts)));
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("crash")))
        __builtin_trap();
    messages++;
    return airs_answer(airs_join(airs_text("message "), airs_unsigned(messages)));
}

void actor_stop(airs_stop_reason reason)
{
    (void)reason;
    airs_log(airs_text("stopped"));
}
