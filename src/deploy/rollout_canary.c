// SPDX-License-Identifier: MIT OR Apache-2.0
/// The canary that runs: looked at, promoted, ended.
#include <stdio.h>

#include "base/bytes.h"
#include "deploy/rollout_impl.h"

static bool holds(const rollout *self)
{
    return self->state.stage == DEPLOY_HOLDING && !self->state.failing && !self->state.promoted;
}

/// Under the lock.
static void decide(rollout *self, holding_verdict verdict, const char *why)
{
    if (verdict == HOLDING_GO_ON || !holds(self))
        return;
    if (verdict == HOLDING_PROMOTE) {
        base_text_copy(self->reason, sizeof self->reason, base_bytes_of(why));
    } else {
        self->failed_ns = sched_now_ns(self->space->sched);
        if (self->result.text[0] == '\0')
            base_text_copy(self->result.text, sizeof self->result.text, base_bytes_of(why));
    }
    rollout_step(self, verdict == HOLDING_PROMOTE ? DEPLOY_ON_PROMOTE : DEPLOY_ON_ABORT, 0);
}

static void measure_all(rollout *self, condition_facts *ret, bool new_one)
{
    *ret = (condition_facts){.handled = 0};
    for (uint32_t i = 0; i < self->count; i++)
        measure_add(&self->parts[i].measure, self->parts[i].cell, self->places[i].is_new, new_one, ret);
}

void rollout_look(sched_timer *timer)
{
    rollout *self = timer->user;
    char text[CONDITION_TEXT_MAX], why[CONDITION_TEXT_MAX + 64];
    os_mutex_lock(&self->lock);
    if (holds(self) && self->state.waiting) {
        condition_facts facts;
        measure_all(self, &facts, true);
        holding_verdict verdict = holding_look(&self->holding, &facts, sched_now_ns(self->space->sched), text);
        if (verdict != HOLDING_GO_ON) {
            (void)snprintf(why, sizeof why, "%s: %s", verdict == HOLDING_PROMOTE ? "promote_when" : "rollback_when",
                           text);
            decide(self, verdict, why);
        } else {
            rollout_step(self, DEPLOY_ON_TIME, 0);
        }
    }
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    rollout_finish(self, over);
    rollout_release(self);
}

static bool decide_by_hand(rollout *self, holding_verdict verdict, const char *why)
{
    os_mutex_lock(&self->lock);
    bool runs = holds(self);
    decide(self, verdict, why);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    rollout_finish(self, over);
    return runs;
}

bool rollout_promote(rollout *self, const char *why)
{
    return decide_by_hand(self, HOLDING_PROMOTE, why);
}

bool rollout_end_canary(rollout *self, const char *why)
{
    return decide_by_hand(self, HOLDING_ROLL_BACK, why);
}

static airs_canary_counts counts_of(rollout *self, bool new_one, uint64_t *ret_restarts)
{
    condition_facts facts;
    measure_all(self, &facts, new_one);
    *ret_restarts = facts.restarts;
    return (airs_canary_counts){.handled = facts.handled,
                                .failed = facts.failed,
                                .p50_ns = condition_quantile_ns(&facts, 0.5),
                                .p99_ns = condition_quantile_ns(&facts, 0.99)};
}

bool rollout_canary(rollout *self, airs_canary_info *ret)
{
    uint64_t ignored;
    os_mutex_lock(&self->lock);
    bool runs = holds(self);
    if (runs && ret != NULL) {
        ret->actors_all = self->state.alive;
        ret->actors = 0;
        for (uint32_t i = 0; i < self->count; i++)
            ret->actors += !self->places[i].gone && (self->places[i].is_new || self->places[i].is_split);
        ret->age_ms = (sched_now_ns(self->space->sched) - self->holding.began_ns) / 1000000u;
        ret->old_counts = counts_of(self, false, &ignored);
        ret->new_counts = counts_of(self, true, &ret->new_restarts);
    }
    os_mutex_unlock(&self->lock);
    return runs;
}

bool rollout_has(const rollout *self, uint64_t actor_id)
{
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->parts[i].target.actor == actor_id)
            return true;
    }
    return false;
}
