// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that bring messages into the system.
#include "node/requests.h"
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/bytes.h"
#include "base/error.h"
#include "route/dead_letters.h"

#include <cjson/cJSON.h>
#include <inttypes.h>

/// Sends off a request of which `letter` brings the outcome.
static airs_status send_letter(node_exchange *exchange, airs_actor_id to, const airs_buffer *payload,
                               uint32_t timeout_ms)
{
    airs_error ignored;
    node_letter *letter = node_exchange_letter(exchange, &ignored);
    if (!letter)
        return AIRS_E_NOMEM;
    airs_status status =
        airs_ask_async(exchange->system, to, payload->data, payload->len, timeout_ms, node_letter_reply, letter);
    if (status == AIRS_OK)
        exchange->later = true;
    else
        node_letter_destroy(letter);
    return status;
}

airs_status node_verb_call(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    uint32_t timeout_ms;
    airs_buffer payload = {0};
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK)
        status = node_request_number(exchange->request, "timeout_ms", 1, UINT32_MAX, NODE_CALL_TIMEOUT_MS, &timeout_ms,
                                     error);
    if (status == AIRS_OK)
        status = node_payload_read(exchange->request->json, &payload, error);
    if (status != AIRS_OK)
        return status;
    status = send_letter(exchange, id, &payload, timeout_ms);
    airs_buffer_free(&payload);
    return status == AIRS_OK ? status : base_error_set(error, status, "%s", airs_status_text(status));
}

/// The actor that `key` names, to whom something is sent without waiting for what comes of it: who takes no messages is
/// refused here, since nobody would hear of it.
static airs_status find_receiver(const node_exchange *exchange, const char *key, airs_actor_id *ret_id,
                                 airs_error *error)
{
    airs_actor_info info;
    airs_status status = node_exchange_actor(exchange, key, ret_id, error);
    if (status != AIRS_OK || airs_actor_get_info(exchange->system, *ret_id, &info) != AIRS_OK)
        return status;
    if (info.kind == AIRS_KIND_SUPERVISOR)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "a supervisor takes no messages: send to one of its actors");
    if (info.kind == AIRS_KIND_COMPONENT && !node_component_takes_messages(exchange->system, *ret_id))
        return base_error_set(error, AIRS_E_UNSUPPORTED, "this component takes no messages");
    return AIRS_OK;
}

airs_status node_verb_send(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_buffer payload = {0};
    airs_status status = find_receiver(exchange, "actor", &id, error);
    if (status == AIRS_OK)
        status = node_payload_read(exchange->request->json, &payload, error);
    if (status != AIRS_OK)
        return status;
    status = airs_send(exchange->system, id, payload.data, payload.len);
    airs_buffer_free(&payload);
    return status == AIRS_OK ? status : base_error_set(error, status, "%s", airs_status_text(status));
}

airs_status node_verb_publish(node_exchange *exchange, airs_error *error)
{
    const char *topic;
    airs_buffer payload = {0};
    uint32_t reached = 0;
    airs_status status = node_request_text(exchange->request, "topic", &topic, error);
    if (status == AIRS_OK)
        status = node_payload_read(exchange->request->json, &payload, error);
    if (status != AIRS_OK)
        return status;
    status = airs_publish(exchange->system, topic, payload.data, payload.len, &reached, error);
    airs_buffer_free(&payload);
    if (status == AIRS_E_INVALID)
        base_error_prefix(error, "`topic` is \"%s\"", topic);
    if (status != AIRS_OK)
        return status;
    exchange->result = cJSON_CreateObject();
    cJSON_AddNumberToObject(exchange->result, "reached", reached);
    return AIRS_OK;
}

// ---------------------------------------------------------------- dead letters

airs_status node_exchange_letter_number(const node_exchange *exchange, uint64_t *ret_number, airs_error *error)
{
    airs_status status = node_request_whole(exchange->request, "number", 0, ret_number, error);
    if (status == AIRS_OK && *ret_number == 0)
        status = base_error_set(error, AIRS_E_INVALID, "`%s` needs `number`, that of a dead letter",
                                exchange->request->verb);
    return status;
}

airs_status node_no_such_letter(uint64_t number, airs_error *error)
{
    return base_error_set(error, AIRS_E_NOT_FOUND, "no dead letter %" PRIu64 " is kept", number);
}

airs_status node_verb_resend(node_exchange *exchange, airs_error *error)
{
    uint64_t number;
    airs_actor_id to = {0};
    airs_status status = node_exchange_letter_number(exchange, &number, error);
    if (status == AIRS_OK && cJSON_HasObjectItem(exchange->request->json, "to"))
        status = find_receiver(exchange, "to", &to, error);
    if (status != AIRS_OK)
        return status;
    status = airs_dead_letter_resend(exchange->system, number, to);
    if (status == AIRS_E_NOT_FOUND)
        return node_no_such_letter(number, error);
    return status == AIRS_OK ? status : base_error_set(error, status, "%s", airs_status_text(status));
}

/// Drops each letter that was there when it was told to; of those that come meanwhile, the number is higher.
static uint64_t drop_all(airs_system *system)
{
    uint64_t dropped = 0;
    uint64_t last = airs_dead_letters(system, 0, NULL, NULL);
    uint64_t first = last > DEAD_LETTERS_MAX ? last - DEAD_LETTERS_MAX + 1 : 1;
    for (uint64_t number = first; number <= last; number++)
        dropped += airs_dead_letter_drop(system, number) == AIRS_OK;
    return dropped;
}

airs_status node_verb_drop(node_exchange *exchange, airs_error *error)
{
    uint64_t number;
    uint64_t dropped = 1;
    bool all;
    airs_status status = node_request_flag(exchange->request, "all", &all, error);
    if (status != AIRS_OK)
        return status;
    if (all) {
        dropped = drop_all(exchange->system);
    } else {
        status = node_exchange_letter_number(exchange, &number, error);
        if (status != AIRS_OK)
            return status;
        if (airs_dead_letter_drop(exchange->system, number) != AIRS_OK)
            return node_no_such_letter(number, error);
    }
    exchange->result = cJSON_CreateObject();
    cJSON_AddNumberToObject(exchange->result, "dropped", (double)dropped);
    return AIRS_OK;
}
