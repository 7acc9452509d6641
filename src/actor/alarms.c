// SPDX-License-Identifier: MIT OR Apache-2.0
/// An alarm is ended by its owner or by its own firing: who takes its handle out of the table ends it. Its
/// memory stays until a grace period has passed, because the other one may still look at it.
#include "actor/alarms.h"

#include "os/clock.h"

typedef struct alarm {
    sched_timer timer;
    alarm_table *table;
    ds_handle handle;
    uint64_t from;
    uint64_t to;
    uint64_t period_ns;
    uint64_t deadline_ns;
    /// What is sent; a repeated alarm sends copies that share it.
    envelope *mail;
    /// Orders the restart of a repeated alarm with its cancel.
    os_mutex lock;
    bool ended;
    base_retired retired;
} alarm;

static void release_alarm(base_retired *retired)
{
    alarm *self = ds_container_of(retired, alarm, retired);
    actor_space *space = self->table->space;
    actor_space_discard(space, self->mail);
    ds_pool_free(&self->table->pool, actor_space_cache(space), self);
}

/// True for the one who ends it.
static bool end_alarm(alarm *self)
{
    if (!ds_slotmap_remove(&self->table->alarms, self->handle))
        return false;
    sched_defer(self->table->space->sched, &self->retired, release_alarm);
    return true;
}

/// Sends, and says whether there is still somebody to send to.
static bool deliver(alarm *self, envelope *mail)
{
    actor_space *space = self->table->space;
    if (mail == NULL)
        return true;
    airs_status status = actor_send(space, self->to, mail);
    if (status != AIRS_OK)
        actor_drop_unsent(space, self->to, mail, status);
    return status != AIRS_E_GONE;
}

static void fire_again(alarm *self)
{
    actor_space *space = self->table->space;
    envelope *copy = envelope_share(self->mail, &space->envelopes, actor_space_cache(space));
    if (copy != NULL) {
        copy->sender = self->mail->sender;
        copy->of_twin = self->mail->of_twin;
    }
    if (!deliver(self, copy)) {
        (void)end_alarm(self);
        return;
    }
    // Periods that were missed are skipped, not made up for.
    uint64_t now_ns = sched_now_ns(space->sched);
    self->deadline_ns += self->period_ns;
    if (self->deadline_ns <= now_ns)
        self->deadline_ns = now_ns + self->period_ns;
    os_mutex_lock(&self->lock);
    if (!self->ended)
        sched_timer_start(space->sched, &self->timer, self->deadline_ns);
    os_mutex_unlock(&self->lock);
}

static void on_timer(sched_timer *timer)
{
    alarm *self = timer->user;
    if (self->period_ns > 0) {
        fire_again(self);
        return;
    }
    if (!end_alarm(self))
        return;
    envelope *mail = self->mail;
    self->mail = NULL;
    (void)deliver(self, mail);
}

// ---------------------------------------------------------------- the table

airs_status alarm_table_init(alarm_table *table, actor_space *space)
{
    table->space = space;
    ds_slotmap_init(&table->alarms, ALARMS_MAX, space->allocator);
    ds_slotmap_set_owner(&table->alarms, space->owner);
    return ds_pool_init(&table->pool, sizeof(alarm), sched_worker_count(space->sched), ALARMS_MAX, space->allocator);
}

void alarm_table_fini(alarm_table *table)
{
    if (table->space == NULL)
        return;
    ds_pool_fini(&table->pool);
    ds_slotmap_fini(&table->alarms);
    table->space = NULL;
}

uint32_t alarms_count(const alarm_table *table)
{
    return ds_slotmap_len(&table->alarms);
}

// ---------------------------------------------------------------- set and cancel

