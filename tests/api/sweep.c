// SPDX-License-Identifier: MIT OR Apache-2.0
/// The places, and the walk through them. `sweep --list` prints the functions that have a row.
#include "sweep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "os/event.h"
#include "os/thread.h"

uint8_t *sweep_payload;

static _Atomic int failures;
static _Atomic int checks;

static const sweep_row *const tables[] = {
    sweep_rows_actors, sweep_rows_audit,  sweep_rows_bridge,      sweep_rows_context,
    sweep_rows_deploy, sweep_rows_grants, sweep_rows_looking,     sweep_rows_messages,
    sweep_rows_node,   sweep_rows_spawn,  sweep_rows_supervision, sweep_rows_system,
};
#define TABLES (sizeof tables / sizeof tables[0])

// ---------------------------------------------------------------- checks

void sweep_check(const sweep *self, const char *file, int line, const char *what, long long got, long long wanted)
{
    checks++;
    if (got == wanted)
        return;
    failures++;
    fprintf(stderr, "%s:%d: %s: %s: got %lld, wanted %lld\n", file, line, self->place, what, got, wanted);
}

void sweep_check_error(const sweep *self, const char *file, int line, const char *what, airs_status got,
                       airs_status wanted, airs_error *error)
{
    sweep_check(self, file, line, what, got, wanted);
    if (got != AIRS_OK) {
        sweep_check(self, file, line, "the error's status", error->status, got);
        size_t len = strnlen(error->text, sizeof error->text);
        sweep_check(self, file, line, "the error's text", len > 0 && len < sizeof error->text, true);
    }
    memset(error, 0, sizeof *error);
}

airs_status sweep_outside(const sweep *self, airs_status otherwise)
{
    return self->stopping ? AIRS_E_STOPPING : otherwise;
}

airs_status sweep_blocking(const sweep *self, airs_status otherwise)
{
    return self->inside ? AIRS_E_WOULD_BLOCK : sweep_outside(self, otherwise);
}

// ---------------------------------------------------------------- what is bad

bad_id sweep_bad_ids[] = {{"id 0", {0}},
                          {"the largest id", {UINT64_MAX}},
                          {"a small id", {1}},
                          {"one that has ended", {0}},
                          {"of another system", {0}},
                          {"another system's root", {0}},
                          {"the next one of a slot", {0}},
                          {NULL, {0}}};
enum {
    BAD_STALE = 3,
    BAD_STRANGE = 4,
    BAD_STRANGE_ROOT = 5,
    BAD_NEXT = 6
};

#define LONG_16 "aaaaaaaaaaaaaaaa"
#define LONG_128 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16 LONG_16

const bad_text sweep_bad_names[] = {{"empty", ""},
                                    {"129 characters", LONG_128 "a"},
                                    {"with a blank", "a b"},
                                    {"with a newline", "a\n"},
                                    {"with a control character", "\001"},
                                    {"no UTF-8", "\xff\xfe"},
                                    {"with a letter that is not allowed", "n\xc3\xa4me"},
                                    {"a pattern", "a*"},
                                    {NULL, NULL}};

const bad_text sweep_bad_topics[] = {{"empty", ""},
                                     {"257 bytes", LONG_128 LONG_128 "a"},
                                     {"a dot", "."},
                                     {"an empty level", "a..b"},
                                     {"an empty level at the end", "a."},
                                     {"an empty level at the beginning", ".a"},
                                     {"17 levels", "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a"},
                                     {"with a blank", "a.b c"},
                                     {"with a control character", "a.\x1f"},
                                     {"with a delete", "a.\x7f"},
                                     {"no UTF-8", "a.\xc3"},
                                     {"overlong UTF-8", "\xc0\xaf"},
                                     {"a star", "a.*"},
                                     {"a rest", ">"},
                                     {NULL, NULL}};

const bad_text sweep_bad_patterns[] = {{"empty", ""},
                                       {"257 bytes", LONG_128 LONG_128 "a"},
                                       {"an empty level", "a..b"},
                                       {"17 levels", "*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*.*"},
                                       {"a rest in the middle", "a.>.b"},
                                       {"a star in a level", "a*.b"},
                                       {"a rest in a level", "a.b>"},
                                       {"with a newline", "a\n.>"},
                                       {"no UTF-8", "\xed\xa0\x80.*"},
                                       {NULL, NULL}};

