// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a deployment decides, as a pure machine: no clock, no actor, no thread.
///
///     deploy_step(&state, &event);                      tell it what happened,
///     while (deploy_next(&state, &action)) do(&action); do what is to be done about it.
///
///                    all rehearsed            all swapped            time is over          all proved
///   NEW -> REHEARSING ----------> SWAPPING -------------> PROBATION ------------> PROVING ----------+
///             |                      |  one refused, late,    |  one has fallen      |               |
///             | refused, dry run     |  or broken             |                      |               v
///             |                      +----------------> ROLLING_BACK <---------------+           RELEASING -> DONE
///             |                                               | all are old                          ^
///             +-----------------------------------------------+--------------------------------------+
///
/// With a canary there are two stages between the rehearsal and the swap of all:
///
///                 all rehearsed         the chosen have it          promoted
///     REHEARSING ---------------> TRYING ---------------> HOLDING -----------> SWAPPING (those that are left) …
///                                   |                        | one has fallen, ended by hand or by a condition
///                                   +------------------------+-------------> ROLLING_BACK
///
/// Invariants
///   At the end   each target that still lives has the new version (`deployed`), or each has the old one.
///   Orders       one at a time for a target, each answered once. All of a rank have theirs at once: so each waits for
///                its own actor's turn alone.
///   Gate         who has come to where it can carry its order out asks first (`deploy_may_begin`); at most
///                `parallel_max` are let in and not through at a time. The others go on with their messages, and are
///                called (DEPLOY_DO_ADMIT) one after the other. While one waits, the gate is full, or an action is due.
///   Ranks        nothing is swapped before all of a smaller rank are; on the way back the other way around.
///   Failing      a target on probation that fails asks first whether it may fall back (`deploy_may_fall`). It may
///                until the decision that the new version stays, and never after that: so the two can't cross.
///   Ending       a target that ends (GONE) is no reason to roll back, and is waited for no more.
#ifndef DEPLOY_STEP_H
#define DEPLOY_STEP_H

#include "airssys/deploy.h"

typedef enum deploy_stage {
    DEPLOY_NEW,
    DEPLOY_REHEARSING,
    /// The targets of the canary get the new version, or a twin of it.
    DEPLOY_TRYING,
    /// The canary runs until it is promoted, or has failed.
    DEPLOY_HOLDING,
    DEPLOY_SWAPPING,
    DEPLOY_PROBATION,
    DEPLOY_PROVING,
    DEPLOY_ROLLING_BACK,
    /// What is there stays: each target is told to let go.
    DEPLOY_RELEASING,
    DEPLOY_DONE,
} deploy_stage;

typedef enum deploy_event_kind {
    DEPLOY_ON_START,
    /// Answers of a target to its order.
    DEPLOY_ON_DONE,
    DEPLOY_ON_REFUSED,
    DEPLOY_ON_LATE,
    DEPLOY_ON_BROKE,
    /// It has failed on probation, and falls back by itself; what it was ordered is void. `deploy_may_fall` was true.
    DEPLOY_ON_FELL,
    DEPLOY_ON_FELL_BACK,
    /// It has ended for good; nothing more comes of it.
    DEPLOY_ON_GONE,
    DEPLOY_ON_RELEASED,
    /// The probation is over; or of a canary: it was looked at, and is to go on.
    DEPLOY_ON_TIME,
    /// All are to get the new version. Nothing but in HOLDING.
    DEPLOY_ON_PROMOTE,
    /// Somebody wants it to end: it rolls back, unless the new version stays already. Before START: all let go.
    DEPLOY_ON_ABORT,
} deploy_event_kind;

typedef struct deploy_event {
    deploy_event_kind kind;
    uint32_t target;
} deploy_event;

typedef enum deploy_action_kind {
    DEPLOY_DO_REHEARSE,
    /// Bring up the new version beside the old one: a twin.
    DEPLOY_DO_SPLIT,
    DEPLOY_DO_SWAP,
    DEPLOY_DO_PROVE,
    DEPLOY_DO_REVERT,
    DEPLOY_DO_RELEASE,
    /// It was told to wait, and is to ask again whether it may begin.
    DEPLOY_DO_ADMIT,
    /// Send TIME after the probation, or when a canary is to be looked at; or never mind.
    DEPLOY_DO_WAIT,
    DEPLOY_DO_CANCEL,
    /// It has come to another stage.
    DEPLOY_DO_SHOW,
    /// The end: `deployed` says how. The last action.
    DEPLOY_DO_FINISH,
} deploy_action_kind;

typedef struct deploy_action {
    deploy_action_kind kind;
    uint32_t target;
} deploy_action;

/// Which version a target has, and what it is doing.
typedef struct deploy_place {
    uint32_t rank;
    /// Of a canary: it keeps the old version until the promotion. It gets a twin, not the new version alone.
    bool stays;
    bool splits;
    bool is_new;
    /// It has a twin.
    bool is_split;
    /// It has an order that it has not answered.
    bool ordered;
    /// It is let in by the gate, or is to be.
    bool admitted;
    bool waits;
    /// It falls back.
    bool falling;
    bool gone;
    bool released;
} deploy_place;

typedef struct deploy_state {
    // Set by the caller.
    deploy_place *places;
    /// In the order of their ranks.
    uint32_t count;
    uint32_t parallel_max;
    bool dry_run;
    bool has_probation;
    bool canary;

    deploy_stage stage;
    /// The new version stays.
    bool deployed;
    /// Something went wrong: no more orders of this stage.
    bool failing;
    /// The canary is to become the version of all.
    bool promoted;
    /// The next target to be given this stage's order, or 0 when all were; on the way back one after the next.
    uint32_t next;
    /// Targets that have not ended, that have an order, and that fall.
    uint32_t alive;
    uint32_t ordered;
    /// Of those with an order: who is let in, and who waits for that; where the search for the next one begins.
    uint32_t admitted;
    uint32_t waiters;
    uint32_t next_waiter;
    uint32_t falling;
    uint32_t reverted;
    /// Actions that are due beside orders.
    bool shows;
    bool waits;
    bool cancels;
    bool finishes;
    /// The probation's time runs.
    bool waiting;
    /// Of the targets that have orders.
    uint32_t rank;
} deploy_state;

/// A new machine over `count` places, of which only `rank`, `stays` and `splits` are set, and `gone` of those that
/// have ended; what else the caller sets comes after.
void deploy_init(deploy_state *self, deploy_place *places, uint32_t count);

void deploy_step(deploy_state *self, const deploy_event *event);

/// The next thing that is to be done. False: there is nothing until the next event.
bool deploy_next(deploy_state *self, deploy_action *ret_action);

typedef enum deploy_leave {
    /// It begins, now.
    DEPLOY_LEAVE_BEGIN,
    /// Too many others are at it: it goes on until ADMIT.
    DEPLOY_LEAVE_WAIT,
    /// Its order is void: it has none any more, and gives no answer.
    DEPLOY_LEAVE_VOID,
} deploy_leave;

/// Whether a target that could carry its order out at once may begin. Not asked for RELEASE. Actions may be due
/// afterwards.
deploy_leave deploy_may_begin(deploy_state *self, uint32_t target);

/// Whether a target that has failed on probation may fall back; DEPLOY_ON_FELL is to follow at once.
bool deploy_may_fall(const deploy_state *self);

#endif
