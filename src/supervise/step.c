// SPDX-License-Identifier: MIT OR Apache-2.0
/// What is decided about one child. Walks over many: walk.c.
#include "supervise/step.h"

#include "base/assert.h"
#include "supervise/backoff.h"
#include "supervise/walk.h"

#define NOT_READY UINT64_MAX

// ---------------------------------------------------------------- what is to be done

void supervise_emit(supervise_state *state, supervise_action action)
{
    AIRS_ASSERT(state->actions_len < SUPERVISE_ACTIONS_MAX);
    state->actions[(state->actions_head + state->actions_len++) % SUPERVISE_ACTIONS_MAX] = action;
}

void supervise_say(supervise_state *state, supervise_action_kind kind, actor_child *child)
{
    supervise_emit(state, (supervise_action){.kind = kind, .child = child});
}

void supervise_decide(supervise_state *state, actor_child *child, airs_action decision, bool will_restart,
                      uint32_t delay_ms)
{
    // One that was told to end is halting, or leaving.
    bool by_itself = child->place == ACTOR_PLACE_UP || child->place == ACTOR_PLACE_ENDED;
    supervise_emit(
        state, (supervise_action){.kind = SUPERVISE_DO_DECIDE,
                                  .child = child,
                                  .decision = decision,
                                  .will_restart = will_restart,
                                  .over = decision == AIRS_ACTION_ENDED && by_itself && supervise_is_over(state, child),
                                  .delay_ms = delay_ms});
}

/// The failure of this child has been counted.
static void decide_counted(supervise_state *state, actor_child *child, uint32_t delay_ms)
{
    supervise_emit(state, (supervise_action){.kind = SUPERVISE_DO_DECIDE,
                                             .child = child,
                                             .decision = AIRS_ACTION_RESTARTED,
                                             .will_restart = true,
                                             .counted = true,
                                             .delay_ms = delay_ms});
}

void supervise_answer(supervise_state *state, actor_child *child, airs_status status)
{
    if (child->wanted == AIRS_ACTION_NONE)
        return;
    child->wanted = AIRS_ACTION_NONE;
    supervise_emit(state, (supervise_action){.kind = SUPERVISE_DO_ANSWER, .child = child, .status = status});
}

void supervise_put(supervise_state *state, actor_child *child, actor_place place)
{
    state->in_place[child->place]--;
    state->in_place[place]++;
    child->place = place;
}

void supervise_begin(supervise_state *state, actor_child *child)
{
    supervise_say(state, child->was_started ? SUPERVISE_DO_RESTART : SUPERVISE_DO_START, child);
    supervise_put(state, child, ACTOR_PLACE_STARTING);
    child->was_started = true;
    child->ready_ms = NOT_READY;
}

void supervise_hold(supervise_state *state, actor_child *child)
{
    supervise_say(state, SUPERVISE_DO_QUARANTINE, child);
    supervise_put(state, child, ACTOR_PLACE_QUARANTINED);
    supervise_answer(state, child, AIRS_OK);
}

bool supervise_may_begin(const supervise_state *state, const actor_child *child)
{
    return !state->down && !state->leaves && (state->stage == SUPERVISE_STAGE_NONE || !child->grouped);
}

/// Nobody waits for this child's backoff any more.
static void stop_waiting(supervise_state *state, actor_child *child)
{
    supervise_say(state, SUPERVISE_DO_CANCEL, child);
    supervise_put(state, child, ACTOR_PLACE_DOWN);
    if (state->failed == child)
        state->due = true;
}

// ---------------------------------------------------------------- decisions

static bool ended_well(airs_exit reason)
{
    return reason == AIRS_EXIT_NORMAL || reason == AIRS_EXIT_SHUTDOWN;
}

