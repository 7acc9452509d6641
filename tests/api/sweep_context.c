// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a handler may do. Everywhere else there is no context but NULL and, while it lives, that of another actor.
#include <stdio.h>
#include <string.h>

#include "airssys/capability.h"
#include "sweep.h"

/// The contexts that nothing can be done with here.
#define FOR_BAD_CONTEXTS(c) for (airs_context *c = NULL, *last_ = NULL; (c = next_bad(self, &last_), last_ != DONE);)
#define DONE ((airs_context *)(uintptr_t)1)
#define FIRST ((airs_context *)(uintptr_t)2)

/// NULL, then the stranger's, where there is one.
static airs_context *next_bad(const sweep *self, airs_context **state)
{
    if (*state == NULL) {
        *state = FIRST;
        return NULL;
    }
    *state = *state == FIRST && self->stranger != NULL ? self->stranger : DONE;
    return *state;
}

static void sweep_airs_context_self(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_self(bad).raw, 0);
    if (self->inside)
        EXPECT("itself", airs_context_self(self->context).raw, self->self.raw);
}

static void sweep_airs_context_system(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_system(bad) == NULL, true);
    if (self->inside)
        EXPECT("its system", airs_context_system(self->context) == self->system, true);
}

static void sweep_airs_context_user(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_user(bad) == NULL, true);
    if (self->inside)
        EXPECT("its own", airs_context_user(self->context) != NULL, true);
}

static void sweep_airs_context_message_id(const sweep *self)
{
    char text[17] = "untouched";
    FOR_BAD_CONTEXTS(bad)
    airs_context_message_id(bad, text);
    airs_context_message_id(self->context, NULL);
    EXPECT("untouched", strcmp(text, "untouched"), 0);
    if (!self->inside)
        return;
    airs_context_message_id(self->context, text);
    EXPECT("16 digits", strspn(text, "0123456789abcdef"), 16);
}

static void sweep_airs_context_attempt(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_attempt(bad), 0);
    if (self->owed.raw != 0)
        EXPECT("the first", airs_context_attempt(self->context), 1);
}

static void sweep_airs_context_deadline_ms(const sweep *self)
{
    uint64_t ms = 77;
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_deadline_ms(bad, &ms), false);
    EXPECT("NULL ret", airs_context_deadline_ms(self->context, NULL), false);
    EXPECT("untouched", ms, 77);
    if (self->inside)
        EXPECT("a request's", airs_context_deadline_ms(self->context, &ms), self->owed.raw != 0);
}

static void sweep_airs_context_sender_name(const sweep *self)
{
    char text[16] = "untouched";
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_sender_name(bad, text, sizeof text), false);
    EXPECT("NULL ret", airs_context_sender_name(self->context, NULL, 16), false);
    EXPECT("no room", airs_context_sender_name(self->context, text, 0), false);
    EXPECT("untouched", strcmp(text, "untouched"), 0);
}

