// SPDX-License-Identifier: MIT OR Apache-2.0
// "answer N" answers with N bytes; "send N" sends N bytes to itself and answers with the status.
#include <airssys/guest.h>

static airs_bytes bytes(uint64_t len)
{
    uint8_t *block = airs_alloc((size_t)len);
    for (size_t i = 0; i < len; i++)
        block[i] = (uint8_t)('a' + i % 26);
    return (airs_bytes){block, (size_t)len};
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes number;
    airs_bytes verb = airs_cut(message->payload, ' ', &number);
    uint64_t len;
    if (message->request == 0)
        return airs_ok();
    if (!airs_parse_unsigned(number, &len))
        return airs_answer(airs_unsigned(message->payload.len));
    if (airs_equal(verb, airs_text("answer")))
        return airs_answer(bytes(len));
    return airs_answer(airs_unsigned((uint64_t)airs_send(airs_self(), bytes(len))));
}
