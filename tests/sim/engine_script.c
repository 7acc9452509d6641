// SPDX-License-Identifier: MIT OR Apache-2.0
#include "engine_script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "os/clock.h"

struct engine {
    engine_host host;
    uint64_t components;
    uint64_t instances;
    uint64_t instances_made;
};

struct engine_component {
    engine *machine;
    uint32_t references;
    uint32_t exports;
};

/// What a list begins with; see docs/reference/event-list.md.
typedef struct list_head {
    uint32_t begun;
    uint32_t limit;
} list_head;

typedef struct list_event {
    uint8_t kind;
    uint8_t tag;
    uint8_t detail;
    uint8_t unused;
    uint32_t len;
    uint64_t id;
    uint64_t request;
    uint32_t topic_len;
    uint32_t has_topic;
} list_event;

typedef enum script_phase {
    /// No call, and none may be started: the end of a trap, or before `instantiate`.
    PHASE_OVER,
    PHASE_NO_CALL,
    /// The call's arguments are copied into the guest.
    PHASE_LOWER,
    PHASE_DECIDE,
    /// A host function is called, again until it is ready.
    PHASE_IN_OP,
    /// What the host function gave is copied into the guest.
    PHASE_LIFT,
} script_phase;

/// How a step of the interpreter has gone on.
typedef enum script_progress {
    GOES_ON,
    WAITS,
    YIELDS,
    READY,
    TRAPS,
} script_progress;

struct engine_instance {
    engine_component *component;
    void *actor;
    engine_gauges *gauges;
    uint64_t number;
    script_phase phase;
    script_call call;
    bool instantiated;
    script_state state;
    script_state loaded;
    bool has_loaded;
    // Arguments of the call.
    engine_message message;
    engine_reply reply;
    // The op in hand.
    op op;
    uint32_t ticks_left;
    engine_event event;
    engine_request_outcome asked;
    // Of TAKES_LISTS: the list in the guest's memory, and the event of it that is in hand.
    uint64_t *list;
    uint32_t list_words;
    const list_event *list_at;
    // Of SLEEP.
    sched_timer sleep_timer;
    bool sleeps;
    void *sleep_waker;
    engine_trap trap;
};

static const script_brain *brain;

void script_use(const script_brain *to)
{
    brain = to;
}

static const engine_host *host_of(const engine_instance *self)
{
    return &self->component->machine->host;
}

static engine_bytes bytes_of(const char *text)
{
    return (engine_bytes){(const uint8_t *)text, text == NULL ? 0 : strlen(text)};
}

// ---------------------------------------------------------------- engine and components

void engine_buffer_free(engine_buffer *buffer)
{
    free(buffer->data);
    *buffer = (engine_buffer){0};
}

engine_result engine_create(const engine_config *config, const engine_host *host, engine **ret, engine_error *error)
{
    (void)config;
    (void)error;
    *ret = calloc(1, sizeof **ret);
    AIRS_ASSERT(*ret != NULL);
    (*ret)->host = *host;
    return ENGINE_OK;
}

void engine_destroy(engine *machine)
{
    if (machine == NULL)
        return;
    AIRS_ASSERT(machine->instances == 0 && machine->components == 0);
    free(machine);
}

void engine_tick_all(engine *machine)
{
    (void)machine;
}

engine_bytes engine_fingerprint(const engine *machine)
{
    (void)machine;
    return bytes_of("script");
}

engine_result engine_compile(engine *machine, engine_bytes wasm, engine_buffer *ret_code, engine_error *error)
{
    (void)machine;
    (void)error;
    *ret_code = (engine_buffer){malloc(wasm.len), wasm.len};
    AIRS_ASSERT(ret_code->data != NULL);
    memcpy(ret_code->data, wasm.data, wasm.len);
    return ENGINE_OK;
}

engine_result engine_component_load(engine *machine, engine_bytes code, engine_component **ret, engine_error *error)
{
    (void)error;
    AIRS_ASSERT(code.len == 4);
    engine_component *self = calloc(1, sizeof *self);
    AIRS_ASSERT(self != NULL);
    *self = (engine_component){.machine = machine, .references = 1};
    for (int i = 0; i < 4; i++)
        self->exports |= (uint32_t)code.data[i] << (8 * i);
    machine->components++;
    *ret = self;
    return ENGINE_OK;
}

void engine_component_retain(engine_component *component)
{
    component->references++;
}

