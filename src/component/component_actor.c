// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/component_actor.h"

#include <string.h>

#include "actor/failures.h"
#include "actor/log.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "component/aside.h"
#include "component/batch.h"
#include "component/call.h"
#include "component/canary.h"
#include "component/checkpoint.h"
#include "component/children.h"
#include "component/events.h"
#include "component/exchange.h"
#include "component/incarnation.h"
#include "component/learn.h"
#include "component/network.h"
#include "component/outfit.h"
#include "component/settings.h"
#include "component/upgrade.h"

/// Entries of a component's resource table: streams, pollables…
#define RESOURCES_MAX 4096u
/// What a host call may allocate beside the payload: names, topics, lists of settings.
#define HOSTCALL_EXTRA (64u << 10)

void component_actor_publish_memory(component_actor *self)
{
    base_atomic_store_relaxed(&self->cell.memory, base_atomic_load_relaxed(&component_gauges(self)->memory));
}

// ---------------------------------------------------------------- lifecycle: the end

void component_actor_end_instance(component_actor *self)
{
    actor *cell = &self->cell;
    component_actor_end_park_limit(self);
    batch_end(self);
    engine_instance_destroy(self->instance);
    self->instance = NULL;
    base_atomic_store_relaxed(&self->cell.connections, 0u);
    self->calling = false;
    if (self->asked != 0) {
        request_abandon(cell->space, self->asked);
        // Where another instance follows at once, the actor goes on: who asks it would be told of a circle.
        actor_waits_no_more(cell);
    }
    self->asked = 0;
    actor_space_discard(cell->space, self->asked_reply);
    self->asked_reply = NULL;
    actor_unpark_sender(cell->space, &self->parked);
    actor_space_discard(cell->space, self->held);
    self->held = NULL;
    self->wait = COMPONENT_WAIT_NONE;
    self->aside = COMPONENT_ASIDE_NONE;
    self->between = false;
    self->exit_requested = false;
    self->over_refusals = false;
}

static void destroy(actor *cell, bool failed)
{
    (void)failed;
    component_actor *self = component_actor_of(cell);
    // It did not come back from that, for whatever reason: it would not the next time.
    if (self->stage == COMPONENT_STAGE_LOAD)
        checkpoint_drop(self->checkpoint, cell->space->allocator);
    self->stage = COMPONENT_STAGE_INSTANTIATE;
    component_actor_end_instance(self);
    component_upgrade_end(self);
    // Its sockets have ended with it.
    component_network_reset(self);
    self->requests_open = 0;
    checkpoint_pause(self->checkpoint, cell);
    children_end(self);
}

// ---------------------------------------------------------------- lifecycle: start

/// What it may be given in one call of the host's: its state too.
static uint64_t payload_max(const component_actor *self)
{
    uint64_t most = self->cell.limits.max_message;
    uint64_t sent_max = base_atomic_load_relaxed(&self->cell.inbox.message_max);
    most = sent_max > most ? sent_max : most;
    most = self->message_max_before > most ? self->message_max_before : most;
    uint64_t state_max = checkpoint_state_max(self->checkpoint);
    // Of a checkpoint that comes, or goes, with the version in the seat.
    if (self->upgrade != NULL && self->upgrade->has_outfit) {
        uint64_t other_max = component_outfit_state_max(&self->upgrade->outfit);
        state_max = other_max > state_max ? other_max : state_max;
    }
    return component_exports(self, ENGINE_EXPORT_STATE) && state_max > most ? state_max : most;
}

static actor_progress create_instance(component_actor *self, actor_failure *failure)
{
    const airs_limits *limits = &self->cell.limits;
    engine_limits instance_limits = {
        .memory_max = limits->max_memory,
        .table_elements_max = limits->max_tables,
        .resources_max = RESOURCES_MAX,
        .hostcall_max = payload_max(self) + HOSTCALL_EXTRA,
        .origin = self->authority.origin == 0 ? self->cell.id : self->authority.origin,
    };
    engine_gauges *gauges = component_gauges(self);
    base_atomic_store_relaxed(&gauges->memory, 0u);
    base_atomic_store_relaxed(&gauges->table_elements, 0u);
    base_atomic_store_relaxed(&gauges->growths_refused, 0u);
    base_atomic_store_relaxed(&gauges->table_growths_refused, 0u);
    base_atomic_store_relaxed(&gauges->files_open, 0u);
    engine_error error = {0};
    engine_result result =
        engine_instance_create(self->component->code, &instance_limits, self, gauges, &self->instance, &error);
    if (result == ENGINE_OK)
        return ACTOR_DONE;
    return actor_fail(failure, result == ENGINE_LIMIT ? AIRS_EXIT_LIMIT : AIRS_EXIT_FAILED, "%.200s", error.text);
}

