// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bench.h"
#include "os/file.h"

#define PAYLOAD_MAX 64u
/// Events that wait for one guest, and that it is given at once.
#define EVENTS_MAX 256u
#define BATCH 64u
/// Of an event in a list: see docs/reference/event-list.md.
#define HEAD_WORDS 4u
/// The sender of what the benchmark asks, and the request of each that is asked: there is one at a time.
#define OUTSIDE UINT64_MAX
#define REQUEST 1u

typedef struct bare_event {
    uint64_t sender;
    uint64_t request;
    uint32_t len;
    uint8_t payload[PAYLOAD_MAX];
} bare_event;

typedef struct bare_guest {
    bare *all;
    engine_component *component;
    engine_instance *instance;
    engine_gauges gauges;
    uint64_t id;
    /// Waits to be polled.
    bool queued;
    bool answered;
    /// Waits in `ask`, until there is an answer.
    bool asks;
    bool has_answer;
    bare_event answer;
    /// Who asked what was taken last.
    uint64_t asker;
    /// How many have come, and were taken: their events are between these.
    uint32_t come;
    uint32_t taken;
    bare_event events[EVENTS_MAX];
} bare_guest;

struct bare {
    engine *engine;
    bare_guest *guests;
    uint32_t count;
    /// Those that wait, each once.
    bare_guest **queue;
    uint64_t queued;
    uint64_t polled;
    uint64_t handled;
};

// ---------------------------------------------------------------- the host

static void enqueue(bare_guest *guest)
{
    if (!guest->queued) {
        guest->queued = true;
        guest->all->queue[guest->all->queued++ % guest->all->count] = guest;
    }
}

static void put(bare_guest *to, uint64_t sender, uint64_t request, const void *payload, size_t len)
{
    bench_check(to->come - to->taken < EVENTS_MAX && len <= PAYLOAD_MAX, "room for an event");
    bare_event *event = &to->events[to->come++ % EVENTS_MAX];
    event->sender = sender;
    event->request = request;
    event->len = (uint32_t)len;
    memcpy(event->payload, payload, len);
    enqueue(to);
}

/// The answer of what was taken last is the asker's, who is polled for it.
static void answer(bare_guest *self, const engine_settle *settle)
{
    bench_check(settle->tag != ENGINE_SETTLE_ERROR, "each message is handled well");
    if (settle->tag == ENGINE_SETTLE_DONE || self->asker == 0)
        return;
    if (self->asker == OUTSIDE) {
        self->answered = true;
        return;
    }
    bare_guest *asker = &self->all->guests[self->asker - 1];
    bench_check(asker->asks && !asker->has_answer && settle->data.len <= PAYLOAD_MAX, "who asks waits");
    asker->has_answer = true;
    asker->answer.len = (uint32_t)settle->data.len;
    memcpy(asker->answer.payload, settle->data.data, settle->data.len);
    enqueue(asker);
}

static uint32_t words_of(const bare_event *event)
{
    return HEAD_WORDS + (event->len + 7u) / 8u;
}

static uint32_t next_count(const bare_guest *self)
{
    uint32_t count = self->come - self->taken;
    return count < BATCH ? count : BATCH;
}

static engine_step host_take(void *actor, const engine_settle *settle, uint32_t *ret_words)
{
    bare_guest *self = actor;
    // It is called again with the same when there was nothing.
    answer(self, settle);
    self->asker = 0;
    uint32_t count = next_count(self);
    if (count == 0)
        return ENGINE_STEP_PENDING;
    *ret_words = 1;
    for (uint32_t i = 0; i < count; i++)
        *ret_words += words_of(&self->events[(self->taken + i) % EVENTS_MAX]);
    return ENGINE_STEP_READY;
}

static void host_take_into(void *actor, uint64_t *memory)
{
    bare_guest *self = actor;
    uint32_t count = next_count(self);
    *memory++ = 1u | (uint64_t)count << 32;
    for (uint32_t i = 0; i < count; i++) {
        const bare_event *event = &self->events[(self->taken + i) % EVENTS_MAX];
        memory[0] = (uint64_t)event->len << 32;
        memory[1] = event->sender;
        memory[2] = event->request;
        memory[3] = 0;
        memcpy(memory + HEAD_WORDS, event->payload, event->len);
        memory += words_of(event);
        self->asker = event->request == REQUEST ? event->sender : 0;
    }
    self->taken += count;
    self->all->handled += count;
}

