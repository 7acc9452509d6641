// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/verbs.h"

#include "actor/elsewhere.h"
#include "airssys/system.h"
#include "base/alloc.h"
#include "base/error.h"
#include "base/nearest.h"
#include "node/app.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---------------------------------------------------------------- what verbs need

airs_actor_id *node_list_actors(airs_system *system, size_t *ret_count)
{
    size_t room = 64;
    airs_actor_id *ids = NULL;
    for (;;) {
        airs_actor_id *grown = base_realloc(base_allocator_default(), ids, room * sizeof *ids);
        if (!grown)
            break;
        ids = grown;
        size_t count = airs_actor_list(system, ids, room);
        if (count <= room) {
            *ret_count = count;
            return ids;
        }
        room = count + count / 4;
    }
    base_free(base_allocator_default(), ids);
    return NULL;
}

static airs_status no_such_actor(airs_system *system, const char *name, airs_error *error)
{
    char best_name[sizeof((airs_actor_info *)NULL)->name] = "";
    size_t best_distance = (size_t)-1;
    size_t count = 0;
    airs_actor_id *ids = node_list_actors(system, &count);
    for (size_t i = 0; ids && i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(system, ids[i], &info) != AIRS_OK)
            continue;
        base_nearest nearest;
        base_nearest_init(&nearest, name);
        base_nearest_try(&nearest, info.name);
        if (base_nearest_best(&nearest) && nearest.distance < best_distance) {
            best_distance = nearest.distance;
            memcpy(best_name, info.name, sizeof best_name);
        }
    }
    base_free(base_allocator_default(), ids);
    if (best_name[0])
        return base_error_set(error, AIRS_E_NOT_FOUND, "no actor is named %s: did you mean %s?", name, best_name);
    return base_error_set(error, AIRS_E_NOT_FOUND, "no actor is named %s", name);
}

airs_status node_exchange_actor(const node_exchange *exchange, const char *key, airs_actor_id *ret_id,
                                airs_error *error)
{
    const char *name;
    airs_status status = node_request_text(exchange->request, key, &name, error);
    if (status != AIRS_OK)
        return status;
    // One of another app is that app's to do something with.
    if (airs_lookup(exchange->system, name, ret_id) == AIRS_OK && !actor_id_is_far(ret_id->raw))
        return AIRS_OK;
    char *end;
    errno = 0;
    airs_actor_id id = {strtoumax(name, &end, 10)};
    airs_actor_info info;
    if (name[0] < '0' || name[0] > '9' || *end || errno != 0 ||
        airs_actor_get_info(exchange->system, id, &info) != AIRS_OK)
        return no_such_actor(exchange->system, name, error);
    *ret_id = id;
    return AIRS_OK;
}

node_letter *node_exchange_letter(const node_exchange *exchange, airs_error *error)
{
    node_letter *letter = node_letter_create(exchange->mailroom, exchange->connection->serial, exchange->request->id);
    if (letter)
        letter->durable = exchange->durable;
    else
        base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    return letter;
}

node_letter *node_exchange_letter_told(const node_exchange *exchange, node_chore_fn chore, airs_error *error)
{
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return NULL;
    letter->chore = chore;
    letter->tree = exchange->tree;
    letter->trials = exchange->trials;
    letter->told = cJSON_Duplicate(exchange->request->json, true);
    if (letter->told)
        return letter;
    node_letter_destroy(letter);
    base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    return NULL;
}

airs_status node_exchange_no_stream(const node_exchange *exchange, airs_error *error)
{
    if (!exchange->connection->stream.feed && !exchange->connection->subscribing)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_LIMIT, "this connection has a stream already: open another one");
}

// ---------------------------------------------------------------- the conversation

static airs_status verb_hello(node_exchange *exchange, airs_error *error)
{
    uint32_t protocol;
    airs_status status = node_request_number(exchange->request, "protocol", 0, UINT32_MAX, 0, &protocol, error);
    if (status != AIRS_OK)
        return status;
    if (protocol != NODE_PROTOCOL) {
        exchange->connection->closing = true;
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "the node speaks protocol %d (airssys %s), the client %" PRIu32
                              ": use the airssys that started the node",
                              NODE_PROTOCOL, airs_version(), protocol);
    }
    exchange->connection->greeted = true;
    cJSON *result = cJSON_CreateObject();
    cJSON_AddNumberToObject(result, "protocol", NODE_PROTOCOL);
    cJSON_AddStringToObject(result, "runtime", airs_version());
    node_json_add_text(result, "app", exchange->app);
    cJSON_AddNumberToObject(result, "pid", (double)getpid());
    exchange->result = result;
    return AIRS_OK;
}

static airs_status verb_down(node_exchange *exchange, airs_error *error)
{
    if (!exchange->down)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "the node is a process of its own, %ld: it ends with that, by SIGTERM", (long)getpid());
    airs_status status = node_exchange_record(exchange, AUDIT_EVENT_COMMAND, error);
    const char *socket = "";
    if (status == AIRS_OK)
        status = exchange->down(exchange->down_user, &socket, error);
    if (status != AIRS_OK)
        return status;
    exchange->result = cJSON_CreateObject();
    node_json_add_text(exchange->result, "socket", socket);
    return AIRS_OK;
}

static airs_status verb_verbs(node_exchange *exchange, airs_error *error);

