// SPDX-License-Identifier: MIT OR Apache-2.0
/// The original's benchmarks of construction, lifecycle, hooks and state, with native actors: each does at least the
/// work that its counterpart did there. bench/limits has what that took.
///
/// Creating an actor here gives it an id and a name that others find, a place under its supervisor and a mailbox; there
/// it filled in a struct. What ends it again is part of seed.lifecycle only.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "world.h"

#include "actor/native.h"
#include "base/alloc.h"
#include "node/system.h"

#define BATCH_MAX 1000u
#define NAME_SIZE 24u

// ---------------------------------------------------------------- an actor with all hooks

/// What is only read is put here, so that it is read.
static volatile uint64_t seen;

static BASE_ATOMIC(uint64_t) hooks_run;

static airs_status on_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)context;
    (void)info;
    (void)error;
    base_atomic_store_relaxed(&hooks_run, base_atomic_load_relaxed(&hooks_run) + 1u);
    return AIRS_OK;
}

static void on_stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)context;
    (void)reason;
    base_atomic_store_relaxed(&hooks_run, base_atomic_load_relaxed(&hooks_run) + 1u);
}

static airs_status on_message(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

/// What stands for the hooks before and behind start and stop: each state that the actor comes into.
static void on_event(void *user, const airs_event *event)
{
    (void)user;
    (void)event;
    base_atomic_store_relaxed(&hooks_run, base_atomic_load_relaxed(&hooks_run) + 1u);
}

static const airs_child_fns child_fns = {on_start, on_stop, NULL};
static const airs_actor_fns actor_fns = {.handle = on_message};
static const airs_native with_hooks = {.kind = "bench", .child = &child_fns, .actor = &actor_fns, .state_size = 64};

// ---------------------------------------------------------------- create

/// A batch of actors is created on a worker; when all of them have ended, the next one is. Only creating is measured.
typedef struct nursery {
    airs_system *system;
    uint32_t batch;
    /// Known by their ids alone, and asked for their size.
    bool nameless;
    uint64_t batches_left;
    uint32_t alive;
    double elapsed_ns;
    char names[BATCH_MAX][NAME_SIZE];
    uint64_t ids[BATCH_MAX];
    struct cradle {
        actor_watch watch;
        struct nursery *nursery;
    } cradles[BATCH_MAX];
    sched_task task;
    os_event done;
} nursery;

static void create_batch(nursery *self)
{
    actor_options options = {.supervisor = self->system->root, .restart = AIRS_RESTART_TEMPORARY};
    double begin = bench_now_ns();
    for (uint32_t i = 0; i < self->batch; i++) {
        options.name = self->nameless ? NULL : self->names[i];
        airs_status status = native_spawn(&self->system->actors, &with_hooks, &options, &self->ids[i], NULL);
        bench_check(status == AIRS_OK, "an actor");
        if (self->nameless)
            seen = sizeof(actor) + with_hooks.state_size;
    }
    self->elapsed_ns += bench_now_ns() - begin;
}

static void on_batch_end(actor_watch *watch, const actor_failure *end)
{
    (void)end;
    nursery *self = ds_container_of(watch, struct cradle, watch)->nursery;
    if (--self->alive > 0)
        return;
    if (--self->batches_left > 0)
        sched_wake(self->system->sched, &self->task);
    else
        os_event_set(&self->done);
}

static sched_verdict nursery_poll(sched_task *task)
{
    nursery *self = ds_container_of(task, nursery, task);
    create_batch(self);
    self->alive = self->batch;
    for (uint32_t i = 0; i < self->batch; i++) {
        actor *created = actor_find(&self->system->actors, self->ids[i]);
        self->cradles[i] = (struct cradle){.watch.fn = on_batch_end, .nursery = self};
        ds_list_init(&self->cradles[i].watch.link);
        bench_check(created != NULL && actor_watch_add(created, &self->cradles[i].watch), "a watch");
        actor_signal_send(created, ACTOR_SIGNAL_STOP);
    }
    return SCHED_POLL_IDLE;
}

/// `count` batches.
static double create_batches(void *user, uint64_t count)
{
    nursery *self = user;
    self->batches_left = count;
    self->elapsed_ns = 0;
    os_event_init(&self->done);
    sched_wake(self->system->sched, &self->task);
    (void)os_event_wait(&self->done, OS_NEVER);
    return self->elapsed_ns;
}

/// Nanoseconds an actor, in batches of ten.
static double create_actors(void *user, uint64_t count)
{
    nursery *self = user;
    return create_batches(self, count / self->batch);
}

static void measure_creations(void)
{
    nursery *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    self->system = world_create(1, 1);
    sched_task_init(&self->task, nursery_poll);
    for (uint32_t i = 0; i < BATCH_MAX; i++)
        (void)snprintf(self->names[i], NAME_SIZE, "component-%u", i);
    self->batch = 10;
    bench_value("seed.construct", (bench_side){create_actors, self}, 20000);
    bench_value("seed.hook_noop", (bench_side){create_actors, self}, 20000);
    self->nameless = true;
    bench_value("seed.memory_overhead", (bench_side){create_actors, self}, 20000);
    self->nameless = false;
    bench_value("seed.batch_construct_10", (bench_side){create_batches, self}, 2000);
    self->batch = 100;
    bench_value("seed.batch_construct_100", (bench_side){create_batches, self}, 200);
    self->batch = 1000;
    bench_value("seed.batch_construct_1000", (bench_side){create_batches, self}, 20);
    airs_system_destroy(self->system);
    free(self);
}

// ---------------------------------------------------------------- whole lives

/// Each actor that has ended creates the next one, so that no thread waits.
typedef struct chain {
    airs_system *system;
    actor_watch watch;
    uint64_t left;
    os_event done;
} chain;

static void on_started(void *user, airs_status status, const char *text);

static void create_next(chain *self)
{
    actor_options options = {.supervisor = self->system->root,
                             .restart = AIRS_RESTART_TEMPORARY,
                             .name = "lifecycle",
                             .started_fn = on_started,
                             .started_user = self};
    uint64_t id;
    airs_status status = native_spawn(&self->system->actors, &with_hooks, &options, &id, NULL);
    bench_check(status == AIRS_OK, "an actor");
}

static void on_end(actor_watch *watch, const actor_failure *end)
{
    (void)end;
    chain *self = ds_container_of(watch, chain, watch);
    if (--self->left == 0)
        os_event_set(&self->done);
    else
        create_next(self);
}

static void on_started(void *user, airs_status status, const char *text)
{
    chain *self = user;
    bench_check(status == AIRS_OK, text);
    // On the worker that runs the actor: its task is the current one.
    actor *started = ds_container_of(sched_current_task(self->system->sched), actor, task);
    ds_list_init(&self->watch.link);
    self->watch.fn = on_end;
    bench_check(actor_watch_add(started, &self->watch), "a watch");
    actor_signal_send(started, ACTOR_SIGNAL_STOP);
}

static double live(void *user, uint64_t count)
{
    chain *self = user;
    self->left = count;
    uint64_t hooks_before = base_atomic_load_relaxed(&hooks_run);
    os_event_init(&self->done);
    double begin = bench_now_ns();
    create_next(self);
    (void)os_event_wait(&self->done, OS_NEVER);
    double elapsed = bench_now_ns() - begin;
    bench_check(base_atomic_load_relaxed(&hooks_run) - hooks_before >= 4 * count, "four hooks a life");
    return elapsed;
}

static void measure_lives(void)
{
    chain self = {.system = world_create(1, 1)};
    airs_system_on_event(self.system, on_event, NULL);
    bench_value("seed.lifecycle", (bench_side){live, &self}, 20000);
    airs_system_destroy(self.system);
}

// ---------------------------------------------------------------- state

/// What the original keeps of a component, behind a lock.
typedef struct shared_state {
    os_mutex lock;
    uint64_t value;
    char *name;
    char *version;
    char *author;
    char *description;
    airs_limits limits;
} shared_state;

static shared_state *state_create(uint32_t number)
{
    const airs_allocator *allocator = base_allocator_default();
    shared_state *self = base_alloc_zeroed(allocator, sizeof *self);
    bench_check(self != NULL, "memory");
    char name[NAME_SIZE];
    int len = snprintf(name, sizeof name, "component-%u", number);
    self->name = base_strndup(allocator, name, (size_t)len);
    self->version = base_strndup(allocator, "1.0.0", 5);
    self->author = base_strndup(allocator, "A. Benchmark", 12);
    self->description = base_strndup(allocator, "A component of the benchmark", 28);
    self->limits = (airs_limits){.max_memory = 64u << 20, .max_execution_ms = 5000};
    return self;
}

static void state_destroy(shared_state *self)
{
    const airs_allocator *allocator = base_allocator_default();
    base_free(allocator, self->name);
    base_free(allocator, self->version);
    base_free(allocator, self->author);
    base_free(allocator, self->description);
    base_free(allocator, self);
}

static double make_states(void *user, uint64_t count)
{
    (void)user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++)
        state_destroy(state_create(7));
    return bench_now_ns() - begin;
}

