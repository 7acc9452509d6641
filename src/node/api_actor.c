// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/actor.h: spawning, stopping, and messages from outside.
#include "actor/native.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/system.h"

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

// ---------------------------------------------------------------- spawn

/// A thread that waits for the first start of an actor.
typedef struct start_waiter {
    os_event done;
    airs_status status;
    airs_error *error;
} start_waiter;

static void on_started(void *user, airs_status status, const char *text)
{
    start_waiter *waiter = user;
    waiter->status = status == AIRS_OK ? AIRS_OK : base_error_set(waiter->error, status, "%s", text);
    os_event_set(&waiter->done);
}

/// A list of texts of which none is NULL.
static bool list_is_valid(const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list == NULL || list[i] == NULL)
            return false;
    }
    return true;
}

static airs_status check_settings(const airs_setting *list, size_t count, const char *what, airs_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (list == NULL || list[i].key == NULL || list[i].value == NULL)
            return base_error_set(error, AIRS_E_INVALID, "%s[%zu] has a NULL key or value", what, i);
    }
    return AIRS_OK;
}

static airs_status check_options(const airs_spawn_options *options, airs_error *error)
{
    airs_status status = check_settings(options->config, options->config_count, "config", error);
    if (status == AIRS_OK)
        status = check_settings(options->env, options->env_count, "env", error);
    if (status != AIRS_OK)
        return status;
    if ((options->grants == NULL && options->grants_count > 0) ||
        (options->mounts == NULL && options->mounts_count > 0))
        return base_error_set(error, AIRS_E_INVALID, "grants or mounts is NULL");
    if (!list_is_valid(options->args, options->args_count) || (options->input.data == NULL && options->input.len > 0))
        return base_error_set(error, AIRS_E_INVALID, "args or input is NULL, or has a NULL text");
    if (list_is_valid(options->may_send, options->may_send_count) &&
        list_is_valid(options->may_publish, options->may_publish_count) &&
        list_is_valid(options->may_subscribe, options->may_subscribe_count) &&
        list_is_valid(options->may_register, options->may_register_count))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_INVALID, "a list of grants is NULL, or has a NULL pattern");
}

static airs_status check_spawn(const airs_system *system, const void *what, const airs_spawn_options *options,
                               const airs_actor_id *ret_id, airs_error *error)
{
    if (system == NULL || what == NULL || ret_id == NULL)
        return refuse(error, AIRS_E_INVALID);
    airs_status status = options == NULL ? AIRS_OK : check_options(options, error);
    if (status == AIRS_OK && system_is_worker(system))
        status = refuse(error, AIRS_E_WOULD_BLOCK);
    if (status == AIRS_OK && base_atomic_load_acquire(&system->actors.stopping))
        status = refuse(error, AIRS_E_STOPPING);
    if (status == AIRS_OK && options != NULL)
        status = system_check_supervisor(system, options->supervisor, error);
    return status;
}

static actor_options options_of(airs_system *system, const airs_spawn_options *from, start_waiter *waiter)
{
    static const airs_spawn_options defaults = {0};
    if (from == NULL)
        from = &defaults;
    return (actor_options){
        .name = from->name,
        .supervisor = from->supervisor.raw == 0 ? system->root : from->supervisor.raw,
        .restart = from->restart,
        .significant = from->significant,
        .limits = from->limits,
        .backoff = from->backoff,
        .health = from->health,
        .on_failure = from->on_failure,
        .hooks = from->hooks,
        .config = from->config,
        .config_count = from->config_count,
        .started_fn = on_started,
        .started_user = waiter,
    };
}

/// Waits for the start of an actor that was spawned well.
static airs_status wait_for_start(airs_system *system, airs_status status, start_waiter *waiter, uint64_t id,
                                  airs_actor_id *ret_id)
{
    if (status != AIRS_OK)
        return status;
    (void)system_wait(system, &waiter->done, OS_NEVER);
    if (waiter->status == AIRS_OK)
        ret_id->raw = id;
    return waiter->status;
}

airs_status airs_spawn_native(airs_system *system, const airs_native *native, const airs_spawn_options *options,
                              airs_actor_id *ret_id, airs_error *error)
{
    airs_status status = check_spawn(system, native, options, ret_id, error);
    if (status != AIRS_OK)
        return status;
    start_waiter waiter = {.error = error};
    actor_options cell_options = options_of(system, options, &waiter);
    uint64_t id = 0;
    status = native_spawn(&system->actors, native, &cell_options, &id, error);
    return wait_for_start(system, status, &waiter, id, ret_id);
}

