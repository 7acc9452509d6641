// SPDX-License-Identifier: MIT OR Apache-2.0
/// Lines of the log about an actor: with its name, the version that runs, and the message they are about.
#ifndef ACTOR_LOG_H
#define ACTOR_LOG_H

#include "actor/cell.h"

/// The message in hand, for `actor_log`; 0 when there is none. The actor's owner.
static inline uint64_t actor_message_in_hand(const actor *self)
{
    return self->in_hand == NULL ? 0 : self->in_hand->id;
}

/// Whether a line of this level would be made. Any thread.
bool actor_log_wants(actor *self, airs_log_level level);

/// Makes a line, as base_log_write does. `message` is the id of what it is about, 0 for nothing. Any thread.
void actor_log(actor *self, uint64_t message, airs_log_level level, const char *format, ...) AIRS_PRINTF(4, 5);

/// Hands on a line that its component wrote. The actor's owner.
void actor_log_guest(actor *self, airs_log_level level, const char *source, airs_bytes line);

/// From now on lines of this level and above are made of it, whatever the space's own level; NULL: the space's again.
/// Any thread.
void actor_log_set_level(actor *self, const airs_log_level *level);

#endif
