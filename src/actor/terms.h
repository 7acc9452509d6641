// SPDX-License-Identifier: MIT OR Apache-2.0
/// The terms on which an actor is kept, and others in their place while it lives: how it is started again, what its
/// mailbox takes, what becomes of messages when it fails, how its health is looked after, and what its kind adds.
///
/// Roles  Who changes them makes `actor_terms`, and gives them. The owner exchanges them with those that the actor has,
///        in any state of its life but in the middle of a health check, and tells: then they are those that it had
///        before, and giving them again is the way back. No event is waited for, and no incarnation ends.
/// Seen   by senders from their next message on, by the supervisor before it hears of any end that comes later.
#ifndef ACTOR_TERMS_H
#define ACTOR_TERMS_H

#include "actor/cell.h"

typedef struct actor_terms {
    /// AIRS_OK: they are exchanged. AIRS_E_GONE: the actor has ended. On the owner's worker, without any lock; must not
    /// block. After it they are the giver's again. Set before they are given.
    void (*told)(struct actor_terms *self, airs_status status);
    airs_restart restart;
    bool significant;
    /// Complete.
    airs_backoff backoff;
    airs_on_failure on_failure;
    uint32_t mailbox_max;
    airs_mailbox_policy mailbox_policy;
    uint32_t mailbox_age_max_ms;
    /// Of what may be sent to it.
    uint32_t message_max;
    struct actor_health *health;
    struct actor_age *age;
    /// The kind's (`actor_kind.take_terms`), borrowed until it is told; NULL: that stays as it is.
    void *of_kind;
    /// Only `restart` and `significant` count, and `of_kind`. Of a supervisor.
    bool is_supervisors;
} actor_terms;

/// Those that an actor spawned with `options` has; `told` and `of_kind` are left. Errors: E_INVALID, `error` names what
/// is out of its range; E_NOMEM. On success ended with `actor_terms_fini`. Any thread, with a count on the actor until
/// then.
AIRS_NODISCARD airs_status actor_terms_init(actor_terms *self, actor *of, const actor_options *options,
                                            airs_error *error);
/// Not while they are given.
void actor_terms_fini(actor_terms *self);

/// Gives them; they must stay where they are until they are told. Errors: E_GONE; E_TAKEN others are given. Any thread,
/// with a count on the actor.
AIRS_NODISCARD airs_status actor_terms_give(actor *self, actor_terms *terms, airs_error *error);

/// Takes back what has not been exchanged: it is not told. False: it has been told, or is about to be, or the owner
/// looks just now whether it can be; ask again. Any thread, with a count on the actor.
bool actor_terms_take_back(actor *self, actor_terms *terms);

/// The owner: exchanges what was given, as soon as that can be.
void actor_terms_take(actor *self);
/// The owner: nothing is exchanged any more.
void actor_terms_actor_ended(actor *self);

#endif
