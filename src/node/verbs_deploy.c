// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment: each verb is a chore, and takes as long as the probation does.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/error.h"
#include "deploy/condition.h"
#include "deploy/outcome.h"
#include "node/app.h"
#include "node/deploy_keys.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

static const char *const canary_names[] = {"auto", "instance", "sender", "message"};

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

/// What the request says of a canary, and else the manifest. "none": without one, whatever the manifest says.
static void complete_canary(airs_deploy_options *options, const cJSON *told, const deploy_policy *policy)
{
    const char *share = cJSON_HasObjectItem(told, "canary") ? node_told_text(told, "canary")
                        : policy && policy->canary.text     ? policy->canary.text
                                                            : "none";
    airs_error ignored;
    options->canary =
        strcmp(share, "none") != 0 && condition_parse_share(share, "canary", &options->canary_ppm, &ignored) == AIRS_OK;
    // Said without a canary it is refused.
    bool from_manifest = options->canary && policy;
    options->canary_by = (airs_canary_by)node_choice_read(told, "canary_by", canary_names, 4);
    if (from_manifest && !cJSON_HasObjectItem(told, "canary_by"))
        options->canary_by = (airs_canary_by)policy->canary_by;
    options->promote_when = node_told_text(told, "promote_when");
    if (from_manifest && !cJSON_HasObjectItem(told, "promote_when"))
        options->promote_when = policy->promote_when.text;
    options->rollback_when = node_told_text(told, "rollback_when");
    if (from_manifest && !cJSON_HasObjectItem(told, "rollback_when"))
        options->rollback_when = policy->rollback_when.text;
}

