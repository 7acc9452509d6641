// SPDX-License-Identifier: MIT OR Apache-2.0
/// The life of an actor as a pure state machine: `lifecycle_step(state, event) -> state, action`.
///
///                START              STARTED              STOP, HALT, EXITED
///   CREATING ------------> STARTING ---------> READY ------------------------> STOPPING
///                            ^  |  \             |                               |   |
///                   RESTART  |  |   \ STOP, HALT |  FAILED                       |   | STOPPED, FAILED
///                            |  |    \ kept for  |                               |   | of a requested
///                            |  |FAILED STARTED  v                      STOPPED, |   | stop
///                            |  +------------> FAILED <--------------------------+   |
///                            +------------------ |        FAILED of its own exit     |
///                                                | END, STOP, KILL                   |
///                            ^                   v                                   |
///                            |   RESTART    TERMINATED <-----------------------------+
///                            +------------------ at rest <-- REST of FAILED
///
/// KILL leads from every state to TERMINATED. CRASH is a FAILED from outside, in each state that has an
/// incarnation: STARTING, READY, STOPPING. FAILED means: the incarnation has ended, for whatever reason, and
/// the supervisor decides between RESTART, END and REST. At rest is TERMINATED with the place kept: RESTART
/// leads back, END, STOP and KILL let go of the place.
///
/// Whether it is paused is no state: a paused actor is READY and takes no event (cell.h, `pausing`).
///
/// Another version, between two events (upgrade.h):
///
///         UPGRADE, or FAILED on probation            FAILED, CRASH
///   READY -------------------------------> UPGRADING --------------> FAILED, TERMINATED as above
///     ^                                      |    |
///     +----------- UPGRADED -----------------+    +-- UPGRADED, when STOP or HALT came meanwhile --> STOPPING
#ifndef ACTOR_LIFECYCLE_H
#define ACTOR_LIFECYCLE_H

#include "airssys/actor.h"

typedef enum lifecycle_event {
    /// From the supervisor: begin the first incarnation.
    LIFECYCLE_START,
    /// `start` came back well.
    LIFECYCLE_STARTED,
    /// The incarnation ended by a failure: start, a trap, a limit.
    LIFECYCLE_FAILED,
    /// The actor said that it is done, well or not.
    LIFECYCLE_EXITED,
    /// The supervisor wants this incarnation to end, and will say later what becomes of the actor.
    LIFECYCLE_HALT,
    /// Somebody wants it to end for good.
    LIFECYCLE_STOP,
    /// `stop` came back.
    LIFECYCLE_STOPPED,
    /// From the supervisor: begin another incarnation.
    LIFECYCLE_RESTART,
    /// From the supervisor: no further incarnation.
    LIFECYCLE_END,
    /// From the supervisor: it has ended as it should, and its place is kept.
    LIFECYCLE_REST,
    /// This incarnation is to end at once; the supervisor decides.
    LIFECYCLE_CRASH,
    /// An order to upgrade has come to its turn, between two events.
    LIFECYCLE_UPGRADE,
    /// It has been carried out, or refused: an incarnation is there that takes events.
    LIFECYCLE_UPGRADED,
    LIFECYCLE_KILL,
} lifecycle_event;

typedef enum lifecycle_action {
    /// Nothing: the event does not matter in this state.
    LIFECYCLE_IGNORE,
    /// Make an incarnation and call `start`.
    LIFECYCLE_DO_START,
    /// Tell the world it is ready; take messages.
    LIFECYCLE_DO_READY,
    /// Call `stop`, between two events.
    LIFECYCLE_DO_STOP,
    /// Destroy the incarnation and ask the supervisor.
    LIFECYCLE_DO_REPORT,
    /// Nothing is left to happen to the actor but to come back, or to be destroyed.
    LIFECYCLE_DO_REST,
    /// Destroy the incarnation, if there is one, and the actor.
    LIFECYCLE_DO_TERMINATE,
    /// Carry the order out.
    LIFECYCLE_DO_UPGRADE,
    /// The new version has failed: put the one before back.
    LIFECYCLE_DO_FALL_BACK,
    /// Take events again.
    LIFECYCLE_DO_RESUME,
} lifecycle_action;

typedef struct lifecycle {
    airs_actor_state state;
    /// A stop was asked for: it ends for good, whatever happens on the way.
    bool stop_requested;
    /// A halt was asked for while it started.
    bool halt_requested;
    /// TERMINATED with its place kept.
    bool at_rest;
    /// Its version is a new one, and the one before can come back: FAILED of a ready incarnation is no failure of the
    /// actor.
    bool on_probation;
} lifecycle;

/// Nothing happens to it any more.
static inline bool lifecycle_is_over(const lifecycle *life)
{
    return life->state == AIRS_ACTOR_TERMINATED && !life->at_rest;
}

lifecycle_action lifecycle_step(lifecycle *life, lifecycle_event event);

#endif