static void sweep_airs_context_sender_allowed(const sweep *self)
{
    airs_error error;
    FOR_BAD_CONTEXTS(bad)
    EXPECT_ERROR("no context", airs_context_sender_allowed(bad, "led", "red", 3, &error), AIRS_E_INVALID, &error);
    if (!self->inside || self->owed.raw == 0)
        return;
    static const char *const names[] = {NULL, "", "a b", "led*", "\xff"};
    char many[300] = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        EXPECT_ERROR("a bad name", airs_context_sender_allowed(self->context, names[i], "red", 3, &error),
                     AIRS_E_INVALID, &error);
    memset(many, 'a', 129);
    EXPECT_ERROR("a long name", airs_context_sender_allowed(self->context, many, "red", 3, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("NULL object", airs_context_sender_allowed(self->context, "led", NULL, 1, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("a long object", airs_context_sender_allowed(self->context, "led", many, 257, &error), AIRS_E_INVALID,
                 &error);
    // Whoever drives this is no component.
    EXPECT("no component", airs_context_sender_allowed(self->context, "led", NULL, 0, NULL), AIRS_OK);
}

static void sweep_airs_context_trace_parent(const sweep *self)
{
    char text[56] = "untouched";
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_trace_parent(bad, text), false);
    EXPECT("NULL ret", airs_context_trace_parent(self->context, NULL), false);
    EXPECT("none", airs_context_trace_parent(self->context, text), false);
    EXPECT("untouched", strcmp(text, "untouched"), 0);
}

static void sweep_airs_context_set_trace_parent(const sweep *self)
{
    airs_error error;
    FOR_BAD_CONTEXTS(bad)
    {
        EXPECT_ERROR("no context", airs_context_set_trace_parent(bad, SWEEP_TRACE, &error), AIRS_E_INVALID, &error);
        EXPECT_ERROR("no context", airs_context_set_trace_parent(bad, NULL, &error), AIRS_E_INVALID, &error);
    }
    if (!self->inside)
        return;
    for (const bad_text *bad = sweep_bad_traces; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_context_set_trace_parent(self->context, bad->text, &error), AIRS_E_INVALID,
                     &error);
    char text[56];
    EXPECT("still none", airs_context_trace_parent(self->context, text), false);
    EXPECT("one", airs_context_set_trace_parent(self->context, SWEEP_TRACE, NULL), AIRS_OK);
    EXPECT("it has it", airs_context_trace_parent(self->context, text), true);
    EXPECT("as it was set", strcmp(text, SWEEP_TRACE), 0);
    EXPECT("none again", airs_context_set_trace_parent(self->context, NULL, NULL), AIRS_OK);
    EXPECT("it has none", airs_context_trace_parent(self->context, text), false);
}

static void sweep_airs_context_send(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_send(bad, self->echo, "x", 1), AIRS_E_INVALID);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT("NULL bytes", airs_context_send(context, self->echo, NULL, 1), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_context_send(context, bad->id, "x", 1), AIRS_E_GONE);
    EXPECT("empty", airs_context_send(context, self->mute, NULL, 0), AIRS_OK);
    EXPECT("the default's largest", airs_context_send(context, self->mute, sweep_payload, SWEEP_PAYLOAD_DEFAULT),
           AIRS_OK);
    EXPECT("and one byte", airs_context_send(context, self->mute, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1),
           AIRS_E_TOO_LARGE);
    EXPECT("the largest and one byte", airs_context_send(context, self->large, sweep_payload, SWEEP_PAYLOAD_MAX + 1),
           AIRS_E_TOO_LARGE);
    EXPECT("itself", airs_context_send(context, self->self, "ignore", 6), AIRS_OK);
}

static void sweep_airs_context_request(const sweep *self)
{
    airs_request_id request = {77};
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_request(bad, self->echo, "x", 1, 1, &request), AIRS_E_INVALID);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT("NULL bytes", airs_context_request(context, self->echo, NULL, 1, 1, &request), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_context_request(context, self->echo, "x", 1, 1, NULL), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_context_request(context, bad->id, "x", 1, UINT32_MAX, &request), AIRS_E_GONE);
    EXPECT("too large",
           airs_context_request(context, self->echo, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1, UINT32_MAX, &request),
           AIRS_E_TOO_LARGE);
    EXPECT("untouched", request.raw, 77);
    EXPECT("no time", airs_context_request(context, self->mute, "x", 1, 0, &request), AIRS_OK);
    EXPECT("all time", airs_context_request(context, self->mute, "x", 1, UINT32_MAX, &request), AIRS_OK);
    EXPECT("given up", airs_context_cancel(context, request), true);
    EXPECT("itself", airs_context_request(context, self->self, "ignore", 6, UINT32_MAX, &request), AIRS_OK);
    EXPECT("given up", airs_context_cancel(context, request), true);
}

/// Requests that are not this actor's.
static const airs_request_id strange_requests[] = {{0}, {1}, {77}, {1u << 20}, {UINT64_MAX}};
#define STRANGE (sizeof strange_requests / sizeof strange_requests[0])

static void sweep_airs_context_cancel(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_cancel(bad, self->owed), false);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none", airs_context_cancel(self->context, strange_requests[i]), false);
    EXPECT("one to answer", airs_context_cancel(self->context, self->owed), false);
}

static void sweep_airs_context_reply(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_reply(bad, self->owed, "x", 1), AIRS_E_INVALID);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT("NULL bytes", airs_context_reply(context, self->owed, NULL, 1), AIRS_E_INVALID);
    EXPECT("too large", airs_context_reply(context, self->owed, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1),
           AIRS_E_TOO_LARGE);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none of its own", airs_context_reply(context, strange_requests[i], "x", 1), AIRS_E_GONE);
    airs_request_id own;
    EXPECT("a request", airs_context_request(context, self->mute, "x", 1, UINT32_MAX, &own), AIRS_OK);
    EXPECT("that it asked itself", airs_context_reply(context, own, "x", 1), AIRS_E_GONE);
    EXPECT("given up", airs_context_cancel(context, own), true);
}

static void sweep_airs_context_refuse(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_refuse(bad, self->owed, "no"), AIRS_E_INVALID);
    if (!self->inside)
        return;
    for (size_t i = 0; i < STRANGE; i++) {
        EXPECT("none of its own", airs_context_refuse(self->context, strange_requests[i], "no"), AIRS_E_GONE);
        EXPECT("without a text", airs_context_refuse(self->context, strange_requests[i], NULL), AIRS_E_GONE);
    }
}

