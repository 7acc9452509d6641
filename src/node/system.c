// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/system.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/assert.h"
#include "base/error.h"
#include "component/host.h"
#include "node/canaries.h"
#include "node/capacity.h"
#include "node/history.h"
#include "node/resolver.h"
#include "os/clock.h"
#include "os/thread.h"
#include "supervise/supervisor.h"

const char *airs_version(void)
{
    return AIRS_VERSION_TEXT;
}

// ---------------------------------------------------------------- options

static void or_default_u32(uint32_t *value, uint32_t fallback)
{
    if (*value == 0)
        *value = fallback;
}

static system_loading complete_loading(system_loading it)
{
    it.component_max = it.component_max == 0 ? 64u << 20 : it.component_max;
    it.compile_memory_max = it.compile_memory_max == 0 ? 1u << 30 : it.compile_memory_max;
    or_default_u32(&it.compile_timeout_ms, 60000);
    return it;
}

void system_set_loading(airs_system *system, const system_loading *loading)
{
    os_mutex_lock(&system->engine_lock);
    system->loading = complete_loading(*loading);
    os_mutex_unlock(&system->engine_lock);
}

system_loading system_get_loading(airs_system *system)
{
    os_mutex_lock(&system->engine_lock);
    system_loading loading = system->loading;
    os_mutex_unlock(&system->engine_lock);
    return loading;
}

static airs_status complete_options(airs_system_options *options, airs_error *error)
{
    or_default_u32(&options->actors_max, 1u << 20);
    or_default_u32(&options->instances_max, 1000);
    or_default_u32(&options->lookup_timeout_ms, 5000);
    if (options->window_ms == 0) {
        or_default_u32(&options->max_restarts, 3);
        options->window_ms = 5000;
    }
    if (options->component_memory_max == 0)
        options->component_memory_max = 4ull << 30;
    if (options->allocator == NULL)
        options->allocator = base_allocator_default();
    if (options->allocator->alloc == NULL || options->allocator->realloc == NULL || options->allocator->free == NULL)
        return base_error_set(error, AIRS_E_INVALID, "a function of the allocator is NULL");
    if ((unsigned)options->log_level > AIRS_LOG_ERROR)
        return base_error_set(error, AIRS_E_INVALID, "log_level %d is none", (int)options->log_level);
    if (options->workers > SCHED_WORKERS_MAX && options->workers != AIRS_WORKERS_NONE)
        return base_error_set(error, AIRS_E_INVALID, "workers is %u, the largest is %u", options->workers,
                              SCHED_WORKERS_MAX);
    if (options->actors_max > DS_SLOTMAP_MAX)
        return base_error_set(error, AIRS_E_INVALID, "actors_max is %u, the largest is %u", options->actors_max,
                              DS_SLOTMAP_MAX);
    if (options->strategy == AIRS_SIMPLE_ONE_FOR_ONE)
        return base_error_set(error, AIRS_E_INVALID, "the root's strategy can't be %s: it has no template",
                              airs_strategy_name(options->strategy));
    airs_status status = node_audit_check(&options->audit, error);
    return status == AIRS_OK ? capacity_check(options->instances_max, error) : status;
}

// ---------------------------------------------------------------- engine

static void on_active(void *user)
{
    airs_system *self = user;
    if (base_atomic_load_acquire(&self->ticking))
        wasm_ticker_run(&self->ticker);
}

static void on_all_parked(void *user)
{
    airs_system *self = user;
    if (base_atomic_load_acquire(&self->ticking))
        wasm_ticker_rest(&self->ticker);
}

static void on_foreign_wake(void *user)
{
    airs_system *self = user;
    driver_notify(&self->driver);
}

static void on_polled(void *user, const sched_task *task, uint32_t lane, sched_verdict verdict)
{
    const airs_system *self = user;
    (void)lane;
    (void)verdict;
    self->watch->polled(self->watch->user, task);
}

/// No thread holds an actor that has ended for so long.
#define CELLS_WAIT_MS 10000u

/// Room on a guest's stack, and below it for host functions and the log callback: running over that ends the process,
/// and a sanitizer's frames are larger.
#define GUEST_STACK_MAX (512u << 10)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HOST_STACK_MAX (256u << 10)
#else
#define HOST_STACK_MAX (64u << 10)
#endif

/// Bytes of memory for instances that are no actor's own; where there is a limit to all memory, the part of it.
#define EXTRA_MEMORY (1ull << 30)
#define EXTRA_OF 16u

