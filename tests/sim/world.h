// SPDX-License-Identifier: MIT OR Apache-2.0
/// One simulated system: the core as it is, on a seeded scheduler with a virtual clock, with participants ("minds")
/// that draw what they do from the seed. A broken rule ends the program, and says with which seed.
///
///   plan.c    what a seed draws           ledger.c   the simulator's own books
///   mind.c    what a participant decides  books.c    what it sees and does, entered into the books
///   native.c  natives carry it out        guest.c    scripted components do
///   deploys.c other versions of those are deployed
///   host.c    what comes from outside     world.c    making, running and ending a world
///   rules.c   what has to hold
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/alloc_fault.h"
#include "component/component_actor.h"
#include "engine_script.h"
#include "ledger.h"
#include "plan.h"
#include "route/router.h"
#include "sched/sim.h"
#include "supervise/supervisor.h"

#define MINDS_MAX 48u
#define SUPERVISORS_MAX 4u
/// More than any supervisor allows.
#define RESTARTS_MAX 512u
#define HOST MINDS_MAX
/// Things of one sort that a mind keeps in mind.
#define KEPT_MAX 8u

typedef struct world world;

typedef struct kept {
    uint64_t ids[KEPT_MAX];
    uint32_t count;
} kept;

/// A request that a mind has to answer.
typedef struct debt {
    uint64_t request;
    uint32_t question;
} debt;

typedef struct mind {
    world *world;
    uint32_t index;
    uint64_t id;
    uint64_t supervisor;
    bool component;
    /// Bits of engine_export, of a component.
    uint32_t exports;
    char name[16];
    /// It may send to names that begin with `a` only.
    bool restricted;
    /// Its limit of waiting in an ask; 0 for the default.
    uint32_t max_park_ms;
    /// How often a message that it fails with is tried again.
    uint32_t retries;
    /// What it fails with at last is no dead letter.
    bool drops;
    /// Whom it was ever linked to, or was linked by; bits of minds.
    uint64_t linked;
    uint32_t started_calls;
    bool alive;

    // Of the incarnation.
    uint32_t incarnation;
    /// `start` came back well, `stop` was not called.
    bool running;
    uint32_t ops_left;
    bool exits;

    // Of the event in hand.
    bool in_event;
    uint32_t letter;
    /// The question whose outcome it is; NONE. And whether there was one that it never saw.
    uint32_t reply;
    bool missed_reply;
    debt in_hand;
    /// The ask or send that it waits in; NONE.
    uint32_t asking;
    uint32_t sending;

    debt debts[KEPT_MAX];
    uint32_t debts_count;
    /// Questions that it may cancel.
    kept questions;
    kept subscriptions;
    kept timers;
    kept monitors;
    /// Whom they are of, at the same places.
    uint64_t watched[KEPT_MAX];
    uint32_t names_registered;
    /// It was asked to leave `run`.
    bool leaves;

    // Of deployments.
    /// The last one to it, plus 1.
    uint32_t deployment;
    /// What was saved last, and for the last swap.
    script_state saved, snapshot;
    /// What it is to see once more, because a version has failed with it: NONE.
    uint32_t letter_again, reply_again;
    /// The newest letter seen of each sender, plus 1.
    uint32_t seen_of[MINDS_MAX + 1];
} mind;

/// A supervisor's restarts, counted once more.
typedef struct overseer {
    uint64_t id;
    uint64_t supervisor;
    char name[16];
    uint32_t max_restarts;
    uint32_t window_ms;
    uint64_t restarts_ms[RESTARTS_MAX];
    uint32_t restarts_count;
    bool alive;
    /// Ever, from outside: its children learn of it, and follow.
    bool killed;
} overseer;

/// What was reached, over all seeds: a simulator that never gets somewhere finds nothing there.
#define TALLY_MAP(X)      \
    X(letters)            \
    X(handled)            \
    X(dead_gone)          \
    X(dead_full)          \
    X(dead_poison)        \
    X(dead_refused)       \
    X(announced)          \
    X(questions)          \
    X(answered)           \
    X(timed_out)          \
    X(failed)             \
    X(cancelled)          \
    X(abandoned)          \
    X(deadlocks)          \
    X(late_replies)       \
    X(waits_for_places)   \
    X(restarts)           \
    X(downs)              \
    X(retried)            \
    X(escalations)        \
    X(failed_starts)      \
    X(deployed)           \
    X(not_deployed)       \
    X(promoted)           \
    X(put_back)           \
    X(falls)              \
    X(seen_again)         \
    X(failed_allocations) \
    X(stopped_in_middle)

typedef struct tally {
#define TALLY_MEMBER(name) uint64_t name;
    TALLY_MAP(TALLY_MEMBER)
#undef TALLY_MEMBER
} tally;

