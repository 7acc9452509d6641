// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/upgrade.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actor/failures.h"
#include "actor/log.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/aside.h"
#include "component/call.h"
#include "component/checkpoint.h"
#include "component/children.h"
#include "component/exchange.h"
#include "component/incarnation.h"

// ---------------------------------------------------------------- states

void component_state_free(component_state *self, const airs_allocator *allocator)
{
    base_free(allocator, self->data);
    *self = (component_state){0};
}

static bool keep_state(component_state *self, const airs_allocator *allocator, airs_bytes from, const char *version)
{
    uint8_t *copy = base_alloc(allocator, from.len + 1);
    if (copy == NULL)
        return false;
    if (from.len > 0)
        memcpy(copy, from.data, from.len);
    component_state_free(self, allocator);
    self->data = copy;
    self->len = from.len;
    base_text_copy(self->version, sizeof self->version, base_bytes_of(version));
    return true;
}

static airs_bytes state_bytes(const component_state *self)
{
    return (airs_bytes){self->data, self->len};
}

// ---------------------------------------------------------------- the seat

static bool takes_downs(const airs_component *component)
{
    return (component->exports & (ENGINE_EXPORT_SIGNALS | ENGINE_EXPORT_BATCH)) != 0;
}

/// What the actor is made of; it retains that.
static void set_component(component_actor *self, airs_component *to)
{
    airs_component *from = self->component;
    if (from == to)
        return;
    airs_component_retain(to);
    os_mutex_lock(&self->cell.info_lock);
    self->component = to;
    if (canary_of(self) == NULL)
        self->shown = to;
    os_mutex_unlock(&self->cell.info_lock);
    airs_component_release(from);
}

/// What others see of that: only of one that has come to stay.
static void show_component(component_actor *self)
{
    const wasm_metadata *of = &self->component->metadata;
    actor_set_component(&self->cell, of->name, of->version, takes_downs(self->component));
}

/// The actor is of the new version from now on, or of the old one, with the settings that go with it.
static void set_version(component_actor *self, component_upgrade *it, bool is_new)
{
    set_component(self, is_new ? it->new_version : it->old_version);
    if (it->has_config && it->config_is_new != is_new) {
        component_settings_exchange(&it->other, self);
        it->config_is_new = is_new;
    }
}

void component_upgrade_change_places(component_actor *self, component_upgrade *it, bool is_new)
{
    engine_instance *beside = it->beside;
    it->beside = self->instance;
    self->instance = beside;
    uint32_t connections = it->beside_connections;
    it->beside_connections = base_atomic_load_relaxed(&self->cell.connections);
    base_atomic_store_relaxed(&self->cell.connections, connections);
    uint64_t refusals_ns = it->beside_refusals_ns;
    it->beside_refusals_ns = base_atomic_load_relaxed(&self->refusals.full_ns);
    base_atomic_store_relaxed(&self->refusals.full_ns, refusals_ns);
    self->seat ^= 1u;
    set_version(self, it, is_new);
}

void component_upgrade_end_beside(component_upgrade *it)
{
    if (it->beside != NULL)
        engine_instance_destroy(it->beside);
    it->beside = NULL;
    it->beside_connections = 0;
}

/// Who starts anew has children of its own. Those that are there are the other one's until it is known who stays.
static void put_children_aside(component_actor *self, component_upgrade *it)
{
    if (it->has_state || it->aside)
        return;
    it->aside = true;
    it->children = children_put_aside(self);
}

static void end_children_aside(component_actor *self, component_upgrade *it)
{
    if (it->aside)
        children_drop(self, it->children);
    it->children = NULL;
    it->aside = false;
}

/// What the candidate holds, and those that it has spawned, are gone with it.
static void undo_holdings(component_actor *self, component_upgrade *it)
{
    if (it->notes)
        holdings_undo(&it->held, self);
    it->notes = false;
    if (it->aside)
        children_take_back(self, it->children);
    it->children = NULL;
    it->aside = false;
}

