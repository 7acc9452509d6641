// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/upgrade.h"

#include <inttypes.h>

#include "base/alloc.h"
#include "base/error.h"
#include "component/checkpoint.h"
#include "component/incarnation.h"
#include "component/upgrade_impl.h"

// ---------------------------------------------------------------- orders

static component_upgrade *begin(component_actor *self, actor_upgrade *order)
{
    component_upgrade *it = order->made;
    if (self->upgrade == NULL) {
        self->upgrade = it;
        it->old_version = self->component;
        it->new_version = order->version;
        it->new_stays = false;
        airs_component_retain(it->old_version);
        airs_component_retain(it->new_version);
        it->has_state = (it->old_version->exports & it->new_version->exports & ENGINE_EXPORT_STATE) != 0;
        it->applies = it->has_config && !it->has_outfit && wasm_component_equal(it->old_version, it->new_version) &&
                      component_takes_settings(it->old_version);
    }
    it->refused = it->rehearsed = it->recovers = it->tried_again = false;
    it->parts &= order->order == ACTOR_ORDER_FALL_BACK;
    order->carried = false;
    order->text[0] = '\0';
    return it;
}

static void begin_stages(component_upgrade *it, const actor_upgrade *order)
{
    if (order->order == ACTOR_ORDER_FALL_BACK && it->parts) {
        it->load = NULL;
        it->stage = UPGRADE_STAGE_OVER;
        return;
    }
    it->parts = order->order == ACTOR_ORDER_REVERT && !it->new_stays;
    bool back = !upgrade_goes_forward(it, order) && it->snapshot.data != NULL;
    it->load = back ? &it->snapshot : NULL;
    it->stage = order->order == ACTOR_ORDER_FALL_BACK ? UPGRADE_STAGE_INSTANTIATE : UPGRADE_STAGE_LEAVE;
}

/// A rehearsal that was good, of a SWAP that will make an instance.
static bool makes_spare(const component_upgrade *it, const actor_upgrade *order)
{
    return order->order == ACTOR_ORDER_REHEARSE && order->swaps_soon && !it->refused && !it->applies;
}

static void finish(component_actor *self, component_upgrade *it, actor_upgrade *order)
{
    if (order->order == ACTOR_ORDER_SPLIT && it->seated && !it->refused && self->exit_requested)
        (void)upgrade_refuse(it, order, "it has said that it ends");
    if (order->order == ACTOR_ORDER_SPLIT && it->seated && !it->refused) {
        canary_split(self);
        it->seated = false;
    }
    if (it->seated && makes_spare(it, order))
        upgrade_make_spare(self, it);
    if (it->seated)
        upgrade_take_back(self, it);
    upgrade_end_leaving(self, it);
    if (upgrade_applies_in_place(it, order) && !it->refused) {
        it->new_stays = upgrade_goes_forward(it, order);
        order->carried = order->order == ACTOR_ORDER_REVERT;
    }
    it->stage = UPGRADE_STAGE_IDLE;
    it->load = NULL;
    component_state_free(&it->brought, self->cell.space->allocator);
    order->on_new = it->new_stays;
    component_actor_publish_memory(self);
}

/// One stage, until it is done or has to wait.
static actor_progress do_stage(component_actor *self, component_upgrade *it, actor_upgrade *order,
                               actor_failure *failure)
{
    component_upgrade_stage stage = it->stage;
    // Nothing can fail where the candidate takes its place for good.
    bool commits = stage == UPGRADE_STAGE_STOP && it->seated;
    actor_progress progress =
        !commits && actor_upgrade_has_no_time(&self->cell)
            ? actor_fail(failure, AIRS_EXIT_TIMEOUT, "it took longer than %s, %" PRIu32 " ms",
                         actor_is_told_to_end(&self->cell) ? "it may once it is told to end" : "start_timeout",
                         actor_start_limit(&self->cell))
            : upgrade_go_on_with_stage(self, it, order, failure);
    if (progress == ACTOR_FAILED)
        return upgrade_fail(self, it, order, failure);
    // It asks somebody: as far as that it can do it.
    if (progress == ACTOR_WAITING && it->rehearsed) {
        it->stage = UPGRADE_STAGE_OVER;
        return ACTOR_DONE;
    }
    if (progress != ACTOR_DONE)
        return progress;
    // Unless it has decided that it is over.
    if (it->stage == stage)
        do
            it->stage++;
        while (it->stage < UPGRADE_STAGE_OVER && !upgrade_has_stage(self, it, order, it->stage));
    return ACTOR_DONE;
}

