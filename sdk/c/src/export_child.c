// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `child`. An author may define one of its two functions: the other is weak here.
#include "arena.h"
#include "child.h"
#include "convert.h"

TYPES_ARE_TOLD_BY_BUILD(child)
SETTING_LAYOUT_CHECK(airssys_actor_types_setting_t);

__attribute__((weak)) airs_result actor_start(const airs_start_info *info)
{
    (void)info;
    return airs_ok();
}

__attribute__((weak)) void actor_stop(airs_stop_reason reason)
{
    (void)reason;
}

bool exports_airssys_actor_child_start(exports_airssys_actor_child_start_info_t *info, child_string_t *err)
{
    airs_guest_enter();
    airs_start_info ours = {
        .id = info->id,
        .name = bytes_of(info->name),
        .cause = (airs_start_cause)info->cause,
        .restarts = info->restarts,
        .config = settings_of(info->config),
    };
    airs_result result = actor_start(&ours);
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR)
        *err = to_generated(child_string_t, result.data);
    return result.tag != AIRS_RESULT_ERROR;
}

void exports_airssys_actor_child_stop(exports_airssys_actor_child_stop_reason_t reason)
{
    airs_guest_enter();
    actor_stop((airs_stop_reason)reason);
    airs_guest_leave();
}
