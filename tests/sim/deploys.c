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
    bool from_past;
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
    bool snapshot;
    uint32_t ended;
    /// It was not written down, and has to be put back; or it does that.
    bool goes_back;
    bool puts_back;
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

/// What a node does at the end of it: it is written down, all of it, or it is to go back.
static void write_down(deployment *self, bool deployed)
{
    world *here = self->world;
    bool stays = deployed && disk_writes(here);
    self->goes_back = deployed && !stays && !here->killed;
    for (uint32_t i = 0; i < self->count; i++) {
        const aim *at = &self->aims[i];
        mind *it = &here->minds[at->mind];
        if (stays)
            disk_change(it, at->after->exports, guest_version(at->after), at->setting_after);
        it->deployed_in_row = stays ? it->deployed_in_row + 1 : 0;
        here->tally->five_in_row += it->deployed_in_row == 5;
        if (deployed && !wasm_component_equal(at->before, at->after))
            it->past = self->snapshot ? it->snapshot : (script_state){0};
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
    if (!self->puts_back) {
        write_down(self, result.deployed);
        return;
    }
    here->tally->put_back_late += result.deployed;
    for (uint32_t i = 0; i < self->count && !result.deployed; i++)
        here->minds[self->aims[i].mind].strayed = true;
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
        for (uint32_t k = 0; k < it->count; k++) {
            airs_component_release(it->aims[k].before);
            airs_component_release(it->aims[k].after);
        }
    }
    free(self->deployments);
    self->deployments = NULL;
    self->deployments_count = 0;
}

// ---------------------------------------------------------------- beginning one

bool deploys_is_left_alone(const mind *self)
{
    const world *here = self->world;
    for (uint32_t i = 0; i < here->deployments_count; i++) {
        const deployment *it = &here->deployments[i];
        for (uint32_t k = 0; k < it->count && (it->ended == 0 || it->goes_back); k++) {
            if (it->aims[k].mind == self->index)
                return false;
        }
    }
    return true;
}

/// What it had before, or what others get too, with `state` or without, or what it has: then only its settings change.
/// False when there is no memory for it.
static bool choose_after(world *self, const deployment *to, aim *at, const component_actor *cell, uint32_t version)
{
    const mind *it = &self->minds[at->mind];
    if ((to->number + to->count) % (steps_wants_settings(self) ? 2 : 4) == 0) {
        airs_component_retain(at->before);
        at->after = at->before;
        return true;
    }
    if (cell->past != NULL && world_one_in(self, 5)) {
        at->from_past = true;
        airs_component_retain(cell->past);
        at->after = cell->past;
        return true;
    }
    uint32_t exports = it->exports ^ (world_one_in(self, 12) ? (uint32_t)ENGINE_EXPORT_STATE : 0u);
    return guest_load(self, exports, version, &at->after) == AIRS_OK;
}

/// Aims at some of those that there are; false when there is no memory for what they are to be.
static bool aim_at_some(world *self, deployment *to, uint32_t version)
{
    uint32_t one_in = 1 + world_below(self, 3);
    // A node does not begin a deployment to whom another one has. Here some find that out for themselves.
    bool careful = !world_one_in(self, 4);
    for (uint32_t i = 0; i < self->minds_count; i++) {
        mind *it = &self->minds[i];
        actor *cell = it->component ? actor_find(&self->space, it->id) : NULL;
        bool alone = cell != NULL && deploys_is_left_alone(it);
        if (cell == NULL || !world_one_in(self, one_in) || (careful && !alone))
            continue;
        it->strayed |= !alone;
        aim *at = &to->aims[to->count];
        *at = (aim){.mind = i, .before = component_actor_of(cell)->shown};
        at->setting_before = at->setting_after = setting_of(cell);
        if (!choose_after(self, to, at, component_actor_of(cell), version))
            return false;
        airs_component_retain(at->before);
        to->count++;
    }
    return true;
}

