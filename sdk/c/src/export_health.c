// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `health`.
#include "arena.h"
#include "convert.h"
#include "health.h"

TYPES_ARE_TOLD_BY_BUILD(health)

void exports_airssys_actor_health_check(exports_airssys_actor_health_health_status_t *ret)
{
    airs_guest_enter();
    airs_health health = actor_health();
    airs_guest_leave();
    ret->tag = (uint8_t)health.tag;
    // Both cases with a text hold it at the same place.
    if (health.tag != AIRS_HEALTHY)
        ret->val.unhealthy = to_generated(health_string_t, health.text);
}
