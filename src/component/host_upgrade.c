// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the imports do for an instance that is not the actor itself at the moment (`component_role`).
///
///   rehearsal   nothing that others would see: a message goes nowhere, a subscription is made nowhere, and each says
///               that it went well. What can't be said without the others (`ask`) ends the rehearsal well, there.
///   candidate   what it makes is real, and undone when it does not stay. What it ends of what was there before is
///               ended when it stays; what it asks for again it has.
///   twin        what it makes is real, and noted: it ends with it. What it has not made it can't end (canary.h). It
///               is linked to nobody.
///   leaving     as the actor itself, but it ends nothing: that is its successor's.
#include "base/bytes.h"
#include "component/canary.h"
#include "component/exchange.h"
#include "component/host.h"
#include "component/upgrade.h"
#include "route/router.h"

/// What the actor itself would do.
static const engine_host *real(const void *user)
{
    const component_actor *self = user;
    return &self->space->real;
}

/// Whether what it does is done to nobody; which is noted.
static bool rehearses(component_actor *self)
{
    if (self->role != COMPONENT_ROLE_REHEARSAL)
        return false;
    self->upgrade->pretended = true;
    return true;
}

/// What was held before the candidate came, when it is one.
static holdings *notes_of(const component_actor *self)
{
    component_upgrade *it = self->upgrade;
    return self->role == COMPONENT_ROLE_CANDIDATE && it->notes ? &it->held : NULL;
}

static bool is_twin(const component_actor *self)
{
    return self->role == COMPONENT_ROLE_TWIN;
}

static void set_number(engine_number_outcome *ret, uint32_t ok, uint64_t number)
{
    *ret = (engine_number_outcome){.tag = ok, .number = number};
}

// ---------------------------------------------------------------- messages

static engine_step send(void *user, uint64_t to, engine_bytes payload, engine_send_outcome *ret)
{
    if (!rehearses(user))
        return real(user)->send(user, to, payload, ret);
    *ret = (engine_send_outcome){.tag = ENGINE_SEND_OK};
    return ENGINE_STEP_READY;
}

static engine_step ask(void *user, uint64_t to, engine_bytes payload, uint32_t timeout_ms, engine_request_outcome *ret)
{
    component_actor *self = user;
    if (!rehearses(self))
        return real(user)->ask(user, to, payload, timeout_ms, ret);
    self->upgrade->rehearsed = true;
    return ENGINE_STEP_PENDING;
}

static void request(void *user, uint64_t to, engine_bytes payload, uint32_t timeout_ms, engine_send_outcome *ret,
                    uint64_t *ret_request)
{
    if (!rehearses(user)) {
        // The outcome of one that a candidate makes is nobody's when it does not stay.
        holdings *notes = notes_of(user);
        *ret = (engine_send_outcome){.tag = ENGINE_SEND_FULL};
        if (notes == NULL || holdings_expect_request(notes, user))
            real(user)->request(user, to, payload, timeout_ms, ret, ret_request);
        if (notes != NULL && ret->tag == ENGINE_SEND_OK)
            holdings_note_request(notes, *ret_request);
        // One that can't be noted ends with the actor.
        if (is_twin(user) && ret->tag == ENGINE_SEND_OK)
            (void)canary_note(user, HELD_REQUESTS, *ret_request);
        return;
    }
    *ret = (engine_send_outcome){.tag = ENGINE_SEND_OK};
    *ret_request = UINT64_MAX;
}

/// What is not the twin's is left alone: as if it had been ended.
static bool is_others(component_actor *self, held_sort sort, uint64_t id)
{
    if (!is_twin(self))
        return false;
    if (!canary_has(self, sort, id))
        return true;
    canary_forget(self, sort, id);
    return false;
}

/// Marks what was held before as ended. False: it is none of that.
static bool drop(component_actor *self, held_sort sort, uint64_t id, bool *ret)
{
    holdings *notes = notes_of(self);
    held *it = notes == NULL ? NULL : holdings_find(notes, sort, id);
    if (it != NULL)
        *ret = holdings_drop(it);
    return it != NULL;
}

static bool ends_nothing(component_actor *self)
{
    return rehearses(self) || self->role == COMPONENT_ROLE_LEAVING;
}

static bool cancel(void *user, uint64_t id)
{
    bool ret = true;
    if (ends_nothing(user) || is_others(user, HELD_REQUESTS, id) || drop(user, HELD_REQUESTS, id, &ret))
        return ret;
    return real(user)->cancel(user, id);
}

