// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/supervision.h: supervisors, children of templates, and what an operator does to a child.
#include "base/alloc.h"
#include "base/error.h"
#include "node/child_template.h"
#include "node/system.h"
#include "supervise/supervisor.h"

static airs_status refuse(airs_error *error, airs_status status)
{
    return base_error_set(error, status, "%s", airs_status_text(status));
}

/// The actor of an id with one more count, NULL when there is none.
static actor *find_and_retain(airs_system *system, airs_actor_id id)
{
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    return found;
}

// ---------------------------------------------------------------- supervisors

airs_status system_check_supervisor(const airs_system *system, airs_actor_id supervisor, airs_error *error)
{
    sched_read read = sched_read_enter(system->sched);
    const actor *found = actor_find(&system->actors, supervisor.raw);
    bool simple = found != NULL && supervisor_is(found) && supervisor_is_simple(found);
    sched_read_leave(system->sched, read);
    if (simple)
        return base_error_set(error, AIRS_E_INVALID, "all children of this supervisor are of its template");
    return AIRS_OK;
}

airs_status airs_spawn_supervisor(airs_system *system, const airs_supervisor_options *options, airs_actor_id *ret_id,
                                  airs_error *error)
{
    if (system == NULL || ret_id == NULL)
        return refuse(error, AIRS_E_INVALID);
    if (base_atomic_load_acquire(&system->actors.stopping))
        return refuse(error, AIRS_E_STOPPING);
    airs_supervisor_options from = options == NULL ? (airs_supervisor_options){0} : *options;
    if (from.window_ms == 0) {
        from.window_ms = 5000;
        if (from.max_restarts == 0)
            from.max_restarts = 3;
    }
    supervisor_options made = {.name = from.name,
                               .supervisor = from.supervisor.raw == 0 ? system->root : from.supervisor.raw,
                               .strategy = from.strategy,
                               .auto_shutdown = from.auto_shutdown,
                               .max_restarts = from.max_restarts,
                               .window_ms = from.window_ms,
                               .backoff = from.backoff,
                               .children_max = from.children_max,
                               .restart = from.restart,
                               .significant = from.significant};
    airs_status status = system_check_supervisor(system, from.supervisor, error);
    if (status == AIRS_OK)
        status = child_template_copy(&from, system->allocator, &made.child_template, error);
    if (status != AIRS_OK)
        return status;
    uint64_t id = 0;
    status = supervisor_spawn(&system->actors, &made, &id, error);
    if (status == AIRS_OK)
        ret_id->raw = id;
    else if (made.child_template.made != NULL)
        made.child_template.release(made.child_template.made, system->allocator);
    return status;
}

// ---------------------------------------------------------------- children of a template

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

static airs_status spawn_of(airs_system *system, const actor *supervisor, const template_child *child,
                            const child_grants *grants, airs_actor_id *ret_id, airs_error *error)
{
    child_template *of = child_template_of(supervisor);
    if (of == NULL)
        return base_error_set(error, AIRS_E_UNSUPPORTED, "\"%s\" has no template", actor_name(supervisor));
    start_waiter waiter = {.error = error};
    template_child with_waiter = *child;
    with_waiter.started_fn = on_started;
    with_waiter.started_user = &waiter;
    uint64_t id = 0;
    airs_status status = child_template_spawn(of, &system->components, &with_waiter, grants, &id, error);
    if (status != AIRS_OK)
        return status;
    (void)system_wait(system, &waiter.done, OS_NEVER);
    if (waiter.status == AIRS_OK)
        ret_id->raw = id;
    return waiter.status;
}

airs_status child_spawn(airs_system *system, airs_actor_id supervisor, const template_child *child,
                        const child_grants *grants, airs_actor_id *ret_id, airs_error *error)
{
    if (system_is_worker(system))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    if (base_atomic_load_acquire(&system->actors.stopping))
        return refuse(error, AIRS_E_STOPPING);
    actor *found = find_and_retain(system, supervisor);
    if (found == NULL)
        return base_error_set(error, AIRS_E_GONE, "no such supervisor");
    template_child its = *child;
    its.supervisor = supervisor.raw;
    airs_status status = spawn_of(system, found, &its, grants, ret_id, error);
    actor_release(found);
    return status;
}

