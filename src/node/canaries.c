// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/canaries.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/deploy_plan.h"
#include "node/deploy_told.h"

#define WHOLE_PPM 1000000u

struct running_canary {
    struct running_canary *next;
    /// Of who deploys, and of those who wait for its end. Under the system's `deploy_lock`.
    uint32_t references;
    uint64_t number;
    deploy_plan *plan;
    airs_system *system;
    airs_canary_info info;
    rollout *of;
    os_event begun;
    os_event ended;
    // Written before `ended` is set.
    airs_status status;
    airs_deploy_result result;
    airs_error error;
};

// ---------------------------------------------------------------- who is chosen

static bool has_state(const deploy_plan *plan, const rollout_target *target)
{
    component_actor *found;
    if ((target->component->exports & ENGINE_EXPORT_STATE) != 0)
        return true;
    if (deploy_find_component_actor(plan->system, (airs_actor_id){target->actor}, &found, NULL) != AIRS_OK)
        return false;
    os_mutex_lock(&found->cell.info_lock);
    bool has = (found->shown->exports & ENGINE_EXPORT_STATE) != 0;
    os_mutex_unlock(&found->cell.info_lock);
    actor_release(&found->cell);
    return has;
}

/// Whether it has not ended since it was planned with.
static bool lives(const deploy_plan *plan, const rollout_target *target)
{
    component_actor *found;
    if (deploy_find_component_actor(plan->system, (airs_actor_id){target->actor}, &found, NULL) != AIRS_OK)
        return false;
    actor_release(&found->cell);
    return true;
}

/// The group of a target; NULL: none of the plan's.
static const plan_group *group_of(const deploy_plan *plan, const rollout_target *target)
{
    component_actor *found;
    const plan_group *group = NULL;
    if (deploy_find_component_actor(plan->system, (airs_actor_id){target->actor}, &found, NULL) != AIRS_OK)
        return NULL;
    for (uint32_t i = 0; i < plan->groups_count; i++) {
        if (deploy_plan_group_has(&plan->groups[i], &found->cell))
            group = &plan->groups[i];
    }
    actor_release(&found->cell);
    return group;
}

static void split(rollout_target *target, const airs_deploy_options *options, bool by_message)
{
    target->splits = true;
    target->by_message = by_message;
    target->share_ppm = options->canary_ppm;
}

/// Of a group: the share of its children that live, rounded, and one at least. Of 0 all get a twin that has nothing to
/// do: there is no child that could have the new version and take nothing. Templates of components need not have any.
static airs_status choose_children(deploy_plan *plan, const plan_group *group, const airs_deploy_options *options,
                                   airs_error *error)
{
    uint64_t count = 0, chosen = 0;
    for (uint32_t i = 0; i < plan->count; i++)
        count += group_of(plan, &plan->targets[i]) == group;
    if (count == 0 && group->supervisor == NULL)
        return AIRS_OK;
    if (count == 0)
        return base_error_set(error, AIRS_E_INVALID, "\"%s\" has no children that a canary could be tried with",
                              deploy_plan_group_name(group));
    uint64_t wanted = (count * options->canary_ppm + WHOLE_PPM / 2) / WHOLE_PPM;
    for (uint32_t i = 0; i < plan->count; i++) {
        rollout_target *target = &plan->targets[i];
        if (group_of(plan, target) != group)
            continue;
        if (options->canary_ppm == 0)
            split(target, options, false);
        else
            target->stays = chosen++ >= (wanted == 0 ? 1 : wanted);
    }
    return AIRS_OK;
}

static airs_status choose_one(const deploy_plan *plan, rollout_target *target, airs_deploy_options *options,
                              airs_error *error)
{
    bool state = has_state(plan, target);
    bool by_message =
        options->canary_by == AIRS_CANARY_BY_MESSAGE || (options->canary_by == AIRS_CANARY_BY_AUTO && !state);
    if (by_message && state)
        return base_error_set(error, AIRS_E_UNSUPPORTED,
                              "canary_by message is for components without `state`, and this one has it: its state "
                              "would be in two places; use sender");
    split(target, options, by_message);
    return AIRS_OK;
}

