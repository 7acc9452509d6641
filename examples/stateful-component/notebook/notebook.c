// SPDX-License-Identifier: MIT OR Apache-2.0
// Holds a number. `read` answers it, `add N` changes it, `replace N` puts another in its place, `crash` traps.
#include <airssys/guest.h>

static uint64_t number;

airs_result actor_handle(const airs_message *message)
{
    airs_bytes argument;
    airs_bytes verb = airs_cut(message->payload, ' ', &argument);
    uint64_t given = 0;
    if (airs_equal(verb, airs_text("crash")))
        __builtin_trap();
    if (airs_equal(verb, airs_text("read")))
        return airs_answer(airs_unsigned(number));
    if (!airs_parse_unsigned(argument, &given))
        return airs_error(airs_text("read, add N, replace N or crash"));
    if (airs_equal(verb, airs_text("add")))
        number += given;
    else if (airs_equal(verb, airs_text("replace")))
        number = given;
    else
        return airs_error(airs_text("read, add N, replace N or crash"));
    return airs_answer(airs_unsigned(number));
}

// The runtime calls this between two messages, as often as the manifest says, and keeps what it answers…
airs_result actor_save(void)
{
    return airs_answer(airs_unsigned(number));
}

// …for the next incarnation. What it can't read is refused, and it starts anew.
airs_result actor_load(airs_bytes from_version, airs_bytes state)
{
    (void)from_version;
    if (!airs_parse_unsigned(state, &number))
        return airs_error(airs_text("the saved state is no number"));
    return airs_ok();
}
