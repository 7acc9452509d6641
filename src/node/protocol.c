// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/protocol.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/// The largest whole number that JSON's doubles hold exactly.
#define NUMBER_MAX 9007199254740991.0

static bool is_whole(const cJSON *node, double min, double max)
{
    return cJSON_IsNumber(node) && node->valuedouble >= min && node->valuedouble <= max &&
           node->valuedouble == floor(node->valuedouble);
}

/// cJSON ends a text at an escaped NUL, so what is behind it would be lost.
static bool has_escaped_nul(airs_bytes line)
{
    for (size_t i = 0; i + 6 <= line.len; i++) {
        if (line.data[i] != '\\')
            continue;
        if (memcmp(line.data + i, "\\u0000", 6) == 0)
            return true;
        i++;
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

airs_status node_object_parse(airs_bytes line, cJSON **ret_json, airs_error *error)
{
    size_t valid = 0;
    for (size_t len; valid < line.len && (len = base_utf8_next(line, valid)) > 0;)
        valid += len;
    if (valid < line.len)
        return base_error_set(error, AIRS_E_INVALID, "the line is not UTF-8, from byte %zu on", valid);
    if (has_escaped_nul(line))
        return base_error_set(error, AIRS_E_INVALID, "a text must not contain a NUL: use payload_base64");
    const char *text = (const char *)line.data;
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, line.len, &end, 0);
    if (!json)
        return base_error_set(error, AIRS_E_INVALID, "the line is not JSON, from byte %zu on",
                              end && end >= text ? (size_t)(end - text) : (size_t)0);
    size_t used = (size_t)(end - text);
    while (used < line.len && is_blank(text[used]))
        used++;
    if (!cJSON_IsObject(json) || used < line.len) {
        cJSON_Delete(json);
        return base_error_set(error, AIRS_E_INVALID, "the line is not one JSON object");
    }
    *ret_json = json;
    return AIRS_OK;
}

airs_status node_request_parse(node_request *ret_request, airs_bytes line, airs_error *error)
{
    *ret_request = (node_request){0};
    cJSON *json = NULL;
    airs_status status = node_object_parse(line, &json, error);
    if (status != AIRS_OK)
        return status;
    ret_request->json = json;
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    if (!is_whole(id, 0, NUMBER_MAX))
        return base_error_set(error, AIRS_E_INVALID, "`id` must be a whole number from 0 to 2^53 - 1");
    ret_request->has_id = true;
    ret_request->id = (uint64_t)id->valuedouble;
    ret_request->verb = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "verb"));
    if (!ret_request->verb)
        return base_error_set(error, AIRS_E_INVALID, "`verb` must be a text");
    return AIRS_OK;
}

airs_status node_request_make(node_request *ret_request, const char *verb, airs_bytes body, airs_error *error)
{
    size_t at = 0;
    cJSON *json = NULL;
    airs_status status = AIRS_OK;
    *ret_request = (node_request){.has_id = true};
    while (at < body.len && is_blank((char)body.data[at]))
        at++;
    if (at < body.len)
        status = node_object_parse(body, &json, error);
    else if ((json = cJSON_CreateObject()) == NULL)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    if (status != AIRS_OK)
        return status;
    cJSON_DeleteItemFromObjectCaseSensitive(json, "verb");
    ret_request->json = json;
    ret_request->verb = cJSON_GetStringValue(cJSON_AddStringToObject(json, "verb", verb));
    return ret_request->verb ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
}

void node_request_fini(node_request *request)
{
    cJSON_Delete(request->json);
    *request = (node_request){0};
}

airs_status node_request_text(const node_request *request, const char *key, const char **ret, airs_error *error)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(request->json, key));
    if (!text)
        return base_error_set(error, AIRS_E_INVALID, "`%s` needs `%s`, a text", request->verb, key);
    *ret = text;
    return AIRS_OK;
}

airs_status node_request_number(const node_request *request, const char *key, uint32_t min, uint32_t max,
                                uint32_t otherwise, uint32_t *ret, airs_error *error)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(request->json, key);
    if (node && !is_whole(node, min, max))
        return base_error_set(error, AIRS_E_INVALID, "`%s` must be a whole number from %" PRIu32 " to %" PRIu32, key,
                              min, max);
    *ret = node ? (uint32_t)node->valuedouble : otherwise;
    return AIRS_OK;
}

airs_status node_request_whole(const node_request *request, const char *key, uint64_t otherwise, uint64_t *ret,
                               airs_error *error)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(request->json, key);
    if (node && !is_whole(node, 0, NUMBER_MAX))
        return base_error_set(error, AIRS_E_INVALID, "`%s` must be a whole number from 0 to 2^53 - 1", key);
    *ret = node ? (uint64_t)node->valuedouble : otherwise;
    return AIRS_OK;
}

