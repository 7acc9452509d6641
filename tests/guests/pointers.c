// SPDX-License-Identifier: MIT OR Apache-2.0
// Hands the runtime pointers and texts that are no values of the contract. The message says which.
#include <airssys/guest.h>

// Bytes that begin inside this guest's memory, or not even that, and end outside.
static airs_bytes outside(size_t len)
{
    size_t end = __builtin_wasm_memory_size(0) * 65536;
    return (airs_bytes){(const uint8_t *)(end - 16), len};
}

static airs_result host_call(airs_bytes payload)
{
    airs_status status = airs_send(airs_self(), payload);
    return airs_answer(airs_unsigned((uint64_t)status));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes what = message->payload;
    if (airs_equal(what, airs_text("send-outside")))
        return host_call(outside(32));
    if (airs_equal(what, airs_text("send-wraps")))
        return host_call(outside(SIZE_MAX));
    if (airs_equal(what, airs_text("answer-outside")))
        return airs_answer(outside(32));
    if (airs_equal(what, airs_text("answer-wraps")))
        return airs_answer(outside(SIZE_MAX));
    if (airs_equal(what, airs_text("error-not-utf8")))
        return airs_error(airs_text("\xff\xfe\x80"));
    if (airs_equal(what, airs_text("lookup-not-utf8")))
        return airs_answer(airs_unsigned(airs_lookup(airs_text("a\xc0\x80"))));
    if (airs_equal(what, airs_text("answer-not-utf8")))
        return airs_answer(airs_text("\xff\xfe"));
    return airs_answer(what);
}
