// SPDX-License-Identifier: MIT OR Apache-2.0
/// Between envelopes and what the engine gives to a guest and takes from it.
#ifndef COMPONENT_EXCHANGE_H
#define COMPONENT_EXCHANGE_H

#include "component/component_actor.h"

static inline engine_bytes exchange_to_engine(airs_bytes bytes)
{
    return (engine_bytes){bytes.data, bytes.len};
}

static inline airs_bytes exchange_from_engine(engine_bytes bytes)
{
    return (airs_bytes){bytes.data, bytes.len};
}

/// The message, the reply or the down in an envelope; borrowed from it.
engine_message exchange_message(const envelope *mail);
engine_reply exchange_reply(component_actor *self, const envelope *mail);
engine_down exchange_down(const envelope *mail);

/// What the status of a send means to a guest. A text is that in `self->text`.
engine_send_outcome exchange_send_outcome(component_actor *self, airs_status status);

/// What a settled request means to its asker. Its bytes are those of `mail`.
engine_request_outcome exchange_request_outcome(component_actor *self, const envelope *mail);

/// The guest has handled the event in hand, with this result. Nothing where there is none.
void exchange_settle(component_actor *self, const engine_settle *settle);

#endif