actor_progress component_upgrade_go_on(actor *cell, actor_upgrade *order, bool *ret_refused, actor_failure *failure)
{
    component_actor *self = component_actor_of(cell);
    component_upgrade *it = self->upgrade;
    if (it == NULL || it->stage == UPGRADE_STAGE_IDLE) {
        it = begin(self, order);
        begin_stages(it, order);
    }
    while (it->stage != UPGRADE_STAGE_OVER) {
        actor_progress progress = do_stage(self, it, order, failure);
        if (progress != ACTOR_DONE)
            return progress;
    }
    finish(self, it, order);
    *ret_refused = it->refused;
    return ACTOR_DONE;
}

void component_upgrade_leave(actor *cell)
{
    component_actor *self = component_actor_of(cell);
    self->upgrade->stage = UPGRADE_STAGE_IDLE;
    if (canary_acts(self)) {
        canary_end(self);
        self->upgrade->parts = true;
        return;
    }
    component_actor_end_instance(self);
    checkpoint_pause(self->checkpoint, cell);
    // What it has failed at goes back to the mailbox.
    const envelope *mail = cell->in_hand != NULL ? cell->in_hand : cell->spoiled;
    self->requests_open += mail != NULL && mail->kind == ENVELOPE_REPLY;
}

void component_upgrade_end(component_actor *self)
{
    component_upgrade *it = self->upgrade;
    if (it == NULL)
        return;
    canary_end(self);
    component_actor_end_instance(self);
    if (it->beside != NULL) {
        component_upgrade_change_places(self, it, it->new_stays);
        component_actor_end_instance(self);
    }
    upgrade_end_extra(self, it);
    if (it->notes)
        holdings_fini(&it->held, self->cell.space->allocator);
    upgrade_end_children_aside(self, it);
    it->notes = it->seated = false;
    it->stage = UPGRADE_STAGE_IDLE;
    self->role = COMPONENT_ROLE_SELF;
    upgrade_set_version(self, it, it->new_stays);
    upgrade_show_component(self);
}

/// What was saved since is of this very version, and may be newer: only settings go back.
static bool keeps_own(const component_upgrade *it, const actor_upgrade *order, const checkpoint *kept)
{
    return order->order == ACTOR_ORDER_REVERT && order->rollback_state == AIRS_ROLLBACK_CARRY && kept->state != NULL &&
           wasm_component_equal(it->old_version, it->new_version);
}

/// What the next incarnation of that version is given, where it is given anything.
static void keep_for_next(component_actor *self, component_upgrade *it, const actor_upgrade *order)
{
    checkpoint *kept = self->checkpoint;
    if (kept == NULL)
        return;
    if (order->order == ACTOR_ORDER_SWAP && kept->state != NULL)
        (void)upgrade_keep_state(&it->snapshot, self->cell.space->allocator, (airs_bytes){kept->state, kept->len},
                                 kept->version);
    else if (order->order != ACTOR_ORDER_SWAP && it->snapshot.data != NULL && !keeps_own(it, order, kept))
        checkpoint_keep(kept, &self->cell, it->snapshot.version, upgrade_state_bytes(&it->snapshot));
}

void component_upgrade_part(actor *cell, actor_upgrade *order)
{
    (void)order;
    canary_end(component_actor_of(cell));
}

