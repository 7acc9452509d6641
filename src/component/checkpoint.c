// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "actor/log.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

#define STATE_DEFAULT (16u << 20)
#define STATE_MAX (64u << 20)

airs_status checkpoint_complete(airs_checkpoint *when, airs_error *error)
{
    if (when->max_state == 0)
        when->max_state = STATE_DEFAULT;
    if (when->max_state > STATE_MAX)
        return base_error_set(error, AIRS_E_INVALID, "checkpoint: max_state, %" PRIu32 " bytes, is over %u",
                              when->max_state, STATE_MAX);
    return AIRS_OK;
}

bool checkpoint_saves(const airs_checkpoint *when)
{
    return when->every_messages != 0 || when->every_ms != 0 || when->on_stop;
}

static void on_timer(sched_timer *timer)
{
    actor *cell = timer->user;
    sched_wake(cell->space->sched, &cell->task);
}

uint64_t checkpoint_state_max(const checkpoint *self)
{
    return self == NULL || self->when.max_state == 0 ? STATE_DEFAULT : self->when.max_state;
}

checkpoint *checkpoint_create(const airs_allocator *allocator, actor *cell, const airs_checkpoint *when)
{
    checkpoint *self = base_alloc_zeroed(allocator, sizeof *self);
    if (self == NULL)
        return NULL;
    self->when = *when;
    sched_timer_init(&self->timer, on_timer, cell);
    return self;
}

void checkpoint_drop(checkpoint *self, const airs_allocator *allocator)
{
    base_free(allocator, self->state);
    self->state = NULL;
    self->len = 0;
}

void checkpoint_destroy(checkpoint *self, const airs_allocator *allocator)
{
    if (self == NULL)
        return;
    checkpoint_drop(self, allocator);
    base_free(allocator, self);
}

// ---------------------------------------------------------------- when

/// Also those that failed: a handler that says so may have changed something.
static uint64_t handled_by(const actor *cell)
{
    return base_atomic_load_relaxed(&cell->handled) + base_atomic_load_relaxed(&cell->failed);
}

void checkpoint_pause(checkpoint *self, actor *cell)
{
    if (self != NULL && self->timer_runs)
        (void)sched_timer_cancel(cell->space->sched, &self->timer);
    if (self != NULL)
        self->timer_runs = false;
}

bool checkpoint_is_due(checkpoint *self, actor *cell)
{
    if (self == NULL)
        return false;
    uint64_t handled = handled_by(cell) - self->handled;
    if (handled == 0)
        return false;
    if (self->when.every_messages != 0 && handled >= self->when.every_messages)
        return true;
    if (self->when.every_ms == 0)
        return false;
    sched *scheduler = cell->space->sched;
    uint64_t now_ns = sched_now_ns(scheduler);
    if (!self->timer_runs) {
        self->timer_runs = true;
        self->deadline_ns = os_deadline_ms(now_ns, self->when.every_ms);
        sched_timer_start(scheduler, &self->timer, self->deadline_ns);
    }
    return now_ns >= self->deadline_ns;
}

// ---------------------------------------------------------------- what

/// It was tried, well or not: the next time is counted from here.
static void begin_again(checkpoint *self, actor *cell)
{
    checkpoint_pause(self, cell);
    self->handled = handled_by(cell);
}

void checkpoint_refuse(checkpoint *self, actor *cell, airs_bytes why)
{
    char text[ACTOR_FAILURE_SIZE];
    base_text_copy(text, sizeof text, why);
    base_text_tidy(text);
    begin_again(self, cell);
    actor_log(cell, actor_message_in_hand(cell), AIRS_LOG_WARN, "its state was not saved: %s%s", text,
              self->state == NULL ? "" : "; the one that was saved before is kept");
    // Who sees the count finds the line.
    ACTOR_COUNT(cell->space, checkpoints_failed);
}

void checkpoint_keep(checkpoint *self, actor *cell, const char *version, airs_bytes state)
{
    char text[96];
    if (!checkpoint_saves(&self->when))
        return;
    if (state.len > self->when.max_state) {
        (void)snprintf(text, sizeof text, "%zu bytes are over max_state, %" PRIu32, state.len, self->when.max_state);
        checkpoint_refuse(self, cell, base_bytes_of(text));
        return;
    }
    uint8_t *copy = base_alloc(cell->space->allocator, state.len);
    if (copy == NULL) {
        (void)snprintf(text, sizeof text, "no memory for %zu bytes", state.len);
        checkpoint_refuse(self, cell, base_bytes_of(text));
        return;
    }
    if (state.len > 0)
        memcpy(copy, state.data, state.len);
    checkpoint_drop(self, cell->space->allocator);
    self->state = copy;
    self->len = state.len;
    base_text_copy(self->version, sizeof self->version, base_bytes_of(version));
    begin_again(self, cell);
    ACTOR_COUNT(cell->space, checkpoints);
}
