// SPDX-License-Identifier: MIT OR Apache-2.0
/// A trace parent goes with all that a message leads to, and costs nothing where there is none.
#include <stdio.h>
#include <string.h>

#include "base/testing.h"

#include "actor/envelope.h"
#include "airssys/system.h"
#include "os/clock.h"
#include "os/event.h"
#include "os/thread.h"

#define TRACE "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
#define OTHER "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
#define PATIENCE_MS 60000u

/// Messages that a witness sees; each is told by the first byte of its payload.
typedef struct sight {
    _Atomic int count;
    char trace[56];
    size_t len;
} sight;

typedef struct witness {
    sight seen[128];
    airs_actor_id peer;
    size_t len;
} witness;

static void see(witness *self, airs_context *context, char what, size_t len)
{
    sight *at = &self->seen[(unsigned char)what % 128];
    if (!airs_context_trace_parent(context, at->trace))
        (void)snprintf(at->trace, sizeof at->trace, "none");
    at->len = len;
    at->count++;
}

/// Keeps requests for `what` it was not asked with; answers the others.
static airs_status witness_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    char what = message->payload.len == 0 ? '0' : (char)message->payload.data[0];
    see(airs_context_user(context), context, message->topic.data != NULL ? 'P' : what, message->payload.len);
    return message->request.raw == 0
               ? AIRS_OK
               : airs_context_reply(context, message->request, message->payload.data, message->payload.len);
}

static airs_status witness_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    uint64_t subscription;
    return airs_context_subscribe(context, "trace.topic", NULL, &subscription, error);
}

#define MUST(call)                    \
    do {                              \
        airs_status status_ = (call); \
        if (status_ != AIRS_OK)       \
            return status_;           \
    } while (0)

/// Everything that a message can lead to, with a payload of `len` bytes.
static airs_status go(witness *peer, airs_context *context)
{
    static uint8_t bytes[2000];
    size_t len = peer->len;
    uint64_t timer;
    airs_request_id request;
    bytes[0] = 'S';
    MUST(airs_context_send(context, peer->peer, bytes, len));
    bytes[0] = 'T';
    MUST(airs_context_send_after(context, 0, peer->peer, bytes, len, &timer));
    bytes[0] = 'R';
    MUST(airs_context_request(context, peer->peer, bytes, len, PATIENCE_MS, &request));
    bytes[0] = 'p';
    MUST(airs_context_publish(context, "trace.topic", bytes, len, NULL, NULL));
    MUST(airs_context_set_trace_parent(context, OTHER, NULL));
    bytes[0] = 'O';
    MUST(airs_context_send(context, peer->peer, bytes, len));
    MUST(airs_context_set_trace_parent(context, NULL, NULL));
    bytes[0] = 'N';
    MUST(airs_context_send(context, peer->peer, bytes, len));
    return airs_context_forward(context, peer->peer);
}

static airs_status hub_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)message;
    (void)error;
    return go(airs_context_user(context), context);
}

static airs_status hub_handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)state;
    (void)error;
    see(airs_context_user(context), context, 'A', reply->payload.len);
    return reply->status;
}

static const airs_child_fns witness_child = {.start = witness_start};
static const airs_actor_fns witness_fns = {.handle = witness_handle};
static const airs_actor_fns hub_fns = {.handle = hub_handle, .handle_reply = hub_handle_reply};

static airs_system *make(void)
{
    airs_system *system;
    airs_system_options options = {.workers = 2, .instances_max = 4};
    assert_int_equal(airs_system_create(&options, &system, NULL), AIRS_OK);
    return system;
}

static airs_actor_id spawn(airs_system *system, const char *name, const airs_child_fns *child,
                           const airs_actor_fns *fns, witness *user)
{
    airs_native native = {.kind = "trace", .child = child, .actor = fns, .user = user};
    airs_spawn_options options = {.name = name};
    airs_actor_id id;
    assert_int_equal(airs_spawn_native(system, &native, &options, &id, NULL), AIRS_OK);
    return id;
}

static void wait_seen(witness *self, char what, const char *trace)
{
    sight *at = &self->seen[(unsigned char)what % 128];
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), PATIENCE_MS);
    while (at->count == 0 && os_clock_now_ns() < deadline_ns)
        os_thread_yield();
    assert_int_equal(at->count, 1);
    assert_string_equal(at->trace, trace);
}

// ---------------------------------------------------------------- native actors

/// With payloads on both sides of where the trace parent finds room.
static void it_goes_with_all_that_a_message_leads_to(void **user)
{
    (void)user;
    static const size_t sizes[] = {1, 50, 103, 104, 128, 129, 2000};
    static const char *const traces[] = {TRACE, NULL};
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
        airs_system *system = make();
        witness self = {.len = sizes[i / 2]};
        const char *trace = traces[i % 2] == NULL ? "none" : traces[i % 2];
        self.peer = spawn(system, "witness", &witness_child, &witness_fns, &self);
        (void)spawn(system, "hub", NULL, &hub_fns, &self);
        airs_letter letter = {.name = "hub", .payload = "F", .len = 1, .trace_parent = traces[i % 2]};
        assert_int_equal(airs_post(system, &letter, NULL, NULL), AIRS_OK);
        static const char ways[] = "STRPAF";
        for (size_t way = 0; ways[way] != '\0'; way++)
            wait_seen(&self, ways[way], trace);
        wait_seen(&self, 'O', OTHER);
        wait_seen(&self, 'N', "none");
        for (size_t way = 0; ways[way] != 'F'; way++)
            assert_int_equal(self.seen[(unsigned char)ways[way]].len, sizes[i / 2]);
        airs_system_destroy(system);
    }
}

