// SPDX-License-Identifier: MIT OR Apache-2.0
/// What it costs to find an actor, to send by name, to keep a request, and to publish.
#include <stdio.h>
#include <stdlib.h>

#include "bare.h"
#include "bench.h"
#include "world.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "node/system.h"

static const uint8_t payload[WORLD_PAYLOAD];

// ---------------------------------------------------------------- finding

/// Names that one actor registers besides its own.
#define NAMES_EACH 64u
#define NAME_SIZE 24u
/// A step through the names that visits all of them, and none after its neighbour.
#define STRIDE 7919u

typedef struct name_book {
    airs_system *system;
    uint32_t count;
    char (*names)[NAME_SIZE];
    uint64_t *ids;
    /// For the floor: as many cache lines as a table of these names has.
    uint64_t (*lines)[8];
    uint32_t mask;
    base_hash_key key;
} name_book;

/// One that registers its part of the names, beginning with the one that the question tells.
static airs_status register_names(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    const name_book *book = airs_context_user(context);
    uint32_t first = (uint32_t)strtoul((const char *)message->payload.data, NULL, 10);
    for (uint32_t i = first; i < book->count && i < first + NAMES_EACH; i++) {
        airs_status status = airs_context_register(context, book->names[i], error);
        if (status != AIRS_OK)
            return status;
        book->ids[i] = airs_context_self(context).raw;
    }
    return airs_context_reply(context, message->request, "1", 1);
}

static name_book *book_create(airs_system *system, uint32_t count)
{
    name_book *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    *self = (name_book){.system = system, .count = count, .key = base_hash_key_random(), .mask = 1};
    while (self->mask < count * 2)
        self->mask *= 2;
    self->names = calloc(count, sizeof *self->names);
    self->ids = calloc(count, sizeof *self->ids);
    self->lines = calloc(self->mask, sizeof *self->lines);
    bench_check(self->names != NULL && self->ids != NULL && self->lines != NULL, "memory");
    for (uint32_t i = 0; i < self->mask; i++)
        self->lines[i][0] = i;
    self->mask--;
    for (uint32_t i = 0; i < count; i++)
        (void)snprintf(self->names[i], NAME_SIZE, "component-%u", i);
    static const airs_actor_fns owner_fns = {.handle = register_names};
    for (uint32_t first = 0; first < count; first += NAMES_EACH) {
        airs_actor_id owner = world_spawn_native(system, NULL, &owner_fns, 0, self);
        (void)world_ask(system, owner, first);
    }
    return self;
}

static void book_destroy(name_book *self)
{
    free(self->names);
    free(self->ids);
    free(self->lines);
    free(self);
}

static double find_by_name(void *user, uint64_t count)
{
    name_book *book = user;
    uint32_t at = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        at = (at + STRIDE) % book->count;
        airs_actor_id id;
        bench_check(airs_lookup(book->system, book->names[at], &id) == AIRS_OK, "a name");
    }
    return bench_now_ns() - begin;
}

/// What no table of names can be without: the name's bytes hashed, and one line of the table read.
static double hash_and_read(void *user, uint64_t count)
{
    name_book *book = user;
    uint32_t at = 0;
    uint64_t sum = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        at = (at + STRIDE) % book->count;
        airs_bytes name = base_bytes_of(book->names[at]);
        sum += book->lines[base_hash(book->key, name.data, name.len) & book->mask][0];
    }
    bench_check(sum > 0 || book->count == 1, "a sum");
    return bench_now_ns() - begin;
}

static double find_by_id(void *user, uint64_t count)
{
    name_book *book = user;
    uint32_t at = 0;
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        at = at + 1 == book->count ? 0 : at + 1;
        bench_check(actor_find(&book->system->actors, book->ids[at]) != NULL, "an actor");
    }
    return bench_now_ns() - begin;
}

static void measure_registry(uint32_t count)
{
    airs_system *system = world_create(1, 1);
    name_book *book = book_create(system, count);
    world_job job;
    world_job floor_job;
    world_job id_job;
    char name[40];
    (void)snprintf(name, sizeof name, "registry.by_name_%u", count);
    bench_ratio(name, world_on_worker(&job, system, (bench_side){find_by_name, book}), "hash + one line read",
                world_on_worker(&floor_job, system, (bench_side){hash_and_read, book}), 300000);
    if (count == 1000)
        bench_value("registry.by_id", world_on_worker(&id_job, system, (bench_side){find_by_id, book}), 1000000);
    airs_system_destroy(system);
    book_destroy(book);
}

// ---------------------------------------------------------------- sending by name

/// Each of a round's messages goes to another actor, all of which sleep: each is woken.
#define TARGETS 100u

typedef struct round_of_sends {
    airs_system *system;
    char names[TARGETS][NAME_SIZE];
    airs_actor_id sender;
    uint64_t left;
    uint32_t handled;
    double elapsed_ns;
    airs_request_id asked;
} round_of_sends;

static airs_status send_round(round_of_sends *it, airs_context *context)
{
    it->handled = 0;
    double begin = bench_now_ns();
    for (uint32_t i = 0; i < TARGETS; i++) {
        airs_actor_id target;
        if (airs_lookup(it->system, it->names[i], &target) != AIRS_OK)
            return AIRS_E_NOT_FOUND;
        airs_status status = airs_context_send(context, target, payload, sizeof payload);
        if (status != AIRS_OK)
            return status;
    }
    it->elapsed_ns += bench_now_ns() - begin;
    return AIRS_OK;
}