bool system_has_loaded(airs_system *system, const airs_component *component)
{
    os_mutex_lock(&system->engine_lock);
    bool own = component->machine == system->engine;
    os_mutex_unlock(&system->engine_lock);
    return own;
}

airs_status system_spawn_watched(airs_system *system, airs_component *component, const airs_spawn_options *options,
                                 actor_watch *watch, bool *ret_watched, airs_actor_id *ret_id, airs_error *error)
{
    *ret_watched = false;
    airs_status status = check_spawn(system, component, options, ret_id, error);
    if (status == AIRS_OK && !system_has_loaded(system, component))
        status = base_error_set(error, AIRS_E_INVALID, "the component was loaded by another system");
    if (status != AIRS_OK)
        return status;
    start_waiter waiter = {.error = error};
    static const airs_spawn_options no_grants = {0};
    actor_options cell_options = options_of(system, options, &waiter);
    cell_options.watch = watch;
    if (cell_options.limits.max_memory > system->options.component_memory_max)
        return base_error_set(error, AIRS_E_INVALID, "max_memory is over component_memory_max, %llu bytes",
                              (unsigned long long)system->options.component_memory_max);
    uint64_t id = 0;
    status = component_actor_spawn(&system->components, component, &cell_options,
                                   options == NULL ? &no_grants : options, NULL, &id, error);
    *ret_watched = status == AIRS_OK;
    return wait_for_start(system, status, &waiter, id, ret_id);
}

airs_status airs_spawn_component(airs_system *system, airs_component *component, const airs_spawn_options *options,
                                 airs_actor_id *ret_id, airs_error *error)
{
    bool watched;
    return system_spawn_watched(system, component, options, NULL, &watched, ret_id, error);
}

// ---------------------------------------------------------------- stop

typedef struct end_waiter {
    actor_watch watch;
    os_event done;
} end_waiter;

static void on_end(actor_watch *watch, const actor_failure *end)
{
    (void)end;
    os_event_set(&ds_container_of(watch, end_waiter, watch)->done);
}

airs_status airs_stop(airs_system *system, airs_actor_id actor_id)
{
    if (system == NULL)
        return AIRS_E_INVALID;
    if (system_is_worker(system))
        return AIRS_E_WOULD_BLOCK;
    if (actor_id.raw == system->root)
        return AIRS_E_INVALID;
    end_waiter waiter = {.watch.fn = on_end};
    ds_list_init(&waiter.watch.link);
    sched_read read = sched_read_enter(system->sched);
    actor *target = actor_find(&system->actors, actor_id.raw);
    bool watched = target != NULL && actor_watch_add(target, &waiter.watch);
    if (watched)
        actor_signal_send(target, ACTOR_SIGNAL_STOP);
    sched_read_leave(system->sched, read);
    if (!watched)
        return AIRS_E_GONE;
    (void)system_wait(system, &waiter.done, OS_NEVER);
    return AIRS_OK;
}

// ---------------------------------------------------------------- messages from outside

static airs_status check_message(const airs_system *system, const void *payload, size_t len)
{
    if (system == NULL || (payload == NULL && len > 0))
        return AIRS_E_INVALID;
    return base_atomic_load_acquire(&system->actors.stopping) ? AIRS_E_STOPPING : AIRS_OK;
}

airs_status airs_send(airs_system *system, airs_actor_id to, const void *payload, size_t len)
{
    airs_status status = check_message(system, payload, len);
    if (status != AIRS_OK)
        return status;
    router_letter letter = {.to = to.raw, .payload = {payload, len}};
    return router_post(&system->router, &letter);
}

airs_status airs_ask_async(airs_system *system, airs_actor_id to, const void *payload, size_t len, uint32_t timeout_ms,
                           airs_reply_fn fn, void *user)
{
    airs_status status = fn == NULL ? AIRS_E_INVALID : check_message(system, payload, len);
    if (status != AIRS_OK)
        return status;
    router_letter letter = {.to = to.raw, .payload = {payload, len}, .fn = fn, .user = user, .timeout_ms = timeout_ms};
    return router_post(&system->router, &letter);
}

/// A thread that waits for a reply.
typedef struct reply_waiter {
    os_event done;
    airs_status status;
    const airs_allocator *allocator;
    airs_buffer *ret_reply;
    airs_error *error;
} reply_waiter;

