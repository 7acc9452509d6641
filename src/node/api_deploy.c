// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/deploy.h, but for the history.
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/upgrade.h"
#include "node/canaries.h"
#include "node/deploy_changes.h"
#include "node/deploy_plan.h"
#include "node/deploy_told.h"
#include "node/history.h"

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

// ---------------------------------------------------------------- names

static const char *name_of(const char *const *names, unsigned count, unsigned value)
{
    return value < count ? names[value] : "?";
}

const char *airs_on_no_state_name(airs_on_no_state policy)
{
    static const char *const names[] = {"auto", "fresh", "refuse"};
    return name_of(names, 3, (unsigned)policy);
}

const char *airs_rollback_state_name(airs_rollback_state policy)
{
    static const char *const names[] = {"carry", "snapshot"};
    return name_of(names, 2, (unsigned)policy);
}

const char *airs_deploy_phase_name(airs_deploy_phase phase)
{
    static const char *const names[] = {"rehearsing",   "swapping", "probation", "proving",
                                        "rolling_back", "done",     "trying",    "canary"};
    return name_of(names, 8, (unsigned)phase);
}

// ---------------------------------------------------------------- targets

static actor *find_and_retain(airs_system *system, airs_actor_id id)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    return found;
}

static airs_status check(airs_system *system, const void *targets, size_t count, airs_error *error)
{
    if (system == NULL || targets == NULL || count == 0 || count > UINT32_MAX)
        return base_error_set(error, AIRS_E_INVALID, "there is no actor to deploy to");
    if (system_is_worker(system))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    if (base_atomic_load_acquire(&system->actors.stopping))
        return refuse(error, AIRS_E_STOPPING);
    return AIRS_OK;
}

// ---------------------------------------------------------------- deploying

static void on_ended(void *user)
{
    os_event_set(user);
}

static uint64_t wall_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u;
}

void deploy_brake_pull(deploy_brake *self, const char *why)
{
    os_mutex_lock(&self->lock);
    if (self->why[0] == '\0')
        base_text_copy(self->why, sizeof self->why, base_bytes_of(why));
    if (self->running != NULL)
        rollout_abort(self->running, self->why);
    os_mutex_unlock(&self->lock);
}

/// Which rollout it is for; NULL: none any more.
static void set_brake(deploy_brake *brake, rollout *running)
{
    if (brake == NULL)
        return;
    os_mutex_lock(&brake->lock);
    brake->running = running;
    if (running != NULL && brake->why[0] != '\0')
        rollout_abort(running, brake->why);
    os_mutex_unlock(&brake->lock);
}

/// Runs the rollout to its end. `self->record.result` is set where it began.
static airs_status run(deploy_plan *self, const airs_deploy_options *options, airs_error *error)
{
    airs_system *system = self->system;
    os_event ended;
    os_event_init(&ended);
    rollout *made = NULL;
    uint64_t since_ns = os_clock_now_ns();
    airs_status status =
        rollout_start(&system->actors, self->targets, self->count, options, on_ended, &ended, &made, error);
    if (self->canary != NULL)
        canaries_begun(self->canary, made);
    if (made == NULL)
        return status;
    set_brake(self->brake, made);
    (void)system_wait(system, &ended, OS_NEVER);
    set_brake(self->brake, NULL);
    rollout_result(made, &self->record.result);
    self->lost = rollout_take_lost(made, system->allocator, &self->lost_count);
    rollout_release(made);
    self->record.took_ms = (os_clock_now_ns() - since_ns) / 1000000u;
    return status;
}

/// With children that all have ended there is nothing that could refuse.
static airs_status run_if_any(deploy_plan *self, const airs_deploy_options *options, airs_error *error)
{
    if (self->count > 0)
        return run(self, options, error);
    self->record.result = (airs_deploy_result){.deployed = !options->dry_run};
    return AIRS_OK;
}