static bool wants_restart(const actor_child *child)
{
    switch (child->end.verdict) {
    case AIRS_ERROR_RESUME:
    case AIRS_ERROR_RESTART:
        return true;
    case AIRS_ERROR_STOP:
        return false;
    case AIRS_ERROR_DEFAULT:
    case AIRS_ERROR_ESCALATE:
        break;
    }
    switch (child->restart) {
    case AIRS_RESTART_PERMANENT:
        return true;
    case AIRS_RESTART_TRANSIENT:
        return !ended_well(child->end.reason);
    case AIRS_RESTART_TEMPORARY:
        break;
    }
    return false;
}

static bool has_groups(const supervise_state *state)
{
    return state->settings.strategy == AIRS_ONE_FOR_ALL || state->settings.strategy == AIRS_REST_FOR_ONE;
}

/// Whether any significant child has not ended for good.
static bool significant_is_left(const supervise_state *state)
{
    for (ds_list *link = state->children.next; link != &state->children; link = link->next) {
        const actor_child *child = supervise_child_of(link);
        if (child->significant && child->place != ACTOR_PLACE_LEAVING && child->place != ACTOR_PLACE_RESTING)
            return true;
    }
    return false;
}

/// Whether the supervisor ends with this child, which has ended for good.
static bool depends_on(const supervise_state *state, const actor_child *child)
{
    if (!child->significant || state->settings.auto_shutdown == AIRS_AUTO_SHUTDOWN_NEVER)
        return false;
    return state->settings.auto_shutdown == AIRS_AUTO_SHUTDOWN_ANY || !significant_is_left(state);
}

static void leave(supervise_state *state, supervise_action_kind kind, actor_child *child)
{
    supervise_say(state, kind, child);
    state->leaves = true;
}

/// Whether the place of a child that is not started again is kept, as OTP keeps its specification: a group may want it
/// back.
static bool is_kept(const supervise_state *state, const actor_child *child)
{
    return has_groups(state) && child->restart != AIRS_RESTART_TEMPORARY && child->was_ready &&
           child->end.verdict != AIRS_ERROR_STOP;
}

bool supervise_is_over(const supervise_state *state, const actor_child *child)
{
    return !wants_restart(child) && !is_kept(state, child);
}

/// It is not started again.
static void let_be(supervise_state *state, actor_child *child)
{
    bool kept = is_kept(state, child);
    supervise_decide(state, child, AIRS_ACTION_ENDED, false, 0);
    supervise_say(state, kept ? SUPERVISE_DO_REST : SUPERVISE_DO_END, child);
    supervise_put(state, child, kept ? ACTOR_PLACE_RESTING : ACTOR_PLACE_LEAVING);
    // One that comes down, or is about to, has its end already.
    if (!state->down && !state->leaves && depends_on(state, child))
        leave(state, SUPERVISE_DO_FINISH, child);
}

static void give_up(supervise_state *state, actor_child *child)
{
    supervise_decide(state, child, AIRS_ACTION_ESCALATED, true, 0);
    supervise_put(state, child, ACTOR_PLACE_DOWN);
    leave(state, SUPERVISE_DO_GIVE_UP, child);
}

static uint32_t next_delay_ms(supervise_state *state, actor_child *child)
{
    if (child->ready_ms != NOT_READY && state->now_ms - child->ready_ms >= child->backoff->reset_after_ms)
        child->attempts = 0;
    child->attempts++;
    return supervise_backoff_delay_ms(child->backoff, child->attempts, &state->random);
}

/// Starts the group of a failed child again. When one waits already, which can only be behind this child, it becomes
/// part of the new one, and is not started any sooner.
static void restart_group(supervise_state *state, actor_child *child, uint32_t delay_ms)
{
    if (state->stage == SUPERVISE_STAGE_WAITING && !state->due && state->due_ms > state->now_ms) {
        uint32_t left_ms = (uint32_t)(state->due_ms - state->now_ms);
        delay_ms = left_ms > delay_ms ? left_ms : delay_ms;
        if (state->failed != NULL)
            stop_waiting(state, state->failed);
    }
    decide_counted(state, child, delay_ms);
    supervise_put(state, child, delay_ms > 0 ? ACTOR_PLACE_WAITING : ACTOR_PLACE_DOWN);
    if (delay_ms > 0)
        supervise_emit(state, (supervise_action){.kind = SUPERVISE_DO_WAIT, .child = child, .delay_ms = delay_ms});
    bool all = state->settings.strategy == AIRS_ONE_FOR_ALL;
    supervise_walk_begin(state, SUPERVISE_WALK_GROUP, all ? state->children.next : &child->siblings);
    state->failed = child;
    state->due = delay_ms == 0;
    state->due_ms = state->now_ms + delay_ms;
}