static airs_deploy_options draw_options(world *self)
{
    return (airs_deploy_options){
        .on_no_state = (airs_on_no_state)world_below(self, 3),
        .drain_timeout_ms = 1 + world_below(self, world_one_in(self, 2) ? 5 : 300),
        .probation_ms =
            !steps_wants_back(self) && world_one_in(self, 4) ? AIRS_NO_PROBATION : 1 + world_below(self, 300),
        .rollback_state = (airs_rollback_state)world_below(self, 2),
        .parallel_max = 1 + world_below(self, 8),
        .dry_run = world_one_in(self, 8),
        // Some get the new version first, the others when it is promoted.
        .canary = world_one_in(self, steps_wants_twins(self) ? 1 : 4),
        .canary_by = AIRS_CANARY_BY_INSTANCE,
        .canary_ppm = 500000,
    };
}

static bool has_state(const airs_component *of)
{
    return (of->exports & ENGINE_EXPORT_STATE) != 0;
}

/// The policy for those that would come without the state of before.
static bool is_refused(const aim *at, const airs_deploy_options *options, bool sets)
{
    bool applies =
        sets && wasm_component_equal(at->before, at->after) && (at->after->exports & ENGINE_EXPORT_RECONFIGURE) != 0;
    if (applies || (has_state(at->before) && has_state(at->after)))
        return false;
    return options->on_no_state == AIRS_NO_STATE_REFUSE ||
           (options->on_no_state == AIRS_NO_STATE_AUTO && has_state(at->before));
}

/// How a canary is tried: with some, or in each beside the version that is there.
static void draw_canary(world *self, airs_deploy_options *options, rollout_target *targets, uint32_t count)
{
    bool twins = steps_wants_twins(self) || world_one_in(self, 2), by_message = world_one_in(self, 2);
    for (uint32_t i = 0; i < count && options->canary; i++) {
        targets[i].stays = !twins && world_one_in(self, 2);
        targets[i].splits = twins;
        // Of what has state it is by sender: it would be in two places.
        targets[i].by_message = by_message && !has_state(targets[i].component);
        targets[i].share_ppm = world_below(self, 4) * 333334u;
    }
}

static bool set_targets(world *self, deployment *it, airs_deploy_options *options, const airs_setting *settings,
                        rollout_target *targets)
{
    bool refused = false;
    for (uint32_t i = 0; i < it->count; i++) {
        aim *at = &it->aims[i];
        bool sets = !options->canary && (it->number + i) % 2 == 0;
        if (it->puts_back)
            sets = at->setting_after != at->setting_before;
        else if (sets)
            at->setting_after = it->number;
        targets[i] = (rollout_target){
            .actor = self->minds[at->mind].id,
            .rank = world_below(self, 3),
            .component = at->after,
            .from_past = at->from_past,
            .has_config = sets,
            .config = &settings[i],
            .config_count = sets && at->setting_after != NONE,
        };
        self->tally->by_hand += at->from_past;
        refused |= is_refused(at, options, sets);
    }
    draw_canary(self, options, targets, it->count);
    return refused;
}

/// Where one of them can't be aimed at, it ends before it has begun.
static void begin(world *self, deployment *it, airs_deploy_options options)
{
    rollout_target targets[MINDS_MAX];
    airs_setting settings[MINDS_MAX];
    char numbers[MINDS_MAX][16];
    it->dry_run = options.dry_run;
    it->snapshot = options.rollback_state == AIRS_ROLLBACK_SNAPSHOT;
    bool refused = set_targets(self, it, &options, settings, targets);
    for (uint32_t i = 0; i < it->count; i++) {
        (void)snprintf(numbers[i], sizeof numbers[i], "%" PRIu32, it->aims[i].setting_after);
        settings[i] = (airs_setting){"deployment", numbers[i]};
    }
    rollout *made;
    it->aborted = true;
    airs_status status = rollout_start(&self->space, targets, it->count, &options, on_ended, it, &made, NULL);
    it->rollout = made;
    self->tally->taken += status == AIRS_E_TAKEN;
    self->tally->refused_to_begin += status == AIRS_E_UNSUPPORTED;
    MUST(self, status == AIRS_OK || status == AIRS_E_TAKEN || status == AIRS_E_NOMEM || status == AIRS_E_UNSUPPORTED);
    MUST(self, status != AIRS_E_UNSUPPORTED || refused);
    MUST(self, status != AIRS_OK || !refused);
    MUST(self, made != NULL || (status == AIRS_E_NOMEM && it->ended == 0));
    if (made == NULL)
        it->ended = 1;
    it->aborted = status != AIRS_OK;
    // Those that another one has are that one's.
    for (uint32_t i = 0; i < it->count && status == AIRS_OK; i++)
        self->minds[it->aims[i].mind].deployment = it->number + 1;
    // It could not be put back.
    for (uint32_t i = 0; i < it->count && status != AIRS_OK && it->puts_back; i++)
        self->minds[it->aims[i].mind].strayed = true;
}