/// The candidate goes, and who stands beside takes the seat again.
static void take_back(component_actor *self, component_upgrade *it)
{
    it->seated = false;
    if (canary_acts(self)) {
        canary_end(self);
        return;
    }
    component_actor_end_instance(self);
    component_upgrade_change_places(self, it, it->new_stays);
    it->seated = false;
    undo_holdings(self, it);
    self->role = COMPONENT_ROLE_SELF;
}

// ---------------------------------------------------------------- orders

/// The new version comes; not once the old one has to come in its place.
static bool goes_forward(const component_upgrade *it, const actor_upgrade *order)
{
    return order->order == ACTOR_ORDER_REHEARSE || order->order == ACTOR_ORDER_SPLIT ||
           (order->order == ACTOR_ORDER_SWAP && !it->recovers);
}

/// The instance stays, and takes the settings.
static bool applies_in_place(const component_upgrade *it, const actor_upgrade *order)
{
    return it->applies && !it->recovers &&
           (order->order == ACTOR_ORDER_SWAP ||
            (order->order == ACTOR_ORDER_REVERT && order->rollback_state == AIRS_ROLLBACK_CARRY));
}

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
        it->applies = it->has_config && wasm_component_equal(it->old_version, it->new_version) &&
                      component_takes_settings(it->old_version);
    }
    it->refused = it->rehearsed = it->recovers = false;
    it->parts &= order->order == ACTOR_ORDER_FALL_BACK;
    order->carried = false;
    order->text[0] = '\0';
    return it;
}

static actor_progress refuse(component_upgrade *it, actor_upgrade *order, const char *text)
{
    it->refused = true;
    it->stage = UPGRADE_STAGE_OVER;
    base_text_copy(order->text, sizeof order->text, base_bytes_of(text));
    return ACTOR_DONE;
}

// ---------------------------------------------------------------- the stages

static actor_progress leave(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    actor_progress progress = component_aside_leave(self, failure);
    if (progress == ACTOR_DONE && self->exit_requested && goes_forward(it, order))
        return refuse(it, order, "it has said that it ends");
    return progress;
}

/// The twin has its `stop` called, and ends. What comes of it does not matter any more.
static actor_progress part(component_actor *self, actor_failure *failure)
{
    engine_outcome ignored;
    actor_progress progress = ACTOR_DONE;
    if (self->calling) {
        progress = component_call_poll(self, &ignored, failure);
    } else {
        if (!canary_acts(self))
            canary_turn(self);
        self->role = COMPONENT_ROLE_LEAVING;
        if (component_exports(self, ENGINE_EXPORT_CHILD))
            progress = component_call(self, engine_call_stop(self->instance, ENGINE_STOP_UPGRADE), &ignored, failure);
    }
    if (progress == ACTOR_DONE)
        canary_end(self);
    return progress;
}

/// Whether there is a state to be saved by who has the seat.
static bool saves(const component_upgrade *it, const actor_upgrade *order)
{
    return it->has_state && (goes_forward(it, order) || order->rollback_state == AIRS_ROLLBACK_CARRY) &&
           !(order->order == ACTOR_ORDER_REVERT && applies_in_place(it, order));
}

static const char *why_not_kept(component_actor *self, component_state *to, const engine_settle *saved)
{
    static const char too_large[] = "its state is over max_state", no_memory[] = "no memory for its state";
    airs_bytes bytes = exchange_from_engine(saved->data);
    if (bytes.len > checkpoint_state_max(self->checkpoint))
        return too_large;
    return keep_state(to, self->cell.space->allocator, bytes, self->component->metadata.version) ? NULL : no_memory;
}