#define DEPLOYMENTS_MAX 40u
/// Versions, from 0 on; those behind VERSIONS_GOOD fail in events.
#define VERSIONS 6u
#define VERSIONS_GOOD 3u

struct deployment;

struct world {
    plan plan;
    sched_sim *sim;
    base_alloc_fault fault;
    actor_space space;
    router router;
    component_space components;
    wasm_ticker ticker;
    engine *machine;
    bool space_made;
    bool router_made;

    mind minds[MINDS_MAX];
    uint32_t minds_count;
    /// The first one is the root.
    overseer overseers[SUPERVISORS_MAX];
    uint32_t overseers_count;

    ledger ledger;
    struct deployment *deployments;
    uint32_t deployments_count;
    uint32_t ops_left;
    /// Nobody begins anything any more.
    bool winding_down;
    void (*router_dead_letter)(actor_space *space, const actor *receiver, envelope *mail, airs_drop_reason reason,
                               const char *text);
    tally *tally;
};

// ---------------------------------------------------------------- world.c

/// Runs one seed to its end, checks it, and adds to `total` what it reached. The hash of the order.
uint64_t world_run(uint64_t seed, const workload *which, tally *total);

_Noreturn void world_fail(const world *self, const char *format, ...) AIRS_PRINTF(2, 3);

#define MUST(here, expression) \
    ((expression) ? (void)0 : world_fail((here), "%s:%d: %s", __FILE__, __LINE__, #expression))

uint32_t world_below(world *self, uint32_t bound);
/// True once in `of` times.
bool world_one_in(world *self, uint32_t of);

/// The mind of an id or of a name, NULL when it is none.
mind *world_mind(world *self, uint64_t id);
mind *world_mind_of_name(world *self, const char *name);

/// Makes one more participant; nothing where there is no room or no memory.
void world_spawn(world *self);

/// Tells an actor to stop or to die, as the API would.
void world_signal(world *self, uint64_t id, actor_signal signal);

// ---------------------------------------------------------------- mind.c

/// Draws what to do next. RETURN ends the event.
void mind_decide(mind *self, op *ret_op);
/// Fills in what the end of the event in hand says.
void mind_settle(mind *self, op *ret_op);

// ---------------------------------------------------------------- books.c

void books_sees_message(mind *self, const airs_message *message);
void books_sees_reply(mind *self, const airs_reply *reply);
void books_sees_down(mind *self, const airs_down *down);
/// Nothing may come of this one any more.
void books_forgets_monitor(mind *self, uint32_t at);
/// The event in hand has been handled with the outcome in `done`.
void books_settled(mind *self, const op *done);
void books_done(mind *self, const op *done, const op_result *result);
/// The incarnation has ended in the middle of an op.
void books_dropped(mind *self, const op *pending);
void books_incarnation_begins(mind *self);
void books_incarnation_ended(mind *self);
/// The outcome of a question, wherever it arrived.
void books_outcome(world *self, uint32_t question, airs_status status, airs_bytes payload);
void books_dead_letter(world *self, const actor *receiver, const envelope *mail, airs_drop_reason reason);
/// Whether an ask of `self` to `to` closes a circle of those who wait.
bool books_closes_circle(mind *self, uint64_t to);

// ---------------------------------------------------------------- native.c, guest.c, host.c

airs_status native_mind_spawn(mind *self, const actor_options *options);
airs_status guest_mind_spawn(mind *self, const actor_options *options);
/// Makes the scripted engine use the minds of this world.
void guest_use(world *self);
/// Something from outside: a message, a request, a publication, a spawn, a stop…
void host_acts(world *self);

/// A component of the scripted engine.
airs_status guest_load(world *self, uint32_t exports, uint32_t version, airs_component **ret);

// ---------------------------------------------------------------- deploys.c

/// Deploys to some, or changes its mind about that.
void deploys_act(world *self);
/// What an instance does while it is brought up, saves or leaves; false: what it would do otherwise.
bool deploys_decide(mind *self, const component_actor *cell, script_call call, op *ret);
/// The version has gone in the middle of an event, which will come again.
void deploys_fell(mind *self);
void deploys_saved(mind *self, const component_actor *cell, script_state state);
void deploys_loaded(mind *self, const component_actor *cell, script_state state);
/// Canaries that run would run for ever. Whether there was one.
bool deploys_wind_down(world *self);
/// At rest none is under way.
void deploys_check_over(const world *self);
/// All has ended.
void deploys_end(world *self);

// ---------------------------------------------------------------- rules.c

/// What holds whenever nothing is left to do but to wait.
void rules_check_still(world *self);
/// What holds when nothing is left to wait for.
void rules_check_quiet(world *self);
/// What holds when all has ended.
void rules_check_ended(world *self);
void rules_on_event(void *user, const airs_event *event);
void rules_on_log(void *user, const airs_log_record *record);

#endif