static void reply(void *user, uint64_t id, const engine_settle *outcome, engine_send_outcome *ret)
{
    if (rehearses(user))
        *ret = (engine_send_outcome){.tag = ENGINE_SEND_OK};
    else
        real(user)->reply(user, id, outcome, ret);
}

static void publish(void *user, engine_bytes topic, engine_bytes payload, engine_send_outcome *ret,
                    uint32_t *ret_reached)
{
    if (!rehearses(user)) {
        real(user)->publish(user, topic, payload, ret, ret_reached);
        return;
    }
    *ret = (engine_send_outcome){.tag = ENGINE_SEND_OK};
    *ret_reached = 0;
}

// ---------------------------------------------------------------- subscriptions and names

/// The subscription that it has already, to the same.
static uint64_t subscription_of(component_actor *self, engine_bytes pattern, bool has_group, engine_bytes group)
{
    const actor_ids *ids = &self->cell.subscriptions;
    return topics_find(&self->cell.space->router->topics, ids->ids, ids->len, exchange_from_engine(pattern),
                       has_group ? exchange_from_engine(group) : (airs_bytes){0});
}

static held *find_subscription(component_actor *self, holdings *notes, engine_bytes pattern, bool has_group,
                               engine_bytes group)
{
    uint64_t id = subscription_of(self, pattern, has_group, group);
    return id == 0 ? NULL : holdings_find(notes, HELD_SUBSCRIPTIONS, id);
}

/// What the actor is subscribed to it need not ask for again.
static void subscribe_twin(component_actor *self, engine_bytes pattern, bool has_group, engine_bytes group,
                           engine_number_outcome *ret)
{
    uint64_t id = subscription_of(self, pattern, has_group, group);
    if (id != 0) {
        set_number(ret, ENGINE_SUBSCRIBE_OK, id);
        return;
    }
    real(self)->subscribe(self, pattern, has_group, group, ret);
    if (ret->tag == ENGINE_SUBSCRIBE_OK && !canary_note(self, HELD_SUBSCRIPTIONS, ret->number)) {
        (void)real(self)->unsubscribe(self, ret->number);
        *ret = (engine_number_outcome){.tag = ENGINE_SUBSCRIBE_LIMIT};
    }
}

static void subscribe(void *user, engine_bytes pattern, bool has_group, engine_bytes group, engine_number_outcome *ret)
{
    component_actor *self = user;
    if (is_twin(self)) {
        subscribe_twin(self, pattern, has_group, group, ret);
        return;
    }
    holdings *notes = notes_of(self);
    held *it = notes == NULL ? NULL : find_subscription(self, notes, pattern, has_group, group);
    if (it != NULL) {
        it->dropped = false;
        it->retaken = true;
        set_number(ret, ENGINE_SUBSCRIBE_OK, it->id);
    } else if (rehearses(self)) {
        set_number(ret, ENGINE_SUBSCRIBE_OK, UINT64_MAX);
    } else {
        real(user)->subscribe(user, pattern, has_group, group, ret);
    }
}

static bool unsubscribe(void *user, uint64_t id)
{
    bool ret = true;
    if (ends_nothing(user) || is_others(user, HELD_SUBSCRIPTIONS, id) || drop(user, HELD_SUBSCRIPTIONS, id, &ret))
        return ret;
    return real(user)->unsubscribe(user, id);
}

/// A name that the actor has already is the twin's too.
static void register_twin(component_actor *self, engine_bytes name, engine_number_outcome *ret)
{
    airs_bytes wanted = exchange_from_engine(name);
    for (uint32_t i = 0; i < self->cell.names.count; i++) {
        if (!base_bytes_are(wanted, self->cell.names.texts[i]))
            continue;
        set_number(ret, ENGINE_REGISTER_OK, 0);
        return;
    }
    real(self)->register_name(self, name, ret);
    if (ret->tag == ENGINE_REGISTER_OK && !canary_note_name(self, wanted)) {
        (void)real(self)->unregister_name(self, name);
        *ret = (engine_number_outcome){.tag = ENGINE_REGISTER_TAKEN};
    }
}

static void register_name(void *user, engine_bytes name, engine_number_outcome *ret)
{
    component_actor *self = user;
    if (is_twin(self)) {
        register_twin(self, name, ret);
        return;
    }
    holdings *notes = notes_of(self);
    uint32_t at = notes == NULL ? UINT32_MAX : holdings_find_name(notes, &self->cell, exchange_from_engine(name), true);
    if (at != UINT32_MAX) {
        notes->names_dropped[at] = false;
        notes->names_retaken[at] = true;
    }
    if (at != UINT32_MAX || rehearses(self))
        set_number(ret, ENGINE_REGISTER_OK, 0);
    else
        real(user)->register_name(user, name, ret);
}

