// SPDX-License-Identifier: MIT OR Apache-2.0
/// Monitors and links: who is told when an incarnation of whom ends.
///
/// Relations  A monitor is one relation: its watcher is told of its target. A link is two of them, one each way.
///            The watcher keeps a record of it, with the envelope in which it is told, so that telling needs no memory
///            and one that does not listen has at most one down event of each relation in its mailbox: a newer one
///            takes the place of what that says. The target keeps an entry that names the watcher and the record.
/// Order      A down event comes behind what its target sent before.
/// Ends       What an incarnation watches ends with it; so do links to it. Monitors of it stay until it has ended for
///            good. An entry that is made between two incarnations is of the next one.
/// Locks      Records and entries are under the `info_lock` of their actor. Both are held to make or to end a
///            relation, the one of the lower id first. To tell, the target's is held to take entries out, 32 at a time,
///            and let go of before each watcher's is taken.
#ifndef ACTOR_LINKS_H
#define ACTOR_LINKS_H

#include "actor/cell.h"

/// Monitors and links of one actor.
#define ACTOR_LINKS_MAX 1024u

/// Errors: E_INVALID id 0 or its own; E_LIMIT; E_NOMEM. The owner.
airs_status actor_monitor(actor *self, uint64_t target, uint64_t *ret_monitor);
/// False when it is none of this actor's. The owner.
bool actor_demonitor(actor *self, uint64_t monitor);

/// Takes those out of the list that are over, and have been told. The owner.
void actor_forget_monitors(actor *self, actor_ids *list);

/// Linking twice is linking once. A supervisor is not ended by a link to it.
/// Errors: as `actor_monitor`; E_LIMIT also when the other has no room. The owner.
airs_status actor_link(actor *self, uint64_t target);
void actor_unlink(actor *self, uint64_t target);

/// Makes an event of an envelope that was in the mailbox. False: it means nothing any more, and is gone. The owner.
bool actor_links_take(actor *self, envelope *down);

/// ACTOR_SIGNAL_LINK: sets the failure when one that this actor is linked to has failed. Tells again what could not be
/// told for want of memory. The owner.
bool actor_links_are_broken(actor *self, actor_failure *ret_failure);

/// Tells how the last incarnation ended. Without `will_restart` all relations to this actor end. The owner.
void actor_links_tell(actor *self, bool will_restart);

/// Ends what past incarnations watch, and all when the actor has ended for good. In a read section. The owner.
void actor_links_end(actor *self);

/// At the end of the cell.
void actor_links_fini(actor *self);

#endif
