// SPDX-License-Identifier: MIT OR Apache-2.0
/// The one place that decides where a message goes: to an id, to a name, or to who subscribed.
///
/// Order of decision for a send: the system is stopping; the receiver (an id, or what the name is bound
/// to); its max_message; its mailbox and the policy of that. Grants are checked before, by who holds them.
/// What is published goes the same way to each subscriber; the publisher is not told which of them it did
/// not reach, these become dead letters.
#ifndef ROUTE_ROUTER_H
#define ROUTE_ROUTER_H

#include "actor/alarms.h"
#include "actor/cell.h"
#include "route/dead_letters.h"
#include "route/topics.h"

/// Subscriptions of a system at most, and of one actor.
#define ROUTER_SUBSCRIPTIONS_MAX (1u << 22)
#define ROUTER_SUBSCRIPTIONS_ACTOR_MAX 10000u

typedef struct router router;

struct router {
    actor_space *space;
    topics topics;
    dead_letters dead_letters;
    alarm_table alarms;
    BASE_ATOMIC(uint64_t) published;
    BASE_ATOMIC(uint64_t) reached;
};

/// Takes over `space->dead_letter` and `space->incarnation_ended`. Errors: E_NOMEM. Ended with `router_fini`.
airs_status router_init(router *self, actor_space *space);

/// After the scheduler has stopped, before the space ends. One that is all zero is allowed.
void router_fini(router *self);

/// Publishes from an actor (NULL: from outside), with a trace parent unless that is NULL. Errors: E_INVALID the topic;
/// E_TOO_LARGE; E_NOMEM. The owner of `from`; from outside any thread.
airs_status router_publish(router *self, const actor *from, const trace_parent *trace, airs_bytes topic,
                           airs_bytes payload, uint32_t *ret_reached, airs_error *error);

/// Sends as an actor, by id. Errors: those of a send. The owner of `from`.
airs_status router_send(const actor *from, uint64_t to, airs_bytes payload);

/// A message from outside to one receiver.
typedef struct router_letter {
    /// By its id, or where `name.data` is not NULL, by the name it has now.
    uint64_t to;
    airs_bytes name;
    airs_bytes payload;
    /// NULL: none.
    const trace_parent *trace;
    /// Not NULL: it is a request, and this is called with its outcome.
    airs_reply_fn fn;
    void *user;
    uint32_t timeout_ms;
} router_letter;

/// Sends it. Errors: E_NOT_FOUND nobody has the name; those of a send and of a request. Any thread.
airs_status router_post(router *self, const router_letter *letter);

/// Subscribes an actor until its incarnation ends. Errors: as `topics_subscribe`. The actor's owner.
airs_status router_subscribe(router *self, actor *subscriber, airs_bytes pattern, airs_bytes group,
                             uint64_t *ret_subscription, airs_error *error);
bool router_unsubscribe(router *self, actor *subscriber, uint64_t subscription);

/// Sends a dead letter again. Errors: E_NOT_FOUND; those of a send. Any thread.
airs_status router_resend(router *self, uint64_t number, uint64_t to);

#endif
