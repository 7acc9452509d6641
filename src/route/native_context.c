// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/actor.h: what a handler may do, but for what src/actor/native.c has. Native actors are trusted: no
/// grants.
#include "actor/context.h"
#include "actor/links.h"
#include "actor/names.h"
#include "actor/native.h"
#include "base/bytes.h"
#include "base/error.h"
#include "route/router.h"

/// The actor, or NULL with the error set: no context, or not its thread, or one of the two pointers is NULL.
static actor *caller(const airs_context *context, bool arguments, airs_error *error)
{
    actor *self = arguments ? native_context_actor(context) : NULL;
    if (self == NULL)
        (void)base_error_set(error, AIRS_E_INVALID, "%s",
                             arguments ? "the context is NULL or not this thread's" : "an argument is NULL");
    return self;
}

static bool is_payload(const void *payload, size_t len)
{
    return payload != NULL || len == 0;
}

// ---------------------------------------------------------------- messages

airs_status airs_context_send(airs_context *context, airs_actor_id to, const void *payload, size_t len)
{
    const actor *self = caller(context, is_payload(payload, len), NULL);
    return self == NULL ? AIRS_E_INVALID : router_send(self, to.raw, (airs_bytes){payload, len});
}

airs_status airs_context_request(airs_context *context, airs_actor_id to, const void *payload, size_t len,
                                 uint32_t timeout_ms, airs_request_id *ret_request)
{
    actor *self = caller(context, is_payload(payload, len) && ret_request != NULL, NULL);
    if (self == NULL)
        return AIRS_E_INVALID;
    request_options options = {.kind = REQUEST_EVENT,
                               .owner = self,
                               .trace = actor_trace_parent(self),
                               .asker = self->id,
                               .incarnation = self->incarnation,
                               .receiver = to.raw,
                               .timeout_ms = timeout_ms};
    return actor_request(self->space, &options, (airs_bytes){payload, len}, &ret_request->raw);
}

bool airs_context_cancel(airs_context *context, airs_request_id request)
{
    const actor *self = native_context_actor(context);
    return self != NULL && request_cancel(self->space, request.raw, self->id);
}

airs_status airs_context_reply(airs_context *context, airs_request_id request, const void *payload, size_t len)
{
    actor *self = caller(context, is_payload(payload, len), NULL);
    return self == NULL ? AIRS_E_INVALID : actor_answer(self, request.raw, AIRS_OK, (airs_bytes){payload, len});
}

airs_status airs_context_refuse(airs_context *context, airs_request_id request, const char *text)
{
    actor *self = native_context_actor(context);
    return self == NULL ? AIRS_E_INVALID : actor_answer(self, request.raw, AIRS_E_FAILED, base_bytes_of(text));
}

airs_status airs_context_forward(airs_context *context, airs_actor_id to)
{
    actor *self = native_context_actor(context);
    return self == NULL ? AIRS_E_INVALID : actor_forward(self, to.raw);
}

// ---------------------------------------------------------------- the message in hand

void airs_context_message_id(const airs_context *context, char ret_text[17])
{
    const actor *self = native_context_actor(context);
    if (self != NULL && ret_text != NULL)
        actor_message_id(self, ret_text);
}

uint32_t airs_context_attempt(const airs_context *context)
{
    const actor *self = native_context_actor(context);
    return self == NULL ? 0 : actor_message_attempt(self);
}

bool airs_context_deadline_ms(const airs_context *context, uint64_t *ret_ms)
{
    const actor *self = native_context_actor(context);
    return self != NULL && ret_ms != NULL && actor_message_deadline_ms(self, ret_ms);
}

bool airs_context_sender_name(const airs_context *context, char *ret_text, size_t size)
{
    const actor *self = native_context_actor(context);
    return self != NULL && ret_text != NULL && size > 0 && actor_message_sender_name(self, ret_text, size);
}

bool airs_context_trace_parent(const airs_context *context, char ret_text[56])
{
    const actor *self = native_context_actor(context);
    return self != NULL && ret_text != NULL && actor_message_trace(self, ret_text);
}

