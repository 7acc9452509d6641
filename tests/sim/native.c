// SPDX-License-Identifier: MIT OR Apache-2.0
/// Participants that are native actors: they do their ops inside a handler, with what a native actor may call.
#include "actor/native.h"
#include "actor/names.h"
#include "base/bytes.h"
#include "base/error.h"
#include "world.h"

static mind *mind_of(const airs_context *context)
{
    return airs_context_user(context);
}

static airs_status status_of(bool did)
{
    return did ? AIRS_OK : AIRS_E_GONE;
}

static airs_status do_message(airs_context *context, const op *it, op_result *ret)
{
    actor *self = native_context_actor(context);
    airs_actor_id to = {it->to};
    switch (it->kind) {
    case OP_SEND:
        return airs_context_send(context, to, it->payload, it->len);
    case OP_REQUEST: {
        airs_request_id request;
        airs_status status = airs_context_request(context, to, it->payload, it->len, it->timeout_ms, &request);
        if (status == AIRS_OK)
            ret->number = request.raw;
        return status;
    }
    case OP_REPLY:
        if (it->settle == SETTLE_ERROR)
            return airs_context_refuse(context, (airs_request_id){it->number}, "no");
        return airs_context_reply(context, (airs_request_id){it->number}, it->payload, it->len);
    case OP_FORWARD:
        return airs_context_forward(context, to);
    default: {
        uint32_t reached;
        airs_status status = router_publish(self->space->router, self, NULL, base_bytes_of(it->text),
                                            (airs_bytes){it->payload, it->len}, &reached, NULL);
        if (status == AIRS_OK)
            ret->number = reached;
        return status;
    }
    }
}

static airs_status do_route(airs_context *context, const op *it, op_result *ret)
{
    actor *self = native_context_actor(context);
    router *routes = self->space->router;
    airs_bytes text = it->text == NULL ? (airs_bytes){0} : base_bytes_of(it->text);
    airs_bytes group = it->group == NULL ? (airs_bytes){0} : base_bytes_of(it->group);
    airs_bytes payload = {it->payload, it->len};
    switch (it->kind) {
    case OP_SUBSCRIBE:
        return router_subscribe(routes, self, text, group, &ret->number, NULL);
    case OP_UNSUBSCRIBE:
        return status_of(router_unsubscribe(routes, self, it->number));
    case OP_REGISTER:
        return actor_name_register(self, text, NULL);
    case OP_UNREGISTER:
        return status_of(actor_name_unregister(self, text));
    case OP_SEND_AFTER:
        return alarm_set(&routes->alarms, self, it->delay_ms, 0, it->to, payload, &ret->number);
    case OP_SEND_EVERY:
        return alarm_set(&routes->alarms, self, it->delay_ms, it->delay_ms, it->to, payload, &ret->number);
    default:
        return status_of(alarm_cancel(&routes->alarms, self, it->number));
    }
}

static airs_status do_watch(airs_context *context, const op *it, op_result *ret)
{
    airs_actor_id to = {it->to};
    switch (it->kind) {
    case OP_MONITOR:
        return airs_context_monitor(context, to, &ret->number);
    case OP_DEMONITOR:
        return status_of(airs_context_demonitor(context, it->number));
    case OP_LINK:
        return airs_context_link(context, to);
    default:
        airs_context_unlink(context, to);
        return AIRS_OK;
    }
}

static void do_op(mind *self, airs_context *context, const op *it)
{
    op_result result = {0};
    switch (it->kind) {
    case OP_SEND:
    case OP_REQUEST:
    case OP_REPLY:
    case OP_FORWARD:
    case OP_PUBLISH:
        result.status = do_message(context, it, &result);
        break;
    case OP_CANCEL:
        result.status = status_of(airs_context_cancel(context, (airs_request_id){it->number}));
        break;
    case OP_SPAWN:
        world_spawn(self->world);
        break;
    case OP_STOP:
        world_signal(self->world, it->to, ACTOR_SIGNAL_STOP);
        break;
    case OP_KILL:
        world_signal(self->world, it->to, ACTOR_SIGNAL_KILL);
        break;
    case OP_MONITOR:
    case OP_DEMONITOR:
    case OP_LINK:
    case OP_UNLINK:
        result.status = do_watch(context, it, &result);
        break;
    case OP_EXIT:
        airs_context_exit(context, it->well ? NULL : "it had enough");
        break;
    default:
        result.status = do_route(context, it, &result);
        break;
    }
    books_done(self, it, &result);
}

static void do_ops(mind *self, airs_context *context, op *ret_last)
{
    for (;;) {
        *ret_last = (op){.letter = NONE, .question = NONE};
        mind_decide(self, ret_last);
        if (ret_last->kind == OP_RETURN)
            return;
        do_op(self, context, ret_last);
    }
}

static airs_status start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    mind *self = mind_of(context);
    (void)state;
    MUST(self->world, info->id.raw == self->id);
    if (plan_has(&self->world->plan, FEATURE_FAILING_STARTS) && world_one_in(self->world, 8))
        return base_error_set(error, AIRS_E_FAILED, "it does not want to");
    books_incarnation_begins(self);
    op last;
    do_ops(self, context, &last);
    return AIRS_OK;
}

static void stop(void *state, airs_context *context, airs_stop_reason reason)
{
    mind *self = mind_of(context);
    (void)state;
    (void)reason;
    MUST(self->world, self->running);
    self->running = false;
}

static airs_status end_event(mind *self, airs_context *context, uint64_t request, airs_error *error)
{
    op last;
    do_ops(self, context, &last);
    airs_status status = AIRS_OK;
    if (last.settle == SETTLE_ERROR)
        status = base_error_set(error, AIRS_E_FAILED, "it failed at this one");
    if (last.settle == SETTLE_REPLY) {
        op_result result = {.status = airs_context_reply(context, (airs_request_id){request}, last.payload, last.len)};
        last.kind = OP_REPLY;
        last.number = request;
        books_done(self, &last, &result);
    }
    books_settled(self, &last);
    return status;
}

static airs_status handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    mind *self = mind_of(context);
    (void)state;
    books_sees_message(self, message);
    return end_event(self, context, message->request.raw, error);
}

static airs_status handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    mind *self = mind_of(context);
    (void)state;
    books_sees_reply(self, reply);
    return end_event(self, context, 0, error);
}

static airs_status handle_down(void *state, airs_context *context, const airs_down *down, airs_error *error)
{
    mind *self = mind_of(context);
    (void)state;
    books_sees_down(self, down);
    return end_event(self, context, 0, error);
}

airs_status native_mind_spawn(mind *self, const actor_options *options)
{
    static const airs_child_fns child = {.start = start, .stop = stop};
    static const airs_actor_fns hearing = {.handle = handle, .handle_reply = handle_reply, .handle_down = handle_down};
    static const airs_actor_fns deaf = {.handle = handle, .handle_reply = handle_reply};
    airs_native native = {.kind = "mind",
                          .child = &child,
                          .actor = self->index % 3 == 0 ? &deaf : &hearing,
                          .state_size = 16,
                          .user = self};
    return native_spawn(&self->world->space, &native, options, &self->id, NULL);
}
