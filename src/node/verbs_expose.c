// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs about what of an app actors of the node's other apps may send to.
#include "base/error.h"
#include "node/system.h"
#include "node/verbs.h"

#include <cjson/cJSON.h>

#define PATTERNS_MAX 64

/// The app's place. Errors: E_UNSUPPORTED it is on no bridge.
static airs_status find_place(const node_exchange *exchange, bridge_place **ret_place, airs_error *error)
{
    *ret_place = base_atomic_load_acquire(&exchange->system->place);
    return *ret_place ? AIRS_OK : base_error_set(error, AIRS_E_UNSUPPORTED, "no other app reaches this one");
}

static void add_pattern(void *user, const char *pattern)
{
    cJSON_AddItemToArray(user, cJSON_CreateString(pattern));
}

airs_status node_verb_exposed(node_exchange *exchange, airs_error *error)
{
    bridge_place *place;
    airs_status status = find_place(exchange, &place, error);
    if (status != AIRS_OK)
        return status;
    exchange->result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(exchange->result, "exposed");
    if (!list)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the reply");
    bridge_each_exposed(place, add_pattern, list);
    return AIRS_OK;
}

static airs_status change(node_exchange *exchange, bool hide, airs_error *error)
{
    const char *patterns[PATTERNS_MAX];
    bridge_place *place;
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(exchange->request->json, "patterns");
    int count = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || count == 0 || count > PATTERNS_MAX)
        return base_error_set(error, AIRS_E_INVALID, "`patterns` must be a list of 1 to %d texts", PATTERNS_MAX);
    for (int i = 0; i < count; i++) {
        patterns[i] = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
        if (!patterns[i])
            return base_error_set(error, AIRS_E_INVALID, "`patterns` must be a list of texts");
    }
    airs_status status = find_place(exchange, &place, error);
    if (status == AIRS_OK)
        status = bridge_change(place, &exchange->system->actors, hide, patterns, (size_t)count, error);
    return status == AIRS_OK ? node_durable_expose(exchange->durable, patterns, (size_t)count, hide, error) : status;
}

airs_status node_verb_expose(node_exchange *exchange, airs_error *error)
{
    return change(exchange, false, error);
}

airs_status node_verb_hide(node_exchange *exchange, airs_error *error)
{
    return change(exchange, true, error);
}