/// What was checked by `begin`.
static airs_deploy_options options_of(airs_system *system, const node_letter *letter)
{
    const cJSON *told = letter->told;
    airs_deploy_options options = node_deploy_keys_read(told);
    const deploy_policy *policy = policy_of(system, letter);
    complete(&options, told, policy);
    complete_canary(&options, told, policy);
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

/// Nobody else deploys to the same until what has come of it is written down, nor to the app as a whole.
static airs_status begin_change(airs_system *system, const node_letter *letter, node_app_deploy *deploy,
                                airs_error *error)
{
    airs_canary_info ignored;
    if (!letter->tree)
        return AIRS_OK;
    node_durable_subject(system, letter->actor, deploy->of, sizeof deploy->of);
    airs_status status = node_app_begin_deploy(letter->tree, deploy, error);
    if (status == AIRS_E_TAKEN && airs_canary_get_info(system, letter->actor, &ignored) == AIRS_OK)
        return base_error_set(error, status, "a canary runs on %s: promote it, or roll it back", deploy->of);
    return status;
}

static void end_change(const node_letter *letter, node_app_deploy *deploy)
{
    if (letter->tree)
        node_app_end_deploy(letter->tree, deploy);
}

static void chore_deploy(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_deploy_options options = options_of(system, letter);
    node_app_deploy change;
    airs_status status = begin_change(system, letter, &change, &error);
    if (status == AIRS_OK) {
        status = node_durable_deploy(letter->durable, system, node_told_text(letter->told, "component"), letter->actor,
                                     node_told_text(letter->told, "digest"), &options, &result, &error);
        end_change(letter, &change);
    }
    finish(letter, status, &result, &error);
}

/// `node_trial_fn`.
static airs_status try_out(airs_system *system, node_letter *letter, airs_deploy_event_fn on_event, void *user,
                           airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_options options = options_of(system, letter);
    options.on_event = on_event;
    options.user = user;
    // As long as it runs the app as a whole is not deployed to.
    node_app_deploy change;
    airs_status status = begin_change(system, letter, &change, error);
    if (status == AIRS_OK) {
        status = node_durable_deploy(letter->durable, system, node_told_text(letter->told, "component"), letter->actor,
                                     node_told_text(letter->told, "digest"), &options, ret_result, error);
        end_change(letter, &change);
    }
    finish(letter, status, ret_result, error);
    return status;
}

/// `node_trial_runs_fn`.
static void say_that_it_runs(node_letter *letter, const char *by)
{
    letter->result = cJSON_CreateObject();
    add_result(letter->result, &(airs_deploy_result){.number = 0});
    cJSON_AddBoolToObject(letter->result, "canary", true);
    node_json_add_text(letter->result, "canary_by", by);
}

/// What comes of a canary that somebody has ended is what comes of its deployment, once that is written down.
static airs_status wait_for_trial(const node_letter *letter, airs_status status, airs_deploy_result *result,
                                  airs_error *error)
{
    airs_status kept;
    airs_deploy_result ended;
    airs_error why;
    if (status != AIRS_OK && status != AIRS_E_FAILED)
        return status;
    if (!node_trials_wait(letter->trials, letter->actor, &kept, &ended, &why))
        return status;
    *result = ended;
    *error = why;
    return kept;
}

static void chore_promote(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_status status = airs_promote(system, letter->actor, &result, &error);
    finish(letter, wait_for_trial(letter, status, &result, &error), &result, &error);
}

/// False: no canary runs there.
static bool rolls_back_canary(airs_system *system, node_letter *letter)
{
    airs_canary_info info;
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    if (node_told_flag(letter->told, "dry_run")) {
        if (airs_canary_get_info(system, letter->actor, &info) != AIRS_OK)
            return false;
        base_error_set(&error, AIRS_E_INVALID, "a canary runs: to end it is nothing that could be rehearsed");
        finish(letter, AIRS_E_INVALID, &result, &error);
        return true;
    }
    airs_status status =
        airs_canary_rollback(system, letter->actor, node_told_text(letter->told, "by"), &result, &error);
    if (status == AIRS_E_NOT_FOUND)
        return false;
    status = wait_for_trial(letter, status, &result, &error);
    // That the old version is there is what was wanted.
    if (status == AIRS_E_FAILED && !result.deployed)
        status = AIRS_OK;
    finish(letter, status, &result, &error);
    return true;
}

static void chore_rollback(airs_system *system, node_letter *letter)
{
    if (rolls_back_canary(system, letter))
        return;
    airs_error error = {0};
    airs_deploy_result result = {.number = 0};
    airs_deploy_options options = options_of(system, letter);
    // What the manifest says of canaries is of new versions.
    options.canary = false;
    options.promote_when = options.rollback_when = NULL;
    node_app_deploy change;
    airs_status status = begin_change(system, letter, &change, &error);
    if (status == AIRS_OK) {
        status = node_durable_rollback(letter->durable, system, letter->actor, &options, &result, &error);
        end_change(letter, &change);
    }
    finish(letter, status, &result, &error);
}

static cJSON *counts_json(const airs_canary_counts *counts)
{
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "handled", (double)counts->handled);
    cJSON_AddNumberToObject(json, "failed", (double)counts->failed);
    add_us(json, "p50_us", counts->p50_ns);
    add_us(json, "p99_us", counts->p99_ns);
    return json;
}

static void add_canary(cJSON *json, const airs_canary_info *canary)
{
    node_json_add_text(json, "by", airs_canary_by_name(canary->by));
    cJSON_AddNumberToObject(json, "ppm", canary->ppm);
    cJSON_AddNumberToObject(json, "actors", canary->actors);
    cJSON_AddNumberToObject(json, "actors_all", canary->actors_all);
    cJSON_AddNumberToObject(json, "age_ms", (double)canary->age_ms);
    node_json_add_text(json, "old_version", canary->old_version);
    node_json_add_text(json, "new_version", canary->new_version);
    cJSON_AddItemToObject(json, "old", counts_json(&canary->old_counts));
    cJSON_AddItemToObject(json, "new", counts_json(&canary->new_counts));
    cJSON_AddNumberToObject(json, "new_restarts", (double)canary->new_restarts);
    node_json_add_text(json, "promote_when", canary->promote_when);
    node_json_add_text(json, "rollback_when", canary->rollback_when);
}