static actor_progress save(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling ? component_call_poll(self, &outcome, failure)
                                            : component_call(self, engine_call_save(self->instance), &outcome, failure);
    if (progress != ACTOR_DONE)
        return progress;
    component_state *to = order->order == ACTOR_ORDER_SWAP ? &it->snapshot : &it->brought;
    char text[ACTOR_FAILURE_SIZE];
    const char *why = text;
    if (outcome.settle.tag == ENGINE_SETTLE_ERROR)
        base_text_copy(text, sizeof text, exchange_from_engine(outcome.settle.data));
    else
        why = why_not_kept(self, to, &outcome.settle);
    if (why == NULL) {
        bool past = order->from_past && goes_forward(it, order) && order->rollback_state == AIRS_ROLLBACK_SNAPSHOT &&
                    self->past_state.data != NULL;
        it->load = past ? &self->past_state : to;
        return ACTOR_DONE;
    }
    if (!goes_forward(it, order))
        return ACTOR_DONE;
    char refused[ACTOR_FAILURE_SIZE + 32];
    (void)snprintf(refused, sizeof refused, "its state is not saved: %s", why);
    return refuse(it, order, refused);
}

static actor_progress instantiate(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                  actor_failure *failure)
{
    engine_outcome ignored;
    if (self->calling)
        return component_call_poll(self, &ignored, failure);
    bool forward = goes_forward(it, order);
    if (order->order == ACTOR_ORDER_SPLIT) {
        it->beside_refusals_ns = 0;
        canary_begin(self, order);
        it->seated = true;
        return component_actor_instantiate(self, &ignored, failure);
    }
    if (!forward)
        it->new_stays = false;
    // One that did not come up on the way back has left an empty seat.
    if (!it->seated) {
        // Whoever was there before is not held against it.
        it->beside_refusals_ns = 0;
        // A rehearsal of other settings takes them as the instance will: when it runs.
        component_upgrade_change_places(self, it, forward && !it->applies);
    }
    it->seated = true;
    self->role = order->order == ACTOR_ORDER_REHEARSE ? COMPONENT_ROLE_REHEARSAL : COMPONENT_ROLE_CANDIDATE;
    if (self->role == COMPONENT_ROLE_CANDIDATE)
        put_children_aside(self, it);
    if (self->role == COMPONENT_ROLE_CANDIDATE && !it->notes) {
        it->notes = holdings_note(&it->held, &self->cell);
        if (!it->notes && forward)
            return actor_fail(failure, AIRS_EXIT_FAILED, "no memory for what it holds");
    }
    return component_actor_instantiate(self, &ignored, failure);
}

/// The error of a guest's own is a failure like a trap.
static actor_progress settle(const engine_outcome *outcome, const char *what, actor_failure *failure)
{
    if (outcome->settle.tag != ENGINE_SETTLE_ERROR)
        return ACTOR_DONE;
    airs_bytes text = exchange_from_engine(outcome->settle.data);
    return actor_fail(failure, AIRS_EXIT_FAILED, "%s: %.*s", what, (int)(text.len < 200 ? text.len : 200),
                      (const char *)text.data);
}

static actor_progress start(component_actor *self, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling ? component_call_poll(self, &outcome, failure)
                                            : component_actor_start(self, AIRS_START_UPGRADED, &outcome, failure);
    return progress == ACTOR_DONE ? settle(&outcome, "start", failure) : progress;
}

static actor_progress load(component_actor *self, const component_upgrade *it, actor_failure *failure)
{
    engine_outcome outcome;
    engine_bytes version = exchange_to_engine(base_bytes_of(it->load->version));
    engine_bytes bytes = exchange_to_engine(state_bytes(it->load));
    actor_progress progress =
        self->calling ? component_call_poll(self, &outcome, failure)
                      : component_call(self, engine_call_load(self->instance, version, bytes), &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "loading the state");
    return progress == ACTOR_DONE ? settle(&outcome, "loading the state", failure) : progress;
}

/// For who asks why later. The trap's frames go with it.
static void note_failure(component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                         const actor_failure *failure)
{
    actor *cell = &self->cell;
    actor_failures_add(cell, failure);
    actor_failures_decided(cell, &(actor_decision){.action = AIRS_ACTION_NONE, .will_restart = true});
    actor_log(cell, failure->message, AIRS_LOG_WARN, "%s version %s: %s (%s): %s",
              goes_forward(it, order) || canary_acts(self) ? "the new" : "the old", self->component->metadata.version,
              order->order == ACTOR_ORDER_REHEARSE                   ? "rehearsal"
              : canary_acts(self) && it->stage <= UPGRADE_STAGE_PART ? "it did not leave well"
                                                                     : "it did not come up",
              airs_exit_name(failure->reason), failure->text);
}