engine_config system_engine_config(const airs_system_options *options)
{
    return (engine_config){
        .instances_max = options->instances_max,
        .core_instances_per_component = 20,
        .memories_per_component = 4,
        .tables_per_component = 20,
        .table_elements_max = 100000,
        .memory_max = options->component_memory_max,
        .memory_keep_resident = 64u << 10,
        .guest_stack_max = GUEST_STACK_MAX,
        .host_stack_max = HOST_STACK_MAX,
        .memory_total_max = options->memory_max,
        .resolver = resolver_of(options),
    };
}

static airs_status make_engine(airs_system *self, airs_error *error)
{
    engine_config config = system_engine_config(&self->options);
    engine_host host;
    component_host_init(&self->components, &host);
    engine_error what = {0};
    engine_result result = engine_create(&config, &host, &self->engine, &what);
    if (result != ENGINE_OK)
        return base_error_set(error, wasm_status(result), "%s", what.text);
    airs_status status = wasm_ticker_start(&self->ticker, self->engine);
    if (status != AIRS_OK) {
        engine_destroy(self->engine);
        self->engine = NULL;
        return base_error_set(error, status, "no thread for the ticker");
    }
    self->components.room.engine = self->engine;
    self->components.room.instances_max = config.instances_max;
    self->components.room.memory_max = config.memory_total_max == 0 ? EXTRA_MEMORY : config.memory_total_max / EXTRA_OF;
    // Workers may run already, and will not say so again: it rests when they are all parked the next time.
    if (!self->driven)
        wasm_ticker_run(&self->ticker);
    base_atomic_store_release(&self->ticking, true);
    return AIRS_OK;
}

airs_status system_engine(airs_system *system, engine **ret_engine, airs_error *error)
{
    os_mutex_lock(&system->engine_lock);
    airs_status status = system->engine == NULL ? make_engine(system, error) : AIRS_OK;
    if (status == AIRS_OK)
        *ret_engine = system->engine;
    os_mutex_unlock(&system->engine_lock);
    return status;
}

// ---------------------------------------------------------------- create

static void on_root_end(actor_watch *watch, const actor_failure *end)
{
    airs_system *self = ds_container_of(watch, airs_system, root_watch);
    self->root_failure = *end;
    os_event_set(&self->root_ended);
}

static void on_root_started(void *user, airs_status status, const char *text)
{
    (void)status;
    (void)text;
    os_event_set(user);
}

static airs_status make_root(airs_system *self, airs_error *error)
{
    os_event started;
    os_event_init(&started);
    supervisor_options options = {
        .strategy = self->options.strategy,
        .auto_shutdown = self->options.auto_shutdown,
        .max_restarts = self->options.max_restarts,
        .window_ms = self->options.window_ms,
        .backoff = self->options.backoff,
        .started_fn = on_root_started,
        .started_user = &started,
    };
    airs_status status = supervisor_spawn(&self->actors, &options, &self->root, error);
    if (status != AIRS_OK)
        return status;
    (void)system_wait(self, &started, OS_NEVER);
    self->root_watch.fn = on_root_end;
    sched_read read = sched_read_enter(self->sched);
    bool alive = actor_watch_add(actor_find(&self->actors, self->root), &self->root_watch);
    sched_read_leave(self->sched, read);
    AIRS_ASSERT(alive);
    return AIRS_OK;
}

/// The number of a system, for its ids: all that are alive in a process have another one, until 65,536 have been
/// made. The one thing that systems share.
static uint16_t next_owner(void)
{
    static BASE_ATOMIC(uint32_t) made;
    return (uint16_t)(base_atomic_fetch_add_relaxed(&made, 1u) + 1u);
}