static void restart_alone(supervise_state *state, actor_child *child, uint32_t delay_ms)
{
    decide_counted(state, child, delay_ms);
    if (delay_ms == 0) {
        supervise_begin(state, child);
        return;
    }
    supervise_put(state, child, ACTOR_PLACE_WAITING);
    supervise_emit(state, (supervise_action){.kind = SUPERVISE_DO_WAIT, .child = child, .delay_ms = delay_ms});
}

static void decide_next(supervise_state *state)
{
    actor_child *child = ds_container_of(ds_list_pop_front(&state->line), actor_child, line);
    if (child->end.verdict == AIRS_ERROR_ESCALATE)
        give_up(state, child);
    else if (!wants_restart(child))
        let_be(state, child);
    else if (!supervise_intensity_add(&state->intensity, state->now_ms))
        give_up(state, child);
    else if (has_groups(state))
        restart_group(state, child, next_delay_ms(state, child));
    else
        restart_alone(state, child, next_delay_ms(state, child));
}

// ---------------------------------------------------------------- what children report

static void on_add(supervise_state *state, actor_child *child)
{
    ds_list_push_back(&state->children, &child->siblings);
    ds_list_init(&child->line);
    supervise_put(state, child, ACTOR_PLACE_NEW);
    child->grouped = true;
    child->ready_ms = NOT_READY;
    state->children_count++;
    if (state->stage == SUPERVISE_STAGE_NONE && !state->down && !state->leaves) {
        supervise_begin(state, child);
    } else if (state->for_good && state->walk == SUPERVISE_WALK_DOWN) {
        supervise_say(state, SUPERVISE_DO_STOP, child);
        supervise_put(state, child, ACTOR_PLACE_LEAVING);
    }
}

static void on_ready(supervise_state *state, actor_child *child)
{
    if (child->place != ACTOR_PLACE_STARTING && child->place != ACTOR_PLACE_HALTING)
        return;
    child->was_ready = true;
    child->ready_ms = state->now_ms;
    if (child->place == ACTOR_PLACE_HALTING)
        return;
    supervise_put(state, child, ACTOR_PLACE_UP);
    if (child->wanted == AIRS_ACTION_RESTARTED)
        supervise_answer(state, child, AIRS_OK);
    if (state->awaited == child && state->stage == SUPERVISE_STAGE_STARTING) {
        child->grouped = false;
        state->awaited = NULL;
        state->cursor = state->cursor->next;
    }
}

static void enqueue(supervise_state *state, actor_child *child)
{
    supervise_put(state, child, ACTOR_PLACE_ENDED);
    ds_list_push_back(&state->line, &child->line);
}

/// A first start that fails is shown to whoever spawned it, not repeated.
static void on_first_start_failed(supervise_state *state, actor_child *child, bool comes_up)
{
    if (!comes_up || !depends_on(state, child)) {
        let_be(state, child);
        return;
    }
    supervise_decide(state, child, AIRS_ACTION_ENDED, false, 0);
    supervise_say(state, SUPERVISE_DO_END, child);
    supervise_put(state, child, ACTOR_PLACE_LEAVING);
    supervise_walk_begin(state, SUPERVISE_WALK_UP_FAILED, state->children.next);
    state->failed = child;
}