/// Deploys to those that `deploy_plan_late` finds. False: not to all of them, and the result's text says why.
static bool run_late(deploy_plan *self, bool back, const airs_deploy_options *options, airs_deploy_result *ret_result)
{
    airs_error error = {0};
    deploy_plan late;
    airs_status status = deploy_plan_late(self, back, &late, &error);
    *ret_result = (airs_deploy_result){0};
    if (status == AIRS_OK) {
        status = run_if_any(&late, options, &error);
        *ret_result = late.record.result;
        if (status == AIRS_OK && !back && ret_result->deployed && self->canary == NULL)
            deploy_plan_join(self, &late);
        deploy_plan_fini(&late);
    }
    if (status != AIRS_OK)
        base_text_copy(ret_result->text, sizeof ret_result->text, base_bytes_of(error.text));
    return status == AIRS_OK && (ret_result->deployed || ret_result->actors == 0);
}

static airs_deploy_options without_probation(const airs_deploy_options *options)
{
    airs_deploy_options brief = *options;
    brief.probation_ms = AIRS_NO_PROBATION;
    brief.canary = false;
    brief.promote_when = brief.rollback_when = NULL;
    return brief;
}

/// The children that were made of the version before while the deployment was under way: they follow, or all go back.
static void follow(deploy_plan *self, const airs_deploy_options *options)
{
    airs_deploy_options brief = without_probation(options);
    airs_deploy_result *result = &self->record.result;
    airs_deploy_result late, back;
    if (run_late(self, false, &brief, &late)) {
        result->actors += late.actors;
        return;
    }
    deploy_plan_restore_templates(self);
    result->deployed = false;
    if (run_late(self, true, &brief, &back))
        base_text_copy(result->text, sizeof result->text, base_bytes_of(late.text));
    else
        (void)snprintf(result->text, sizeof result->text, "%.230s; those that were swapped can't be put back: %.230s",
                       late.text, back.text);
    result->reverted = back.deployed ? back.actors : 0;
}

static airs_status conclude(deploy_plan *self, const airs_deploy_options *options, airs_deploy_result *ret_result,
                            airs_error *error)
{
    airs_deploy_record *record = &self->record;
    record->result.number = history_add(self->system, record, self->lost, self->lost_count);
    self->lost = NULL;
    deploy_told_end(self->system, self->first, record);
    if (ret_result != NULL)
        *ret_result = record->result;
    if (record->result.deployed || (options->dry_run && record->result.text[0] == '\0'))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_FAILED, "%s", record->result.text);
}

/// All of it, when there is something to do.
static airs_status carry_out(deploy_plan *self, const airs_deploy_options *options, airs_deploy_result *ret_result,
                             airs_error *error)
{
    airs_status status = run_if_any(self, options, error);
    if (status == AIRS_OK && !options->dry_run && self->record.result.deployed) {
        deploy_plan_change_templates(self);
        follow(self, options);
    }
    return status == AIRS_OK ? conclude(self, options, ret_result, error) : status;
}

/// Who deploys with a canary looks on; under the rollout's lock.
static void on_canary_event(void *user, const airs_deploy_event *event)
{
    deploy_plan *self = user;
    if (event->phase == AIRS_DEPLOY_CANARY && event->actor.raw == 0)
        canaries_tell(self->canary);
    if (self->on_event != NULL)
        self->on_event(self->user, event);
}

