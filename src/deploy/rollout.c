// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/rollout_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"

// ---------------------------------------------------------------- memory

static void destroy(rollout *self)
{
    const airs_allocator *allocator = self->space->allocator;
    for (uint32_t i = 0; self->parts != NULL && i < self->count; i++)
        airs_component_release(self->parts[i].target.component);
    for (uint32_t i = 0; self->parts != NULL && i < self->count; i++) {
        actor_journal_destroy(self->parts[i].lost[0]);
        actor_journal_destroy(self->parts[i].lost[1]);
        measure_fini(&self->parts[i].measure, allocator);
    }
    holding_fini(&self->holding);
    base_free(allocator, self->parts);
    base_free(allocator, self->places);
    base_free(allocator, self);
}

void rollout_retain(rollout *self)
{
    (void)base_atomic_fetch_add_relaxed(&self->references, 1u);
}

void rollout_release(rollout *self)
{
    // acq_rel: what other holders did comes before its end.
    if (base_atomic_fetch_sub_acq_rel(&self->references, 1u) == 1)
        destroy(self);
}

static int by_rank(const void *a, const void *b)
{
    const rollout_part *x = a;
    const rollout_part *y = b;
    if (x->target.rank != y->target.rank)
        return x->target.rank < y->target.rank ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static bool told(actor_upgrade *upgrade, actor_answer_kind answer, const char *text);
static actor_leave begins(actor_upgrade *upgrade);

/// False when there is no memory to measure a canary.
static bool fill_parts(rollout *self, const rollout_target *targets)
{
    bool complete = true;
    // Another canary tries it on others.
    uint64_t salt = sched_now_ns(self->space->sched);
    for (uint32_t i = 0; i < self->count; i++)
        self->parts[i] = (rollout_part){.of = self, .index = i, .target = targets[i]};
    qsort(self->parts, self->count, sizeof *self->parts, by_rank);
    for (uint32_t i = 0; i < self->count; i++) {
        rollout_part *it = &self->parts[i];
        it->index = i;
        airs_component_retain(it->target.component);
        const airs_deploy_options *options = it->target.options == NULL ? &self->options : it->target.options;
        it->upgrade = (actor_upgrade){.told = told,
                                      .begins = begins,
                                      .version = it->target.component,
                                      .config = it->target.config,
                                      .config_count = it->target.config_count,
                                      .has_config = it->target.has_config,
                                      .spawn = it->target.spawn,
                                      .drain_timeout_ms = options->drain_timeout_ms,
                                      .on_no_state = options->on_no_state,
                                      .rollback_state = options->rollback_state,
                                      .from_past = it->target.from_past,
                                      .puts_back = it->target.puts_back,
                                      .swaps_soon = !self->options.dry_run && !self->options.canary,
                                      .share_ppm = it->target.share_ppm,
                                      .by_message = it->target.by_message,
                                      .salt = salt};
        if (self->options.canary)
            complete &= measure_init(&it->measure, &it->upgrade, self->space->allocator);
        self->places[i] =
            (deploy_place){.rank = it->target.rank, .stays = it->target.stays, .splits = it->target.splits};
    }
    return complete;
}

static rollout *make(actor_space *space, const rollout_target *targets, uint32_t count,
                     const airs_deploy_options *options)
{
    rollout *self = base_alloc_zeroed(space->allocator, sizeof *self);
    if (self == NULL)
        return NULL;
    base_atomic_init(&self->references, 1u);
    self->space = space;
    self->options = *options;
    self->options.by = self->options.promote_when = self->options.rollback_when = NULL;
    self->count = count;
    self->parts = base_alloc_zeroed(space->allocator, count * sizeof *self->parts);
    self->places = base_alloc_zeroed(space->allocator, count * sizeof *self->places);
    self->holding.allocator = space->allocator;
    if (self->parts != NULL && self->places != NULL && fill_parts(self, targets))
        return self;
    if (self->places == NULL) {
        base_free(space->allocator, self->parts);
        self->parts = NULL;
    }
    destroy(self);
    return NULL;
}

// ---------------------------------------------------------------- who looks on, and what is kept

static airs_deploy_phase phase_of(deploy_stage stage)
{
    switch (stage) {
    case DEPLOY_NEW:
    case DEPLOY_REHEARSING:
        return AIRS_DEPLOY_REHEARSING;
    case DEPLOY_TRYING:
        return AIRS_DEPLOY_TRYING;
    case DEPLOY_HOLDING:
        return AIRS_DEPLOY_CANARY;
    case DEPLOY_SWAPPING:
        return AIRS_DEPLOY_SWAPPING;
    case DEPLOY_PROBATION:
        return AIRS_DEPLOY_PROBATION;
    case DEPLOY_PROVING:
        return AIRS_DEPLOY_PROVING;
    case DEPLOY_ROLLING_BACK:
        return AIRS_DEPLOY_ROLLING_BACK;
    case DEPLOY_RELEASING:
    case DEPLOY_DONE:
        break;
    }
    return AIRS_DEPLOY_DONE;
}

/// Under the lock.
static void show(rollout *self, const rollout_part *of, const char *text, uint64_t pause_ns)
{
    if (self->options.on_event == NULL)
        return;
    airs_deploy_event event = {.phase = phase_of(self->state.stage),
                               .actor = {of == NULL ? 0 : of->target.actor},
                               .text = text,
                               .pause_ns = pause_ns};
    self->options.on_event(self->options.user, &event);
}

/// Why it has come to an end that is not the new version; the first reason counts.
static void note_reason(rollout *self, const rollout_part *of, const char *text)
{
    airs_deploy_result *result = &self->result;
    if (self->failed_ns == 0)
        self->failed_ns = sched_now_ns(self->space->sched);
    if (result->text[0] != '\0')
        return;
    if (of->cell->name != NULL)
        (void)snprintf(result->text, sizeof result->text, "actor %s: %s", of->cell->name, text);
    else
        (void)snprintf(result->text, sizeof result->text, "actor %016" PRIx64 ": %s", of->cell->id, text);
}

static void note_pause(rollout *self, rollout_part *of)
{
    uint64_t pause_ns = of->upgrade.pause_ns;
    self->swaps++;
    self->pause_sum_ns += pause_ns;
    if (pause_ns > self->result.pause_max_ns)
        self->result.pause_max_ns = pause_ns;
}

/// The old version serves again everywhere.
static void note_return(rollout *self)
{
    airs_deploy_result *result = &self->result;
    if (self->failed_ns != 0 && self->state.reverted > 0 && result->rollback_ns == 0)
        result->rollback_ns = sched_now_ns(self->space->sched) - self->failed_ns;
}

static void note_end(rollout *self)
{
    airs_deploy_result *result = &self->result;
    result->deployed = self->state.deployed;
    result->actors = self->state.alive;
    result->actors_gone = self->count - self->state.alive;
    result->reverted = self->state.reverted;
    result->pause_mean_ns = self->swaps == 0 ? 0 : self->pause_sum_ns / self->swaps;
    // Of a canary that is who has promoted it.
    if (result->deployed)
        base_text_copy(result->text, sizeof result->text, base_bytes_of(self->reason));
    else if (self->state.alive == 0 && result->text[0] == '\0')
        (void)snprintf(result->text, sizeof result->text, "all of its actors have ended");
    else if (self->options.canary && !self->options.dry_run && result->text[0] == '\0')
        (void)snprintf(result->text, sizeof result->text, "those that had the new version have ended");
}

/// What an actor has handled in vain: by the version that went, or before the one that came with an earlier state.
static void note_lost(rollout *self, rollout_part *of)
{
    self->result.handled_since += of->upgrade.handled_since;
    of->upgrade.handled_since = 0;
    if (of->upgrade.lost == NULL)
        return;
    actor_journal **to = &of->lost[of->lost[0] != NULL];
    actor_journal_destroy(*to);
    *to = of->upgrade.lost;
    of->upgrade.lost = NULL;
    base_text_copy(of->name, sizeof of->name, base_bytes_of(actor_name(of->cell)));
}

// ---------------------------------------------------------------- the machine's actions

static void on_timer(sched_timer *timer);

static void start_timer(rollout *self, sched_timer *timer, uint32_t time_ms)
{
    rollout_retain(self);
    sched *scheduler = self->space->sched;
    sched_timer_start(scheduler, timer, os_deadline_ms(sched_now_ns(scheduler), time_ms));
}

static void wait(rollout *self)
{
    uint32_t step_ms = holding_step_ms(&self->holding);
    if (self->state.stage != DEPLOY_HOLDING)
        start_timer(self, &self->timer, self->options.probation_ms);
    else if (step_ms > 0)
        start_timer(self, &self->look_timer, step_ms);
}

/// One that is firing has its own count, and finds that its time is over.
static void cancel(rollout *self, sched_timer *timer)
{
    if (sched_timer_cancel(self->space->sched, timer))
        (void)base_atomic_fetch_sub_acq_rel(&self->references, 1u);
}

/// The new version is there everywhere: what is left of the old one need not be.
static void clear_all(rollout *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        if (self->parts[i].cell != NULL)
            actor_upgrade_clear(self->parts[i].cell);
    }
}

