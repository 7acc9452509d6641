// SPDX-License-Identifier: MIT OR Apache-2.0
/// Verbs that do something to an actor: each takes its time, so each is a chore.
#include "node/verbs.h"

#include "airssys/system.h"
#include "base/error.h"
#include "node/app.h"

#include <cjson/cJSON.h>

/// Does what the library calls it, and says what E_INVALID means of it; NULL: nothing of its own.
static void act(node_letter *letter, airs_status status, const char *invalid)
{
    airs_error error = {0};
    if (status != AIRS_OK)
        base_error_set(&error, status, "%s", status == AIRS_E_INVALID && invalid ? invalid : airs_status_text(status));
    node_letter_set(letter, status, &error);
}

/// It is written down first: who has been told that it is stopped does not find it there after a crash of the node.
static void chore_stop(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_actor_info info;
    node_app_ask ask;
    airs_status status = airs_actor_get_info(system, letter->actor, &info);
    if (status == AIRS_OK)
        status = node_begin_stop(system, letter, &ask, &error);
    if (status == AIRS_OK) {
        status = node_durable_leave_out(letter->durable, letter->tree, info.name, letter->actor, false, &error);
        if (status == AIRS_OK) {
            status = airs_stop(system, letter->actor);
            // It had ended when it was its turn, and does not come back.
            if (status == AIRS_E_GONE)
                status = AIRS_OK;
        }
        if (status == AIRS_OK)
            status = node_durable_has_left(letter->durable, letter->tree, info.name, letter->actor, &error);
        node_end_ask(letter, &ask);
    }
    if (status != AIRS_OK && !error.text[0])
        base_error_set(&error, status, "%s", airs_status_text(status));
    node_letter_set(letter, status, &error);
}

static void chore_restart(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_status status = airs_restart_actor(system, letter->actor, &error);
    if (status != AIRS_OK && !error.text[0])
        base_error_set(&error, status, "%s", airs_status_text(status));
    node_letter_set(letter, status, &error);
}

static void chore_kill(airs_system *system, node_letter *letter)
{
    act(letter, airs_kill(system, letter->actor), NULL);
}

static void chore_pause(airs_system *system, node_letter *letter)
{
    act(letter, airs_pause(system, letter->actor), "it is not running, so that it could be paused");
}

static void chore_resume(airs_system *system, node_letter *letter)
{
    act(letter, airs_resume(system, letter->actor), "it is not paused");
}

static void chore_quarantine(airs_system *system, node_letter *letter)
{
    act(letter, airs_quarantine(system, letter->actor), NULL);
}

static void chore_release(airs_system *system, node_letter *letter)
{
    act(letter, airs_release(system, letter->actor), "it is not quarantined");
}

/// Hands the actor of the request to a chore. The root is nobody's child: nothing of this can be done to it.
static airs_status begin(node_exchange *exchange, node_chore_fn chore, airs_error *error)
{
    airs_actor_id id;
    airs_actor_id root = {0};
    airs_status status = node_exchange_actor(exchange, "actor", &id, error);
    if (status != AIRS_OK)
        return status;
    if (airs_actor_list(exchange->system, &root, 1) > 0 && airs_actor_id_equal(id, root))
        return base_error_set(error, AIRS_E_INVALID, "`%s` is not for the root: end the node instead",
                              exchange->request->verb);
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore;
    letter->actor = id;
    letter->tree = exchange->tree;
    exchange->later = true;
    node_chores_add(exchange->chores, letter);
    return AIRS_OK;
}

airs_status node_verb_stop(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_stop, error);
}

airs_status node_verb_restart(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_restart, error);
}

airs_status node_verb_kill(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_kill, error);
}

airs_status node_verb_pause(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_pause, error);
}

airs_status node_verb_resume(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_resume, error);
}

airs_status node_verb_quarantine(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_quarantine, error);
}

airs_status node_verb_release(node_exchange *exchange, airs_error *error)
{
    return begin(exchange, chore_release, error);
}

// ---------------------------------------------------------------- spawning

/// Once it is ready it is written down, and only then answered for.
static airs_status spawn(airs_system *system, const node_letter *letter, airs_actor_id *ret_id, airs_error *error)
{
    airs_setting settings[NODE_SETTINGS_MAX];
    size_t count = 0;
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(letter->told, "name"));
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(letter->told, "config");
    airs_status status = node_settings_read(letter->told, "config", settings, &count, error);
    // Also when that one is not there now: whoever stops the child would mean it.
    if (status == AIRS_OK && name && letter->tree && node_app_knows(letter->tree, name))
        status =
            base_error_set(error, AIRS_E_TAKEN, "%s is an actor or a group of the manifest: take another name", name);
    if (status == AIRS_OK)
        status = airs_spawn_child(system, letter->actor, name, settings, count, ret_id, error);
    if (status != AIRS_OK)
        return status;
    char *text = config ? cJSON_PrintUnformatted(config) : NULL;
    const node_durable_children made = {.ids = ret_id, .count = 1, .name = name, .config = text};
    status = node_durable_keep_children(letter->durable, system, letter->tree, letter->actor, &made, error);
    cJSON_free(text);
    return status;
}

static void chore_spawn(airs_system *system, node_letter *letter)
{
    airs_error error = {0};
    airs_actor_id id = {0};
    node_app_ask ask;
    airs_status status = node_begin_children(system, letter, NODE_APP_SPAWN, &ask, &error);
    if (status == AIRS_OK) {
        status = spawn(system, letter, &id, &error);
        node_end_ask(letter, &ask);
    }
    if (status == AIRS_OK) {
        letter->result = cJSON_CreateObject();
        node_json_add_id(letter->result, "id", id);
    } else if (!error.text[0]) {
        base_error_set(&error, status, "%s", airs_status_text(status));
    }
    node_letter_set(letter, status, &error);
}

airs_status node_verb_spawn(node_exchange *exchange, airs_error *error)
{
    airs_actor_id id;
    airs_status status = node_exchange_actor(exchange, "supervisor", &id, error);
    if (status != AIRS_OK)
        return status;
    node_letter *letter = node_exchange_letter(exchange, error);
    if (!letter)
        return AIRS_E_NOMEM;
    letter->chore = chore_spawn;
    letter->actor = id;
    letter->tree = exchange->tree;
    letter->told = cJSON_Duplicate(exchange->request->json, true);
    if (!letter->told) {
        node_letter_destroy(letter);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the request");
    }
    exchange->later = true;
    node_chores_add(exchange->chores, letter);
    return AIRS_OK;
}
