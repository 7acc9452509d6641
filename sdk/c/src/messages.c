// SPDX-License-Identifier: MIT OR Apache-2.0
#include "airssys/guest.h"
#include "arena.h"
#include "event.h"
#include "imports.h"
#include "why.h"

static airs_bytes why;

airs_status airs_why_set(airs_status status, airs_bytes text)
{
    why = words_of(status, text);
    return status;
}

airs_bytes airs_why(void)
{
    return why;
}

static airs_status send_failed(const airssys_actor_types_send_error_t *error)
{
    return airs_why_set(status_of_send(error->tag), send_error_text(error));
}

airs_actor airs_self(void)
{
    return airssys_actor_messaging_self_id();
}

airs_actor airs_lookup(airs_bytes name)
{
    imports_string_t text = to_generated(imports_string_t, name);
    airs_actor found;
    return airssys_actor_messaging_lookup(&text, &found) ? found : 0;
}

airs_status airs_register(airs_bytes name)
{
    static const uint8_t statuses[] = {AIRS_TAKEN, AIRS_INVALID, AIRS_DENIED};
    imports_string_t text = to_generated(imports_string_t, name);
    airssys_actor_messaging_register_error_t error;
    if (airssys_actor_messaging_register(&text, &error))
        return AIRS_OK;
    bool has_text = error.tag != AIRSSYS_ACTOR_MESSAGING_REGISTER_ERROR_TAKEN;
    return airs_why_set((airs_status)statuses[error.tag], has_text ? bytes_of(error.val.denied) : airs_text(""));
}

bool airs_unregister(airs_bytes name)
{
    imports_string_t text = to_generated(imports_string_t, name);
    return airssys_actor_messaging_unregister(&text);
}

airs_status airs_send(airs_actor to, airs_bytes payload)
{
    imports_list_u8_t list = to_generated(imports_list_u8_t, payload);
    airssys_actor_messaging_send_error_t error;
    return airssys_actor_messaging_send(to, &list, &error) ? AIRS_OK : send_failed(&error);
}

/// `variant answer`. The bindings would copy its words one by one.
typedef struct ask_result {
    uint8_t tag;
    _Alignas(8) union {
        struct {
            uint32_t len;
            _Alignas(8) uint8_t bytes[128];
        } short_answer;
        imports_list_u8_t long_answer;
        struct {
            uint8_t tag;
            _Alignas(4) union {
                imports_string_t failed;
                struct {
                    uint8_t tag;
                    _Alignas(4) imports_string_t denied;
                } send;
            };
        } error;
    };
} ask_result;

enum {
    ANSWER_SHORT = 0,
    ANSWER_LONG = 1
};

__attribute__((import_module("airssys:actor/messaging@0.1.0"), import_name("ask-short"))) extern void
__wasm_import_airssys_actor_messaging_ask_short(int64_t to, uint8_t *data, size_t len, int32_t timeout_ms,
                                                uint8_t *ret);

static airs_status ask_failed(const ask_result *result)
{
    airs_bytes text = airs_text("");
    if (result->error.tag == REQUEST_FAILED)
        text = bytes_of(result->error.failed);
    else if (result->error.tag == REQUEST_SEND && result->error.send.tag == SEND_DENIED)
        text = bytes_of(result->error.send.denied);
    return airs_why_set(status_of_request(result->error.tag, result->error.send.tag), text);
}

airs_status airs_ask(airs_actor to, airs_bytes payload, uint32_t timeout_ms, airs_bytes *ret_answer)
{
    ask_result *result = airs_arena_take(sizeof *result, _Alignof(ask_result));
    __wasm_import_airssys_actor_messaging_ask_short((int64_t)to, (uint8_t *)(uintptr_t)payload.data, payload.len,
                                                    (int32_t)timeout_ms, (uint8_t *)result);
    if (result->tag == ANSWER_SHORT)
        *ret_answer = (airs_bytes){result->short_answer.bytes, result->short_answer.len};
    else if (result->tag == ANSWER_LONG)
        *ret_answer = bytes_of(result->long_answer);
    else
        return ask_failed(result);
    return AIRS_OK;
}

airs_status airs_request(airs_actor to, airs_bytes payload, uint32_t timeout_ms, uint64_t *ret_request)
{
    imports_list_u8_t list = to_generated(imports_list_u8_t, payload);
    airssys_actor_messaging_send_error_t error;
    bool sent = airssys_actor_messaging_request(to, &list, timeout_ms, ret_request, &error);
    return sent ? AIRS_OK : send_failed(&error);
}

bool airs_cancel(uint64_t request)
{
    return airssys_actor_messaging_cancel(request);
}

static airs_status reply(uint64_t request, airssys_actor_messaging_result_list_u8_string_t *outcome)
{
    airssys_actor_messaging_send_error_t error;
    return airssys_actor_messaging_reply(request, outcome, &error) ? AIRS_OK : send_failed(&error);
}

airs_status airs_reply(uint64_t request, airs_bytes answer)
{
    airssys_actor_messaging_result_list_u8_string_t outcome = {.is_err = false};
    outcome.val.ok = to_generated(imports_list_u8_t, answer);
    return reply(request, &outcome);
}

airs_status airs_reply_error(uint64_t request, airs_bytes text)
{
    airssys_actor_messaging_result_list_u8_string_t outcome = {.is_err = true};
    outcome.val.err = to_generated(imports_string_t, text);
    return reply(request, &outcome);
}

airs_status airs_forward(airs_actor to)
{
    airssys_actor_messaging_send_error_t error;
    return airssys_actor_messaging_forward(to, &error) ? AIRS_OK : send_failed(&error);
}

airs_status airs_subscribe(airs_bytes pattern, airs_bytes group, uint64_t *ret_subscription)
{
    static const uint8_t statuses[] = {AIRS_INVALID, AIRS_DENIED, AIRS_LIMIT};
    imports_string_t pattern_text = to_generated(imports_string_t, pattern);
    imports_string_t group_text = to_generated(imports_string_t, group);
    airssys_actor_messaging_subscribe_error_t error;
    if (airssys_actor_messaging_subscribe(&pattern_text, group.len > 0 ? &group_text : NULL, ret_subscription, &error))
        return AIRS_OK;
    bool has_text = error.tag != AIRSSYS_ACTOR_MESSAGING_SUBSCRIBE_ERROR_LIMIT;
    return airs_why_set((airs_status)statuses[error.tag], has_text ? bytes_of(error.val.denied) : airs_text(""));
}

bool airs_unsubscribe(uint64_t subscription)
{
    return airssys_actor_messaging_unsubscribe(subscription);
}

airs_status airs_publish(airs_bytes topic, airs_bytes payload, uint32_t *ret_reached)
{
    imports_string_t topic_text = to_generated(imports_string_t, topic);
    imports_list_u8_t list = to_generated(imports_list_u8_t, payload);
    airssys_actor_messaging_send_error_t error;
    uint32_t reached;
    if (!airssys_actor_messaging_publish(&topic_text, &list, &reached, &error))
        return send_failed(&error);
    if (ret_reached)
        *ret_reached = reached;
    return AIRS_OK;
}
