// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/records.h"

#include "base/bytes.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"native", "component", "supervisor"};
static const char *const restarts[] = {"permanent", "transient", "temporary"};
static const char *const healths[] = {"healthy", "degraded", "unhealthy"};

const char *node_health_name(airs_health health)
{
    return (unsigned)health < 3 ? healths[health] : "?";
}

airs_health node_health_parse(const char *name)
{
    int health = 2;
    while (health > 0 && strcmp(healths[health], name) != 0)
        health--;
    return (airs_health)health;
}

cJSON *node_actor_json(const airs_actor_info *info)
{
    cJSON *json = cJSON_CreateObject();
    if (!json)
        return NULL;
    node_json_add_id(json, "id", info->id);
    node_json_add_text(json, "name", info->name);
    cJSON_AddStringToObject(json, "kind", (unsigned)info->kind < 3 ? kinds[info->kind] : "?");
    node_json_add_text(json, "component", info->component);
    node_json_add_text(json, "version", info->version);
    cJSON_AddStringToObject(json, "state", airs_actor_state_name(info->state));
    cJSON_AddStringToObject(json, "hold", airs_hold_name(info->hold));
    cJSON_AddNumberToObject(json, "restart_due_ms", (double)info->restart_due_ms);
    cJSON_AddStringToObject(json, "health", node_health_name(info->health));
    node_json_add_text(json, "health_text", info->health_text);
    node_json_add_id(json, "supervisor", info->supervisor);
    cJSON_AddStringToObject(json, "restart", (unsigned)info->restart < 3 ? restarts[info->restart] : "?");
    cJSON_AddBoolToObject(json, "significant", info->significant);
    cJSON_AddNumberToObject(json, "children", (double)info->children);
    cJSON_AddNumberToObject(json, "uptime_ms", (double)info->uptime_ms);
    cJSON_AddNumberToObject(json, "restarts", (double)info->restarts);
    cJSON_AddNumberToObject(json, "messages_handled", (double)info->messages_handled);
    cJSON_AddNumberToObject(json, "messages_failed", (double)info->messages_failed);
    cJSON_AddNumberToObject(json, "mailbox", (double)info->mailbox_len);
    cJSON_AddNumberToObject(json, "memory", (double)info->memory);
    cJSON_AddNumberToObject(json, "execution_ms", (double)info->execution_ms);
    cJSON_AddNumberToObject(json, "connections", (double)info->connections);
    cJSON_AddStringToObject(json, "last_exit", airs_exit_name(info->last_exit));
    node_json_add_text(json, "last_failure", info->last_failure);
    return json;
}

// ---------------------------------------------------------------- limits

/// Stands for a number that there is none of.
#define NONE UINT64_MAX

static void add_number(cJSON *json, const char *key, uint64_t number)
{
    if (number != NONE)
        cJSON_AddNumberToObject(json, key, (double)number);
}

static void add_limit(cJSON *list, const char *name, const char *unit, uint64_t used, uint64_t max, uint64_t refused)
{
    cJSON *limit = cJSON_CreateObject();
    cJSON_AddStringToObject(limit, "name", name);
    cJSON_AddStringToObject(limit, "unit", unit);
    add_number(limit, "used", used);
    add_number(limit, "max", max);
    add_number(limit, "refused", refused);
    cJSON_AddItemToArray(list, limit);
}

/// What is not limited at all is said to be UINT32_MAX.
static uint64_t or_none(uint32_t limit)
{
    return limit == UINT32_MAX ? NONE : limit;
}

/// Those of [node], which the actor shares with all others of its app.
static void add_shared_limits(cJSON *list, airs_actor_kind kind, const airs_system_usage *all)
{
    add_limit(list, "node.actors_max", "actors", all->actors, all->actors_max, NONE);
    if (kind != AIRS_KIND_COMPONENT)
        return;
    add_limit(list, "node.instances_max", "instances", all->instances, all->instances_max, NONE);
    add_limit(list, "node.max_memory", "bytes", all->memory, all->memory_max == 0 ? NONE : all->memory_max, NONE);
}

cJSON *node_limits_json(const airs_usage *usage, airs_actor_kind kind, const airs_system_usage *all)
{
    const airs_limits *limits = &usage->limits;
    cJSON *list = cJSON_CreateArray();
    if (!list)
        return NULL;
    if (kind == AIRS_KIND_COMPONENT) {
        add_limit(list, "max_memory", "bytes", usage->memory, limits->max_memory, usage->growths_refused);
        add_limit(list, "max_tables", "elements", usage->table_elements, limits->max_tables, NONE);
        add_limit(list, "max_execution", "ms", usage->execution_longest_ms, limits->max_execution_ms, NONE);
        add_limit(list, "max_park", "ms", NONE, limits->max_park_ms, NONE);
    }
    if (kind != AIRS_KIND_SUPERVISOR) {
        add_limit(list, "mailbox_max", "messages", usage->mailbox_len, limits->mailbox_max, NONE);
        add_limit(list, "max_mailbox_age", "ms", NONE, or_none(limits->max_mailbox_age_ms), NONE);
        add_limit(list, "max_message", "bytes", NONE, limits->max_message, NONE);
    }
    if (kind == AIRS_KIND_COMPONENT) {
        add_limit(list, "max_open_files", "files", usage->files_open, limits->max_open_files, NONE);
        add_limit(list, "max_connections", "sockets", usage->connections, limits->max_connections, NONE);
        add_limit(list, "max_rate", "messages/s", usage->rate, or_none(limits->max_rate), usage->sends_refused);
        add_limit(list, "max_refusals", "refusals/s", usage->refusals, limits->max_refusals, NONE);
        add_limit(list, "log_lines_per_second", "lines/s", NONE, limits->log_lines_per_second,
                  usage->log_lines_dropped);
    }
    add_limit(list, "start_timeout", "ms", NONE, limits->start_timeout_ms, NONE);
    add_limit(list, "stop_timeout", "ms", NONE, limits->stop_timeout_ms, NONE);
    add_shared_limits(list, kind, all);
    return list;
}

