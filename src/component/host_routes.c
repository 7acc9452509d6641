// SPDX-License-Identifier: MIT OR Apache-2.0
/// Topics, names and timers of a component.
#include "actor/names.h"
#include "base/bytes.h"
#include "component/exchange.h"
#include "component/host.h"
#include "route/router.h"

static router *router_of(const component_actor *self)
{
    return self->cell.space->router;
}

/// An outcome with the text in `self->text`, where its case has one.
static engine_number_outcome outcome(component_actor *self, uint32_t tag, uint64_t number)
{
    return (engine_number_outcome){tag, number, exchange_to_engine(base_bytes_of(self->text))};
}

/// What went wrong, as a text for the guest.
static void keep_text(component_actor *self, const airs_error *error)
{
    base_text_copy(self->text, sizeof self->text, base_bytes_of(error->text));
}

// ---------------------------------------------------------------- topics

static engine_subscribe_tag subscribe_tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_SUBSCRIBE_OK;
    case AIRS_E_INVALID:
        return ENGINE_SUBSCRIBE_INVALID_PATTERN;
    case AIRS_E_DENIED:
        return ENGINE_SUBSCRIBE_DENIED;
    default:
        return ENGINE_SUBSCRIBE_LIMIT;
    }
}

static void subscribe(void *user, engine_bytes pattern, bool has_group, engine_bytes group, engine_number_outcome *ret)
{
    component_actor *self = user;
    airs_error error = {.text = ""};
    uint64_t subscription = 0;
    airs_bytes wanted = exchange_from_engine(pattern);
    airs_status status = topics_check_pattern(wanted, &error);
    keep_text(self, &error);
    if (status == AIRS_OK)
        status = authority_check_subscribe(self, wanted);
    if (status == AIRS_OK) {
        status = router_subscribe(router_of(self), &self->cell, wanted,
                                  has_group ? exchange_from_engine(group) : (airs_bytes){0}, &subscription, &error);
        keep_text(self, &error);
    }
    if (status == AIRS_OK && !authority_still(self)) {
        status = authority_check_subscribe(self, wanted);
        if (status != AIRS_OK)
            (void)router_unsubscribe(router_of(self), &self->cell, subscription);
    }
    *ret = outcome(self, subscribe_tag_of(status), subscription);
}

static bool unsubscribe(void *user, uint64_t subscription)
{
    component_actor *self = user;
    return router_unsubscribe(router_of(self), &self->cell, subscription);
}

static void publish(void *user, engine_bytes topic, engine_bytes payload, engine_send_outcome *ret,
                    uint32_t *ret_reached)
{
    component_actor *self = user;
    airs_error error = {.text = ""};
    airs_bytes to = exchange_from_engine(topic);
    airs_status status = topics_check_topic(to, &error);
    keep_text(self, &error);
    // The contract has no case for a malformed topic: no grant can match it.
    if (status != AIRS_OK)
        status = AIRS_E_DENIED;
    if (status == AIRS_OK && payload.len > self->cell.limits.max_message)
        status = AIRS_E_TOO_LARGE;
    if (status == AIRS_OK)
        status = authority_check_publish(self, to);
    if (status == AIRS_OK)
        status = component_actor_take_rate(self);
    if (status != AIRS_OK)
        actor_count_send(self->cell.space, AIRS_ROUTE_TOPIC, status);
    if (status == AIRS_OK)
        status = router_publish(router_of(self), &self->cell, actor_trace_parent(&self->cell), to,
                                exchange_from_engine(payload), ret_reached, &error);
    *ret = exchange_send_outcome(self, status);
}

// ---------------------------------------------------------------- names

static engine_register_tag register_tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_REGISTER_OK;
    case AIRS_E_TAKEN:
        return ENGINE_REGISTER_TAKEN;
    case AIRS_E_INVALID:
        return ENGINE_REGISTER_INVALID_NAME;
    default:
        return ENGINE_REGISTER_DENIED;
    }
}

static void register_name(void *user, engine_bytes name, engine_number_outcome *ret)
{
    component_actor *self = user;
    airs_error error = {.text = ""};
    airs_bytes wanted = exchange_from_engine(name);
    airs_status status = actor_name_check(wanted, &error);
    keep_text(self, &error);
    if (status == AIRS_OK)
        status = authority_check_name(self, wanted);
    if (status == AIRS_OK) {
        status = actor_name_register(&self->cell, wanted, &error);
        keep_text(self, &error);
    }
    if (status == AIRS_OK && !authority_still(self)) {
        status = authority_check_name(self, wanted);
        if (status != AIRS_OK)
            (void)actor_name_unregister(&self->cell, wanted);
    }
    *ret = outcome(self, register_tag_of(status), 0);
}

static bool unregister_name(void *user, engine_bytes name)
{
    component_actor *self = user;
    return actor_name_unregister(&self->cell, exchange_from_engine(name));
}

// ---------------------------------------------------------------- timers

static engine_timer_tag timer_tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_TIMER_OK;
    case AIRS_E_GONE:
        return ENGINE_TIMER_GONE;
    case AIRS_E_DENIED:
        return ENGINE_TIMER_DENIED;
    default:
        return ENGINE_TIMER_LIMIT;
    }
}

static void set_alarm(component_actor *self, uint64_t delay_ms, uint64_t period_ms, uint64_t to, engine_bytes payload,
                      engine_number_outcome *ret)
{
    uint64_t timer = 0;
    airs_status status = AIRS_OK;
    if (to != self->cell.id)
        status = authority_check_send(self, CAPABILITY_MESSAGING_SEND, to);
    if (status == AIRS_OK)
        status = component_actor_take_rate(self);
    if (status != AIRS_OK)
        actor_count_send(self->cell.space, AIRS_ROUTE_TIMER, status);
    if (status == AIRS_OK)
        status = alarm_set(&router_of(self)->alarms, &self->cell, delay_ms, period_ms, to,
                           exchange_from_engine(payload), &timer);
    if (status == AIRS_OK && to != self->cell.id && !authority_still(self)) {
        status = authority_check_send(self, CAPABILITY_MESSAGING_SEND, to);
        if (status != AIRS_OK)
            (void)alarm_cancel(&router_of(self)->alarms, &self->cell, timer);
    }
    *ret = outcome(self, timer_tag_of(status), timer);
}

static void send_after(void *user, uint64_t delay_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret)
{
    set_alarm(user, delay_ms, 0, to, payload, ret);
}

static void send_every(void *user, uint64_t period_ms, uint64_t to, engine_bytes payload, engine_number_outcome *ret)
{
    // A period of 0 would be a flood; the shortest is the resolution of timers.
    uint64_t period = period_ms == 0 ? 1 : period_ms;
    set_alarm(user, period, period, to, payload, ret);
}

static bool cancel_timer(void *user, uint64_t timer)
{
    component_actor *self = user;
    return alarm_cancel(&router_of(self)->alarms, &self->cell, timer);
}

void component_host_init_routes(engine_host *host)
{
    host->subscribe = subscribe;
    host->unsubscribe = unsubscribe;
    host->publish = publish;
    host->register_name = register_name;
    host->unregister_name = unregister_name;
    host->send_after = send_after;
    host->send_every = send_every;
    host->cancel_timer = cancel_timer;
}
