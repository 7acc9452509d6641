// SPDX-License-Identifier: MIT OR Apache-2.0
/// The original's benchmarks of the registry, routing, requests, publishing and load: each does at least the work that
/// its counterpart did there, which made a registry and a router of its own for each measurement, and sent to nobody.
/// Here what is sent goes into the mailbox of an actor that handles it, beside what is measured.
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "world.h"

#include "actor/native.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "node/system.h"

#define NAME_SIZE 24u

// ---------------------------------------------------------------- a registry and a router of their own

typedef struct scratch {
    airs_system *system;
    airs_actor_id sink;
    ds_namemap names;
    /// What the router knows of the actors: the real ones' scheduler and allocator, no more.
    actor_space space;
    router router;
} scratch;

static void registry_open(scratch *self)
{
    const actor_space *real = &self->system->actors;
    ds_namemap_init(&self->names, real->names.key, sched_retirer(real->sched), real->allocator);
}

static void router_open(scratch *self)
{
    self->space.sched = self->system->sched;
    self->space.allocator = self->system->allocator;
    self->space.names.key = self->system->actors.names.key;
    bench_check(router_init(&self->router, &self->space) == AIRS_OK, "a router");
}

static void both_open(scratch *self)
{
    registry_open(self);
    router_open(self);
}

static void both_close(scratch *self)
{
    router_fini(&self->router);
    ds_namemap_fini(&self->names);
}

static void register_name(scratch *self, const char *name)
{
    bench_check(ds_namemap_insert(&self->names, base_bytes_of(name), self->sink.raw) == AIRS_OK, "a name");
}

static void register_number(scratch *self, uint32_t number)
{
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "component-%u", number);
    register_name(self, name);
}

/// Looks up, and sends a small message to the actor that was found.
static void send_by_name(scratch *self, const char *name)
{
    uint64_t id;
    bench_check(ds_namemap_find(&self->names, base_bytes_of(name), &id), "a name");
    airs_bytes payload = {(const uint8_t *)"health", 6};
    bench_check(actor_send_bytes(&self->system->actors, 0, id, payload) == AIRS_OK, "a message");
}

static bool is_found(scratch *self, const char *name)
{
    uint64_t id;
    return ds_namemap_find(&self->names, base_bytes_of(name), &id);
}

static airs_status take(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    return message->request.raw == 0 ? AIRS_OK : airs_context_reply(context, message->request, "0", 1);
}

static scratch *scratch_create(uint32_t workers)
{
    scratch *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    self->system = world_create(workers, 1);
    static const airs_actor_fns sink_fns = {.handle = take};
    self->sink = world_spawn_native(self->system, NULL, &sink_fns, 0, NULL);
    return self;
}

static void scratch_destroy(scratch *self)
{
    airs_system_destroy(self->system);
    free(self);
}

// ---------------------------------------------------------------- one step a time, on one worker

/// Measured as a whole: what it does once, many times over.
typedef struct step {
    scratch *scratch;
    void (*run)(scratch *self, uint32_t size);
    uint32_t size;
} step;

static double run_steps(void *user, uint64_t count)
{
    const step *self = user;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++)
        self->run(self->scratch, self->size);
    return bench_now_ns() - begin;
}

/// Steps of one turn on the worker. Between two turns the sink handles what was sent to it: its answer comes after.
typedef struct turns {
    bench_side on_worker;
    scratch *scratch;
    uint32_t steps;
} turns;

static double run_turns(void *user, uint64_t count)
{
    const turns *self = user;
    double elapsed = 0;
    for (uint64_t i = 0; i < count; i += self->steps) {
        elapsed += self->on_worker.run(self->on_worker.user, self->steps);
        (void)world_ask(self->scratch->system, self->scratch->sink, 0);
    }
    return elapsed;
}

static void measure(scratch *on, const char *name, void (*run)(scratch *self, uint32_t size), uint32_t size,
                    uint64_t count)
{
    step self = {on, run, size};
    world_job job;
    turns all = {world_on_worker(&job, on->system, (bench_side){run_steps, &self}), on, size < 1000 ? 20 : 1};
    bench_value(name, (bench_side){run_turns, &all}, count);
    bench_check(airs_stop(on->system, job.actor) == AIRS_OK, "an end");
}

static void construct_router(scratch *self, uint32_t size)
{
    (void)size;
    both_open(self);
    both_close(self);
}

static void route_one(scratch *self, uint32_t size)
{
    (void)size;
    both_open(self);
    register_name(self, "target");
    send_by_name(self, "target");
    both_close(self);
}

static void construct_tracker(scratch *self, uint32_t size)
{
    (void)size;
    static request_table table;
    bench_check(request_table_init(&table, 1, self->system->allocator) == AIRS_OK, "a table");
    request_table_fini(&table, self->system->allocator);
}

static void on_outcome(void *user, const airs_reply *reply)
{
    uint64_t *count = user;
    *count += reply->status == AIRS_OK;
}