/// The text is what the receiver says.
static void set_failure(airs_error *error, airs_bytes text)
{
    if (error == NULL)
        return;
    error->status = AIRS_E_FAILED;
    base_text_copy(error->text, sizeof error->text, text);
    base_text_tidy(error->text);
}

static void on_reply(void *user, const airs_reply *reply)
{
    reply_waiter *waiter = user;
    waiter->status = reply->status;
    if (reply->status == AIRS_OK)
        waiter->status = base_buffer_copy(waiter->allocator, reply->payload, waiter->ret_reply);
    if (waiter->status == AIRS_E_FAILED && reply->payload.len > 0)
        set_failure(waiter->error, reply->payload);
    else if (waiter->status != AIRS_OK)
        (void)refuse(waiter->error, waiter->status);
    os_event_set(&waiter->done);
}

airs_status airs_ask(airs_system *system, airs_actor_id to, const void *payload, size_t len, uint32_t timeout_ms,
                     airs_buffer *ret_reply, airs_error *error)
{
    if (system == NULL || ret_reply == NULL || (payload == NULL && len > 0))
        return refuse(error, AIRS_E_INVALID);
    if (system_is_worker(system))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    reply_waiter waiter = {.allocator = system->allocator, .ret_reply = ret_reply, .error = error};
    airs_status status = airs_ask_async(system, to, payload, len, timeout_ms, on_reply, &waiter);
    if (status != AIRS_OK)
        return refuse(error, status);
    (void)system_wait(system, &waiter.done, OS_NEVER);
    return waiter.status;
}

airs_status airs_publish(airs_system *system, const char *topic, const void *payload, size_t len, uint32_t *ret_reached,
                         airs_error *error)
{
    airs_status status = topic == NULL ? AIRS_E_INVALID : check_message(system, payload, len);
    if (status == AIRS_E_INVALID)
        return base_error_set(error, status, "an argument is NULL");
    if (status != AIRS_OK)
        return refuse(error, status);
    return router_publish(&system->router, NULL, NULL, base_bytes_of(topic), (airs_bytes){payload, len}, ret_reached,
                          error);
}

static bool is_one_way(const airs_letter *letter)
{
    return (letter->to.raw != 0) + (letter->name != NULL) + (letter->topic != NULL) == 1 &&
           (letter->topic == NULL || letter->fn == NULL);
}

airs_status airs_post(airs_system *system, const airs_letter *letter, uint32_t *ret_reached, airs_error *error)
{
    airs_status status = letter == NULL ? AIRS_E_INVALID : check_message(system, letter->payload, letter->len);
    if (status != AIRS_OK)
        return refuse(error, status);
    if (!is_one_way(letter))
        return base_error_set(error, AIRS_E_INVALID, "a letter goes to an id, to a name, or without fn to a topic");
    trace_parent trace;
    if (letter->trace_parent != NULL)
        status = trace_parse(base_bytes_of(letter->trace_parent), &trace, error);
    if (status != AIRS_OK)
        return status;
    const trace_parent *with = letter->trace_parent == NULL ? NULL : &trace;
    airs_bytes payload = {letter->payload, letter->len};
    if (letter->topic != NULL)
        return router_publish(&system->router, NULL, with, base_bytes_of(letter->topic), payload, ret_reached, error);
    router_letter one = {.to = letter->to.raw,
                         .name = base_bytes_of(letter->name),
                         .payload = payload,
                         .trace = with,
                         .fn = letter->fn,
                         .user = letter->user,
                         .timeout_ms = letter->timeout_ms};
    status = router_post(&system->router, &one);
    if (status != AIRS_OK)
        return refuse(error, status);
    if (ret_reached != NULL)
        *ret_reached = 1;
    return AIRS_OK;
}

// ---------------------------------------------------------------- dead letters

uint64_t airs_dead_letters(airs_system *system, uint64_t after, airs_dead_letter_fn fn, void *user)
{
    if (system == NULL)
        return 0;
    if (fn != NULL)
        dead_letters_each(&system->router.dead_letters, after, fn, user);
    return dead_letters_count(&system->router.dead_letters);
}

airs_status airs_dead_letter_resend(airs_system *system, uint64_t number, airs_actor_id to)
{
    airs_status status = check_message(system, NULL, 0);
    return status == AIRS_OK ? router_resend(&system->router, number, to.raw) : status;
}

airs_status airs_dead_letter_drop(airs_system *system, uint64_t number)
{
    if (system == NULL)
        return AIRS_E_INVALID;
    return dead_letters_drop(&system->router.dead_letters, number) ? AIRS_OK : AIRS_E_NOT_FOUND;
}
