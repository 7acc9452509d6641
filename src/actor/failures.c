// SPDX-License-Identifier: MIT OR Apache-2.0
#include "actor/failures.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "os/clock.h"

/// One failure that is kept.
typedef struct record {
    uint64_t time_ns;
    actor_failure failure;
    actor_decision decision;
    /// Counted. NULL: it was no trap, or its lines have been made.
    actor_trace *trace;
    /// NULL while nobody has asked for them.
    char *lines;
} record;

/// Under the cell's `info_lock`.
typedef struct actor_history {
    uint64_t count;
    record records[ACTOR_FAILURES_MAX];
} actor_history;

static record *record_of(actor_history *history, uint64_t number)
{
    return &history->records[number % ACTOR_FAILURES_MAX];
}

static void release_trace(actor_trace *trace, const airs_allocator *allocator)
{
    // acq_rel: who described it is done before it ends.
    if (trace != NULL && base_atomic_fetch_sub_acq_rel(&trace->references, 1u) == 1)
        trace->release(trace, allocator);
}

static void empty_record(record *at, const airs_allocator *allocator)
{
    release_trace(at->trace, allocator);
    base_free(allocator, at->lines);
}

void actor_failures_add(actor *self, const actor_failure *failure)
{
    const airs_allocator *allocator = self->space->allocator;
    record made = {.time_ns = os_clock_wall_ns(), .failure = *failure, .trace = self->trace};
    self->trace = NULL;
    if (made.trace != NULL)
        base_atomic_init(&made.trace->references, 1u);
    // Most actors never have one. Only the owner makes it, so it may be looked at without the lock.
    actor_history *history = self->history;
    if (history == NULL)
        history = base_alloc_zeroed(allocator, sizeof *history);
    record oldest = made;
    os_mutex_lock(&self->info_lock);
    self->history = history;
    if (history != NULL) {
        record *at = record_of(history, ++history->count);
        oldest = *at;
        *at = made;
    }
    os_mutex_unlock(&self->info_lock);
    empty_record(&oldest, allocator);
}

void actor_failures_decided(actor *self, const actor_decision *decision)
{
    os_mutex_lock(&self->info_lock);
    if (self->history != NULL)
        record_of(self->history, self->history->count)->decision = *decision;
    os_mutex_unlock(&self->info_lock);
}

bool actor_failures_last(actor *self, actor_failure *ret_failure)
{
    os_mutex_lock(&self->info_lock);
    bool any = self->history != NULL;
    if (any)
        *ret_failure = record_of(self->history, self->history->count)->failure;
    os_mutex_unlock(&self->info_lock);
    return any;
}

// ---------------------------------------------------------------- visits

/// Copies one that is kept: its lines too, or its trace, counted.
static bool copy_record(actor *self, uint64_t number, record *ret)
{
    os_mutex_lock(&self->info_lock);
    record *at = record_of(self->history, number);
    bool kept = self->history->count - number < ACTOR_FAILURES_MAX;
    if (kept) {
        *ret = *at;
        ret->lines = at->lines == NULL ? NULL : base_strndup(self->space->allocator, at->lines, strlen(at->lines));
        if (ret->trace != NULL)
            (void)base_atomic_fetch_add_relaxed(&ret->trace->references, 1u);
    }
    os_mutex_unlock(&self->info_lock);
    return kept;
}

/// Keeps the lines of a trap in place of what they were made of. `lines` is the caller's still.
static void keep_lines(actor *self, uint64_t number, const char *lines)
{
    const airs_allocator *allocator = self->space->allocator;
    char *copy = base_strndup(allocator, lines, strlen(lines));
    actor_trace *spent = NULL;
    os_mutex_lock(&self->info_lock);
    record *at = record_of(self->history, number);
    bool kept = self->history->count - number < ACTOR_FAILURES_MAX && at->lines == NULL && copy != NULL;
    if (kept) {
        at->lines = copy;
        spent = at->trace;
        at->trace = NULL;
    }
    os_mutex_unlock(&self->info_lock);
    release_trace(spent, allocator);
    if (!kept)
        base_free(allocator, copy);
}

/// One at a time in the whole system: lines are made of what a guest brought along, and take memory and time.
static void describe(actor *self, uint64_t number, record *at)
{
    if (at->trace == NULL || at->lines != NULL)
        return;
    os_mutex_lock(&self->space->describe_lock);
    at->lines = at->trace->describe(at->trace, self->space->allocator);
    os_mutex_unlock(&self->space->describe_lock);
    if (at->lines != NULL)
        keep_lines(self, number, at->lines);
}

static bool show(uint64_t number, const record *at, airs_failure_fn fn, void *user)
{
    airs_failure shown = {
        .number = number,
        .time_ns = at->time_ns,
        .reason = at->failure.reason,
        .text = at->failure.text,
        .backtrace = at->lines == NULL ? "" : at->lines,
        .attempt = at->failure.attempt,
        .action = at->decision.action,
        .delay_ms = at->decision.delay_ms,
    };
    if (at->failure.message != 0)
        (void)snprintf(shown.message_id, sizeof shown.message_id, "%016" PRIx64, at->failure.message);
    return fn(user, &shown);
}

uint64_t actor_failures_each(actor *self, airs_failure_fn fn, void *user)
{
    os_mutex_lock(&self->info_lock);
    uint64_t last = self->history == NULL ? 0 : self->history->count;
    os_mutex_unlock(&self->info_lock);
    bool more = fn != NULL;
    for (uint64_t number = last > ACTOR_FAILURES_MAX ? last - ACTOR_FAILURES_MAX + 1 : 1; number <= last && more;
         number++) {
        record at;
        if (!copy_record(self, number, &at))
            continue;
        describe(self, number, &at);
        more = show(number, &at, fn, user);
        empty_record(&at, self->space->allocator);
    }
    return last;
}

void actor_failures_fini(actor *self)
{
    const airs_allocator *allocator = self->space->allocator;
    if (self->trace != NULL)
        self->trace->release(self->trace, allocator);
    for (uint32_t i = 0; self->history != NULL && i < ACTOR_FAILURES_MAX; i++)
        empty_record(&self->history->records[i], allocator);
    base_free(allocator, self->history);
    self->history = NULL;
    self->trace = NULL;
}
