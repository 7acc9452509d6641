// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actor/cell_impl.h"
#include "actor/health_step.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

#define MS UINT64_C(1000000)
/// Longer than any time limit of an answer, which is the driver's own.
#define PROBE_TIMEOUT_MS (2u * AIRS_TIME_MAX_MS)

typedef struct actor_health {
    actor *self;
    airs_health_kind kind;
    health_times times;
    /// Of MESSAGE; `probe_len` bytes of its own.
    uint8_t *probe;
    size_t probe_len;
    health_state state;
    sched_timer timer;
    /// A check is under way.
    bool checking;
    /// A probe is in the mailbox; the request that it was sent with, 0 when it is settled.
    bool probe_waits;
    uint64_t request;
    /// Under `info_lock`.
    char text[ACTOR_HEALTH_SIZE];
} actor_health;

// ---------------------------------------------------------------- making

static airs_status complete(uint32_t *value, uint32_t fallback, uint32_t max, const char *name, airs_error *error)
{
    if (*value == 0)
        *value = fallback;
    if (*value <= max)
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "health.%s is %" PRIu32 ", the largest is %" PRIu32, name, *value,
                          max);
}

static airs_status complete_all(airs_health_options *options, airs_error *error)
{
    if ((unsigned)options->kind > AIRS_HEALTH_MESSAGE)
        return base_error_set(error, AIRS_E_INVALID, "health %d is none", (int)options->kind);
    airs_status status = complete(&options->interval_ms, 10000, AIRS_TIME_MAX_MS, "interval", error);
    if (status == AIRS_OK)
        status = complete(&options->timeout_ms, 1000, AIRS_TIME_MAX_MS, "timeout", error);
    if (status == AIRS_OK)
        status = complete(&options->failures_max, 3, AIRS_HEALTH_FAILURES_MAX, "failures_max", error);
    if (status == AIRS_OK)
        status = complete(&options->start_grace_ms, 0, AIRS_TIME_MAX_MS, "start_grace", error);
    if (status == AIRS_OK && options->probe.data == NULL && options->probe.len > 0)
        status = base_error_set(error, AIRS_E_INVALID, "health.probe is NULL");
    return status;
}

static void on_timer(sched_timer *timer)
{
    const actor_health *health = timer->user;
    actor_signal_send(health->self, ACTOR_SIGNAL_HEALTH);
}

static actor_health *make(actor *self, const airs_health_options *options)
{
    const airs_allocator *allocator = self->space->allocator;
    actor_health *made = base_alloc_zeroed(allocator, sizeof *made);
    if (made == NULL)
        return NULL;
    made->self = self;
    made->kind = options->kind;
    made->times = (health_times){.interval_ns = options->interval_ms * MS,
                                 .timeout_ns = options->timeout_ms * MS,
                                 .start_grace_ns = options->start_grace_ms * MS,
                                 .failures_max = options->failures_max};
    sched_timer_init(&made->timer, on_timer, made);
    if (options->kind == AIRS_HEALTH_MESSAGE && options->probe.len > 0) {
        made->probe = base_alloc(allocator, options->probe.len);
        if (made->probe == NULL) {
            base_free(allocator, made);
            return NULL;
        }
        memcpy(made->probe, options->probe.data, options->probe.len);
        made->probe_len = options->probe.len;
    }
    return made;
}

airs_status actor_health_make(actor *self, const airs_health_options *options, uint32_t message_max,
                              struct actor_health **ret, airs_error *error)
{
    *ret = NULL;
    airs_health_options complete_options = *options;
    airs_status status = complete_all(&complete_options, error);
    if (status != AIRS_OK || options->kind == AIRS_HEALTH_NONE)
        return status;
    if (options->kind == AIRS_HEALTH_MESSAGE && options->probe.len > message_max)
        return base_error_set(error, AIRS_E_INVALID, "health.probe has %zu bytes, max_message is %" PRIu32,
                              options->probe.len, message_max);
    if (options->kind == AIRS_HEALTH_CHECK && self->kind->child->check == NULL)
        return AIRS_OK;
    *ret = make(self, &complete_options);
    return *ret == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for an actor") : AIRS_OK;
}

airs_status actor_health_init(actor *self, const airs_health_options *options, airs_error *error)
{
    return actor_health_make(self, options, self->limits.max_message, &self->health, error);
}

static void free_health(const airs_allocator *allocator, actor_health *health)
{
    if (health != NULL)
        base_free(allocator, health->probe);
    base_free(allocator, health);
}

void actor_health_destroy(struct actor_health *health)
{
    if (health == NULL)
        return;
    (void)sched_timer_cancel_wait(health->self->space->sched, &health->timer);
    free_health(health->self->space->allocator, health);
}

void actor_health_fini(actor *self)
{
    free_health(self->space->allocator, self->health);
    self->health = NULL;
}

// ---------------------------------------------------------------- what is shown

static void set_text(actor_health *health, const char *text)
{
    os_mutex_lock(&health->self->info_lock);
    base_text_copy(health->text, sizeof health->text, base_bytes_of(text));
    os_mutex_unlock(&health->self->info_lock);
}

