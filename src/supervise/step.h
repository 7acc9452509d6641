// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a supervisor decides, as a pure machine: no clock, no actor, no thread.
///
///     supervise_step(&state, &event);                      tell it what happened,
///     while (supervise_next(&state, &action)) do(&action); ask it what is to be done about it.
///
/// Children    are nodes (actor/child.h) in the order in which they were added, which is the order of their start.
///             The machine allocates nothing for them, whatever their number; only the marks of the intensity
///             (intensity.h) may ask for memory, and it does without.
/// In line     One thing at a time, as in OTP: while a group of children is halted and started again, what else ends
///             waits for its decision. Under one_for_one there are no groups, and nobody waits for anybody.
/// A walk      is how a group goes down, from its last child to its first, and comes up, from its first to its last,
///             each after the one before it. A supervisor's own end is a walk down, its restart one up.
///
///                    end of a child               all are down, and             all are up
///             NONE -----------------> HALTING -- the backoff is over -> STARTING ---------> NONE
///                                       ^            a start failed        |
///                                       +-- (in line, counted, decided) ---+
///
///
/// Decisions   Each ENDED of a child is answered by one DECIDE; RESTART, REST, QUARANTINE or END follows, now or later.
#ifndef SUPERVISE_STEP_H
#define SUPERVISE_STEP_H

#include "actor/child.h"
#include "airssys/supervision.h"
#include "base/random.h"
#include "supervise/intensity.h"

// ---------------------------------------------------------------- events

typedef enum supervise_event_kind {
    /// A new child, of any settings. It is the machine's until GONE.
    SUPERVISE_ON_ADD,
    SUPERVISE_ON_READY,
    /// The child's incarnation is over: `end`.
    SUPERVISE_ON_ENDED,
    /// The child has ended for good; its node may go after this.
    SUPERVISE_ON_GONE,
    /// The delay of WAIT is over.
    SUPERVISE_ON_DUE,
    /// An operator wants this of the child; ANSWER follows, or its GONE. Only what `supervise_is_held` can be released.
    SUPERVISE_ON_RESTART,
    SUPERVISE_ON_QUARANTINE,
    SUPERVISE_ON_RELEASE,
    /// The supervisor begins another incarnation: it forgets its history and starts its children. UP or START_FAILED
    /// follows.
    SUPERVISE_ON_COME_UP,
    /// The supervisor ends, `for_good` or to be started again; DOWN follows.
    SUPERVISE_ON_COME_DOWN,
    /// The supervisor has been killed: its children are, at once. Nothing follows.
    SUPERVISE_ON_KILLED,
} supervise_event_kind;

typedef struct supervise_event {
    supervise_event_kind kind;
    uint64_t now_ms;
    actor_child *child;
    actor_end end;
    bool for_good;
} supervise_event;

// ---------------------------------------------------------------- actions

typedef enum supervise_action_kind {
    /// Begin its first incarnation.
    SUPERVISE_DO_START,
    /// Begin another one.
    SUPERVISE_DO_RESTART,
    /// Say what becomes of it: `decision`, `will_restart`, `delay_ms`.
    SUPERVISE_DO_DECIDE,
    /// Send DUE after `delay_ms`; or never mind.
    SUPERVISE_DO_WAIT,
    SUPERVISE_DO_CANCEL,
    /// End its incarnation, or that and the child for good.
    SUPERVISE_DO_HALT,
    SUPERVISE_DO_STOP,
    /// End its incarnation at once.
    SUPERVISE_DO_KILL,
    /// It is down: keep its place, keep it until it is released, or end it for good.
    SUPERVISE_DO_REST,
    SUPERVISE_DO_QUARANTINE,
    SUPERVISE_DO_END,
    /// What operators wanted of it has been done: AIRS_OK, or AIRS_E_FAILED when it did not start.
    SUPERVISE_DO_ANSWER,
    /// End the supervisor: this child failed once too often.
    SUPERVISE_DO_GIVE_UP,
    /// End the supervisor: this child, on which it depends, has ended for good.
    SUPERVISE_DO_FINISH,
    /// The supervisor is up; this child did not start, so the supervisor did not; it is down.
    SUPERVISE_DO_UP,
    SUPERVISE_DO_START_FAILED,
    SUPERVISE_DO_DOWN,
} supervise_action_kind;

