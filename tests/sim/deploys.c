// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployments in a world: the rollout as it is, to components that fail, hang and refuse at each of its steps, while
/// actors, supervisors and the whole system are ended, and memory runs out.
#include "deploy/rollout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "component/upgrade.h"
#include "world.h"

typedef struct aim {
    uint32_t mind;
    airs_component *before;
    airs_component *after;
    /// The only setting is the number of the deployment that has given it; NONE: it has none.
    uint32_t setting_before;
    uint32_t setting_after;
} aim;

typedef struct deployment {
    world *world;
    uint32_t number;
    /// NULL: it was never begun.
    rollout *rollout;
    aim aims[MINDS_MAX];
    uint32_t count;
    /// Ends with the old version though nothing went wrong.
    bool dry_run;
    bool aborted;
    uint32_t ended;
} deployment;

// ---------------------------------------------------------------- what must come of it

static uint32_t setting_of(const actor *cell)
{
    return cell->config_count == 0 ? NONE : (uint32_t)strtoul(cell->config[0].value, NULL, 10);
}

/// Each that lives, and was not deployed to since, is of the one version or of the other, with the settings to that.
static void check_versions(const deployment *self, bool deployed)
{
    const world *here = self->world;
    for (uint32_t i = 0; i < self->count; i++) {
        const aim *at = &self->aims[i];
        const mind *it = &here->minds[at->mind];
        actor *cell = actor_find(&here->space, it->id);
        if (cell == NULL || it->deployment != self->number + 1)
            continue;
        const airs_component *is = component_actor_of(cell)->component;
        if (is != (deployed ? at->after : at->before))
            world_fail(here, "deployment %u ended with the %s version, but \"%s\" is of %s", self->number,
                       deployed ? "new" : "old", it->name,
                       is == at->before  ? "the old"
                       : is == at->after ? "the new"
                                         : "neither");
        uint32_t setting = setting_of(cell);
        if (setting != (deployed ? at->setting_after : at->setting_before))
            world_fail(here, "deployment %u ended with the %s version, but \"%s\" has the settings of %u", self->number,
                       deployed ? "new" : "old", it->name, setting);
    }
}

static void on_ended(void *user)
{
    deployment *self = user;
    world *here = self->world;
    MUST(here, ++self->ended == 1);
    if (self->rollout == NULL)
        return;
    airs_deploy_result result;
    rollout_result(self->rollout, &result);
    MUST(here, !result.deployed || !self->dry_run);
    MUST(here, result.deployed || result.text[0] != '\0' || self->dry_run || self->aborted);
    MUST(here, result.actors + result.actors_gone == self->count);
    sched_sim_note(here->sim, (uint64_t)self->number << 8 | (uint64_t)result.deployed);
    here->tally->deployed += result.deployed;
    here->tally->not_deployed += !result.deployed;
    here->tally->put_back += result.reverted;
    check_versions(self, result.deployed);
}

void deploys_check_over(const world *self)
{
    for (uint32_t i = 0; i < self->deployments_count; i++) {
        if (self->deployments[i].ended != 1)
            world_fail(self, "deployment %u does not end", i);
    }
}

void deploys_end(world *self)
{
    deploys_check_over(self);
    for (uint32_t i = 0; i < self->deployments_count; i++) {
        deployment *it = &self->deployments[i];
        if (it->rollout != NULL)
            rollout_release(it->rollout);
        for (uint32_t k = 0; k < it->count; k++)
            airs_component_release(it->aims[k].after);
    }
    free(self->deployments);
    self->deployments = NULL;
    self->deployments_count = 0;
}

// ---------------------------------------------------------------- beginning one

