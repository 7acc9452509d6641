// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment of a whole app: what would change, doing it, and the way back.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "base/nearest.h"
#include "node/added_keys.h"
#include "node/app_compare.h"
#include "node/deploy_keys.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

/// What a request wants of the app; its texts are the request's.
typedef struct wanted {
    node_app_wish wish;
    node_added added;
} wanted;

/// Ended with `node_added_fini`.
static airs_status read_wanted(const cJSON *told, wanted *ret, airs_error *error)
{
    *ret = (wanted){0};
    if (cJSON_GetObjectItemCaseSensitive(told, "actor")) {
        ret->wish.add = &ret->added.add;
        return node_added_read(&ret->added, told, error);
    }
    if (!node_told_flag(told, "back"))
        ret->wish.path = node_told_text(told, "path");
    return AIRS_OK;
}

static airs_status make_plan(const node_letter *letter, node_app_plan *plan, airs_error *error)
{
    wanted it;
    airs_status status = read_wanted(letter->told, &it, error);
    if (status != AIRS_OK)
        return status;
    status = node_app_plan_make(plan, letter->durable, &it.wish, error);
    node_added_fini(&it.added);
    return status;
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

/// Of an actor or a template that comes: what it is made of, or why it can't be.
static void add_new_component(cJSON *json, airs_system *system, const node_app_plan *plan, const deploy_item *item)
{
    airs_error error = {0};
    airs_component *component = NULL;
    const deploy_manifest *manifest = &plan->to.manifest;
    if (item->what != DEPLOY_ADDED || item->kind == DEPLOY_KIND_GROUP)
        return;
    const deploy_actor *to =
        item->kind == DEPLOY_KIND_ACTOR ? &manifest->actors[item->place] : &manifest->templates[item->place];
    if (airs_component_load_file(system, to->component_path, &component, &error) == AIRS_OK) {
        node_json_add_text(json, "component_name", airs_component_name(component));
        node_json_add_text(json, "version", airs_component_version(component));
        airs_component_release(component);
    }
    node_json_add_text(json, "refused", error.text);
}

/// The settings of the actor that is added, or changed so: of no other one.
static void add_settings(cJSON *json, const node_app_plan *plan, const deploy_item *item)
{
    if (!plan->to.added || item->kind != DEPLOY_KIND_ACTOR || item->what == DEPLOY_REMOVED)
        return;
    const deploy_settings *config = &plan->to.manifest.actors[item->place].config;
    cJSON *values = cJSON_AddObjectToObject(json, "config_values");
    for (size_t i = 0; i < config->count; i++)
        node_json_add_text(values, config->items[i].key, config->items[i].value);
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
    add_new_component(json, system, plan, item);
    add_settings(json, plan, item);
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

/// Of one that comes anew: a name that it may have been meant for.
static void add_near(cJSON *json, airs_system *system, const node_app_plan *plan)
{
    size_t count = 0;
    const deploy_manifest *manifest = &plan->from.manifest;
    base_nearest nearest;
    char name[sizeof((airs_actor_info *)NULL)->name] = "";
    if (!plan->to.added_anew)
        return;
    base_nearest_init(&nearest, plan->to.added);
    for (size_t i = 0; i < manifest->names_count; i++) {
        if (!node_boot_is_removed(&plan->from, &manifest->names[i]))
            base_nearest_try(&nearest, manifest->names[i].name->text);
    }
    base_text_copy(name, sizeof name, base_bytes_of(base_nearest_best(&nearest)));
    airs_actor_id *ids = name[0] ? NULL : node_list_actors(system, &count);
    for (size_t i = 0; ids && !name[0] && i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(system, ids[i], &info) != AIRS_OK)
            continue;
        base_nearest_init(&nearest, plan->to.added);
        base_nearest_try(&nearest, info.name);
        base_text_copy(name, sizeof name, base_bytes_of(base_nearest_best(&nearest)));
    }
    base_free(base_allocator_default(), ids);
    node_json_add_text(json, "near", name);
}

/// The actor that is named, and whether it was stopped by hand, and stays so.
static void add_actor(cJSON *json, const node_boot *to)
{
    bool stopped = false;
    for (size_t i = 0; !stopped && i < to->absences_count; i++)
        stopped = !to->absences[i].removed && strcmp(to->absences[i].name, to->added) == 0;
    node_json_add_text(json, "actor", to->added);
    cJSON_AddBoolToObject(json, "stopped", stopped);
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
    cJSON_AddBoolToObject(json, "takes", node_app_plan_takes(plan));
    node_json_add_text(json, "refused", difference->refused);
    add_texts(json, "root", &difference->root);
    add_texts(json, "next_start", &difference->next_start);
    cJSON_AddBoolToObject(json, "expose", difference->expose);
    cJSON *list = cJSON_AddArrayToObject(json, "changes");
    for (size_t i = 0; i < difference->count; i++)
        add_item(list, system, plan, &difference->items[i], told);
    if (plan->to.added)
        add_actor(json, &plan->to);
    add_near(json, system, plan);
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
    airs_status status = make_plan(letter, &plan, &error);
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
    return node_durable_say_changed(plan->to.manifest.name.text, error);
}

static void add_result(cJSON *json, const airs_deploy_result *result, bool added)
{
    cJSON_AddBoolToObject(json, "added", added && result->deployed);
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
    if (status == AIRS_OK && !options.dry_run && node_app_plan_takes(plan)) {
        status = node_app_plan_take(plan, letter->durable, letter->tree, error);
        if (status == AIRS_OK)
            base_text_copy(ret_result->text, sizeof ret_result->text,
                           base_bytes_of("the same; the manifest was taken"));
        return status;
    }
    if (status != AIRS_OK || deploy_difference_is_none(&plan->difference))
        return status;
    status = options.dry_run ? AIRS_OK : check_grants(plan, told, error);
    return status == AIRS_OK ? node_app_plan_carry_out(plan, letter->durable, letter->tree, &options, ret_result, error)
                             : status;
}

static airs_status deploy(node_letter *letter, airs_deploy_result *ret_result, bool *ret_added, airs_error *error)
{
    node_app_plan plan;
    airs_status status = make_plan(letter, &plan, error);
    if (status != AIRS_OK)
        return status;
    node_app_plan_check_canary(&plan, node_told_text(letter->told, "canary"));
    *ret_added = plan.to.added_anew;
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
    bool added = false;
    airs_status status = node_app_begin_change(letter->tree, true, &error);
    if (status == AIRS_OK) {
        status = deploy(letter, &result, &added, &error);
        node_app_end_change(letter->tree, true);
    }
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        add_result(letter->result, &result, added);
    }
    set(letter, status, &error);
}

// ---------------------------------------------------------------- the requests

static airs_status check_added(const node_request *request, airs_error *error)
{
    node_added added;
    airs_status status = node_added_read(&added, request->json, error);
    if (status == AIRS_OK)
        node_added_fini(&added);
    return status;
}

static airs_status check_keys(const node_request *request, airs_error *error)
{
    const char *text = "/";
    bool back = false;
    bool ignored;
    bool adds = cJSON_GetObjectItemCaseSensitive(request->json, "actor") != NULL;
    airs_status status = node_request_flag(request, "back", &back, error);
    if (status == AIRS_OK && adds && (back || cJSON_HasObjectItem(request->json, "path")))
        status = base_error_set(error, AIRS_E_INVALID, "`actor` is said with neither `path` nor `back`");
    if (status == AIRS_OK && adds)
        status = check_added(request, error);
    if (status == AIRS_OK && !back && !adds)
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
