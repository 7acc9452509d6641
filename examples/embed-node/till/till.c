// SPDX-License-Identifier: MIT OR Apache-2.0
// Each message is a sale; the answer is how many there were.
#include <airssys/guest.h>

static uint64_t sales;

airs_result actor_handle(const airs_message *message)
{
    (void)message;
    return airs_answer(airs_join(airs_text("sale "), airs_unsigned(++sales)));
}

airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(sales));
}

airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    return airs_parse_unsigned(state, &sales) ? airs_ok() : airs_error(airs_text("that is no till's state"));
}