static void on_start_failed(supervise_state *state, actor_child *child)
{
    bool walked_up = state->stage == SUPERVISE_STAGE_STARTING && state->awaited == child;
    if (walked_up)
        state->awaited = NULL;
    supervise_answer(state, child, AIRS_E_FAILED);
    bool comes_up = walked_up && state->walk == SUPERVISE_WALK_UP;
    if (!child->was_ready) {
        on_first_start_failed(state, child, comes_up);
    } else if (comes_up) {
        supervise_decide(state, child, AIRS_ACTION_ESCALATED, true, 0);
        supervise_put(state, child, ACTOR_PLACE_DOWN);
        supervise_walk_begin(state, SUPERVISE_WALK_UP_FAILED, state->children.next);
        state->failed = child;
    } else {
        // What ended before is decided first. The rest of the group starts when this one does.
        if (walked_up)
            state->stage = SUPERVISE_STAGE_NONE;
        enqueue(state, child);
    }
}

/// It has ended because it was told to, or just before.
static void on_halted(supervise_state *state, actor_child *child)
{
    if (state->awaited == child)
        state->awaited = NULL;
    if (supervise_is_halted(state, child) || child->wanted == AIRS_ACTION_QUARANTINED) {
        supervise_walk_absorb(state, child);
        return;
    }
    supervise_decide(state, child, AIRS_ACTION_RESTARTED, true, 0);
    if (supervise_may_begin(state, child))
        supervise_begin(state, child);
    else
        supervise_put(state, child, ACTOR_PLACE_DOWN);
}

static void on_ended(supervise_state *state, actor_child *child, actor_end end)
{
    child->end = end;
    switch (child->place) {
    case ACTOR_PLACE_STARTING:
        on_start_failed(state, child);
        break;
    case ACTOR_PLACE_UP:
        if (supervise_is_halted(state, child))
            supervise_walk_absorb(state, child);
        else
            enqueue(state, child);
        break;
    case ACTOR_PLACE_HALTING:
        on_halted(state, child);
        break;
    case ACTOR_PLACE_LEAVING:
        supervise_decide(state, child, AIRS_ACTION_ENDED, false, 0);
        break;
    case ACTOR_PLACE_NEW:
    case ACTOR_PLACE_ENDED:
    case ACTOR_PLACE_DOWN:
    case ACTOR_PLACE_WAITING:
    case ACTOR_PLACE_RESTING:
    case ACTOR_PLACE_QUARANTINED:
    case ACTOR_PLACE_NONE:
    case ACTOR_PLACE_GONE:
    case ACTOR_PLACES:
        break;
    }
}

static void on_gone(supervise_state *state, actor_child *child)
{
    if (state->awaited == child)
        state->awaited = NULL;
    if (state->cursor == &child->siblings)
        state->cursor = state->stage == SUPERVISE_STAGE_HALTING ? child->siblings.prev : child->siblings.next;
    if (state->failed == child) {
        state->failed = NULL;
        state->due = true;
    }
    ds_list_remove(&child->line);
    ds_list_remove(&child->siblings);
    supervise_put(state, child, ACTOR_PLACE_GONE);
    state->children_count--;
}

static void on_due(supervise_state *state, actor_child *child)
{
    if (child->place != ACTOR_PLACE_WAITING)
        return;
    supervise_put(state, child, ACTOR_PLACE_DOWN);
    if (state->failed == child)
        state->due = true;
    else
        supervise_begin(state, child);
}

// ---------------------------------------------------------------- what operators want

bool supervise_is_held(const actor_child *child)
{
    return child->place == ACTOR_PLACE_QUARANTINED || child->wanted == AIRS_ACTION_QUARANTINED;
}

/// Out of the line, without being counted.
static void take_out_of_line(supervise_state *state, actor_child *child, airs_action decision)
{
    ds_list_remove(&child->line);
    supervise_decide(state, child, decision, true, 0);
}

