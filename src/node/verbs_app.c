// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment of a whole app: what would change, doing it, and the way back.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/error.h"
#include "node/app_deploy.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

static const char *text_of(const cJSON *told, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(told, key));
    return text ? text : "";
}

static bool is_true(const cJSON *told, const char *key)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(told, key));
}

static uint32_t number_of(const cJSON *told, const char *key)
{
    const cJSON *entry = cJSON_GetObjectItemCaseSensitive(told, key);
    return entry ? (uint32_t)entry->valuedouble : 0;
}

/// NULL: the way back.
static const char *path_of(const cJSON *told)
{
    return is_true(told, "back") ? NULL : text_of(told, "path");
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
static void add_component(cJSON *json, airs_system *system, const node_app_plan *plan, const deploy_item *item)
{
    airs_actor_id id;
    airs_error error = {0};
    airs_component *component = NULL;
    airs_deploy_difference difference = {0};
    if (item->what != DEPLOY_CHANGED || !item->component || item->kind != DEPLOY_KIND_ACTOR ||
        airs_lookup(system, item->name, &id) != AIRS_OK)
        return;
    const deploy_actor *to = &plan->to.manifest.actors[item->place];
    airs_deploy_options options = {.on_no_state = (airs_on_no_state)to->policy.on_no_state};
    airs_status status = airs_component_load_file(system, to->component_path, &component, &error);
    if (status == AIRS_OK)
        status = airs_deploy_compare(system, component, id, &options, &difference, &error);
    airs_component_release(component);
    if (status == AIRS_OK) {
        node_json_add_text(json, "old_version", difference.old_version);
        node_json_add_text(json, "version", difference.new_version);
        cJSON_AddBoolToObject(json, "carries_state", difference.carries_state);
        node_json_add_text(json, "exports_gained", difference.gains);
        node_json_add_text(json, "exports_lost", difference.loses);
    }
    node_json_add_text(json, "refused", status == AIRS_OK ? difference.refused : error.text);
}

static void add_item(cJSON *list, airs_system *system, const node_app_plan *plan, const deploy_item *item)
{
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
    add_component(json, system, plan, item);
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

static void add_plan(cJSON *json, airs_system *system, const node_app_plan *plan)
{
    const deploy_difference *difference = &plan->difference;
    const char *version = plan->from.manifest.version.text;
    node_json_add_text(json, "app", plan->to.manifest.name.text);
    node_json_add_text(json, "old_version", version ? version : "");
    version = plan->to.manifest.version.text;
    node_json_add_text(json, "version", version ? version : "");
    cJSON_AddBoolToObject(json, "same", deploy_difference_is_none(difference));
    node_json_add_text(json, "refused", difference->refused);
    add_texts(json, "root", &difference->root);
    cJSON_AddBoolToObject(json, "expose", difference->expose);
    cJSON *list = cJSON_AddArrayToObject(json, "changes");
    for (size_t i = 0; i < difference->count; i++)
        add_item(list, system, plan, &difference->items[i]);
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
        node_app_plan_check_canary(&plan, text_of(letter->told, "canary"));
        letter->result = cJSON_CreateObject();
        add_plan(letter->result, system, &plan);
        node_app_plan_fini(&plan);
    }
    set(letter, status, &error);
}

// ---------------------------------------------------------------- doing it

static const char *const no_states[] = {"auto", "fresh", "refuse"};
static const char *const states[] = {"carry", "snapshot"};

static uint32_t choice_of(const cJSON *told, const char *key, const char *const *names, uint32_t count)
{
    uint32_t at = 0;
    while (at < count && strcmp(text_of(told, key), names[at]) != 0)
        at++;
    return at < count ? at : 0;
}

static airs_status check_choice(const cJSON *told, const char *key, const char *const *names, uint32_t count,
                                airs_error *error)
{
    uint32_t at = choice_of(told, key, names, count);
    if (!cJSON_HasObjectItem(told, key) || at > 0 || strcmp(text_of(told, key), names[0]) == 0)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "`%s` must be one of %s, %s%s%s", key, names[0], names[1],
                          count > 2 ? ", " : "", count > 2 ? names[2] : "");
}

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
    if (!gain || is_true(told, "allow_grants"))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_DENIED, "%s would be granted more: %s: that must be allowed (`allow_grants`)",
                          gain->name, gain->gains.items[0]);
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
    airs_deploy_options options = {.drain_timeout_ms = number_of(told, "drain_timeout_ms"),
                                   .probation_ms = number_of(told, "probation_ms"),
                                   .on_no_state = (airs_on_no_state)choice_of(told, "on_no_state", no_states, 3),
                                   .rollback_state = (airs_rollback_state)choice_of(told, "rollback_state", states, 2),
                                   .dry_run = is_true(told, "dry_run"),
                                   .by = text_of(told, "by")};
    // Asked for, 0 is none.
    if (options.probation_ms == 0 && cJSON_HasObjectItem(told, "probation_ms"))
        options.probation_ms = AIRS_NO_PROBATION;
    if (deploy_difference_is_none(&plan->difference))
        return AIRS_OK;
    airs_status status = options.dry_run ? AIRS_OK : check_grants(plan, told, error);
    return status == AIRS_OK ? node_app_plan_carry_out(plan, letter->durable, letter->tree, &options, ret_result, error)
                             : status;
}

static airs_status deploy(node_letter *letter, airs_deploy_result *ret_result, airs_error *error)
{
    node_app_plan plan;
    airs_status status = node_app_plan_make(&plan, letter->durable, path_of(letter->told), error);
    if (status != AIRS_OK)
        return status;
    node_app_plan_check_canary(&plan, text_of(letter->told, "canary"));
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

static airs_status begin(node_exchange *exchange, node_chore_fn chore, airs_error *error)
{
    const node_request *request = exchange->request;
    const char *path = "/";
    uint32_t ignored;
    bool back = is_true(request->json, "back");
    airs_status status = AIRS_OK;
    if (!exchange->tree)
        status = base_error_set(error, AIRS_E_UNSUPPORTED, "there is no app to deploy to");
    if (status == AIRS_OK && !back)
        status = node_request_text(request, "path", &path, error);
    if (status == AIRS_OK && path[0] != '/')
        status = base_error_set(error, AIRS_E_INVALID, "`path` must be an absolute path");
    if (status == AIRS_OK)
        status = node_request_number(request, "drain_timeout_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = node_request_number(request, "probation_ms", 0, UINT32_MAX, 0, &ignored, error);
    if (status == AIRS_OK)
        status = check_choice(request->json, "on_no_state", no_states, 3, error);
    if (status == AIRS_OK)
        status = check_choice(request->json, "rollback_state", states, 2, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore;
    letter->tree = exchange->tree;
    letter->told = cJSON_Duplicate(request->json, true);
    if (!letter->told)
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    else
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
