// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers, until it gets a message that it can't bear: then it traps, and its supervisor starts it anew.
#include <airssys/guest.h>

static uint64_t handled;

// Writes far outside of this guest's memory: no harm to anyone else, but the end of this incarnation.
static void crash(void)
{
    volatile uint8_t *nowhere = (uint8_t *)(uintptr_t)0xfffffff0u;
    *nowhere = 1;
}

airs_result actor_start(const airs_start_info *info)
{
    if (info->cause == AIRS_START_RESTARTED)
        airs_log(airs_join(airs_text("restarted, restarts so far: "), airs_unsigned(info->restarts)));
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("boom")))
        crash();
    handled++;
    return airs_answer(airs_join(airs_text("fine, "), airs_unsigned(handled), airs_text(" handled since my start")));
}