static bool unregister_name(void *user, engine_bytes name)
{
    component_actor *self = user;
    holdings *notes = notes_of(self);
    if (ends_nothing(self) || (is_twin(self) && !canary_forget_name(self, exchange_from_engine(name))))
        return true;
    uint32_t at = notes == NULL ? UINT32_MAX : holdings_find_name(notes, &self->cell, exchange_from_engine(name), true);
    if (at == UINT32_MAX)
        return real(user)->unregister_name(user, name);
    bool had_it = !notes->names_dropped[at];
    notes->names_dropped[at] = true;
    notes->names_retaken[at] = false;
    return had_it;
}

// ---------------------------------------------------------------- timers

static void note_timer(component_actor *self, engine_number_outcome *ret)
{
    if (!is_twin(self) || ret->tag != ENGINE_TIMER_OK || canary_note(self, HELD_TIMERS, ret->number))
        return;
    (void)real(self)->cancel_timer(self, ret->number);
    *ret = (engine_number_outcome){.tag = ENGINE_TIMER_LIMIT};
}

static void send_after(void *user, uint64_t delay_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret)
{
    if (rehearses(user)) {
        set_number(ret, ENGINE_TIMER_OK, UINT64_MAX);
        return;
    }
    real(user)->send_after(user, delay_ms, to, payload, ret);
    note_timer(user, ret);
}

static void send_every(void *user, uint64_t period_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret)
{
    if (rehearses(user)) {
        set_number(ret, ENGINE_TIMER_OK, UINT64_MAX);
        return;
    }
    real(user)->send_every(user, period_ms, to, payload, ret);
    note_timer(user, ret);
}

static bool cancel_timer(void *user, uint64_t id)
{
    bool ret = true;
    if (ends_nothing(user) || is_others(user, HELD_TIMERS, id) || drop(user, HELD_TIMERS, id, &ret))
        return ret;
    return real(user)->cancel_timer(user, id);
}

// ---------------------------------------------------------------- supervision

static void spawn(void *user, engine_bytes template_name, bool has_name, engine_bytes name,
                  const engine_setting *config, size_t config_count, engine_number_outcome *ret)
{
    if (rehearses(user))
        set_number(ret, ENGINE_SPAWN_OK, UINT64_MAX);
    else
        real(user)->spawn(user, template_name, has_name, name, config, config_count, ret);
}

static bool stop_child(void *user, uint64_t child)
{
    return ends_nothing(user) || real(user)->stop_child(user, child);
}

static void exit_self(void *user, bool ok, engine_bytes text)
{
    // Who leaves has been asked to; who rehearses does so for another time.
    if (!ends_nothing(user))
        real(user)->exit(user, ok, text);
}

static uint64_t monitor(void *user, uint64_t target)
{
    if (rehearses(user))
        return UINT64_MAX;
    uint64_t id = real(user)->monitor(user, target);
    if (id == 0 || !is_twin(user) || canary_note_monitor(user, id))
        return id;
    (void)real(user)->demonitor(user, id);
    return 0;
}

static bool demonitor(void *user, uint64_t id)
{
    if (ends_nothing(user) || (is_twin(user) && !canary_forget_monitor(user, id)))
        return true;
    return real(user)->demonitor(user, id);
}

static void link_with(void *user, uint64_t target)
{
    // It would outlive the twin, and be an end of the old version.
    if (!rehearses(user) && !is_twin(user))
        real(user)->link(user, target);
}

static void unlink_from(void *user, uint64_t target)
{
    // A link has no owner: what the old version is linked to its twin leaves alone.
    if (!ends_nothing(user) && !is_twin(user))
        real(user)->unlink(user, target);
}

void component_host_init_upgrade(engine_host *host)
{
    host->send = send;
    host->ask = ask;
    host->request = request;
    host->cancel = cancel;
    host->reply = reply;
    host->publish = publish;
    host->subscribe = subscribe;
    host->unsubscribe = unsubscribe;
    host->register_name = register_name;
    host->unregister_name = unregister_name;
    host->send_after = send_after;
    host->send_every = send_every;
    host->cancel_timer = cancel_timer;
    host->spawn = spawn;
    host->stop_child = stop_child;
    host->exit = exit_self;
    host->monitor = monitor;
    host->demonitor = demonitor;
    host->link = link_with;
    host->unlink = unlink_from;
}
