// SPDX-License-Identifier: MIT OR Apache-2.0
#include "route/router.h"

#include <stdio.h>
#include <string.h>

#include "actor/names.h"
#include "base/bytes.h"
#include "base/error.h"

#define DEAD_TOPIC "airssys.dead-letters."

static void publish_to_all(router *self, const envelope *mail, airs_bytes topic, uint64_t from, uint32_t *ret_reached);

/// Publishes a dead letter on `airssys.dead-letters.<reason>`. One that was published there is not again.
static void announce(router *self, const envelope *mail, airs_drop_reason reason)
{
    actor_space *space = self->space;
    airs_bytes topic = envelope_topic(mail);
    if (topics_count(&self->topics) == 0 ||
        (topic.len >= strlen(DEAD_TOPIC) && memcmp(topic.data, DEAD_TOPIC, strlen(DEAD_TOPIC)) == 0))
        return;
    char text[64];
    (void)snprintf(text, sizeof text, DEAD_TOPIC "%s", airs_drop_reason_name(reason));
    envelope *copy = envelope_share(mail, &space->envelopes, actor_space_cache(space));
    if (copy == NULL)
        return;
    envelope_block_release(copy->topic, space->allocator);
    copy->topic = envelope_block_create(space->allocator, base_bytes_of(text));
    uint32_t reached;
    copy->of_twin = mail->of_twin;
    if (copy->topic != NULL)
        publish_to_all(self, copy, base_bytes_of(text), mail->sender, &reached);
    actor_space_discard(space, copy);
}

static void on_dead_letter(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                           const char *text)
{
    router *self = space->router;
    announce(self, mail, reason);
    dead_letters_add(&self->dead_letters, receiver, mail, reason, text);
}

/// What an incarnation held ends with it.
static void on_incarnation_ended(actor_space *space, actor *ended)
{
    router *self = space->router;
    for (uint32_t i = 0; i < ended->subscriptions.len; i++)
        (void)topics_unsubscribe(&self->topics, ended->subscriptions.ids[i], ended->id);
    ended->subscriptions.len = 0;
    alarms_end(&self->alarms, ended);
    actor_names_end(ended);
}

airs_status router_init(router *self, actor_space *space)
{
    *self = (router){.space = space};
    // One secret is enough for all that is hashed in a system.
    airs_status status = topics_init(&self->topics, ROUTER_SUBSCRIPTIONS_MAX, space->names.key,
                                     sched_retirer(space->sched), space->allocator);
    if (status == AIRS_OK)
        ds_slotmap_set_owner(&self->topics.subscriptions, space->owner);
    dead_letters_init(&self->dead_letters, space);
    if (status == AIRS_OK)
        status = alarm_table_init(&self->alarms, space);
    if (status != AIRS_OK) {
        router_fini(self);
        return status;
    }
    space->router = self;
    space->dead_letter = on_dead_letter;
    space->incarnation_ended = on_incarnation_ended;
    return AIRS_OK;
}

void router_fini(router *self)
{
    if (self->space == NULL)
        return;
    alarm_table_fini(&self->alarms);
    dead_letters_fini(&self->dead_letters);
    topics_fini(&self->topics);
    self->space = NULL;
}

// ---------------------------------------------------------------- topics

/// A message on its way to all who subscribed.
typedef struct publication {
    router *self;
    const envelope *mail;
    uint64_t from;
} publication;

static bool deliver(void *user, uint64_t to, topic_share share)
{
    const publication *it = user;
    actor_space *space = it->self->space;
    envelope *copy = envelope_share(it->mail, &space->envelopes, actor_space_cache(space));
    if (copy == NULL)
        return false;
    copy->sender = it->from;
    copy->of_twin = it->mail->of_twin;
    airs_route route = share == TOPIC_OWN ? AIRS_ROUTE_TOPIC : AIRS_ROUTE_GROUP;
    copy->route = (uint8_t)route;
    airs_mailbox_policy policy;
    airs_status status = actor_try_send(space, to, copy, &policy);
    // Where another one may still get it, it has not come to its end.
    if (status != AIRS_OK && share == TOPIC_GROUP_TRY) {
        actor_space_discard(space, copy);
        return false;
    }
    actor_count_send(space, route, status);
    if (status != AIRS_OK)
        actor_drop_unsent(space, to, copy, status);
    return status == AIRS_OK;
}

static void publish_to_all(router *self, const envelope *mail, airs_bytes topic, uint64_t from, uint32_t *ret_reached)
{
    publication it = {self, mail, from};
    sched_read read = sched_read_enter(self->space->sched);
    *ret_reached = topics_publish(&self->topics, topic, deliver, &it);
    sched_read_leave(self->space->sched, read);
    (void)base_atomic_fetch_add_relaxed(&self->published, 1u);
    (void)base_atomic_fetch_add_relaxed(&self->reached, *ret_reached);
}