const bad_text sweep_bad_traces[] = {{"empty", ""},
                                     {"a word", "trace"},
                                     {"54 characters", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"},
                                     {"56 characters", SWEEP_TRACE "0"},
                                     {"no version", "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
                                     {"capitals", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"},
                                     {"no digit", "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01"},
                                     {"other signs between", "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01"},
                                     {"no trace", "00-00000000000000000000000000000000-b7ad6b7169203331-01"},
                                     {"no parent", "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"},
                                     {NULL, NULL}};

// ---------------------------------------------------------------- the system under test

/// What the actors and the walk share.
typedef struct world {
    sweep now;
    airs_system *other;
    os_event stage_stops;
    os_event outside_done;
} world;

static void run_rows(const sweep *self)
{
    for (size_t i = 0; i < TABLES; i++) {
        for (const sweep_row *row = tables[i]; row->name != NULL; row++)
            row->run(self);
    }
}

static void run_inside(const world *self, const char *place, airs_context *context, airs_request_id owed, bool stopping)
{
    sweep here = self->now;
    here.place = place;
    here.inside = true;
    here.context = context;
    here.self = airs_context_self(context);
    here.owed = owed;
    here.stopping = stopping;
    run_rows(&here);
}

static airs_status echo_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    if (message->request.raw == 0)
        return AIRS_OK;
    return airs_context_reply(context, message->request, message->payload.data, message->payload.len);
}

/// Keeps its context and each request.
static airs_status mute_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    world *self = airs_context_user(context);
    self->now.stranger = context;
    uint64_t subscription;
    return airs_context_subscribe(context, "sweep.heard", NULL, &subscription, error);
}

static airs_status mute_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)context;
    (void)message;
    (void)error;
    return AIRS_OK;
}

/// Runs the rows in each of its functions.
static airs_status stage_start(void *state, airs_context *context, const airs_start_info *info, airs_error *error)
{
    (void)state;
    (void)info;
    (void)error;
    run_inside(airs_context_user(context), "in start", context, (airs_request_id){0}, false);
    return AIRS_OK;
}

static airs_status stage_handle(void *state, airs_context *context, const airs_message *message, airs_error *error)
{
    (void)state;
    (void)error;
    const world *self = airs_context_user(context);
    if (message->request.raw == 0 || message->payload.len != 2)
        return AIRS_OK;
    if (memcmp(message->payload.data, "go", 2) == 0) {
        run_inside(self, "in handle", context, message->request, false);
        return airs_context_reply(context, message->request, "done", 4);
    }
    // The one behind this is answered by the reply's handler.
    *(airs_request_id *)state = message->request;
    airs_request_id request;
    return airs_context_request(context, self->now.echo, "x", 1, UINT32_MAX, &request);
}

static airs_status stage_handle_reply(void *state, airs_context *context, const airs_reply *reply, airs_error *error)
{
    (void)error;
    airs_request_id *asked = state;
    if (asked->raw == 0 || reply->status != AIRS_OK)
        return AIRS_OK;
    run_inside(airs_context_user(context), "in handle_reply", context, (airs_request_id){0}, false);
    airs_status status = airs_context_reply(context, *asked, "done", 4);
    asked->raw = 0;
    return status;
}

/// Monitors and links of nobody are told of here; without it they would end the stage.
static airs_status stage_handle_down(void *state, airs_context *context, const airs_down *down, airs_error *error)
{
    (void)state;
    (void)context;
    (void)down;
    (void)error;
    return AIRS_OK;
}

static void stage_stop(void *state, airs_context *context, airs_stop_reason reason)
{
    (void)state;
    (void)reason;
    world *self = airs_context_user(context);
    run_inside(self, "in stop", context, (airs_request_id){0}, true);
    // The system stops just now, and does not go on before the others have had their turn.
    os_event_set(&self->stage_stops);
    (void)os_event_wait(&self->outside_done, UINT64_MAX);
}

static const airs_child_fns mute_child = {.start = mute_start};
static const airs_child_fns stage_child = {.start = stage_start, .stop = stage_stop};
static const airs_actor_fns echo_actor = {.handle = echo_handle};
static const airs_actor_fns mute_actor = {.handle = mute_handle};
static const airs_actor_fns stage_actor = {
    .handle = stage_handle, .handle_reply = stage_handle_reply, .handle_down = stage_handle_down};

// ---------------------------------------------------------------- making it

static void must(airs_status status, const char *what)
{
    if (status == AIRS_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, airs_status_name(status));
    exit(1);
}

airs_system *sweep_system_create(uint32_t workers)
{
    airs_system_options options = {.workers = workers, .instances_max = 4};
    airs_system *made = NULL;
    must(airs_system_create(&options, &made, NULL), "a system");
    return made;
}

static airs_actor_id spawn(airs_system *system, const char *name, const airs_child_fns *child,
                           const airs_actor_fns *actor, void *user)
{
    airs_native native = {.kind = "sweep", .child = child, .actor = actor, .state_size = 8, .user = user};
    // No place of a mailbox is to be missing, and no handler to be too slow.
    airs_spawn_options options = {.name = name, .limits = {.mailbox_max = 1u << 20}};
    if (name != NULL && strcmp(name, "large") == 0)
        options.limits.max_message = SWEEP_PAYLOAD_MAX;
    airs_actor_id id;
    must(airs_spawn_native(system, &native, &options, &id, NULL), "an actor");
    return id;
}