void component_actor_take_seat(component_actor *self)
{
    self->wait = COMPONENT_WAIT_NONE;
    self->interrupt = COMPONENT_INTERRUPT_NONE;
    self->exit_requested = false;
}

actor_progress component_actor_instantiate(component_actor *self, engine_outcome *ret, actor_failure *failure)
{
    component_actor_take_seat(self);
    actor_progress progress = create_instance(self, failure);
    return progress == ACTOR_DONE ? component_call(self, engine_call_instantiate(self->instance), ret, failure)
                                  : progress;
}

/// The call's arguments are lowered by its first poll: it is made here, while they exist.
actor_progress component_actor_start(component_actor *self, airs_start_cause cause, engine_outcome *ret,
                                     actor_failure *failure)
{
    const actor *cell = &self->cell;
    if (component_settings_make(self) != AIRS_OK)
        return actor_fail(failure, AIRS_EXIT_FAILED, "no memory for its settings");
    airs_bytes name = base_bytes_of(actor_name(cell));
    engine_start_info info = {.id = cell->id,
                              .name = {name.data, name.len},
                              .cause = (engine_start_cause)cause,
                              .restarts = cell->window_restarts,
                              .config = self->settings,
                              .config_count = cell->config_count};
    return component_call(self, engine_call_start(self->instance, &info), ret, failure);
}

/// The first stage from this one on in which there is something to do.
static component_stage stage_from(const component_actor *self, component_stage stage)
{
    if (stage == COMPONENT_STAGE_START && !component_exports(self, ENGINE_EXPORT_CHILD))
        stage++;
    if (stage == COMPONENT_STAGE_LOAD && (self->checkpoint == NULL || self->checkpoint->state == NULL))
        stage++;
    return stage;
}

static actor_progress call_load(component_actor *self, engine_outcome *ret, actor_failure *failure)
{
    const checkpoint *saved = self->checkpoint;
    engine_bytes version = exchange_to_engine(base_bytes_of(saved->version));
    engine_bytes state = {saved->state, saved->len};
    actor_progress progress = component_call_begin(self, engine_call_load(self->instance, version, state), failure);
    // What is left of start_timeout has to do for a start without it.
    component_call_limit_wait(self, self->cell.limits.start_timeout_ms / 2);
    return progress == ACTOR_DONE ? component_call_poll(self, ret, failure) : progress;
}

/// Begins the call of the stage, or goes on with it.
static actor_progress go_on_starting(component_actor *self, airs_start_cause cause, engine_outcome *ret,
                                     actor_failure *failure)
{
    if (self->calling)
        return component_call_poll(self, ret, failure);
    switch (self->stage) {
    case COMPONENT_STAGE_INSTANTIATE:
        return component_actor_instantiate(self, ret, failure);
    case COMPONENT_STAGE_START:
        return component_actor_start(self, cause, ret, failure);
    default:
        return call_load(self, ret, failure);
    }
}

/// An error of the guest's own is a failure too.
static actor_progress check_outcome(const component_actor *self, const engine_outcome *outcome, actor_failure *failure)
{
    if (self->stage == COMPONENT_STAGE_INSTANTIATE || outcome->settle.tag != ENGINE_SETTLE_ERROR)
        return ACTOR_DONE;
    int len = (int)(outcome->settle.data.len < 200 ? outcome->settle.data.len : 200);
    return actor_fail(failure, AIRS_EXIT_FAILED, "%s%.*s", self->stage == COMPONENT_STAGE_START ? "start: " : "", len,
                      (const char *)outcome->settle.data.data);
}

/// A state that can't be loaded must not fail the start again and again: it is thrown away, and the incarnation is made
/// anew without it. False when it was not the state's fault.
static bool start_afresh(component_actor *self, actor_failure *failure)
{
    actor *cell = &self->cell;
    if (failure->reason == AIRS_EXIT_KILLED || failure->reason == AIRS_EXIT_TIMEOUT)
        return false;
    actor_failures_add(cell, failure);
    actor_failures_decided(cell, &(actor_decision){.action = AIRS_ACTION_RESTARTED, .will_restart = true});
    actor_log(cell, failure->message, AIRS_LOG_WARN, "failed (%s), and starts without its state: %s",
              airs_exit_name(failure->reason), failure->text);
    actor_emit(cell, AIRS_EVENT_FAILED, failure->reason, failure->text, 0);
    destroy(cell, true);
    // It has subscribed, and named itself, in its start.
    actor_end_holdings(cell);
    *failure = (actor_failure){.reason = AIRS_EXIT_NORMAL};
    return true;
}