airs_status router_publish(router *self, const actor *from, const trace_parent *trace, airs_bytes topic,
                           airs_bytes payload, uint32_t *ret_reached, airs_error *error)
{
    actor_space *space = self->space;
    airs_status status = topics_check_topic(topic, error);
    if (status != AIRS_OK)
        return status;
    envelope *mail;
    status = actor_space_envelope(space, payload, &mail);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", airs_status_text(status));
    mail->topic = envelope_block_create(space->allocator, topic);
    if (mail->topic == NULL || !envelope_set_trace(mail, space->allocator, trace)) {
        actor_space_discard(space, mail);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a topic");
    }
    uint32_t reached;
    mail->of_twin = from != NULL && from->twin_acts;
    publish_to_all(self, mail, topic, from == NULL ? 0 : from->id, &reached);
    actor_space_discard(space, mail);
    if (ret_reached != NULL)
        *ret_reached = reached;
    return AIRS_OK;
}

airs_status router_subscribe(router *self, actor *subscriber, airs_bytes pattern, airs_bytes group,
                             uint64_t *ret_subscription, airs_error *error)
{
    if (subscriber->subscriptions.len >= ROUTER_SUBSCRIPTIONS_ACTOR_MAX)
        return base_error_set(error, AIRS_E_LIMIT, "an actor has at most %u subscriptions",
                              ROUTER_SUBSCRIPTIONS_ACTOR_MAX);
    uint64_t id;
    airs_status status = topics_subscribe(&self->topics, subscriber->id, pattern, group, &id, error);
    if (status != AIRS_OK)
        return status;
    if (!actor_ids_add(&subscriber->subscriptions, self->space->allocator, id)) {
        (void)topics_unsubscribe(&self->topics, id, subscriber->id);
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a subscription");
    }
    *ret_subscription = id;
    return AIRS_OK;
}

bool router_unsubscribe(router *self, actor *subscriber, uint64_t subscription)
{
    return actor_ids_remove(&subscriber->subscriptions, subscription) &&
           topics_unsubscribe(&self->topics, subscription, subscriber->id);
}

// ---------------------------------------------------------------- to one receiver

airs_status router_send(const actor *from, uint64_t to, airs_bytes payload)
{
    envelope *mail;
    airs_status status = actor_make_message(from, payload, &mail);
    if (status != AIRS_OK)
        return status;
    status = actor_send(from->space, to, mail);
    if (status != AIRS_OK)
        actor_space_discard(from->space, mail);
    return status;
}

/// The receiver of a letter, and how it was found.
static airs_status find_receiver(actor_space *space, const router_letter *letter, airs_route *ret_route,
                                 uint64_t *ret_to)
{
    *ret_route = letter->name.data == NULL ? AIRS_ROUTE_OUTSIDE : AIRS_ROUTE_NAME;
    *ret_to = letter->to;
    if (letter->name.data == NULL)
        return AIRS_OK;
    return actor_lookup(space, letter->name, true, ret_to) ? AIRS_OK : AIRS_E_NOT_FOUND;
}

static airs_status post_message(actor_space *space, const router_letter *letter, airs_route route, uint64_t to)
{
    envelope *mail;
    airs_status status = actor_space_envelope(space, letter->payload, &mail);
    if (status != AIRS_OK)
        return status;
    mail->route = (uint8_t)route;
    status = envelope_set_trace(mail, space->allocator, letter->trace) ? actor_send(space, to, mail) : AIRS_E_NOMEM;
    if (status != AIRS_OK)
        actor_space_discard(space, mail);
    return status;
}

airs_status router_post(router *self, const router_letter *letter)
{
    actor_space *space = self->space;
    airs_route route;
    uint64_t to;
    airs_status status = find_receiver(space, letter, &route, &to);
    if (status != AIRS_OK) {
        actor_count_send(space, route, AIRS_E_GONE);
        return status;
    }
    if (letter->fn == NULL)
        return post_message(space, letter, route, to);
    request_options options = {.kind = REQUEST_CALLBACK,
                               .receiver = to,
                               .timeout_ms = letter->timeout_ms,
                               .fn = letter->fn,
                               .user = letter->user,
                               .route = route,
                               .trace = letter->trace};
    uint64_t request;
    return actor_request(space, &options, letter->payload, &request);
}

// ---------------------------------------------------------------- dead letters

airs_status router_resend(router *self, uint64_t number, uint64_t to)
{
    uint64_t receiver;
    envelope *mail = dead_letters_copy(&self->dead_letters, number, &receiver);
    if (mail == NULL)
        return AIRS_E_NOT_FOUND;
    mail->route = AIRS_ROUTE_RESEND;
    airs_status status = actor_send(self->space, to == 0 ? receiver : to, mail);
    if (status != AIRS_OK)
        actor_space_discard(self->space, mail);
    return status;
}
