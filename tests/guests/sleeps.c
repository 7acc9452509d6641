// SPDX-License-Identifier: MIT OR Apache-2.0
// Sleeps as many milliseconds as the message says, by the means of WASI, and answers.
#include <airssys/guest.h>

#include <time.h>

airs_result actor_handle(const airs_message *message)
{
    uint64_t ms;
    if (!airs_parse_unsigned(message->payload, &ms))
        return airs_error(airs_text("how many milliseconds?"));
    struct timespec wait = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    return airs_answer(nanosleep(&wait, NULL) == 0 ? airs_text("slept") : airs_text("woken"));
}
