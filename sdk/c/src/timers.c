// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"
#include "convert.h"
#include "imports.h"
#include "why.h"

/// What both functions that set a timer end with.
static airs_status timer_set(bool set, const uint64_t *timer, const airssys_actor_timers_timer_error_t *error,
                             uint64_t *ret_timer)
{
    static const uint8_t statuses[] = {AIRS_GONE, AIRS_DENIED, AIRS_LIMIT};
    if (!set) {
        bool has_text = error->tag == AIRSSYS_ACTOR_TIMERS_TIMER_ERROR_DENIED;
        airs_bytes text = has_text ? bytes_of(error->val.denied) : airs_text("");
        return airs_why_set((airs_status)statuses[error->tag], text);
    }
    if (ret_timer)
        *ret_timer = *timer;
    return AIRS_OK;
}

airs_status airs_send_after(uint64_t delay_ms, airs_actor to, airs_bytes payload, uint64_t *ret_timer)
{
    imports_list_u8_t list = to_generated(imports_list_u8_t, payload);
    airssys_actor_timers_timer_error_t error;
    uint64_t timer;
    bool set = airssys_actor_timers_send_after(delay_ms, to, &list, &timer, &error);
    return timer_set(set, &timer, &error, ret_timer);
}

airs_status airs_send_every(uint64_t period_ms, airs_actor to, airs_bytes payload, uint64_t *ret_timer)
{
    imports_list_u8_t list = to_generated(imports_list_u8_t, payload);
    airssys_actor_timers_timer_error_t error;
    uint64_t timer;
    bool set = airssys_actor_timers_send_every(period_ms, to, &list, &timer, &error);
    return timer_set(set, &timer, &error, ret_timer);
}

bool airs_cancel_timer(uint64_t timer)
{
    return airssys_actor_timers_cancel(timer);
}
