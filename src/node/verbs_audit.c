// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs and the audit log: where it is, and what of them stands in it.
#include "node/verbs.h"

#include "base/bytes.h"
#include "base/error.h"
#include "node/system.h"

#include <cjson/cJSON.h>
#include <stdio.h>

/// Puts " key=value" behind the text, as far as it has room.
static size_t add_value(char text[AUDIT_OBJECT_MAX], size_t len, const char *key, const cJSON *value)
{
    int more = 0;
    if (cJSON_IsString(value))
        more = snprintf(text + len, AUDIT_OBJECT_MAX - len, " %s=%s", key, value->valuestring);
    else if (cJSON_IsNumber(value))
        more = snprintf(text + len, AUDIT_OBJECT_MAX - len, " %s=%.0f", key, value->valuedouble);
    size_t end = len + (more > 0 ? (size_t)more : 0);
    return end < AUDIT_OBJECT_MAX ? end : AUDIT_OBJECT_MAX - 1;
}

airs_status node_exchange_record(const node_exchange *exchange, uint32_t event, airs_error *error)
{
    static const char *const keys[] = {"actor", "supervisor", "name", "number", "to"};
    const cJSON *json = exchange->request->json;
    char text[AUDIT_OBJECT_MAX];
    size_t len = (size_t)snprintf(text, sizeof text, "%.64s", exchange->request->verb);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        len = add_value(text, len, keys[i], cJSON_GetObjectItemCaseSensitive(json, keys[i]));
    const cJSON *grant;
    cJSON_ArrayForEach(grant, cJSON_GetObjectItemCaseSensitive(json, "grants")) len =
        add_value(text, len, "grant", grant);
    const cJSON *pattern;
    cJSON_ArrayForEach(pattern, cJSON_GetObjectItemCaseSensitive(json, "patterns")) len =
        add_value(text, len, "pattern", pattern);
    airs_status status = node_audit_event(&exchange->system->audit, (audit_event)event, base_bytes_of(text));
    return status == AIRS_OK ? AIRS_OK
                             : base_error_set(error, status, "the audit log can't be written: nothing is done");
}

airs_status node_verb_audit(node_exchange *exchange, airs_error *error)
{
    static const char *const modes[] = {"off", "first_use", "refused", "all"};
    const node_audit *audit = &exchange->system->audit;
    if (audit->log == NULL)
        return base_error_set(error, AIRS_E_NOT_FOUND, "the node writes no audit log");
    char key[2 * AUDIT_KEY_SIZE + 1];
    for (size_t i = 0; i < AUDIT_KEY_SIZE; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", audit->key[i]);
    exchange->result = cJSON_CreateObject();
    node_json_add_text(exchange->result, "folder", audit->path);
    node_json_add_text(exchange->result, "key", key);
    node_json_add_text(exchange->result, "mode", modes[audit->mode]);
    return AIRS_OK;
}