static airs_status make_parts(airs_system *self, airs_error *error)
{
    sched_options options = {
        .workers = self->options.workers == AIRS_WORKERS_NONE ? SCHED_DRIVEN : self->options.workers,
        .allocator = self->allocator,
        .hooks = {.active = on_active,
                  .all_parked = on_all_parked,
                  .foreign_wake = on_foreign_wake,
                  .polled = self->watch == NULL ? NULL : on_polled,
                  .user = self},
    };
    self->driven = options.workers == SCHED_DRIVEN;
    airs_status status = self->driven ? driver_init(&self->driver, error) : AIRS_OK;
    if (status != AIRS_OK)
        return status;
    status = sched_create(&options, &self->sched, error);
    if (status != AIRS_OK)
        return status;
    status = actor_space_init(&self->actors, self->sched, self->options.actors_max, self->allocator, &self->log);
    if (status == AIRS_OK) {
        actor_space_set_owner(&self->actors, next_owner());
        status = router_init(&self->router, &self->actors);
    }
    if (status != AIRS_OK)
        return base_error_set(error, status, "no memory for a system");
    self->actors.system = self;
    self->components = (component_space){
        .actors = &self->actors, .ticker = &self->ticker, .plain = authority_plain_create(self->allocator)};
    if (!template_versions_init(&self->components.versions, self->allocator) || self->components.plain == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a system");
    self->compiler = (wasm_compiler){
        .allocator = self->allocator,
        .config = system_engine_config(&self->options),
        .stopping = &self->actors.stopping,
    };
    const system_loading loading = {self->options.component_max, self->options.compile_memory_max,
                                    self->options.compile_timeout_ms};
    system_set_loading(self, &loading);
    const char *path = self->options.compiler_path;
    if (path != NULL && (self->compiler.path = base_strndup(self->allocator, path, strlen(path))) == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a system");
    airs_error cache_error = {.status = AIRS_OK, .text = ""};
    if (wasm_cache_init(&self->cache, self->allocator, self->options.cache_dir, &cache_error) != AIRS_OK)
        base_log_write(&self->log, AIRS_LOG_WARN, NULL, "compiled code is not kept: %s", cache_error.text);
    status = node_audit_open(&self->audit, self, error);
    return status == AIRS_OK ? make_root(self, error) : status;
}

airs_status airs_system_create(const airs_system_options *options, airs_system **ret_system, airs_error *error)
{
    return system_create(options, NULL, ret_system, error);
}

airs_status system_create(const airs_system_options *options, const system_watch *watch, airs_system **ret_system,
                          airs_error *error)
{
    if (ret_system == NULL)
        return base_error_set(error, AIRS_E_INVALID, "ret_system is NULL");
    airs_system_options complete = options == NULL ? (airs_system_options){0} : *options;
    airs_status status = complete_options(&complete, error);
    if (status != AIRS_OK)
        return status;
    airs_system *self = base_alloc_aligned(complete.allocator, sizeof *self, BASE_CACHE_LINE);
    if (self == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a system");
    self->allocator = complete.allocator;
    self->options = complete;
    self->watch = watch;
    base_log_init(&self->log, complete.log, complete.log_user, complete.log_level);
    self->cache.folder = -1;
    status = make_parts(self, error);
    if (status != AIRS_OK) {
        airs_system_destroy(self);
        return status;
    }
    *ret_system = self;
    return AIRS_OK;
}

// ---------------------------------------------------------------- the end

void system_end(airs_system *system)
{
    base_atomic_store_release(&system->actors.stopping, true);
    sched_read read = sched_read_enter(system->sched);
    actor *root = actor_find(&system->actors, system->root);
    if (root != NULL)
        actor_signal_send(root, ACTOR_SIGNAL_STOP);
    sched_read_leave(system->sched, read);
}

void airs_system_stop(airs_system *system)
{
    if (system == NULL || system_is_worker(system))
        return;
    base_atomic_store_release(&system->actors.stopping, true);
    if (!os_event_is_set(&system->root_ended))
        base_atomic_store_release(&system->told_to_stop, true);
    // The root was never made when a system could not be.
    if (system->root == 0)
        return;
    system_end(system);
    (void)system_wait(system, &system->root_ended, OS_NEVER);
    system_leave_bridge(system);
}

/// Waits until the cells of the actors, which have all ended, are given back: they were deferred. The engine's I/O
/// thread may still be in the middle of waking one, and lets go of it right after.
static void wait_cells(airs_system *system)
{
    os_event never;
    os_event_init(&never);
    uint64_t deadline_ns = os_deadline_ms(os_clock_now_ns(), CELLS_WAIT_MS);
    while (base_atomic_load_acquire(&system->actors.cells) != 0 && os_clock_now_ns() < deadline_ns) {
        (void)os_event_wait(&never, os_deadline_ms(os_clock_now_ns(), 1));
        sched_stop(system->sched, true);
    }
    AIRS_ASSERT(base_atomic_load_acquire(&system->actors.cells) == 0);
}

void airs_system_destroy(airs_system *system)
{
    if (system == NULL || (system->sched != NULL && system_is_worker(system)))
        return;
    if (system->sched != NULL) {
        airs_system_stop(system);
        sched_stop(system->sched, true);
        wait_cells(system);
    }
    node_audit_close(&system->audit);
    capability_policy_release(system->components.plain);
    template_versions_fini(&system->components.versions);
    if (base_atomic_load_acquire(&system->ticking))
        wasm_ticker_stop(&system->ticker);
    engine_destroy(system->engine);
    history_fini(system);
    wasm_cache_fini(&system->cache);
    base_free(system->allocator, (char *)(uintptr_t)system->compiler.path);
    if (system->sched != NULL) {
        router_fini(&system->router);
        actor_space_fini(&system->actors);
        sched_destroy(system->sched);
    }
    if (system->driven)
        driver_fini(&system->driver);
    // Other systems of the bridge, and what they had asked here, know its place.
    const bridge_place *place = base_atomic_load_relaxed(&system->place);
    if (place != NULL)
        bridge_release(place->bridge);
    base_free_aligned(system->allocator, system);
}

// ---------------------------------------------------------------- without workers

static airs_status run_driven(airs_system *self, uint64_t deadline_ns)
{
    bool ticking = base_atomic_load_acquire(&self->ticking);
    return driver_run(&self->driver, self->sched, ticking ? &self->ticker : NULL, deadline_ns);
}

bool system_wait(airs_system *system, os_event *event, uint64_t deadline_ns)
{
    if (!system->driven)
        return os_event_wait(event, deadline_ns);
    // In naps: another thread may run the system, and then nothing wakes this one.
    while (!os_event_is_set(event) && os_clock_now_ns() < deadline_ns) {
        uint64_t nap_ns = os_deadline_ms(os_clock_now_ns(), 1);
        if (run_driven(system, nap_ns < deadline_ns ? nap_ns : deadline_ns) != AIRS_OK)
            os_thread_yield();
    }
    return os_event_is_set(event);
}

airs_status airs_system_run_once(airs_system *system, uint32_t timeout_ms)
{
    if (system == NULL || !system->driven)
        return AIRS_E_INVALID;
    if (system_is_worker(system))
        return AIRS_E_WOULD_BLOCK;
    return run_driven(system, os_deadline_ms(os_clock_now_ns(), timeout_ms));
}

int airs_system_fd(const airs_system *system)
{
    return system == NULL || !system->driven ? -1 : system->driver.poller.fd;
}

airs_finish airs_system_wait(airs_system *system, uint32_t timeout_ms, airs_error *error)
{
    if (system == NULL)
        return AIRS_FINISH_RUNNING;
    bool ended = system_is_worker(system)
                     ? os_event_is_set(&system->root_ended)
                     : system_wait(system, &system->root_ended, os_deadline_ms(os_clock_now_ns(), timeout_ms));
    if (ended && base_atomic_load_acquire(&system->audit.stopped)) {
        (void)base_error_set(error, AIRS_E_FAILED, "%s", system->audit.problem);
        return AIRS_FINISH_FAILED;
    }
    if (!ended || base_atomic_load_acquire(&system->told_to_stop))
        return AIRS_FINISH_RUNNING;
    airs_exit reason = system->root_failure.reason;
    if (reason == AIRS_EXIT_NORMAL || reason == AIRS_EXIT_SHUTDOWN)
        return AIRS_FINISH_DONE;
    (void)base_error_set(error, AIRS_E_FAILED, "%s", system->root_failure.text);
    return AIRS_FINISH_FAILED;
}

void airs_system_on_event(airs_system *system, airs_event_fn fn, void *user)
{
    if (system == NULL)
        return;
    system->actors.event_user = user;
    system->actors.event_fn = fn;
}

void airs_system_set_hooks(airs_system *system, const airs_hooks *hooks)
{
    if (system != NULL)
        system->actors.hooks = hooks;
}

void airs_system_get_routes(airs_system *system, airs_routes *ret_routes)
{
    if (system != NULL && ret_routes != NULL)
        actor_space_routes(&system->actors, ret_routes);
}

void airs_system_get_metrics(airs_system *system, airs_metrics *ret_metrics)
{
    if (system == NULL || ret_metrics == NULL)
        return;
    *ret_metrics = (airs_metrics){0};
    actor_space_metrics(&system->actors, ret_metrics);
    ret_metrics->canaries = canaries_count(system);
    os_mutex_lock(&system->deploy_lock);
    ret_metrics->deployments = system->deployed;
    ret_metrics->deployments_failed = system->deploys_failed;
    os_mutex_unlock(&system->deploy_lock);
    ret_metrics->published = base_atomic_load_relaxed(&system->router.published);
    ret_metrics->published_reached = base_atomic_load_relaxed(&system->router.reached);
    ret_metrics->subscriptions = topics_count(&system->router.topics);
    ret_metrics->timers = alarms_count(&system->router.alarms);
    ret_metrics->dead_letters = dead_letters_count(&system->router.dead_letters);
    os_mutex_lock(&system->engine_lock);
    if (system->engine != NULL) {
        engine_live live;
        engine_live_counts(system->engine, &live);
        ret_metrics->instances = live.component_instances;
        ret_metrics->panics = engine_panics(system->engine);
    }
    os_mutex_unlock(&system->engine_lock);
}