/// Aims at some of those that there are; false when there is no memory for what they are to be.
static bool aim_at_some(world *self, deployment *to, uint32_t version)
{
    uint32_t one_in = 1 + world_below(self, 3);
    for (uint32_t i = 0; i < self->minds_count; i++) {
        const mind *it = &self->minds[i];
        actor *cell = it->component ? actor_find(&self->space, it->id) : NULL;
        if (cell == NULL || !world_one_in(self, one_in))
            continue;
        aim *at = &to->aims[to->count];
        at->mind = i;
        at->before = component_actor_of(cell)->component;
        at->setting_before = at->setting_after = setting_of(cell);
        // Of some only the settings change.
        if ((to->number + to->count) % 4 == 0) {
            airs_component_retain(at->before);
            at->after = at->before;
        } else if (guest_load(self, it->exports, version, &at->after) != AIRS_OK) {
            return false;
        }
        to->count++;
    }
    return true;
}

static airs_deploy_options draw_options(world *self)
{
    return (airs_deploy_options){
        .drain_timeout_ms = 1 + world_below(self, world_one_in(self, 2) ? 5 : 300),
        .probation_ms = world_one_in(self, 4) ? AIRS_NO_PROBATION : 1 + world_below(self, 300),
        .rollback_state = (airs_rollback_state)world_below(self, 2),
        .parallel_max = 1 + world_below(self, 8),
        .dry_run = world_one_in(self, 8),
        // Some get the new version first, the others when it is promoted.
        .canary = world_one_in(self, 4),
        .canary_by = AIRS_CANARY_BY_INSTANCE,
        .canary_ppm = 500000,
    };
}

static void begin(world *self, deployment *it)
{
    rollout_target targets[MINDS_MAX];
    airs_deploy_options options = draw_options(self);
    it->dry_run = options.dry_run;
    char number[16];
    (void)snprintf(number, sizeof number, "%" PRIu32, it->number);
    const airs_setting setting = {"deployment", number};
    for (uint32_t i = 0; i < it->count; i++) {
        bool sets = !options.canary && (it->number + i) % 2 == 0;
        if (sets)
            it->aims[i].setting_after = it->number;
        targets[i] = (rollout_target){
            .actor = self->minds[it->aims[i].mind].id,
            .rank = world_below(self, 3),
            .component = it->aims[i].after,
            .stays = options.canary && world_one_in(self, 2),
            .has_config = sets,
            .config = &setting,
            .config_count = sets,
        };
    }
    rollout *made;
    // Where one of them can't be aimed at, it ends before it has begun.
    it->aborted = true;
    airs_status status = rollout_start(&self->space, targets, it->count, &options, on_ended, it, &made, NULL);
    it->rollout = made;
    MUST(self, status == AIRS_OK || status == AIRS_E_TAKEN || status == AIRS_E_NOMEM);
    MUST(self, made != NULL || (status == AIRS_E_NOMEM && it->ended == 0));
    if (made == NULL)
        it->ended = 1;
    it->aborted = status != AIRS_OK;
    // Those that another one has are that one's.
    for (uint32_t i = 0; i < it->count && status == AIRS_OK; i++)
        self->minds[it->aims[i].mind].deployment = it->number + 1;
}

static void deploy(world *self)
{
    if (self->deployments == NULL)
        self->deployments = calloc(DEPLOYMENTS_MAX, sizeof *self->deployments);
    AIRS_ASSERT(self->deployments != NULL);
    if (self->deployments_count == DEPLOYMENTS_MAX)
        return;
    deployment *it = &self->deployments[self->deployments_count];
    *it = (deployment){.world = self, .number = self->deployments_count};
    bool complete = aim_at_some(self, it, world_below(self, VERSIONS));
    self->deployments_count++;
    if (complete && it->count > 0)
        begin(self, it);
    else
        it->ended = 1;
}

/// A supervisor dies, but for the first, and with it all of its children.
static void kill_supervisor(world *self)
{
    if (self->overseers_count < 2)
        return;
    overseer *it = &self->overseers[1 + world_below(self, self->overseers_count - 1)];
    sched_read read = sched_read_enter(sched_sim_sched(self->sim));
    actor *cell = actor_find(&self->space, it->id);
    it->killed |= cell != NULL;
    if (cell != NULL)
        actor_signal_send(cell, ACTOR_SIGNAL_CRASH);
    sched_read_leave(sched_sim_sched(self->sim), read);
}