airs_status node_request_flag(const node_request *request, const char *key, bool *ret, airs_error *error)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(request->json, key);
    if (node && !cJSON_IsBool(node))
        return base_error_set(error, AIRS_E_INVALID, "`%s` must be true or false", key);
    *ret = cJSON_IsTrue(node);
    return AIRS_OK;
}

airs_status node_settings_read(const cJSON *json, const char *key, airs_setting settings[NODE_SETTINGS_MAX],
                               size_t *ret_count, airs_error *error)
{
    size_t count = 0;
    const cJSON *table = cJSON_GetObjectItemCaseSensitive(json, key);
    const cJSON *entry;
    if (table && !cJSON_IsObject(table))
        return base_error_set(error, AIRS_E_INVALID, "`%s` must be an object of texts", key);
    cJSON_ArrayForEach(entry, table)
    {
        const char *value = cJSON_GetStringValue(entry);
        if (!value)
            return base_error_set(error, AIRS_E_INVALID, "`%s.%s` must be a text", key, entry->string);
        if (count == NODE_SETTINGS_MAX)
            return base_error_set(error, AIRS_E_INVALID, "`%s` has more than %d entries", key, NODE_SETTINGS_MAX);
        settings[count++] = (airs_setting){entry->string, value};
    }
    *ret_count = count;
    return AIRS_OK;
}

// ---------------------------------------------------------------- payloads

static airs_status payload_too_large(airs_error *error)
{
    return base_error_set(error, AIRS_E_TOO_LARGE, "a payload on the socket is at most %u MiB", NODE_PAYLOAD_MAX >> 20);
}

static airs_status decode_base64(const char *text, airs_buffer *ret_payload, airs_error *error)
{
    size_t len = strlen(text);
    size_t size = len / 4 * 3 + 3;
    size_t decoded = 0;
    uint8_t *data = base_alloc(base_allocator_default(), size);
    if (!data)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the payload");
    if (sodium_base642bin(data, size, text, len, NULL, &decoded, NULL, sodium_base64_VARIANT_ORIGINAL) != 0) {
        base_free(base_allocator_default(), data);
        return base_error_set(error, AIRS_E_INVALID, "`payload_base64` is not base64");
    }
    *ret_payload = base_buffer_adopt(base_allocator_default(), data, decoded);
    return AIRS_OK;
}

airs_status node_payload_read(const cJSON *json, airs_buffer *ret_payload, airs_error *error)
{
    const cJSON *text = cJSON_GetObjectItemCaseSensitive(json, "payload");
    const cJSON *encoded = cJSON_GetObjectItemCaseSensitive(json, "payload_base64");
    if ((text && !cJSON_IsString(text)) || (encoded && !cJSON_IsString(encoded)))
        return base_error_set(error, AIRS_E_INVALID, "a payload must be a text");
    if (text && encoded)
        return base_error_set(error, AIRS_E_INVALID, "`payload` and `payload_base64` exclude each other");
    airs_buffer payload = {0};
    airs_status status = AIRS_OK;
    if (encoded)
        status = decode_base64(encoded->valuestring, &payload, error);
    else if (text)
        status = base_buffer_copy(base_allocator_default(), base_bytes_of(text->valuestring), &payload);
    if (status != AIRS_OK)
        return status;
    if (payload.len > NODE_PAYLOAD_MAX) {
        airs_buffer_free(&payload);
        return payload_too_large(error);
    }
    *ret_payload = payload;
    return AIRS_OK;
}

airs_status node_payload_write(cJSON *json, airs_bytes payload, airs_error *error)
{
    if (payload.len > NODE_PAYLOAD_MAX)
        return payload_too_large(error);
    bool is_text = base_utf8_valid(payload) && (payload.len == 0 || !memchr(payload.data, 0, payload.len));
    size_t size = is_text ? payload.len + 1 : sodium_base64_encoded_len(payload.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = base_alloc(base_allocator_default(), size);
    if (!text)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the payload");
    if (is_text) {
        if (payload.len > 0)
            memcpy(text, payload.data, payload.len);
        text[payload.len] = 0;
    } else {
        sodium_bin2base64(text, size, payload.data, payload.len, sodium_base64_VARIANT_ORIGINAL);
    }
    const cJSON *added = cJSON_AddStringToObject(json, is_text ? "payload" : "payload_base64", text);
    base_free(base_allocator_default(), text);
    return added ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for the payload");
}

// ---------------------------------------------------------------- replies

void node_json_add_text(cJSON *json, const char *key, const char *text)
{
    size_t len = strlen(text);
    if (base_utf8_valid((airs_bytes){(const uint8_t *)text, len})) {
        cJSON_AddStringToObject(json, key, text);
        return;
    }
    char *copy = base_strndup(base_allocator_default(), text, len);
    for (char *at = copy; at && *at; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    if (copy)
        cJSON_AddStringToObject(json, key, copy);
    base_free(base_allocator_default(), copy);
}

void node_json_add_bytes(cJSON *json, const char *key, airs_bytes bytes)
{
    char *copy = base_strndup(base_allocator_default(), (const char *)bytes.data, bytes.len);
    if (copy)
        node_json_add_text(json, key, copy);
    base_free(base_allocator_default(), copy);
}

void node_json_add_id(cJSON *json, const char *key, airs_actor_id id)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, id.raw);
    cJSON_AddStringToObject(json, key, text);
}

