// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment: each verb is a chore, and takes as long as the probation does.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/error.h"
#include "deploy/outcome.h"
#include "node/app.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
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

/// What the manifest says of deployments to the actor; of a child of a group, what it says of that. NULL: nothing.
static const deploy_policy *policy_of(airs_system *system, const node_letter *letter)
{
    airs_actor_info info;
    if (!letter->tree || airs_actor_get_info(system, letter->actor, &info) != AIRS_OK)
        return NULL;
    const deploy_policy *policy = node_app_policy(letter->tree, info.name);
    if (!policy && airs_actor_get_info(system, info.supervisor, &info) == AIRS_OK)
        policy = node_app_policy(letter->tree, info.name);
    return policy;
}

/// What the request does not say.
static void complete(airs_deploy_options *options, const cJSON *told, const deploy_policy *policy)
{
    if (!policy)
        return;
    if (!cJSON_HasObjectItem(told, "drain_timeout_ms"))
        options->drain_timeout_ms = policy->drain_timeout_ms;
    if (!cJSON_HasObjectItem(told, "probation_ms") && policy->probation_at.line > 0)
        options->probation_ms = policy->probation_ms == 0 ? AIRS_NO_PROBATION : policy->probation_ms;
    if (!cJSON_HasObjectItem(told, "on_no_state"))
        options->on_no_state = (airs_on_no_state)policy->on_no_state;
    if (!cJSON_HasObjectItem(told, "rollback_state"))
        options->rollback_state = (airs_rollback_state)policy->rollback_state;
    options->parallel_max = policy->parallel_max;
}

/// What was checked by `begin`.
static airs_deploy_options options_of(airs_system *system, const node_letter *letter)
{
    const cJSON *told = letter->told;
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
    complete(&options, told, policy_of(system, letter));
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
    airs_deploy_options options = options_of(system, letter);
    airs_status status = letter->tree ? node_app_begin_change(letter->tree, false, &error) : AIRS_OK;
    if (status == AIRS_OK) {
        status = node_durable_deploy(letter->durable, system, text_of(letter->told, "component"), letter->actor,
                                     &options, &result, &error);
        if (letter->tree)
            node_app_end_change(letter->tree, false);
    }
    finish(letter, status, &result, &error);
}

static void chore_rollback(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_deploy_options options = options_of(system, letter);
    airs_status status = letter->tree ? node_app_begin_change(letter->tree, false, &error) : AIRS_OK;
    if (status == AIRS_OK) {
        status = node_durable_rollback(letter->durable, system, letter->actor, &options, &result, &error);
        if (letter->tree)
            node_app_end_change(letter->tree, false);
    }
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

/// By which it would be deployed.
static void add_options(cJSON *json, const airs_deploy_options *options)
{
    airs_deploy_options complete = *options;
    airs_error ignored;
    if (rollout_complete(&complete, &ignored) != AIRS_OK)
        return;
    bool none = complete.probation_ms == AIRS_NO_PROBATION;
    cJSON_AddNumberToObject(json, "probation_ms", none ? 0 : complete.probation_ms);
    cJSON_AddNumberToObject(json, "drain_timeout_ms", complete.drain_timeout_ms);
    node_json_add_text(json, "on_no_state", airs_on_no_state_name(complete.on_no_state));
    node_json_add_text(json, "rollback_state", airs_rollback_state_name(complete.rollback_state));
}

static void chore_compare(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_component *component = NULL;
    airs_deploy_difference difference;
    airs_deploy_options options = options_of(system, letter);
    airs_status status =
        node_durable_load(letter->durable, system, text_of(letter->told, "component"), &component, &error);
    if (status == AIRS_OK)
        status = airs_deploy_compare(system, component, letter->actor, &options, &difference, &error);
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_difference(letter->result, &difference);
        add_options(letter->result, &options);
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
    letter->tree = exchange->tree;
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

static bool add_lost(void *user, const airs_lost_message *message)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "number", (double)message->number);
    cJSON_AddNumberToObject(json, "time_ms", (double)message->time_ms);
    node_json_add_id(json, "actor", message->actor);
    node_json_add_text(json, "name", message->name);
    node_json_add_text(json, "message", message->message_id);
    node_json_add_id(json, "sender", message->sender);
    node_json_add_text(json, "topic", message->topic);
    cJSON_AddNumberToObject(json, "payload_size", (double)message->payload_size);
    airs_error ignored;
    (void)!node_payload_write(json, message->payload, &ignored);
    return cJSON_AddItemToArray(user, json);
}

/// What one of them has lost.
static airs_status list_lost(node_exchange *exchange, uint64_t number, airs_error *error)
{
    uint64_t last = airs_deploy_history(exchange->system, UINT64_MAX, NULL, NULL);
    if (number > last)
        return base_error_set(error, AIRS_E_NOT_FOUND, "there is no deployment %" PRIu64 ", the last is %" PRIu64,
                              number, last);
    exchange->result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(exchange->result, "messages");
    uint64_t count = airs_deploy_lost(exchange->system, number, add_lost, list);
    cJSON_AddNumberToObject(exchange->result, "count", (double)count);
    return AIRS_OK;
}

airs_status node_verb_history(node_exchange *exchange, airs_error *error)
{
    uint64_t lost;
    airs_status status = node_request_whole(exchange->request, "lost", 0, &lost, error);
    if (status != AIRS_OK)
        return status;
    if (lost > 0)
        return list_lost(exchange, lost, error);
    exchange->result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(exchange->result, "deployments");
    uint64_t count = airs_deploy_history(exchange->system, 0, add_record, list);
    cJSON_AddNumberToObject(exchange->result, "count", (double)count);
    return AIRS_OK;
}
