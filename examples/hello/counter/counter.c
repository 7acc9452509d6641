// SPDX-License-Identifier: MIT OR Apache-2.0
// Counts, and answers with the count: an empty message adds one, a number adds that many.
#include <airssys/guest.h>

static uint64_t count;

airs_result actor_handle(const airs_message *message)
{
    uint64_t step = 1;
    if (message->payload.len > 0 && !airs_parse_unsigned(message->payload, &step))
        return airs_error(airs_text("not a number"));
    count += step;
    return airs_answer(airs_unsigned(count));
}

// What `save` answers is given to `load` of the next incarnation: after an upgrade or a restart.
airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(count));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    if (!airs_parse_unsigned(state, &count))
        return airs_error(airs_text("the saved state is no number"));
    return airs_ok();
}
