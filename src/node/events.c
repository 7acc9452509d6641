// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/events.h"

#include "base/bytes.h"
#include "node/protocol.h"
#include "node/records.h"
#include "os/clock.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_KEPT 1024
#define EVENTS_BYTES_MAX (1u << 20)

/// The name and the text stand behind it, each with its NUL.
typedef struct event_head {
    uint64_t time_ns;
    airs_event_kind kind;
    airs_actor_id actor;
    airs_exit reason;
    airs_health health;
    uint64_t restarts;
    uint64_t elapsed_ns;
} event_head;

node_feed *node_events_create(void)
{
    return node_feed_create(EVENTS_KEPT, EVENTS_BYTES_MAX);
}

void node_events_on_event(void *user, const airs_event *event)
{
    if (event->kind == AIRS_EVENT_STATE)
        return;
    const event_head head = {.time_ns = os_clock_wall_ns(),
                             .kind = event->kind,
                             .actor = event->actor,
                             .reason = event->reason,
                             .health = event->health,
                             .restarts = event->restarts,
                             .elapsed_ns = event->elapsed_ns};
    const char *name = event->name ? event->name : "";
    const char *text = event->text ? event->text : "";
    const airs_bytes parts[] = {{(const uint8_t *)&head, sizeof head},
                                {(const uint8_t *)name, strlen(name) + 1},
                                {(const uint8_t *)text, strlen(text) + 1}};
    node_feed_put(user, parts, sizeof parts / sizeof *parts);
}

static bool has_reason(airs_event_kind kind)
{
    return kind == AIRS_EVENT_FAILED || kind == AIRS_EVENT_STOPPED || kind == AIRS_EVENT_ESCALATED;
}

cJSON *node_event_json(airs_bytes record)
{
    event_head head;
    memcpy(&head, record.data, sizeof head);
    const char *name = (const char *)record.data + sizeof head;
    const char *text = name + strlen(name) + 1;
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "time_ms", (double)(head.time_ns / 1000000u));
    cJSON_AddStringToObject(json, "kind", airs_event_name(head.kind));
    node_json_add_id(json, "actor", head.actor);
    node_json_add_text(json, "name", name);
    if (has_reason(head.kind))
        cJSON_AddStringToObject(json, "reason", airs_exit_name(head.reason));
    if (*text)
        node_json_add_text(json, "text", text);
    if (head.kind == AIRS_EVENT_RESTARTED || head.kind == AIRS_EVENT_BACKOFF)
        cJSON_AddNumberToObject(json, "elapsed_us", (double)(head.elapsed_ns / 1000u));
    if (head.kind == AIRS_EVENT_HEALTH)
        cJSON_AddStringToObject(json, "health", node_health_name(head.health));
    cJSON_AddNumberToObject(json, "restarts", (double)head.restarts);
    return json;
}

static const char *text_of(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "";
}

static uint64_t number_of(const cJSON *json, const char *key)
{
    double number = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return number > 0 && number < 1e15 ? (uint64_t)number : 0;
}

bool node_event_parse(const cJSON *json, airs_event *ret_event, uint64_t *ret_time_ms)
{
    airs_event event = {.actor = {strtoull(text_of(json, "actor"), NULL, 10)},
                        .name = text_of(json, "name"),
                        .text = text_of(json, "text"),
                        .restarts = number_of(json, "restarts"),
                        .elapsed_ns = number_of(json, "elapsed_us") * 1000u,
                        .health = node_health_parse(text_of(json, "health"))};
    int kind = 0;
    while (kind <= AIRS_EVENT_ROLLED_BACK && strcmp(airs_event_name((airs_event_kind)kind), text_of(json, "kind")) != 0)
        kind++;
    if (kind > AIRS_EVENT_ROLLED_BACK)
        return false;
    event.kind = (airs_event_kind)kind;
    for (int i = 0; i <= AIRS_EXIT_FAILED; i++) {
        if (strcmp(airs_exit_name((airs_exit)i), text_of(json, "reason")) == 0)
            event.reason = (airs_exit)i;
    }
    *ret_event = event;
    *ret_time_ms = number_of(json, "time_ms");
    return true;
}