/// Its settings were not taken, and it has those of before still: by its own word, so it has not failed, and what it
/// has said of its end counts.
static actor_progress decline(component_actor *self, component_upgrade *it, actor_upgrade *order,
                              const actor_failure *why)
{
    note_failure(self, it, order, why);
    if (goes_forward(it, order)) {
        set_version(self, it, false);
        return refuse(it, order, why->text);
    }
    // It does not go back by itself: another instance does, with its state.
    it->applies = false;
    it->stage = it->has_state ? UPGRADE_STAGE_SAVE : UPGRADE_STAGE_INSTANTIATE;
    actor_upgrade_give_time(&self->cell);
    return ACTOR_DONE;
}

/// The instance in the seat is told the settings that it is to have, which are the actor's from here on.
static actor_progress apply(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress;
    actor_failure why = {.reason = AIRS_EXIT_NORMAL};
    bool in_place = applies_in_place(it, order);
    if (!self->calling) {
        set_version(self, it, goes_forward(it, order));
        if (component_settings_make(self) != AIRS_OK) {
            progress = actor_fail(in_place ? &why : failure, AIRS_EXIT_FAILED, "no memory for its settings");
            return in_place ? decline(self, it, order, &why) : progress;
        }
    }
    progress = self->calling
                   ? component_call_poll(self, &outcome, failure)
                   : component_call(self, engine_call_apply(self->instance, self->settings, self->cell.config_count),
                                    &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "taking its settings");
    if (progress != ACTOR_DONE)
        return progress;
    progress = settle(&outcome, "taking its settings", in_place ? &why : failure);
    return in_place && progress == ACTOR_FAILED ? decline(self, it, order, &why) : progress;
}

static actor_progress check(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome outcome;
    actor_progress progress = self->calling
                                  ? component_call_poll(self, &outcome, failure)
                                  : component_call(self, engine_call_check(self->instance), &outcome, failure);
    if (progress == ACTOR_FAILED)
        return component_aside_fail(failure, "health check");
    if (progress != ACTOR_DONE || outcome.health != ENGINE_HEALTH_UNHEALTHY)
        return progress;
    airs_bytes text = exchange_from_engine(outcome.settle.data);
    (void)actor_fail(failure, AIRS_EXIT_FAILED, "unhealthy: %.*s", (int)(text.len < 200 ? text.len : 200),
                     (const char *)text.data);
    return order->order == ACTOR_ORDER_PROVE ? refuse(it, order, failure->text) : ACTOR_FAILED;
}

/// The candidate is good: it stays, whatever comes now.
static void commit(component_actor *self, component_upgrade *it, actor_upgrade *order)
{
    it->new_stays = goes_forward(it, order);
    order->on_new = it->new_stays;
    order->took_past = order->order == ACTOR_ORDER_SWAP && it->load == &self->past_state;
    if (it->notes)
        holdings_commit(&it->held, self, !it->has_state);
    it->notes = false;
    end_children_aside(self, it);
    if (self->checkpoint != NULL && it->load != NULL)
        checkpoint_keep(self->checkpoint, &self->cell, it->load->version, state_bytes(it->load));
    show_component(self);
}

/// Who stands beside has its `stop` called, in the seat for that time. What comes of it does not matter any more.
static actor_progress stop(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    engine_outcome ignored;
    if (self->calling)
        return component_call_poll(self, &ignored, failure);
    commit(self, it, order);
    it->seated = false;
    order->carried = it->load == &it->brought;
    self->role = COMPONENT_ROLE_SELF;
    if (it->beside == NULL)
        return ACTOR_DONE;
    component_upgrade_change_places(self, it, !it->new_stays);
    self->role = COMPONENT_ROLE_LEAVING;
    if (!component_exports(self, ENGINE_EXPORT_CHILD))
        return ACTOR_DONE;
    return component_call(self, engine_call_stop(self->instance, ENGINE_STOP_UPGRADE), &ignored, failure);
}

