// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/age.h"

#include <inttypes.h>

#include "base/alloc.h"

typedef struct actor_age {
    actor *self;
    sched_timer timer;
    age_marks marks;
    bool runs;
    uint64_t due_ns;
} actor_age;

bool age_is_over(age_marks *marks, uint64_t now_ns, uint64_t span_ns, uint64_t taken, uint64_t waiting)
{
    bool over = false;
    for (uint32_t i = 0; i < marks->count; i++)
        over |= now_ns - marks->marks[i].seen_ns >= span_ns && taken < marks->marks[i].taken;
    marks->marks[marks->at] = (age_mark){taken + waiting, now_ns};
    marks->at = (marks->at + 1) % AGE_MARKS;
    if (marks->count < AGE_MARKS)
        marks->count++;
    return over;
}

static void on_timer(sched_timer *timer)
{
    const actor_age *age = timer->user;
    actor_signal_send(age->self, ACTOR_SIGNAL_AGE);
}

airs_status actor_age_make(actor *self, uint32_t age_max_ms, struct actor_age **ret)
{
    *ret = NULL;
    if (age_max_ms == UINT32_MAX)
        return AIRS_OK;
    actor_age *made = base_alloc_zeroed(self->space->allocator, sizeof *made);
    if (made == NULL)
        return AIRS_E_NOMEM;
    made->self = self;
    sched_timer_init(&made->timer, on_timer, made);
    *ret = made;
    return AIRS_OK;
}

airs_status actor_age_init(actor *self)
{
    return actor_age_make(self, self->limits.max_mailbox_age_ms, &self->age);
}

void actor_age_destroy(struct actor_age *age)
{
    if (age == NULL)
        return;
    (void)sched_timer_cancel_wait(age->self->space->sched, &age->timer);
    base_free(age->self->space->allocator, age);
}

void actor_age_fini(actor *self)
{
    base_free(self->space->allocator, self->age);
    self->age = NULL;
}

static uint64_t span_ns(const actor_age *age)
{
    return (uint64_t)age->self->limits.max_mailbox_age_ms * 1000000u;
}

static void set_timer(actor_age *age)
{
    sched *scheduler = age->self->space->sched;
    age->due_ns = os_deadline_ns(sched_now_ns(scheduler), span_ns(age) / AGE_MARKS);
    sched_timer_start(scheduler, &age->timer, age->due_ns);
}

/// One quarter's mark.
static bool mark(actor_age *age)
{
    const inbox *mailbox = &age->self->inbox;
    uint64_t out = mailbox->places_owed;
    uint64_t in = inbox_len(mailbox);
    return age_is_over(&age->marks, sched_now_ns(age->self->space->sched), span_ns(age), inbox_taken(mailbox),
                       in > out ? in - out : 0);
}

void actor_age_begins(actor *self)
{
    actor_age *age = self->age;
    if (age == NULL)
        return;
    age->marks = (age_marks){.count = 0};
    age->runs = true;
    // What was left by the last incarnation has its time again.
    (void)mark(age);
    set_timer(age);
}

void actor_age_ends(actor *self)
{
    actor_age *age = self->age;
    if (age == NULL || !age->runs)
        return;
    age->runs = false;
    (void)sched_timer_cancel(self->space->sched, &age->timer);
}

void actor_age_exchange(actor *self, struct actor_age **with)
{
    actor_age *before = self->age;
    actor_age_ends(self);
    self->age = *with;
    *with = before;
    if (self->life.state == AIRS_ACTOR_READY || self->life.state == AIRS_ACTOR_UPGRADING)
        actor_age_begins(self);
}

bool actor_age_time(actor *self)
{
    actor_age *age = self->age;
    // The timer may have fired for the last incarnation.
    if (!age->runs || sched_now_ns(self->space->sched) < age->due_ns)
        return false;
    if (self->pausing)
        age->marks = (age_marks){.count = 0};
    if (mark(age)) {
        (void)actor_fail(&self->failure, AIRS_EXIT_LIMIT,
                         "a message waited in its mailbox longer than max_mailbox_age, %" PRIu32 " ms",
                         self->limits.max_mailbox_age_ms);
        return true;
    }
    set_timer(age);
    return false;
}
