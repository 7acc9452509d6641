// SPDX-License-Identifier: MIT OR Apache-2.0
/// How an actor is given another version while it lives: the actor's part of a deployment.
///
/// Roles      Who deploys attaches an `actor_upgrade` to the actor and gives it orders, one at a time. The owner
///            carries them out between two events, in the state UPGRADING, and tells how it went. What a version is,
///            and how it is put in the place of another, is the kind's business (`actor_child_fns.upgrade`).
/// Meanwhile  id, name, mailbox, links, monitors, subscriptions, timers and place in the tree are untouched. Nothing
///            is taken from the mailbox, so what waits in it is handled afterwards, in its order, by who is there then.
/// Drain      An order waits for the event in hand, at most `drain_timeout_ms`; then it is answered LATE.
/// Probation  From the end of a SWAP until RELEASE. A failure of the new version (a trap, a limit, bad health, an
///            error) is none to the supervisor: the message in hand goes back to the head of the mailbox, and the
///            version before comes back within the same turn of the task. FELL says so, FELL_BACK when it serves.
/// Twin       SPLIT brings the new version up beside the old one, on a copy of its state, and lets both live: each
///            event is handled by one of the two (`share_ppm`). What belongs to the twin (replies to its requests, its
///            timers, the ends of those that it monitors) comes to the twin. A SWAP or REVERT after that ends it. A
///            failure of the twin is one on probation; the end of the old incarnation is the twin's too, and is told
///            as FELL and FELL_BACK.
/// Gate       Between two events it asks whether it may begin (`begins`). Told to wait, it goes on with its messages
///            until `actor_upgrade_admit`; an order that is void by then is not answered.
/// Clearing   What a SWAP or REVERT has left over is cleared away with whatever comes next, an order or
///            `actor_upgrade_clear`: nobody waits for that.
/// Answers    Each other order is answered once: DONE, REFUSED, LATE, BROKE. FELL and FELL_BACK come of themselves,
///            and FELL voids what had been ordered. GONE comes last, instead of any further answer; RELEASED answers
///            RELEASE. After either the owner has let go of it.
#ifndef ACTOR_UPGRADE_H
#define ACTOR_UPGRADE_H

#include "actor/cell.h"
#include "airssys/deploy.h"

typedef enum actor_order {
    ACTOR_ORDER_NONE,
    /// Brings the new version up on a copy of the state, lets it do nothing to others, and throws it away.
    ACTOR_ORDER_REHEARSE,
    /// Brings the new version up beside the old one, as its twin.
    ACTOR_ORDER_SPLIT,
    /// Puts the new version in the place of the old one.
    ACTOR_ORDER_SWAP,
    /// Asks the new version how it is.
    ACTOR_ORDER_PROVE,
    /// Puts the old version back; of a twin, leaves the old version alone. Never refused: an old version that does not
    /// start is its supervisor's affair.
    ACTOR_ORDER_REVERT,
    /// Lets go: whichever version is there stays.
    ACTOR_ORDER_RELEASE,
    /// Nobody's order: after a failure on probation.
    ACTOR_ORDER_FALL_BACK,
} actor_order;

typedef enum actor_answer_kind {
    ACTOR_ANSWER_DONE,
    /// The new version can't: the old one goes on, as if nothing had been. Of PROVE: it is not well.
    ACTOR_ANSWER_REFUSED,
    /// It did not come to the end of the event in hand in time. Nothing has changed.
    ACTOR_ANSWER_LATE,
    /// Its incarnation has failed before the order was carried out; the next one is of the old version.
    ACTOR_ANSWER_BROKE,
    ACTOR_ANSWER_FELL,
    ACTOR_ANSWER_FELL_BACK,
    ACTOR_ANSWER_GONE,
    ACTOR_ANSWER_RELEASED,
    /// No answer: the order waits for the end of an event.
    ACTOR_ANSWER_WAITS,
} actor_answer_kind;

/// What an actor is told that could begin with its order.
typedef enum actor_leave {
    ACTOR_LEAVE_BEGIN,
    ACTOR_LEAVE_WAIT,
    /// It has no order any more.
    ACTOR_LEAVE_VOID,
} actor_leave;

