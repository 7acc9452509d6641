// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment of a whole app: what would change, doing it, and the way back.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/error.h"
#include "node/app_compare.h"
#include "node/deploy_keys.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

/// NULL: the way back.
static const char *path_of(const cJSON *told)
{
    return node_told_flag(told, "back") ? NULL : node_told_text(told, "path");
}

// ---------------------------------------------------------------- what would change

static const char *const whats[] = {"added", "changed", "removed"};
static const char *const kinds[] = {"group", "actor", "template"};

static void add_texts(cJSON *json, const char *key, const deploy_lines *texts)
{
    cJSON *list = cJSON_AddArrayToObject(json, key);
    for (size_t i = 0; i < texts->count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(texts->items[i]));
}

/// What is known only of the components themselves: why one can't follow the other, and whether the state goes along.
static void add_component(cJSON *json, airs_system *system, const node_app_plan *plan, const deploy_item *item,
                          airs_on_no_state on_no_state)
{
    app_comparison comparison;
    if (!app_compare(system, plan, item, on_no_state, &comparison))
        return;
    const airs_deploy_difference *difference = &comparison.difference;
    if (comparison.has_versions) {
        node_json_add_text(json, "old_version", difference->old_version);
        node_json_add_text(json, "version", difference->new_version);
        cJSON_AddBoolToObject(json, "carries_state", difference->carries_state);
        node_json_add_text(json, "exports_gained", difference->gains);
        node_json_add_text(json, "exports_lost", difference->loses);
    }
    node_json_add_text(json, "refused", comparison.refused);
}

static void add_item(cJSON *list, airs_system *system, const node_app_plan *plan, const deploy_item *item,
                     const cJSON *told)
{
    const char *canary = node_app_plan_canary(plan, item);
    cJSON *json = cJSON_CreateObject();
    node_json_add_text(json, "what", whats[item->what]);
    node_json_add_text(json, "kind", kinds[item->kind]);
    node_json_add_text(json, "name", item->name);
    cJSON_AddBoolToObject(json, "component", item->component);
    cJSON_AddBoolToObject(json, "config", item->config);
    cJSON_AddNumberToObject(json, "rank", item->rank);
    add_texts(json, "swapped", &item->swapped);
    add_texts(json, "live", &item->live);
    node_json_add_text(json, "settings", item->fixed);
    add_texts(json, "grants_gained", &item->gains);
    add_texts(json, "grants_lost", &item->loses);
    // One that was called off needs no word.
    if (canary && strcmp(node_told_text(told, "canary"), "none") != 0)
        node_json_add_text(json, "canary", canary);
    add_component(json, system, plan, item, node_deploy_keys_read(told).on_no_state);
    cJSON_AddItemToArray(list, json);
}

/// The longest that an actor of the new app wants.
static void add_times(cJSON *json, const deploy_manifest *manifest)
{
    uint32_t probation_ms = 10000;
    uint32_t drain_ms = 5000;
    for (size_t i = 0; i < manifest->actors_count; i++) {
        const deploy_policy *policy = &manifest->actors[i].policy;
        probation_ms = policy->probation_ms > probation_ms ? policy->probation_ms : probation_ms;
        drain_ms = policy->drain_timeout_ms > drain_ms ? policy->drain_timeout_ms : drain_ms;
    }
    cJSON_AddNumberToObject(json, "probation_ms", probation_ms);
    cJSON_AddNumberToObject(json, "drain_timeout_ms", drain_ms);
}

static void add_plan(cJSON *json, airs_system *system, const node_app_plan *plan, const cJSON *told)
{
    const deploy_difference *difference = &plan->difference;
    const char *version = plan->from.manifest.version.text;
    node_json_add_text(json, "app", plan->to.manifest.name.text);
    node_json_add_text(json, "old_version", version ? version : "");
    version = plan->to.manifest.version.text;
    node_json_add_text(json, "version", version ? version : "");
    char digest[NODE_CONTENT_DIGITS + 1];
    node_content_format(&plan->digest, digest);
    node_json_add_text(json, "digest", digest);
    cJSON_AddBoolToObject(json, "same", deploy_difference_is_none(difference));
    node_json_add_text(json, "refused", difference->refused);
    add_texts(json, "root", &difference->root);
    cJSON_AddBoolToObject(json, "expose", difference->expose);
    cJSON *list = cJSON_AddArrayToObject(json, "changes");
    for (size_t i = 0; i < difference->count; i++)
        add_item(list, system, plan, &difference->items[i], told);
    add_times(json, &plan->to.manifest);
}

static void set(node_letter *letter, airs_status status, airs_error *error)
{
    if (status != AIRS_OK && !error->text[0])
        base_error_set(error, status, "%s", airs_status_text(status));
    node_letter_set(letter, status, error);
}

static void chore_compare(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    node_app_plan plan;
    airs_status status = node_app_plan_make(&plan, letter->durable, path_of(letter->told), &error);
    if (status == AIRS_OK) {
        node_app_plan_check_canary(&plan, node_told_text(letter->told, "canary"));
        letter->result = cJSON_CreateObject();
        add_plan(letter->result, system, &plan, letter->told);
        node_app_plan_fini(&plan);
    }
    set(letter, status, &error);
}

