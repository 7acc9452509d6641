// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers with its trace parent, or "none". "VERB NAME" does something to that actor first: ask (and answers what it
// said), send, publish (on "trace.topic"), timer.
#include <airssys/guest.h>

static airs_result own(void)
{
    airs_bytes trace;
    return airs_answer(airs_trace_parent(&trace) ? trace : airs_text("none"));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes order = message->payload;
    size_t blank = 0;
    while (blank < order.len && order.data[blank] != ' ')
        blank++;
    if (blank == order.len)
        return own();
    airs_bytes verb = {order.data, blank};
    airs_actor to = airs_lookup((airs_bytes){order.data + blank + 1, order.len - blank - 1});
    airs_bytes answer;
    uint64_t number;
    uint32_t reached;
    if (airs_equal(verb, airs_text("ask")))
        return airs_ask(to, airs_text("own"), 60000, &answer) == AIRS_OK ? airs_answer(answer) : own();
    if (airs_equal(verb, airs_text("send")) && airs_send(to, airs_text("sent")) != AIRS_OK)
        return airs_answer(airs_text("refused"));
    if (airs_equal(verb, airs_text("publish")) &&
        airs_publish(airs_text("trace.topic"), airs_text("published"), &reached) != AIRS_OK)
        return airs_answer(airs_text("refused"));
    if (airs_equal(verb, airs_text("timer")) && airs_send_after(0, to, airs_text("timed"), &number) != AIRS_OK)
        return airs_answer(airs_text("refused"));
    return own();
}