void engine_component_release(engine_component *component)
{
    if (component == NULL || --component->references > 0)
        return;
    component->machine->components--;
    free(component);
}

uint32_t engine_component_exports(const engine_component *component)
{
    return component->exports & ~(SCRIPT_TAKES_LISTS | SCRIPT_VERSION_MASK);
}

void engine_live_counts(const engine *self, engine_live *ret)
{
    *ret = (engine_live){.stores = self->instances};
}

// ---------------------------------------------------------------- instances

static void on_sleep_timer(sched_timer *timer)
{
    engine_instance *self = timer->user;
    self->sleeps = false;
    host_of(self)->wake(self->sleep_waker);
}

engine_result engine_instance_create(engine_component *component, const engine_limits *limits, void *actor,
                                     engine_gauges *gauges, engine_instance **ret, engine_error *error)
{
    (void)limits;
    (void)error;
    engine_instance *self = calloc(1, sizeof *self);
    AIRS_ASSERT(self != NULL);
    self->component = component;
    self->actor = actor;
    self->gauges = gauges;
    sched_timer_init(&self->sleep_timer, on_sleep_timer, self);
    atomic_store_explicit(&gauges->memory, 65536, memory_order_relaxed);
    engine_component_retain(component);
    component->machine->instances++;
    self->number = ++component->machine->instances_made;
    *ret = self;
    return ENGINE_OK;
}

uint64_t script_number(const engine_instance *of)
{
    return of == NULL ? 0 : of->number;
}

static void end_sleep(engine_instance *self)
{
    if (self->sleep_waker == NULL)
        return;
    (void)sched_timer_cancel(brain->sched, &self->sleep_timer);
    self->sleeps = false;
    host_of(self)->waker_release(self->sleep_waker);
    self->sleep_waker = NULL;
}

void engine_call_drop(engine_instance *self)
{
    end_sleep(self);
    if (self->phase == PHASE_LOWER && (self->call == SCRIPT_HANDLE || self->call == SCRIPT_HANDLE_REPLY))
        brain->dropped(brain->user, self->actor, NULL);
    else if (self->phase == PHASE_LIFT && self->op.kind == OP_NEXT)
        brain->dropped(brain->user, self->actor, NULL);
    else if (self->phase == PHASE_IN_OP || self->phase == PHASE_LIFT)
        brain->dropped(brain->user, self->actor, &self->op);
    self->phase = PHASE_OVER;
    self->call = SCRIPT_NONE;
}

void engine_instance_destroy(engine_instance *self)
{
    if (self == NULL)
        return;
    engine_call_drop(self);
    self->component->machine->instances--;
    engine_component_release(self->component);
    free(self->list);
    free(self);
}

// ---------------------------------------------------------------- calls

static engine_result begin(engine_instance *self, script_call call, uint32_t exported)
{
    if (self->call != SCRIPT_NONE)
        return ENGINE_BUSY;
    if (call == SCRIPT_INSTANTIATE ? self->instantiated : self->phase != PHASE_NO_CALL)
        return ENGINE_INVALID;
    if (exported != 0 && (self->component->exports & exported) == 0)
        return ENGINE_NO_EXPORT;
    self->call = call;
    self->phase = PHASE_LOWER;
    return ENGINE_OK;
}

engine_result engine_call_instantiate(engine_instance *self)
{
    return begin(self, SCRIPT_INSTANTIATE, 0);
}

engine_result engine_call_start(engine_instance *self, const engine_start_info *info)
{
    (void)info;
    return begin(self, SCRIPT_START, ENGINE_EXPORT_CHILD);
}

engine_result engine_call_stop(engine_instance *self, engine_stop_reason reason)
{
    (void)reason;
    return begin(self, SCRIPT_STOP, ENGINE_EXPORT_CHILD);
}

engine_result engine_call_handle(engine_instance *self, const engine_message *message)
{
    self->message = *message;
    return begin(self, SCRIPT_HANDLE, ENGINE_EXPORT_ACTOR);
}

engine_result engine_call_run(engine_instance *self)
{
    return begin(self, SCRIPT_RUN, ENGINE_EXPORT_BATCH);
}

engine_result engine_call_handle_reply(engine_instance *self, const engine_reply *reply)
{
    self->reply = *reply;
    return begin(self, SCRIPT_HANDLE_REPLY, ENGINE_EXPORT_REPLIES);
}

