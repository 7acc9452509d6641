// SPDX-License-Identifier: MIT OR Apache-2.0
// Defines every function there is. A message names a call to make; the answer says how it went.
#include <airssys/guest.h>

static uint64_t started, replies, downs, applied;
static uint8_t state[32];
static size_t state_len;
static airs_actor self;

airs_result actor_start(const airs_start_info *info)
{
    started = info->cause == AIRS_START_FRESH ? 1 : 2;
    self = info->id;
    return airs_ok();
}

void actor_stop(airs_stop_reason reason)
{
    airs_log(airs_join(airs_text("stop "), airs_unsigned((uint64_t)reason)));
}

static airs_result status(airs_status status)
{
    return airs_answer(airs_join(airs_unsigned((uint64_t)status), airs_text(" "), airs_why()));
}

static airs_result ask(airs_bytes name)
{
    airs_bytes answer;
    airs_status outcome = airs_ask(airs_lookup(name), airs_text("from a friend"), 1000, &answer);
    return outcome == AIRS_OK ? airs_answer(answer) : status(outcome);
}

static airs_result request(airs_bytes name)
{
    uint64_t number;
    return status(airs_request(airs_lookup(name), airs_text("later"), 1000, &number));
}

airs_result actor_handle(const airs_message *message)
{
    airs_bytes rest;
    airs_bytes verb = airs_cut(message->payload, ' ', &rest);
    if (airs_equal(verb, airs_text("counts")))
        return airs_answer(airs_join(airs_unsigned(started), airs_text(" "), airs_unsigned(replies), airs_text(" "),
                                     airs_unsigned(downs), airs_text(" "), airs_unsigned(applied)));
    if (airs_equal(verb, airs_text("ask")))
        return ask(rest);
    if (airs_equal(verb, airs_text("request")))
        return request(rest);
    if (airs_equal(verb, airs_text("send")))
        return status(airs_send(airs_lookup(rest), airs_text("hello")));
    if (airs_equal(verb, airs_text("forward")))
        return airs_forward(airs_lookup(rest)) == AIRS_OK ? airs_ok() : status(AIRS_FAILED);
    if (airs_equal(verb, airs_text("later")))
        return status(airs_reply(message->request, airs_text("by another way")));
    if (airs_equal(verb, airs_text("monitor")))
        return airs_answer(airs_unsigned(airs_monitor(airs_lookup(rest))));
    if (airs_equal(verb, airs_text("after")))
        return status(airs_send_after(10, self, airs_text("tick"), NULL));
    if (airs_equal(verb, airs_text("id")))
        return airs_answer(airs_message_id());
    if (airs_equal(verb, airs_text("exit"))) {
        airs_exit(airs_error(airs_text("wanted to go")));
        return airs_ok();
    }
    return airs_answer(message->payload);
}

airs_result actor_handle_reply(const airs_answer_event *answer)
{
    replies += answer->status == AIRS_OK ? 1 : 100;
    return airs_ok();
}

airs_result actor_handle_down(const airs_down *down)
{
    downs += down->will_restart ? 1 : 100;
    return airs_ok();
}

airs_health actor_health(void)
{
    if (downs > 0)
        return (airs_health){AIRS_DEGRADED, airs_text("lost a friend")};
    return (airs_health){.tag = AIRS_HEALTHY};
}

airs_result actor_save(void)
{
    return airs_answer((airs_bytes){state, state_len});
}

airs_result actor_load(airs_bytes from_version, airs_bytes saved)
{
    if (saved.len > sizeof state)
        return airs_error(airs_join(airs_text("too much state from "), from_version));
    for (size_t i = 0; i < saved.len; i++)
        state[i] = saved.data[i];
    state_len = saved.len;
    return airs_ok();
}

airs_result actor_apply(airs_settings settings)
{
    applied += settings.count;
    return airs_ok();
}
