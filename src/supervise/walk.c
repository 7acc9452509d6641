// SPDX-License-Identifier: MIT OR Apache-2.0
/// Groups of children, one after the other: down from the last, up from the first.
#include "supervise/walk.h"

void supervise_walk_begin(supervise_state *state, supervise_walk walk, ds_list *first)
{
    bool grouped = false;
    ds_list_each (link, &state->children) {
        grouped = grouped || link == first;
        supervise_child_of(link)->grouped = grouped;
    }
    state->walk = walk;
    state->stage = SUPERVISE_STAGE_HALTING;
    state->cursor = state->children.prev;
    state->awaited = NULL;
}

// ---------------------------------------------------------------- down

/// Children of one template do not depend on each other, and may be many: they go down all at once.
static bool goes_in_parallel(const supervise_state *state)
{
    return state->settings.strategy == AIRS_SIMPLE_ONE_FOR_ONE || state->walk == SUPERVISE_WALK_KILLED;
}

static void tell(supervise_state *state, supervise_action_kind kind, actor_child *child, actor_place place)
{
    supervise_say(state, kind, child);
    supervise_put(state, child, place);
}

static bool ends_for_good(const supervise_state *state, const actor_child *child)
{
    return state->for_good || (state->walk == SUPERVISE_WALK_GROUP && child->restart == AIRS_RESTART_TEMPORARY);
}

void supervise_walk_absorb(supervise_state *state, actor_child *child)
{
    ds_list_remove(&child->line);
    if (child->wanted == AIRS_ACTION_QUARANTINED && !state->for_good) {
        supervise_decide(state, child, AIRS_ACTION_QUARANTINED, true, 0);
        supervise_hold(state, child);
    } else if (ends_for_good(state, child) ||
               (child->place != ACTOR_PLACE_HALTING && supervise_is_over(state, child))) {
        supervise_decide(state, child, AIRS_ACTION_ENDED, false, 0);
        tell(state, SUPERVISE_DO_END, child, ACTOR_PLACE_LEAVING);
    } else {
        bool waits = state->walk == SUPERVISE_WALK_GROUP && !state->due && state->due_ms > state->now_ms;
        supervise_decide(state, child, AIRS_ACTION_RESTARTED, true,
                         waits ? (uint32_t)(state->due_ms - state->now_ms) : 0);
        supervise_put(state, child, ACTOR_PLACE_DOWN);
    }
}

static void bring_down(supervise_state *state, actor_child *child)
{
    if (state->walk == SUPERVISE_WALK_KILLED)
        tell(state, SUPERVISE_DO_KILL, child, ACTOR_PLACE_HALTING);
    else if (ends_for_good(state, child))
        tell(state, SUPERVISE_DO_STOP, child, ACTOR_PLACE_LEAVING);
    else if (child->place != ACTOR_PLACE_HALTING)
        tell(state, SUPERVISE_DO_HALT, child, ACTOR_PLACE_HALTING);
}

/// Tells one child to go down where it has to. True when it is on its way.
static bool halt(supervise_state *state, actor_child *child)
{
    switch (child->place) {
    case ACTOR_PLACE_STARTING:
    case ACTOR_PLACE_UP:
    case ACTOR_PLACE_HALTING:
        bring_down(state, child);
        return true;
    case ACTOR_PLACE_NEW:
        if (state->for_good)
            tell(state, SUPERVISE_DO_STOP, child, ACTOR_PLACE_LEAVING);
        return state->for_good;
    case ACTOR_PLACE_LEAVING:
        return true;
    case ACTOR_PLACE_ENDED:
        supervise_walk_absorb(state, child);
        return child->place == ACTOR_PLACE_LEAVING;
    case ACTOR_PLACE_WAITING:
        // The one whose failure the group waits for goes on waiting.
        if (state->walk == SUPERVISE_WALK_GROUP && child == state->failed)
            return false;
        tell(state, SUPERVISE_DO_CANCEL, child, ACTOR_PLACE_DOWN);
        break;
    case ACTOR_PLACE_DOWN:
    case ACTOR_PLACE_RESTING:
    case ACTOR_PLACE_QUARANTINED:
    case ACTOR_PLACE_NONE:
    case ACTOR_PLACE_GONE:
    case ACTOR_PLACES:
        break;
    }
    if (state->for_good)
        tell(state, SUPERVISE_DO_END, child, ACTOR_PLACE_LEAVING);
    return state->for_good;
}