// No script has this export.
engine_result engine_call_handle_down(engine_instance *self, const engine_down *down)
{
    (void)self;
    (void)down;
    return ENGINE_NO_EXPORT;
}

engine_result engine_call_check(engine_instance *self)
{
    return begin(self, SCRIPT_CHECK, ENGINE_EXPORT_HEALTH);
}

engine_result engine_call_save(engine_instance *self)
{
    return begin(self, SCRIPT_SAVE, ENGINE_EXPORT_STATE);
}

engine_result engine_call_load(engine_instance *self, engine_bytes from_version, engine_bytes state)
{
    AIRS_ASSERT(state.len == sizeof self->loaded);
    memcpy(&self->loaded, state.data, sizeof self->loaded);
    // Once, and it is told rightly of which version it is.
    AIRS_ASSERT(!self->has_loaded);
    self->has_loaded = true;
    char version[16];
    (void)snprintf(version, sizeof version, "%u.0.0", (unsigned)self->loaded.version);
    AIRS_ASSERT(from_version.len == strlen(version) && memcmp(from_version.data, version, from_version.len) == 0);
    engine_result result = begin(self, SCRIPT_LOAD, ENGINE_EXPORT_STATE);
    brain->begins(brain->user, self->actor, SCRIPT_LOAD);
    return result;
}

engine_result engine_call_apply(engine_instance *self, const engine_setting *config, size_t config_count)
{
    (void)config;
    (void)config_count;
    return begin(self, SCRIPT_APPLY, ENGINE_EXPORT_RECONFIGURE);
}

engine_result engine_call_main(engine_instance *self)
{
    return begin(self, SCRIPT_MAIN, ENGINE_EXPORT_MAIN);
}

// ---------------------------------------------------------------- what a guest does

static script_progress see(engine_instance *self)
{
    self->phase = PHASE_DECIDE;
    brain->sees(brain->user, self->actor, self->event.kind == ENGINE_EVENT_MESSAGE ? &self->event.message : NULL,
                self->event.kind == ENGINE_EVENT_REPLY ? &self->event.reply : NULL, self->state.seen);
    self->state.seen += self->event.kind == ENGINE_EVENT_MESSAGE;
    return GOES_ON;
}

static airs_status status_of_send(const engine_send_outcome *outcome)
{
    static const airs_status of[] = {AIRS_E_GONE,   AIRS_E_FULL,        AIRS_E_TOO_LARGE,
                                     AIRS_E_DENIED, AIRS_E_INTERRUPTED, AIRS_OK};
    AIRS_ASSERT(outcome->tag <= ENGINE_SEND_OK);
    return of[outcome->tag];
}

static airs_status status_of_request(const engine_request_outcome *outcome)
{
    switch (outcome->tag) {
    case ENGINE_REQUEST_SEND:
        return status_of_send(&outcome->send);
    case ENGINE_REQUEST_TIMEOUT:
        return AIRS_E_TIMEOUT;
    case ENGINE_REQUEST_DEADLOCK:
        return AIRS_E_DEADLOCK;
    case ENGINE_REQUEST_FAILED:
        return AIRS_E_FAILED;
    case ENGINE_REQUEST_OK:
        break;
    }
    return AIRS_OK;
}

static script_progress finish(engine_instance *self, op_result result)
{
    self->phase = PHASE_DECIDE;
    brain->done(brain->user, self->actor, &self->op, &result);
    return GOES_ON;
}

static script_progress finish_send(engine_instance *self, const engine_send_outcome *outcome, uint64_t number)
{
    return finish(self, (op_result){.status = status_of_send(outcome), .number = number});
}

static script_progress trap(engine_instance *self, engine_trap_kind kind, const char *text)
{
    self->trap = (engine_trap){.kind = kind, .text = bytes_of(text)};
    return TRAPS;
}

/// One tick has passed.
static script_progress tick(engine_instance *self)
{
    brain->tick_passes(brain->user);
    switch (host_of(self)->tick(self->actor)) {
    case ENGINE_TICK_CONTINUE:
        return GOES_ON;
    case ENGINE_TICK_YIELD:
        return YIELDS;
    case ENGINE_TICK_INTERRUPT:
        break;
    }
    return trap(self, ENGINE_TRAP_INTERRUPT, "interrupted");
}

static script_progress spin(engine_instance *self)
{
    while (self->ticks_left > 0) {
        self->ticks_left--;
        script_progress progress = tick(self);
        if (progress != GOES_ON)
            return progress;
    }
    return finish(self, (op_result){0});
}

