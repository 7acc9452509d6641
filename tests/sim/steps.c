// SPDX-License-Identifier: MIT OR Apache-2.0
/// What fails at which step of a deployment: each fault is drawn where an instance is called for an order, and counted
/// there, so that a run of many seeds can say that each of them was met at each step. A step that an order does not
/// have is empty; `leave` is the end of the `run` of who was there, or of a health check.
///
///                leave  part  save  instantiate  start  load  apply  check  stop
///   rehearse       x           x         x         x     x      x      x
///   split          x           x         x         x     x             x
///   swap           x     x     x         x         x     x      x      x     x
///   prove          x                                                   x
///   revert         x     x     x         x         x     x      x            x
///   fall back                            x         x     x
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "component/upgrade.h"
#include "world.h"

/// X(name)
///   error      it says no, or is not well       trap, starved   it traps; for want of memory
///   waits      it hangs, waiting                spins           it hangs, at work
///   no_memory  the host has none
///   killed     an operator kills the actor      stopped         it is told to end for good
///   supervisor its supervisor dies              node            the node does
///   disk       it is full, or fails, from here  aborted         who deploys changes his mind
#define FAULT_MAP(X) \
    X(error)         \
    X(trap)          \
    X(starved)       \
    X(waits)         \
    X(spins)         \
    X(no_memory)     \
    X(killed)        \
    X(stopped)       \
    X(supervisor)    \
    X(node)          \
    X(disk)          \
    X(aborted)

typedef enum fault {
#define FAULT_ENUM(name) FAULT_##name,
    FAULT_MAP(FAULT_ENUM)
#undef FAULT_ENUM
    FAULT_COUNT,
} fault;

#define ORDERS (ACTOR_ORDER_FALL_BACK + 1)
#define STAGES (UPGRADE_STAGE_STOP + 1)
#define STAGE(name) (1u << UPGRADE_STAGE_##name)
#define BRINGS_UP (STAGE(INSTANTIATE) | STAGE(START) | STAGE(LOAD))

static const char *const fault_names[] = {
#define FAULT_NAME(name) #name,
    FAULT_MAP(FAULT_NAME)
#undef FAULT_NAME
};

static const char *const order_names[ORDERS] = {
    [ACTOR_ORDER_REHEARSE] = "rehearse", [ACTOR_ORDER_SPLIT] = "split",   [ACTOR_ORDER_SWAP] = "swap",
    [ACTOR_ORDER_PROVE] = "prove",       [ACTOR_ORDER_REVERT] = "revert", [ACTOR_ORDER_FALL_BACK] = "fall back"};

static const char *const stage_names[STAGES] = {
    [UPGRADE_STAGE_LEAVE] = "leave", [UPGRADE_STAGE_PART] = "part",
    [UPGRADE_STAGE_SAVE] = "save",   [UPGRADE_STAGE_INSTANTIATE] = "instantiate",
    [UPGRADE_STAGE_START] = "start", [UPGRADE_STAGE_LOAD] = "load",
    [UPGRADE_STAGE_APPLY] = "apply", [UPGRADE_STAGE_CHECK] = "check",
    [UPGRADE_STAGE_STOP] = "stop"};

/// The table above.
static const uint32_t stages_of[ORDERS] = {
    [ACTOR_ORDER_REHEARSE] = STAGE(LEAVE) | STAGE(SAVE) | BRINGS_UP | STAGE(APPLY) | STAGE(CHECK),
    [ACTOR_ORDER_SPLIT] = STAGE(LEAVE) | STAGE(SAVE) | BRINGS_UP | STAGE(CHECK),
    [ACTOR_ORDER_SWAP] =
        STAGE(LEAVE) | STAGE(PART) | STAGE(SAVE) | BRINGS_UP | STAGE(APPLY) | STAGE(CHECK) | STAGE(STOP),
    [ACTOR_ORDER_PROVE] = STAGE(LEAVE) | STAGE(CHECK),
    [ACTOR_ORDER_REVERT] = STAGE(LEAVE) | STAGE(PART) | STAGE(SAVE) | BRINGS_UP | STAGE(APPLY) | STAGE(STOP),
    [ACTOR_ORDER_FALL_BACK] = BRINGS_UP};

/// Over all seeds.
static uint64_t reached[ORDERS][STAGES][FAULT_COUNT];

// ---------------------------------------------------------------- what is wanted

