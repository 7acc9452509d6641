// SPDX-License-Identifier: MIT OR Apache-2.0
/// What `airs_system` is: the rooms put together. See include/airssys/system.h.
#ifndef NODE_SYSTEM_H
#define NODE_SYSTEM_H

#include "actor/cell.h"
#include "airssys/system.h"
#include "component/component_actor.h"
#include "node/audit.h"
#include "node/decisions.h"
#include "node/driver.h"
#include "os/event.h"
#include "route/bridge.h"
#include "route/router.h"
#include "wasm/cache.h"
#include "wasm/ticker.h"

struct deploy_history;

/// Looks on, for tests.
typedef struct system_watch {
    /// An actor has been polled; on its worker.
    void (*polled)(void *user, const sched_task *task);
    void *user;
} system_watch;

/// What loading a component may take, as of airs_system_options.
typedef struct system_loading {
    uint64_t component_max;
    uint64_t compile_memory_max;
    uint32_t compile_timeout_ms;
} system_loading;

struct airs_system {
    const airs_allocator *allocator;
    airs_system_options options;
    base_log log;
    sched *sched;
    /// NULL but in tests.
    const system_watch *watch;
    /// With AIRS_WORKERS_NONE.
    bool driven;
    driver driver;
    actor_space actors;
    router router;
    component_space components;
    node_audit audit;
    node_decisions decisions;

    /// The engine is made when the first component is loaded: it keeps address space and a thread.
    os_mutex engine_lock;
    engine *engine;
    /// Set once `ticker` runs, so that the scheduler's hooks may use it.
    BASE_ATOMIC(bool) ticking;
    wasm_ticker ticker;
    wasm_cache cache;
    /// Its path, when it has one, is the system's. Its limits are those of `loading`.
    wasm_compiler compiler;
    /// Under `engine_lock`.
    system_loading loading;

    /// Deployments that have ended (history.c): how many, and their records; NULL until the first.
    os_mutex deploy_lock;
    uint64_t deployments_count;
    /// Since the system was made: those that have come about, and those that have not.
    uint64_t deployed;
    uint64_t deploys_failed;
    struct deploy_history *deployments;
    /// Those that run (canaries.c), under the same lock.
    struct running_canary *canaries;
    uint64_t canaries_made;

    /// Its place on a bridge (api_bridge.c); NULL: on none. Set once, under the lock.
    os_mutex bridge_lock;
    BASE_ATOMIC(bridge_place *) place;

    uint64_t root;
    actor_watch root_watch;
    os_event root_ended;
    /// How the root ended, written before `root_ended` is set.
    actor_failure root_failure;
    /// The root ended because it was told to.
    BASE_ATOMIC(bool) told_to_stop;
};

/// `airs_system_create` with somebody who looks on and outlives the system; NULL for nobody.
airs_status system_create(const airs_system_options *options, const system_watch *watch, airs_system **ret_system,
                          airs_error *error);

/// Tells the system to stop, and does not wait for it. Any thread.
void system_end(airs_system *system);

/// It has stopped: what others have asked of it is settled, and its name on the bridge is free. Nothing when it is on
/// none. Twice is once.
void system_leave_bridge(airs_system *system);

/// The engine, made now if there is none. Errors: E_LIMIT, E_NOMEM. Any thread.
airs_status system_engine(airs_system *system, engine **ret_engine, airs_error *error);

/// What loading a component may take from then on; 0: the default. Any thread.
void system_set_loading(airs_system *system, const system_loading *loading);
/// Complete. Any thread.
system_loading system_get_loading(airs_system *system);

/// The engine's part of the options, which are complete.
engine_config system_engine_config(const airs_system_options *options);

/// Whether children may be spawned under a supervisor, other than those of its template. E_INVALID: they may not. One
/// that does not exist is somebody else's error.
airs_status system_check_supervisor(const airs_system *system, airs_actor_id supervisor, airs_error *error);

/// Whether the component was loaded by this system. Any thread.
bool system_has_loaded(airs_system *system, const airs_component *component);

/// `airs_spawn_component` with somebody who waits for its end from before it starts; NULL: nobody. `*ret_watched`: it
/// was spawned, and `watch` waits, also where the start has failed.
airs_status system_spawn_watched(airs_system *system, airs_component *component, const airs_spawn_options *options,
                                 actor_watch *watch, bool *ret_watched, airs_actor_id *ret_id, airs_error *error);

/// Waits for an event that a worker will set; a driven system is run meanwhile. False when the deadline has passed.
/// Not on a worker.
bool system_wait(airs_system *system, os_event *event, uint64_t deadline_ns);

/// Whether this thread is one of the system's workers, or one of another system's in the middle of a delivery or an
/// outcome here (a callback of `airs_ask_async`, say): it must not block.
static inline bool system_is_worker(const airs_system *system)
{
    return sched_worker_index(system->sched) != SCHED_NO_WORKER || bridge_is_visited_by_me(&system->actors);
}

#endif