airs_status airs_spawn_child(airs_system *system, airs_actor_id supervisor_id, const char *name,
                             const airs_setting *config, size_t config_count, airs_actor_id *ret_id, airs_error *error)
{
    if (system == NULL || ret_id == NULL || (config == NULL && config_count > 0))
        return refuse(error, AIRS_E_INVALID);
    for (size_t i = 0; i < config_count; i++) {
        if (config[i].key == NULL || config[i].value == NULL)
            return base_error_set(error, AIRS_E_INVALID, "config[%zu] has a NULL key or value", i);
    }
    const template_child child = {.name = name, .config = config, .config_count = config_count};
    return child_spawn(system, supervisor_id, &child, NULL, ret_id, error);
}

// ---------------------------------------------------------------- restart, quarantine, release

typedef struct control_waiter {
    supervise_control control;
    os_event done;
    airs_status status;
    airs_error *error;
} control_waiter;

static void on_control(supervise_control *control, airs_status status, const char *text)
{
    control_waiter *waiter = ds_container_of(control, control_waiter, control);
    waiter->status = status;
    if (status != AIRS_OK)
        (void)base_error_set(waiter->error, status, "%s", text[0] == '\0' ? airs_status_text(status) : text);
    os_event_set(&waiter->done);
}

static airs_status check_verb(const airs_system *system, airs_actor_id id, airs_error *error)
{
    if (system == NULL)
        return refuse(error, AIRS_E_INVALID);
    if (system_is_worker(system))
        return refuse(error, AIRS_E_WOULD_BLOCK);
    if (id.raw == system->root)
        return base_error_set(error, AIRS_E_INVALID, "the root has no supervisor");
    return AIRS_OK;
}

static airs_status control(airs_system *system, airs_actor_id id, supervise_verb verb, airs_error *error)
{
    airs_status status = check_verb(system, id, error);
    if (status != AIRS_OK)
        return status;
    control_waiter waiter = {.control = {.verb = verb, .fn = on_control}, .error = error};
    status = supervisor_control(&system->actors, id.raw, &waiter.control, error);
    if (status != AIRS_OK)
        return status;
    (void)system_wait(system, &waiter.done, OS_NEVER);
    return waiter.status;
}

airs_status airs_restart_actor(airs_system *system, airs_actor_id id, airs_error *error)
{
    return control(system, id, SUPERVISE_VERB_RESTART, error);
}

airs_status airs_quarantine(airs_system *system, airs_actor_id id)
{
    return control(system, id, SUPERVISE_VERB_QUARANTINE, NULL);
}

airs_status airs_release(airs_system *system, airs_actor_id id)
{
    return control(system, id, SUPERVISE_VERB_RELEASE, NULL);
}

// ---------------------------------------------------------------- kill

typedef struct mark_waiter {
    actor_watch watch;
    os_event done;
} mark_waiter;

static void on_mark(actor_watch *watch, const actor_failure *end)
{
    (void)end;
    os_event_set(&ds_container_of(watch, mark_waiter, watch)->done);
}

static bool has_incarnation(const actor *target)
{
    switch ((airs_actor_state)base_atomic_load_acquire(&target->state)) {
    case AIRS_ACTOR_STARTING:
    case AIRS_ACTOR_READY:
    case AIRS_ACTOR_STOPPING:
    case AIRS_ACTOR_UPGRADING:
        return true;
    case AIRS_ACTOR_CREATING:
    case AIRS_ACTOR_FAILED:
    case AIRS_ACTOR_TERMINATED:
    case AIRS_ACTOR_HIBERNATED:
        break;
    }
    return false;
}

airs_status airs_kill(airs_system *system, airs_actor_id id)
{
    airs_status status = check_verb(system, id, NULL);
    if (status != AIRS_OK)
        return status;
    actor *target = find_and_retain(system, id);
    if (target == NULL)
        return AIRS_E_GONE;
    mark_waiter waiter = {.watch = {.marks = ACTOR_MARK_DOWN, .fn = on_mark}};
    ds_list_init(&waiter.watch.link);
    bool watched = actor_watch_add(target, &waiter.watch);
    // One without an incarnation has nothing that could be killed, and would not say that it has ended. Looked at after
    // the watch is in place: what ends after this is told.
    bool nothing = watched && !has_incarnation(target) && actor_watch_remove(target, &waiter.watch);
    if (watched && !nothing) {
        actor_signal_send(target, ACTOR_SIGNAL_CRASH);
        (void)system_wait(system, &waiter.done, OS_NEVER);
    }
    actor_release(target);
    return watched ? AIRS_OK : AIRS_E_GONE;
}

