// SPDX-License-Identifier: MIT OR Apache-2.0
/// The limit on how long a message may wait in a mailbox, without a look at the clock for each message.
///
/// Four times in the span of the limit a timer marks how many messages must have been taken for none of those that
/// wait now to be left. A mark that has not been reached when the span is over is the proof that a message has waited
/// longer; it is found within a quarter of the span, or when the actor next comes to look. The owner's, but for init
/// and fini.
#ifndef ACTOR_AGE_H
#define ACTOR_AGE_H

#include "actor/cell.h"

#define AGE_MARKS 4u

/// What was to be taken, and when that was seen.
typedef struct age_mark {
    uint64_t taken;
    uint64_t seen_ns;
} age_mark;

/// The pure part.
typedef struct age_marks {
    age_mark marks[AGE_MARKS];
    uint32_t at;
    uint32_t count;
} age_marks;

/// Sets a mark: `taken` messages have been taken out so far, `waiting` are in the mailbox.
/// True: one of those that waited a whole span ago still does.
bool age_is_over(age_marks *marks, uint64_t now_ns, uint64_t span_ns, uint64_t taken, uint64_t waiting);

/// Nothing without a limit. Errors: E_NOMEM.
airs_status actor_age_init(actor *self);
void actor_age_fini(actor *self);

/// For other terms: what one with a limit of `age_max_ms` needs; `*ret` is NULL without one. Errors: E_NOMEM. Any
/// thread, with a count on the actor.
airs_status actor_age_make(actor *self, uint32_t age_max_ms, struct actor_age **ret);
/// Ends what no actor has any more. NULL is allowed. Any thread.
void actor_age_destroy(struct actor_age *age);
/// What it has and `*with` change places.
void actor_age_exchange(actor *self, struct actor_age **with);

/// The incarnation is ready; it ends.
void actor_age_begins(actor *self);
void actor_age_ends(actor *self);

/// The timer has fired. True: the incarnation is to fail, `self->failure` is set.
bool actor_age_time(actor *self);

#endif