/// `count` batches of 100 that live at the same time.
static double make_state_batches(void *user, uint64_t count)
{
    (void)user;
    static shared_state *states[100];
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t n = 0; n < 100; n++)
            states[n] = state_create(n);
        for (uint32_t n = 0; n < 100; n++)
            state_destroy(states[n]);
    }
    return bench_now_ns() - begin;
}

/// A value that is made, locked, changed or only read, and freed, as the original does each time.
static double access_state(void *user, uint64_t count)
{
    const uint64_t *step = user;
    const airs_allocator *allocator = base_allocator_default();
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        shared_state *state = base_alloc(allocator, sizeof *state);
        bench_check(state != NULL, "memory");
        os_mutex_init(&state->lock);
        state->value = i;
        os_mutex_lock(&state->lock);
        state->value += *step;
        seen = state->value;
        os_mutex_unlock(&state->lock);
        base_free(allocator, state);
    }
    return bench_now_ns() - begin;
}

static void measure_states(void)
{
    uint64_t one = 1;
    uint64_t none = 0;
    bench_value("seed.state_init", (bench_side){make_states, NULL}, 100000);
    bench_value("seed.state_allocation_100", (bench_side){make_state_batches, NULL}, 1000);
    bench_value("seed.hook_stateful", (bench_side){access_state, &one}, 300000);
    bench_value("seed.state_read", (bench_side){access_state, &none}, 300000);
    bench_value("seed.state_write", (bench_side){access_state, &one}, 300000);
}

int main(void)
{
    measure_creations();
    measure_lives();
    measure_states();
    return 0;
}
