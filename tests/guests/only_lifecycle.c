// SPDX-License-Identifier: MIT OR Apache-2.0
// Starts and stops, and takes no messages.
#include <airssys/guest.h>

airs_result actor_start(const airs_start_info *info)
{
    airs_log(airs_join(airs_text("started as "), info->name));
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    airs_log(airs_join(airs_text("stopped: "), airs_unsigned((uint64_t)reason)));
}
