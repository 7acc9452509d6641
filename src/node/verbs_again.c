// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs about what is to be there: an actor started again or removed, and how many children a group has.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/app.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

// Children of a group that are asked for.
#define INSTANCES_MAX 1000000u

static void set(node_letter *letter, airs_status status, airs_error *error)
{
    if (status != AIRS_OK && !error->text[0])
        base_error_set(error, status, "%s", airs_status_text(status));
    node_letter_set(letter, status, error);
}

static void set_started(node_letter *letter, bool started)
{
    letter->result = cJSON_CreateObject();
    cJSON_AddBoolToObject(letter->result, "started", started);
}

// ---------------------------------------------------------------- one thing at a time

/// `name` may be NULL.
static void name_actor(const char *name, airs_actor_id id, char *ret, size_t size)
{
    if (name && name[0])
        base_text_copy(ret, size, base_bytes_of(name));
    else
        (void)snprintf(ret, size, "%016" PRIx64, id.raw);
}

static airs_status begin(const node_letter *letter, node_app_ask *ask, airs_error *error)
{
    return letter->tree ? node_app_begin_ask(letter->tree, ask, error) : AIRS_OK;
}

airs_status node_begin_stop(airs_system *system, const node_letter *letter, node_app_ask *ask, airs_error *error)
{
    airs_actor_info info;
    airs_actor_info group;
    *ask = (node_app_ask){.what = NODE_APP_STOP};
    bool is_there = airs_actor_get_info(system, letter->actor, &info) == AIRS_OK;
    name_actor(is_there ? info.name : letter->text, letter->actor, ask->name, sizeof ask->name);
    if (is_there && letter->tree && !node_app_knows(letter->tree, ask->name) &&
        airs_actor_get_info(system, info.supervisor, &group) == AIRS_OK)
        base_text_copy(ask->group, sizeof ask->group, base_bytes_of(group.name));
    return begin(letter, ask, error);
}

airs_status node_begin_children(airs_system *system, const node_letter *letter, node_app_asked what, node_app_ask *ask,
                                airs_error *error)
{
    airs_actor_info info;
    airs_status status = airs_actor_get_info(system, letter->actor, &info);
    if (status != AIRS_OK)
        return status;
    *ask = (node_app_ask){.what = what};
    name_actor(info.name, letter->actor, ask->name, sizeof ask->name);
    return begin(letter, ask, error);
}

void node_end_ask(const node_letter *letter, node_app_ask *ask)
{
    if (letter->tree)
        node_app_end_ask(letter->tree, ask);
}

// ---------------------------------------------------------------- start

/// What `start` is for an actor that is there.
static airs_status start_there(airs_system *system, const airs_actor_info *info, bool *ret_started, airs_error *error)
{
    *ret_started = true;
    switch (info->hold) {
    case AIRS_HOLD_QUARANTINED:
        return airs_release(system, info->id);
    case AIRS_HOLD_BACKOFF:
    case AIRS_HOLD_ENDED:
        return airs_restart_actor(system, info->id, error);
    case AIRS_HOLD_PAUSED:
        return base_error_set(error, AIRS_E_INVALID, "it is paused, not stopped: `airssys resume` lets it go on");
    case AIRS_HOLD_NONE:
        break;
    }
    *ret_started = false;
    return AIRS_OK;
}

static airs_status start(airs_system *system, const node_letter *letter, const airs_actor_info *info, bool *ret_started,
                         airs_error *error)
{
    *ret_started = true;
    if (!info)
        return node_durable_revive(letter->durable, system, letter->tree, letter->text, error);
    // By its group, or by itself: who has asked for it to be stopped is waited for otherwise.
    if (info->state == AIRS_ACTOR_STOPPING)
        return base_error_set(error, AIRS_E_TAKEN, "it is being stopped: try again when that has ended");
    airs_status status = node_durable_bring_back(letter->durable, letter->tree, info->name, error);
    return status == AIRS_OK ? start_there(system, info, ret_started, error) : status;
}

/// `info` NULL: it is not there.
static airs_status begin_start(const node_letter *letter, const airs_actor_info *info, node_app_ask *ask,
                               airs_error *error)
{
    *ask = (node_app_ask){.what = NODE_APP_START, .is_there = info != NULL};
    name_actor(info ? info->name : letter->text, letter->actor, ask->name, sizeof ask->name);
    return begin(letter, ask, error);
}