static void sweep_airs_context_forward(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_forward(bad, self->echo), AIRS_E_INVALID);
    if (!self->inside)
        return;
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_context_forward(self->context, bad->id),
               self->owed.raw == 0 ? AIRS_E_INVALID : AIRS_E_GONE);
    if (self->owed.raw == 0)
        EXPECT("nothing in hand", airs_context_forward(self->context, self->echo), AIRS_E_INVALID);
}

static void sweep_airs_context_subscribe(const sweep *self)
{
    uint64_t subscription = 77;
    airs_error error;
    FOR_BAD_CONTEXTS(bad)
    EXPECT_ERROR("no context", airs_context_subscribe(bad, "a", NULL, &subscription, &error), AIRS_E_INVALID, &error);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT_ERROR("NULL pattern", airs_context_subscribe(context, NULL, NULL, &subscription, &error), AIRS_E_INVALID,
                 &error);
    EXPECT_ERROR("NULL ret", airs_context_subscribe(context, "a", NULL, NULL, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_patterns; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_context_subscribe(context, bad->text, NULL, &subscription, &error), AIRS_E_INVALID,
                     &error);
    EXPECT_ERROR("a group that is too long",
                 airs_context_subscribe(context, "a", sweep_bad_topics[1].text, &subscription, &error), AIRS_E_INVALID,
                 &error);
    EXPECT("untouched", subscription, 77);
    EXPECT("one", airs_context_subscribe(context, "nobody.publishes.>", "", &subscription, NULL), AIRS_OK);
    EXPECT("ended", airs_context_unsubscribe(context, subscription), true);
    EXPECT("of a group", airs_context_subscribe(context, "nobody.*", "g", &subscription, NULL), AIRS_OK);
    EXPECT("ended", airs_context_unsubscribe(context, subscription), true);
}

static void sweep_airs_context_unsubscribe(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_unsubscribe(bad, 1), false);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none", airs_context_unsubscribe(self->context, strange_requests[i].raw), false);
}

static void sweep_airs_context_publish(const sweep *self)
{
    uint32_t reached = 77;
    airs_error error;
    FOR_BAD_CONTEXTS(bad)
    EXPECT_ERROR("no context", airs_context_publish(bad, "a", "x", 1, &reached, &error), AIRS_E_INVALID, &error);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT_ERROR("NULL topic", airs_context_publish(context, NULL, "x", 1, &reached, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL bytes", airs_context_publish(context, "a", NULL, 1, &reached, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_topics; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_context_publish(context, bad->text, "x", 1, &reached, &error), AIRS_E_INVALID,
                     &error);
    EXPECT_ERROR("too large",
                 airs_context_publish(context, "a", sweep_payload, SWEEP_PAYLOAD_MAX + 1, &reached, &error),
                 AIRS_E_TOO_LARGE, &error);
    EXPECT("untouched", reached, 77);
    EXPECT("to nobody", airs_context_publish(context, "a.b", "", 0, &reached, NULL), AIRS_OK);
    EXPECT("reached", reached, 0);
}

static void sweep_airs_context_register(const sweep *self)
{
    airs_error error;
    FOR_BAD_CONTEXTS(bad)
    EXPECT_ERROR("no context", airs_context_register(bad, "c", &error), AIRS_E_INVALID, &error);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT_ERROR("NULL", airs_context_register(context, NULL, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_context_register(context, bad->text, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a taken one", airs_context_register(context, "echo", &error), AIRS_E_TAKEN, &error);
    char name[32];
    for (int i = 0; i <= 64; i++) {
        (void)snprintf(name, sizeof name, "c-%d", i);
        EXPECT("64 names", airs_context_register(context, name, NULL), i < 64 ? AIRS_OK : AIRS_E_LIMIT);
    }
    for (int i = 0; i < 64; i++) {
        (void)snprintf(name, sizeof name, "c-%d", i);
        EXPECT("each is ended", airs_context_unregister(context, name), true);
    }
}

static void sweep_airs_context_unregister(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_unregister(bad, "c"), false);
    EXPECT("NULL", airs_context_unregister(self->context, NULL), false);
    EXPECT("nobody's", airs_context_unregister(self->context, "c"), false);
    EXPECT("another one's", airs_context_unregister(self->context, "echo"), false);
}

/// Times that are never reached while the test runs.
static const uint64_t far_ms[] = {3600000, UINT32_MAX, UINT64_MAX / 1000000, UINT64_MAX};

static void sweep_airs_context_send_after(const sweep *self)
{
    uint64_t timer = 77;
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_send_after(bad, 1, self->echo, "x", 1, &timer), AIRS_E_INVALID);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT("NULL bytes", airs_context_send_after(context, 1, self->echo, NULL, 1, &timer), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_context_send_after(context, 1, self->echo, "x", 1, NULL), AIRS_E_INVALID);
    EXPECT("too large",
           airs_context_send_after(context, 1, self->echo, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1, &timer),
           AIRS_E_TOO_LARGE);
    EXPECT("untouched", timer, 77);
    for (size_t i = 0; i < sizeof far_ms / sizeof far_ms[0]; i++) {
        EXPECT("late", airs_context_send_after(context, far_ms[i], self->echo, "x", 1, &timer), AIRS_OK);
        EXPECT("cancelled", airs_context_cancel_timer(context, timer), true);
        EXPECT("only once", airs_context_cancel_timer(context, timer), false);
    }
    EXPECT("at once", airs_context_send_after(context, 0, self->mute, "", 0, &timer), AIRS_OK);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_context_send_after(context, 0, bad->id, "x", 1, &timer), AIRS_OK);
}

static void sweep_airs_context_send_every(const sweep *self)
{
    uint64_t timer = 77;
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_send_every(bad, 1, self->echo, "x", 1, &timer), AIRS_E_INVALID);
    airs_context *context = self->context;
    if (!self->inside)
        return;
    EXPECT("NULL bytes", airs_context_send_every(context, 1, self->echo, NULL, 1, &timer), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_context_send_every(context, 1, self->echo, "x", 1, NULL), AIRS_E_INVALID);
    EXPECT("no period", airs_context_send_every(context, 0, self->echo, "x", 1, &timer), AIRS_E_INVALID);
    EXPECT("too large",
           airs_context_send_every(context, 1, self->echo, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1, &timer),
           AIRS_E_TOO_LARGE);
    EXPECT("untouched", timer, 77);
    for (size_t i = 0; i < sizeof far_ms / sizeof far_ms[0]; i++) {
        EXPECT("rarely", airs_context_send_every(context, far_ms[i], self->echo, "x", 1, &timer), AIRS_OK);
        EXPECT("cancelled", airs_context_cancel_timer(context, timer), true);
    }
    EXPECT("as often as can be", airs_context_send_every(context, 1, self->mute, "", 0, &timer), AIRS_OK);
    EXPECT("cancelled", airs_context_cancel_timer(context, timer), true);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_context_send_every(context, 1, bad->id, "x", 1, &timer), AIRS_OK);
}

