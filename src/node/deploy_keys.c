// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/deploy_keys.h"

#include "base/error.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const char *const no_state_names[] = {"auto", "fresh", "refuse"};
static const char *const rollback_names[] = {"carry", "snapshot"};

const char *node_told_text(const cJSON *told, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(told, key));
    return text ? text : "";
}

bool node_told_flag(const cJSON *told, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(told, key));
}

static uint32_t number_of(const cJSON *told, const char *key)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(told, key);
    return entry ? (uint32_t)entry->valuedouble : 0;
}

static uint32_t place_of(const cJSON *told, const char *key, const char *const *words, uint32_t count)
{
    uint32_t at = 0;
    while (at < count && strcmp(node_told_text(told, key), words[at]) != 0)
        at++;
    return at;
}

airs_status node_choice_check(const cJSON *told, const char *key, const char *const *words, uint32_t count,
                              airs_error *error)
{
    char list[128] = "";
    if (!cJSON_HasObjectItem(told, key) || place_of(told, key, words, count) < count)
        return AIRS_OK;
    for (uint32_t i = 0; i < count; i++) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s", i > 0 ? ", " : "", words[i]);
    }
    return base_error_set(error, AIRS_E_INVALID, "`%s` must be one of %s", key, list);
}

uint32_t node_choice_read(const cJSON *told, const char *key, const char *const *words, uint32_t count)
{
    uint32_t at = place_of(told, key, words, count);
    return at < count ? at : 0;
}

airs_status node_deploy_keys_check(const node_request *request, airs_error *error)
{
    uint32_t ignored;
    bool flag;
    const char *text;
    airs_status status = node_request_number(request, "drain_timeout_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = node_request_number(request, "probation_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = node_choice_check(request->json, "on_no_state", no_state_names, 3, error);
    if (status == AIRS_OK)
        status = node_choice_check(request->json, "rollback_state", rollback_names, 2, error);
    if (status == AIRS_OK)
        status = node_request_flag(request, "dry_run", &flag, error);
    if (status == AIRS_OK && cJSON_HasObjectItem(request->json, "by"))
        status = node_request_text(request, "by", &text, error);
    return status;
}

airs_deploy_options node_deploy_keys_read(const cJSON *told)
{
    airs_deploy_options options = {
        .drain_timeout_ms = number_of(told, "drain_timeout_ms"),
        .probation_ms = number_of(told, "probation_ms"),
        .on_no_state = (airs_on_no_state)node_choice_read(told, "on_no_state", no_state_names, 3),
        .rollback_state = (airs_rollback_state)node_choice_read(told, "rollback_state", rollback_names, 2),
        .dry_run = node_told_flag(told, "dry_run"),
        .by = node_told_text(told, "by"),
    };
    // Asked for, 0 is none.
    if (options.probation_ms == 0 && cJSON_HasObjectItem(told, "probation_ms"))
        options.probation_ms = AIRS_NO_PROBATION;
    return options;
}