static void act(rollout *self, const deploy_action *action)
{
    static const actor_order orders[] = {
        [DEPLOY_DO_REHEARSE] = ACTOR_ORDER_REHEARSE, [DEPLOY_DO_SPLIT] = ACTOR_ORDER_SPLIT,
        [DEPLOY_DO_SWAP] = ACTOR_ORDER_SWAP,         [DEPLOY_DO_PROVE] = ACTOR_ORDER_PROVE,
        [DEPLOY_DO_REVERT] = ACTOR_ORDER_REVERT,     [DEPLOY_DO_RELEASE] = ACTOR_ORDER_RELEASE,
    };
    switch (action->kind) {
    case DEPLOY_DO_WAIT:
        wait(self);
        break;
    case DEPLOY_DO_CANCEL:
        cancel(self, &self->timer);
        cancel(self, &self->look_timer);
        break;
    case DEPLOY_DO_SHOW:
        if (self->state.stage == DEPLOY_HOLDING)
            holding_begin(&self->holding, sched_now_ns(self->space->sched));
        if (self->state.stage == DEPLOY_PROBATION)
            clear_all(self);
        show(self, NULL, self->state.stage == DEPLOY_HOLDING ? airs_canary_by_name(self->options.canary_by) : "", 0);
        break;
    case DEPLOY_DO_FINISH:
        note_end(self);
        self->over = true;
        show(self, NULL, self->result.text, 0);
        break;
    case DEPLOY_DO_ADMIT:
        actor_upgrade_admit(self->parts[action->target].cell, &self->parts[action->target].upgrade);
        break;
    default: {
        rollout_part *to = &self->parts[action->target];
        actor_upgrade_give(to->cell, &to->upgrade, orders[action->kind]);
        break;
    }
    }
}

