// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a client of the socket may ask for: a table, one entry a verb. Private to the server.
#ifndef AIRS_NODE_VERBS_H
#define AIRS_NODE_VERBS_H

#include "capability/audit_record.h"
#include "node/canaries.h"
#include "node/chores.h"
#include "node/connection.h"
#include "node/durable.h"
#include "node/mailroom.h"
#include "node/protocol.h"
#include "node/server.h"
#include "node/trials.h"

/// What a verb gets, and what it leaves behind.
typedef struct node_exchange {
    airs_system *system;
    const char *app;
    /// Never NULL.
    const node_durable *durable;
    node_mailroom *mailroom;
    node_chores *chores;
    node_trials *trials;
    /// NULL: none are kept.
    node_feed *events;
    /// The same of the log.
    node_feed *logs;
    /// Whose manifest says what may be started again; NULL: nothing may.
    struct node_app *tree;
    /// As of node_server_options.
    node_server_down_fn down;
    void *down_user;
    node_connection *connection;
    const node_request *request;
    /// The result, made by the verb on AIRS_OK; NULL: an empty one.
    struct cJSON *result;
    /// Set by the verb when the reply comes later, as a letter or at the end of a stream.
    bool later;
} node_exchange;

#define NODE_VERB_LOOKS 0u

typedef struct node_verb {
    const char *name;
    /// Whether it may come before `hello`.
    bool ungreeted;
    /// The audit_event as which it stands in the audit log; NODE_VERB_LOOKS: it changes nothing.
    uint32_t records;
    airs_status (*run)(node_exchange *exchange, airs_error *error);
} node_verb;

/// Records in the audit log what an operator is about to do: the verb, and whom it names. Errors: E_IO it can't be
/// recorded, and must not be done.
AIRS_NODISCARD airs_status node_exchange_record(const node_exchange *exchange, uint32_t event, airs_error *error);

/// Runs the verb of the request. Errors: the verb's own; E_NOT_FOUND no such verb; E_INVALID not greeted yet.
AIRS_NODISCARD airs_status node_verb_run(node_exchange *exchange, airs_error *error);

// ---------------------------------------------------------------- for the verbs themselves

/// Canaries that one answer has shown: of a thousand actors with one canary it is measured once. All zero is none.
typedef struct node_canaries {
    uint64_t numbers[CANARIES_LISTED_MAX];
    /// The answer's.
    const struct cJSON *shown[CANARIES_LISTED_MAX];
    size_t count;
} node_canaries;

/// Adds the canary that runs on an actor, as "canary"; nothing where none does.
void node_canary_add(node_canaries *seen, airs_system *system, airs_actor_id id, struct cJSON *to);

/// The actor that `key` names: a name, or an id in digits. Errors: E_INVALID, E_NOT_FOUND.
AIRS_NODISCARD airs_status node_exchange_actor(const node_exchange *exchange, const char *key, airs_actor_id *ret_id,
                                               airs_error *error);

/// The dead letter that `number` names. Errors: E_INVALID.
AIRS_NODISCARD airs_status node_exchange_letter_number(const node_exchange *exchange, uint64_t *ret_number,
                                                       airs_error *error);
/// E_NOT_FOUND, with its sentence.
airs_status node_no_such_letter(uint64_t number, airs_error *error);

/// Errors: E_LIMIT the connection has a stream already.
AIRS_NODISCARD airs_status node_exchange_no_stream(const node_exchange *exchange, airs_error *error);

/// The ids of all actors; the caller's, freed with base_free. NULL when there is no memory.
airs_actor_id *node_list_actors(airs_system *system, size_t *ret_count);

/// A letter for this request; NULL when there is no memory, which `error` says.
node_letter *node_exchange_letter(const node_exchange *exchange, airs_error *error);
/// The same for a chore that reads the request's keys itself: it has a copy of them, the app and its canaries.
node_letter *node_exchange_letter_told(const node_exchange *exchange, node_chore_fn chore, airs_error *error);

