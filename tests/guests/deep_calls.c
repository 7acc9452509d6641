// SPDX-License-Identifier: MIT OR Apache-2.0
// Calls the host function that the message names at each depth of a recursion without end, so also at the
// deepest; see deep_host_call.c for the usual ones.
#include "deep.h"

static uint64_t call_ask(void)
{
    airs_bytes answer;
    return (uint64_t)airs_ask(airs_self() + 1000000, airs_text("nobody"), 1000, &answer);
}

static uint64_t call_ask_self(void)
{
    airs_bytes answer;
    return (uint64_t)airs_ask(airs_self(), airs_text("me"), 1000, &answer);
}

static uint64_t call_request(void)
{
    uint64_t number;
    return (uint64_t)airs_request(airs_self() + 1000000, airs_text("nobody"), 1000, &number);
}

static uint64_t call_request_friend(void)
{
    uint64_t number = 0;
    return (uint64_t)airs_request(airs_lookup(airs_text("witness")), airs_text("count"), 1, &number) + number;
}

static uint64_t call_send_friend(void)
{
    return (uint64_t)airs_send(airs_lookup(airs_text("witness")), airs_text("count"));
}

static uint64_t call_cancel(void)
{
    return airs_cancel(12345678);
}

static uint64_t call_reply(void)
{
    return (uint64_t)airs_reply(12345678, airs_text("to nobody"));
}

static uint64_t call_forward(void)
{
    return (uint64_t)airs_forward(airs_self() + 1000000);
}

static uint64_t call_message_id(void)
{
    return airs_message_id().len;
}

static uint64_t call_attempt(void)
{
    return airs_attempt();
}

static uint64_t call_deadline(void)
{
    uint64_t left = 0;
    return airs_deadline_ms(&left) + left;
}

static uint64_t call_sender_name(void)
{
    airs_bytes name;
    return airs_sender_name(&name);
}

static uint64_t call_exit(void)
{
    airs_exit(airs_error(airs_text("from the deepest stack")));
    return 0;
}

airs_result actor_handle(const airs_message *message)
{
    const named_call calls[] = {
        {airs_text("ask"), call_ask},
        {airs_text("ask-self"), call_ask_self},
        {airs_text("request"), call_request},
        {airs_text("request-friend"), call_request_friend},
        {airs_text("send-friend"), call_send_friend},
        {airs_text("cancel"), call_cancel},
        {airs_text("reply"), call_reply},
        {airs_text("forward"), call_forward},
        {airs_text("message-id"), call_message_id},
        {airs_text("attempt"), call_attempt},
        {airs_text("deadline"), call_deadline},
        {airs_text("sender-name"), call_sender_name},
        {airs_text("exit"), call_exit},
    };
    return dive_by_name(message, calls, sizeof calls / sizeof *calls);
}
