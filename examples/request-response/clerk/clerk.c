// SPDX-License-Identifier: MIT OR Apache-2.0
// Answers in each of the ways there are.
#include <airssys/guest.h>

// How long "later" takes.
#define LATER_MS 200

// Not answered when `actor_handle` returns: a message to ourselves will do it, which carries the request's number.
static airs_result answer_later(uint64_t request)
{
    airs_status status = airs_send_after(LATER_MS, airs_self(), airs_unsigned(request), NULL);
    return status == AIRS_OK ? airs_ok() : airs_error(airs_why());
}

static airs_result answer_now(airs_bytes number)
{
    uint64_t request;
    if (airs_parse_unsigned(number, &request) && airs_reply(request, airs_text("here it is")) == AIRS_GONE)
        airs_log(airs_text("too late: nobody waits for this answer any more"));
    return airs_ok();
}

// Who asked us waits for us: asking back would wait for ever, and the runtime sees that at once.
static airs_result ask_back(airs_actor asker)
{
    airs_bytes answer;
    airs_status status = airs_ask(asker, airs_text("what was that?"), 1000, &answer);
    return airs_answer(status == AIRS_OK ? answer : airs_join(airs_text("I asked back, "), airs_why()));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes what = message->payload;
    if (message->sender == airs_self())
        return answer_now(what);
    if (airs_equal(what, airs_text("now")))
        return airs_answer(airs_text("here you are"));
    if (airs_equal(what, airs_text("later")))
        return answer_later(message->request);
    if (airs_equal(what, airs_text("never")))
        return airs_ok();
    if (airs_equal(what, airs_text("the file of 1984")))
        return airs_forward(airs_lookup(airs_text("files"))) == AIRS_OK ? airs_ok() : airs_error(airs_why());
    if (airs_equal(what, airs_text("ask me back")))
        return ask_back(message->sender);
    if (airs_equal(what, airs_text("crash")))
        __builtin_trap();
    return airs_error(airs_text("I do not know that"));
}
