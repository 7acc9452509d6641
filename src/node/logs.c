// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/logs.h"

#include "base/log.h"
#include "capability/pattern.h"
#include "node/protocol.h"

#include <cjson/cJSON.h>
#include <string.h>

#define LINES_KEPT 4096
#define LINES_BYTES_MAX (4u << 20)

/// Behind it stand, each with its NUL: app, actor, version, message id, source, text.
typedef struct line_head {
    uint64_t time_ns;
    airs_log_level level;
} line_head;

node_feed *node_logs_create(void)
{
    return node_feed_create(LINES_KEPT, LINES_BYTES_MAX);
}

static airs_bytes text_part(const char *text)
{
    return (airs_bytes){(const uint8_t *)text, strlen(text) + 1};
}

void node_logs_put(node_feed *feed, const char *app, const airs_log_record *record)
{
    const line_head head = {record->time_ns, record->level};
    const airs_bytes parts[] = {{(const uint8_t *)&head, sizeof head},
                                text_part(app),
                                text_part(record->actor),
                                text_part(record->version),
                                text_part(record->message_id),
                                text_part(record->source),
                                text_part(record->text)};
    node_feed_put(feed, parts, sizeof parts / sizeof *parts);
}

/// The text behind this one.
static const char *next_text(const char *text)
{
    return text + strlen(text) + 1;
}

cJSON *node_log_json(airs_bytes record)
{
    line_head head;
    memcpy(&head, record.data, sizeof head);
    const char *app = (const char *)record.data + sizeof head;
    const char *actor = next_text(app);
    const char *version = next_text(actor);
    const char *message_id = next_text(version);
    const char *source = next_text(message_id);
    cJSON *json = cJSON_CreateObject();
    cJSON_AddNumberToObject(json, "time_ms", (double)(head.time_ns / 1000000u));
    cJSON_AddStringToObject(json, "level", base_log_level_name(head.level));
    node_json_add_text(json, "app", app);
    node_json_add_text(json, "actor", actor);
    node_json_add_text(json, "version", version);
    cJSON_AddStringToObject(json, "message_id", message_id);
    cJSON_AddStringToObject(json, "source", source);
    node_json_add_text(json, "text", next_text(source));
    return json;
}

bool node_log_is_of(const char *pattern, airs_bytes record)
{
    const char *app = (const char *)record.data + sizeof(line_head);
    return !*pattern || capability_pattern_matches(pattern, next_text(app));
}

static const char *text_of(const cJSON *json, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
    return text ? text : "";
}

void node_log_parse(const cJSON *json, node_log_line *ret_line)
{
    double time_ms = cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(json, "time_ms"));
    *ret_line = (node_log_line){.time_ms = time_ms > 0 && time_ms < 1e15 ? (uint64_t)time_ms : 0,
                                .source = text_of(json, "source"),
                                .app = text_of(json, "app"),
                                .actor = text_of(json, "actor"),
                                .version = text_of(json, "version"),
                                .message_id = text_of(json, "message_id"),
                                .text = text_of(json, "text")};
    (void)node_log_level_parse(text_of(json, "level"), &ret_line->level);
}

bool node_log_level_parse(const char *name, airs_log_level *ret_level)
{
    for (int level = AIRS_LOG_DEBUG; level <= AIRS_LOG_ERROR; level++) {
        if (strcmp(base_log_level_name((airs_log_level)level), name) != 0)
            continue;
        *ret_level = (airs_log_level)level;
        return true;
    }
    return false;
}