static actor_progress start(actor *cell, airs_start_cause cause, actor_failure *ret_failure)
{
    component_actor *self = component_actor_of(cell);
    while (self->stage != COMPONENT_STAGE_STARTED) {
        engine_outcome outcome;
        actor_progress progress = go_on_starting(self, cause, &outcome, ret_failure);
        if (progress == ACTOR_DONE)
            progress = check_outcome(self, &outcome, ret_failure);
        if (progress == ACTOR_FAILED && self->stage == COMPONENT_STAGE_LOAD) {
            progress = component_aside_fail(ret_failure, "loading its state");
            if (start_afresh(self, ret_failure))
                continue;
        }
        if (progress != ACTOR_DONE)
            return progress;
        self->stage = stage_from(self, self->stage + 1u);
    }
    component_actor_publish_memory(self);
    return ACTOR_DONE;
}

// ---------------------------------------------------------------- lifecycle: stop

/// Whatever the guest is in the middle of: an event, a check, or saving its state.
static actor_progress finish_current(component_actor *self, actor_failure *failure)
{
    if (self->aside != COMPONENT_ASIDE_NONE)
        return component_aside_finish(self, failure);
    if (self->wait != COMPONENT_WAIT_NONE || self->park_runs)
        batch_cut(self);
    else
        batch_cut_behind_next(self);
    engine_outcome outcome = {.settle.tag = ENGINE_SETTLE_DONE};
    actor_progress progress = self->calling ? component_call_poll(self, &outcome, failure) : ACTOR_DONE;
    if (progress != ACTOR_DONE)
        return progress;
    batch_end(self);
    exchange_settle(self, &outcome.settle);
    return ACTOR_DONE;
}

/// The same, and a twin ends: it is the actor itself that stops. What the twin fails at then goes back, and is no
/// failure of that.
static actor_progress finish_event(component_actor *self, actor_failure *failure)
{
    actor_failure before = *failure;
    actor_progress progress = finish_current(self, failure);
    if (progress == ACTOR_FAILED && canary_acts(self) && failure->reason != AIRS_EXIT_KILLED) {
        actor_log(&self->cell, failure->message, AIRS_LOG_WARN, "its canary failed in its last event (%s): %s",
                  airs_exit_name(failure->reason), failure->text);
        canary_end(self);
        actor_put_back_in_hand(&self->cell);
        *failure = before;
        progress = ACTOR_DONE;
    }
    if (progress == ACTOR_DONE)
        canary_end(self);
    return progress;
}

/// Nobody loads the state of an actor that ends for good.
static actor_progress save_at_stop(component_actor *self, actor_failure *failure)
{
    if (self->checkpoint == NULL || !self->checkpoint->when.on_stop || self->cell.life.stop_requested)
        return ACTOR_DONE;
    return component_aside_save(self, failure);
}

static actor_progress call_stop(component_actor *self, actor_failure *failure)
{
    engine_outcome ignored;
    if (self->calling)
        return component_call_poll(self, &ignored, failure);
    if (!component_exports(self, ENGINE_EXPORT_CHILD))
        return ACTOR_DONE;
    return component_call(self, engine_call_stop(self->instance, (engine_stop_reason)self->cell.stop_reason), &ignored,
                          failure);
}

static actor_progress stop(actor *cell, airs_stop_reason reason, actor_failure *ret_failure)
{
    (void)reason;
    component_actor *self = component_actor_of(cell);
    while (self->stage != COMPONENT_STAGE_STOPPED) {
        actor_progress progress;
        if (self->stage == COMPONENT_STAGE_FINISH_EVENT)
            progress = finish_event(self, ret_failure);
        else if (self->stage == COMPONENT_STAGE_SAVE)
            progress = save_at_stop(self, ret_failure);
        else
            progress = call_stop(self, ret_failure);
        if (progress != ACTOR_DONE)
            return progress;
        self->stage++;
    }
    return ACTOR_DONE;
}

// ---------------------------------------------------------------- making

static void fini(actor *cell)
{
    component_actor *self = component_actor_of(cell);
    base_free(cell->space->allocator, self->settings);
    base_free(cell->space->allocator, self->env);
    component_program_fini(&self->program, cell->space->allocator);
    base_free(cell->space->allocator, self->files);
    checkpoint_destroy(self->checkpoint, cell->space->allocator);
    children_options_fini(&self->children_of, cell->space->allocator);
    base_free(cell->space->allocator, self->made_of);
    authority_fini(&self->authority, cell->space->allocator);
    component_past_fini(self);
    airs_component_release(self->component);
}