void steps_aim(world *self)
{
    base_random random = {.state = self->plan.seed * UINT64_C(0x9e3779b97f4a7c15) + 1};
    wanted *it = &self->wanted;
    do {
        it->order = base_random_below(&random, ORDERS);
        it->stage = base_random_below(&random, STAGES);
    } while ((stages_of[it->order] & 1u << it->stage) == 0);
    it->fault = base_random_below(&random, FAULT_COUNT);
    // The hardest to come to.
    static const wanted rare[] = {{ACTOR_ORDER_SWAP, UPGRADE_STAGE_PART, 0},
                                  {ACTOR_ORDER_REVERT, UPGRADE_STAGE_APPLY, 0}};
    if (base_random_below(&random, 8) == 0) {
        const wanted *one = &rare[base_random_below(&random, 2)];
        it->order = one->order;
        it->stage = one->stage;
    }
}

bool steps_are_calm(const world *self)
{
    return self->plan.seed % 16 == 5;
}

bool steps_wants_twins(const world *self)
{
    return self->wanted.order == ACTOR_ORDER_SPLIT || self->wanted.stage == UPGRADE_STAGE_PART;
}

bool steps_wants_settings(const world *self)
{
    return self->wanted.stage == UPGRADE_STAGE_APPLY;
}

bool steps_wants_back(const world *self)
{
    return self->wanted.order == ACTOR_ORDER_REVERT || self->wanted.order == ACTOR_ORDER_FALL_BACK;
}

bool steps_wants_leaving(const world *self)
{
    return self->wanted.stage == UPGRADE_STAGE_LEAVE;
}

// ---------------------------------------------------------------- what happens

static overseer *supervisor_of(const mind *self)
{
    world *here = self->world;
    for (uint32_t i = 1; i < here->overseers_count; i++) {
        if (here->overseers[i].id == self->supervisor)
            return &here->overseers[i];
    }
    return NULL;
}

/// It comes from outside while the instance is called: before the call has come back, or while it waits.
static void meanwhile(mind *self, op *ret)
{
    if (world_one_in(self->world, 2))
        return;
    ret->kind = OP_SLEEP;
    ret->delay_ms = 1 + world_below(self->world, 20);
}

/// False: that can't happen here.
static bool happens_outside(mind *self, fault which)
{
    world *here = self->world;
    overseer *above;
    switch (which) {
    case FAULT_killed:
        world_signal(here, self->id, ACTOR_SIGNAL_CRASH);
        return true;
    case FAULT_stopped:
        world_signal(here, self->id, world_one_in(here, 2) ? ACTOR_SIGNAL_STOP : ACTOR_SIGNAL_KILL);
        return true;
    case FAULT_supervisor:
        above = supervisor_of(self);
        return above != NULL && deploys_kill_supervisor(here, above);
    case FAULT_node:
        if (here->killed)
            return false;
        here->killed = true;
        here->tally->nodes_killed++;
        return true;
    case FAULT_disk:
        here->disk->failing = 1 + world_below(here, 3);
        return true;
    case FAULT_aborted:
        return deploys_abort(self);
    default:
        return false;
    }
}

static bool happens(mind *self, fault which, op *ret)
{
    world *here = self->world;
    switch (which) {
    case FAULT_error:
        ret->settle = SETTLE_ERROR;
        return true;
    case FAULT_trap:
        ret->kind = OP_TRAP;
        return true;
    case FAULT_starved:
        ret->kind = OP_TRAP;
        ret->starved = true;
        return true;
    case FAULT_waits:
        ret->kind = OP_SLEEP;
        ret->delay_ms = 60000;
        return true;
    case FAULT_spins:
        ret->kind = OP_SPIN;
        ret->ticks = 40000;
        return true;
    case FAULT_no_memory:
        world_starve(here, 1 + world_below(here, 2), 1 + world_below(here, 3));
        return true;
    default:
        if (!happens_outside(self, which))
            return false;
        meanwhile(self, ret);
        return true;
    }
}

// ---------------------------------------------------------------- where

/// A version reads what older ones have saved, and the one after it.
static bool reads(const component_actor *cell, uint32_t version)
{
    const component_state *state = cell->upgrade == NULL ? NULL : cell->upgrade->load;
    return state == NULL || strtoul(state->version, NULL, 10) <= version + 1;
}

static void count_side_by_side(world *here)
{
    uint32_t upgrading = 0;
    for (uint32_t i = 0; i < here->minds_count; i++) {
        const actor *cell = here->minds[i].component ? actor_find(&here->space, here->minds[i].id) : NULL;
        upgrading += cell != NULL && cell->life.state == AIRS_ACTOR_UPGRADING;
    }
    here->tally->side_by_side += upgrading > 1;
}

static bool is_at_step(const component_actor *cell)
{
    return cell->cell.life.state == AIRS_ACTOR_UPGRADING && cell->cell.ordered != NULL && cell->upgrade != NULL &&
           cell->upgrade->stage > UPGRADE_STAGE_IDLE && cell->upgrade->stage < STAGES;
}