static airs_status make_alarm(alarm_table *table, actor *owner, uint64_t to, airs_bytes payload, alarm **ret_alarm)
{
    actor_space *space = table->space;
    alarm *self = ds_pool_alloc(&table->pool, actor_space_cache(space));
    if (self == NULL)
        return AIRS_E_LIMIT;
    *self = (alarm){.table = table, .from = owner->id, .to = to};
    sched_timer_init(&self->timer, on_timer, self);
    airs_status status = actor_space_envelope(space, payload, &self->mail);
    if (status == AIRS_OK) {
        self->mail->sender = owner->id;
        self->mail->of_twin = owner->twin_acts;
        self->mail->route = AIRS_ROUTE_TIMER;
        if (!envelope_set_trace(self->mail, space->allocator, actor_trace_parent(owner)))
            status = AIRS_E_NOMEM;
    }
    if (status == AIRS_OK) {
        status = ds_slotmap_insert(&table->alarms, self, &self->handle);
    }
    if (status == AIRS_OK && !actor_ids_add(&owner->alarms, space->allocator, self->handle)) {
        // Others may have found it.
        (void)end_alarm(self);
        return AIRS_E_NOMEM;
    }
    if (status != AIRS_OK) {
        actor_space_discard(space, self->mail);
        ds_pool_free(&table->pool, actor_space_cache(space), self);
        return status;
    }
    *ret_alarm = self;
    return AIRS_OK;
}

/// Forgets alarms that have fired.
static void forget_fired(alarm_table *table, actor *owner)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < owner->alarms.len; i++) {
        if (ds_slotmap_find(&table->alarms, owner->alarms.ids[i]) != NULL)
            owner->alarms.ids[kept++] = owner->alarms.ids[i];
    }
    owner->alarms.len = kept;
}

airs_status alarm_set(alarm_table *table, actor *self, uint64_t delay_ms, uint64_t period_ms, uint64_t to,
                      airs_bytes payload, uint64_t *ret_alarm)
{
    if (payload.len > self->limits.max_message)
        return AIRS_E_TOO_LARGE;
    if (self->alarms.len == self->alarms.capacity || self->alarms.len >= ACTOR_ALARMS_MAX)
        forget_fired(table, self);
    if (self->alarms.len >= ACTOR_ALARMS_MAX)
        return AIRS_E_LIMIT;
    alarm *made;
    airs_status status = make_alarm(table, self, to, payload, &made);
    if (status != AIRS_OK)
        return status;
    sched *scheduler = table->space->sched;
    made->period_ns = period_ms > OS_NEVER / 1000000u ? OS_NEVER / 2 : period_ms * 1000000u;
    made->deadline_ns = os_deadline_ms(sched_now_ns(scheduler), delay_ms);
    *ret_alarm = made->handle;
    os_mutex_lock(&made->lock);
    // It may have been cancelled by a review.
    if (!made->ended)
        sched_timer_start(scheduler, &made->timer, made->deadline_ns);
    os_mutex_unlock(&made->lock);
    return AIRS_OK;
}

bool alarm_is_set(alarm_table *table, uint64_t id)
{
    return ds_slotmap_find(&table->alarms, id) != NULL;
}

static bool cancel(alarm_table *table, uint64_t id)
{
    alarm *found = ds_slotmap_find(&table->alarms, id);
    if (found == NULL)
        return false;
    os_mutex_lock(&found->lock);
    found->ended = true;
    (void)sched_timer_cancel(table->space->sched, &found->timer);
    os_mutex_unlock(&found->lock);
    return end_alarm(found);
}

bool alarm_cancel(alarm_table *table, actor *self, uint64_t id)
{
    return actor_ids_remove(&self->alarms, id) && cancel(table, id);
}

void alarms_review(alarm_table *table, uint64_t from, alarms_keep_fn keep, void *user)
{
    uint32_t cursor = 0;
    ds_handle handle;
    const alarm *one;
    while ((one = ds_slotmap_next(&table->alarms, &cursor, &handle)) != NULL) {
        if (one->from == from && !keep(user, one->to))
            (void)cancel(table, handle);
    }
}

void alarms_end(alarm_table *table, actor *self)
{
    for (uint32_t i = 0; i < self->alarms.len; i++)
        (void)cancel(table, self->alarms.ids[i]);
    self->alarms.len = 0;
}
