// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/health_step.h"

static health_action show(health_state *state, airs_health health)
{
    bool other = state->health != health;
    state->health = health;
    return other ? HEALTH_SHOW : HEALTH_NOTHING;
}

static void wait_for_next(health_state *state, const health_times *times, uint64_t now_ns)
{
    state->phase = HEALTH_WAITING;
    state->due_ns = now_ns + times->interval_ns;
}

void health_begins(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled)
{
    uint64_t first_ns = times->interval_ns > times->start_grace_ns ? times->interval_ns : times->start_grace_ns;
    *state = (health_state){.phase = HEALTH_WAITING, .due_ns = now_ns + first_ns, .handled = handled};
}

void health_ends(health_state *state)
{
    *state = (health_state){.phase = HEALTH_OFF};
}

health_action health_time(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled,
                          bool off_duty)
{
    if (state->phase != HEALTH_WAITING || now_ns < state->due_ns)
        return HEALTH_NOTHING;
    bool worked = handled != state->handled;
    state->handled = handled;
    if (!worked && !off_duty) {
        state->phase = HEALTH_WANTED;
        return HEALTH_ASK;
    }
    wait_for_next(state, times, now_ns);
    if (!worked)
        return HEALTH_NOTHING;
    state->failures = 0;
    return show(state, AIRS_HEALTH_HEALTHY);
}

void health_asked(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled)
{
    state->phase = HEALTH_ASKING;
    state->due_ns = now_ns + times->timeout_ns;
    state->handled = handled;
}

bool health_is_late(health_state *state, const health_times *times, uint64_t now_ns, uint64_t handled, bool busy)
{
    if (state->phase != HEALTH_ASKING || now_ns < state->due_ns)
        return false;
    if (!busy && handled == state->handled)
        return true;
    health_asked(state, times, now_ns, handled);
    return false;
}

health_action health_answered(health_state *state, const health_times *times, uint64_t now_ns, airs_health health,
                              bool asks_on)
{
    if (asks_on)
        state->due_ns = now_ns + times->timeout_ns;
    else
        wait_for_next(state, times, now_ns);
    if (health != AIRS_HEALTH_UNHEALTHY)
        state->failures = 0;
    else if (++state->failures >= times->failures_max)
        return HEALTH_FAIL;
    return show(state, health);
}
