// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks through the breaker while the service breaks, is repaired and crashes. The seasons come with a timer.
#include <airssys/guest.h>

static int season;

static bool ask(const char *name, const char *what)
{
    airs_bytes answer;
    airs_status status = airs_ask(airs_lookup(airs_text_of(name)), airs_text_of(what), 5000, &answer);
    airs_log(airs_join(airs_text_of(what), airs_text(" -> "), status == AIRS_OK ? answer : airs_why()));
    return status == AIRS_OK;
}

static void next_season_in(uint64_t ms)
{
    (void)airs_send_after(ms, airs_self(), airs_text("next"), NULL);
}

airs_result actor_start(const airs_start_info *info)
{
    return airs_send(info->id, airs_text("begin")) == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    switch (++season) {
    case 1:
        (void)ask("breaker", "one");
        (void)ask("service", "break");
        (void)ask("breaker", "two");
        (void)ask("breaker", "three");
        (void)ask("breaker", "four");
        // The service does not see this one.
        (void)ask("breaker", "five");
        (void)ask("service", "repair");
        next_season_in(3000);
        break;
    case 2:
        (void)ask("breaker", "six");
        (void)ask("breaker", "seven");
        (void)ask("breaker", "crash");
        // Who asked is told at once; the breaker hears of the crash when it is known what comes of it.
        next_season_in(750);
        break;
    case 3:
        (void)ask("breaker", "eight");
        next_season_in(3000);
        break;
    default:
        (void)ask("breaker", "nine");
        airs_exit(airs_ok());
    }
    return airs_ok();
}
