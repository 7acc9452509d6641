// SPDX-License-Identifier: MIT OR Apache-2.0
// Dead letters: an actor sends itself more than its mailbox holds; what was dropped is listed, and sent again.
#include <airssys/system.h>
#include <err.h>
#include <stdio.h>

#define ROOM 2u

typedef struct squirrel {
    unsigned nuts;
    /// Who wants to know how many there are, as soon as there are ROOM of them.
    airs_request_id asked;
} squirrel;

static airs_status tell(const squirrel *self, airs_context *context, airs_request_id request)
{
    char text[32];
    int len = snprintf(text, sizeof text, "I have %u nuts", self->nuts);
    return airs_context_reply(context, request, text, (size_t)len);
}

// With `drop_newest` a send that drops is none that fails.
static airs_status gather(airs_context *context)
{
    airs_status status = AIRS_OK;
    for (unsigned i = 1; i <= 5 && status == AIRS_OK; i++) {
        char nut[16];
        int len = snprintf(nut, sizeof nut, "nut %u", i);
        status = airs_context_send(context, airs_context_self(context), nut, (size_t)len);
    }
    return status;
}

static airs_status squirrel_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)error;
    squirrel *self = state;
    if (airs_actor_id_equal(message->sender, airs_context_self(context)))
        return ++self->nuts == ROOM ? tell(self, context, self->asked) : AIRS_OK;
    if (self->nuts > 0)
        return tell(self, context, message->request);
    self->asked = message->request;
    return gather(context);
}

static const airs_actor_fns squirrel_actor = {.handle = squirrel_handle};
static const airs_native squirrel_kind = {"squirrel", NULL, &squirrel_actor, sizeof(squirrel), NULL};

// ---------------------------------------------------------------- the program around it

static void check(airs_status status, const airs_error *error)
{
    if (status != AIRS_OK)
        errx(1, "%s", error->text);
}

static void ask(airs_system *system, airs_actor_id to)
{
    airs_error error;
    airs_buffer reply;
    check(airs_ask(system, to, "", 0, 1000, &reply, &error), &error);
    printf("%.*s\n", (int)reply.len, (const char *)reply.data);
    airs_buffer_free(&reply);
}

static bool print_letter(void *user, const airs_dead_letter *letter)
{
    (void)user;
    printf("dead letter %llu, %s, to %s: %.*s\n", (unsigned long long)letter->number,
           airs_drop_reason_name(letter->reason), letter->receiver_name, (int)letter->payload.len,
           (const char *)letter->payload.data);
    return true;
}

static void resend(airs_system *system, uint64_t number)
{
    // To whom it was meant for; another receiver could be named.
    airs_status status = airs_dead_letter_resend(system, number, (airs_actor_id){0});
    printf("letter %llu again: %s\n", (unsigned long long)number, airs_status_text(status));
}

int main(void)
{
    airs_error error;
    airs_system *system;
    airs_actor_id id;
    airs_spawn_options options = {
        .name = "squirrel",
        .limits = {.mailbox_max = ROOM, .mailbox_policy = AIRS_MAILBOX_DROP_NEWEST},
    };
    check(airs_system_create(NULL, &system, &error), &error);
    check(airs_spawn_native(system, &squirrel_kind, &options, &id, &error), &error);
    ask(system, id);
    (void)airs_dead_letters(system, 0, print_letter, NULL);
    resend(system, 1);
    resend(system, 99);
    ask(system, id);
    airs_system_destroy(system);
}
