// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `state`.
#include "arena.h"
#include "convert.h"
#include "state.h"

TYPES_ARE_TOLD_BY_BUILD(state)

bool exports_airssys_actor_state_save(state_list_u8_t *ret, state_string_t *err)
{
    airs_guest_enter();
    airs_result result = actor_save();
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR) {
        *err = to_generated(state_string_t, result.data);
        return false;
    }
    *ret = to_generated(state_list_u8_t, result.data);
    return true;
}

bool exports_airssys_actor_state_load(state_string_t *from_version, state_list_u8_t *state, state_string_t *err)
{
    airs_guest_enter();
    airs_result result = actor_load(bytes_of(*from_version), bytes_of(*state));
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR)
        *err = to_generated(state_string_t, result.data);
    return result.tag != AIRS_RESULT_ERROR;
}
