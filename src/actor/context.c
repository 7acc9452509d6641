// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/context.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"

void actor_message_id(const actor *self, char ret_text[ACTOR_MESSAGE_ID_SIZE])
{
    (void)snprintf(ret_text, ACTOR_MESSAGE_ID_SIZE, "%016" PRIx64, self->in_hand == NULL ? 0 : self->in_hand->id);
}

uint32_t actor_message_attempt(const actor *self)
{
    return self->in_hand == NULL ? 0 : self->in_hand->attempts + 1;
}

bool actor_message_deadline_ms(const actor *self, uint64_t *ret_ms)
{
    const envelope *in_hand = self->in_hand;
    if (in_hand == NULL || in_hand->kind != ENVELOPE_MESSAGE || in_hand->request == 0)
        return false;
    *ret_ms = request_time_left_ns(self->space, in_hand->request) / 1000000u;
    return true;
}

bool actor_message_trace(const actor *self, char ret_text[TRACE_TEXT_SIZE])
{
    const trace_parent *trace = actor_trace_parent(self);
    if (trace != NULL)
        trace_print(trace, ret_text);
    return trace != NULL;
}

bool actor_message_sender_name(const actor *self, char *ret_text, size_t size)
{
    actor_space *space = self->space;
    uint64_t sender = self->in_hand == NULL ? 0 : self->in_hand->sender;
    sched_read read = sched_read_enter(space->sched);
    const actor *from = actor_find(space, sender);
    const actor_far *far = from == NULL ? actor_far_find(space, sender) : NULL;
    const char *name = from != NULL ? from->name : far != NULL ? far->text : NULL;
    if (name != NULL)
        base_text_copy(ret_text, size, base_bytes_of(name));
    sched_read_leave(space->sched, read);
    return name != NULL;
}