static void chore_start(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_actor_info info;
    bool started;
    bool is_there = letter->actor.raw != 0 && airs_actor_get_info(system, letter->actor, &info) == AIRS_OK;
    node_app_ask ask;
    airs_status status = begin_start(letter, is_there ? &info : NULL, &ask, &error);
    if (status == AIRS_OK) {
        status = start(system, letter, is_there ? &info : NULL, &started, &error);
        node_end_ask(letter, &ask);
    }
    if (status == AIRS_OK)
        set_started(letter, started);
    set(letter, status, &error);
}

/// As a long one: a guest's `start` may be waited for.
static airs_status add_long(node_exchange *exchange, node_letter *letter, airs_error *error)
{
    airs_status status = node_chores_add_long(exchange->chores, letter, error);
    if (status != AIRS_OK)
        node_letter_destroy(letter);
    exchange->later = status == AIRS_OK;
    return status;
}

/// A letter about the actor of the request, or about a name that nobody has any more, but the manifest.
static airs_status make_letter(node_exchange *exchange, bool is_there, airs_actor_id id, const char *name,
                               node_chore_fn chore, airs_error *error)
{
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore;
    letter->actor = is_there ? id : (airs_actor_id){0};
    letter->tree = exchange->tree;
    letter->text = base_strndup(base_allocator_default(), name, strlen(name));
    if (!letter->text) {
        node_letter_destroy(letter);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    }
    if (chore == chore_start && !is_there)
        return add_long(exchange, letter, error);
    exchange->later = true;
    node_chores_add(exchange->chores, letter);
    return AIRS_OK;
}

airs_status node_verb_start(node_exchange *exchange, airs_error *error)
{
    const char *name;
    airs_actor_id id;
    airs_status status = node_request_text(exchange->request, "actor", &name, error);
    if (status != AIRS_OK)
        return status;
    status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK)
        return make_letter(exchange, true, id, name, chore_start, error);
    if (!exchange->tree || !node_app_knows(exchange->tree, name))
        return status;
    return make_letter(exchange, false, id, name, chore_start, error);
}

// ---------------------------------------------------------------- rm

static airs_status remove_for_good(airs_system *system, const node_letter *letter, airs_error *error)
{
    airs_status status =
        node_durable_leave_out(letter->durable, letter->tree, letter->text, letter->actor, true, error);
    if (status != AIRS_OK)
        return status;
    airs_actor_id id = letter->actor;
    if (letter->tree && node_app_knows(letter->tree, letter->text)) {
        // Forgotten first: a `start` at the same time finds it no more, or has made it by now.
        node_app_forget(letter->tree, letter->text);
        if (airs_lookup(system, letter->text, &id) != AIRS_OK)
            id = letter->actor;
    }
    status = id.raw == 0 ? AIRS_OK : airs_stop(system, id);
    // It had ended when it was its turn.
    return status == AIRS_OK || status == AIRS_E_GONE
               ? node_durable_has_left(letter->durable, letter->tree, letter->text, letter->actor, error)
               : status;
}

/// Not while another manifest comes in the place of the one that it is removed from.
static void chore_rm(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    node_app_ask ask;
    airs_status status = node_begin_stop(system, letter, &ask, &error);
    if (status == AIRS_OK) {
        status = remove_for_good(system, letter, &error);
        node_end_ask(letter, &ask);
    }
    set(letter, status, &error);
}

airs_status node_verb_rm(node_exchange *exchange, airs_error *error)
{
    const char *name;
    airs_actor_id id = {0};
    airs_actor_id root = {0};
    airs_actor_info info;
    airs_status status = node_request_text(exchange->request, "actor", &name, error);
    if (status != AIRS_OK)
        return status;
    status = node_exchange_actor(exchange, "actor", &id, error);
    bool is_there = status == AIRS_OK;
    if (is_there && airs_actor_list(exchange->system, &root, 1) > 0 && airs_actor_id_equal(id, root))
        return base_error_set(error, AIRS_E_INVALID, "`rm` is not for the root: end the node instead");
    // By its id it is known to the manifest all the same.
    if (is_there && airs_actor_get_info(exchange->system, id, &info) == AIRS_OK && info.name[0])
        name = info.name;
    if (!is_there && (!exchange->tree || !node_app_knows(exchange->tree, name)))
        return status;
    return make_letter(exchange, is_there, id, name, chore_rm, error);
}

// ---------------------------------------------------------------- scale

