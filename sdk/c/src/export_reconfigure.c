// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `reconfigure`.
#include "arena.h"
#include "convert.h"
#include "reconfigure.h"

TYPES_ARE_TOLD_BY_BUILD(reconfigure)
SETTING_LAYOUT_CHECK(exports_airssys_actor_reconfigure_setting_t);

bool exports_airssys_actor_reconfigure_apply(exports_airssys_actor_reconfigure_list_setting_t *config,
                                             reconfigure_string_t *err)
{
    airs_guest_enter();
    airs_result result = actor_apply(settings_of(*config));
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR)
        *err = to_generated(reconfigure_string_t, result.data);
    return result.tag != AIRS_RESULT_ERROR;
}
