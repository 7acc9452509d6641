// SPDX-License-Identifier: MIT OR Apache-2.0
/// What else is known of the message in hand, for who asks. The owner only.
#ifndef ACTOR_CONTEXT_H
#define ACTOR_CONTEXT_H

#include "actor/cell.h"

/// 16 hexadecimal digits and a NUL.
#define ACTOR_MESSAGE_ID_SIZE 17u

/// Unique in the life of the system; all 0 when no message is in hand.
void actor_message_id(const actor *self, char ret_text[ACTOR_MESSAGE_ID_SIZE]);

/// How often this message has been handled, this time included.
uint32_t actor_message_attempt(const actor *self);

/// Milliseconds that who asked still waits. False when nobody does.
bool actor_message_deadline_ms(const actor *self, uint64_t *ret_ms);

/// The trace parent of what it sends now. False when there is none.
bool actor_message_trace(const actor *self, char ret_text[TRACE_TEXT_SIZE]);

/// The name of the sender. False when it has none, or has ended.
bool actor_message_sender_name(const actor *self, char *ret_text, size_t size);

#endif