/// Does all that is to be done now. Under the lock.
static void act_all(rollout *self)
{
    deploy_action action;
    while (deploy_next(&self->state, &action)) {
        if (self->state.stage >= DEPLOY_RELEASING)
            note_return(self);
        act(self, &action);
    }
}

/// Tells the end, once, when it has come. Not under the lock.
void rollout_finish(rollout *self, bool over)
{
    if (!over)
        return;
    self->ended(self->user);
    rollout_release(self);
}

void rollout_step(rollout *self, deploy_event_kind kind, uint32_t target)
{
    deploy_step(&self->state, &(deploy_event){kind, target});
    act_all(self);
}

static void on_timer(sched_timer *timer)
{
    rollout *self = timer->user;
    os_mutex_lock(&self->lock);
    rollout_step(self, DEPLOY_ON_TIME, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    rollout_finish(self, over);
    rollout_release(self);
}

// ---------------------------------------------------------------- what targets tell

/// What has been done, in the stage that it was ordered in.
static void note_done(rollout *self, rollout_part *from)
{
    switch (self->state.stage) {
    case DEPLOY_REHEARSING:
        show(self, from, "rehearsed", 0);
        break;
    case DEPLOY_TRYING:
    case DEPLOY_SWAPPING:
        note_pause(self, from);
        note_lost(self, from);
        measure_swapped(&from->measure, from->cell);
        show(self, from, from->upgrade.split ? "has a canary beside it" : "swapped", from->upgrade.pause_ns);
        break;
    case DEPLOY_PROVING:
        show(self, from, "proved", 0);
        break;
    default:
        note_lost(self, from);
        show(self, from, "reverted", from->upgrade.pause_ns);
        break;
    }
}

/// Lets go of the actor. It is not freed by this: it is just being polled.
static void let_go(rollout_part *from)
{
    actor *cell = from->cell;
    from->cell = NULL;
    actor_release(cell);
}

/// Under the lock.
static void take_answer(rollout *self, rollout_part *from, actor_answer_kind answer, const char *text)
{
    switch (answer) {
    case ACTOR_ANSWER_DONE:
        note_done(self, from);
        rollout_step(self, DEPLOY_ON_DONE, from->index);
        break;
    case ACTOR_ANSWER_REFUSED:
    case ACTOR_ANSWER_LATE:
    case ACTOR_ANSWER_BROKE:
        note_reason(self, from, text);
        show(self, from, text, 0);
        rollout_step(self,
                     answer == ACTOR_ANSWER_REFUSED ? DEPLOY_ON_REFUSED
                     : answer == ACTOR_ANSWER_LATE  ? DEPLOY_ON_LATE
                                                    : DEPLOY_ON_BROKE,
                     from->index);
        break;
    case ACTOR_ANSWER_FELL:
        note_reason(self, from, text);
        show(self, from, text, 0);
        rollout_step(self, DEPLOY_ON_FELL, from->index);
        break;
    case ACTOR_ANSWER_FELL_BACK:
        note_lost(self, from);
        show(self, from, "reverted", from->upgrade.pause_ns);
        rollout_step(self, DEPLOY_ON_FELL_BACK, from->index);
        break;
    case ACTOR_ANSWER_GONE:
        note_lost(self, from);
        show(self, from, "it has ended", 0);
        let_go(from);
        rollout_step(self, DEPLOY_ON_GONE, from->index);
        break;
    case ACTOR_ANSWER_RELEASED:
        note_lost(self, from);
        let_go(from);
        rollout_step(self, DEPLOY_ON_RELEASED, from->index);
        break;
    case ACTOR_ANSWER_WAITS:
        show(self, from, "waits for the end of an event", 0);
        break;
    }
}

static bool told(actor_upgrade *upgrade, actor_answer_kind answer, const char *text)
{
    rollout_part *from = ds_container_of(upgrade, rollout_part, upgrade);
    rollout *self = from->of;
    os_mutex_lock(&self->lock);
    bool may = answer != ACTOR_ANSWER_FELL || deploy_may_fall(&self->state);
    if (may)
        take_answer(self, from, answer, text);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    rollout_finish(self, over);
    return may;
}

static actor_leave begins(actor_upgrade *upgrade)
{
    static const actor_leave leaves[] = {[DEPLOY_LEAVE_BEGIN] = ACTOR_LEAVE_BEGIN,
                                         [DEPLOY_LEAVE_WAIT] = ACTOR_LEAVE_WAIT,
                                         [DEPLOY_LEAVE_VOID] = ACTOR_LEAVE_VOID};
    rollout_part *from = ds_container_of(upgrade, rollout_part, upgrade);
    rollout *self = from->of;
    os_mutex_lock(&self->lock);
    deploy_leave leave = deploy_may_begin(&self->state, from->index);
    act_all(self);
    os_mutex_unlock(&self->lock);
    return leaves[leave];
}

// ---------------------------------------------------------------- beginning

static actor *find_and_retain(actor_space *space, uint64_t id)
{
    sched_read read = sched_read_enter(space->sched);
    actor *found = actor_find(space, id);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(space->sched, read);
    return found;
}

/// E_GONE: it has ended since it was chosen.
static airs_status attach(rollout *self, rollout_part *to, airs_error *error)
{
    to->cell = find_and_retain(self->space, to->target.actor);
    if (to->cell == NULL)
        return AIRS_E_GONE;
    airs_status status = actor_upgrade_attach(to->cell, &to->upgrade, error);
    if (status == AIRS_OK)
        return AIRS_OK;
    actor_release(to->cell);
    to->cell = NULL;
    return status;
}

/// Those that are attached to already may end at once, and say so: under the lock. One that has ended before it could
/// be attached to is a target like one that ends afterwards, and no error.
static airs_status attach_all(rollout *self, uint32_t *ret_count, airs_error *error)
{
    for (uint32_t i = 0; i < self->count; i++) {
        airs_error why = {0};
        airs_status status = attach(self, &self->parts[i], &why);
        if (status != AIRS_OK && status != AIRS_E_GONE)
            return base_error_set(error, status, "%s", why.text);
        self->places[i].gone = status == AIRS_E_GONE;
        ++*ret_count;
    }
    return AIRS_OK;
}

airs_status rollout_start(actor_space *space, const rollout_target *targets, uint32_t count,
                          const airs_deploy_options *options, rollout_ended_fn ended, void *user, rollout **ret,
                          airs_error *error)
{
    *ret = NULL;
    rollout *self = make(space, targets, count, options);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
    self->ended = ended;
    self->user = user;
    sched_timer_init(&self->timer, on_timer, self);
    sched_timer_init(&self->look_timer, rollout_look, self);
    airs_status status = holding_init(&self->holding, options, space->allocator, error);
    if (status != AIRS_OK) {
        destroy(self);
        return status;
    }
    os_mutex_lock(&self->lock);
    uint32_t attached = 0;
    status = attach_all(self, &attached, error);
    deploy_init(&self->state, self->places, attached);
    self->state.parallel_max = options->parallel_max;
    self->state.dry_run = options->dry_run;
    self->state.canary = options->canary;
    self->state.has_probation = options->probation_ms != AIRS_NO_PROBATION;
    // Until the end has been told.
    (void)base_atomic_fetch_add_relaxed(&self->references, 1u);
    rollout_step(self, status == AIRS_OK ? DEPLOY_ON_START : DEPLOY_ON_ABORT, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    *ret = self;
    rollout_finish(self, over);
    return status;
}

void rollout_abort(rollout *self, const char *why)
{
    os_mutex_lock(&self->lock);
    if (self->result.text[0] == '\0')
        base_text_copy(self->result.text, sizeof self->result.text, base_bytes_of(why));
    rollout_step(self, DEPLOY_ON_ABORT, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    rollout_finish(self, over);
}

void rollout_result(const rollout *self, airs_deploy_result *ret)
{
    *ret = self->result;
}
