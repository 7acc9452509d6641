// SPDX-License-Identifier: MIT OR Apache-2.0
// Keeps a sum: "book 12" adds to it, "total" asks for it.
#include <airssys/guest.h>

static uint64_t total;

airs_result actor_handle(const airs_message *message)
{
    static const char book[] = "book ";
    const size_t len = sizeof book - 1;
    airs_bytes what = message->payload;
    airs_bytes who = airs_text("somebody");
    uint64_t amount;
    if (airs_equal(what, airs_text("total")))
        return airs_answer(airs_unsigned(total));
    if (what.len <= len || !airs_equal((airs_bytes){what.data, len}, airs_text_of(book)) ||
        !airs_parse_unsigned((airs_bytes){what.data + len, what.len - len}, &amount))
        return airs_error(airs_text("neither `book NUMBER` nor `total`"));
    total += amount;
    // Of a sender in another app this is app/name.
    airs_sender_name(&who);
    airs_bytes answer = airs_join(airs_text("booked for "), who, airs_text(", in total "), airs_unsigned(total));
    airs_log(answer);
    return airs_answer(answer);
}