/// Embedded in what deploys. Its memory, and what the options point to, stay until GONE or RELEASED was told.
typedef struct actor_upgrade {
    // Set before it is attached.
    /// On the owner's worker, without any lock; must not block. `text` is "" where there is nothing to say. What FELL
    /// returns is whether it may fall back; the others' does not matter.
    bool (*told)(struct actor_upgrade *self, actor_answer_kind answer, const char *text);
    /// In the same place: whether it may begin with its order. Not asked for RELEASE, nor where there is nothing to be
    /// made new.
    actor_leave (*begins)(struct actor_upgrade *self);
    /// The new version; the kind's. Borrowed.
    void *version;
    /// The settings that go with it; without `has_config` they stay as they are. Read when it is attached.
    const airs_setting *config;
    size_t config_count;
    bool has_config;
    /// What else an instance is made with, as if spawned with these; NULL: it stays as it is. Read when it is attached.
    const airs_spawn_options *spawn;
    uint32_t drain_timeout_ms;
    airs_on_no_state on_no_state;
    airs_rollback_state rollback_state;
    /// The new version is the one that was there before, and comes with the state that was kept for it, if any was.
    bool from_past;
    /// What was there before a deployment that has failed late: it comes whatever it lacks.
    bool puts_back;
    /// A SWAP is to follow soon where the rehearsal is good: what it takes may be made ready.
    bool swaps_soon;
    /// Of a SPLIT: how much of what comes the twin handles, by who has sent it or by the message. `salt` says who.
    uint32_t share_ppm;
    bool by_message;
    uint64_t salt;
    /// Counts what both versions do, from the first order on; NULL: nobody wants to know.
    struct actor_meter *meter;
    /// Set when it is attached: the kind's memory.
    void *made;

    // Between who orders and the owner.
    BASE_ATOMIC(uint32_t) ordered;
    BASE_ATOMIC(bool) admitted;
    /// How long the last SWAP, REVERT or FALL_BACK kept the actor from its messages. Written before the answer.
    uint64_t pause_ns;
    /// Messages that were handled and of which the state that is there knows nothing: by the new version until it was
    /// put out again, or, where the version before has come back with the state that was kept for it, by the one
    /// between.
    uint64_t handled_since;
    /// They themselves, where they were noted (AIRS_ROLLBACK_SNAPSHOT); NULL: they were not. Set before the answer; who
    /// is told may take it, and gives it back.
    struct actor_journal *lost;

    // The owner's, and the kind's.
    actor_order order;
    bool drains;
    /// It was told to wait with its order.
    bool waits;
    uint64_t begun_ns;
    uint64_t handled_at_swap;
    /// The next incarnation, or the one that is there, is of the new version.
    bool on_new;
    /// The old version came back with the state of the new one.
    bool carried;
    /// There is a twin.
    bool split;
    /// What it handles is noted (`begin_journal`).
    bool journals;
    /// The new version came with the state that was kept for it, and knows nothing of what was handled since then.
    bool took_past;
    /// What had been noted until the swap, as long as it may come back.
    struct actor_journal *aside;
    actor_answer_kind due;
    char text[ACTOR_FAILURE_SIZE];
} actor_upgrade;

/// Attaches it; orders may follow. Errors: E_GONE; E_TAKEN another one is attached; E_UNSUPPORTED its kind has no
/// versions, or it can't be of this one; E_NOMEM. Any thread, with a count on the actor.
airs_status actor_upgrade_attach(actor *self, actor_upgrade *upgrade, airs_error *error);

/// Gives an order; the one before has been answered. Any thread, with a count on the actor.
void actor_upgrade_give(actor *self, actor_upgrade *upgrade, actor_order order);

/// Who was told to wait is to ask again whether it may begin. Any thread, with a count on the actor.
void actor_upgrade_admit(actor *self, actor_upgrade *upgrade);

/// What is left over of its last order is cleared away, in the actor's turn. Any thread, with a count on the actor.
void actor_upgrade_clear(actor *self);

// ---------------------------------------------------------------- for the owner (cell.c, ending.c)

/// ACTOR_SIGNAL_UPGRADE: takes the order.
void actor_upgrade_take(actor *self);

/// Whether it has an order that is not carried out yet.
bool actor_upgrade_is_due(const actor *self);
/// Whether an order waits for the actor to come between two events: it takes no other one.
bool actor_upgrade_waits(const actor *self);

/// What can be done about the order where the actor is now. True: the lifecycle is to step with LIFECYCLE_UPGRADE.
bool actor_upgrade_look(actor *self);
/// LIFECYCLE_DO_UPGRADE, and DO_RESUME.
void actor_upgrade_begin(actor *self);
void actor_upgrade_resume(actor *self);

/// The time limit has passed. True: it is to be put out by force, `self->failure` is set: LIFECYCLE_FAILED.
bool actor_upgrade_is_late(actor *self);

/// Goes on with the order in the state UPGRADING. DONE: LIFECYCLE_UPGRADED is to follow, and then the answer. FAILED:
/// as of any incarnation.
actor_progress actor_upgrade_go_on(actor *self);
void actor_upgrade_answer(actor *self);

/// It has failed on probation, when it was ready (`self->failure`). True: it falls back, LIFECYCLE_DO_FALL_BACK.
bool actor_upgrade_may_fall_back(actor *self);
void actor_upgrade_fall_back(actor *self);

/// The incarnation has ended, otherwise than by falling back, and was destroyed: what was being carried out is
/// answered.
void actor_upgrade_incarnation_ended(actor *self, bool was_upgrading);

/// The actor has ended; nothing of it is used after this.
void actor_upgrade_actor_ended(actor *self);

// ---------------------------------------------------------------- for kinds

/// In UPGRADING: the time limit has passed.
bool actor_upgrade_has_no_time(const actor *self);
/// It runs anew, for what has to be done all the same.
void actor_upgrade_give_time(actor *self);

#endif
