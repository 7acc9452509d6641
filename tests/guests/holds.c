// SPDX-License-Identifier: MIT OR Apache-2.0
// Does what it is told with what it was granted, by names and by ids, and holds on to it. A message is a verb and its
// arguments; the answer is "ok", what came of it, or "not: " and why. "heard" gives how many other messages came.
#include <airssys/guest.h>

static uint64_t heard;

static airs_result answer_status(airs_status status)
{
    return airs_answer(status == AIRS_OK ? airs_text("ok") : airs_join(airs_text("not: "), airs_why()));
}

/// An actor by its id or its name.
static airs_actor actor_of(airs_bytes text)
{
    uint64_t id;
    return airs_parse_unsigned(text, &id) ? id : airs_lookup(text);
}

static airs_result with_actor(airs_bytes verb, airs_bytes arguments)
{
    airs_bytes text;
    airs_actor whom = actor_of(airs_cut(arguments, ' ', &text));
    airs_bytes answer;
    uint64_t number;
    if (airs_equal(verb, airs_text("send")))
        return answer_status(airs_send(whom, text));
    if (airs_equal(verb, airs_text("request")))
        return answer_status(airs_request(whom, text, 1000, &number));
    if (airs_equal(verb, airs_text("after")))
        return answer_status(airs_send_after(1, whom, text, NULL));
    if (airs_equal(verb, airs_text("every")))
        return answer_status(airs_send_every(5, whom, text, NULL));
    if (airs_equal(verb, airs_text("forward")))
        return answer_status(airs_forward(whom));
    airs_status status = airs_ask(whom, text, 2000, &answer);
    return status == AIRS_OK ? airs_answer(answer) : answer_status(status);
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    uint64_t subscription;
    if (message->topic.len > 0 || message->payload.len == 0 || airs_equal(verb, airs_text("tick"))) {
        heard++;
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("heard")))
        return airs_answer(airs_unsigned(heard));
    if (airs_equal(verb, airs_text("subscribe")))
        return answer_status(airs_subscribe(rest, airs_text(""), &subscription));
    if (airs_equal(verb, airs_text("publish")))
        return answer_status(airs_publish(rest, airs_text("news"), NULL));
    if (airs_equal(verb, airs_text("register")))
        return answer_status(airs_register(rest));
    return with_actor(verb, rest);
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    (void)answer;
    return airs_ok();
}