// ---------------------------------------------------------------- doing it

/// The first grant that there is more of; NULL: there is none.
static const deploy_item *first_gain(const deploy_difference *difference)
{
    for (size_t i = 0; i < difference->count; i++) {
        if (difference->items[i].gains.count > 0)
            return &difference->items[i];
    }
    return NULL;
}

static airs_status check_grants(const node_app_plan *plan, const cJSON *told, airs_error *error)
{
    const deploy_item *gain = first_gain(&plan->difference);
    if (!gain || node_told_flag(told, "allow_grants"))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_DENIED, "%s would be granted more: %s: that must be allowed (`allow_grants`)",
                          gain->name, gain->gains.items[0]);
}

/// What was looked at is what is deployed.
static airs_status check_digest(const node_app_plan *plan, const cJSON *told, airs_error *error)
{
    char digest[NODE_CONTENT_DIGITS + 1];
    const char *seen = node_told_text(told, "digest");
    node_content_format(&plan->digest, digest);
    if (!seen[0] || strcmp(seen, digest) == 0)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_TAKEN,
                          "%s: its files, or what runs of it, have changed since they were compared: look again",
                          plan->to.manifest.name.text);
}

static void add_result(cJSON *json, const airs_deploy_result *result)
{
    cJSON_AddNumberToObject(json, "number", (double)result->number);
    cJSON_AddBoolToObject(json, "deployed", result->deployed);
    cJSON_AddNumberToObject(json, "actors", result->actors);
    cJSON_AddNumberToObject(json, "pause_us", (double)(result->pause_max_ns / 1000u));
    node_json_add_text(json, "text", result->text);
}

static airs_status carry_out(node_letter *letter, node_app_plan *plan, airs_deploy_result *ret_result,
                             airs_error *error)
{
    const cJSON *told = letter->told;
    airs_deploy_options options = node_deploy_keys_read(told);
    airs_status status = check_digest(plan, told, error);
    if (status != AIRS_OK || deploy_difference_is_none(&plan->difference))
        return status;
    status = options.dry_run ? AIRS_OK : check_grants(plan, told, error);
    return status == AIRS_OK ? node_app_plan_carry_out(plan, letter->durable, letter->tree, &options, ret_result, error)
                             : status;
}

static airs_status deploy(node_letter *letter, airs_deploy_result *ret_result, airs_error *error)
{
    node_app_plan plan;
    airs_status status = node_app_plan_make(&plan, letter->durable, path_of(letter->told), error);
    if (status != AIRS_OK)
        return status;
    node_app_plan_check_canary(&plan, node_told_text(letter->told, "canary"));
    status = carry_out(letter, &plan, ret_result, error);
    node_app_plan_fini(&plan);
    return status;
}

/// What the app is made of must not change between the plan and what is done by it.
static void chore_deploy(airs_system *system, node_letter *letter)
{
    (void)system;
    airs_error error = {0};
    airs_deploy_result result = {0};
    airs_status status = node_app_begin_change(letter->tree, true, &error);
    if (status == AIRS_OK) {
        status = deploy(letter, &result, &error);
        node_app_end_change(letter->tree, true);
    }
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_result(letter->result, &result);
    }
    set(letter, status, &error);
}

// ---------------------------------------------------------------- the requests

static airs_status check_keys(const node_request *request, airs_error *error)
{
    const char *text = "/";
    bool back = false;
    bool ignored;
    airs_status status = node_request_flag(request, "back", &back, error);
    if (status == AIRS_OK && !back)
        status = node_request_text(request, "path", &text, error);
    if (status == AIRS_OK && text[0] != '/')
        status = base_error_set(error, AIRS_E_INVALID, "`path` must be an absolute path");
    if (status == AIRS_OK)
        status = node_request_flag(request, "allow_grants", &ignored, error);
    if (status == AIRS_OK && cJSON_HasObjectItem(request->json, "digest"))
        status = node_request_text(request, "digest", &text, error);
    if (status == AIRS_OK && cJSON_HasObjectItem(request->json, "canary"))
        status = node_request_text(request, "canary", &text, error);
    return status == AIRS_OK ? node_deploy_keys_check(request, error) : status;
}

static airs_status begin(node_exchange *exchange, node_chore_fn chore, airs_error *error)
{
    airs_status status = AIRS_OK;
    if (!exchange->tree)
        status = base_error_set(error, AIRS_E_UNSUPPORTED, "there is no app to deploy to");
    if (status == AIRS_OK)
        status = check_keys(exchange->request, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter_told(exchange, chore, error);
    if (!letter)
        return AIRS_E_NOMEM;
    status = node_chores_add_long(exchange->chores, letter, error);
    if (status != AIRS_OK)
        node_letter_destroy(letter);
    exchange->later = status == AIRS_OK;
    return status;
}

airs_status node_verb_compare_app(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_compare, error);
}

airs_status node_verb_deploy_app(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_deploy, error);
}