static void host_settle(void *actor, const engine_settle *settle)
{
    (void)actor;
    bench_check(settle->tag == ENGINE_SETTLE_DONE, "each message is handled well");
}

static engine_step host_send(void *actor, uint64_t to, engine_bytes payload, engine_send_outcome *ret)
{
    const bare_guest *self = actor;
    bench_check(to > 0 && to <= self->all->count, "a receiver");
    put(&self->all->guests[to - 1], self->id, 0, payload.data, payload.len);
    ret->tag = ENGINE_SEND_OK;
    return ENGINE_STEP_READY;
}

static engine_step host_ask(void *actor, uint64_t to, engine_bytes payload, uint32_t timeout_ms,
                            engine_request_outcome *ret)
{
    bare_guest *self = actor;
    (void)timeout_ms;
    bench_check(to > 0 && to <= self->all->count, "a receiver");
    if (!self->asks) {
        self->asks = true;
        put(&self->all->guests[to - 1], self->id, REQUEST, payload.data, payload.len);
        return ENGINE_STEP_PENDING;
    }
    if (!self->has_answer)
        return ENGINE_STEP_PENDING;
    self->asks = self->has_answer = false;
    ret->tag = ENGINE_REQUEST_OK;
    ret->data = (engine_bytes){self->answer.payload, self->answer.len};
    return ENGINE_STEP_READY;
}

static void host_subscribe(void *actor, engine_bytes pattern, bool has_group, engine_bytes group,
                           engine_number_outcome *ret)
{
    (void)actor;
    (void)pattern;
    (void)has_group;
    (void)group;
    ret->tag = ENGINE_SUBSCRIBE_OK;
    ret->number = 1;
}

static void host_reply(void *actor, uint64_t request, const engine_settle *outcome, engine_send_outcome *ret)
{
    bare_guest *self = actor;
    self->answered = request == REQUEST && outcome->tag == ENGINE_SETTLE_REPLY;
    ret->tag = ENGINE_SEND_OK;
}

static uint64_t host_self_id(void *actor)
{
    const bare_guest *self = actor;
    return self->id;
}

/// "m-17" is the guest with that place, counted round and round; any other name is the second one's.
static bool host_lookup(void *actor, engine_bytes name, uint64_t *ret)
{
    const bare_guest *self = actor;
    char text[32] = "";
    memcpy(text, name.data, name.len < sizeof text ? name.len : sizeof text - 1);
    *ret = strncmp(text, "m-", 2) == 0 ? strtoull(text + 2, NULL, 10) % self->all->count + 1 : 2;
    return true;
}

static engine_tick host_tick(void *actor)
{
    (void)actor;
    return ENGINE_TICK_CONTINUE;
}

static void host_write_line(void *actor, engine_stream stream, engine_bytes line)
{
    (void)actor;
    (void)stream;
    (void)line;
}

static void host_waker(void *waker)
{
    (void)waker;
}

// ---------------------------------------------------------------- the guests

static engine_component *load(bare *self, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, BENCH_GUESTS "/%s.wasm", name);
    airs_buffer wasm;
    airs_error error = {.text = ""};
    bench_check(os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, 1u << 20, &wasm, &error) == AIRS_OK,
                error.text);
    engine_error what = {.text = ""};
    engine_buffer code;
    engine_component *component;
    engine_bytes bytes = {wasm.data, wasm.len};
    bench_check(engine_compile(self->engine, bytes, &code, &what) == ENGINE_OK, what.text);
    bytes = (engine_bytes){code.data, code.len};
    bench_check(engine_component_load(self->engine, bytes, &component, &what) == ENGINE_OK, what.text);
    engine_buffer_free(&code);
    airs_buffer_free(&wasm);
    return component;
}

