// SPDX-License-Identifier: MIT OR Apache-2.0
/// Outcomes of requests on their way back to the server's thread.
///
/// A request that waits (`call`, `stop`, `restart`) is a letter: it is sent off on the server's thread,
/// comes back on a worker's or a chore's thread, and lies here until the server takes it. The mailroom
/// lives as long as the server or any letter on its way needs it.
#ifndef AIRS_NODE_MAILROOM_H
#define AIRS_NODE_MAILROOM_H

#include "airssys/actor.h"

typedef struct node_mailroom node_mailroom;

struct cJSON;
struct node_feed;

typedef struct node_letter node_letter;

/// What is to be done about a letter where it may block. Leaves `status` and what goes with it.
typedef void (*node_chore_fn)(airs_system *system, node_letter *letter);

struct node_letter {
    node_letter *next;
    node_mailroom *mailroom;
    /// Whose request it is.
    uint64_t connection;
    uint64_t request;
    /// NULL: an asynchronous ask.
    node_chore_fn chore;
    /// The chore is one of `node_chores_add_long`.
    bool is_long;
    /// Whom the chore is about.
    airs_actor_id actor;
    /// What the chore is told besides, and where it puts what it gets; each the letter's own, or NULL.
    char *text;
    struct cJSON *told;
    struct node_feed *feed;
    /// The app whose manifest the chore looks into; borrowed.
    struct node_app *tree;
    /// Where what it changes is kept. Borrowed.
    const struct node_durable *durable;
    /// Where canaries run that the chore may be about. Borrowed.
    struct node_trials *trials;

    airs_status status;
    /// Of AIRS_OK: the result, or the payload of a reply. Else the payload is a sentence, or empty. The letter's own.
    struct cJSON *result;
    bool has_payload;
    airs_buffer payload;
};

/// Errors: E_LIMIT, E_NOMEM. On success given back with `node_mailroom_release`.
AIRS_NODISCARD airs_status node_mailroom_create(node_mailroom **ret_mailroom, airs_error *error);
/// The server's own end: letters that lie here, or come later, are destroyed.
void node_mailroom_release(node_mailroom *mailroom);

/// Readable while letters lie here; the mailroom's own.
int node_mailroom_fd(const node_mailroom *mailroom);

/// A letter that keeps the mailroom alive; NULL when there is no memory. Ended with `node_letter_destroy`.
node_letter *node_letter_create(node_mailroom *mailroom, uint64_t connection, uint64_t request);
void node_letter_destroy(node_letter *letter);

/// Puts it into the mailroom, whose it is from now on. Any thread; takes a lock for a few instructions.
void node_letter_return(node_letter *letter);

/// Takes all letters, the oldest first; the caller's. NULL: none.
node_letter *node_mailroom_take(node_mailroom *mailroom);

/// Says how a chore went: its status, and the error's text when it is not AIRS_OK.
void node_letter_set(node_letter *letter, airs_status status, const airs_error *error);

/// An `airs_reply_fn`; `user` is the letter.
void node_letter_reply(void *user, const airs_reply *reply);

#endif