static const node_verb verbs[] = {
    {"verbs", true, NODE_VERB_LOOKS, verb_verbs},
    {"hello", true, NODE_VERB_LOOKS, verb_hello},
    // Recorded by itself, once it is not refused.
    {"down", false, NODE_VERB_LOOKS, verb_down},
    {"ps", false, NODE_VERB_LOOKS, node_verb_ps},
    {"tree", false, NODE_VERB_LOOKS, node_verb_tree},
    {"info", false, NODE_VERB_LOOKS, node_verb_info},
    {"inspect", false, NODE_VERB_LOOKS, node_verb_inspect},
    {"why", false, NODE_VERB_LOOKS, node_verb_why},
    {"names", false, NODE_VERB_LOOKS, node_verb_names},
    {"grants", false, NODE_VERB_LOOKS, node_verb_grants},
    {"dead_letters", false, NODE_VERB_LOOKS, node_verb_dead_letters},
    {"dead_letter", false, NODE_VERB_LOOKS, node_verb_dead_letter},
    {"audit", false, NODE_VERB_LOOKS, node_verb_audit},
    {"events", false, NODE_VERB_LOOKS, node_verb_events},
    {"logs", false, NODE_VERB_LOOKS, node_verb_logs},
    {"log_level", false, AUDIT_EVENT_COMMAND, node_verb_log_level},
    {"subscribe", false, NODE_VERB_LOOKS, node_verb_subscribe},
    {"call", false, NODE_VERB_LOOKS, node_verb_call},
    {"send", false, NODE_VERB_LOOKS, node_verb_send},
    {"publish", false, NODE_VERB_LOOKS, node_verb_publish},
    {"resend", false, AUDIT_EVENT_COMMAND, node_verb_resend},
    {"drop", false, AUDIT_EVENT_COMMAND, node_verb_drop},
    {"spawn", false, AUDIT_EVENT_COMMAND, node_verb_spawn},
    {"stop", false, AUDIT_EVENT_COMMAND, node_verb_stop},
    {"start", false, AUDIT_EVENT_COMMAND, node_verb_start},
    {"rm", false, AUDIT_EVENT_COMMAND, node_verb_rm},
    {"scale", false, AUDIT_EVENT_COMMAND, node_verb_scale},
    {"restart", false, AUDIT_EVENT_COMMAND, node_verb_restart},
    {"kill", false, AUDIT_EVENT_COMMAND, node_verb_kill},
    {"pause", false, AUDIT_EVENT_COMMAND, node_verb_pause},
    {"resume", false, AUDIT_EVENT_COMMAND, node_verb_resume},
    {"quarantine", false, AUDIT_EVENT_COMMAND, node_verb_quarantine},
    {"release", false, AUDIT_EVENT_COMMAND, node_verb_release},
    {"compare", false, NODE_VERB_LOOKS, node_verb_compare},
    {"deploy", false, AUDIT_EVENT_COMMAND, node_verb_deploy},
    {"compare_app", false, NODE_VERB_LOOKS, node_verb_compare_app},
    {"deploy_app", false, AUDIT_EVENT_COMMAND, node_verb_deploy_app},
    {"rollback", false, AUDIT_EVENT_COMMAND, node_verb_rollback},
    {"promote", false, AUDIT_EVENT_COMMAND, node_verb_promote},
    {"history", false, NODE_VERB_LOOKS, node_verb_history},
    {"grant", false, AUDIT_EVENT_GRANT, node_verb_grant},
    {"revoke", false, AUDIT_EVENT_REVOKE, node_verb_revoke},
    {"exposed", false, NODE_VERB_LOOKS, node_verb_exposed},
    {"expose", false, AUDIT_EVENT_GRANT, node_verb_expose},
    {"hide", false, AUDIT_EVENT_REVOKE, node_verb_hide},
};

static airs_status verb_verbs(node_exchange *exchange, airs_error *error)
{
    exchange->result = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(exchange->result, "verbs");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(verbs[i].name));
    return list ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for the reply");
}

/// What is kept of an app's rights is kept with its manifest: not while another one comes in its place.
static airs_status run(node_exchange *exchange, const node_verb *verb, airs_error *error)
{
    bool changes = verb->records == AUDIT_EVENT_GRANT || verb->records == AUDIT_EVENT_REVOKE;
    if (!changes || !exchange->tree)
        return verb->run(exchange, error);
    airs_status status = node_app_begin_change(exchange->tree, false, error);
    if (status != AIRS_OK)
        return status;
    status = verb->run(exchange, error);
    node_app_end_change(exchange->tree, false);
    return status;
}

airs_status node_verb_run(node_exchange *exchange, airs_error *error)
{
    const char *name = exchange->request->verb;
    base_nearest nearest;
    base_nearest_init(&nearest, name);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        base_nearest_try(&nearest, verbs[i].name);
        if (strcmp(verbs[i].name, name) != 0)
            continue;
        if (!exchange->connection->greeted && !verbs[i].ungreeted)
            return base_error_set(error, AIRS_E_INVALID, "the first request must be `hello`, with `protocol`");
        airs_status status =
            verbs[i].records == NODE_VERB_LOOKS ? AIRS_OK : node_exchange_record(exchange, verbs[i].records, error);
        return status == AIRS_OK ? run(exchange, &verbs[i], error) : status;
    }
    const char *best = base_nearest_best(&nearest);
    if (best)
        return base_error_set(error, AIRS_E_NOT_FOUND, "unknown verb %s: did you mean %s?", name, best);
    return base_error_set(error, AIRS_E_NOT_FOUND, "unknown verb %s", name);
}
