// SPDX-License-Identifier: MIT OR Apache-2.0
/// The log: what was written, and how much of it is.
#include "node/verbs.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/pattern.h"
#include "deploy/document.h"
#include "node/logs.h"

#include <cjson/cJSON.h>
#include <string.h>

/// Whether any line that is kept is of who is called like that.
static bool has_lines_of(node_feed *feed, const char *pattern)
{
    uint64_t cursor = 0;
    node_feed_item item = {0};
    bool found = false;
    for (;;) {
        node_feed_step step = node_feed_next(feed, &cursor, &item);
        if (found || step == NODE_FEED_NOTHING || step == NODE_FEED_END)
            break;
        found = step == NODE_FEED_RECORD && node_log_is_of(pattern, item.record);
        node_feed_item_fini(&item);
    }
    node_feed_item_fini(&item);
    return found;
}

/// The pattern of `actor`: of an id, the name of who has it. "" when there is none. Who has ended has left its lines.
/// Errors: E_INVALID; E_NOT_FOUND there is nobody of that name, and no line.
static airs_status read_pattern(node_exchange *exchange, char pattern[NODE_STREAM_PATTERN_MAX], airs_error *error)
{
    const char *name;
    airs_actor_id id;
    airs_actor_info info;
    pattern[0] = '\0';
    if (!cJSON_HasObjectItem(exchange->request->json, "actor"))
        return AIRS_OK;
    airs_status status = node_request_text(exchange->request, "actor", &name, error);
    if (status != AIRS_OK)
        return status;
    bool valid = deploy_name_valid(name, true);
    if (valid)
        base_text_copy(pattern, NODE_STREAM_PATTERN_MAX, base_bytes_of(name));
    if (valid && (strchr(name, '*') || has_lines_of(exchange->logs, pattern)))
        return AIRS_OK;
    status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    status = airs_actor_get_info(exchange->system, id, &info);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    if (!info.name[0])
        return base_error_set(error, AIRS_E_NOT_FOUND, "actor %s has no name, under which its lines would be kept",
                              name);
    base_text_copy(pattern, NODE_STREAM_PATTERN_MAX, base_bytes_of(info.name));
    return AIRS_OK;
}

airs_status node_verb_logs(node_exchange *exchange, airs_error *error)
{
    node_stream stream = {.feed = exchange->logs,
                          .request = exchange->request->id,
                          .key = "line",
                          .render = node_log_json,
                          .wants = node_log_is_of};
    if (!stream.feed)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "this node keeps no log");
    airs_status status = node_exchange_no_stream(exchange, error);
    if (status == AIRS_OK)
        status = node_request_flag(exchange->request, "follow", &stream.follow, error);
    if (status == AIRS_OK)
        status = node_request_whole(exchange->request, "after", 0, &stream.cursor, error);
    if (status == AIRS_OK)
        status = read_pattern(exchange, stream.pattern, error);
    if (status != AIRS_OK)
        return status;
    uint64_t last = node_feed_last(stream.feed);
    if (stream.cursor > last)
        stream.cursor = last;
    exchange->later = true;
    node_stream_open(exchange->connection, &stream);
    return AIRS_OK;
}

// ---------------------------------------------------------------- the level

/// Sets the level of all whose names match; NULL: gives back the node's. Returns how many those are.
static uint32_t set_levels(airs_system *system, const char *pattern, const airs_log_level *level)
{
    uint32_t set = 0;
    size_t count = 0;
    airs_actor_id *ids = node_list_actors(system, &count);
    for (size_t i = 0; ids && i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(system, ids[i], &info) == AIRS_OK && capability_pattern_matches(pattern, info.name) &&
            airs_actor_set_log_level(system, ids[i], level) == AIRS_OK)
            set++;
    }
    base_free(base_allocator_default(), ids);
    return set;
}

airs_status node_verb_log_level(node_exchange *exchange, airs_error *error)
{
    const char *name;
    const char *actor = NULL;
    airs_log_level level;
    airs_actor_id id;
    airs_status status = node_request_text(exchange->request, "level", &name, error);
    if (status == AIRS_OK && cJSON_HasObjectItem(exchange->request->json, "actor"))
        status = node_request_text(exchange->request, "actor", &actor, error);
    if (status != AIRS_OK)
        return status;
    bool own = actor && strcmp(name, "default") == 0;
    if (!own && !node_log_level_parse(name, &level))
        return base_error_set(error, AIRS_E_INVALID, "`level` is \"%s\": debug, info, warn or error%s", name,
                              actor ? ", or default for the node's" : "");
    uint32_t set = 0;
    if (!actor)
        status = airs_system_set_log_level(exchange->system, level);
    else if (strchr(actor, '*'))
        set = set_levels(exchange->system, actor, own ? NULL : &level);
    else if ((status = node_exchange_actor(exchange, "actor", &id, error)) == AIRS_OK)
        status = airs_actor_set_log_level(exchange->system, id, own ? NULL : &level), set = 1;
    if (status != AIRS_OK)
        return error->status == status ? status : base_error_set(error, status, "%s", airs_status_text(status));
    if (actor && set == 0)
        return base_error_set(error, AIRS_E_NOT_FOUND, "no actor's name matches %s", actor);
    exchange->result = cJSON_CreateObject();
    cJSON_AddStringToObject(exchange->result, "level", name);
    if (actor)
        cJSON_AddNumberToObject(exchange->result, "actors", set);
    return AIRS_OK;
}