void node_canary_add(node_canaries *seen, airs_system *system, airs_actor_id id, cJSON *to)
{
    airs_canary_info info;
    uint64_t number = canaries_number_of(system, id.raw);
    for (size_t i = 0; number != 0 && i < seen->count; i++) {
        if (seen->numbers[i] == number) {
            cJSON_AddItemToObject(to, "canary", cJSON_Duplicate(seen->shown[i], true));
            return;
        }
    }
    if (number == 0 || airs_canary_get_info(system, id, &info) != AIRS_OK)
        return;
    cJSON *json = cJSON_AddObjectToObject(to, "canary");
    add_canary(json, &info);
    if (json && seen->count < CANARIES_LISTED_MAX) {
        seen->numbers[seen->count] = number;
        seen->shown[seen->count++] = json;
    }
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
    if (!complete.canary)
        return;
    cJSON_AddNumberToObject(json, "canary_ppm", complete.canary_ppm);
    node_json_add_text(json, "canary_by", airs_canary_by_name(complete.canary_by));
    node_json_add_text(json, "promote_when", complete.promote_when ? complete.promote_when : "");
    node_json_add_text(json, "rollback_when", complete.rollback_when ? complete.rollback_when : "");
}

static void chore_compare(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_component *component = NULL;
    airs_deploy_difference difference;
    char digest[NODE_CONTENT_DIGITS + 1] = "";
    airs_deploy_options options = options_of(system, letter);
    airs_status status = node_durable_may_deploy(letter->durable, system, letter->actor, &error);
    if (status == AIRS_OK)
        status =
            node_durable_load(letter->durable, system, node_told_text(letter->told, "component"), &component, &error);
    // Before: what changes while it is compared is not what was compared.
    if (status == AIRS_OK)
        node_durable_digest(system, letter->actor, component, digest);
    if (status == AIRS_OK)
        status = airs_deploy_compare(system, component, letter->actor, &options, &difference, &error);
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_difference(letter->result, &difference);
        node_json_add_text(letter->result, "digest", digest);
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

/// The keys of a canary.
static airs_status check_canary(const node_request *request, airs_error *error)
{
    const cJSON *share = cJSON_GetObjectItemCaseSensitive(request->json, "canary");
    const char *text = cJSON_GetStringValue(share);
    uint32_t ignored_ppm;
    condition ignored;
    airs_status status = AIRS_OK;
    if (share && !text)
        return base_error_set(error, AIRS_E_INVALID, "`canary` must be a text: a share, \"5%%\", or \"none\"");
    if (text && strcmp(text, "none") != 0)
        status = condition_parse_share(text, "`canary`", &ignored_ppm, error);
    static const char *const keys[] = {"promote_when", "rollback_when"};
    for (size_t i = 0; status == AIRS_OK && i < 2; i++) {
        const cJSON *entry = cJSON_GetObjectItemCaseSensitive(request->json, keys[i]);
        const char *value = cJSON_GetStringValue(entry);
        if (entry && !value)
            status = base_error_set(error, AIRS_E_INVALID, "`%s` must be a text", keys[i]);
        else if (value && value[0])
            status = condition_parse(value, keys[i], &ignored, error);
    }
    return status == AIRS_OK ? node_choice_check(request->json, "canary_by", canary_names, 4, error) : status;
}

/// Whether a deployment is to begin with a canary.
static bool is_trial(airs_system *system, const node_letter *letter, node_chore_fn chore)
{
    if (chore != chore_deploy)
        return false;
    airs_deploy_options options = options_of(system, letter);
    return options.canary && !options.dry_run;
}

/// Hands a request about one actor to a chore, once its keys are checked.
static airs_status begin(node_exchange *exchange, node_chore_fn chore, bool loads, airs_error *error)
{
    const char *path;
    airs_actor_id id;
    const node_request *request = exchange->request;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK && loads)
        status = node_request_text(request, "component", &path, error);
    if (status == AIRS_OK && loads && path[0] != '/' && !is_digits(path))
        status = base_error_set(error, AIRS_E_INVALID,
                                "`component` must be an absolute path, or the hash of a component that the node keeps");
    if (status == AIRS_OK && cJSON_HasObjectItem(request->json, "digest"))
        status = node_request_text(request, "digest", &path, error);
    if (status == AIRS_OK)
        status = node_deploy_keys_check(request, error);
    if (status == AIRS_OK)
        status = check_canary(request, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter_told(exchange, chore, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->actor = id;
    // A comparison is none: it changes nothing, and waits for nobody.
    if (chore == chore_compare)
        node_chores_add(exchange->chores, letter);
    else if (is_trial(exchange->system, letter, chore))
        status = node_trials_begin(exchange->trials, letter, try_out, say_that_it_runs, error);
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

airs_status node_verb_promote(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_promote, false, error);
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
    cJSON_AddBoolToObject(json, "canary", record->canary);
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
