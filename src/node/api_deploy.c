// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/deploy.h, but for the history.
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/upgrade.h"
#include "deploy/rollout.h"
#include "node/history.h"
#include "node/system.h"

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
    static const char *const names[] = {"rehearsing", "swapping", "probation", "proving", "rolling_back", "done"};
    return name_of(names, 6, (unsigned)phase);
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

static airs_status check(airs_system *system, const airs_deploy_target *targets, size_t count, airs_error *error)
{
    if (system == NULL || targets == NULL || count == 0 || count > UINT32_MAX)
        return base_error_set(error, AIRS_E_INVALID, "there is no actor to deploy to");
    if (system_is_worker(system))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    if (base_atomic_load_acquire(&system->actors.stopping))
        return refuse(error, AIRS_E_STOPPING);
    return AIRS_OK;
}

/// A component actor by its id, with a count on it. Errors: E_GONE, E_UNSUPPORTED.
static airs_status find_component_actor(airs_system *system, airs_actor_id id, component_actor **ret, airs_error *error)
{
    actor *cell = find_and_retain(system, id);
    if (cell == NULL)
        return base_error_set(error, AIRS_E_GONE, "there is no actor %016" PRIx64, id.raw);
    if (cell->kind->kind == AIRS_KIND_COMPONENT) {
        *ret = component_actor_of(cell);
        return AIRS_OK;
    }
    airs_status status = base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\" is no component", actor_name(cell));
    actor_release(cell);
    return status;
}

/// What it is made of now, and what before its last deployment (NULL: nothing); both retained.
static void look(component_actor *self, airs_component **ret_now, airs_component **ret_past)
{
    os_mutex_lock(&self->cell.info_lock);
    *ret_now = self->component;
    *ret_past = self->past;
    airs_component_retain(*ret_now);
    airs_component_retain(*ret_past);
    os_mutex_unlock(&self->cell.info_lock);
}

/// What is to be done, and what the history says of it.
typedef struct plan {
    rollout_target *targets;
    uint32_t count;
    airs_deploy_record record;
} plan;

static void note_first(plan *self, const component_actor *first, const airs_component *from, const airs_component *to)
{
    airs_deploy_record *record = &self->record;
    if (record->actor[0] != '\0')
        return;
    if (first->cell.name == NULL)
        (void)snprintf(record->actor, sizeof record->actor, "%016" PRIx64, first->cell.id);
    else
        base_text_copy(record->actor, sizeof record->actor, base_bytes_of(first->cell.name));
    base_text_copy(record->from_version, sizeof record->from_version, base_bytes_of(from->metadata.version));
    base_text_copy(record->to_version, sizeof record->to_version, base_bytes_of(to->metadata.version));
    base_text_copy(record->component, sizeof record->component, base_bytes_of(to->metadata.name));
}

/// Adds a target, unless it has this component. `component` NULL: the one that it had before.
static airs_status plan_one(plan *self, airs_system *system, const airs_deploy_target *target,
                            airs_component *component, airs_error *error)
{
    component_actor *found;
    airs_status status = find_component_actor(system, target->actor, &found, error);
    if (status != AIRS_OK)
        return status;
    airs_component *now, *past;
    look(found, &now, &past);
    airs_component *to = component == NULL ? past : component;
    if (to == NULL) {
        status =
            base_error_set(error, AIRS_E_NOT_FOUND, "actor \"%s\" has had no other version", actor_name(&found->cell));
    } else if (!wasm_component_equal(to, now)) {
        note_first(self, found, now, to);
        airs_component_retain(to);
        self->targets[self->count++] = (rollout_target){
            .actor = target->actor.raw, .rank = target->rank, .component = to, .from_past = component == NULL};
    }
    airs_component_release(now);
    airs_component_release(past);
    actor_release(&found->cell);
    return status;
}

static airs_status check_twice(const airs_deploy_target *targets, size_t count, size_t at, airs_error *error)
{
    for (size_t i = 0; i < at && i < count; i++) {
        if (targets[i].actor.raw == targets[at].actor.raw)
            return base_error_set(error, AIRS_E_INVALID, "actor %016" PRIx64 " is named twice", targets[at].actor.raw);
    }
    return AIRS_OK;
}

