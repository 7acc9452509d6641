// SPDX-License-Identifier: MIT OR Apache-2.0
/// Drives the health of one actor: its timer, its questions, what is shown. What is decided is in health_step.h.
///
/// One timer an actor, and memory only for those that are asked. A check goes through `actor_child_fns.check`; a probe
/// is a request of the actor to itself that is not counted against its mailbox's limit, and of which at most one is
/// in the mailbox. It is no incarnation's: the answer to one that was given up is an event for nobody. All functions
/// are the owner's, but for those that say otherwise.
#ifndef ACTOR_HEALTH_H
#define ACTOR_HEALTH_H

#include "actor/cell.h"

/// Prepares what the options ask for; nothing for AIRS_HEALTH_NONE. Before the actor is published.
/// Errors: E_INVALID, `error` names what is out of its range; E_NOMEM.
airs_status actor_health_init(actor *self, const airs_health_options *options, airs_error *error);
void actor_health_fini(actor *self);

/// For other terms: what `options` ask for, for an actor that takes `message_max` bytes; `*ret` is NULL where they ask
/// for nothing. Errors: as `actor_health_init`. Any thread, with a count on the actor.
airs_status actor_health_make(actor *self, const airs_health_options *options, uint32_t message_max,
                              struct actor_health **ret, airs_error *error);
/// Ends what no actor has any more. NULL is allowed. Any thread.
void actor_health_destroy(struct actor_health *health);
/// What it has and `*with` change places, unless they are equal. False: it is just being asked.
bool actor_health_exchange(actor *self, struct actor_health **with);

/// The incarnation is ready; it ends.
void actor_health_begins(actor *self);
void actor_health_ends(actor *self);

/// The timer has fired. True: the incarnation is to fail, `self->failure` is set.
bool actor_health_time(actor *self);

/// Whether it is to be asked before the next event, or is being asked.
bool actor_health_wants(const actor *self);

/// Asks, or goes on with that. Not in the middle of an event. DONE, WAITING, YIELDED or FAILED.
actor_progress actor_health_check(actor *self);

/// Whether a reply is the answer to the probe that waits for one.
bool actor_health_expects(const actor *self, const envelope *reply);
/// Takes that answer; false when it is none.
bool actor_health_takes(actor *self, envelope *reply);

/// Makes a message of a probe that was in the mailbox; false when nobody waits for its answer any more: it is gone.
bool actor_health_probes(actor *self, envelope *probe);
/// It is gone in any case.
void actor_health_drops(actor *self, envelope *probe);

/// What the last check said, at most ACTOR_HEALTH_SIZE bytes with the NUL. Any thread, in a read section.
void actor_health_text(actor *self, char *ret_text);

#endif
