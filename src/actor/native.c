// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/native.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

#define NATIVE_STATE_MAX ((size_t)1 << 30)

struct airs_context {
    actor *self;
    void *user;
    bool exit_requested;
};

typedef struct native_actor {
    actor cell;
    airs_native native;
    airs_child_fns child;
    airs_actor_fns actor;
    struct airs_context context;
    /// `start` came back well in this incarnation.
    bool started;
    /// `native.state_size` bytes, all of them zeroed for each incarnation.
    _Alignas(max_align_t) uint8_t state[];
} native_actor;

static native_actor *of(actor *cell)
{
    return ds_container_of(cell, native_actor, cell);
}

// ---------------------------------------------------------------- lifecycle

static actor_progress start(actor *cell, airs_start_cause cause, actor_failure *ret_failure)
{
    native_actor *self = of(cell);
    memset(self->state, 0, self->native.state_size);
    self->context = (struct airs_context){.self = cell, .user = self->native.user};
    self->started = false;
    if (self->child.start != NULL) {
        airs_start_info info = {{cell->id},   actor_name(cell),  cause, cell->window_restarts,
                                cell->config, cell->config_count};
        airs_error error = {.status = AIRS_OK, .text = ""};
        airs_status status = self->child.start(self->state, &self->context, &info, &error);
        if (status != AIRS_OK)
            return actor_fail(ret_failure, AIRS_EXIT_FAILED, "start: %.200s",
                              error.text[0] == '\0' ? airs_status_text(status) : error.text);
    }
    self->started = true;
    return ACTOR_DONE;
}

static void call_stop(native_actor *self, airs_stop_reason reason)
{
    if (self->started && self->child.stop != NULL)
        self->child.stop(self->state, &self->context, reason);
    self->started = false;
}

static actor_progress stop(actor *cell, airs_stop_reason reason, actor_failure *ret_failure)
{
    (void)ret_failure;
    call_stop(of(cell), reason);
    return ACTOR_DONE;
}

static void destroy(actor *cell, bool failed)
{
    (void)failed;
    call_stop(of(cell), AIRS_STOP_NORMAL);
}

// ---------------------------------------------------------------- messages

static airs_status handle_message(native_actor *self, const envelope *mail, airs_error *error)
{
    if (self->actor.handle == NULL)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "this actor takes no messages");
    airs_message message = {.sender = {mail->sender},
                            .request = {mail->request},
                            .topic = envelope_topic(mail),
                            .payload = envelope_payload(mail)};
    return self->actor.handle(self->state, &self->context, &message, error);
}

static airs_status handle_reply(native_actor *self, const envelope *mail, airs_error *error)
{
    if (self->actor.handle_reply == NULL)
        return AIRS_OK;
    airs_reply reply = {{mail->request}, (airs_status)mail->status, envelope_payload(mail)};
    return self->actor.handle_reply(self->state, &self->context, &reply, error);
}

/// The text is copied, because what is in an envelope has no NUL.
static airs_status handle_down(native_actor *self, const envelope *mail, airs_error *error)
{
    char text[ACTOR_FAILURE_SIZE + ACTOR_BACKTRACE_SIZE];
    base_text_copy(text, sizeof text, envelope_payload(mail));
    char *sentence_end = strchrnul(text, '\n');
    const char *backtrace = *sentence_end == '\0' ? "" : sentence_end + 1;
    *sentence_end = '\0';
    airs_down down = {.monitor = mail->request,
                      .actor = {mail->sender},
                      .reason = (airs_exit)mail->status,
                      .text = text,
                      .backtrace = backtrace,
                      .will_restart = mail->will_restart};
    return self->actor.handle_down(self->state, &self->context, &down, error);
}

static airs_status handle(native_actor *self, const envelope *mail, airs_error *error)
{
    if (mail->kind == ENVELOPE_MESSAGE)
        return handle_message(self, mail, error);
    return mail->kind == ENVELOPE_REPLY ? handle_reply(self, mail, error) : handle_down(self, mail, error);
}