airs_status canaries_choose(deploy_plan *plan, airs_deploy_options *options, airs_error *error)
{
    bool instances = options->canary_by == AIRS_CANARY_BY_INSTANCE ||
                     (options->canary_by == AIRS_CANARY_BY_AUTO && plan->groups_count > 0);
    airs_status status = AIRS_OK;
    for (uint32_t i = 0; instances && status == AIRS_OK && i < plan->groups_count; i++)
        status = choose_children(plan, &plan->groups[i], options, error);
    bool by_message = false;
    for (uint32_t i = 0; status == AIRS_OK && i < plan->count; i++) {
        rollout_target *target = &plan->targets[i];
        if ((instances && group_of(plan, target) != NULL) || !lives(plan, target))
            continue;
        if (options->canary_by == AIRS_CANARY_BY_INSTANCE)
            return base_error_set(
                error, AIRS_E_INVALID,
                "canary_by instance is for a group (simple_one_for_one): of one actor it is sender or "
                "message");
        status = choose_one(plan, target, options, error);
        by_message |= target->by_message;
    }
    if (status == AIRS_OK && plan->count == 0)
        status = base_error_set(error, AIRS_E_INVALID, "there are no children that a canary could be tried with");
    if (status == AIRS_OK && options->canary_by == AIRS_CANARY_BY_AUTO)
        options->canary_by = instances    ? AIRS_CANARY_BY_INSTANCE
                             : by_message ? AIRS_CANARY_BY_MESSAGE
                                          : AIRS_CANARY_BY_SENDER;
    return status;
}

// ---------------------------------------------------------------- the list

static void keep_text(char *to, size_t size, const char *text)
{
    base_text_copy(to, size, base_bytes_of(text == NULL ? "" : text));
}

running_canary *canaries_add(deploy_plan *plan, const airs_deploy_options *options)
{
    airs_system *system = plan->system;
    running_canary *self = base_alloc_zeroed(system->allocator, sizeof *self);
    if (self == NULL)
        return NULL;
    self->references = 1;
    self->plan = plan;
    self->system = system;
    self->info.by = options->canary_by;
    self->info.ppm = options->canary_ppm;
    keep_text(self->info.old_version, sizeof self->info.old_version, plan->record.from_version);
    keep_text(self->info.new_version, sizeof self->info.new_version, plan->record.to_version);
    keep_text(self->info.promote_when, sizeof self->info.promote_when, options->promote_when);
    keep_text(self->info.rollback_when, sizeof self->info.rollback_when, options->rollback_when);
    os_event_init(&self->begun);
    os_event_init(&self->ended);
    os_mutex_lock(&system->deploy_lock);
    self->number = ++system->canaries_made;
    self->next = system->canaries;
    system->canaries = self;
    os_mutex_unlock(&system->deploy_lock);
    return self;
}

static void release(running_canary *self)
{
    airs_system *system = self->system;
    os_mutex_lock(&system->deploy_lock);
    bool last = --self->references == 0;
    os_mutex_unlock(&system->deploy_lock);
    if (!last)
        return;
    if (self->of != NULL)
        rollout_release(self->of);
    base_free(system->allocator, self);
}

void canaries_begun(running_canary *self, rollout *of)
{
    if (of != NULL)
        rollout_retain(of);
    self->of = of;
    os_event_set(&self->begun);
}

void canaries_tell(const running_canary *self)
{
    deploy_told_canary(self->system, self->plan->first, &self->info);
}

void canaries_remove(running_canary *self, airs_status status, const airs_deploy_result *result,
                     const airs_error *error)
{
    airs_system *system = self->system;
    self->status = status;
    self->result = *result;
    if (error != NULL)
        self->error = *error;
    os_mutex_lock(&system->deploy_lock);
    running_canary **at = &system->canaries;
    while (*at != self)
        at = &(*at)->next;
    *at = self->next;
    os_mutex_unlock(&system->deploy_lock);
    // Who waits has a count of its own.
    os_event_set(&self->begun);
    os_event_set(&self->ended);
    release(self);
}

static bool is_about(const running_canary *self, uint64_t id)
{
    const deploy_plan *plan = self->plan;
    for (uint32_t i = 0; i < plan->count; i++) {
        if (plan->targets[i].actor == id)
            return true;
    }
    for (uint32_t i = 0; i < plan->groups_count; i++) {
        if (plan->groups[i].supervisor != NULL && plan->groups[i].supervisor->id == id)
            return true;
    }
    return false;
}

/// Under the lock; NULL: none is about this actor.
static running_canary *look_for(const airs_system *system, uint64_t id)
{
    running_canary *found = system->canaries;
    while (found != NULL && !is_about(found, id))
        found = found->next;
    return found;
}

uint64_t canaries_number_of(airs_system *system, uint64_t actor_id)
{
    os_mutex_lock(&system->deploy_lock);
    const running_canary *found = look_for(system, actor_id);
    uint64_t number = found == NULL ? 0 : found->number;
    os_mutex_unlock(&system->deploy_lock);
    return number;
}

/// With a count; NULL: none is about this actor.
static running_canary *find(airs_system *system, uint64_t id)
{
    os_mutex_lock(&system->deploy_lock);
    running_canary *found = look_for(system, id);
    if (found != NULL)
        found->references++;
    os_mutex_unlock(&system->deploy_lock);
    // It takes no longer than to attach to all of its actors.
    if (found != NULL)
        (void)system_wait(system, &found->begun, OS_NEVER);
    return found;
}

