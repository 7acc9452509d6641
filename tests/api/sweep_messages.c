// SPDX-License-Identifier: MIT OR Apache-2.0
/// Messages from outside.
#include <string.h>

#include "os/event.h"
#include "sweep.h"

/// With a time limit that is over sooner than a request is refused, its outcome is that.
#define PATIENCE_MS 60000u

static void sweep_airs_send(const sweep *self)
{
    EXPECT("NULL system", airs_send(NULL, self->echo, "x", 1), AIRS_E_INVALID);
    EXPECT("NULL bytes", airs_send(self->system, self->echo, NULL, 1), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_send(self->system, bad->id, "x", 1), sweep_outside(self, AIRS_E_GONE));
    EXPECT("empty, NULL", airs_send(self->system, self->mute, NULL, 0), sweep_outside(self, AIRS_OK));
    EXPECT("empty", airs_send(self->system, self->mute, "", 0), sweep_outside(self, AIRS_OK));
    EXPECT("with a NUL", airs_send(self->system, self->mute, "a\0b", 3), sweep_outside(self, AIRS_OK));
    EXPECT("the default's largest", airs_send(self->system, self->mute, sweep_payload, SWEEP_PAYLOAD_DEFAULT),
           sweep_outside(self, AIRS_OK));
    EXPECT("and one byte", airs_send(self->system, self->mute, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1),
           sweep_outside(self, AIRS_E_TOO_LARGE));
    EXPECT("the largest", airs_send(self->system, self->large, sweep_payload, SWEEP_PAYLOAD_MAX),
           sweep_outside(self, AIRS_OK));
    EXPECT("and one byte", airs_send(self->system, self->large, sweep_payload, SWEEP_PAYLOAD_MAX + 1),
           sweep_outside(self, AIRS_E_TOO_LARGE));
    EXPECT("as much as there can be", airs_send(self->system, self->large, sweep_payload, SIZE_MAX),
           sweep_outside(self, AIRS_E_TOO_LARGE));
    if (self->inside)
        EXPECT("itself", airs_send(self->system, self->self, "x", 1), sweep_outside(self, AIRS_OK));
}

