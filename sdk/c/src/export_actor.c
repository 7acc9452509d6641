// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `actor`: one call a message. Chosen with `contract = "actor"`.
#include "actor.h"
#include "arena.h"
#include "event.h"

TYPES_ARE_TOLD_BY_BUILD(actor)

bool exports_airssys_actor_actor_handle(exports_airssys_actor_actor_message_t *message, actor_option_list_u8_t *ret,
                                        actor_string_t *err)
{
    airs_guest_enter();
    airs_message ours = message_of(message);
    airs_result result = actor_handle(&ours);
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR) {
        *err = to_generated(actor_string_t, result.data);
        return false;
    }
    ret->is_some = result.tag == AIRS_RESULT_ANSWER;
    ret->val = to_generated(actor_list_u8_t, result.data);
    return true;
}