static uint64_t open_one(scratch *self, uint64_t *outcomes)
{
    request_options options = {.kind = REQUEST_CALLBACK, .timeout_ms = 5000, .fn = on_outcome, .user = outcomes};
    uint64_t id;
    bench_check(request_open(&self->system->actors, &options, &id) == AIRS_OK, "a request");
    return id;
}

static void track_one(scratch *self, uint32_t size)
{
    construct_tracker(self, size);
    uint64_t outcomes = 0;
    uint64_t id = open_one(self, &outcomes);
    airs_bytes reply = {(const uint8_t *)"\1\2\3", 3};
    bench_check(request_settle(&self->system->actors, id, 0, AIRS_OK, reply) && outcomes == 1, "an outcome");
}

static void construct_request(scratch *self, uint32_t size)
{
    (void)size;
    uint64_t outcomes = 0;
    uint64_t id = open_one(self, &outcomes);
    envelope *mail;
    airs_bytes payload = {(const uint8_t *)"\1\2\3\4\5", 5};
    bench_check(actor_space_envelope(&self->system->actors, payload, &mail) == AIRS_OK, "a message");
    mail->sender = self->sink.raw;
    mail->request = id;
    actor_space_discard(&self->system->actors, mail);
    bench_check(request_cancel(&self->system->actors, id, 0), "it is pending");
}

static void fan_out(scratch *self, uint32_t size)
{
    both_open(self);
    for (uint32_t i = 0; i < size; i++)
        register_number(self, i);
    for (uint32_t i = 0; i < size; i++) {
        char name[NAME_SIZE];
        (void)snprintf(name, sizeof name, "component-%u", i);
        send_by_name(self, name);
    }
    both_close(self);
}

static void register_all(scratch *self, uint32_t size)
{
    registry_open(self);
    for (uint32_t i = 0; i < size; i++)
        register_number(self, i);
    ds_namemap_fini(&self->names);
}

static void sustain(scratch *self, uint32_t size)
{
    both_open(self);
    register_name(self, "target");
    for (uint32_t i = 0; i < size; i++)
        send_by_name(self, "target");
    both_close(self);
}

static void measure_steps(void)
{
    scratch *on = scratch_create(1);
    measure(on, "seed.router_construct", construct_router, 0, 2000);
    measure(on, "seed.routing", route_one, 0, 2000);
    measure(on, "seed.tracker_construct", construct_tracker, 0, 2000);
    measure(on, "seed.tracking", track_one, 0, 2000);
    measure(on, "seed.request_construct", construct_request, 0, 10000);
    measure(on, "seed.fanout_10", fan_out, 10, 2000);
    measure(on, "seed.fanout_100", fan_out, 100, 400);
    measure(on, "seed.subscriptions", register_all, 10, 2000);
    measure(on, "seed.sustained_1000", sustain, 1000, 60);
    measure(on, "seed.registration_10", register_all, 10, 2000);
    measure(on, "seed.registration_100", register_all, 100, 200);
    measure(on, "seed.registration_1000", register_all, 1000, 20);
    scratch_destroy(on);
}

// ---------------------------------------------------------------- finding and registering

static void find_hit(scratch *self, uint32_t size)
{
    char name[NAME_SIZE] = "component-5";
    if (size == 100)
        name[11] = '0';
    else if (size == 1000)
        name[11] = name[12] = '0';
    // The name is made by hand once for many look-ups.
    for (int i = 0; i < 1000; i++)
        bench_check(is_found(self, name), "a name");
}

static void find_miss(scratch *self, uint32_t size)
{
    (void)size;
    for (int i = 0; i < 1000; i++)
        bench_check(!is_found(self, "nonexistent-component"), "no such name");
}

/// A thousand look-ups a step.
static void measure_lookup(const char *name, void (*run)(scratch *self, uint32_t size), uint32_t size)
{
    scratch *on = scratch_create(1);
    registry_open(on);
    for (uint32_t i = 0; i < size; i++)
        register_number(on, i);
    step self = {on, run, size};
    world_job job;
    bench_side side = world_on_worker(&job, on->system, (bench_side){run_steps, &self});
    double values[BENCH_ROUNDS];
    (void)side.run(side.user, 200);
    for (uint32_t i = 0; i < BENCH_ROUNDS; i++)
        values[i] = side.run(side.user, 200) / 200 / 1000;
    bench_print(name, "ns", values, BENCH_ROUNDS);
    ds_namemap_fini(&on->names);
    scratch_destroy(on);
}

/// New names in one registry that grows with them.
static double register_more(void *user, uint64_t count)
{
    scratch *self = user;
    registry_open(self);
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++)
        register_number(self, (uint32_t)i);
    double elapsed = bench_now_ns() - begin;
    ds_namemap_fini(&self->names);
    return elapsed;
}

static void measure_registration(void)
{
    scratch *on = scratch_create(1);
    world_job job;
    bench_value("seed.registration", world_on_worker(&job, on->system, (bench_side){register_more, on}), 50000);
    scratch_destroy(on);
}

// ---------------------------------------------------------------- many at once, on two workers

#define CROWD_MAX 100u

typedef struct crowd crowd;

typedef struct crowd_member {
    sched_task task;
    crowd *crowd;
    uint32_t number;
} crowd_member;