static airs_component *load(airs_system *system)
{
    airs_component *component;
    airs_error error;
    airs_status status = airs_component_load_file(system, GUESTS "/counts.wasm", &component, &error);
    if (status != AIRS_OK)
        fprintf(stderr, "%s\n", error.text);
    must(status, "a component");
    return component;
}

static void begin(world *self)
{
    airs_system *system = sweep_system_create(2);
    self->other = sweep_system_create(1);
    self->now = (sweep){.place = "outside", .system = system};
    os_event_init(&self->stage_stops);
    os_event_init(&self->outside_done);
    self->now.echo = spawn(system, "echo", NULL, &echo_actor, self);
    self->now.mute = spawn(system, "mute", &mute_child, &mute_actor, self);
    self->now.large = spawn(system, "large", NULL, &echo_actor, self);
    airs_actor_id ended = spawn(system, NULL, NULL, &mute_actor, self);
    must(airs_stop(system, ended), "the end of an actor");
    sweep_bad_ids[BAD_STALE].id = ended;
    // In the same place as one of the system under test.
    (void)spawn(self->other, NULL, NULL, &mute_actor, self);
    sweep_bad_ids[BAD_STRANGE].id = spawn(self->other, NULL, NULL, &mute_actor, self);
    (void)airs_actor_list(self->other, &sweep_bad_ids[BAD_STRANGE_ROOT].id, 1);
    sweep_bad_ids[BAD_NEXT].id.raw = self->now.echo.raw + (UINT64_C(1) << 24);
    self->now.component = load(system);
    self->now.strange_component = load(self->other);
    // One that `airs_dead_letter_resend` can send: its receiver has ended before it.
    must(airs_publish(system, "sweep.heard", "x", 1, NULL, NULL), "a publication");
}

// ---------------------------------------------------------------- the walk

static void run_foreign(void *user)
{
    run_rows(user);
}

static void stop_system(void *user)
{
    airs_system_stop(user);
}

static void ask(const world *self, airs_actor_id to, const char *order)
{
    airs_buffer reply = {0};
    must(airs_ask(self->now.system, to, order, 2, UINT32_MAX, &reply, NULL), order);
    airs_buffer_free(&reply);
}

/// Makes the first dead letter: what waits for one that ends.
static void make_dead_letter(world *self)
{
    airs_limits limits = {.mailbox_max = 1, .mailbox_policy = AIRS_MAILBOX_DROP_NEWEST};
    airs_native native = {.actor = &mute_actor};
    airs_actor_id id;
    must(airs_spawn_native(self->now.system, &native, &(airs_spawn_options){.limits = limits}, &id, NULL), "an actor");
    while (airs_dead_letters(self->now.system, 0, NULL, NULL) == 0)
        must(airs_send(self->now.system, id, "dropped", 7), "a message");
    must(airs_stop(self->now.system, id), "the end of an actor");
}

static void walk(world *self)
{
    airs_system *system = self->now.system;
    os_thread thread;
    run_rows(&self->now);
    sweep foreign = self->now;
    foreign.place = "on another thread";
    must(os_thread_start(&thread, "foreign", 0, run_foreign, &foreign), "a thread");
    os_thread_join(&thread);

    airs_actor_id stage = spawn(system, NULL, &stage_child, &stage_actor, self);
    ask(self, stage, "go");
    ask(self, stage, "to");

    must(os_thread_start(&thread, "stops", 0, stop_system, system), "a thread");
    (void)os_event_wait(&self->stage_stops, UINT64_MAX);
    self->now.place = "while it stops";
    self->now.stopping = true;
    run_rows(&self->now);
    os_thread second;
    must(os_thread_start(&second, "stops too", 0, stop_system, system), "a thread");
    os_event_set(&self->outside_done);
    os_thread_join(&thread);
    os_thread_join(&second);

    self->now.place = "after it has stopped";
    self->now.stopped = true;
    self->now.stranger = NULL;
    run_rows(&self->now);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < TABLES; i++) {
            for (const sweep_row *row = tables[i]; row->name != NULL; row++)
                puts(row->name);
        }
        return 0;
    }
    sweep_payload = base_alloc_zeroed(base_allocator_default(), SWEEP_PAYLOAD_MAX + 1);
    must(sweep_payload == NULL ? AIRS_E_NOMEM : AIRS_OK, "memory");
    static world self;
    begin(&self);
    make_dead_letter(&self);
    walk(&self);
    airs_component_release(self.now.component);
    airs_component_release(self.now.strange_component);
    airs_system_destroy(self.now.system);
    airs_system_destroy(self.other);
    base_free(base_allocator_default(), sweep_payload);
    printf("%d checks, %d failed\n", (int)checks, (int)failures);
    return failures == 0 ? 0 : 1;
}