/// What is asked of the letter's actor: to stop, or children (NODE_APP_SPAWN, NODE_APP_SCALE). It is under way until it
/// has been ended with `node_end_ask`. Errors: those of `node_app_begin_ask`; E_GONE there is no such group.
AIRS_NODISCARD airs_status node_begin_stop(airs_system *system, const node_letter *letter, node_app_ask *ask,
                                           airs_error *error);
AIRS_NODISCARD airs_status node_begin_children(airs_system *system, const node_letter *letter, node_app_asked what,
                                               node_app_ask *ask, airs_error *error);
void node_end_ask(const node_letter *letter, node_app_ask *ask);

// Looking (verbs_look.c).
airs_status node_verb_ps(node_exchange *exchange, airs_error *error);
airs_status node_verb_tree(node_exchange *exchange, airs_error *error);
airs_status node_verb_info(node_exchange *exchange, airs_error *error);
airs_status node_verb_inspect(node_exchange *exchange, airs_error *error);
airs_status node_verb_why(node_exchange *exchange, airs_error *error);
airs_status node_verb_names(node_exchange *exchange, airs_error *error);
airs_status node_verb_audit(node_exchange *exchange, airs_error *error);
airs_status node_verb_dead_letters(node_exchange *exchange, airs_error *error);
airs_status node_verb_dead_letter(node_exchange *exchange, airs_error *error);
airs_status node_verb_events(node_exchange *exchange, airs_error *error);
airs_status node_verb_subscribe(node_exchange *exchange, airs_error *error);

// The log (verbs_logs.c).
airs_status node_verb_logs(node_exchange *exchange, airs_error *error);
airs_status node_verb_log_level(node_exchange *exchange, airs_error *error);

// Messages (verbs_message.c).
airs_status node_verb_call(node_exchange *exchange, airs_error *error);
airs_status node_verb_send(node_exchange *exchange, airs_error *error);
airs_status node_verb_publish(node_exchange *exchange, airs_error *error);
airs_status node_verb_resend(node_exchange *exchange, airs_error *error);
airs_status node_verb_drop(node_exchange *exchange, airs_error *error);

// What is to be there (verbs_again.c).
airs_status node_verb_start(node_exchange *exchange, airs_error *error);
airs_status node_verb_rm(node_exchange *exchange, airs_error *error);
airs_status node_verb_scale(node_exchange *exchange, airs_error *error);

// What is done to actors (verbs_control.c).
airs_status node_verb_stop(node_exchange *exchange, airs_error *error);
airs_status node_verb_spawn(node_exchange *exchange, airs_error *error);
airs_status node_verb_restart(node_exchange *exchange, airs_error *error);
airs_status node_verb_kill(node_exchange *exchange, airs_error *error);
airs_status node_verb_pause(node_exchange *exchange, airs_error *error);
airs_status node_verb_resume(node_exchange *exchange, airs_error *error);
airs_status node_verb_quarantine(node_exchange *exchange, airs_error *error);
airs_status node_verb_release(node_exchange *exchange, airs_error *error);

// Grants (verbs_grants.c).
airs_status node_verb_grants(node_exchange *exchange, airs_error *error);
airs_status node_verb_grant(node_exchange *exchange, airs_error *error);
airs_status node_verb_revoke(node_exchange *exchange, airs_error *error);

// What other apps may send to (verbs_expose.c).
airs_status node_verb_exposed(node_exchange *exchange, airs_error *error);
airs_status node_verb_expose(node_exchange *exchange, airs_error *error);
airs_status node_verb_hide(node_exchange *exchange, airs_error *error);

// Deployment (verbs_deploy.c).
airs_status node_verb_deploy(node_exchange *exchange, airs_error *error);
airs_status node_verb_compare(node_exchange *exchange, airs_error *error);
airs_status node_verb_rollback(node_exchange *exchange, airs_error *error);
airs_status node_verb_promote(node_exchange *exchange, airs_error *error);
airs_status node_verb_compare_app(node_exchange *exchange, airs_error *error);
airs_status node_verb_deploy_app(node_exchange *exchange, airs_error *error);
airs_status node_verb_history(node_exchange *exchange, airs_error *error);

#endif