/// NULL: there were enough.
static deployment *add(world *self)
{
    if (self->deployments == NULL)
        self->deployments = calloc(DEPLOYMENTS_MAX, sizeof *self->deployments);
    AIRS_ASSERT(self->deployments != NULL);
    if (self->deployments_count == DEPLOYMENTS_MAX)
        return NULL;
    deployment *it = &self->deployments[self->deployments_count];
    *it = (deployment){.world = self, .number = self->deployments_count++};
    return it;
}

static void deploy(world *self)
{
    deployment *it = add(self);
    if (it == NULL)
        return;
    // The worst fall, and the one before comes back.
    uint32_t version = world_below(self, VERSIONS);
    if (steps_wants_back(self) && world_one_in(self, 2))
        version = VERSIONS - 1;
    bool complete = aim_at_some(self, it, version);
    // That it begins is written down too.
    if (complete && it->count > 0 && disk_writes(self))
        begin(self, it, draw_options(self));
    else
        it->ended = 1;
}

/// Each that lives gets what it had before.
static void put_back(world *self, const deployment *what)
{
    deployment *it = add(self);
    for (uint32_t i = 0; i < what->count; i++) {
        const aim *at = &what->aims[i];
        mind *whose = &self->minds[at->mind];
        bool lives = actor_find(&self->space, whose->id) != NULL;
        whose->strayed |= it == NULL;
        if (it == NULL || !lives)
            continue;
        it->aims[it->count++] = (aim){at->mind, at->after, at->before, at->setting_after, at->setting_before, false};
        airs_component_retain(at->after);
        airs_component_retain(at->before);
    }
    if (it == NULL)
        return;
    it->puts_back = true;
    if (it->count > 0)
        begin(self, it,
              (airs_deploy_options){.on_no_state = AIRS_NO_STATE_FRESH,
                                    .drain_timeout_ms = 300,
                                    .probation_ms = AIRS_NO_PROBATION,
                                    .parallel_max = 8});
    else
        it->ended = 1;
}

bool deploys_put_back(world *self)
{
    bool did = false;
    for (uint32_t i = 0; i < self->deployments_count; i++) {
        if (!self->deployments[i].goes_back)
            continue;
        self->deployments[i].goes_back = false;
        put_back(self, &self->deployments[i]);
        did = true;
    }
    return did;
}

bool deploys_kill_supervisor(world *self, overseer *it)
{
    sched_read read = sched_read_enter(sched_sim_sched(self->sim));
    actor *cell = actor_find(&self->space, it->id);
    it->killed |= cell != NULL;
    if (cell != NULL)
        actor_signal_send(cell, ACTOR_SIGNAL_CRASH);
    sched_read_leave(sched_sim_sched(self->sim), read);
    return cell != NULL;
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
    bool did = deploys_put_back(self);
    for (uint32_t i = 0; i < self->deployments_count; i++)
        did |= end_canary(self, &self->deployments[i], i % 2 == 0);
    return did;
}

static bool abort_one(deployment *it)
{
    if (it->rollout == NULL || it->ended > 0)
        return false;
    it->aborted = true;
    rollout_abort(it->rollout, "somebody has changed his mind");
    return true;
}

bool deploys_abort(mind *self)
{
    return self->deployment > 0 && abort_one(&self->world->deployments[self->deployment - 1]);
}

void deploys_act(world *self)
{
    (void)deploys_put_back(self);
    uint32_t which = steps_are_calm(self) ? 2 + world_below(self, 6) : world_below(self, 8);
    if (which == 0 && self->deployments_count > 0) {
        (void)abort_one(&self->deployments[world_below(self, self->deployments_count)]);
    } else if (which == 1 && self->overseers_count > 1) {
        (void)deploys_kill_supervisor(self, &self->overseers[1 + world_below(self, self->overseers_count - 1)]);
    } else if (which == 2 && self->deployments_count > 0) {
        deployment *it = &self->deployments[world_below(self, self->deployments_count)];
        (void)end_canary(self, it, !world_one_in(self, 3));
    } else {
        deploy(self);
    }
}