static script_progress sleep_on(engine_instance *self, void *waker)
{
    if (self->sleep_waker == NULL) {
        host_of(self)->waker_retain(waker);
        self->sleep_waker = waker;
        self->sleeps = true;
        sched_timer_start(brain->sched, &self->sleep_timer,
                          os_deadline_ms(sched_now_ns(brain->sched), self->op.delay_ms));
    }
    if (self->sleeps)
        return WAITS;
    end_sleep(self);
    return finish(self, (op_result){0});
}

static engine_settle settle_of(const op *from)
{
    static const engine_settle_tag tags[] = {ENGINE_SETTLE_DONE, ENGINE_SETTLE_REPLY, ENGINE_SETTLE_ERROR};
    return (engine_settle){tags[from->settle], {from->payload, from->len}};
}

static script_progress call_number_op(engine_instance *self, engine_bytes payload)
{
    const engine_host *host = host_of(self);
    const op *it = &self->op;
    engine_number_outcome outcome = {0};
    uint32_t ok;
    switch (it->kind) {
    case OP_SUBSCRIBE:
        host->subscribe(self->actor, bytes_of(it->text), it->group != NULL, bytes_of(it->group), &outcome);
        ok = ENGINE_SUBSCRIBE_OK;
        break;
    case OP_REGISTER:
        host->register_name(self->actor, bytes_of(it->text), &outcome);
        ok = ENGINE_REGISTER_OK;
        break;
    case OP_SEND_AFTER:
        host->send_after(self->actor, it->delay_ms, it->to, payload, &outcome);
        ok = ENGINE_TIMER_OK;
        break;
    default:
        host->send_every(self->actor, it->delay_ms, it->to, payload, &outcome);
        ok = ENGINE_TIMER_OK;
        break;
    }
    airs_status status = outcome.tag == ok ? AIRS_OK : AIRS_E_LIMIT;
    return finish(self, (op_result){.status = status, .number = outcome.number});
}

static script_progress call_bool_op(engine_instance *self)
{
    const engine_host *host = host_of(self);
    const op *it = &self->op;
    bool did;
    switch (it->kind) {
    case OP_CANCEL:
        did = host->cancel(self->actor, it->number);
        break;
    case OP_UNSUBSCRIBE:
        did = host->unsubscribe(self->actor, it->number);
        break;
    case OP_UNREGISTER:
        did = host->unregister_name(self->actor, bytes_of(it->text));
        break;
    default:
        did = host->cancel_timer(self->actor, it->number);
        break;
    }
    return finish(self, (op_result){.status = did ? AIRS_OK : AIRS_E_GONE});
}

static script_progress call_message_op(engine_instance *self, engine_bytes payload)
{
    const engine_host *host = host_of(self);
    const op *it = &self->op;
    engine_send_outcome outcome = {.tag = ENGINE_SEND_OK};
    uint64_t number = 0;
    switch (it->kind) {
    case OP_SEND:
        if (host->send(self->actor, it->to, payload, &outcome) == ENGINE_STEP_PENDING)
            return WAITS;
        break;
    case OP_REQUEST:
        host->request(self->actor, it->to, payload, it->timeout_ms, &outcome, &number);
        break;
    case OP_REPLY: {
        engine_settle settle = settle_of(it);
        host->reply(self->actor, it->number, &settle, &outcome);
        break;
    }
    case OP_FORWARD:
        host->forward(self->actor, it->to, &outcome);
        break;
    default: {
        uint32_t reached = 0;
        host->publish(self->actor, bytes_of(it->text), payload, &outcome, &reached);
        number = reached;
        break;
    }
    }
    return finish_send(self, &outcome, number);
}

static bool takes_lists(const engine_instance *self)
{
    return (self->component->exports & SCRIPT_TAKES_LISTS) != 0;
}

static size_t padded(uint32_t len)
{
    return ((size_t)len + 7) & ~(size_t)7;
}