/// Who has left is ended, and who stays has the seat.
static void end_leaving(component_actor *self, component_upgrade *it)
{
    if (self->role != COMPONENT_ROLE_LEAVING)
        return;
    component_actor_end_instance(self);
    component_upgrade_change_places(self, it, it->new_stays);
    self->role = COMPONENT_ROLE_SELF;
}

static actor_progress go_on(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    switch (it->stage) {
    case UPGRADE_STAGE_LEAVE:
        return leave(self, it, order, failure);
    case UPGRADE_STAGE_PART:
        return part(self, failure);
    case UPGRADE_STAGE_SAVE:
        return save(self, it, order, failure);
    case UPGRADE_STAGE_INSTANTIATE:
        return instantiate(self, it, order, failure);
    case UPGRADE_STAGE_START:
        return start(self, failure);
    case UPGRADE_STAGE_LOAD:
        return load(self, it, failure);
    case UPGRADE_STAGE_APPLY:
        return apply(self, it, order, failure);
    case UPGRADE_STAGE_CHECK:
        return check(self, it, order, failure);
    case UPGRADE_STAGE_STOP:
        return stop(self, it, order, failure);
    case UPGRADE_STAGE_IDLE:
    case UPGRADE_STAGE_OVER:
        break;
    }
    return ACTOR_DONE;
}

/// Whether a stage has something to do.
static bool has_stage(const component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                      component_upgrade_stage stage)
{
    bool proves = order->order == ACTOR_ORDER_PROVE;
    bool brings_up = !proves && !it->parts && !applies_in_place(it, order);
    switch (stage) {
    case UPGRADE_STAGE_PART:
        return it->twin.lives;
    case UPGRADE_STAGE_SAVE:
        return !proves && !it->parts && saves(it, order);
    case UPGRADE_STAGE_INSTANTIATE:
        return brings_up;
    case UPGRADE_STAGE_START:
        return brings_up && component_exports(self, ENGINE_EXPORT_CHILD);
    case UPGRADE_STAGE_LOAD:
        return brings_up && it->load != NULL;
    case UPGRADE_STAGE_APPLY:
        return !it->parts && (applies_in_place(it, order) || (it->applies && order->order == ACTOR_ORDER_REHEARSE));
    case UPGRADE_STAGE_CHECK:
        return (goes_forward(it, order) || proves) && component_exports(self, ENGINE_EXPORT_HEALTH);
    case UPGRADE_STAGE_STOP:
        return brings_up && order->order != ACTOR_ORDER_REHEARSE && order->order != ACTOR_ORDER_SPLIT;
    default:
        return true;
    }
}

// ---------------------------------------------------------------- failures

static actor_progress fail_forward(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                   const actor_failure *failure)
{
    if (it->stage == UPGRADE_STAGE_LEAVE && failure->reason == AIRS_EXIT_TIMEOUT) {
        // It goes on with its `run`, as if nobody had asked.
        self->between = false;
        return refuse(it, order, failure->text);
    }
    if (!it->seated)
        return ACTOR_FAILED;
    note_failure(self, it, order, failure);
    take_back(self, it);
    return refuse(it, order, failure->text);
}

static actor_progress fail_backward(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                    const actor_failure *failure);

/// The instance has failed at taking its settings, or is not well with them.
static actor_progress fail_in_place(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                    const actor_failure *failure)
{
    if (goes_forward(it, order)) {
        it->refused = true;
        base_text_copy(order->text, sizeof order->text, base_bytes_of(failure->text));
        it->load = NULL;
    }
    return fail_backward(self, it, order, failure);
}

/// The state that is tried next; false when it was tried without any.
static bool take_next_state(component_upgrade *it)
{
    if (it->seated && it->load == NULL)
        return false;
    bool brought = it->seated && it->load == &it->brought;
    it->load = (!it->seated || brought) && it->snapshot.data != NULL ? &it->snapshot : NULL;
    return true;
}