/// Tasks that each do one thing, then, when all of them have, another one.
typedef struct crowd_plan {
    const char *name;
    void (*prepare)(scratch *self);
    void (*acts[2])(crowd *self, uint32_t number);
    uint32_t members;
} crowd_plan;

struct crowd {
    sched_task task;
    scratch *scratch;
    const crowd_plan *plan;
    uint32_t phase;
    BASE_ATOMIC(uint32_t) pending;
    double begin;
    double elapsed_ns;
    crowd_member members[CROWD_MAX];
    uint64_t spawned[CROWD_MAX];
    os_event over;
};

static sched_verdict member_poll(sched_task *task)
{
    crowd_member *self = ds_container_of(task, crowd_member, task);
    crowd *of = self->crowd;
    of->plan->acts[of->phase](of, self->number);
    if (base_atomic_fetch_sub_acq_rel(&of->pending, 1u) == 1) {
        of->phase++;
        sched_wake(of->scratch->system->sched, &of->task);
    }
    return SCHED_POLL_IDLE;
}

/// One round: prepares, lets all do each act, and is over.
static sched_verdict crowd_poll(sched_task *task)
{
    crowd *self = ds_container_of(task, crowd, task);
    if (self->phase == 0) {
        self->begin = bench_now_ns();
        registry_open(self->scratch);
        self->plan->prepare(self->scratch);
    }
    if (self->phase == 2 || self->plan->acts[self->phase] == NULL) {
        ds_namemap_fini(&self->scratch->names);
        self->elapsed_ns += bench_now_ns() - self->begin;
        os_event_set(&self->over);
        return SCHED_POLL_IDLE;
    }
    base_atomic_store_release(&self->pending, self->plan->members);
    for (uint32_t i = 0; i < self->plan->members; i++)
        sched_wake(self->scratch->system->sched, &self->members[i].task);
    return SCHED_POLL_IDLE;
}

static double crowd_run(void *user, uint64_t count)
{
    crowd *self = user;
    self->elapsed_ns = 0;
    for (uint64_t i = 0; i < count; i++) {
        self->phase = 0;
        os_event_init(&self->over);
        sched_wake(self->scratch->system->sched, &self->task);
        (void)os_event_wait(&self->over, OS_NEVER);
        // Not measured: what was created ends again.
        for (uint32_t n = 0; n < CROWD_MAX; n++) {
            if (self->spawned[n] != 0)
                bench_check(airs_stop(self->scratch->system, (airs_actor_id){self->spawned[n]}) == AIRS_OK, "an end");
            self->spawned[n] = 0;
        }
    }
    return self->elapsed_ns;
}

static void act_register(crowd *self, uint32_t number)
{
    register_number(self->scratch, number);
}

static void act_find(crowd *self, uint32_t number)
{
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "component-%u", number);
    bench_check(is_found(self->scratch, name), "a name");
}

static void act_send(crowd *self, uint32_t number)
{
    (void)number;
    send_by_name(self->scratch, "target");
}

static void act_create(crowd *self, uint32_t number)
{
    static const airs_actor_fns created_fns = {.handle = take};
    static const airs_native created = {.kind = "bench", .actor = &created_fns};
    airs_system *system = self->scratch->system;
    actor_options options = {.supervisor = system->root, .restart = AIRS_RESTART_TEMPORARY};
    airs_status status = native_spawn(&system->actors, &created, &options, &self->spawned[number], NULL);
    bench_check(status == AIRS_OK, "an actor");
    register_number(self->scratch, number);
}

static void prepare_nothing(scratch *self)
{
    (void)self;
}

static void prepare_target(scratch *self)
{
    register_name(self, "target");
}

static void prepare_hundred(scratch *self)
{
    for (uint32_t i = 0; i < 100; i++)
        register_number(self, i);
}

static void measure_crowd(const crowd_plan *plan)
{
    crowd *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    self->scratch = scratch_create(2);
    self->plan = plan;
    sched_task_init(&self->task, crowd_poll);
    for (uint32_t i = 0; i < plan->members; i++) {
        self->members[i].crowd = self;
        self->members[i].number = i;
        sched_task_init(&self->members[i].task, member_poll);
    }
    bench_value(plan->name, (bench_side){crowd_run, self}, 200);
    scratch_destroy(self->scratch);
    free(self);
}

int main(void)
{
    measure_steps();
    measure_registration();
    measure_lookup("seed.lookup_hit", find_hit, 100);
    measure_lookup("seed.lookup_miss", find_miss, 100);
    measure_lookup("seed.lookup_10", find_hit, 10);
    measure_lookup("seed.lookup_100", find_hit, 100);
    measure_lookup("seed.lookup_1000", find_hit, 1000);
    static const crowd_plan plans[] = {
        {"seed.senders_10", prepare_target, {act_send}, 10},
        {"seed.lookup_10_threads", prepare_hundred, {act_find}, 10},
        {"seed.stress_100", prepare_nothing, {act_register, act_find}, 100},
        {"seed.mixed_load", prepare_nothing, {act_create, act_find}, 50},
    };
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        measure_crowd(&plans[i]);
    return 0;
}