/// The same with a canary, which others can find as long as it runs.
static airs_status carry_out_canary(deploy_plan *self, const airs_deploy_options *options,
                                    airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_result result = {.number = 0};
    airs_error why = {0};
    self->record.canary = true;
    self->canary = canaries_add(self, options);
    if (self->canary == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    airs_deploy_options watched = *options;
    self->on_event = options->on_event;
    self->user = options->user;
    watched.on_event = on_canary_event;
    watched.user = self;
    airs_status status = carry_out(self, &watched, &result, &why);
    canaries_remove(self->canary, status, &result, &why);
    self->canary = NULL;
    if (ret_result != NULL && (status == AIRS_OK || status == AIRS_E_FAILED))
        *ret_result = result;
    return status == AIRS_OK ? AIRS_OK : base_error_set(error, status, "%s", why.text);
}

static airs_status deploy(airs_system *system, const airs_deploy_change *changes, size_t count, bool back,
                          const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_options complete = options == NULL ? (airs_deploy_options){0} : *options;
    airs_status status = rollout_complete(&complete, error);
    deploy_plan it;
    if (status == AIRS_OK)
        status = deploy_plan_init(&it, system, changes, NULL, count, back, error);
    if (status != AIRS_OK)
        return status;
    airs_deploy_record *record = &it.record;
    record->time_ms = wall_ms();
    record->rollback = back;
    record->dry_run = complete.dry_run;
    if (complete.by != NULL)
        base_text_copy(record->by, sizeof record->by, base_bytes_of(complete.by));
    bool any = it.count > 0 || it.groups_count > 0;
    if (any && complete.canary)
        status = canaries_choose(&it, &complete, error);
    if (status == AIRS_OK && any && complete.canary && !complete.dry_run)
        status = carry_out_canary(&it, &complete, ret_result, error);
    else if (status == AIRS_OK && any)
        status = carry_out(&it, &complete, ret_result, error);
    else if (status == AIRS_OK && ret_result != NULL)
        *ret_result = (airs_deploy_result){
            .deployed = true, .actors = (uint32_t)count, .text = "all of them have this component already"};
    deploy_plan_fini(&it);
    return status;
}

static airs_status check_target(airs_actor_id actor_id, const char *template_name, size_t at, airs_error *error)
{
    if (template_name != NULL && (actor_id.raw != 0 || template_name[0] == '\0'))
        return base_error_set(error, AIRS_E_INVALID, "target %zu is an actor and a template, or one without a name",
                              at);
    return AIRS_OK;
}

/// The same component for all, or `back`.
static airs_status deploy_to(airs_system *system, airs_component *component, const airs_deploy_target *targets,
                             size_t count, const airs_deploy_options *options, airs_deploy_result *ret_result,
                             airs_error *error)
{
    airs_deploy_change *changes = base_alloc_array(system->allocator, count, sizeof *changes);
    if (changes == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        status = check_target(targets[i].actor, targets[i].template_name, i, error);
        changes[i] = (airs_deploy_change){.actor = targets[i].actor,
                                          .rank = targets[i].rank,
                                          .component = component,
                                          .template_name = targets[i].template_name};
    }
    if (status == AIRS_OK)
        status = deploy(system, changes, count, component == NULL, options, ret_result, error);
    base_free(system->allocator, changes);
    return status;
}

airs_status airs_deploy(airs_system *system, airs_component *component, const airs_deploy_target *targets, size_t count,
                        const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    airs_status status = check(system, targets, count, error);
    if (status == AIRS_OK && component == NULL)
        status = base_error_set(error, AIRS_E_INVALID, "the component is NULL");
    if (status == AIRS_OK && !system_has_loaded(system, component))
        status = base_error_set(error, AIRS_E_INVALID, "the component was loaded by another system");
    return status == AIRS_OK ? deploy_to(system, component, targets, count, options, ret_result, error) : status;
}

airs_status airs_rollback(airs_system *system, const airs_deploy_target *targets, size_t count,
                          const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    airs_status status = check(system, targets, count, error);
    return status == AIRS_OK ? deploy_to(system, NULL, targets, count, options, ret_result, error) : status;
}

static airs_status check_change(airs_system *system, const airs_deploy_change *change, size_t at, airs_error *error)
{
    if (change->component != NULL && !system_has_loaded(system, change->component))
        return base_error_set(error, AIRS_E_INVALID, "changes[%zu]: the component was loaded by another system", at);
    if (change->template_name != NULL && change->component == NULL)
        return base_error_set(error, AIRS_E_INVALID, "changes[%zu]: a template, and no component", at);
    for (size_t i = 0; change->has_config && i < change->config_count; i++) {
        if (change->config == NULL || change->config[i].key == NULL || change->config[i].value == NULL)
            return base_error_set(error, AIRS_E_INVALID, "changes[%zu]: config[%zu] has a NULL key or value", at, i);
    }
    return AIRS_OK;
}

airs_status airs_deploy_all(airs_system *system, const airs_deploy_change *changes, size_t count,
                            const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    airs_status status = check(system, changes, count, error);
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        status = check_change(system, &changes[i], i, error);
        if (status == AIRS_OK)
            status = check_target(changes[i].actor, changes[i].template_name, i, error);
        if (status == AIRS_OK && changes[i].has_config && options != NULL && options->canary)
            status = base_error_set(error, AIRS_E_UNSUPPORTED, "changes[%zu]: a canary has the settings of all", i);
    }
    return status == AIRS_OK ? deploy(system, changes, count, false, options, ret_result, error) : status;
}

struct deploy_done {
    deploy_plan plan;
    airs_deploy_options options;
};