/// One that is up, or on its way there, goes down, unless a walk or the end of the supervisor is about to see to that.
static void halt_alone(supervise_state *state, actor_child *child)
{
    if (state->leaves || supervise_is_halted(state, child))
        return;
    supervise_say(state, SUPERVISE_DO_HALT, child);
    supervise_put(state, child, ACTOR_PLACE_HALTING);
}

static void begin_or_leave_to_walk(supervise_state *state, actor_child *child)
{
    if (supervise_may_begin(state, child))
        supervise_begin(state, child);
    else
        supervise_put(state, child, ACTOR_PLACE_DOWN);
}

static void on_restart(supervise_state *state, actor_child *child)
{
    child->wanted = AIRS_ACTION_RESTARTED;
    switch (child->place) {
    case ACTOR_PLACE_STARTING:
    case ACTOR_PLACE_UP:
        halt_alone(state, child);
        break;
    case ACTOR_PLACE_WAITING:
        stop_waiting(state, child);
        begin_or_leave_to_walk(state, child);
        break;
    case ACTOR_PLACE_ENDED:
        take_out_of_line(state, child, AIRS_ACTION_RESTARTED);
        begin_or_leave_to_walk(state, child);
        break;
    case ACTOR_PLACE_RESTING:
    case ACTOR_PLACE_QUARANTINED:
        begin_or_leave_to_walk(state, child);
        break;
    case ACTOR_PLACE_DOWN:
        // Its group waits for the backoff of another one: no longer.
        if (state->stage != SUPERVISE_STAGE_NONE && state->failed != NULL &&
            state->failed->place == ACTOR_PLACE_WAITING)
            stop_waiting(state, state->failed);
        break;
    case ACTOR_PLACE_NEW:
    case ACTOR_PLACE_HALTING:
    case ACTOR_PLACE_LEAVING:
    case ACTOR_PLACE_NONE:
    case ACTOR_PLACE_GONE:
    case ACTOR_PLACES:
        break;
    }
}

static void on_quarantine(supervise_state *state, actor_child *child)
{
    child->wanted = AIRS_ACTION_QUARANTINED;
    switch (child->place) {
    case ACTOR_PLACE_STARTING:
    case ACTOR_PLACE_UP:
        halt_alone(state, child);
        break;
    case ACTOR_PLACE_QUARANTINED:
        supervise_answer(state, child, AIRS_OK);
        break;
    case ACTOR_PLACE_WAITING:
        stop_waiting(state, child);
        supervise_hold(state, child);
        break;
    case ACTOR_PLACE_ENDED:
        take_out_of_line(state, child, AIRS_ACTION_QUARANTINED);
        supervise_hold(state, child);
        break;
    case ACTOR_PLACE_NEW:
    case ACTOR_PLACE_DOWN:
    case ACTOR_PLACE_RESTING:
        supervise_hold(state, child);
        break;
    case ACTOR_PLACE_HALTING:
    case ACTOR_PLACE_LEAVING:
    case ACTOR_PLACE_NONE:
    case ACTOR_PLACE_GONE:
    case ACTOR_PLACES:
        break;
    }
}

static void on_release(supervise_state *state, actor_child *child)
{
    if (!supervise_is_held(child))
        return;
    child->wanted = AIRS_ACTION_RESTARTED;
    if (child->place == ACTOR_PLACE_QUARANTINED)
        begin_or_leave_to_walk(state, child);
}

// ---------------------------------------------------------------- the supervisor itself

static void on_come_up(supervise_state *state)
{
    supervise_intensity_reset(&state->intensity);
    state->leaves = false;
    state->for_good = false;
    state->down = true;
    state->failed = NULL;
    ds_list_each (link, &state->children) {
        supervise_child_of(link)->attempts = 0;
    }
    supervise_walk_begin(state, SUPERVISE_WALK_UP, state->children.next);
}

static void on_come_down(supervise_state *state, supervise_walk walk, bool for_good)
{
    state->leaves = false;
    state->for_good = for_good;
    state->down = true;
    state->failed = NULL;
    supervise_walk_begin(state, walk, state->children.next);
}

