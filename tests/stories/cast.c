// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cast.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"

/// Polls after which something goes on for ever.
#define POLLS_MAX 200000u

/// A leaf as an actor.
typedef struct leaf {
    actor cell;
    player *player;
    sched_timer timer;
    bool began;
    bool hangs;
    bool timer_runs;
    bool time_is_over;
} leaf;

void cast_say(cast *self, const player *about, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (self->say != NULL)
        self->say(self, about, line);
}

// ---------------------------------------------------------------- leaves

static leaf *of(actor *cell)
{
    return ds_container_of(cell, leaf, cell);
}

static void play_cues(player *self, bool at_start)
{
    for (uint32_t i = 0; i < self->cues_count;) {
        if (self->cues[i].at_start != at_start) {
            i++;
            continue;
        }
        char deed[sizeof self->cues[i].deed];
        memcpy(deed, self->cues[i].deed, sizeof deed);
        self->cues[i] = self->cues[--self->cues_count];
        self->cast->deed(self->cast, self, deed);
    }
}

static void on_timer(sched_timer *timer)
{
    leaf *self = timer->user;
    self->time_is_over = true;
    sched_wake(self->cell.space->sched, &self->cell.task);
}

static void end_timer(leaf *self)
{
    if (self->timer_runs)
        (void)sched_timer_cancel(self->cell.space->sched, &self->timer);
    self->timer_runs = self->time_is_over = self->began = self->hangs = false;
}

/// Whether it still takes its time.
static bool takes_time(leaf *self, uint32_t *ms, bool *hangs)
{
    self->hangs |= *hangs;
    *hangs = false;
    if (!self->began && *ms > 0) {
        sched *scheduler = self->cell.space->sched;
        sched_timer_init(&self->timer, on_timer, self);
        sched_timer_start(scheduler, &self->timer, sched_now_ns(scheduler) + *ms * UINT64_C(1000000));
        self->timer_runs = true;
        *ms = 0;
    }
    return self->hangs || (self->timer_runs && !self->time_is_over);
}

static actor_progress start(actor *cell, airs_start_cause cause, actor_failure *ret_failure)
{
    (void)cause;
    leaf *self = of(cell);
    player *as = self->player;
    bool begins = !self->began;
    bool waits = takes_time(self, &as->start_ms, &as->hangs_at_start);
    self->began = true;
    if (begins) {
        as->attempts++;
        as->crashes = as->is_done = false;
        play_cues(as, true);
    }
    if (as->crashes)
        return actor_fail(ret_failure, AIRS_EXIT_FAILED, "crashed");
    if (as->waits_for != NULL && as->waits_for->ends < as->waits_for_ends)
        return ACTOR_YIELDED;
    as->waits_for = NULL;
    if (waits)
        return ACTOR_WAITING;
    if (as->failing_starts > 0) {
        as->failing_starts--;
        return actor_fail(ret_failure, AIRS_EXIT_FAILED, "did not start");
    }
    end_timer(self);
    as->starts++;
    return ACTOR_DONE;
}

static actor_progress stop(actor *cell, airs_stop_reason reason, actor_failure *ret_failure)
{
    (void)reason;
    leaf *self = of(cell);
    player *as = self->player;
    bool begins = !self->began;
    bool waits = takes_time(self, &as->stop_ms, &as->hangs_at_stop);
    self->began = true;
    if (begins)
        play_cues(as, false);
    if (as->crashes)
        return actor_fail(ret_failure, AIRS_EXIT_FAILED, "crashed");
    return waits ? ACTOR_WAITING : ACTOR_DONE;
}

static void destroy(actor *cell, bool failed)
{
    (void)failed;
    leaf *self = of(cell);
    end_timer(self);
    self->player->crashes = self->player->is_done = false;
    self->player->ends++;
}

static actor_progress drain(actor *cell, actor_failure *ret_failure)
{
    player *as = of(cell)->player;
    if (as->crashes)
        return actor_fail(ret_failure, AIRS_EXIT_FAILED, "crashed");
    if (!as->is_done)
        return ACTOR_DONE;
    actor_exit(cell, NULL);
    return ACTOR_EXITED;
}

static void fini(actor *cell)
{
    (void)cell;
}

static const actor_child_fns leaf_child = {.start = start, .stop = stop, .destroy = destroy};
static const actor_message_fns leaf_messages = {.drain = drain};
static const actor_kind leaf_kind = {
    .kind = AIRS_KIND_NATIVE, .child = &leaf_child, .messages = &leaf_messages, .fini = fini};

