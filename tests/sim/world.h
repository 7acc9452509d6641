// SPDX-License-Identifier: MIT OR Apache-2.0
/// One simulated system: the core as it is, on a seeded scheduler with a virtual clock, with participants ("minds")
/// that draw what they do from the seed. A broken rule ends the program, and says with which seed.
///
///   plan.c    what a seed draws           ledger.c   the simulator's own books
///   mind.c    what a participant decides  books.c    what it sees and does, entered into the books
///   native.c  natives carry it out        guest.c    scripted components do
///   deploys.c other versions of those are deployed
///   steps.c   what fails at which step of that            sides.c   what each version in an actor has and knows
///   disk.c    what is written down of it, and comes back  after a kill of the node
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

/// What one version in an actor has. There are two of them while a canary runs in it: one has the seat, and what it
/// has is in the mind itself; what the other one has is beside.
typedef struct side {
    debt debts[KEPT_MAX];
    uint32_t debts_count;
    kept questions;
    kept subscriptions;
    kept timers;
    bool exits;
    bool leaves;
    /// Messages that its state knows of.
    uint64_t knows;
} side;

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
    /// The last one to it, plus 1, and how many have gone well in a row.
    uint32_t deployment;
    uint32_t deployed_in_row;
    /// What was saved last, for the last swap, and for the version before where it may come with that.
    script_state saved, snapshot, past;
    bool has_snapshot;
    /// As `side.knows`, of who has the seat.
    uint64_t knows;
    /// An instance was brought up since the last message: with the state of before, with another one, or none.
    bool brought_up, comes_back, comes_fresh, had_snapshot;
    /// How often one was on the way back.
    uint32_t tries;
    /// What may be known after those that were brought up before that one, and since the last message.
    uint64_t may_know[KEPT_MAX];
    uint32_t may_know_count;
    /// What it was given, if it was.
    bool loads, loaded;
    script_state given;
    /// The number of the instance that was brought up last in a rehearsal: it may come to stay. 0: none.
    uint64_t spare;
    /// The number of the instance that has done something in its start, before it was known whether it stays; 0: none.
    uint64_t candidate;
    /// What one of its versions did not know of is ended: a number that it has may be of nothing.
    bool lost_some;
    /// The number of its twin, 0: none; who has the seat; and what the other one has.
    uint32_t twin;
    bool twin_acts;
    side beside;
    /// Whom the old version has met while there is a twin that is chosen by sender, and whom the twin; bits of minds.
    bool by_sender;
    uint64_t met[2];
    /// What runs need not be what is written down: it could not be put back, or nobody kept two deployments apart.
    bool strayed;
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

/// The same of the workload that deploys.
#define DEPLOYS_MAP(X)  \
    X(taken)            \
    X(refused_to_begin) \
    X(side_by_side)     \
    X(five_in_row)      \
    X(came_back)        \
    X(came_fresh)       \
    X(twins)            \
    X(twin_events)      \
    X(twins_gone)       \
    X(by_hand)          \
    X(candidates)       \
    X(candidates_gone)  \
    X(spares)           \
    X(not_written)      \
    X(put_back_late)    \
    X(nodes_killed)

typedef struct tally {
#define TALLY_MEMBER(name) uint64_t name;
    TALLY_MAP(TALLY_MEMBER)
    DEPLOYS_MAP(TALLY_MEMBER)
#undef TALLY_MEMBER
} tally;

#define DEPLOYMENTS_MAX 60u
/// Versions, from 0 on; those behind VERSIONS_GOOD fail in events.
#define VERSIONS 6u
#define VERSIONS_GOOD 3u

struct deployment;

/// What the disk says of one actor.
typedef struct written {
    bool there;
    char name[16];
    uint32_t exports;
    uint32_t version;
    /// NONE: it has no settings.
    uint32_t setting;
} written;

/// What outlives a node.
typedef struct disk {
    written minds[MINDS_MAX];
    uint32_t count;
    /// So many writes fail from here on.
    uint32_t failing;
} disk;

/// What a world that deploys is to see above all: a fault at a step (numbers of steps.c).
typedef struct wanted {
    uint32_t order;
    uint32_t stage;
    uint32_t fault;
} wanted;