static void sweep_airs_context_cancel_timer(const sweep *self)
{
    FOR_BAD_CONTEXTS(bad)
    EXPECT("no context", airs_context_cancel_timer(bad, 1), false);
    for (size_t i = 0; i < STRANGE; i++)
        EXPECT("none", airs_context_cancel_timer(self->context, strange_requests[i].raw), false);
}

static void sweep_airs_context_exit(const sweep *self)
{
    // That it ends who calls it is for other tests; here it must end nobody else.
    FOR_BAD_CONTEXTS(bad)
    {
        airs_context_exit(bad, NULL);
        airs_context_exit(bad, "no reason");
    }
    airs_actor_info info;
    if (self->stranger != NULL)
        EXPECT("the other one lives", airs_actor_get_info(self->system, self->mute, &info), AIRS_OK);
}

const sweep_row sweep_rows_context[] = {
    SWEEP_ROW(airs_context_self),
    SWEEP_ROW(airs_context_system),
    SWEEP_ROW(airs_context_user),
    SWEEP_ROW(airs_context_message_id),
    SWEEP_ROW(airs_context_attempt),
    SWEEP_ROW(airs_context_deadline_ms),
    SWEEP_ROW(airs_context_sender_name),
    SWEEP_ROW(airs_context_sender_allowed),
    SWEEP_ROW(airs_context_send),
    SWEEP_ROW(airs_context_request),
    SWEEP_ROW(airs_context_cancel),
    SWEEP_ROW(airs_context_reply),
    SWEEP_ROW(airs_context_refuse),
    SWEEP_ROW(airs_context_forward),
    SWEEP_ROW(airs_context_subscribe),
    SWEEP_ROW(airs_context_unsubscribe),
    SWEEP_ROW(airs_context_publish),
    SWEEP_ROW(airs_context_register),
    SWEEP_ROW(airs_context_unregister),
    SWEEP_ROW(airs_context_send_after),
    SWEEP_ROW(airs_context_send_every),
    SWEEP_ROW(airs_context_cancel_timer),
    SWEEP_ROW(airs_context_exit),
    SWEEP_ROW(airs_context_trace_parent),
    SWEEP_ROW(airs_context_set_trace_parent),
    {0},
};