static airs_status sender(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    round_of_sends *it = airs_context_user(context);
    if (message->request.raw != 0) {
        it->asked = message->request;
        it->elapsed_ns = 0;
    } else if (--it->left == 0) {
        return airs_context_reply(context, it->asked, "1", 1);
    }
    return send_round(it, context);
}

static airs_status target(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    round_of_sends *it = airs_context_user(context);
    // One worker: nobody else counts now.
    return ++it->handled < TARGETS ? AIRS_OK : airs_context_send(context, it->sender, payload, sizeof payload);
}

static double send_by_name(void *user, uint64_t count)
{
    round_of_sends *it = user;
    it->left = count / TARGETS;
    (void)world_ask(it->system, it->sender, 0);
    return it->elapsed_ns;
}

static void measure_router(void)
{
    round_of_sends it = {.system = world_create(1, 1)};
    static const airs_actor_fns target_fns = {.handle = target};
    static const airs_actor_fns sender_fns = {.handle = sender};
    for (uint32_t i = 0; i < TARGETS; i++) {
        (void)snprintf(it.names[i], NAME_SIZE, "target-%u", i);
        (void)world_spawn_native(it.system, it.names[i], &target_fns, 0, &it);
    }
    it.sender = world_spawn_native(it.system, "sender", &sender_fns, 0, &it);
    bench_value("router.send", (bench_side){send_by_name, &it}, 200000);
    airs_system_destroy(it.system);
}

// ---------------------------------------------------------------- requests

typedef struct tracker {
    airs_system *system;
    uint64_t settled;
} tracker;

static void on_outcome(void *user, const airs_reply *reply)
{
    tracker *self = user;
    self->settled += reply->status == AIRS_OK && reply->payload.len == WORLD_PAYLOAD;
}

/// A request with its time limit, and its reply: without a receiver.
static double track(void *user, uint64_t count)
{
    tracker *self = user;
    self->settled = 0;
    request_options options = {.kind = REQUEST_CALLBACK, .timeout_ms = 5000, .fn = on_outcome, .user = self};
    double begin = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        uint64_t id;
        bench_check(request_open(&self->system->actors, &options, &id) == AIRS_OK, "a request");
        airs_bytes reply = {payload, sizeof payload};
        bench_check(request_settle(&self->system->actors, id, 0, AIRS_OK, reply), "it is pending");
    }
    double elapsed = bench_now_ns() - begin;
    bench_check(self->settled == count, "each outcome has come");
    return elapsed;
}

static void measure_requests(void)
{
    tracker self = {.system = world_create(1, 1)};
    world_job job;
    bench_value("request.track", world_on_worker(&job, self.system, (bench_side){track, &self}), 200000);
    airs_system_destroy(self.system);
}

// ---------------------------------------------------------------- topics

#define SUBSCRIBERS 100u

/// A task that publishes when all subscribers have handled what it published before.
typedef struct fan {
    sched_task task;
    airs_system *system;
    uint64_t left;
    uint64_t expected;
    double begin;
    double elapsed_ns;
    os_event over;
} fan;

static uint64_t handled(const actor_space *space)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < space->counters_count; i++)
        sum += base_atomic_load_acquire(&space->counters[i].handled);
    return sum;
}

static sched_verdict fan_poll(sched_task *task)
{
    fan *self = ds_container_of(task, fan, task);
    // Behind all who are to handle it.
    if (handled(&self->system->actors) < self->expected)
        return SCHED_POLL_AGAIN;
    if (self->left-- == 0) {
        self->elapsed_ns = bench_now_ns() - self->begin;
        os_event_set(&self->over);
        return SCHED_POLL_IDLE;
    }
    uint32_t reached;
    airs_status status = airs_publish(self->system, "bench.fan", payload, sizeof payload, &reached, NULL);
    bench_check(status == AIRS_OK && reached == SUBSCRIBERS, "all are reached");
    self->expected += SUBSCRIBERS;
    return SCHED_POLL_AGAIN;
}

static double publish(void *user, uint64_t count)
{
    fan *self = user;
    os_event_init(&self->over);
    self->left = count;
    self->expected = handled(&self->system->actors);
    self->begin = bench_now_ns();
    sched_wake(self->system->sched, &self->task);
    (void)os_event_wait(&self->over, OS_NEVER);
    return self->elapsed_ns;
}

static void measure_topics(void)
{
    fan self = {.system = world_create(2, SUBSCRIBERS)};
    airs_component *component = world_load(self.system, "subscriber");
    for (uint32_t i = 0; i < SUBSCRIBERS; i++)
        (void)world_spawn(self.system, component, NULL, NULL);
    airs_component_release(component);
    sched_task_init(&self.task, fan_poll);
    static const char *names[SUBSCRIBERS];
    for (uint32_t i = 0; i < SUBSCRIBERS; i++)
        names[i] = "subscriber";
    engine_config config = system_engine_config(&self.system->options);
    bare *alone = bare_create(&config, names, SUBSCRIBERS);
    bench_ratio("topic.fanout_100", (bench_side){publish, &self}, "the engine alone, on one core",
                (bench_side){bare_fan_out, alone}, 1000);
    bare_destroy(alone);
    airs_system_destroy(self.system);
}

int main(void)
{
    measure_registry(10);
    measure_registry(1000);
    measure_registry(1000000);
    measure_router();
    measure_requests();
    measure_topics();
    return 0;
}