static void check_ask_arguments(const sweep *self)
{
    airs_buffer reply = {0};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_ask(NULL, self->echo, "x", 1, 1, &reply, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_ask(self->system, self->echo, "x", 1, 1, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL bytes", airs_ask(self->system, self->echo, NULL, 1, 1, &reply, &error), AIRS_E_INVALID, &error);
    EXPECT("untouched", reply.data == NULL && reply.len == 0, true);
}

static void sweep_airs_ask(const sweep *self)
{
    check_ask_arguments(self);
    airs_buffer reply = {0};
    airs_error error;
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_ask(self->system, bad->id, "x", 1, PATIENCE_MS, &reply, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    EXPECT_ERROR("no time", airs_ask(self->system, self->mute, "x", 1, 0, &reply, &error),
                 sweep_blocking(self, AIRS_E_TIMEOUT), &error);
    EXPECT_ERROR("little time", airs_ask(self->system, self->mute, "x", 1, 1, &reply, &error),
                 sweep_blocking(self, AIRS_E_TIMEOUT), &error);
    EXPECT_ERROR(
        "too large",
        airs_ask(self->system, self->echo, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1, UINT32_MAX, &reply, &error),
        sweep_blocking(self, AIRS_E_TOO_LARGE), &error);
    EXPECT("nothing came", reply.data == NULL && reply.len == 0, true);
    airs_status status = airs_ask(self->system, self->echo, "a\0b", 3, UINT32_MAX, &reply, NULL);
    EXPECT("all time", status, sweep_blocking(self, AIRS_OK));
    if (status == AIRS_OK)
        EXPECT("its reply", reply.len == 3 && memcmp(reply.data, "a\0b", 3) == 0, true);
    airs_buffer_free(&reply);
    status = airs_ask(self->system, self->echo, NULL, 0, UINT32_MAX, &reply, NULL);
    EXPECT("empty", status, sweep_blocking(self, AIRS_OK));
    EXPECT("an empty reply", reply.len, 0);
    airs_buffer_free(&reply);
    status = airs_ask(self->system, self->large, sweep_payload, SWEEP_PAYLOAD_MAX, UINT32_MAX, &reply, NULL);
    EXPECT("the largest", status, sweep_blocking(self, AIRS_OK));
    EXPECT("and back", reply.len, status == AIRS_OK ? SWEEP_PAYLOAD_MAX : 0);
    airs_buffer_free(&reply);
    if (self->inside)
        EXPECT("itself", airs_ask(self->system, self->self, "x", 1, 1, &reply, &error), AIRS_E_WOULD_BLOCK);
}

/// What a callback was told.
typedef struct outcome {
    os_event told;
    airs_status status;
    size_t len;
} outcome;

static void on_outcome(void *user, const airs_reply *reply)
{
    outcome *told = user;
    told->status = reply->status;
    told->len = reply->payload.len;
    os_event_set(&told->told);
}

/// Asks and, where that is possible, waits for the outcome.
static void ask_async(const sweep *self, const char *what, airs_actor_id to, size_t len, uint32_t timeout_ms,
                      airs_status wanted)
{
    // Inside a handler nobody may wait: the outcome comes to nobody's memory but the system's own time.
    static outcome unseen;
    outcome seen = {.status = AIRS_E_INTERNAL};
    os_event_init(&seen.told);
    outcome *told = self->inside ? &unseen : &seen;
    airs_status status = airs_ask_async(self->system, to, sweep_payload, len, timeout_ms, on_outcome, told);
    EXPECT(what, status, sweep_outside(self, AIRS_OK));
    if (status != AIRS_OK || self->inside)
        return;
    EXPECT("it is told", os_event_wait(&seen.told, UINT64_MAX), true);
    EXPECT(what, seen.status, wanted);
    EXPECT("its reply", seen.len, wanted == AIRS_OK ? len : 0);
}

static void sweep_airs_ask_async(const sweep *self)
{
    EXPECT("NULL system", airs_ask_async(NULL, self->echo, "x", 1, 1, on_outcome, NULL), AIRS_E_INVALID);
    EXPECT("NULL function", airs_ask_async(self->system, self->echo, "x", 1, 1, NULL, NULL), AIRS_E_INVALID);
    EXPECT("NULL bytes", airs_ask_async(self->system, self->echo, NULL, 1, 1, on_outcome, NULL), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_ask_async(self->system, bad->id, "x", 1, PATIENCE_MS, on_outcome, NULL),
               sweep_outside(self, AIRS_E_GONE));
    EXPECT("too large",
           airs_ask_async(self->system, self->echo, sweep_payload, SWEEP_PAYLOAD_DEFAULT + 1, PATIENCE_MS, on_outcome,
                          NULL),
           sweep_outside(self, AIRS_E_TOO_LARGE));
    ask_async(self, "no time", self->mute, 1, 0, AIRS_E_TIMEOUT);
    ask_async(self, "all time", self->echo, 1, UINT32_MAX, AIRS_OK);
    ask_async(self, "empty", self->echo, 0, UINT32_MAX, AIRS_OK);
    ask_async(self, "the default's largest", self->echo, SWEEP_PAYLOAD_DEFAULT, UINT32_MAX, AIRS_OK);
}

static void sweep_airs_publish(const sweep *self)
{
    uint32_t reached = 77;
    airs_error error;
    EXPECT_ERROR("NULL system", airs_publish(NULL, "a", "x", 1, &reached, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL topic", airs_publish(self->system, NULL, "x", 1, &reached, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL bytes", airs_publish(self->system, "a", NULL, 1, &reached, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_topics; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_publish(self->system, bad->text, "x", 1, &reached, &error),
                     sweep_outside(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("too large", airs_publish(self->system, "a", sweep_payload, SWEEP_PAYLOAD_MAX + 1, &reached, &error),
                 sweep_outside(self, AIRS_E_TOO_LARGE), &error);
    EXPECT("untouched", reached, 77);
    EXPECT("to nobody", airs_publish(self->system, "a.b", "x", 1, &reached, &error), sweep_outside(self, AIRS_OK));
    EXPECT("reached", reached, self->stopping ? 77 : 0);
    EXPECT("to one", airs_publish(self->system, "sweep.heard", "a\0b", 3, &reached, NULL),
           sweep_outside(self, AIRS_OK));
    EXPECT("reached", reached, self->stopping ? 77 : 1);
    EXPECT("empty", airs_publish(self->system, "sweep.heard", NULL, 0, NULL, NULL), sweep_outside(self, AIRS_OK));
    EXPECT("the largest", airs_publish(self->system, "sweep.heard", sweep_payload, SWEEP_PAYLOAD_MAX, NULL, NULL),
           sweep_outside(self, AIRS_OK));
}

static airs_status post(const sweep *self, airs_letter letter, airs_error *error)
{
    uint32_t reached = 77;
    airs_status status = airs_post(self->system, &letter, &reached, error);
    EXPECT("reached", reached, status == AIRS_OK ? 1 : 77);
    return status;
}

/// What the letter itself is refused for.
static void check_letters(const sweep *self)
{
    const struct {
        const char *what;
        airs_letter letter;
    } bad[] = {
        {"no receiver", {.payload = "x", .len = 1}},
        {"an id and a name", {.to = self->echo, .name = "echo"}},
        {"an id and a topic", {.to = self->echo, .topic = "a"}},
        {"a name and a topic", {.name = "echo", .topic = "a"}},
        {"a request to a topic", {.topic = "a", .fn = on_outcome}},
    };
    airs_error error;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR(bad[i].what, post(self, bad[i].letter, &error), sweep_outside(self, AIRS_E_INVALID), &error);
    for (const bad_text *text = sweep_bad_traces; text->what != NULL; text++)
        EXPECT_ERROR(text->what, post(self, (airs_letter){.to = self->mute, .trace_parent = text->text}, &error),
                     sweep_outside(self, AIRS_E_INVALID), &error);
    for (const bad_text *text = sweep_bad_topics; text->what != NULL; text++)
        EXPECT_ERROR(text->what, post(self, (airs_letter){.topic = text->text}, &error),
                     sweep_outside(self, AIRS_E_INVALID), &error);
    for (const bad_text *text = sweep_bad_names; text->what != NULL; text++)
        EXPECT_ERROR(text->what, post(self, (airs_letter){.name = text->text}, &error),
                     sweep_outside(self, AIRS_E_NOT_FOUND), &error);
    for (const bad_id *id = sweep_bad_ids; id->what != NULL; id++)
        EXPECT_ERROR(id->what, post(self, (airs_letter){.to = id->id}, &error),
                     sweep_outside(self, id->id.raw == 0 ? AIRS_E_INVALID : AIRS_E_GONE), &error);
}

static void sweep_airs_post(const sweep *self)
{
    airs_error error;
    airs_letter letter = {.to = self->mute, .payload = "x", .len = 1, .trace_parent = SWEEP_TRACE};
    EXPECT_ERROR("NULL system", airs_post(NULL, &letter, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL letter", airs_post(self->system, NULL, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL bytes", post(self, (airs_letter){.to = self->mute, .len = 1}, &error), AIRS_E_INVALID, &error);
    check_letters(self);
    airs_letter large = {.name = "large", .payload = sweep_payload, .len = SWEEP_PAYLOAD_MAX + 1};
    EXPECT_ERROR("too large", post(self, large, &error), sweep_outside(self, AIRS_E_TOO_LARGE), &error);
    EXPECT("to an id", post(self, letter, &error), sweep_outside(self, AIRS_OK));
    EXPECT("to a name", post(self, (airs_letter){.name = "mute"}, &error), sweep_outside(self, AIRS_OK));
    EXPECT("to a topic", post(self, (airs_letter){.topic = "sweep.heard"}, &error), sweep_outside(self, AIRS_OK));
}

const sweep_row sweep_rows_messages[] = {
    SWEEP_ROW(airs_send),    SWEEP_ROW(airs_ask),  SWEEP_ROW(airs_ask_async),
    SWEEP_ROW(airs_publish), SWEEP_ROW(airs_post), {0},
};