// ---------------------------------------------------------------- backwards

static const char *text_of(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "";
}

static uint64_t number_of(const cJSON *json, const char *key)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return number > 0 && number < 1e18 ? (uint64_t)number : 0;
}

static airs_actor_id id_of(const cJSON *json, const char *key)
{
    return (airs_actor_id){strtoull(text_of(json, key), NULL, 10)};
}

/// The place of a word among `count`, 0 when it is none of them.
static int word_of(const cJSON *json, const char *key, const char *const *words, int count)
{
    const char *text = text_of(json, key);
    for (int i = 0; i < count; i++) {
        if (strcmp(words[i], text) == 0)
            return i;
    }
    return 0;
}

static void copy_text(char *to, size_t size, const cJSON *json, const char *key)
{
    base_text_copy(to, size, base_bytes_of(text_of(json, key)));
}

/// The words whose names the library knows.
static void parse_states(const cJSON *json, airs_actor_info *info)
{
    const char *state = text_of(json, "state");
    const char *hold = text_of(json, "hold");
    const char *last_exit = text_of(json, "last_exit");
    for (int i = 0; i <= AIRS_ACTOR_UPGRADING; i++) {
        if (strcmp(airs_actor_state_name((airs_actor_state)i), state) == 0)
            info->state = (airs_actor_state)i;
    }
    for (int i = 0; i <= AIRS_HOLD_ENDED; i++) {
        if (strcmp(airs_hold_name((airs_hold)i), hold) == 0)
            info->hold = (airs_hold)i;
    }
    for (int i = 0; i <= AIRS_EXIT_FAILED; i++) {
        if (strcmp(airs_exit_name((airs_exit)i), last_exit) == 0)
            info->last_exit = (airs_exit)i;
    }
}

void node_actor_parse(const cJSON *json, airs_actor_info *ret_info)
{
    *ret_info = (airs_actor_info){0};
    ret_info->id = id_of(json, "id");
    ret_info->supervisor = id_of(json, "supervisor");
    copy_text(ret_info->name, sizeof ret_info->name, json, "name");
    copy_text(ret_info->component, sizeof ret_info->component, json, "component");
    copy_text(ret_info->version, sizeof ret_info->version, json, "version");
    copy_text(ret_info->health_text, sizeof ret_info->health_text, json, "health_text");
    copy_text(ret_info->last_failure, sizeof ret_info->last_failure, json, "last_failure");
    ret_info->kind = (airs_actor_kind)word_of(json, "kind", kinds, 3);
    ret_info->restart = (airs_restart)word_of(json, "restart", restarts, 3);
    ret_info->health = node_health_parse(text_of(json, "health"));
    parse_states(json, ret_info);
    ret_info->significant = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "significant"));
    ret_info->restart_due_ms = number_of(json, "restart_due_ms");
    ret_info->children = (uint32_t)number_of(json, "children");
    ret_info->uptime_ms = number_of(json, "uptime_ms");
    ret_info->restarts = number_of(json, "restarts");
    ret_info->messages_handled = number_of(json, "messages_handled");
    ret_info->messages_failed = number_of(json, "messages_failed");
    ret_info->mailbox_len = (uint32_t)number_of(json, "mailbox");
    ret_info->memory = number_of(json, "memory");
    ret_info->execution_ms = number_of(json, "execution_ms");
    ret_info->connections = (uint32_t)number_of(json, "connections");
}

// ---------------------------------------------------------------- what was

cJSON *node_failure_json(const airs_failure *failure)
{
    cJSON *json = cJSON_CreateObject();
    if (!json)
        return NULL;
    cJSON_AddNumberToObject(json, "number", (double)failure->number);
    cJSON_AddNumberToObject(json, "time_ms", (double)(failure->time_ns / 1000000u));
    cJSON_AddStringToObject(json, "reason", airs_exit_name(failure->reason));
    node_json_add_text(json, "text", failure->text);
    node_json_add_text(json, "backtrace", failure->backtrace);
    cJSON_AddStringToObject(json, "message_id", failure->message_id);
    cJSON_AddNumberToObject(json, "attempt", (double)failure->attempt);
    cJSON_AddStringToObject(json, "action", airs_action_name(failure->action));
    cJSON_AddNumberToObject(json, "delay_ms", (double)failure->delay_ms);
    return json;
}

cJSON *node_dead_letter_json(const airs_dead_letter *letter, size_t payload_max)
{
    cJSON *json = cJSON_CreateObject();
    if (!json)
        return NULL;
    cJSON_AddNumberToObject(json, "number", (double)letter->number);
    cJSON_AddNumberToObject(json, "time_ms", (double)(letter->time_ns / 1000000u));
    cJSON_AddStringToObject(json, "reason", airs_drop_reason_name(letter->reason));
    node_json_add_id(json, "sender", letter->sender);
    node_json_add_id(json, "receiver", letter->receiver);
    node_json_add_text(json, "receiver_name", letter->receiver_name);
    if (letter->text[0])
        node_json_add_text(json, "text", letter->text);
    if (letter->topic.data)
        node_json_add_bytes(json, "topic", letter->topic);
    cJSON_AddNumberToObject(json, "payload_size", (double)letter->payload.len);
    airs_error ignored;
    if (letter->payload.len <= payload_max && node_payload_write(json, letter->payload, &ignored) != AIRS_OK) {
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}
