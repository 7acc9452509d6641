// SPDX-License-Identifier: MIT OR Apache-2.0
// Traps in `handle` on the message "trap", and in one other function that the build names: START,
// START_ERROR, STOP, SAVE, LOAD, HEALTH.
#include <airssys/guest.h>

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
#ifdef START
    __builtin_trap();
#endif
#ifdef START_ERROR
    return airs_error(airs_text("as the test wanted"));
#endif
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    (void)reason;
#ifdef STOP
    __builtin_trap();
#endif
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("trap")))
        __builtin_trap();
    if (airs_equal(message->payload, airs_text("error")))
        return airs_error(airs_text("only this message failed"));
    return airs_answer(message->payload);
}

#ifdef HEALTH
airs_health actor_health(void)
{
    __builtin_trap();
}
#endif

#if defined SAVE || defined LOAD
airs_result actor_save(void)
{
#ifdef SAVE
    __builtin_trap();
#endif
    return airs_answer(airs_text("state"));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    (void)state;
#ifdef LOAD
    __builtin_trap();
#endif
    return airs_ok();
}
#endif