static airs_status spawn_leaf(cast *self, player *made)
{
    const airs_allocator *allocator = &self->fault.allocator;
    leaf *memory = base_alloc_aligned(allocator, sizeof *memory, BASE_CACHE_LINE);
    if (memory == NULL)
        return AIRS_E_NOMEM;
    memory->player = made;
    actor_options options = {
        .name = made->part.name,
        .supervisor = made->part.under->id,
        .restart = made->part.restart,
        .significant = made->part.significant,
        .backoff = made->part.backoff,
        .limits = made->part.limits,
        .component_name = "player",
        .component_version = "",
    };
    airs_status status = actor_spawn(&self->space, &memory->cell, &leaf_kind, &options, &made->id, NULL);
    if (status != AIRS_OK)
        base_free_aligned(allocator, memory);
    return status;
}

// ---------------------------------------------------------------- what is said of them

static player *player_of(cast *self, uint64_t id)
{
    for (uint32_t i = 0; i < self->players_count; i++) {
        if (self->players[i].id == id)
            return &self->players[i];
    }
    return NULL;
}

static void say_state(cast *self, player *about, airs_actor_state state)
{
    const actor *cell = cast_cell(about);
    switch (state) {
    case AIRS_ACTOR_FAILED:
        if (!about->failed)
            cast_say(self, about, "down");
        about->failed = false;
        break;
    case AIRS_ACTOR_TERMINATED:
        about->at_rest = cell != NULL && base_atomic_load_relaxed(&cell->hold) == AIRS_HOLD_ENDED;
        cast_say(self, about, about->at_rest ? "at rest" : "ended");
        break;
    case AIRS_ACTOR_CREATING:
        break;
    default:
        cast_say(self, about, "%s", airs_actor_state_name(state));
        break;
    }
}

static void on_event(void *user, const airs_event *event)
{
    cast *self = user;
    player *about = player_of(self, event->actor.raw);
    if (about == NULL)
        return;
    switch (event->kind) {
    case AIRS_EVENT_STATE:
        say_state(self, about, event->state);
        break;
    case AIRS_EVENT_FAILED:
        about->failed = true;
        cast_say(self, about, "failed (%s): %s", airs_exit_name(event->reason), event->text);
        break;
    case AIRS_EVENT_ESCALATED:
        cast_say(self, about, "gives up");
        break;
    case AIRS_EVENT_BACKOFF:
        cast_say(self, about, "waits %llu ms", (unsigned long long)(event->elapsed_ns / 1000000u));
        break;
    case AIRS_EVENT_PAUSED:
    case AIRS_EVENT_RESUMED:
    case AIRS_EVENT_QUARANTINED:
    case AIRS_EVENT_RELEASED:
        cast_say(self, about, "%s", airs_event_name(event->kind));
        break;
    case AIRS_EVENT_STOPPED:
        // One that was at rest is ended now.
        if (about->at_rest)
            cast_say(self, about, "ended");
        break;
    case AIRS_EVENT_STARTED:
    case AIRS_EVENT_RESTARTED:
    case AIRS_EVENT_HEALTH:
    case AIRS_EVENT_CANARY:
    case AIRS_EVENT_DEPLOYED:
    case AIRS_EVENT_ROLLED_BACK:
        break;
    }
}

// ---------------------------------------------------------------- making and ending

void cast_init(cast *self, uint64_t seed)
{
    *self = (cast){0};
    base_alloc_fault_init(&self->fault);
    AIRS_ASSERT(sched_sim_create(seed, NULL, &self->sim) == AIRS_OK);
    base_log log = {NULL, NULL, AIRS_LOG_ERROR};
    airs_status status =
        actor_space_init(&self->space, sched_sim_sched(self->sim), 1u << 10, &self->fault.allocator, &log);
    AIRS_ASSERT(status == AIRS_OK);
    self->space.names.key = (base_hash_key){seed, 1};
    self->space.event_fn = on_event;
    self->space.event_user = self;
}