/// An instance that was to leave has failed in one of its last events.
static void put_back_in_hand(component_actor *self)
{
    const envelope *mail = self->cell.in_hand;
    self->requests_open += mail != NULL && mail->kind == ENVELOPE_REPLY;
    actor_put_back_in_hand(&self->cell);
}

static actor_progress fail_backward(component_actor *self, component_upgrade *it, const actor_upgrade *order,
                                    const actor_failure *failure)
{
    note_failure(self, it, order, failure);
    // Whatever the order was: there is no instance left that could take its settings.
    it->recovers = true;
    component_actor_end_instance(self);
    put_back_in_hand(self);
    undo_holdings(self, it);
    if (!take_next_state(it))
        return ACTOR_FAILED;
    it->stage = UPGRADE_STAGE_INSTANTIATE;
    actor_upgrade_give_time(&self->cell);
    return ACTOR_DONE;
}

/// The twin has failed on its way out of an event, or did not stop well: it is gone, and the event goes back.
static actor_progress fail_twin(component_actor *self, component_upgrade *it, actor_upgrade *order,
                                actor_failure *failure)
{
    note_failure(self, it, order, failure);
    canary_end(self);
    actor_put_back_in_hand(&self->cell);
    actor_upgrade_give_time(&self->cell);
    if (it->stage == UPGRADE_STAGE_LEAVE && goes_forward(it, order))
        return refuse(it, order, failure->text);
    it->stage = it->parts ? UPGRADE_STAGE_OVER : UPGRADE_STAGE_SAVE;
    while (it->stage < UPGRADE_STAGE_OVER && !has_stage(self, it, order, it->stage))
        it->stage++;
    return ACTOR_DONE;
}

/// Whether the twin has failed on its way out. One that only takes too long to come out of a `run` goes on with that
/// where it need not go.
static bool is_twins(const component_actor *self, const component_upgrade *it, const actor_upgrade *order,
                     const actor_failure *failure)
{
    if (!canary_acts(self) || failure->reason == AIRS_EXIT_KILLED)
        return false;
    return it->stage == UPGRADE_STAGE_PART ||
           (it->stage == UPGRADE_STAGE_LEAVE && !(goes_forward(it, order) && failure->reason == AIRS_EXIT_TIMEOUT));
}

/// The twin was to go, and the old version has failed on its way out of an event: that is its own affair, and the twin
/// ends with its incarnation. Where it only takes too long, it goes on with that, alone.
static actor_progress fail_beside_twin(component_actor *self, component_upgrade *it, actor_failure *failure)
{
    if (failure->reason != AIRS_EXIT_TIMEOUT)
        return ACTOR_FAILED;
    self->between = self->aside != COMPONENT_ASIDE_NONE;
    canary_end(self);
    it->stage = UPGRADE_STAGE_OVER;
    *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    return ACTOR_DONE;
}

/// A stage has failed. DONE: it goes on with `it->stage`.
static actor_progress fail(component_actor *self, component_upgrade *it, actor_upgrade *order, actor_failure *failure)
{
    if (is_twins(self, it, order, failure)) {
        actor_progress gone = fail_twin(self, it, order, failure);
        *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
        return gone;
    }
    if (it->stage == UPGRADE_STAGE_STOP) {
        actor_log(&self->cell, failure->message, AIRS_LOG_WARN, "version %s did not stop well, and is gone: %s",
                  self->component->metadata.version, failure->text);
        it->stage = UPGRADE_STAGE_OVER;
        return ACTOR_DONE;
    }
    // Somebody else wants it to end.
    if (failure->reason == AIRS_EXIT_KILLED)
        return ACTOR_FAILED;
    if (order->order == ACTOR_ORDER_REVERT && it->parts)
        return fail_beside_twin(self, it, failure);
    bool in_place = applies_in_place(it, order) && it->stage >= UPGRADE_STAGE_APPLY;
    actor_progress progress = order->order == ACTOR_ORDER_PROVE && it->stage != UPGRADE_STAGE_LEAVE ? ACTOR_FAILED
                              : in_place ? fail_in_place(self, it, order, failure)
                              : goes_forward(it, order) || order->order == ACTOR_ORDER_PROVE
                                  ? fail_forward(self, it, order, failure)
                                  : fail_backward(self, it, order, failure);
    if (progress == ACTOR_DONE)
        *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    return progress;
}