// ---------------------------------------------------------------- the machine

void supervise_init(supervise_state *state, const supervise_settings *settings)
{
    *state = (supervise_state){.settings = *settings, .random = {settings->seed}};
    supervise_intensity_init(&state->intensity, settings->max_restarts, settings->window_ms, settings->allocator);
    ds_list_init(&state->children);
    ds_list_init(&state->line);
    state->cursor = &state->children;
}

void supervise_fini(supervise_state *state)
{
    supervise_intensity_fini(&state->intensity);
}

/// Nobody waits for anything that the strategy decides.
static bool is_at_rest(const supervise_state *state)
{
    return state->stage == SUPERVISE_STAGE_NONE && !state->down && !state->leaves && ds_list_empty(&state->line);
}

bool supervise_change(supervise_state *state, airs_strategy strategy, airs_auto_shutdown auto_shutdown,
                      uint32_t max_restarts, uint32_t window_ms)
{
    supervise_settings *settings = &state->settings;
    // A child that is down alone would be in a group that is not walked.
    bool alone = state->in_place[ACTOR_PLACE_WAITING] + state->in_place[ACTOR_PLACE_HALTING] +
                     state->in_place[ACTOR_PLACE_STARTING] >
                 0;
    if (!is_at_rest(state) || (strategy != settings->strategy && alone))
        return false;
    if (max_restarts != settings->max_restarts || window_ms != settings->window_ms) {
        supervise_intensity_fini(&state->intensity);
        supervise_intensity_init(&state->intensity, max_restarts, window_ms, settings->allocator);
    }
    settings->strategy = strategy;
    settings->auto_shutdown = auto_shutdown;
    settings->max_restarts = max_restarts;
    settings->window_ms = window_ms;
    return true;
}

void supervise_step(supervise_state *state, const supervise_event *event)
{
    AIRS_ASSERT(state->actions_len == 0);
    state->now_ms = event->now_ms;
    switch (event->kind) {
    case SUPERVISE_ON_ADD:
        on_add(state, event->child);
        break;
    case SUPERVISE_ON_READY:
        on_ready(state, event->child);
        break;
    case SUPERVISE_ON_ENDED:
        on_ended(state, event->child, event->end);
        break;
    case SUPERVISE_ON_GONE:
        on_gone(state, event->child);
        break;
    case SUPERVISE_ON_DUE:
        on_due(state, event->child);
        break;
    case SUPERVISE_ON_RESTART:
        on_restart(state, event->child);
        break;
    case SUPERVISE_ON_QUARANTINE:
        on_quarantine(state, event->child);
        break;
    case SUPERVISE_ON_RELEASE:
        on_release(state, event->child);
        break;
    case SUPERVISE_ON_COME_UP:
        on_come_up(state);
        break;
    case SUPERVISE_ON_COME_DOWN:
        on_come_down(state, SUPERVISE_WALK_DOWN, event->for_good);
        break;
    case SUPERVISE_ON_KILLED:
        on_come_down(state, SUPERVISE_WALK_KILLED, false);
        break;
    }
}

bool supervise_next(supervise_state *state, supervise_action *ret)
{
    while (state->actions_len == 0) {
        if (state->leaves)
            return false;
        bool between = state->stage == SUPERVISE_STAGE_NONE || (state->stage == SUPERVISE_STAGE_WAITING && !state->due);
        if (between && !state->down && !ds_list_empty(&state->line))
            decide_next(state);
        else if (!supervise_walk_on(state) && !supervise_walk_rest(state))
            return false;
    }
    *ret = state->actions[state->actions_head];
    state->actions_head = (state->actions_head + 1) % SUPERVISE_ACTIONS_MAX;
    state->actions_len--;
    return true;
}

uint32_t supervise_restarts_in_window(supervise_state *state)
{
    return supervise_intensity_count(&state->intensity, state->now_ms);
}