void actor_health_text(actor *self, char *ret_text)
{
    ret_text[0] = '\0';
    os_mutex_lock(&self->info_lock);
    if (self->health != NULL)
        memcpy(ret_text, self->health->text, ACTOR_HEALTH_SIZE);
    os_mutex_unlock(&self->info_lock);
}

/// True: the incarnation is to fail.
static bool act(actor_health *health, health_action action, const char *text)
{
    actor *self = health->self;
    switch (action) {
    case HEALTH_NOTHING:
    case HEALTH_ASK:
        return false;
    case HEALTH_SHOW:
        base_atomic_store_relaxed(&self->health_shown, (uint32_t)health->state.health);
        actor_emit(self, AIRS_EVENT_HEALTH, AIRS_EXIT_NORMAL, text, 0);
        return false;
    case HEALTH_FAIL:
        break;
    }
    (void)actor_fail(&self->failure, AIRS_EXIT_FAILED, "unhealthy: %s", text);
    return true;
}

// ---------------------------------------------------------------- time

static uint64_t handled(const actor *self)
{
    return base_atomic_load_relaxed(&self->handled);
}

/// A check may come this part of its interval late. So those of many actors come together: what they would cost one by
/// one is that a worker wakes up for each.
#define LATE_PART 32u

/// The timer runs until the state's next due time, or a moment longer.
static void set_timer(actor_health *health)
{
    sched *scheduler = health->self->space->sched;
    (void)sched_timer_cancel(scheduler, &health->timer);
    uint64_t due_ns = health->state.due_ns;
    uint64_t grid_ns = health->times.interval_ns / LATE_PART;
    if (health->state.phase == HEALTH_WAITING && grid_ns > 0)
        sched_timer_start(scheduler, &health->timer, (due_ns + grid_ns - 1) / grid_ns * grid_ns);
    else if (health->state.phase == HEALTH_WAITING || health->state.phase == HEALTH_ASKING)
        sched_timer_start(scheduler, &health->timer, due_ns);
}

static bool take_answer(actor_health *health, airs_health said, const char *text, bool asks_on)
{
    uint64_t now_ns = sched_now_ns(health->self->space->sched);
    set_text(health, text);
    bool failed = act(health, health_answered(&health->state, &health->times, now_ns, said, asks_on), text);
    if (!failed)
        set_timer(health);
    return failed;
}

void actor_health_begins(actor *self)
{
    actor_health *health = self->health;
    if (health == NULL)
        return;
    set_text(health, "");
    base_atomic_store_relaxed(&self->health_shown, (uint32_t)AIRS_HEALTH_HEALTHY);
    health_begins(&health->state, &health->times, sched_now_ns(self->space->sched), handled(self));
    set_timer(health);
}

static void give_up_request(actor_health *health)
{
    if (health->request != 0)
        (void)request_cancel(health->self->space, health->request, health->self->id);
    health->request = 0;
}

void actor_health_ends(actor *self)
{
    actor_health *health = self->health;
    if (health == NULL)
        return;
    health_ends(&health->state);
    health->checking = false;
    give_up_request(health);
    (void)sched_timer_cancel(self->space->sched, &health->timer);
}

/// Whether both ask the same, as often.
static bool are_equal(const actor_health *a, const actor_health *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return a->kind == b->kind && a->times.interval_ns == b->times.interval_ns &&
           a->times.timeout_ns == b->times.timeout_ns && a->times.start_grace_ns == b->times.start_grace_ns &&
           a->times.failures_max == b->times.failures_max && a->probe_len == b->probe_len &&
           (a->probe_len == 0 || memcmp(a->probe, b->probe, a->probe_len) == 0);
}

bool actor_health_exchange(actor *self, struct actor_health **with)
{
    actor_health *before = self->health;
    actor_health *after = *with;
    if (are_equal(before, after))
        return true;
    if (before != NULL && before->checking)
        return false;
    actor_health_ends(self);
    os_mutex_lock(&self->info_lock);
    self->health = after;
    os_mutex_unlock(&self->info_lock);
    *with = before;
    base_atomic_store_relaxed(&self->health_shown, (uint32_t)AIRS_HEALTH_HEALTHY);
    if (after != NULL)
        after->probe_waits = before != NULL && before->probe_waits;
    if (self->life.state == AIRS_ACTOR_READY || self->life.state == AIRS_ACTOR_UPGRADING)
        actor_health_begins(self);
    return true;
}

/// No answer in time. What the check of an incarnation is about goes on; a probe is given up, and sent again later.
static bool is_late(actor_health *health)
{
    char text[ACTOR_HEALTH_SIZE];
    (void)snprintf(text, sizeof text, "no answer within %" PRIu64 " ms", health->times.timeout_ns / MS);
    if (!health->checking)
        give_up_request(health);
    return take_answer(health, AIRS_HEALTH_UNHEALTHY, text, health->checking);
}

