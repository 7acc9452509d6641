// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment: each verb is a chore, and takes as long as the probation does.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/error.h"

#include <cjson/cJSON.h>
#include <string.h>

/// The text of a key that was checked before; "" when it is missing.
static const char *text_of(const cJSON *told, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(told, key));
    return text ? text : "";
}

static airs_status read_choice(const node_request *request, const char *key, const char *const *names, uint32_t count,
                               airs_error *error)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(request->json, key);
    const char *text = cJSON_GetStringValue(entry);
    if (!entry)
        return AIRS_OK;
    for (uint32_t i = 0; text && i < count; i++) {
        if (strcmp(text, names[i]) == 0)
            return AIRS_OK;
    }
    return base_error_set(error, AIRS_E_INVALID, "`%s` must be one of %s, %s%s%s", key, names[0], names[1],
                          count > 2 ? ", " : "", count > 2 ? names[2] : "");
}

static const char *const no_state_names[] = {"auto", "fresh", "refuse"};
static const char *const rollback_names[] = {"carry", "snapshot"};

static uint32_t choice_of(const cJSON *told, const char *key, const char *const *names, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(text_of(told, key), names[i]) == 0)
            return i;
    }
    return 0;
}

static uint32_t number_of(const cJSON *told, const char *key)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(told, key);
    return entry ? (uint32_t)entry->valuedouble : 0;
}

/// What was checked by `begin`.
static airs_deploy_options options_of(const cJSON *told)
{
    airs_deploy_options options = {
        .drain_timeout_ms = number_of(told, "drain_timeout_ms"),
        .probation_ms = number_of(told, "probation_ms"),
        .on_no_state = (airs_on_no_state)choice_of(told, "on_no_state", no_state_names, 3),
        .rollback_state = (airs_rollback_state)choice_of(told, "rollback_state", rollback_names, 2),
        .dry_run = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(told, "dry_run")),
        .by = text_of(told, "by"),
    };
    // Asked for, 0 is none.
    if (options.probation_ms == 0 && cJSON_HasObjectItem(told, "probation_ms"))
        options.probation_ms = AIRS_NO_PROBATION;
    return options;
}

static void add_us(cJSON *json, const char *key, uint64_t ns)
{
    cJSON_AddNumberToObject(json, key, (double)(ns / 1000u));
}

static void add_result(cJSON *json, const airs_deploy_result *result)
{
    cJSON_AddNumberToObject(json, "number", (double)result->number);
    cJSON_AddBoolToObject(json, "deployed", result->deployed);
    cJSON_AddNumberToObject(json, "actors", result->actors);
    cJSON_AddNumberToObject(json, "gone", result->actors_gone);
    cJSON_AddNumberToObject(json, "reverted", result->reverted);
    cJSON_AddNumberToObject(json, "handled_since", (double)result->handled_since);
    add_us(json, "pause_us", result->pause_max_ns);
    add_us(json, "rollback_us", result->rollback_ns);
    node_json_add_text(json, "text", result->text);
}

/// Leaves what came of it with the letter.
static void finish(node_letter *letter, airs_status status, const airs_deploy_result *result, airs_error *error)
{
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_result(letter->result, result);
    } else if (!error->text[0]) {
        base_error_set(error, status, "%s", airs_status_text(status));
    }
    node_letter_set(letter, status, error);
}

static void chore_deploy(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_deploy_options options = options_of(letter->told);
    airs_status status = node_durable_deploy(letter->durable, system, text_of(letter->told, "component"), letter->actor,
                                             &options, &result, &error);
    finish(letter, status, &result, &error);
}

static void chore_rollback(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_deploy_options options = options_of(letter->told);
    airs_status status = node_durable_rollback(letter->durable, system, letter->actor, &options, &result, &error);
    finish(letter, status, &result, &error);
}