// ---------------------------------------------------------------- whole trees

static bool is_below(const actor *it, const actor *top)
{
    while (it != NULL && it != top)
        it = it->supervisor;
    return it == top;
}

/// The actors of a tree, `top` first, each with a count. E_NOMEM.
static airs_status take_tree(airs_system *system, actor *top, actor ***ret_list, size_t *ret_count)
{
    size_t capacity = (size_t)ds_slotmap_len(&system->actors.actors) + 64;
    actor **list = base_alloc_array(system->allocator, supervisor_is(top) ? capacity : 1, sizeof(actor *));
    if (list == NULL)
        return AIRS_E_NOMEM;
    size_t count = 0;
    if (actor_retain(top))
        list[count++] = top;
    uint32_t cursor = 0;
    ds_handle handle;
    sched_read read = sched_read_enter(system->sched);
    for (actor *it; supervisor_is(top) && count < capacity &&
                    (it = ds_slotmap_next(&system->actors.actors, &cursor, &handle)) != NULL;) {
        if (it != top && is_below(it, top) && actor_retain(it))
            list[count++] = it;
    }
    sched_read_leave(system->sched, read);
    *ret_list = list;
    *ret_count = count;
    return AIRS_OK;
}

static void give_back_tree(airs_system *system, actor **list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        actor_release(list[i]);
    base_free(system->allocator, list);
}

/// Waits until one actor has come to rest, or is no more.
static bool pause_one(airs_system *system, actor *target)
{
    mark_waiter waiter = {.watch = {.marks = ACTOR_MARK_PAUSED, .fn = on_mark}};
    ds_list_init(&waiter.watch.link);
    if (!actor_watch_add(target, &waiter.watch))
        return false;
    actor_signal_send(target, ACTOR_SIGNAL_PAUSE);
    (void)system_wait(system, &waiter.done, OS_NEVER);
    return true;
}

airs_status airs_pause(airs_system *system, airs_actor_id id)
{
    airs_status status = check_verb(system, id, NULL);
    if (status != AIRS_OK)
        return status;
    actor *top = find_and_retain(system, id);
    if (top == NULL)
        return AIRS_E_GONE;
    // The supervisor first: what it starts from then on is paused already.
    status = pause_one(system, top) ? AIRS_OK : AIRS_E_GONE;
    actor **list = NULL;
    size_t count = 0;
    if (status == AIRS_OK && supervisor_is(top))
        status = take_tree(system, top, &list, &count);
    // All are told before the first is waited for.
    for (size_t i = 1; i < count; i++)
        actor_signal_send(list[i], ACTOR_SIGNAL_PAUSE);
    for (size_t i = 1; i < count; i++)
        (void)pause_one(system, list[i]);
    give_back_tree(system, list, count);
    actor_release(top);
    return status;
}

airs_status airs_resume(airs_system *system, airs_actor_id id)
{
    airs_status status = check_verb(system, id, NULL);
    if (status != AIRS_OK)
        return status;
    actor *top = find_and_retain(system, id);
    if (top == NULL)
        return AIRS_E_GONE;
    actor **list;
    size_t count;
    status = take_tree(system, top, &list, &count);
    for (size_t i = count; status == AIRS_OK && i > 0; i--)
        actor_signal_send(list[i - 1], ACTOR_SIGNAL_RESUME);
    if (status == AIRS_OK)
        give_back_tree(system, list, count);
    actor_release(top);
    return status;
}

static bool is_ready(const actor *it)
{
    airs_actor_state state = (airs_actor_state)base_atomic_load_acquire(&it->state);
    bool rests = state == AIRS_ACTOR_TERMINATED && base_atomic_load_acquire(&it->hold) == AIRS_HOLD_ENDED;
    return state == AIRS_ACTOR_READY || rests;
}

bool airs_actor_is_ready(airs_system *system, airs_actor_id id)
{
    if (system == NULL)
        return false;
    uint32_t cursor = 0;
    ds_handle handle;
    sched_read read = sched_read_enter(system->sched);
    const actor *top = actor_find(&system->actors, id.raw);
    bool ready = top != NULL && is_ready(top);
    for (const actor *it;
         ready && supervisor_is(top) && (it = ds_slotmap_next(&system->actors.actors, &cursor, &handle)) != NULL;)
        ready = is_ready(it) || !is_below(it, top);
    sched_read_leave(system->sched, read);
    return ready;
}
