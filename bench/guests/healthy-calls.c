// SPDX-License-Identifier: MIT OR Apache-2.0
// Is idle and well, and says so when it is asked.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    return airs_ok();
}

airs_health actor_health(void)
{
    return (airs_health){.tag = AIRS_HEALTHY};
}