static bool send_probe(actor_health *health);

bool actor_health_time(actor *self)
{
    actor_health *health = self->health;
    uint64_t now_ns = sched_now_ns(self->space->sched);
    if (health_is_late(&health->state, &health->times, now_ns, handled(self), self->in_hand != NULL))
        return is_late(health);
    health_action action = health_time(&health->state, &health->times, now_ns, handled(self), self->pausing);
    if (action == HEALTH_ASK && health->kind == AIRS_HEALTH_MESSAGE)
        return send_probe(health);
    (void)act(health, action, "");
    if (health->state.phase != HEALTH_OFF)
        set_timer(health);
    return false;
}

// ---------------------------------------------------------------- checks

bool actor_health_wants(const actor *self)
{
    const actor_health *health = self->health;
    return health->checking || (health->state.phase == HEALTH_WANTED && health->kind == AIRS_HEALTH_CHECK);
}

actor_progress actor_health_check(actor *self)
{
    actor_health *health = self->health;
    if (!health->checking)
        health_asked(&health->state, &health->times, sched_now_ns(self->space->sched), handled(self));
    airs_health said = AIRS_HEALTH_HEALTHY;
    char text[ACTOR_HEALTH_SIZE] = "";
    actor_progress progress = self->kind->child->check(self, &said, text);
    if (progress == ACTOR_DONE) {
        health->checking = false;
        text[sizeof text - 1] = '\0';
        base_text_tidy(text);
        return take_answer(health, said, text, false) ? ACTOR_FAILED : ACTOR_DONE;
    }
    // Only one that does not answer at once needs the time limit.
    if (progress != ACTOR_FAILED && !health->checking)
        set_timer(health);
    health->checking = progress != ACTOR_FAILED;
    return progress;
}

// ---------------------------------------------------------------- probes

/// The probe goes past the mailbox's limit: one that is full says nothing of the health of who empties it.
static airs_status put_probe(actor_health *health)
{
    actor *self = health->self;
    actor_space *space = self->space;
    envelope *mail;
    airs_status status = actor_space_envelope(space, (airs_bytes){health->probe, health->probe_len}, &mail);
    if (status != AIRS_OK)
        return status;
    request_options options = {.kind = REQUEST_EVENT,
                               .asker = self->id,
                               .incarnation = ACTOR_NO_INCARNATION,
                               .receiver = self->id,
                               .timeout_ms = PROBE_TIMEOUT_MS};
    status = request_open(space, &options, &health->request);
    if (status != AIRS_OK) {
        actor_space_discard(space, mail);
        return status;
    }
    mail->kind = ENVELOPE_PROBE;
    mail->request = health->request;
    health->probe_waits = true;
    if (inbox_put_uncounted(&self->inbox, mail))
        sched_wake(space->sched, &self->task);
    return AIRS_OK;
}

static bool send_probe(actor_health *health)
{
    actor *self = health->self;
    health_asked(&health->state, &health->times, sched_now_ns(self->space->sched), handled(self));
    airs_status status = health->probe_waits ? AIRS_OK : put_probe(health);
    // That there is no memory for the question is not the actor's fault.
    if (status != AIRS_OK)
        return take_answer(health, health->state.health, "", false);
    set_timer(health);
    return false;
}

bool actor_health_expects(const actor *self, const envelope *reply)
{
    const actor_health *health = self->health;
    return health != NULL && health->request != 0 && reply->request == health->request;
}

bool actor_health_takes(actor *self, envelope *reply)
{
    actor_health *health = self->health;
    if (!actor_health_expects(self, reply))
        return false;
    health->request = 0;
    airs_status status = (airs_status)reply->status;
    char text[ACTOR_HEALTH_SIZE] = "";
    if (status == AIRS_E_FAILED && reply->len > 0)
        base_text_copy(text, sizeof text, envelope_payload(reply));
    else if (status != AIRS_OK)
        base_text_copy(text, sizeof text, base_bytes_of(airs_status_text(status)));
    base_text_tidy(text);
    actor_space_discard(self->space, reply);
    if (take_answer(health, status == AIRS_OK ? AIRS_HEALTH_HEALTHY : AIRS_HEALTH_UNHEALTHY, text, false))
        actor_fail_after_drain(self);
    return true;
}

bool actor_health_probes(actor *self, envelope *probe)
{
    if (self->health != NULL)
        self->health->probe_waits = false;
    if (!request_is_waiting(self->space, probe->request)) {
        actor_space_discard(self->space, probe);
        return false;
    }
    probe->kind = ENVELOPE_MESSAGE;
    // Whoever looks at the counters finds each message that was handled among those that were sent.
    probe->route = AIRS_ROUTE_ID;
    ACTOR_COUNT_ROUTE(self->space, AIRS_ROUTE_ID, AIRS_OUTCOME_DELIVERED);
    return true;
}

void actor_health_drops(actor *self, envelope *probe)
{
    if (self->health != NULL)
        self->health->probe_waits = false;
    actor_space_discard(self->space, probe);
}
