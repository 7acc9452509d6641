// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that only look.
#include "node/requests.h"
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "deploy/document.h"
#include "node/events.h"
#include "node/records.h"
#include "node/subscriber.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

// ---------------------------------------------------------------- actors

static airs_status no_memory(airs_error *error)
{
    return base_error_set(error, AIRS_E_NOMEM, "no memory for the reply");
}

/// Lists the actors from `top` down; all of them when it is 0.
static airs_status list_actors(node_exchange *exchange, airs_actor_id top, airs_error *error)
{
    size_t count = 0;
    airs_actor_id *ids = node_list_actors(exchange->system, &count);
    exchange->result = cJSON_CreateObject();
    node_json_add_text(exchange->result, "app", exchange->app);
    cJSON_AddBoolToObject(exchange->result, "ready", ids && count > 0 && airs_actor_is_ready(exchange->system, ids[0]));
    cJSON *actors = cJSON_AddArrayToObject(exchange->result, "actors");
    // Each supervisor stands before its children: what is below `top` follows it, `above` are its supervisors so far.
    airs_actor_id *above = base_alloc_array(base_allocator_default(), count + 1, sizeof *above);
    size_t depth = 0;
    node_canaries canaries = {0};
    for (size_t i = 0; ids && above && i < count; i++) {
        airs_actor_info info;
        // One that has ended since the list was made is not there any more.
        if (airs_actor_get_info(exchange->system, ids[i], &info) != AIRS_OK)
            continue;
        while (depth > 0 && !airs_actor_id_equal(above[depth - 1], info.supervisor))
            depth--;
        if (top.raw != 0 && depth == 0 && !airs_actor_id_equal(info.id, top))
            continue;
        above[depth++] = info.id;
        cJSON *one = node_actor_json(&info);
        node_canary_add(&canaries, exchange->system, info.id, one);
        cJSON_AddItemToArray(actors, one);
    }
    bool complete = ids && above && actors;
    base_free(base_allocator_default(), ids);
    base_free(base_allocator_default(), above);
    return complete ? AIRS_OK : no_memory(error);
}

airs_status node_verb_ps(node_exchange *exchange, airs_error *error)
{
    return list_actors(exchange, (airs_actor_id){0}, error);
}

airs_status node_verb_tree(node_exchange *exchange, airs_error *error)
{
    airs_actor_id top = {0};
    if (cJSON_HasObjectItem(exchange->request->json, "actor")) {
        airs_status status = node_exchange_actor(exchange, "actor", &top, error);
        if (status != AIRS_OK)
            return status;
    }
    return list_actors(exchange, top, error);
}

airs_status node_verb_info(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_actor_info info;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    status = airs_actor_get_info(exchange->system, id, &info);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    exchange->result = node_actor_json(&info);
    return exchange->result ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for the reply");
}

airs_status node_verb_inspect(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_actor_info info;
    airs_usage usage;
    airs_system_usage all;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    status = airs_actor_get_info(exchange->system, id, &info);
    if (status == AIRS_OK)
        status = airs_actor_get_usage(exchange->system, id, &usage);
    if (status == AIRS_OK)
        status = airs_system_get_usage(exchange->system, &all);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    exchange->result = node_actor_json(&info);
    node_canary_add(&(node_canaries){0}, exchange->system, id, exchange->result);
    if (!exchange->result ||
        !cJSON_AddItemToObject(exchange->result, "limits", node_limits_json(&usage, info.kind, &all)))
        return no_memory(error);
    return info.kind == AIRS_KIND_COMPONENT ? node_requests_add(exchange->system, id, exchange->result, error)
                                            : AIRS_OK;
}

// ---------------------------------------------------------------- failures

static bool add_failure(void *user, const airs_failure *failure)
{
    return cJSON_AddItemToArray(user, node_failure_json(failure));
}

/// Backtraces are made when they are asked for first, which takes its time.
static void find_failures(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_actor_info info;
    airs_status status = airs_actor_get_info(system, letter->actor, &info);
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        cJSON_AddItemToObject(letter->result, "actor", node_actor_json(&info));
        cJSON *failures = cJSON_AddArrayToObject(letter->result, "failures");
        uint64_t count = failures ? airs_actor_failures(system, letter->actor, add_failure, failures) : 0;
        cJSON_AddNumberToObject(letter->result, "count", (double)count);
        if (!failures)
            status = no_memory(&error);
    }
    node_letter_set(letter, status, &error);
}

airs_status node_verb_why(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = find_failures;
    letter->actor = id;
    exchange->later = true;
    node_chores_add(exchange->chores, letter);
    return AIRS_OK;
}

// ---------------------------------------------------------------- names and dead letters

