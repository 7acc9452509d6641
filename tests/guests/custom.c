// SPDX-License-Identifier: MIT OR Apache-2.0
// Asks whether it may: "check NAME OBJECT" is answered "yes" or why not, "long N" the same of an object of N bytes,
// "send NAME" whether that actor could be sent a message.
#include <airssys/guest.h>

static airs_result check(airs_bytes name, airs_bytes object)
{
    airs_bytes why;
    return airs_answer(airs_allowed(name, object, &why) ? airs_text("yes") : why);
}

static airs_result check_long(airs_bytes number)
{
    uint64_t len;
    if (!airs_parse_unsigned(number, &len))
        return airs_error(airs_text("a number"));
    uint8_t *object = airs_alloc(len);
    for (uint64_t i = 0; i < len; i++)
        object[i] = 'x';
    return check(airs_text("led"), (airs_bytes){object, len});
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("long")))
        return check_long(rest);
    if (airs_equal(verb, airs_text("send")))
        return airs_answer(airs_status_text(airs_send(airs_lookup(rest), airs_text("add"))));
    airs_bytes object;
    airs_bytes name = airs_cut(rest, ' ', &object);
    return check(name, object);
}