/// The children of a group that are alive, the oldest first; the caller's. NULL when there is no memory.
static airs_actor_id *children_of(airs_system *system, airs_actor_id group, size_t *ret_count)
{
    size_t count = 0;
    size_t kept = 0;
    airs_actor_id *ids = node_list_actors(system, &count);
    for (size_t i = 0; ids && i < count; i++) {
        airs_actor_info info;
        if (airs_actor_get_info(system, ids[i], &info) == AIRS_OK && airs_actor_id_equal(info.supervisor, group) &&
            info.state != AIRS_ACTOR_TERMINATED && info.hold != AIRS_HOLD_ENDED)
            ids[kept++] = ids[i];
    }
    *ret_count = kept;
    return ids;
}

/// Starts one after the other, and writes those down that have started.
static airs_status grow(airs_system *system, const node_letter *letter, size_t before, size_t wanted, airs_error *error)
{
    airs_actor_id *ids = base_alloc_array(base_allocator_default(), wanted - before + 1, sizeof *ids);
    size_t count = 0;
    airs_status status = ids ? AIRS_OK : AIRS_E_NOMEM;
    while (status == AIRS_OK && before + count < wanted) {
        status = airs_spawn_child(system, letter->actor, NULL, NULL, 0, &ids[count], error);
        if (status == AIRS_OK) {
            count++;
            continue;
        }
        if (!error->text[0])
            base_error_set(error, status, "%s", airs_status_text(status));
        base_error_prefix(error, "it has %zu of %zu", before + count, wanted);
    }
    if (ids) {
        airs_error why = {0};
        const node_durable_children made = {.ids = ids, .count = count, .all = true};
        airs_status kept =
            node_durable_keep_children(letter->durable, system, letter->tree, letter->actor, &made, &why);
        if (kept != AIRS_OK) {
            status = kept;
            *error = why;
        }
    }
    base_free(base_allocator_default(), ids);
    return status;
}

/// Stops the newest, one after the other, once it is written down. One that has ended meanwhile is stopped.
static airs_status shrink(airs_system *system, const node_letter *letter, const airs_actor_id *children, size_t before,
                          size_t wanted, airs_error *error)
{
    airs_status status =
        node_durable_forget_children(letter->durable, system, letter->actor, &children[wanted], before - wanted, error);
    for (size_t i = before; status == AIRS_OK && i > wanted; i--) {
        status = airs_stop(system, children[i - 1]);
        if (status == AIRS_E_GONE)
            status = AIRS_OK;
    }
    return status;
}

static airs_status scale(airs_system *system, const node_letter *letter, size_t wanted, size_t *ret_before,
                         airs_error *error)
{
    airs_actor_id *children = children_of(system, letter->actor, ret_before);
    airs_status status = AIRS_E_NOMEM;
    if (children && wanted >= *ret_before)
        status = grow(system, letter, *ret_before, wanted, error);
    else if (children)
        status = shrink(system, letter, children, *ret_before, wanted, error);
    base_free(base_allocator_default(), children);
    return status;
}

static void chore_scale(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    size_t before = 0;
    size_t wanted = (size_t)cJSON_GetNumberValue(letter->told);
    node_app_ask ask;
    airs_status status = node_begin_children(system, letter, NODE_APP_SCALE, &ask, &error);
    if (status == AIRS_OK) {
        status = scale(system, letter, wanted, &before, &error);
        node_end_ask(letter, &ask);
    }
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        cJSON_AddNumberToObject(letter->result, "before", (double)before);
        cJSON_AddNumberToObject(letter->result, "instances", (double)wanted);
    }
    set(letter, status, &error);
}

airs_status node_verb_scale(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_actor_info info;
    uint32_t wanted;
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status == AIRS_OK && !cJSON_HasObjectItem(exchange->request->json, "instances"))
        status = base_error_set(error, AIRS_E_INVALID, "`scale` needs `instances`, how many there are to be");
    if (status == AIRS_OK)
        status = node_request_number(exchange->request, "instances", 0, INSTANCES_MAX, 0, &wanted, error);
    if (status != AIRS_OK)
        return status;
    status = airs_actor_get_info(exchange->system, id, &info);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    if (info.kind != AIRS_KIND_SUPERVISOR || strcmp(info.component, airs_strategy_name(AIRS_SIMPLE_ONE_FOR_ONE)) != 0)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "only a simple_one_for_one group, whose children are made of its template, is scaled");
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore_scale;
    letter->actor = id;
    letter->tree = exchange->tree;
    letter->told = cJSON_CreateNumber(wanted);
    if (!letter->told) {
        node_letter_destroy(letter);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    }
    return add_long(exchange, letter, error);
}
