// SPDX-License-Identifier: MIT OR Apache-2.0
// Takes handles of host resources without end, and gives none back: so many that the message says, or all
// there are with "forever".
#include <airssys/guest.h>

__attribute__((import_module("wasi:clocks/monotonic-clock@0.2.1"), import_name("subscribe-duration"))) int32_t
subscribe_duration(uint64_t nanoseconds);

airs_result actor_handle(const airs_message *message)
{
    uint64_t count = 0;
    bool forever = airs_equal(message->payload, airs_text("forever"));
    if (!forever && !airs_parse_unsigned(message->payload, &count))
        return airs_error(airs_text("a number, or `forever`"));
    int32_t last = 0;
    for (uint64_t i = 0; forever || i < count; i++)
        last = subscribe_duration(3600000000000);
    return airs_answer(airs_signed(last));
}
