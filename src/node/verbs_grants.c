// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs about the grants of one component: seeing them, giving more, taking them back.
#include "node/verbs.h"

#include "airssys/capability.h"
#include "airssys/system.h"
#include "base/alloc.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

// Room for any grant as text, and how many one request may name.
#define GRANT_TEXT_MAX 1400
#define GRANTS_MAX 64

static bool add_grant(void *user, const airs_grant_info *info)
{
    char text[GRANT_TEXT_MAX];
    cJSON *one = cJSON_CreateObject();
    cJSON_AddNumberToObject(one, "number", info->number);
    node_json_add_text(one, "grant", airs_grant_format(text, sizeof text, &info->grant));
    cJSON_AddBoolToObject(one, "revoked", info->grant.revoked);
    cJSON_AddNumberToObject(one, "uses", (double)info->uses);
    cJSON_AddItemToArray(user, one);
    return true;
}

static airs_status told(airs_status status, airs_error *error)
{
    if (status == AIRS_E_UNSUPPORTED)
        return base_error_set(error, status, "it is no component, and so is asked for no grant");
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "%s", airs_status_text(status));
}

airs_status node_verb_grants(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    cJSON *result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(result, "grants");
    cJSON_AddNumberToObject(result, "refused", (double)airs_actor_refusals(exchange->system, id));
    status = airs_actor_each_grant(exchange->system, id, add_grant, list);
    if (status == AIRS_OK)
        exchange->result = result;
    else
        cJSON_Delete(result);
    return told(status, error);
}

/// The texts of `grants`, a list with at least one. Errors: E_INVALID.
static airs_status read_texts(const node_exchange *exchange, const char *texts[GRANTS_MAX], size_t *ret_count,
                              airs_error *error)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(exchange->request->json, "grants");
    int count = cJSON_GetArraySize(list);
    if (!cJSON_IsArray(list) || count == 0 || count > GRANTS_MAX)
        return base_error_set(error, AIRS_E_INVALID, "`grants` must be a list of 1 to %d texts", GRANTS_MAX);
    for (int i = 0; i < count; i++) {
        texts[i] = cJSON_GetStringValue(cJSON_GetArrayItem(list, i));
        if (!texts[i])
            return base_error_set(error, AIRS_E_INVALID, "`grants` must be a list of texts");
    }
    *ret_count = (size_t)count;
    return AIRS_OK;
}

// ---------------------------------------------------------------- grant

airs_status node_verb_grant(node_exchange *exchange, airs_error *error)
{
    const char *texts[GRANTS_MAX];
    size_t count;
    airs_actor_id id;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK)
        status = read_texts(exchange, texts, &count, error);
    if (status != AIRS_OK)
        return status;
    airs_grant_text *made = base_alloc_array(base_allocator_default(), count, sizeof *made);
    airs_grant grants[GRANTS_MAX];
    if (!made)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    for (size_t i = 0; i < count && status == AIRS_OK; i++) {
        status = airs_grant_parse(texts[i], &made[i], error);
        grants[i] = made[i].grant;
    }
    uint32_t number = 0;
    if (status == AIRS_OK)
        status = node_durable_grant(exchange->durable, exchange->system, id, grants, count, &number, error);
    base_free(base_allocator_default(), made);
    if (status != AIRS_OK)
        return status;
    exchange->result = cJSON_CreateObject();
    cJSON_AddNumberToObject(exchange->result, "number", number);
    return AIRS_OK;
}

// ---------------------------------------------------------------- revoke

/// The numbers of what is to be taken back.
typedef struct numbers {
    uint32_t *items;
    size_t count;
    bool no_memory;
} numbers;

static void add_number(numbers *self, uint32_t number)
{
    uint32_t *more = base_realloc(base_allocator_default(), self->items, (self->count + 1) * sizeof *more);
    if (!more) {
        self->no_memory = true;
        return;
    }
    self->items = more;
    more[self->count++] = number;
}

/// Which grants a text means: all that are shown so, and that hold.
typedef struct search {
    const char *text;
    numbers *to;
    uint32_t revoked;
    bool has_found;
    bool has_revoked;
} search;

static bool compare(void *user, const airs_grant_info *info)
{
    search *it = user;
    char text[GRANT_TEXT_MAX];
    if (strcmp(airs_grant_format(text, sizeof text, &info->grant), it->text) != 0)
        return true;
    if (info->grant.revoked) {
        it->revoked = info->number;
        it->has_revoked = true;
    } else {
        add_number(it->to, info->number);
        it->has_found = true;
    }
    return true;
}

static bool read_number(const char *text, uint32_t *ret)
{
    char *end;
    errno = 0;
    uintmax_t number = strtoumax(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno != 0 || number > UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

static airs_status find_grants(const node_exchange *exchange, airs_actor_id id, const char *text, numbers *to,
                               airs_error *error)
{
    uint32_t number;
    if (read_number(text, &number)) {
        add_number(to, number);
        return AIRS_OK;
    }
    airs_grant_text made;
    char shown[GRANT_TEXT_MAX];
    airs_status status = airs_grant_parse(text, &made, error);
    if (status != AIRS_OK)
        return status;
    search it = {.text = airs_grant_format(shown, sizeof shown, &made.grant), .to = to};
    status = airs_actor_each_grant(exchange->system, id, compare, &it);
    if (status == AIRS_OK && !it.has_found && !it.has_revoked)
        return base_error_set(error, AIRS_E_NOT_FOUND, "it has no grant %s: see `airssys grants`", it.text);
    // That it is revoked already is no error.
    if (status == AIRS_OK && !it.has_found)
        add_number(to, it.revoked);
    return told(status, error);
}

airs_status node_verb_revoke(node_exchange *exchange, airs_error *error)
{
    const char *texts[GRANTS_MAX];
    numbers found = {0};
    size_t count;
    airs_actor_id id;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK)
        status = read_texts(exchange, texts, &count, error);
    for (size_t i = 0; status == AIRS_OK && i < count; i++)
        status = find_grants(exchange, id, texts[i], &found, error);
    if (status == AIRS_OK && found.no_memory)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the grants");
    if (status == AIRS_OK)
        status = node_durable_revoke(exchange->durable, exchange->system, id, found.items, found.count, error);
    base_free(base_allocator_default(), found.items);
    return status;
}
