// SPDX-License-Identifier: MIT OR Apache-2.0
#include "bare_pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "bench.h"
#include "os/file.h"

#define PAYLOAD_MAX 64u
/// Of an event in a list: see docs/reference/event-list.md.
#define HEAD_BYTES 32u

/// One guest, and the event that waits for it.
typedef struct bare_guest {
    engine_component *component;
    engine_instance *instance;
    engine_gauges gauges;
    struct bare_guest *other;
    uint64_t id;
    bool has_event;
    uint64_t sender;
    uint64_t request;
    uint32_t len;
    uint8_t payload[PAYLOAD_MAX];
    bool answered;
} bare_guest;

struct bare_pair {
    engine *engine;
    bare_guest ping;
    bare_guest echo;
};

// ---------------------------------------------------------------- the host

static uint32_t payload_words(const bare_guest *self)
{
    return (self->len + 7u) / 8u;
}

static engine_step host_take(void *actor, const engine_settle *settle, uint32_t *ret_words)
{
    const bare_guest *self = actor;
    bench_check(settle->tag == ENGINE_SETTLE_DONE, "each message is handled well");
    if (!self->has_event)
        return ENGINE_STEP_PENDING;
    *ret_words = 1u + HEAD_BYTES / 8u + payload_words(self);
    return ENGINE_STEP_READY;
}

static void host_take_into(void *actor, uint64_t *memory)
{
    bare_guest *self = actor;
    self->has_event = false;
    memory[0] = 1u | UINT64_C(1) << 32;
    memory[1] = (uint64_t)self->len << 32;
    memory[2] = self->sender;
    memory[3] = self->request;
    memory[4] = 0;
    memcpy(memory + 5, self->payload, payload_words(self) * 8u);
}

static void host_settle(void *actor, const engine_settle *settle)
{
    (void)actor;
    bench_check(settle->tag == ENGINE_SETTLE_DONE, "each message is handled well");
}

static engine_step host_send(void *actor, uint64_t to, engine_bytes payload, engine_send_outcome *ret)
{
    const bare_guest *self = actor;
    bare_guest *other = self->other;
    ret->tag = ENGINE_SEND_FULL;
    if (to != other->id || other->has_event || payload.len > PAYLOAD_MAX)
        return ENGINE_STEP_READY;
    other->sender = self->id;
    other->request = 0;
    other->len = (uint32_t)payload.len;
    memcpy(other->payload, payload.data, payload.len);
    other->has_event = true;
    ret->tag = ENGINE_SEND_OK;
    return ENGINE_STEP_READY;
}

static void host_reply(void *actor, uint64_t request, const engine_settle *outcome, engine_send_outcome *ret)
{
    bare_guest *self = actor;
    self->answered = request == 1 && outcome->tag == ENGINE_SETTLE_REPLY;
    ret->tag = ENGINE_SEND_OK;
}

static bool host_lookup(void *actor, engine_bytes name, uint64_t *ret)
{
    (void)name;
    const bare_guest *self = actor;
    *ret = self->other->id;
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

// ---------------------------------------------------------------- the pair

static void begin(bare_pair *pair, bare_guest *guest, const char *name, bare_guest *other, uint64_t id)
{
    char path[512];
    (void)snprintf(path, sizeof path, BENCH_GUESTS "/%s.wasm", name);
    airs_buffer wasm;
    airs_error error = {.text = ""};
    bench_check(os_file_read(base_allocator_default(), path, OS_FILE_REGULAR, 1u << 20, &wasm, &error) == AIRS_OK,
                error.text);
    engine_error what = {.text = ""};
    engine_buffer code;
    engine_bytes bytes = {wasm.data, wasm.len};
    bench_check(engine_compile(pair->engine, bytes, &code, &what) == ENGINE_OK, what.text);
    bench_check(engine_component_load(pair->engine, (engine_bytes){code.data, code.len}, &guest->component, &what) ==
                    ENGINE_OK,
                what.text);
    engine_buffer_free(&code);
    airs_buffer_free(&wasm);
    guest->other = other;
    guest->id = id;
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

bare_pair *bare_pair_create(const engine_config *config)
{
    bare_pair *pair = calloc(1, sizeof *pair);
    bench_check(pair != NULL, "memory");
    static const engine_host host = {
        .take = host_take,
        .take_into = host_take_into,
        .settle = host_settle,
        .send = host_send,
        .reply = host_reply,
        .lookup = host_lookup,
        .tick = host_tick,
        .write_line = host_write_line,
        .wake = host_waker,
        .waker_retain = host_waker,
        .waker_release = host_waker,
    };
    engine_error what = {.text = ""};
    bench_check(engine_create(config, &host, &pair->engine, &what) == ENGINE_OK, what.text);
    begin(pair, &pair->ping, "ping", &pair->echo, 1);
    begin(pair, &pair->echo, "echo", &pair->ping, 2);
    return pair;
}

static void end(bare_guest *guest)
{
    engine_instance_destroy(guest->instance);
    engine_component_release(guest->component);
}

void bare_pair_destroy(bare_pair *pair)
{
    end(&pair->ping);
    end(&pair->echo);
    engine_destroy(pair->engine);
    free(pair);
}

double bare_pair_round_trips(void *user, uint64_t count)
{
    bare_pair *pair = user;
    bare_guest *ping = &pair->ping;
    ping->len = (uint32_t)snprintf((char *)ping->payload, PAYLOAD_MAX, "%llu", (unsigned long long)count);
    ping->sender = 3;
    ping->request = 1;
    ping->has_event = true;
    ping->answered = false;
    engine_outcome outcome;
    double begin_ns = bench_now_ns();
    while (!ping->answered) {
        bench_check(engine_poll(ping->instance, NULL, &outcome) == ENGINE_POLL_PENDING, "ping");
        bench_check(engine_poll(pair->echo.instance, NULL, &outcome) == ENGINE_POLL_PENDING, "echo");
    }
    return bench_now_ns() - begin_ns;
}