airs_status airs_context_set_trace_parent(airs_context *context, const char *text, airs_error *error)
{
    actor *self = caller(context, true, error);
    trace_parent trace;
    airs_status status = self == NULL   ? AIRS_E_INVALID
                         : text == NULL ? AIRS_OK
                                        : trace_parse(base_bytes_of(text), &trace, error);
    if (status == AIRS_OK)
        actor_set_trace(self, text == NULL ? NULL : &trace);
    return status;
}

// ---------------------------------------------------------------- topics

airs_status airs_context_subscribe(airs_context *context, const char *pattern, const char *group,
                                   uint64_t *ret_subscription, airs_error *error)
{
    actor *self = caller(context, pattern != NULL && ret_subscription != NULL, error);
    return self == NULL ? AIRS_E_INVALID
                        : router_subscribe(self->space->router, self, base_bytes_of(pattern), base_bytes_of(group),
                                           ret_subscription, error);
}

bool airs_context_unsubscribe(airs_context *context, uint64_t subscription)
{
    actor *self = native_context_actor(context);
    return self != NULL && router_unsubscribe(self->space->router, self, subscription);
}

airs_status airs_context_publish(airs_context *context, const char *topic, const void *payload, size_t len,
                                 uint32_t *ret_reached, airs_error *error)
{
    const actor *self = caller(context, topic != NULL && is_payload(payload, len), error);
    return self == NULL ? AIRS_E_INVALID
                        : router_publish(self->space->router, self, actor_trace_parent(self), base_bytes_of(topic),
                                         (airs_bytes){payload, len}, ret_reached, error);
}

// ---------------------------------------------------------------- names

airs_status airs_context_register(airs_context *context, const char *name, airs_error *error)
{
    actor *self = caller(context, name != NULL, error);
    return self == NULL ? AIRS_E_INVALID : actor_name_register(self, base_bytes_of(name), error);
}

bool airs_context_unregister(airs_context *context, const char *name)
{
    actor *self = name == NULL ? NULL : native_context_actor(context);
    return self != NULL && actor_name_unregister(self, base_bytes_of(name));
}

// ---------------------------------------------------------------- monitors and links

airs_status airs_context_monitor(airs_context *context, airs_actor_id actor_id, uint64_t *ret_monitor)
{
    actor *self = caller(context, ret_monitor != NULL, NULL);
    return self == NULL ? AIRS_E_INVALID : actor_monitor(self, actor_id.raw, ret_monitor);
}

bool airs_context_demonitor(airs_context *context, uint64_t monitor)
{
    actor *self = native_context_actor(context);
    return self != NULL && actor_demonitor(self, monitor);
}

airs_status airs_context_link(airs_context *context, airs_actor_id actor_id)
{
    actor *self = native_context_actor(context);
    return self == NULL ? AIRS_E_INVALID : actor_link(self, actor_id.raw);
}

void airs_context_unlink(airs_context *context, airs_actor_id actor_id)
{
    actor *self = native_context_actor(context);
    if (self != NULL)
        actor_unlink(self, actor_id.raw);
}

// ---------------------------------------------------------------- timers

static airs_status set_alarm(airs_context *context, uint64_t delay_ms, uint64_t period_ms, airs_actor_id to,
                             const void *payload, size_t len, uint64_t *ret_timer)
{
    actor *self = caller(context, ret_timer != NULL && is_payload(payload, len), NULL);
    return self == NULL ? AIRS_E_INVALID
                        : alarm_set(&self->space->router->alarms, self, delay_ms, period_ms, to.raw,
                                    (airs_bytes){payload, len}, ret_timer);
}

airs_status airs_context_send_after(airs_context *context, uint64_t delay_ms, airs_actor_id to, const void *payload,
                                    size_t len, uint64_t *ret_timer)
{
    return set_alarm(context, delay_ms, 0, to, payload, len, ret_timer);
}

airs_status airs_context_send_every(airs_context *context, uint64_t period_ms, airs_actor_id to, const void *payload,
                                    size_t len, uint64_t *ret_timer)
{
    if (period_ms == 0)
        return AIRS_E_INVALID;
    return set_alarm(context, period_ms, period_ms, to, payload, len, ret_timer);
}

bool airs_context_cancel_timer(airs_context *context, uint64_t timer)
{
    actor *self = native_context_actor(context);
    return self != NULL && alarm_cancel(&self->space->router->alarms, self, timer);
}