/// FAULT_COUNT or more: none.
static uint32_t draw_fault(mind *self, const component_actor *cell, bool at_step)
{
    world *here = self->world;
    const wanted *most = &here->wanted;
    if (steps_are_calm(here))
        return FAULT_COUNT * 2;
    if (at_step && cell->cell.ordered->order == most->order && cell->upgrade->stage == most->stage &&
        world_one_in(here, 2))
        return most->fault;
    // Who goes back has come to be there, and was put out.
    if (at_step && cell->cell.ordered->order == ACTOR_ORDER_SWAP && cell->upgrade->stage >= UPGRADE_STAGE_APPLY &&
        steps_wants_back(here) && world_one_in(here, 4))
        return FAULT_aborted;
    uint32_t drawn = world_below(here, here->plan.seed % 2 == 0 ? 90 : 900);
    // What takes long, or ends all, is seldom.
    bool is_rare = drawn == FAULT_spins || drawn == FAULT_node;
    return is_rare && !world_one_in(here, 4) ? FAULT_COUNT : drawn;
}

bool steps_decide(mind *self, const component_actor *cell, script_call call, uint32_t version, op *ret)
{
    world *here = self->world;
    bool at_step = is_at_step(cell);
    bool aside = call == SCRIPT_CHECK || call == SCRIPT_SAVE || call == SCRIPT_LOAD || call == SCRIPT_APPLY;
    bool acts = cell->role == COMPONENT_ROLE_SELF || cell->role == COMPONENT_ROLE_TWIN || call == SCRIPT_RUN;
    if (!aside && acts && !at_step)
        return false;
    // It may be in its last event still.
    if (call == SCRIPT_RUN && self->in_event)
        return false;
    // In every second world most go well, so that all is tried of what comes after.
    uint32_t drawn = draw_fault(self, cell, at_step);
    op decided = {.kind = OP_RETURN, .settle = SETTLE_DONE, .letter = NONE, .question = NONE};
    bool fails = drawn < FAULT_COUNT && (at_step || drawn <= FAULT_spins) && happens(self, (fault)drawn, &decided);
    if (!fails && !aside && acts && call != SCRIPT_INSTANTIATE && call != SCRIPT_START && call != SCRIPT_STOP)
        return false;
    if (!fails && drawn < 2 * FAULT_COUNT) {
        // It only takes its time.
        decided.kind = drawn % 2 == 0 ? OP_SLEEP : OP_SPIN;
        decided.delay_ms = 1 + world_below(here, 200);
        decided.ticks = 1 + world_below(here, 20);
    }
    if (!fails && call == SCRIPT_LOAD && !reads(cell, version)) {
        decided.kind = OP_RETURN;
        decided.settle = SETTLE_ERROR;
    }
    if (at_step) {
        count_side_by_side(here);
        if (fails)
            reached[cell->cell.ordered->order][cell->upgrade->stage][drawn]++;
    }
    // Some do something in their start, as they would in an event. Not where there was no memory to note what for: that
    // is not ended with them.
    bool noted = cell->role != COMPONENT_ROLE_CANDIDATE || (at_step && cell->upgrade->notes);
    if (!fails && at_step && noted && call == SCRIPT_START && decided.kind == OP_RETURN && world_one_in(here, 3)) {
        sides_try(self, cell, ret);
        return true;
    }
    *ret = decided;
    return true;
}

// ---------------------------------------------------------------- what was met

/// False: one of the faults was never met at it, or it is no step.
static bool report_step(uint32_t order, uint32_t stage)
{
    const uint64_t *met = reached[order][stage];
    bool there = (stages_of[order] & 1u << stage) != 0, complete = true;
    uint64_t sum = 0, least = UINT64_MAX;
    for (uint32_t i = 0; i < FAULT_COUNT; i++) {
        sum += met[i];
        least = met[i] < least ? met[i] : least;
        if (there && met[i] == 0)
            printf("    never: %s at %s of %s\n", fault_names[i], stage_names[stage], order_names[order]);
        complete &= !there || met[i] > 0;
    }
    if (there)
        printf("    %-10s %-12s %8" PRIu64 " %6" PRIu64 "\n", order_names[order], stage_names[stage], sum, least);
    else if (sum > 0)
        printf("    not in the table: order %" PRIu32 ", stage %" PRIu32 "\n", order, stage);
    return complete && (there || sum == 0);
}

bool steps_report(void)
{
    bool complete = true;
    printf("  faults at each step: all, and the rarest of them\n");
    for (uint32_t order = 0; order < ORDERS; order++) {
        for (uint32_t stage = 0; stage < STAGES; stage++)
            complete &= report_step(order, stage);
    }
    return complete;
}