static cJSON *reply_begin(const node_request *request, bool ok)
{
    cJSON *reply = cJSON_CreateObject();
    if (request->has_id)
        cJSON_AddNumberToObject(reply, "id", (double)request->id);
    else
        cJSON_AddNullToObject(reply, "id");
    cJSON_AddBoolToObject(reply, "ok", ok);
    return reply;
}

char *node_line_print(cJSON *json)
{
    char *text = json ? cJSON_PrintUnformatted(json) : NULL;
    cJSON_Delete(json);
    if (!text)
        return NULL;
    // The newline takes the place of the NUL in a copy that is one byte longer.
    size_t len = strlen(text);
    char *line = cJSON_malloc(len + 2);
    if (line) {
        memcpy(line, text, len);
        memcpy(line + len, "\n", 2);
    }
    cJSON_free(text);
    return line;
}

char *node_reply_ok(const node_request *request, cJSON *result)
{
    cJSON *reply = reply_begin(request, true);
    if (result && !cJSON_AddItemToObject(reply, "result", result))
        cJSON_Delete(result);
    return node_line_print(reply);
}

char *node_reply_error(const node_request *request, const airs_error *error)
{
    cJSON *reply = reply_begin(request, false);
    cJSON *said = cJSON_AddObjectToObject(reply, "error");
    cJSON_AddStringToObject(said, "status", airs_status_name(error->status));
    node_json_add_text(said, "text", error->text);
    return node_line_print(reply);
}

static airs_status status_of_name(const char *name)
{
#define STATUS_COMPARE(status, number, sentence) \
    if (strcmp(name, #status) == 0)              \
        return AIRS_##status;
    AIRS_STATUS_MAP(STATUS_COMPARE)
#undef STATUS_COMPARE
    return AIRS_E_INTERNAL;
}

airs_status node_reply_parse(airs_bytes line, uint64_t id, cJSON **ret_result, airs_error *error)
{
    bool is_more;
    airs_status status = node_answer_parse(line, id, &is_more, ret_result, error);
    if (status != AIRS_OK || !is_more)
        return status;
    cJSON_Delete(*ret_result);
    *ret_result = NULL;
    return base_error_set(error, AIRS_E_INTERNAL, "the node's reply is not one to this request");
}

airs_status node_answer_parse(airs_bytes line, uint64_t id, bool *ret_is_more, cJSON **ret_json, airs_error *error)
{
    cJSON *json = NULL;
    airs_status status = node_object_parse(line, &json, error);
    if (status != AIRS_OK)
        return base_error_set(error, AIRS_E_INTERNAL, "the node's reply is not a line of this protocol");
    const cJSON *ok = cJSON_GetObjectItemCaseSensitive(json, "ok");
    bool is_mine = is_whole(cJSON_GetObjectItemCaseSensitive(json, "id"), (double)id, (double)id);
    const cJSON *said = cJSON_GetObjectItemCaseSensitive(json, "error");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(said, "status"));
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(said, "text"));
    if (cJSON_IsFalse(ok) && name && text) {
        airs_status failure = status_of_name(name);
        status = base_error_set(error, failure == AIRS_OK ? AIRS_E_INTERNAL : failure, "%s", text);
    } else if (is_mine && !ok) {
        *ret_is_more = true;
        *ret_json = json;
        return AIRS_OK;
    } else if (!cJSON_IsTrue(ok) || !is_mine) {
        status = base_error_set(error, AIRS_E_INTERNAL, "the node's reply is not one to this request");
    } else {
        *ret_is_more = false;
        *ret_json = cJSON_DetachItemFromObjectCaseSensitive(json, "result");
    }
    cJSON_Delete(json);
    return status;
}