/// The event of the list that is in hand, as `next` would have given it.
static void read_list_event(engine_instance *self)
{
    const list_event *it = self->list_at;
    engine_bytes data = {(const uint8_t *)(it + 1), it->len};
    self->event = (engine_event){.kind = (engine_event_kind)it->kind};
    if (it->kind == ENGINE_EVENT_MESSAGE) {
        self->event.message = (engine_message){it->id, it->request, it->has_topic != 0, {NULL, 0}, data};
        if (it->has_topic)
            self->event.message.topic = (engine_bytes){data.data + padded(it->len), it->topic_len};
        return;
    }
    AIRS_ASSERT(it->kind == ENGINE_EVENT_REPLY);
    self->event.reply = (engine_reply){.request = it->id, .outcome = {.tag = (engine_request_tag)it->tag}};
    if (it->tag == ENGINE_REQUEST_SEND)
        self->event.reply.outcome.send = (engine_send_outcome){(engine_send_tag)it->detail, data};
    else
        self->event.reply.outcome.data = data;
}

/// Whether the list that the guest has goes on. Then the next event of it is in hand, and the one before is settled:
/// the host is told where that is not `ok(none)`.
static bool list_goes_on(engine_instance *self, const engine_settle *settled)
{
    list_head *head = (list_head *)self->list;
    if (head == NULL || self->list_at == NULL || head->begun >= head->limit)
        return false;
    if (settled->tag != ENGINE_SETTLE_DONE)
        host_of(self)->settle(self->actor, settled);
    const list_event *it = self->list_at;
    self->list_at = (const list_event *)((const uint8_t *)(it + 1) + padded(it->len) + padded(it->topic_len));
    head->begun++;
    read_list_event(self);
    return true;
}

static engine_step take(engine_instance *self, const engine_settle *settled)
{
    self->list_at = NULL;
    self->event.kind = ENGINE_EVENT_NONE;
    self->list_words = 0;
    return host_of(self)->take(self->actor, settled, &self->list_words);
}

/// The host writes what it has promised.
static void lift_list(engine_instance *self)
{
    if (self->list_words == 0)
        return;
    free(self->list);
    self->list = calloc(self->list_words, sizeof *self->list);
    AIRS_ASSERT(self->list != NULL);
    host_of(self)->take_into(self->actor, self->list);
    self->list_at = (const list_event *)(self->list + 1);
    self->list_words = 0;
    read_list_event(self);
}

static script_progress call_waiting_op(engine_instance *self, engine_bytes payload)
{
    const engine_host *host = host_of(self);
    engine_settle settle = settle_of(&self->op);
    engine_step step = ENGINE_STEP_READY;
    if (self->op.kind == OP_ASK)
        step = host->ask(self->actor, self->op.to, payload, self->op.timeout_ms, &self->asked);
    else if (!takes_lists(self))
        step = host->next(self->actor, &settle, &self->event);
    else if (list_goes_on(self, &settle))
        return see(self);
    else
        step = take(self, &settle);
    if (step == ENGINE_STEP_PENDING)
        return WAITS;
    self->phase = PHASE_LIFT;
    return brain->copies_slowly(brain->user) ? tick(self) : GOES_ON;
}

static script_progress do_op(engine_instance *self, void *waker)
{
    engine_bytes payload = {self->op.payload, self->op.len};
    switch (self->op.kind) {
    case OP_ASK:
    case OP_NEXT:
        return call_waiting_op(self, payload);
    case OP_SEND:
    case OP_REQUEST:
    case OP_REPLY:
    case OP_FORWARD:
    case OP_PUBLISH:
        return call_message_op(self, payload);
    case OP_SUBSCRIBE:
    case OP_REGISTER:
    case OP_SEND_AFTER:
    case OP_SEND_EVERY:
        return call_number_op(self, payload);
    case OP_EXIT:
        host_of(self)->exit(self->actor, self->op.well, bytes_of("it had enough"));
        return finish(self, (op_result){0});
    case OP_SPIN:
        return spin(self);
    case OP_SLEEP:
        return sleep_on(self, waker);
    case OP_TRAP:
        // It was refused more memory, and does not know what to do without.
        if (self->op.starved)
            atomic_fetch_add_explicit(&self->gauges->growths_refused, 1, memory_order_relaxed);
        return trap(self, ENGINE_TRAP_GUEST, "unreachable");
    default:
        return call_bool_op(self);
    }
}

// ---------------------------------------------------------------- the interpreter

