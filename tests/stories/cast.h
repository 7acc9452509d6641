// SPDX-License-Identifier: MIT OR Apache-2.0
/// The cast of a story: a supervision tree of players on the simulator, with a virtual clock.
///
/// Supervisors are as in the runtime; leaves do as they are told: start, stop, crash, be done, take long, hang. What
/// happens to each is noted as text. One thread; nothing is left to chance.
#ifndef STORIES_CAST_H
#define STORIES_CAST_H

#include <stdarg.h>

#include "actor/cell.h"
#include "base/alloc_fault.h"
#include "sched/sim.h"
#include "supervise/supervisor.h"

#define CAST_PLAYERS_MAX 64u
#define CAST_NAME_MAX 24u
#define CAST_CUES_MAX 4u

typedef struct cast cast;

/// Something that is to happen when a player begins to start, or to stop.
typedef struct cue {
    bool at_start;
    char deed[64];
} cue;

/// How a player is made.
typedef struct part {
    char name[CAST_NAME_MAX];
    /// NULL: the root.
    struct player *under;
    bool supervisor;
    supervisor_options over;
    airs_restart restart;
    bool significant;
    airs_backoff backoff;
    airs_limits limits;
    /// Its first so many starts fail.
    uint32_t failing_starts;
} part;

typedef struct player {
    cast *cast;
    part part;
    uint64_t id;
    /// Of a leaf: starts that were begun, and those that came back well.
    uint32_t attempts;
    uint32_t starts;
    /// What it does the next time it starts or stops.
    uint32_t failing_starts;
    uint32_t start_ms;
    uint32_t stop_ms;
    bool hangs_at_start;
    bool hangs_at_stop;
    /// What it does as soon as it is asked how to go on.
    bool crashes;
    bool is_done;
    cue cues[CAST_CUES_MAX];
    uint32_t cues_count;
    /// Incarnations that have ended.
    uint32_t ends;
    /// Its start waits until this one has ended so often.
    struct player *waits_for;
    uint32_t waits_for_ends;
    /// Of the trace.
    bool failed;
    bool at_rest;
} player;

struct cast {
    sched_sim *sim;
    base_alloc_fault fault;
    actor_space space;
    player players[CAST_PLAYERS_MAX];
    uint32_t players_count;
    /// Says one line of what happens; NULL: nobody listens.
    void (*say)(cast *self, const player *about, const char *line);
    /// Does what a cue says.
    void (*deed)(cast *self, player *on, const char *deed);
};

/// An empty simulation.
void cast_init(cast *self, uint64_t seed);
/// Stops the root, lets all come to an end, and frees everything. False: something was left.
bool cast_fini(cast *self);

/// Makes a player. The first is the root. Errors: those of spawning.
airs_status cast_add(cast *self, const part *as);
player *cast_find(cast *self, const char *name);

/// Lets everything happen that happens at this moment, or within so many milliseconds. False: it goes on for ever.
bool cast_settle(cast *self);
bool cast_wait(cast *self, uint64_t ms);

/// Milliseconds since the simulation began.
uint64_t cast_now_ms(const cast *self);

/// Its cell, NULL when it is gone.
actor *cast_cell(const player *self);
/// AIRS_ACTOR_TERMINATED when it is gone.
airs_actor_state cast_state(const player *self);

/// What can be done to a player. CRASH and DONE: it does so itself.
void cast_crash(player *self);
void cast_done(player *self);
/// `target` crashes, and the start of `self` goes on when it has.
void cast_crash_first(player *self, player *target);
void cast_signal(player *self, actor_signal signal);
/// The answer is said as "restart: ok". False: it was refused at once, and that was said.
bool cast_control(player *self, supervise_verb verb);

void cast_say(cast *self, const player *about, const char *format, ...) AIRS_PRINTF(3, 4);

#endif