/// Those that have begun, each with a count; and whom they are about, where that is asked for.
static size_t retain_all(airs_system *system, running_canary *ret[static CANARIES_LISTED_MAX], canary_shown *shown)
{
    size_t count = 0;
    os_mutex_lock(&system->deploy_lock);
    for (running_canary *it = system->canaries; it != NULL && count < CANARIES_LISTED_MAX; it = it->next) {
        if (!os_event_is_set(&it->begun))
            continue;
        it->references++;
        // Its plan lasts as long as it is in the list.
        if (shown != NULL)
            memcpy(shown[count].actor, it->plan->record.actor, sizeof shown[count].actor);
        ret[count++] = it;
    }
    os_mutex_unlock(&system->deploy_lock);
    return count;
}

size_t canaries_list(airs_system *system, canary_shown ret[static CANARIES_LISTED_MAX])
{
    running_canary *found[CANARIES_LISTED_MAX];
    size_t count = retain_all(system, found, ret);
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        ret[i].info = found[i]->info;
        if (found[i]->of != NULL && rollout_canary(found[i]->of, &ret[i].info))
            ret[shown++] = ret[i];
        release(found[i]);
    }
    return shown;
}

size_t canaries_count(airs_system *system)
{
    running_canary *found[CANARIES_LISTED_MAX];
    size_t count = retain_all(system, found, NULL);
    size_t running = 0;
    for (size_t i = 0; i < count; i++) {
        running += found[i]->of != NULL && rollout_canary(found[i]->of, NULL);
        release(found[i]);
    }
    return running;
}

// ---------------------------------------------------------------- airssys/deploy.h

airs_status airs_canary_get_info(airs_system *system, airs_actor_id actor_id, airs_canary_info *ret_info)
{
    if (system == NULL || ret_info == NULL)
        return AIRS_E_INVALID;
    os_mutex_lock(&system->deploy_lock);
    running_canary *found = look_for(system, actor_id.raw);
    if (found != NULL && os_event_is_set(&found->begun))
        found->references++;
    else
        found = NULL;
    os_mutex_unlock(&system->deploy_lock);
    if (found == NULL)
        return AIRS_E_NOT_FOUND;
    airs_canary_info info = found->info;
    bool runs = found->of != NULL && rollout_canary(found->of, &info);
    release(found);
    if (!runs)
        return AIRS_E_NOT_FOUND;
    *ret_info = info;
    return AIRS_OK;
}

static airs_status check(airs_system *system, airs_error *error)
{
    if (system == NULL)
        return base_error_set(error, AIRS_E_INVALID, "the system is NULL");
    if (system_is_worker(system))
        return base_error_set(error, AIRS_E_WOULD_BLOCK, "%s", airs_status_text(AIRS_E_WOULD_BLOCK));
    if (base_atomic_load_acquire(&system->actors.stopping))
        return base_error_set(error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
    return AIRS_OK;
}

/// Ends it one way or the other, and waits until its deployment has ended.
static airs_status end(airs_system *system, airs_actor_id actor_id, const char *why, bool promote,
                       airs_deploy_result *ret_result, airs_error *error)
{
    running_canary *found = find(system, actor_id.raw);
    bool runs = found != NULL && found->of != NULL &&
                (promote ? rollout_promote(found->of, why) : rollout_end_canary(found->of, why));
    if (!runs) {
        if (found != NULL)
            release(found);
        return base_error_set(error, AIRS_E_NOT_FOUND, "no canary runs there");
    }
    (void)system_wait(system, &found->ended, OS_NEVER);
    airs_status status = found->status;
    if (ret_result != NULL && (status == AIRS_OK || status == AIRS_E_FAILED))
        *ret_result = found->result;
    if (error != NULL)
        *error = found->error;
    release(found);
    return status;
}

airs_status airs_promote(airs_system *system, airs_actor_id actor_id, airs_deploy_result *ret_result, airs_error *error)
{
    airs_status status = check(system, error);
    return status == AIRS_OK ? end(system, actor_id, "promoted by hand", true, ret_result, error) : status;
}

airs_status airs_canary_rollback(airs_system *system, airs_actor_id actor_id, const char *by,
                                 airs_deploy_result *ret_result, airs_error *error)
{
    airs_deploy_result result = {.number = 0};
    airs_error ended_with = {0};
    char why[128];
    airs_status status = check(system, error);
    if (status != AIRS_OK)
        return status;
    (void)snprintf(why, sizeof why, "the canary was rolled back by hand%s%.64s",
                   by == NULL || by[0] == '\0' ? "" : ", by ", by == NULL ? "" : by);
    status = end(system, actor_id, why, false, &result, &ended_with);
    // That the old version is there is what was wanted.
    if (status != AIRS_E_FAILED)
        return base_error_set(error, status, "%s", ended_with.text);
    if (ret_result != NULL)
        *ret_result = result;
    return AIRS_OK;
}
