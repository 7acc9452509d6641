// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/rollout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"

#define DRAIN_TIMEOUT_MS 5000u
#define PROBATION_MS 10000u
#define PARALLEL_MAX 64u
#define DAY_MS 86400000u

/// A target, as its actor knows it.
typedef struct part {
    actor_upgrade upgrade;
    rollout *of;
    uint32_t index;
    rollout_target target;
    /// Counted until it is released or gone.
    actor *cell;
    char name[129];
    /// What it has handled in vain; NULL: it was not noted.
    actor_journal *lost;
    /// For the mean.
    bool swapped;
} part;

struct rollout {
    /// Of who has made it, of the timer while it runs, and of the actors until the end.
    BASE_ATOMIC(uint32_t) references;
    actor_space *space;
    airs_deploy_options options;
    rollout_ended_fn ended;
    void *user;
    uint32_t count;
    part *parts;
    deploy_place *places;

    os_mutex lock;
    // Under the lock.
    deploy_state state;
    sched_timer timer;
    airs_deploy_result result;
    uint32_t swaps;
    uint64_t pause_sum_ns;
    uint64_t failed_ns;
    bool over;
};

airs_status rollout_complete(airs_deploy_options *options, airs_error *error)
{
    if (options->drain_timeout_ms == 0)
        options->drain_timeout_ms = DRAIN_TIMEOUT_MS;
    if (options->probation_ms == 0)
        options->probation_ms = PROBATION_MS;
    if (options->parallel_max == 0)
        options->parallel_max = PARALLEL_MAX;
    if (options->drain_timeout_ms > DAY_MS)
        return base_error_set(error, AIRS_E_INVALID, "drain_timeout is %" PRIu32 " ms, the largest is %u",
                              options->drain_timeout_ms, DAY_MS);
    if (options->probation_ms != AIRS_NO_PROBATION && options->probation_ms > DAY_MS)
        return base_error_set(error, AIRS_E_INVALID, "probation is %" PRIu32 " ms, the largest is %u",
                              options->probation_ms, DAY_MS);
    if ((unsigned)options->on_no_state > AIRS_NO_STATE_REFUSE)
        return base_error_set(error, AIRS_E_INVALID, "on_no_state %d is none", (int)options->on_no_state);
    if ((unsigned)options->rollback_state > AIRS_ROLLBACK_SNAPSHOT)
        return base_error_set(error, AIRS_E_INVALID, "rollback_state %d is none", (int)options->rollback_state);
    return AIRS_OK;
}

// ---------------------------------------------------------------- memory

static void destroy(rollout *self)
{
    const airs_allocator *allocator = self->space->allocator;
    for (uint32_t i = 0; self->parts != NULL && i < self->count; i++)
        airs_component_release(self->parts[i].target.component);
    for (uint32_t i = 0; self->parts != NULL && i < self->count; i++)
        actor_journal_destroy(self->parts[i].lost);
    base_free(allocator, self->parts);
    base_free(allocator, self->places);
    base_free(allocator, self);
}

void rollout_release(rollout *self)
{
    // acq_rel: what other holders did comes before its end.
    if (base_atomic_fetch_sub_acq_rel(&self->references, 1u) == 1)
        destroy(self);
}