// ---------------------------------------------------------------- the whole of it

static void begin_stages(component_upgrade *it, const actor_upgrade *order)
{
    if (order->order == ACTOR_ORDER_FALL_BACK && it->parts) {
        it->load = NULL;
        it->stage = UPGRADE_STAGE_OVER;
        return;
    }
    it->parts = order->order == ACTOR_ORDER_REVERT && !it->new_stays;
    bool back = !goes_forward(it, order) && it->snapshot.data != NULL;
    it->load = back ? &it->snapshot : NULL;
    it->stage = order->order == ACTOR_ORDER_FALL_BACK ? UPGRADE_STAGE_INSTANTIATE : UPGRADE_STAGE_LEAVE;
}

static void finish(component_actor *self, component_upgrade *it, actor_upgrade *order)
{
    if (order->order == ACTOR_ORDER_SPLIT && it->seated && !it->refused && self->exit_requested)
        (void)refuse(it, order, "it has said that it ends");
    if (order->order == ACTOR_ORDER_SPLIT && it->seated && !it->refused) {
        canary_split(self);
        it->seated = false;
    }
    if (it->seated)
        take_back(self, it);
    end_leaving(self, it);
    if (applies_in_place(it, order) && !it->refused) {
        it->new_stays = goes_forward(it, order);
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
            ? actor_fail(failure, AIRS_EXIT_TIMEOUT, "it took longer than start_timeout, %" PRIu32 " ms",
                         self->cell.limits.start_timeout_ms)
            : go_on(self, it, order, failure);
    if (progress == ACTOR_FAILED)
        return fail(self, it, order, failure);
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
        while (it->stage < UPGRADE_STAGE_OVER && !has_stage(self, it, order, it->stage));
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
    if (it->notes)
        holdings_fini(&it->held, self->cell.space->allocator);
    end_children_aside(self, it);
    it->notes = it->seated = false;
    it->stage = UPGRADE_STAGE_IDLE;
    self->role = COMPONENT_ROLE_SELF;
    set_version(self, it, it->new_stays);
    show_component(self);
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
        (void)keep_state(&it->snapshot, self->cell.space->allocator, (airs_bytes){kept->state, kept->len},
                         kept->version);
    else if (order->order != ACTOR_ORDER_SWAP && it->snapshot.data != NULL && !keeps_own(it, order, kept))
        checkpoint_keep(kept, &self->cell, it->snapshot.version, state_bytes(&it->snapshot));
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
    set_version(self, it, it->new_stays);
    show_component(self);
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

void component_upgrade_forget(actor *cell, actor_upgrade *order)
{
    component_actor *self = component_actor_of(cell);
    const airs_allocator *allocator = cell->space->allocator;
    component_upgrade *it = order->made;
    // It has begun.
    if (it->old_version != NULL) {
        if (it->new_stays)
            keep_past(self, it, order);
        else
            airs_component_release(it->old_version);
        airs_component_release(it->new_version);
        component_state_free(&it->snapshot, allocator);
        component_state_free(&it->brought, allocator);
        self->upgrade = NULL;
    }
    component_settings_free(&it->other, allocator);
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
    component_compare(cell, order->version, order->on_no_state, &difference);
    // Told its settings, it goes on: it needs no state for that.
    bool applies = difference.same && order->has_config && component_takes_settings(order->version);
    if (difference.refused[0] != '\0' && !applies)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "actor \"%s\": %s", actor_name(cell), difference.refused);
    component_upgrade *made = base_alloc_zeroed(allocator, sizeof *made);
    if (made != NULL)
        made->has_config = order->has_config;
    if (made != NULL &&
        (!order->has_config || component_settings_copy(&made->other, order->config, order->config_count, allocator))) {
        order->made = made;
        return AIRS_OK;
    }
    base_free(allocator, made);
    return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
}