static actor_progress drain(actor *cell, actor_failure *ret_failure)
{
    (void)ret_failure;
    native_actor *self = of(cell);
    for (;;) {
        if (self->context.exit_requested)
            return ACTOR_EXITED;
        bool yield;
        envelope *mail = actor_take(cell, &yield);
        if (mail == NULL)
            return yield ? ACTOR_YIELDED : ACTOR_DONE;
        // Not an initializer, which would clear all of the text: a third of what a message costs.
        airs_error error;
        error.status = AIRS_OK;
        error.text[0] = '\0';
        airs_status status = handle(self, mail, &error);
        if (status == AIRS_OK)
            actor_settle(cell);
        else
            actor_settle_failed(cell, base_bytes_of(error.text[0] == '\0' ? airs_status_text(status) : error.text));
    }
}

static void fini(actor *cell)
{
    (void)cell;
}

/// Those that can't be asked have no health to look after.
static actor_progress check(actor *cell, airs_health *ret, char *ret_text)
{
    native_actor *self = of(cell);
    airs_health said = self->child.check(self->state, &self->context, ret_text);
    *ret = (unsigned)said > AIRS_HEALTH_UNHEALTHY ? AIRS_HEALTH_UNHEALTHY : said;
    return ACTOR_DONE;
}

static const actor_child_fns child_fns = {.start = start, .stop = stop, .destroy = destroy, .check = check};
static const actor_message_fns message_fns = {.drain = drain};
static const actor_kind native_kind = {
    .kind = AIRS_KIND_NATIVE, .child = &child_fns, .messages = &message_fns, .fini = fini};

airs_status native_spawn(actor_space *space, const airs_native *native, const actor_options *options, uint64_t *ret_id,
                         airs_error *error)
{
    if (native->state_size > NATIVE_STATE_MAX)
        return base_error_set(error, AIRS_E_INVALID, "state_size is %zu, the largest is %zu", native->state_size,
                              NATIVE_STATE_MAX);
    native_actor *self = base_alloc_aligned(space->allocator, sizeof *self + native->state_size, BASE_CACHE_LINE);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    self->native = *native;
    if (native->child != NULL)
        self->child = *native->child;
    if (native->actor != NULL)
        self->actor = *native->actor;
    actor_options cell_options = *options;
    cell_options.component_name = native->kind == NULL ? "native" : native->kind;
    cell_options.component_version = "";
    cell_options.user = native->user;
    if (cell_options.health.kind == AIRS_HEALTH_CHECK && self->child.check == NULL)
        cell_options.health.kind = AIRS_HEALTH_NONE;
    cell_options.takes_downs = self->actor.handle_down != NULL;
    airs_status status = actor_spawn(space, &self->cell, &native_kind, &cell_options, ret_id, error);
    if (status != AIRS_OK)
        base_free_aligned(space->allocator, self);
    return status;
}

// ---------------------------------------------------------------- what a handler may do

actor *native_context_actor(const airs_context *context)
{
    actor *self = context == NULL ? NULL : context->self;
    return self != NULL && sched_current_task(self->space->sched) == &self->task ? self : NULL;
}

airs_actor_id airs_context_self(const airs_context *context)
{
    const actor *self = native_context_actor(context);
    return (airs_actor_id){self == NULL ? 0 : self->id};
}

airs_system *airs_context_system(const airs_context *context)
{
    const actor *self = native_context_actor(context);
    return self == NULL ? NULL : self->space->system;
}

void *airs_context_user(const airs_context *context)
{
    return native_context_actor(context) == NULL ? NULL : context->user;
}

void airs_context_exit(airs_context *context, const char *failure)
{
    actor *self = native_context_actor(context);
    if (self == NULL)
        return;
    actor_exit(self, failure);
    context->exit_requested = true;
}