static void add_difference(cJSON *json, const airs_deploy_difference *difference)
{
    node_json_add_text(json, "old_component", difference->old_name);
    node_json_add_text(json, "old_version", difference->old_version);
    node_json_add_text(json, "component", difference->new_name);
    node_json_add_text(json, "version", difference->new_version);
    cJSON_AddBoolToObject(json, "same", difference->same);
    cJSON_AddBoolToObject(json, "carries_state", difference->carries_state);
    node_json_add_text(json, "gains", difference->gains);
    node_json_add_text(json, "loses", difference->loses);
    node_json_add_text(json, "refused", difference->refused);
}

static void chore_compare(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_component *component = NULL;
    airs_deploy_difference difference;
    airs_deploy_options options = options_of(letter->told);
    airs_status status =
        node_durable_load(letter->durable, system, text_of(letter->told, "component"), &component, &error);
    if (status == AIRS_OK)
        status = airs_deploy_compare(system, component, letter->actor, &options, &difference, &error);
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_difference(letter->result, &difference);
    }
    airs_component_release(component);
    node_letter_set(letter, status, &error);
}

/// Whether a text may be a hash, or its beginning.
static bool is_digits(const char *text)
{
    return *text && strspn(text, "0123456789abcdef") == strlen(text);
}

/// Hands a request about one actor to a chore, once its keys are checked.
static airs_status begin(node_exchange *exchange, node_chore_fn chore, bool loads, airs_error *error)
{
    const char *path;
    uint32_t ignored;
    airs_actor_id id;
    const node_request *request = exchange->request;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK && loads)
        status = node_request_text(request, "component", &path, error);
    if (status == AIRS_OK && loads && path[0] != '/' && !is_digits(path))
        status = base_error_set(error, AIRS_E_INVALID,
                                "`component` must be an absolute path, or the hash of a component that the node keeps");
    if (status == AIRS_OK)
        status = node_request_number(request, "drain_timeout_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = node_request_number(request, "probation_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = read_choice(request, "on_no_state", no_state_names, 3, error);
    if (status == AIRS_OK)
        status = read_choice(request, "rollback_state", rollback_names, 2, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore;
    letter->actor = id;
    letter->told = cJSON_Duplicate(request->json, true);
    if (!letter->told) {
        node_letter_destroy(letter);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    }
    // A comparison is none: it changes nothing, and waits for nobody.
    if (chore == chore_compare)
        node_chores_add(exchange->chores, letter);
    else
        status = node_chores_add_long(exchange->chores, letter, error);
    if (status != AIRS_OK)
        node_letter_destroy(letter);
    exchange->later = status == AIRS_OK;
    return status;
}

airs_status node_verb_deploy(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_deploy, true, error);
}

airs_status node_verb_compare(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_compare, true, error);
}

airs_status node_verb_rollback(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_rollback, false, error);
}

// ---------------------------------------------------------------- the history

static bool add_record(void *user, const airs_deploy_record *record)
{
    cJSON *json = cJSON_CreateObject();
    add_result(json, &record->result);
    cJSON_AddNumberToObject(json, "time_ms", (double)record->time_ms);
    cJSON_AddNumberToObject(json, "took_ms", (double)record->took_ms);
    node_json_add_text(json, "by", record->by);
    node_json_add_text(json, "actor", record->actor);
    node_json_add_text(json, "component", record->component);
    node_json_add_text(json, "from_version", record->from_version);
    node_json_add_text(json, "to_version", record->to_version);
    cJSON_AddBoolToObject(json, "rollback", record->rollback);
    cJSON_AddBoolToObject(json, "dry_run", record->dry_run);
    cJSON_AddItemToArray(user, json);
    return true;
}

airs_status node_verb_history(node_exchange *exchange, airs_error *error)
{
    (void)error;
    exchange->result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(exchange->result, "deployments");
    uint64_t count = airs_deploy_history(exchange->system, 0, add_record, list);
    cJSON_AddNumberToObject(exchange->result, "count", (double)count);
    return AIRS_OK;
}