static void it_comes_from_outside_each_way(void **user)
{
    (void)user;
    airs_system *system = make();
    witness self = {0};
    airs_actor_id id = spawn(system, "witness", &witness_child, &witness_fns, &self);
    assert_int_equal(
        airs_post(system, &(airs_letter){.to = id, .payload = "a", .len = 1, .trace_parent = TRACE}, NULL, NULL),
        AIRS_OK);
    uint32_t reached = 0;
    assert_int_equal(airs_post(system, &(airs_letter){.topic = "trace.topic", .trace_parent = OTHER}, &reached, NULL),
                     AIRS_OK);
    assert_int_equal(reached, 1);
    assert_int_equal(airs_send(system, id, "b", 1), AIRS_OK);
    wait_seen(&self, 'a', TRACE);
    wait_seen(&self, 'P', OTHER);
    wait_seen(&self, 'b', "none");
    airs_routes routes;
    airs_system_get_routes(system, &routes);
    assert_int_equal(routes.count[AIRS_ROUTE_OUTSIDE][AIRS_OUTCOME_DELIVERED], 2);
    assert_int_equal(routes.count[AIRS_ROUTE_TOPIC][AIRS_OUTCOME_DELIVERED], 1);
    airs_system_destroy(system);
}

static void an_envelope_is_no_larger_for_it(void **user)
{
    (void)user;
    assert_int_equal(sizeof(envelope), 3 * BASE_CACHE_LINE);
}

// ---------------------------------------------------------------- components

/// The outcome of a letter that asks.
typedef struct answer {
    os_event told;
    airs_status status;
    char text[64];
} answer;

static void on_answer(void *user, const airs_reply *reply)
{
    answer *self = user;
    self->status = reply->status;
    (void)snprintf(self->text, sizeof self->text, "%.*s", (int)reply->payload.len, (const char *)reply->payload.data);
    os_event_set(&self->told);
}

static void expect_answer(airs_system *system, const char *name, const char *order, const char *trace,
                          const char *wanted)
{
    answer got = {.status = AIRS_E_INTERNAL};
    os_event_init(&got.told);
    airs_letter letter = {.name = name,
                          .payload = order,
                          .len = strlen(order),
                          .trace_parent = trace,
                          .fn = on_answer,
                          .user = &got,
                          .timeout_ms = PATIENCE_MS};
    assert_int_equal(airs_post(system, &letter, NULL, NULL), AIRS_OK);
    assert_true(os_event_wait(&got.told, UINT64_MAX));
    assert_int_equal(got.status, AIRS_OK);
    assert_string_equal(got.text, wanted);
}

static void spawn_guest(airs_system *system, const char *path, const char *name)
{
    static const char *const all[] = {"*"};
    static const char *const topics[] = {">"};
    airs_spawn_options options = {
        .name = name, .may_send = all, .may_send_count = 1, .may_publish = topics, .may_publish_count = 1};
    airs_component *component;
    airs_actor_id id;
    assert_int_equal(airs_component_load_file(system, path, &component, NULL), AIRS_OK);
    assert_int_equal(airs_spawn_component(system, component, &options, &id, NULL), AIRS_OK);
    airs_component_release(component);
}

static void guests_have_it_and_pass_it_on(void **user)
{
    (void)user;
    static const char *const guests[] = {GUESTS "/traced.wasm", GUESTS "/traced-actor.wasm"};
    for (size_t i = 0; i < 2; i++) {
        airs_system *system = make();
        witness self = {0};
        (void)spawn(system, "witness", &witness_child, &witness_fns, &self);
        spawn_guest(system, guests[i], "first");
        spawn_guest(system, guests[1 - i], "second");
        expect_answer(system, "first", "own", NULL, "none");
        expect_answer(system, "first", "own", TRACE, TRACE);
        expect_answer(system, "first", "own", NULL, "none");
        expect_answer(system, "first", "ask second", OTHER, OTHER);
        expect_answer(system, "first", "ask second", NULL, "none");
        expect_answer(system, "first", "send witness", TRACE, TRACE);
        wait_seen(&self, 's', TRACE);
        expect_answer(system, "first", "timer witness", OTHER, OTHER);
        wait_seen(&self, 't', OTHER);
        expect_answer(system, "first", "publish witness", TRACE, TRACE);
        wait_seen(&self, 'P', TRACE);
        airs_system_destroy(system);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_goes_with_all_that_a_message_leads_to),
        cmocka_unit_test(it_comes_from_outside_each_way),
        cmocka_unit_test(an_envelope_is_no_larger_for_it),
        cmocka_unit_test(guests_have_it_and_pass_it_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
