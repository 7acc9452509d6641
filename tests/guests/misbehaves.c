// SPDX-License-Identifier: MIT OR Apache-2.0
// Does with messages what it should not, or too much of it. "VERB NAME NUMBER"; answers with how it went.
#include <airssys/guest.h>

static uint64_t owed;
static uint64_t outcomes, timeouts;

static airs_result status(airs_status status)
{
    return airs_answer(airs_unsigned((uint64_t)status));
}

static airs_result statuses(uint64_t count, airs_status last)
{
    return airs_answer(airs_join(airs_unsigned(count), airs_text(" "), airs_unsigned((uint64_t)last)));
}

/// The first answer counts; the second, and one to a number that was made up, does not.
static airs_result reply_twice(const airs_message *message)
{
    airs_status first = airs_reply(message->request, airs_text("once"));
    airs_status second = airs_reply(message->request, airs_text("twice"));
    if (first != AIRS_OK || second != AIRS_GONE)
        __builtin_trap();
    return airs_answer(airs_text("thrice"));
}

static airs_result send_until_refused(airs_actor to)
{
    uint64_t count = 0;
    airs_status last;
    while ((last = airs_send(to, airs_text("flood"))) == AIRS_OK)
        count++;
    return statuses(count, last);
}

static airs_result request_until_refused(airs_actor to)
{
    uint64_t count = 0, number;
    airs_status last;
    while ((last = airs_request(to, airs_text("keep"), 3600000, &number)) == AIRS_OK)
        count++;
    return statuses(count, last);
}

static airs_result ask(airs_actor to, airs_bytes payload, uint32_t timeout_ms)
{
    airs_bytes answer;
    airs_status outcome = airs_ask(to, payload, timeout_ms, &answer);
    return outcome == AIRS_OK ? airs_answer(airs_join(airs_text("got "), airs_unsigned(answer.len))) : status(outcome);
}

static airs_bytes zeroes(uint64_t len)
{
    return (airs_bytes){airs_alloc((size_t)len), (size_t)len};
}

static airs_result with_friend(airs_bytes verb, airs_bytes name, uint64_t number, bool *ret_known)
{
    airs_actor friend = airs_lookup(name);
    *ret_known = true;
    if (airs_equal(verb, airs_text("flood")))
        return send_until_refused(friend);
    if (airs_equal(verb, airs_text("requests")))
        return request_until_refused(friend);
    if (airs_equal(verb, airs_text("ask")))
        return ask(friend, airs_text("hello"), (uint32_t)number);
    // Asks the friend, who asks back.
    if (airs_equal(verb, airs_text("circle")))
        return ask(friend, airs_join(airs_text("ask "), name, airs_text("-back "), airs_unsigned(number)),
                   (uint32_t)number);
    if (airs_equal(verb, airs_text("ask-for")))
        return ask(friend, airs_join(airs_text("give x "), airs_unsigned(number)), 10000);
    if (airs_equal(verb, airs_text("send-large")))
        return status(airs_send(friend, zeroes(number)));
    if (airs_equal(verb, airs_text("ask-large")))
        return ask(friend, zeroes(number), 10000);
    if (airs_equal(verb, airs_text("forward")))
        return airs_forward(friend) == AIRS_OK ? airs_ok() : airs_answer(airs_text("nowhere"));
    *ret_known = false;
    return airs_ok();
}

static airs_result alone(const airs_message *message, airs_bytes verb, uint64_t number)
{
    if (airs_equal(verb, airs_text("twice")))
        return reply_twice(message);
    if (airs_equal(verb, airs_text("made-up")))
        return status(airs_reply(number, airs_text("an answer to nobody")));
    if (airs_equal(verb, airs_text("cancel")))
        return airs_answer(airs_cancel(number) ? airs_text("cancelled") : airs_text("nothing to cancel"));
    if (airs_equal(verb, airs_text("self")))
        return ask(airs_self(), airs_text("me"), 60000);
    if (airs_equal(verb, airs_text("guess")))
        return status(airs_send(number, airs_text("to whom it concerns")));
    if (airs_equal(verb, airs_text("give")))
        return airs_answer(zeroes(number));
    if (airs_equal(verb, airs_text("give-later"))) {
        airs_status outcome = airs_reply(message->request, zeroes(number));
        return outcome == AIRS_OK ? airs_ok() : status(outcome);
    }
    if (airs_equal(verb, airs_text("outcomes")))
        return statuses(outcomes, (airs_status)timeouts);
    if (airs_equal(verb, airs_text("keep"))) {
        owed = message->request;
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("pay")))
        return status(airs_reply(owed, airs_text("at last")));
    if (airs_equal(verb, airs_text("exit"))) {
        airs_exit(airs_ok());
        return airs_ok();
    }
    if (airs_equal(verb, airs_text("exit-failed"))) {
        airs_exit(airs_error(airs_text("it had enough")));
        return airs_ok();
    }
    return airs_answer(message->payload);
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest, last;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    airs_bytes name = airs_cut(rest, ' ', &last);
    uint64_t number = 0;
    if (last.len > 0)
        (void)airs_parse_unsigned(last, &number);
    else
        (void)airs_parse_unsigned(name, &number);
    bool known = false;
    airs_result result = with_friend(verb, name, number, &known);
    return known ? result : alone(message, verb, number);
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    outcomes++;
    timeouts += answer->status == AIRS_TIMEOUT;
    return airs_ok();
}