static bool add_name(void *user, const char *name, airs_actor_id actor)
{
    cJSON *entry = cJSON_CreateObject();
    node_json_add_text(entry, "name", name);
    node_json_add_id(entry, "actor", actor);
    return cJSON_AddItemToArray(user, entry);
}

airs_status node_verb_names(node_exchange *exchange, airs_error *error)
{
    const char *pattern = NULL;
    if (cJSON_HasObjectItem(exchange->request->json, "pattern")) {
        airs_status status = node_request_text(exchange->request, "pattern", &pattern, error);
        if (status != AIRS_OK)
            return status;
        if (!deploy_name_valid(pattern, true))
            return base_error_set(error, AIRS_E_INVALID,
                                  "`pattern` is \"%s\": 1 to %d letters, digits and -_.:/, and * for any run of them",
                                  pattern, DEPLOY_NAME_LEN_MAX);
    }
    exchange->result = cJSON_CreateObject();
    cJSON *names = cJSON_AddArrayToObject(exchange->result, "names");
    if (!names)
        return no_memory(error);
    airs_names(exchange->system, pattern, add_name, names);
    return AIRS_OK;
}

static bool add_letter(void *user, const airs_dead_letter *letter)
{
    return cJSON_AddItemToArray(user, node_dead_letter_json(letter, NODE_LETTER_SHOWN_MAX));
}

airs_status node_verb_dead_letters(node_exchange *exchange, airs_error *error)
{
    uint64_t after;
    airs_status status = node_request_whole(exchange->request, "after", 0, &after, error);
    if (status != AIRS_OK)
        return status;
    exchange->result = cJSON_CreateObject();
    cJSON *letters = cJSON_AddArrayToObject(exchange->result, "letters");
    if (!letters)
        return no_memory(error);
    uint64_t count = airs_dead_letters(exchange->system, after, add_letter, letters);
    cJSON_AddNumberToObject(exchange->result, "count", (double)count);
    return AIRS_OK;
}

/// The letter that `number` names.
typedef struct letter_search {
    uint64_t number;
    cJSON *found;
} letter_search;

/// Only the first that comes is looked at: it is the one, or the one is not kept.
static bool take_letter(void *user, const airs_dead_letter *letter)
{
    letter_search *search = user;
    if (letter->number == search->number)
        search->found = node_dead_letter_json(letter, NODE_PAYLOAD_MAX);
    return false;
}

airs_status node_verb_dead_letter(node_exchange *exchange, airs_error *error)
{
    letter_search search = {0};
    airs_status status = node_exchange_letter_number(exchange, &search.number, error);
    if (status != AIRS_OK)
        return status;
    airs_dead_letters(exchange->system, search.number - 1, take_letter, &search);
    exchange->result = search.found;
    return search.found ? AIRS_OK : node_no_such_letter(search.number, error);
}

// ---------------------------------------------------------------- streams

airs_status node_verb_events(node_exchange *exchange, airs_error *error)
{
    node_stream stream = {
        .feed = exchange->events, .request = exchange->request->id, .key = "event", .render = node_event_json};
    airs_status status = node_exchange_no_stream(exchange, error);
    if (status == AIRS_OK)
        status = node_request_flag(exchange->request, "follow", &stream.follow, error);
    if (status == AIRS_OK)
        status = node_request_whole(exchange->request, "after", 0, &stream.cursor, error);
    if (status != AIRS_OK)
        return status;
    if (!stream.feed)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "this node keeps no events");
    // "From now on", however many there have been.
    uint64_t last = node_feed_last(stream.feed);
    if (stream.cursor > last)
        stream.cursor = last;
    exchange->later = true;
    node_stream_open(exchange->connection, &stream);
    return AIRS_OK;
}

/// The actor that listens is made where it may take its time; the stream begins when its letter comes back.
airs_status node_verb_subscribe(node_exchange *exchange, airs_error *error)
{
    const char *topic;
    airs_status status = node_exchange_no_stream(exchange, error);
    if (status == AIRS_OK)
        status = node_request_text(exchange->request, "topic", &topic, error);
    if (status != AIRS_OK)
        return status;
    if (!deploy_topics_valid(topic))
        return base_error_set(
            error, AIRS_E_INVALID,
            "`topic` is \"%s\": a topic is 1 to %d levels with dots between, where * is any one and > "
            "at the end all that follow",
            topic, DEPLOY_TOPIC_LEVELS_MAX);
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = node_subscriber_start;
    letter->text = base_strndup(base_allocator_default(), topic, strlen(topic));
    letter->feed = node_subscriber_feed();
    if (!letter->text || !letter->feed) {
        node_letter_destroy(letter);
        return no_memory(error);
    }
    exchange->connection->subscribing = true;
    exchange->later = true;
    node_chores_add(exchange->chores, letter);
    return AIRS_OK;
}