static script_progress lower(engine_instance *self)
{
    switch (self->call) {
    case SCRIPT_HANDLE:
        brain->sees(brain->user, self->actor, &self->message, NULL, self->state.seen);
        self->state.seen++;
        break;
    case SCRIPT_HANDLE_REPLY:
        brain->sees(brain->user, self->actor, NULL, &self->reply, self->state.seen);
        break;
    case SCRIPT_LOAD:
        // Its state is on its way from the moment it is called.
        break;
    case SCRIPT_RUN:
        self->list_at = NULL;
        brain->begins(brain->user, self->actor, self->call);
        break;
    default:
        brain->begins(brain->user, self->actor, self->call);
        break;
    }
    self->phase = PHASE_DECIDE;
    return GOES_ON;
}

static script_progress lift(engine_instance *self)
{
    if (self->op.kind == OP_ASK)
        return finish(self, (op_result){.status = status_of_request(&self->asked),
                                        .payload = {self->asked.data.data, self->asked.data.len}});
    if (takes_lists(self))
        lift_list(self);
    return see(self);
}

static uint32_t version_of(const engine_instance *self)
{
    return (self->component->exports & SCRIPT_VERSION_MASK) / SCRIPT_VERSION;
}

static script_progress decide(engine_instance *self)
{
    memset(&self->op, 0, offsetof(op, payload));
    self->op.len = 0;
    brain->decide(brain->user, self->actor, self->call, version_of(self), &self->op);
    if (self->op.kind == OP_RETURN)
        return READY;
    self->ticks_left = self->op.ticks;
    self->phase = PHASE_IN_OP;
    return GOES_ON;
}

static script_progress step(engine_instance *self, void *waker)
{
    switch (self->phase) {
    case PHASE_LOWER:
        return lower(self);
    case PHASE_DECIDE:
        return decide(self);
    case PHASE_IN_OP:
        return do_op(self, waker);
    case PHASE_LIFT:
        return lift(self);
    case PHASE_OVER:
    case PHASE_NO_CALL:
        break;
    }
    return trap(self, ENGINE_TRAP_PANIC, "polled without a call");
}

/// What a call gives that has ended.
static void give_outcome(engine_instance *self, engine_outcome *ret)
{
    ret->settle = settle_of(&self->op);
    bool well = self->op.settle == SETTLE_DONE;
    if (self->call == SCRIPT_CHECK) {
        ret->health = well ? ENGINE_HEALTH_HEALTHY : ENGINE_HEALTH_UNHEALTHY;
    } else if (self->call == SCRIPT_SAVE && well) {
        self->state.version = version_of(self);
        brain->saves(brain->user, self->actor, self->state);
        ret->settle = (engine_settle){ENGINE_SETTLE_REPLY, {(const uint8_t *)&self->state, sizeof self->state}};
    } else if (self->call == SCRIPT_LOAD && well) {
        self->state = self->loaded;
        brain->loads(brain->user, self->actor, self->state);
    }
}

engine_poll_status engine_poll(engine_instance *self, void *waker, engine_outcome *ret)
{
    script_progress progress = GOES_ON;
    if (self->phase == PHASE_LOWER && brain->copies_slowly(brain->user))
        progress = tick(self);
    while (progress == GOES_ON)
        progress = step(self, waker);
    switch (progress) {
    case WAITS:
        return ENGINE_POLL_PENDING;
    case YIELDS:
        return ENGINE_POLL_YIELDED;
    case READY:
        give_outcome(self, ret);
        self->instantiated = true;
        self->call = SCRIPT_NONE;
        self->phase = PHASE_NO_CALL;
        return ENGINE_POLL_READY;
    default:
        break;
    }
    engine_trap why = self->trap;
    if (self->phase == PHASE_LOWER || self->phase == PHASE_LIFT)
        engine_call_drop(self);
    else if (self->phase == PHASE_IN_OP && self->op.kind != OP_TRAP)
        engine_call_drop(self);
    end_sleep(self);
    self->phase = PHASE_OVER;
    self->call = SCRIPT_NONE;
    ret->trap = why;
    return ENGINE_POLL_TRAP;
}

// ---------------------------------------------------------------- traps of scripts have no frames

engine_result engine_kit_debug_info(engine_bytes wasm, engine_buffer *ret_info, engine_error *error)
{
    (void)wasm;
    (void)ret_info;
    (void)error;
    return ENGINE_INVALID;
}

engine_result engine_kit_trap_lines(engine_bytes info, const engine_frame *frames, size_t frames_count,
                                    engine_buffer *ret_lines, engine_error *error)
{
    (void)info;
    (void)frames;
    (void)frames_count;
    (void)ret_lines;
    (void)error;
    return ENGINE_INVALID;
}
