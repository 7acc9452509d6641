// SPDX-License-Identifier: MIT OR Apache-2.0
// Makes a number of a line and hands it on. It was never told what to do with a line that is no number.
#include <airssys/guest.h>

airs_result actor_handle(const airs_message *message)
{
    uint64_t number;
    if (!airs_parse_unsigned(message->payload, &number)) {
        airs_log(airs_join(airs_text("\""), message->payload, airs_text("\" is no number, attempt "),
                           airs_unsigned(airs_attempt())));
        __builtin_trap();
    }
    airs_bytes sum;
    if (airs_ask(airs_lookup(airs_text("adder")), airs_unsigned(number), 1000, &sum) != AIRS_OK)
        return airs_error(airs_why());
    return airs_answer(sum);
}
