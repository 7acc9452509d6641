// SPDX-License-Identifier: MIT OR Apache-2.0
// Traps at each message: what is restarted in the benchmark of supervision.
#include <airssys/guest.h>

airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    return airs_ok();
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    __builtin_trap();
}