struct world {
    plan plan;
    wanted wanted;
    sched_sim *sim;
    base_alloc_fault fault;
    actor_space space;
    router router;
    component_space components;
    wasm_ticker ticker;
    engine *machine;
    bool space_made;
    bool router_made;
    bool starved;

    mind minds[MINDS_MAX];
    uint32_t minds_count;
    /// The first one is the root.
    overseer overseers[SUPERVISORS_MAX];
    uint32_t overseers_count;

    ledger ledger;
    /// It has come back with what is there; or it was killed, and nothing is written any more.
    disk *disk;
    bool is_back;
    bool killed;
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

/// Whether an allocation has failed so far.
bool world_was_starved(const world *self);
/// The next allocation fails, and those after it.
void world_starve(world *self, uint64_t at, uint64_t count);

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

/// Of a component with these exports in this version.
uint32_t guest_version(const airs_component *of);
/// A component of the scripted engine.
airs_status guest_load(world *self, uint32_t exports, uint32_t version, airs_component **ret);

// ---------------------------------------------------------------- deploys.c

/// Deploys to some, or changes its mind about that.
void deploys_act(world *self);
/// Somebody changes his mind about the deployment to it, if there is one.
bool deploys_abort(mind *self);
/// What could not be written down is put back. Whether there was something.
bool deploys_put_back(world *self);
/// The one above it dies, but for the first, and with it all of its children. False: there is none.
bool deploys_kill_supervisor(world *self, overseer *it);
/// Nobody deploys to it any more.
bool deploys_is_left_alone(const mind *self);
/// Canaries that run would run for ever. Whether there was one.
bool deploys_wind_down(world *self);
/// At rest none is under way.
void deploys_check_over(const world *self);
/// All has ended.
void deploys_end(world *self);

// ---------------------------------------------------------------- steps.c

/// Nothing fails, so that many deployments follow each other.
bool steps_are_calm(const world *self);
/// Draws what is wanted, so that all of it comes somewhere.
void steps_aim(world *self);
/// Whether what is wanted is at a step of a twin, of settings that an instance is told, of a way back,
bool steps_wants_twins(const world *self);
bool steps_wants_settings(const world *self);
bool steps_wants_back(const world *self);
/// Or of a `run` that is left.
bool steps_wants_leaving(const world *self);
/// What an instance does while it is brought up, saves or leaves, and what happens to it then; false: what it would do
/// otherwise.
bool steps_decide(mind *self, const component_actor *cell, script_call call, uint32_t version, op *ret);
/// Prints how often what has failed where. False: something never did.
bool steps_report(void);

// ---------------------------------------------------------------- sides.c

/// Before anything else is done with it: whether another version has the seat by now, or a twin has gone.
void sides_look(mind *self, const component_actor *cell);
void sides_look_at_all(world *self);
/// It does something in its start, and may not stay.
void sides_try(mind *self, const component_actor *cell, op *what);
/// There is no twin any more.
void sides_end_twin(mind *self);
/// The version has gone in the middle of an event, which will come again.
void sides_fell(mind *self);
/// An instance is brought up for an order, is given a state, has saved or loaded one.
void sides_bring_up(mind *self, const component_actor *cell);
/// The instance that has the seat does something: it may be one that was made ready before the order.
void sides_take_spare(mind *self, const component_actor *cell);
void sides_loads(mind *self, const component_actor *cell);
void sides_saved(mind *self, const component_actor *cell, script_state state);
void sides_loaded(mind *self, const component_actor *cell, script_state state);
/// It sees a message, and knew of so many.
void sides_know(mind *self, const component_actor *cell, uint64_t knew);
void sides_meet(mind *self, uint64_t sender);

// ---------------------------------------------------------------- disk.c

/// Whether something can be written now.
bool disk_writes(world *self);
/// An actor that there is from now on.
void disk_add(mind *self, uint32_t exports, uint32_t version);
/// What it is from now on.
void disk_change(mind *self, uint32_t exports, uint32_t version, uint32_t setting);
/// Of an actor that came back; NULL: it is a new one.
const written *disk_of(const world *self, uint32_t index);
/// Each that nobody deploys to is what the disk says.
void disk_check(const world *self);

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