typedef struct supervise_action {
    supervise_action_kind kind;
    actor_child *child;
    airs_action decision;
    bool will_restart;
    /// Of DECIDE: it had ended by itself, and is not to be started again for that.
    bool over;
    /// Of DECIDE: this failure was counted.
    bool counted;
    uint32_t delay_ms;
    airs_status status;
} supervise_action;

// ---------------------------------------------------------------- the machine

typedef enum supervise_stage {
    SUPERVISE_STAGE_NONE,
    SUPERVISE_STAGE_HALTING,
    /// All are down; the backoff runs.
    SUPERVISE_STAGE_WAITING,
    SUPERVISE_STAGE_STARTING,
} supervise_stage;

/// Why children are walked.
typedef enum supervise_walk {
    /// A group is started again.
    SUPERVISE_WALK_GROUP,
    /// The supervisor comes up; it does not, since `failed` did not start; it comes down.
    SUPERVISE_WALK_UP,
    SUPERVISE_WALK_UP_FAILED,
    SUPERVISE_WALK_DOWN,
    SUPERVISE_WALK_KILLED,
} supervise_walk;

/// Actions that one event or one piece of a walk asks for, at most.
#define SUPERVISE_ACTIONS_MAX 8u

typedef struct supervise_settings {
    airs_strategy strategy;
    airs_auto_shutdown auto_shutdown;
    uint32_t max_restarts;
    uint32_t window_ms;
    /// Of the jitter.
    uint64_t seed;
    const airs_allocator *allocator;
} supervise_settings;

typedef struct supervise_state {
    supervise_settings settings;
    supervise_intensity intensity;
    base_random random;
    uint64_t now_ms;
    ds_list children;
    /// Children that have ended and wait for the decision, the first first.
    ds_list line;
    uint32_t children_count;
    /// Children of each place; of those that are no more, or not yet, it means nothing.
    uint32_t in_place[ACTOR_PLACES];

    supervise_stage stage;
    supervise_walk walk;
    /// It has come down, and not up again.
    bool down;
    bool for_good;
    /// It has been told to end itself, and nothing else matters until it comes down.
    bool leaves;
    /// The next child of the walk, `&children` at its end.
    ds_list *cursor;
    /// The child that the walk waits for.
    actor_child *awaited;
    /// The child whose failure began the walk, while it is there, and when its backoff is over.
    actor_child *failed;
    bool due;
    uint64_t due_ms;

    /// A ring of what is to be done.
    supervise_action actions[SUPERVISE_ACTIONS_MAX];
    uint32_t actions_head;
    uint32_t actions_len;
} supervise_state;

/// A supervisor at work, without children. Must not move. Asks for no memory.
void supervise_init(supervise_state *state, const supervise_settings *settings);
void supervise_fini(supervise_state *state);

/// Other settings from the next decision on; failures so far don't count any more where `max_restarts` or `window_ms`
/// is another. False, and nothing is changed: a group is walked, or somebody waits for a decision.
bool supervise_change(supervise_state *state, airs_strategy strategy, airs_auto_shutdown auto_shutdown,
                      uint32_t max_restarts, uint32_t window_ms);

/// Takes in an event. All actions of the one before have been taken.
void supervise_step(supervise_state *state, const supervise_event *event);

/// The next thing to do; false when there is nothing until the next event.
bool supervise_next(supervise_state *state, supervise_action *ret);

/// Failures that count at the moment of the last event.
uint32_t supervise_restarts_in_window(supervise_state *state);

/// Whether a child is quarantined, or is about to be.
bool supervise_is_held(const actor_child *child);

#endif
