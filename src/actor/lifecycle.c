// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/lifecycle.h"

static lifecycle_action enter(lifecycle *life, airs_actor_state state, lifecycle_action action)
{
    life->state = state;
    return action;
}

/// The incarnation is over: for good when that was asked for, else the supervisor decides.
static lifecycle_action incarnation_over(lifecycle *life)
{
    if (life->stop_requested)
        return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_TERMINATE);
    return enter(life, AIRS_ACTOR_FAILED, LIFECYCLE_DO_REPORT);
}

static lifecycle_action step_starting(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_STARTED:
        if (life->stop_requested || life->halt_requested)
            return enter(life, AIRS_ACTOR_STOPPING, LIFECYCLE_DO_STOP);
        return enter(life, AIRS_ACTOR_READY, LIFECYCLE_DO_READY);
    case LIFECYCLE_FAILED:
    case LIFECYCLE_EXITED:
    case LIFECYCLE_CRASH:
        return incarnation_over(life);
    case LIFECYCLE_HALT:
        life->halt_requested = true;
        return LIFECYCLE_IGNORE;
    case LIFECYCLE_STOP:
        life->stop_requested = true;
        return LIFECYCLE_IGNORE;
    default:
        return LIFECYCLE_IGNORE;
    }
}

static lifecycle_action step_ready(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_UPGRADE:
        return enter(life, AIRS_ACTOR_UPGRADING, LIFECYCLE_DO_UPGRADE);
    case LIFECYCLE_FAILED:
        if (life->on_probation)
            return enter(life, AIRS_ACTOR_UPGRADING, LIFECYCLE_DO_FALL_BACK);
        return incarnation_over(life);
    case LIFECYCLE_CRASH:
        return incarnation_over(life);
    case LIFECYCLE_STOP:
        life->stop_requested = true;
        return enter(life, AIRS_ACTOR_STOPPING, LIFECYCLE_DO_STOP);
    case LIFECYCLE_HALT:
    case LIFECYCLE_EXITED:
        return enter(life, AIRS_ACTOR_STOPPING, LIFECYCLE_DO_STOP);
    default:
        return LIFECYCLE_IGNORE;
    }
}

static lifecycle_action step_upgrading(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_UPGRADED:
        if (life->stop_requested || life->halt_requested)
            return enter(life, AIRS_ACTOR_STOPPING, LIFECYCLE_DO_STOP);
        return enter(life, AIRS_ACTOR_READY, LIFECYCLE_DO_RESUME);
    case LIFECYCLE_FAILED:
    case LIFECYCLE_CRASH:
        return incarnation_over(life);
    case LIFECYCLE_HALT:
        life->halt_requested = true;
        return LIFECYCLE_IGNORE;
    case LIFECYCLE_STOP:
        life->stop_requested = true;
        return LIFECYCLE_IGNORE;
    default:
        return LIFECYCLE_IGNORE;
    }
}

static lifecycle_action step_stopping(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_STOPPED:
    case LIFECYCLE_FAILED:
    case LIFECYCLE_CRASH:
        return incarnation_over(life);
    case LIFECYCLE_STOP:
        life->stop_requested = true;
        return LIFECYCLE_IGNORE;
    default:
        return LIFECYCLE_IGNORE;
    }
}

static lifecycle_action step_failed(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_RESTART:
        life->halt_requested = false;
        return enter(life, AIRS_ACTOR_STARTING, LIFECYCLE_DO_START);
    case LIFECYCLE_REST:
        life->at_rest = true;
        return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_REST);
    case LIFECYCLE_END:
    case LIFECYCLE_STOP:
        return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_TERMINATE);
    default:
        return LIFECYCLE_IGNORE;
    }
}

static lifecycle_action step_at_rest(lifecycle *life, lifecycle_event event)
{
    switch (event) {
    case LIFECYCLE_RESTART:
        life->at_rest = false;
        life->halt_requested = false;
        return enter(life, AIRS_ACTOR_STARTING, LIFECYCLE_DO_START);
    case LIFECYCLE_END:
    case LIFECYCLE_STOP:
        life->at_rest = false;
        return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_TERMINATE);
    default:
        return LIFECYCLE_IGNORE;
    }
}

lifecycle_action lifecycle_step(lifecycle *life, lifecycle_event event)
{
    if (event == LIFECYCLE_KILL && !lifecycle_is_over(life)) {
        life->stop_requested = true;
        life->at_rest = false;
        return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_TERMINATE);
    }
    switch (life->state) {
    case AIRS_ACTOR_CREATING:
        if (event == LIFECYCLE_START)
            return enter(life, AIRS_ACTOR_STARTING, LIFECYCLE_DO_START);
        if (event == LIFECYCLE_STOP || event == LIFECYCLE_END)
            return enter(life, AIRS_ACTOR_TERMINATED, LIFECYCLE_DO_TERMINATE);
        return LIFECYCLE_IGNORE;
    case AIRS_ACTOR_STARTING:
        return step_starting(life, event);
    case AIRS_ACTOR_READY:
        return step_ready(life, event);
    case AIRS_ACTOR_STOPPING:
        return step_stopping(life, event);
    case AIRS_ACTOR_FAILED:
        return step_failed(life, event);
    case AIRS_ACTOR_TERMINATED:
        return life->at_rest ? step_at_rest(life, event) : LIFECYCLE_IGNORE;
    case AIRS_ACTOR_UPGRADING:
        return step_upgrading(life, event);
    case AIRS_ACTOR_HIBERNATED:
        break;
    }
    return LIFECYCLE_IGNORE;
}