static int by_rank(const void *a, const void *b)
{
    const part *x = a;
    const part *y = b;
    if (x->target.rank != y->target.rank)
        return x->target.rank < y->target.rank ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static bool told(actor_upgrade *upgrade, actor_answer_kind answer, const char *text);

static void fill_parts(rollout *self, const rollout_target *targets)
{
    for (uint32_t i = 0; i < self->count; i++)
        self->parts[i] = (part){.of = self, .index = i, .target = targets[i]};
    qsort(self->parts, self->count, sizeof *self->parts, by_rank);
    for (uint32_t i = 0; i < self->count; i++) {
        part *it = &self->parts[i];
        it->index = i;
        airs_component_retain(it->target.component);
        it->upgrade = (actor_upgrade){.told = told,
                                      .version = it->target.component,
                                      .drain_timeout_ms = self->options.drain_timeout_ms,
                                      .on_no_state = self->options.on_no_state,
                                      .rollback_state = self->options.rollback_state,
                                      .from_past = it->target.from_past};
        self->places[i] = (deploy_place){.rank = it->target.rank};
    }
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
    self->options.by = NULL;
    self->count = count;
    self->parts = base_alloc_zeroed(space->allocator, count * sizeof *self->parts);
    self->places = base_alloc_zeroed(space->allocator, count * sizeof *self->places);
    if (self->parts != NULL && self->places != NULL) {
        fill_parts(self, targets);
        return self;
    }
    base_free(space->allocator, self->parts);
    self->parts = NULL;
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
static void show(rollout *self, const part *of, const char *text, uint64_t pause_ns)
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
static void note_reason(rollout *self, const part *of, const char *text)
{
    airs_deploy_result *result = &self->result;
    if (self->failed_ns == 0)
        self->failed_ns = sched_now_ns(self->space->sched);
    if (result->text[0] == '\0')
        (void)snprintf(result->text, sizeof result->text, "actor %s: %s", actor_name(of->cell), text);
}

static void note_pause(rollout *self, part *of)
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
    if (result->deployed)
        result->text[0] = '\0';
    else if (self->state.alive == 0 && result->text[0] == '\0')
        (void)snprintf(result->text, sizeof result->text, "all of its actors have ended");
}

/// What an actor has handled in vain: by the version that went, or before the one that came with an earlier state.
static void note_lost(rollout *self, part *of)
{
    self->result.handled_since += of->upgrade.handled_since;
    of->upgrade.handled_since = 0;
    if (of->upgrade.lost == NULL)
        return;
    actor_journal_destroy(of->lost);
    of->lost = of->upgrade.lost;
    of->upgrade.lost = NULL;
    base_text_copy(of->name, sizeof of->name, base_bytes_of(actor_name(of->cell)));
}

static int by_time(const void *a, const void *b)
{
    const rollout_lost *x = a;
    const rollout_lost *y = b;
    if (x->entry.time_ns != y->entry.time_ns)
        return x->entry.time_ns < y->entry.time_ns ? -1 : 1;
    if (x->actor != y->actor)
        return x->actor < y->actor ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static uint32_t copy_lost(const part *of, rollout_lost *ret)
{
    uint32_t count = 0;
    for (uint64_t number = actor_journal_oldest(of->lost); number <= of->lost->count; number++) {
        ret[count] =
            (rollout_lost){.actor = of->target.actor, .number = number, .entry = *actor_journal_get(of->lost, number)};
        base_text_copy(ret[count].name, sizeof ret[count].name, base_bytes_of(of->name));
        count++;
    }
    return count;
}

rollout_lost *rollout_take_lost(rollout *self, const airs_allocator *allocator, uint32_t *ret_count)
{
    size_t all = 0;
    *ret_count = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        const actor_journal *lost = self->parts[i].lost;
        all += lost == NULL ? 0 : (size_t)(lost->count + 1 - actor_journal_oldest(lost));
    }
    rollout_lost *list = all == 0 ? NULL : base_alloc_array(allocator, all, sizeof *list);
    if (list == NULL)
        return NULL;
    size_t count = 0;
    for (uint32_t i = 0; i < self->count; i++)
        count += self->parts[i].lost == NULL ? 0 : copy_lost(&self->parts[i], list + count);
    qsort(list, count, sizeof *list, by_time);
    if (count > ACTOR_JOURNAL_MAX) {
        memmove(list, list + count - ACTOR_JOURNAL_MAX, ACTOR_JOURNAL_MAX * sizeof *list);
        count = ACTOR_JOURNAL_MAX;
    }
    *ret_count = (uint32_t)count;
    return list;
}

// ---------------------------------------------------------------- the machine's actions

static void on_timer(sched_timer *timer);

static void wait(rollout *self)
{
    (void)base_atomic_fetch_add_relaxed(&self->references, 1u);
    sched *scheduler = self->space->sched;
    sched_timer_start(scheduler, &self->timer, os_deadline_ms(sched_now_ns(scheduler), self->options.probation_ms));
}

static void act(rollout *self, const deploy_action *action)
{
    static const actor_order orders[] = {
        [DEPLOY_DO_REHEARSE] = ACTOR_ORDER_REHEARSE, [DEPLOY_DO_SWAP] = ACTOR_ORDER_SWAP,
        [DEPLOY_DO_PROVE] = ACTOR_ORDER_PROVE,       [DEPLOY_DO_REVERT] = ACTOR_ORDER_REVERT,
        [DEPLOY_DO_RELEASE] = ACTOR_ORDER_RELEASE,
    };
    switch (action->kind) {
    case DEPLOY_DO_WAIT:
        wait(self);
        break;
    case DEPLOY_DO_CANCEL:
        // One that is firing has its own count, and finds that its time is over.
        if (sched_timer_cancel(self->space->sched, &self->timer))
            (void)base_atomic_fetch_sub_acq_rel(&self->references, 1u);
        break;
    case DEPLOY_DO_SHOW:
        show(self, NULL, "", 0);
        break;
    case DEPLOY_DO_FINISH:
        note_end(self);
        self->over = true;
        show(self, NULL, self->result.text, 0);
        break;
    default: {
        part *to = &self->parts[action->target];
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
static void finish(rollout *self, bool over)
{
    if (!over)
        return;
    self->ended(self->user);
    rollout_release(self);
}

static void step(rollout *self, deploy_event_kind kind, uint32_t target)
{
    deploy_step(&self->state, &(deploy_event){kind, target});
    act_all(self);
}

static void on_timer(sched_timer *timer)
{
    rollout *self = timer->user;
    os_mutex_lock(&self->lock);
    step(self, DEPLOY_ON_TIME, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    finish(self, over);
    rollout_release(self);
}

// ---------------------------------------------------------------- what targets tell

/// What has been done, in the stage that it was ordered in.
static void note_done(rollout *self, part *from)
{
    switch (self->state.stage) {
    case DEPLOY_REHEARSING:
        show(self, from, "rehearsed", 0);
        break;
    case DEPLOY_SWAPPING:
        note_pause(self, from);
        show(self, from, "swapped", from->upgrade.pause_ns);
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
static void let_go(part *from)
{
    actor *cell = from->cell;
    from->cell = NULL;
    actor_release(cell);
}

/// Under the lock.
static void take_answer(rollout *self, part *from, actor_answer_kind answer, const char *text)
{
    switch (answer) {
    case ACTOR_ANSWER_DONE:
        note_done(self, from);
        step(self, DEPLOY_ON_DONE, from->index);
        break;
    case ACTOR_ANSWER_REFUSED:
    case ACTOR_ANSWER_LATE:
    case ACTOR_ANSWER_BROKE:
        note_reason(self, from, text);
        show(self, from, text, 0);
        step(self,
             answer == ACTOR_ANSWER_REFUSED ? DEPLOY_ON_REFUSED
             : answer == ACTOR_ANSWER_LATE  ? DEPLOY_ON_LATE
                                            : DEPLOY_ON_BROKE,
             from->index);
        break;
    case ACTOR_ANSWER_FELL:
        note_reason(self, from, text);
        show(self, from, text, 0);
        step(self, DEPLOY_ON_FELL, from->index);
        break;
    case ACTOR_ANSWER_FELL_BACK:
        note_lost(self, from);
        show(self, from, "reverted", from->upgrade.pause_ns);
        step(self, DEPLOY_ON_FELL_BACK, from->index);
        break;
    case ACTOR_ANSWER_GONE:
        show(self, from, "it has ended", 0);
        let_go(from);
        step(self, DEPLOY_ON_GONE, from->index);
        break;
    case ACTOR_ANSWER_RELEASED:
        note_lost(self, from);
        let_go(from);
        step(self, DEPLOY_ON_RELEASED, from->index);
        break;
    case ACTOR_ANSWER_WAITS:
        show(self, from, "waits for the end of an event", 0);
        break;
    }
}

static bool told(actor_upgrade *upgrade, actor_answer_kind answer, const char *text)
{
    part *from = ds_container_of(upgrade, part, upgrade);
    rollout *self = from->of;
    os_mutex_lock(&self->lock);
    bool may = answer != ACTOR_ANSWER_FELL || deploy_may_fall(&self->state);
    if (may)
        take_answer(self, from, answer, text);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    finish(self, over);
    return may;
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
static airs_status attach(rollout *self, part *to, airs_error *error)
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
    os_mutex_lock(&self->lock);
    uint32_t attached = 0;
    airs_status status = attach_all(self, &attached, error);
    deploy_init(&self->state, self->places, attached);
    self->state.parallel_max = options->parallel_max;
    self->state.dry_run = options->dry_run;
    self->state.has_probation = options->probation_ms != AIRS_NO_PROBATION;
    // Until the end has been told.
    (void)base_atomic_fetch_add_relaxed(&self->references, 1u);
    step(self, status == AIRS_OK ? DEPLOY_ON_START : DEPLOY_ON_ABORT, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    *ret = self;
    finish(self, over);
    return status;
}

void rollout_abort(rollout *self)
{
    os_mutex_lock(&self->lock);
    step(self, DEPLOY_ON_ABORT, 0);
    bool over = self->over;
    self->over = false;
    os_mutex_unlock(&self->lock);
    finish(self, over);
}

void rollout_result(const rollout *self, airs_deploy_result *ret)
{
    *ret = self->result;
}