static void plan_fini(plan *self, airs_system *system)
{
    for (uint32_t i = 0; i < self->count; i++)
        airs_component_release(self->targets[i].component);
    base_free(system->allocator, self->targets);
}

static airs_status plan_init(plan *self, airs_system *system, const airs_deploy_target *targets, size_t count,
                             airs_component *component, airs_error *error)
{
    *self = (plan){.targets = base_alloc_array(system->allocator, count, sizeof *self->targets)};
    airs_status status = self->targets == NULL ? refuse(error, AIRS_E_NOMEM) : AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < count; i++) {
        status = check_twice(targets, count, i, error);
        if (status == AIRS_OK)
            status = plan_one(self, system, &targets[i], component, error);
    }
    if (status != AIRS_OK)
        plan_fini(self, system);
    return status;
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

/// Runs the rollout to its end. `self->record.result` is set where it began.
static airs_status run(plan *self, airs_system *system, const airs_deploy_options *options, airs_error *error)
{
    os_event ended;
    os_event_init(&ended);
    rollout *made = NULL;
    uint64_t since_ns = os_clock_now_ns();
    airs_status status =
        rollout_start(&system->actors, self->targets, self->count, options, on_ended, &ended, &made, error);
    if (made == NULL)
        return status;
    (void)system_wait(system, &ended, OS_NEVER);
    rollout_result(made, &self->record.result);
    rollout_release(made);
    self->record.took_ms = (os_clock_now_ns() - since_ns) / 1000000u;
    return status;
}

static airs_status conclude(plan *self, airs_system *system, const airs_deploy_options *options,
                            airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_record *record = &self->record;
    record->result.number = history_add(system, record);
    if (ret_result != NULL)
        *ret_result = record->result;
    if (record->result.deployed || (options->dry_run && record->result.text[0] == '\0'))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_FAILED, "%s", record->result.text);
}

static airs_status deploy(airs_system *system, airs_component *component, const airs_deploy_target *targets,
                          size_t count, const airs_deploy_options *options, airs_deploy_result *ret_result,
                          airs_error *error)
{
    airs_deploy_options complete = options == NULL ? (airs_deploy_options){0} : *options;
    airs_status status = rollout_complete(&complete, error);
    plan it;
    if (status == AIRS_OK)
        status = plan_init(&it, system, targets, count, component, error);
    if (status != AIRS_OK)
        return status;
    airs_deploy_record *record = &it.record;
    record->time_ms = wall_ms();
    record->rollback = component == NULL;
    record->dry_run = complete.dry_run;
    if (complete.by != NULL)
        base_text_copy(record->by, sizeof record->by, base_bytes_of(complete.by));
    if (it.count == 0) {
        if (ret_result != NULL)
            *ret_result = (airs_deploy_result){
                .deployed = true, .actors = (uint32_t)count, .text = "all of them have this component already"};
    } else {
        status = run(&it, system, &complete, error);
        if (status == AIRS_OK)
            status = conclude(&it, system, &complete, ret_result, error);
    }
    plan_fini(&it, system);
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
    return status == AIRS_OK ? deploy(system, component, targets, count, options, ret_result, error) : status;
}

airs_status airs_rollback(airs_system *system, const airs_deploy_target *targets, size_t count,
                          const airs_deploy_options *options, airs_deploy_result *ret_result, airs_error *error)
{
    airs_status status = check(system, targets, count, error);
    return status == AIRS_OK ? deploy(system, NULL, targets, count, options, ret_result, error) : status;
}

airs_status airs_deploy_compare(airs_system *system, airs_component *component, airs_actor_id actor_id,
                                const airs_deploy_options *options, airs_deploy_difference *ret_difference,
                                airs_error *error)
{
    if (system == NULL || component == NULL || ret_difference == NULL)
        return refuse(error, AIRS_E_INVALID);
    component_actor *found;
    airs_status status = find_component_actor(system, actor_id, &found, error);
    if (status != AIRS_OK)
        return status;
    component_compare(&found->cell, component, options == NULL ? AIRS_NO_STATE_AUTO : options->on_no_state,
                      ret_difference);
    actor_release(&found->cell);
    return AIRS_OK;
}
