// SPDX-License-Identifier: MIT OR Apache-2.0
/// Events that a guest takes several at a time (`mailbox.take`), in a list in its memory.
///
/// The list is described in docs/reference/event-list.md. Its head is shared as long as the list is in use: there the
/// guest says how many events it has begun, and the host how many it may begin. So nobody calls anybody between two
/// events. The host looks when it has to know which event is in hand: when the guest calls, at a tick, when it waits or
/// has trapped, and at the end of the list.
///
/// What the guest says is taken as it is, between what it had said before and the end of the list: whoever lies about
/// the events it has begun settles events of its own, or gets them a second time.
///
/// An event that is not begun is still in the mailbox to everybody else: its place is taken, and it goes back in front
/// of the others when the guest ends or is told to stop before.
#ifndef COMPONENT_BATCH_H
#define COMPONENT_BATCH_H

#include "component/component_actor.h"

/// Makes a list that begins with the event in hand, of those that wait. How many words it has.
uint32_t batch_fill(component_actor *self);

/// Writes that list into the guest's memory, which stays as long as the instance.
void batch_write(component_actor *self, uint64_t *memory);

/// Has the event in hand be the one that the guest has begun last; those before are settled.
void batch_look(component_actor *self);

/// The same, and the guest is to begin no other event: what is left of the list goes back. While the guest is in a host
/// function: it looks at its limit after that, and before it begins the next event.
void batch_cut(component_actor *self);
/// The same while the guest may be anywhere: it has looked at its limit, maybe, and is just about to begin the next
/// event. That one stays.
void batch_cut_behind_next(component_actor *self);

/// The same, and the list is over.
void batch_end(component_actor *self);

#endif