/// Ends a canary, where one runs.
static bool end_canary(world *self, deployment *it, bool promotes)
{
    if (it->rollout == NULL || it->ended > 0)
        return false;
    if (!promotes)
        return rollout_end_canary(it->rollout, "it had its time");
    bool did = rollout_promote(it->rollout, "");
    self->tally->promoted += did;
    return did;
}

bool deploys_wind_down(world *self)
{
    bool did = false;
    for (uint32_t i = 0; i < self->deployments_count; i++)
        did |= end_canary(self, &self->deployments[i], i % 2 == 0);
    return did;
}

void deploys_act(world *self)
{
    uint32_t which = world_below(self, 8);
    if (which == 0 && self->deployments_count > 0) {
        deployment *it = &self->deployments[world_below(self, self->deployments_count)];
        it->aborted = true;
        if (it->rollout != NULL)
            rollout_abort(it->rollout, "somebody has changed his mind");
    } else if (which == 1) {
        kill_supervisor(self);
    } else if (which == 2 && self->deployments_count > 0) {
        deployment *it = &self->deployments[world_below(self, self->deployments_count)];
        (void)end_canary(self, it, !world_one_in(self, 3));
    } else {
        deploy(self);
    }
}

// ---------------------------------------------------------------- what instances do in it

bool deploys_decide(mind *self, const component_actor *cell, script_call call, op *ret)
{
    world *here = self->world;
    bool aside = call == SCRIPT_CHECK || call == SCRIPT_SAVE || call == SCRIPT_LOAD || call == SCRIPT_APPLY;
    if (!aside && (cell->role == COMPONENT_ROLE_SELF || call == SCRIPT_RUN))
        return false;
    ret->letter = ret->question = NONE;
    ret->kind = OP_RETURN;
    ret->settle = SETTLE_DONE;
    // In every second world most go well, so that all is tried of what comes after.
    switch (world_below(here, here->plan.seed % 2 == 0 ? 40 : 400)) {
    case 0:
        ret->settle = SETTLE_ERROR;
        break;
    case 1:
        ret->kind = OP_TRAP;
        break;
    case 2:
        // It hangs: waiting, or at work.
        ret->kind = OP_SLEEP;
        ret->delay_ms = 60000;
        break;
    case 3:
        ret->kind = world_one_in(here, 10) ? OP_SPIN : OP_SLEEP;
        ret->delay_ms = 1 + world_below(here, 200);
        ret->ticks = 40000;
        break;
    case 4:
        ret->kind = OP_SPIN;
        ret->ticks = 1 + world_below(here, 20);
        break;
    default:
        break;
    }
    return true;
}

void deploys_fell(mind *self)
{
    ledger *books = &self->world->ledger;
    if (self->in_event) {
        self->world->tally->falls++;
        if (self->letter != NONE) {
            self->letter_again = self->letter;
        } else if (self->reply != NONE) {
            self->reply_again = self->reply;
            books->replies_seen--;
        } else {
            // An announcement, which has no letter of its own.
            books->messages_seen--;
        }
    }
    // It comes again, and is not missed.
    books->replies_unseen -= self->missed_reply;
    self->missed_reply = false;
    self->in_event = self->exits = self->leaves = false;
    self->letter = self->reply = self->asking = self->sending = NONE;
    self->in_hand = (debt){0};
}

static bool same(script_state a, script_state b)
{
    return a.seen == b.seen;
}

void deploys_saved(mind *self, const component_actor *cell, script_state state)
{
    self->saved = state;
    if (cell->cell.ordered != NULL && cell->cell.ordered->order == ACTOR_ORDER_SWAP)
        self->snapshot = state;
}

void deploys_loaded(mind *self, const component_actor *cell, script_state state)
{
    const actor_upgrade *order = cell->cell.ordered;
    MUST(self->world, order != NULL);
    bool forward = order->order == ACTOR_ORDER_REHEARSE || order->order == ACTOR_ORDER_SWAP;
    bool carries = order->order == ACTOR_ORDER_REVERT && order->rollback_state == AIRS_ROLLBACK_CARRY;
    MUST(self->world, ((forward || carries) && same(state, self->saved)) || (!forward && same(state, self->snapshot)));
}
