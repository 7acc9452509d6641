// SPDX-License-Identifier: MIT OR Apache-2.0
/// When an actor is asked how it is, and what follows from what it says: pure, without a clock.
///
///             due, nothing handled since        it can be asked
///   WAITING ------------------------> WANTED -------------------> ASKING
///      ^  ^                                                        |  |
///      |  +-- due, something handled: healthy                      |  | time limit: a failure
///      +-------------------- an answer ----------------------------+--+
///
/// `failures_max` failures in a row, answers of UNHEALTHY or none in time, and the incarnation is to fail.
#ifndef ACTOR_HEALTH_STEP_H
#define ACTOR_HEALTH_STEP_H

#include "airssys/actor.h"

typedef enum health_phase {
    /// There is no incarnation that is ready.
    HEALTH_OFF,
    HEALTH_WAITING,
    /// It is to be asked as soon as it has no event in hand: within one its limits say how long it may take.
    HEALTH_WANTED,
    HEALTH_ASKING,
} health_phase;

typedef struct health_state {
    health_phase phase;
    /// The end of WAITING, the time limit of ASKING.
    uint64_t due_ns;
    /// Events handled when it was looked at last.
    uint64_t handled;
    /// In a row.
    uint32_t failures;
    airs_health health;
} health_state;

typedef enum health_action {
    HEALTH_NOTHING,
    HEALTH_ASK,
    /// The health is another than before.
    HEALTH_SHOW,
    /// The incarnation is to fail.
    HEALTH_FAIL,
} health_action;

/// Options of which nothing is 0 that has a default.
typedef struct health_times {
    uint64_t interval_ns;
    uint64_t timeout_ns;
    uint64_t start_grace_ns;
    uint32_t failures_max;
} health_times;

/// The incarnation is ready.
void health_begins(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled);
void health_ends(health_state *state);

/// Time has passed: whether it is due to be asked, which is ASK. With `off_duty` (paused) it is not.
health_action health_time(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled,
                          bool off_duty);

/// It is being asked from now on.
void health_asked(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled);

/// Whether the time limit of the answer has passed. An actor that has handled something since, or does so now (`busy`),
/// is given another one.
bool health_is_late(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled, bool busy);

/// It has answered, or is late, which counts as UNHEALTHY. `asks_on`: the question is still open, and has another time
/// limit; else it is asked again after the interval.
health_action health_answered(health_state *state, const health_times *times, uint64_t now_ns, airs_health health,
                              bool asks_on);

#endif