static void all_are_down(supervise_state *state)
{
    switch (state->walk) {
    case SUPERVISE_WALK_GROUP:
        state->stage = SUPERVISE_STAGE_WAITING;
        break;
    case SUPERVISE_WALK_UP:
        state->stage = SUPERVISE_STAGE_STARTING;
        state->cursor = state->children.next;
        break;
    case SUPERVISE_WALK_UP_FAILED:
        state->stage = SUPERVISE_STAGE_NONE;
        supervise_say(state, SUPERVISE_DO_START_FAILED, state->failed);
        break;
    case SUPERVISE_WALK_DOWN:
        state->stage = SUPERVISE_STAGE_NONE;
        supervise_say(state, SUPERVISE_DO_DOWN, NULL);
        break;
    case SUPERVISE_WALK_KILLED:
        state->stage = SUPERVISE_STAGE_NONE;
        break;
    }
}

static bool walk_down(supervise_state *state)
{
    if (state->awaited != NULL)
        return false;
    if (state->cursor == &state->children) {
        uint32_t on_their_way = state->in_place[ACTOR_PLACE_HALTING] + state->in_place[ACTOR_PLACE_LEAVING];
        if (goes_in_parallel(state) && state->walk != SUPERVISE_WALK_KILLED && on_their_way > 0)
            return false;
        all_are_down(state);
        return true;
    }
    actor_child *child = supervise_child_of(state->cursor);
    if (child->grouped && halt(state, child) && !goes_in_parallel(state))
        state->awaited = child;
    else
        state->cursor = state->cursor->prev;
    return true;
}

// ---------------------------------------------------------------- up

static bool walk_up(supervise_state *state)
{
    if (state->awaited != NULL)
        return false;
    if (state->cursor == &state->children) {
        state->stage = SUPERVISE_STAGE_NONE;
        state->failed = NULL;
        if (state->walk == SUPERVISE_WALK_UP) {
            state->down = false;
            supervise_say(state, SUPERVISE_DO_UP, NULL);
        }
        return true;
    }
    actor_child *child = supervise_child_of(state->cursor);
    actor_place place = child->place;
    if (child->grouped && (place == ACTOR_PLACE_NEW || place == ACTOR_PLACE_DOWN || place == ACTOR_PLACE_RESTING))
        supervise_begin(state, child);
    // One that an operator has told to halt is on its way down and up again, or into quarantine.
    if (child->grouped && (child->place == ACTOR_PLACE_STARTING || child->place == ACTOR_PLACE_HALTING)) {
        state->awaited = child;
        return true;
    }
    child->grouped = false;
    state->cursor = state->cursor->next;
    return true;
}

bool supervise_walk_on(supervise_state *state)
{
    switch (state->stage) {
    case SUPERVISE_STAGE_NONE:
        break;
    case SUPERVISE_STAGE_HALTING:
        return walk_down(state);
    case SUPERVISE_STAGE_WAITING:
        if (!state->due)
            break;
        state->stage = SUPERVISE_STAGE_STARTING;
        state->cursor = state->children.next;
        return true;
    case SUPERVISE_STAGE_STARTING:
        return walk_up(state);
    }
    return false;
}

bool supervise_walk_rest(supervise_state *state)
{
    if (state->stage != SUPERVISE_STAGE_NONE || state->down ||
        state->in_place[ACTOR_PLACE_NEW] + state->in_place[ACTOR_PLACE_DOWN] == 0)
        return false;
    ds_list_each (link, &state->children) {
        actor_place place = supervise_child_of(link)->place;
        supervise_child_of(link)->grouped = place == ACTOR_PLACE_NEW || place == ACTOR_PLACE_DOWN;
    }
    state->walk = SUPERVISE_WALK_GROUP;
    state->stage = SUPERVISE_STAGE_STARTING;
    state->cursor = state->children.next;
    state->failed = NULL;
    return true;
}