bool cast_fini(cast *self)
{
    base_atomic_store_release(&self->space.stopping, true);
    if (self->players_count > 0)
        cast_signal(&self->players[0], ACTOR_SIGNAL_STOP);
    bool ended = sched_sim_run(self->sim, OS_NEVER, POLLS_MAX) == SCHED_SIM_QUIET;
    ended = ended && base_atomic_load_relaxed(&self->space.cells) == 0;
    actor_space_fini(&self->space);
    bool freed = base_alloc_fault_live(&self->fault) == 0;
    sched_sim_destroy(self->sim);
    return ended && freed;
}

airs_status cast_add(cast *self, const part *as)
{
    AIRS_ASSERT(self->players_count < CAST_PLAYERS_MAX);
    player *made = &self->players[self->players_count];
    *made = (player){.cast = self, .part = *as, .failing_starts = as->failing_starts};
    // Known before it is there, so that its first event finds it.
    self->players_count++;
    airs_status status;
    if (as->supervisor) {
        supervisor_options options = as->over;
        options.name = made->part.name;
        options.supervisor = as->under == NULL ? 0 : as->under->id;
        options.restart = as->restart;
        options.significant = as->significant;
        status = supervisor_spawn(&self->space, &options, &made->id, NULL);
    } else {
        status = spawn_leaf(self, made);
    }
    if (status != AIRS_OK)
        self->players_count--;
    return status;
}

player *cast_find(cast *self, const char *name)
{
    for (uint32_t i = 0; i < self->players_count; i++) {
        if (strcmp(self->players[i].part.name, name) == 0)
            return &self->players[i];
    }
    return NULL;
}

// ---------------------------------------------------------------- time

bool cast_settle(cast *self)
{
    return sched_sim_run(self->sim, sched_sim_now_ns(self->sim), POLLS_MAX) != SCHED_SIM_STEPS;
}

bool cast_wait(cast *self, uint64_t ms)
{
    uint64_t until_ns = sched_sim_now_ns(self->sim) + ms * UINT64_C(1000000);
    sched_sim_end end = sched_sim_run(self->sim, until_ns, POLLS_MAX);
    if (end != SCHED_SIM_STEPS && sched_sim_now_ns(self->sim) < until_ns)
        sched_sim_pass(self->sim, until_ns - sched_sim_now_ns(self->sim));
    return end != SCHED_SIM_STEPS && cast_settle(self);
}

uint64_t cast_now_ms(const cast *self)
{
    return (sched_sim_now_ns(self->sim) - UINT64_C(1000000000)) / 1000000u;
}

// ---------------------------------------------------------------- deeds

actor *cast_cell(const player *self)
{
    return actor_find(&self->cast->space, self->id);
}

airs_actor_state cast_state(const player *self)
{
    const actor *cell = cast_cell(self);
    return cell == NULL ? AIRS_ACTOR_TERMINATED : (airs_actor_state)base_atomic_load_relaxed(&cell->state);
}

static void wake(player *self)
{
    actor_wake_id(&self->cast->space, self->id);
}

void cast_crash(player *self)
{
    self->crashes = true;
    wake(self);
}

void cast_done(player *self)
{
    self->is_done = true;
    wake(self);
}

void cast_crash_first(player *self, player *target)
{
    if (cast_state(target) != AIRS_ACTOR_READY)
        return;
    cast_crash(target);
    self->waits_for = target;
    self->waits_for_ends = target->ends + 1;
}

void cast_signal(player *self, actor_signal signal)
{
    actor *cell = cast_cell(self);
    if (cell != NULL)
        actor_signal_send(cell, signal);
}

typedef struct request {
    supervise_control control;
    player *about;
} request;

static const char *const verbs[] = {"restart", "quarantine", "release"};

static void on_answer(supervise_control *control, airs_status status, const char *text)
{
    request *it = ds_container_of(control, request, control);
    cast_say(it->about->cast, it->about, "%s: %s%s%s", verbs[control->verb],
             status == AIRS_OK ? "ok" : airs_status_name(status), text[0] == '\0' ? "" : ", ", text);
    free(it);
}

bool cast_control(player *self, supervise_verb verb)
{
    request *it = calloc(1, sizeof *it);
    AIRS_ASSERT(it != NULL);
    *it = (request){.control = {.verb = verb, .fn = on_answer}, .about = self};
    airs_error error = {.status = AIRS_OK, .text = ""};
    airs_status status = supervisor_control(&self->cast->space, self->id, &it->control, &error);
    if (status == AIRS_OK)
        return true;
    cast_say(self->cast, self, "%s: %s", verbs[verb], airs_status_name(status));
    free(it);
    return false;
}