airs_status deploy_changes(airs_system *system, const airs_deploy_change *changes, const deploy_respawn *respawns,
                           size_t count, const airs_deploy_options *options, deploy_brake *brake,
                           airs_deploy_record *record, deploy_done **ret_done, airs_error *error)
{
    *ret_done = NULL;
    deploy_done *done = base_alloc_zeroed(system->allocator, sizeof *done);
    if (done == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    deploy_plan *it = &done->plan;
    done->options = *options;
    airs_status status = rollout_complete(&done->options, error);
    if (status == AIRS_OK)
        status = deploy_plan_init(it, system, changes, respawns, count, false, error);
    if (status != AIRS_OK) {
        base_free(system->allocator, done);
        return status;
    }
    bool dry_run = done->options.dry_run;
    it->brake = brake;
    status = run_if_any(it, &done->options, error);
    if (status == AIRS_OK && !dry_run && it->record.result.deployed) {
        deploy_plan_change_templates(it);
        follow(it, &done->options);
    }
    record->result = it->record.result;
    if (status == AIRS_OK && record->result.deployed) {
        *ret_done = done;
        return AIRS_OK;
    }
    deploy_done_end(done);
    if (status != AIRS_OK || (dry_run && record->result.text[0] == '\0'))
        return status;
    return base_error_set(error, AIRS_E_FAILED, "%s", record->result.text);
}

bool deploy_done_put_back(deploy_done *self, airs_error *error)
{
    if (self == NULL)
        return true;
    airs_deploy_options brief = without_probation(&self->options);
    airs_deploy_result result;
    deploy_plan_restore_templates(&self->plan);
    if (run_late(&self->plan, true, &brief, &result))
        return true;
    base_error_set(error, AIRS_E_FAILED, "%s", result.text);
    return false;
}

void deploy_done_end(deploy_done *self)
{
    if (self == NULL)
        return;
    const airs_allocator *allocator = self->plan.system->allocator;
    deploy_plan_fini(&self->plan);
    base_free(allocator, self);
}

airs_status airs_reconfigure(airs_system *system, airs_actor_id actor_id, const airs_setting *config,
                             size_t config_count, const airs_deploy_options *options, airs_deploy_result *ret_result,
                             airs_error *error)
{
    airs_deploy_change change = {.actor = actor_id, .has_config = true, .config = config, .config_count = config_count};
    return airs_deploy_all(system, &change, 1, options, ret_result, error);
}

/// Of a supervisor that has a template: what would change for its children. False: it is no such one.
static bool compare_group(airs_system *system, airs_component *component, airs_actor_id id,
                          airs_on_no_state on_no_state, airs_deploy_difference *ret)
{
    actor *found = find_and_retain(system, id);
    child_template *made = found == NULL ? NULL : child_template_of(found);
    airs_component *now = NULL, *past = NULL;
    if (made != NULL)
        child_template_look(made, &now, &past);
    if (now != NULL)
        component_compare_versions(now, component, child_template_saves(made), on_no_state, ret);
    bool compared = now != NULL;
    airs_component_release(now);
    airs_component_release(past);
    if (found != NULL)
        actor_release(found);
    return compared;
}

airs_status deploy_compare(airs_system *system, airs_component *component, airs_actor_id actor_id,
                           const airs_checkpoint *when, airs_on_no_state on_no_state,
                           airs_deploy_difference *ret_difference, airs_error *error)
{
    if (compare_group(system, component, actor_id, on_no_state, ret_difference))
        return AIRS_OK;
    component_actor *found;
    airs_status status = deploy_find_component_actor(system, actor_id, &found, error);
    if (status != AIRS_OK)
        return status;
    component_compare(&found->cell, component, when, on_no_state, ret_difference);
    actor_release(&found->cell);
    return AIRS_OK;
}

airs_status airs_deploy_compare(airs_system *system, airs_component *component, airs_actor_id actor_id,
                                const airs_deploy_options *options, airs_deploy_difference *ret_difference,
                                airs_error *error)
{
    if (system == NULL || component == NULL || ret_difference == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_on_no_state on_no_state = options == NULL ? AIRS_NO_STATE_AUTO : options->on_no_state;
    return deploy_compare(system, component, actor_id, NULL, on_no_state, ret_difference, error);
}
