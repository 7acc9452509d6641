// SPDX-License-Identifier: MIT OR Apache-2.0
// The end of the line: adds up, answers with the sum, and keeps it.
#include <airssys/guest.h>

static uint64_t sum;

airs_result actor_handle(const airs_message *message)
{
    uint64_t number;
    if (!airs_parse_unsigned(message->payload, &number))
        return airs_error(airs_text("not a number"));
    sum += number;
    return airs_answer(airs_unsigned(sum));
}

airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(sum));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return airs_parse_unsigned(state, &sum) ? airs_ok() : airs_error(airs_text("the saved state is no number"));
}