static void begin(bare_guest *guest, const char *name)
{
    engine_error what = {.text = ""};
    static const engine_limits limits = {
        .memory_max = 1u << 24, .table_elements_max = 1000, .resources_max = 1000, .hostcall_max = 1u << 20};
    bench_check(engine_instance_create(guest->component, &limits, guest, &guest->gauges, &guest->instance, &what) ==
                    ENGINE_OK,
                what.text);
    engine_outcome outcome;
    bench_check(engine_call_instantiate(guest->instance) == ENGINE_OK, name);
    bench_check(engine_poll(guest->instance, NULL, &outcome) == ENGINE_POLL_READY, name);
    bench_check(engine_call_run(guest->instance) == ENGINE_OK, name);
    bench_check(engine_poll(guest->instance, NULL, &outcome) == ENGINE_POLL_PENDING, name);
}

bare *bare_create(const engine_config *config, const char *const *names, uint32_t count)
{
    static const engine_host host = {
        .take = host_take,
        .take_into = host_take_into,
        .settle = host_settle,
        .self_id = host_self_id,
        .send = host_send,
        .ask = host_ask,
        .subscribe = host_subscribe,
        .reply = host_reply,
        .lookup = host_lookup,
        .tick = host_tick,
        .write_line = host_write_line,
        .wake = host_waker,
        .waker_retain = host_waker,
        .waker_release = host_waker,
    };
    bare *self = calloc(1, sizeof *self);
    bench_check(self != NULL, "memory");
    self->guests = calloc(count, sizeof *self->guests);
    self->queue = calloc(count, sizeof(bare_guest *));
    bench_check(self->guests != NULL && self->queue != NULL, "memory");
    self->count = count;
    engine_error what = {.text = ""};
    bench_check(engine_create(config, &host, &self->engine, &what) == ENGINE_OK, what.text);
    for (uint32_t i = 0; i < count; i++) {
        bare_guest *guest = &self->guests[i];
        guest->all = self;
        guest->id = i + 1u;
        bool same = i > 0 && strcmp(names[i], names[i - 1]) == 0;
        guest->component = same ? self->guests[i - 1].component : load(self, names[i]);
        if (same)
            engine_component_retain(guest->component);
        begin(guest, names[i]);
    }
    return self;
}

void bare_destroy(bare *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        engine_instance_destroy(self->guests[i].instance);
        engine_component_release(self->guests[i].component);
    }
    engine_destroy(self->engine);
    free(self->queue);
    free(self->guests);
    free(self);
}

/// Polls whoever has events, until nobody has.
static void run(bare *self)
{
    engine_outcome outcome;
    while (self->polled < self->queued) {
        bare_guest *guest = self->queue[self->polled++ % self->count];
        guest->queued = false;
        bench_check(engine_poll(guest->instance, NULL, &outcome) == ENGINE_POLL_PENDING, "a guest");
    }
}

double bare_round_trips(void *user, uint64_t count)
{
    bare *self = user;
    char text[PAYLOAD_MAX];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)count);
    self->guests[0].answered = false;
    double begin_ns = bench_now_ns();
    put(&self->guests[0], OUTSIDE, REQUEST, text, (size_t)len);
    run(self);
    double elapsed_ns = bench_now_ns() - begin_ns;
    bench_check(self->guests[0].answered, "an answer");
    return elapsed_ns;
}

double bare_fan_out(void *user, uint64_t count)
{
    bare *self = user;
    static const uint8_t payload[PAYLOAD_MAX];
    uint64_t end = self->handled + count * self->count;
    double begin_ns = bench_now_ns();
    for (uint64_t i = 0; i < count; i++) {
        for (uint32_t at = 0; at < self->count; at++)
            put(&self->guests[at], 0, 0, payload, sizeof payload);
        run(self);
    }
    double elapsed_ns = bench_now_ns() - begin_ns;
    bench_check(self->handled == end, "each message is handled");
    return elapsed_ns;
}

double bare_mesh(bare *self, uint32_t in_flight, uint32_t hops)
{
    uint8_t payload[PAYLOAD_MAX] = {0};
    memcpy(payload, &hops, sizeof hops);
    uint64_t end = self->handled + (uint64_t)self->count * in_flight * (hops + 1u);
    double begin_ns = bench_now_ns();
    for (uint32_t i = 0; i < self->count * in_flight; i++)
        put(&self->guests[i % self->count], 0, 0, payload, sizeof payload);
    run(self);
    double elapsed_ns = bench_now_ns() - begin_ns;
    bench_check(self->handled == end, "each message is handled");
    return elapsed_ns;
}