void component_upgrade_adopt(actor *cell, actor_upgrade *order)
{
    component_actor *self = component_actor_of(cell);
    component_upgrade *it = begin(self, order);
    it->new_stays = order->order == ACTOR_ORDER_SWAP;
    keep_for_next(self, it, order);
    upgrade_set_version(self, it, it->new_stays);
    upgrade_show_component(self);
    order->on_new = it->new_stays;
}

// ---------------------------------------------------------------- the end of a deployment

static void keep_past(component_actor *self, component_upgrade *it, const actor_upgrade *order)
{
    // Of other settings alone there is no other version to go back to. What was handled since the one before is not
    // noted any more, so the state as of then is not brought back either.
    if (wasm_component_equal(it->old_version, it->new_version)) {
        airs_component_release(it->old_version);
        component_state_free(&self->past_state, self->cell.space->allocator);
        return;
    }
    os_mutex_lock(&self->cell.info_lock);
    airs_component *before = self->past;
    self->past = it->old_version;
    os_mutex_unlock(&self->cell.info_lock);
    airs_component_release(before);
    component_state_free(&self->past_state, self->cell.space->allocator);
    if (order->rollback_state == AIRS_ROLLBACK_SNAPSHOT) {
        self->past_state = it->snapshot;
        it->snapshot = (component_state){0};
    }
}

void component_upgrade_clear(actor *cell, actor_upgrade *order)
{
    upgrade_end_spent(component_actor_of(cell), order->made);
}

void component_upgrade_forget(actor *cell, actor_upgrade *order)
{
    component_actor *self = component_actor_of(cell);
    const airs_allocator *allocator = cell->space->allocator;
    component_upgrade *it = order->made;
    upgrade_end_extra(self, it);
    // It has begun.
    if (it->old_version != NULL) {
        if (it->new_stays)
            keep_past(self, it, order);
        else
            airs_component_release(it->old_version);
        if (it->new_stays && it->has_outfit)
            component_outfit_settle(&it->outfit, self);
        airs_component_release(it->new_version);
        component_state_free(&it->snapshot, allocator);
        component_state_free(&it->brought, allocator);
        self->upgrade = NULL;
    }
    component_settings_free(&it->other, allocator);
    component_outfit_fini(&it->outfit, allocator);
    base_free(allocator, it);
    order->made = NULL;
}

void component_past_set(component_actor *self, airs_component *component)
{
    os_mutex_lock(&self->cell.info_lock);
    if (self->past == NULL) {
        airs_component_retain(component);
        self->past = component;
    }
    os_mutex_unlock(&self->cell.info_lock);
}

void component_past_fini(component_actor *self)
{
    airs_component_release(self->past);
    component_state_free(&self->past_state, self->cell.space->allocator);
}

// ---------------------------------------------------------------- the beginning of a deployment

airs_status component_upgrade_consider(actor *cell, actor_upgrade *order, airs_error *error)
{
    const airs_allocator *allocator = cell->space->allocator;
    airs_deploy_difference difference;
    component_compare(cell, order->version, order->spawn == NULL ? NULL : &order->spawn->checkpoint, order->on_no_state,
                      &difference);
    // Told its settings, it goes on: it needs no state for that.
    bool applies =
        difference.same && order->has_config && order->spawn == NULL && component_takes_settings(order->version);
    bool comes_anyway = applies || (order->puts_back && !component_only_runs(order->version));
    if (difference.refused[0] != '\0' && !comes_anyway)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\": %s", actor_name(cell), difference.refused);
    component_upgrade *made = base_alloc_zeroed(allocator, sizeof *made);
    airs_status status = AIRS_OK;
    if (made == NULL ||
        (order->has_config && !component_settings_copy(&made->other, order->config, order->config_count, allocator)))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    if (status == AIRS_OK && order->spawn != NULL)
        status = component_outfit_init(&made->outfit, order->spawn, component_actor_of(cell), order->version, error);
    if (status == AIRS_OK) {
        made->has_config = order->has_config;
        made->has_outfit = order->spawn != NULL;
        order->made = made;
        return AIRS_OK;
    }
    if (made != NULL)
        component_settings_free(&made->other, allocator);
    base_free(allocator, made);
    return status;
}
