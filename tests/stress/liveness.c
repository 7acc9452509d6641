// SPDX-License-Identifier: MIT OR Apache-2.0
#include "liveness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

#define LOOK_MS 10u
/// Polls are counted by a hash of the task: that two share a counter can hide a finding, never make one.
#define COUNTERS (1u << 14)
/// Actors that are looked at; those beyond are not.
#define SEEN_MAX (1u << 14)

/// What was seen of the actor in a slot of the registry.
typedef struct seen {
    uint64_t id;
    uint32_t polls;
    /// 0: it had nothing to do, or has had its turn since.
    uint64_t waited_ns;
} seen;

struct liveness {
    airs_system *system;
    system_watch watch;
    BASE_ATOMIC(uint32_t) counters[COUNTERS];
    BASE_ATOMIC(uint32_t) found;
    BASE_ATOMIC(uint64_t) longest_ns;
    os_thread thread;
    os_event ending;
    // The thread's.
    seen actors[SEEN_MAX];
};

static uint32_t counter_of(const sched_task *task)
{
    uint64_t hash = ((uint64_t)(uintptr_t)task >> 6) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32) % COUNTERS;
}

static void on_polled(void *user, const sched_task *task)
{
    liveness *self = user;
    (void)base_atomic_fetch_add_relaxed(&self->counters[counter_of(task)], 1u);
}

/// Whether it should be polled soon, by the state of its task. An idle native has an empty mailbox; an idle component
/// may be waiting for something else.
static bool could_run(const actor *cell)
{
    uint32_t state = base_atomic_load_acquire(&cell->task.state);
    if (state == LIVENESS_TASK_QUEUED)
        return true;
    return state == LIVENESS_TASK_IDLE && cell->kind->kind == AIRS_KIND_NATIVE &&
           base_atomic_load_relaxed(&cell->state) == AIRS_ACTOR_READY && inbox_len(&cell->inbox) > 0;
}

static void look_at(liveness *self, const actor *cell, seen *before, uint64_t passed_ns)
{
    uint32_t polls = base_atomic_load_relaxed(&self->counters[counter_of(&cell->task)]);
    bool waits = before->id == cell->id && before->polls == polls && could_run(cell);
    uint64_t waited_ns = waits ? before->waited_ns + passed_ns : 0;
    if (waited_ns > base_atomic_load_relaxed(&self->longest_ns))
        base_atomic_store_relaxed(&self->longest_ns, waited_ns);
    if (waited_ns / 1000000u >= LIVENESS_MAX_MS && before->waited_ns / 1000000u < LIVENESS_MAX_MS) {
        fprintf(stderr, "actor \"%s\" could run, and was not let for %u ms\n", actor_name(cell), LIVENESS_MAX_MS);
        (void)base_atomic_fetch_add_relaxed(&self->found, 1u);
    }
    *before = (seen){cell->id, polls, waited_ns};
}

static void look(liveness *self, uint64_t passed_ns)
{
    const actor_space *space = &self->system->actors;
    uint32_t cursor = 0;
    ds_handle handle;
    sched_read read = sched_read_enter(space->sched);
    for (const actor *cell; (cell = ds_slotmap_next(&space->actors, &cursor, &handle)) != NULL;) {
        if (cursor <= SEEN_MAX)
            look_at(self, cell, &self->actors[cursor - 1], passed_ns);
    }
    sched_read_leave(space->sched, read);
}

static void run(void *user)
{
    liveness *self = user;
    uint64_t last_ns = os_clock_now_ns();
    while (!os_event_wait(&self->ending, os_deadline_ms(os_clock_now_ns(), LOOK_MS))) {
        uint64_t now_ns = os_clock_now_ns();
        uint64_t passed_ns = now_ns - last_ns;
        uint64_t counted_max_ns = 2 * LOOK_MS * UINT64_C(1000000);
        look(self, passed_ns < counted_max_ns ? passed_ns : counted_max_ns);
        last_ns = now_ns;
    }
}

liveness *liveness_begin(const airs_system_options *options, airs_system **ret_system)
{
    liveness *self = base_alloc_zeroed(base_allocator_default(), sizeof *self);
    AIRS_ASSERT(self != NULL);
    self->watch = (system_watch){on_polled, self};
    os_event_init(&self->ending);
    airs_error error;
    if (system_create(options, &self->watch, &self->system, &error) != AIRS_OK) {
        fprintf(stderr, "%s\n", error.text);
        exit(1);
    }
    AIRS_ASSERT(os_thread_start(&self->thread, "liveness", 0, run, self) == AIRS_OK);
    *ret_system = self->system;
    return self;
}

uint32_t liveness_found(const liveness *self)
{
    return base_atomic_load_relaxed(&self->found);
}

uint64_t liveness_longest_ms(const liveness *self)
{
    return base_atomic_load_relaxed(&self->longest_ns) / 1000000u;
}

uint32_t liveness_end(liveness *self)
{
    os_event_set(&self->ending);
    os_thread_join(&self->thread);
    airs_system_destroy(self->system);
    uint32_t found = liveness_found(self);
    base_free(base_allocator_default(), self);
    return found;
}
