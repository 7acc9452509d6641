// SPDX-License-Identifier: MIT OR Apache-2.0
// The interface `signals`, beside `actor`.
#include "arena.h"
#include "event.h"
#include "signals.h"

TYPES_ARE_TOLD_BY_BUILD(signals)

bool exports_airssys_actor_signals_handle_down(exports_airssys_actor_signals_down_t *down, signals_string_t *err)
{
    airs_guest_enter();
    airs_result result = actor_handle_down(&down_of(down));
    airs_guest_leave();
    if (result.tag == AIRS_RESULT_ERROR)
        *err = to_generated(signals_string_t, result.data);
    return result.tag != AIRS_RESULT_ERROR;
}
