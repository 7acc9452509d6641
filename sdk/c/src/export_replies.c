// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `replies`, beside `actor`.
#include "arena.h"
#include "event.h"
#include "replies.h"

TYPES_ARE_TOLD_BY_BUILD(replies)

bool exports_airssys_actor_replies_handle_reply(exports_airssys_actor_replies_reply_t *reply, replies_string_t *err)
{
    airs_guest_enter();
    airs_result result = actor_handle_reply(&answer_of(reply));
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR)
        *err = to_generated(replies_string_t, result.data);
    return result.tag != AIRS_RESULT_ERROR;
}
