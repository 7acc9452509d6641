// SPDX-License-Identifier: MIT OR Apache-2.0
// Timers are messages to oneself, or to others, that come later. They end with the incarnation that set them.
#include <airssys/guest.h>

static uint64_t clock, oven;
static uint64_t ticks;

static airs_result set_timers(airs_actor self)
{
    if (airs_send_every(50, self, airs_text("tick"), &clock) != AIRS_OK ||
        airs_send_after(60000, self, airs_text("the cake is burnt"), &oven) != AIRS_OK ||
        airs_send_after(900, self, airs_text("the milk boils over"), NULL) != AIRS_OK)
        return airs_error(airs_why());
    return airs_ok();
}

airs_result actor_start(const airs_start_info *info)
{
    if (info->cause == AIRS_START_FRESH)
        return set_timers(info->id);
    airs_log(airs_text("started again, and no timer is left"));
    return airs_send_after(1500, info->id, airs_text("dinner"), NULL) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

static void cancel(const char *what, uint64_t timer)
{
    bool pending = airs_cancel_timer(timer);
    airs_log(
        airs_join(airs_text("cancel "), airs_text_of(what), pending ? airs_text(": done") : airs_text(": too late")));
}

airs_result actor_handle(const airs_message *message)
{
    airs_log(message->payload);
    if (airs_equal(message->payload, airs_text("tick")) && ++ticks == 3) {
        cancel("the clock", clock);
        cancel("the oven", oven);
        cancel("the oven", oven);
        airs_log(airs_text("the kitchen falls down, with the milk on the stove"));
        __builtin_trap();
    }
    if (airs_equal(message->payload, airs_text("dinner")))
        airs_exit(airs_ok());
    return airs_ok();
}