static const actor_child_fns child_fns = {
    .start = start,
    .stop = stop,
    .destroy = destroy,
    .check = component_aside_check,
    .consider = component_upgrade_consider,
    .upgrade = component_upgrade_go_on,
    .leave = component_upgrade_leave,
    .adopt = component_upgrade_adopt,
    .part = component_upgrade_part,
    .clear = component_upgrade_clear,
    .forget = component_upgrade_forget,
};
static const actor_message_fns message_fns = {.drain = component_drain, .rest = component_rest};
static const actor_kind component_kind = {
    .kind = AIRS_KIND_COMPONENT,
    .child = &child_fns,
    .messages = &message_fns,
    .take_terms = children_take_terms,
    .fini = fini,
};

const char *component_actor_env(const component_actor *self, airs_bytes name)
{
    for (size_t i = 0; i < self->env_count; i++) {
        if (base_bytes_are(name, self->env[i].key))
            return self->env[i].value;
    }
    return NULL;
}

/// What the actor brings to its cell; given back by `fini`, or `give_back` when there was no cell.
static airs_status prepare(component_actor *self, component_actor *parent, const airs_spawn_options *options,
                           airs_error *error)
{
    const airs_allocator *allocator = self->space->actors->allocator;
    airs_checkpoint when = options->checkpoint;
    bool saves = checkpoint_saves(&when);
    if (saves && !component_exports(self, ENGINE_EXPORT_STATE))
        return base_error_set(error, AIRS_E_UNSUPPORTED, "checkpoint: the component does not export `state`");
    airs_status status = saves ? checkpoint_complete(&when, error) : AIRS_OK;
    // Templates first: they are checked by being copied.
    if (status == AIRS_OK)
        status = children_options_init(&self->children_of, options, parent == NULL, allocator, error);
    if (status == AIRS_OK)
        status = authority_init(&self->authority, allocator, options, parent, self->space, error);
    if (status == AIRS_OK)
        status = component_outfit_copy_env(&self->env, &self->env_count, options, allocator, error);
    if (status == AIRS_OK)
        status = component_program_init(&self->program, options, allocator, error);
    if (status != AIRS_OK || !saves)
        return status;
    self->checkpoint = checkpoint_create(allocator, &self->cell, &when);
    return self->checkpoint == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for a checkpoint") : AIRS_OK;
}

static void give_back(component_actor *self, const airs_allocator *allocator)
{
    checkpoint_destroy(self->checkpoint, allocator);
    base_free(allocator, self->env);
    component_program_fini(&self->program, allocator);
    children_options_fini(&self->children_of, allocator);
    base_free(allocator, self->made_of);
    authority_fini(&self->authority, allocator);
    airs_component_release(self->component);
    base_free_aligned(allocator, self);
}

static airs_status spawn(component_space *space, component_actor *parent, airs_component *component,
                         const actor_options *options, const airs_spawn_options *kind_options,
                         const char *template_name, uint64_t *ret_id, airs_error *error)
{
    const airs_allocator *allocator = space->actors->allocator;
    component_actor *self = base_alloc_aligned(allocator, sizeof *self, BASE_CACHE_LINE);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    self->space = space;
    self->component = self->shown = component;
    // The actor may end, and release the component, before the spawn returns.
    airs_component_retain(component);
    self->cell.limits = options->limits;
    airs_status status = actor_limits_complete(&self->cell.limits, error);
    component_outfit_apply_limits(self);
    if (space->learner != NULL)
        self->learned =
            learner_enter(space->learner, parent == NULL ? NULL : parent->learned, options->name, template_name);
    component_call_init(self);
    actor_parked_init(&self->parked, &self->cell);
    actor_options cell_options = *options;
    cell_options.component_name = component->metadata.name;
    cell_options.component_version = component->metadata.version;
    cell_options.takes_downs = component_exports(self, ENGINE_EXPORT_SIGNALS | ENGINE_EXPORT_BATCH);
    if (status == AIRS_OK)
        status = prepare(self, parent, kind_options, error);
    if (status == AIRS_OK && parent != NULL) {
        self->made_of = base_strndup(allocator, template_name, strlen(template_name));
        if (self->made_of == NULL)
            status = base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    }
    if (status == AIRS_OK)
        status = actor_spawn(space->actors, &self->cell, &component_kind, &cell_options, ret_id, error);
    if (status != AIRS_OK)
        give_back(self, allocator);
    else if (parent != NULL)
        authority_born(parent, *ret_id);
    return status;
}

airs_status component_actor_spawn(component_space *space, airs_component *component, const actor_options *options,
                                  const airs_spawn_options *kind_options, const char *template_name, uint64_t *ret_id,
                                  airs_error *error)
{
    return spawn(space, NULL, component, options, kind_options, template_name, ret_id, error);
}

airs_status component_actor_spawn_child(component_actor *parent, airs_component *component,
                                        const actor_options *options, const airs_spawn_options *kind_options,
                                        const char *template_name, uint64_t *ret_id, airs_error *error)
{
    return spawn(parent->space, parent, component, options, kind_options, template_name, ret_id, error);
}
