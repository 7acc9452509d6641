// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/actor.h: looking at actors.
#include <stdlib.h>
#include <string.h>

#include "actor/failures.h"
#include "actor/health.h"
#include "actor/log.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/pattern.h"
#include "node/system.h"
#include "supervise/supervisor.h"

airs_status airs_lookup(airs_system *system, const char *name, airs_actor_id *ret_id)
{
    if (system == NULL || name == NULL || ret_id == NULL)
        return AIRS_E_INVALID;
    uint64_t id;
    if (!actor_lookup(&system->actors, base_bytes_of(name), true, &id))
        return AIRS_E_NOT_FOUND;
    ret_id->raw = id;
    return AIRS_OK;
}

/// Binds a free name, or with `rebind` the one that `from` has.
static airs_status bind_name(airs_system *system, const char *name, bool rebind, airs_actor_id from, airs_actor_id to,
                             airs_error *error)
{
    if (system == NULL || name == NULL)
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    airs_status status = actor_name_check(base_bytes_of(name), error);
    if (status != AIRS_OK)
        return status;
    sched_read read = sched_read_enter(system->sched);
    actor *target = actor_find(&system->actors, to.raw);
    if (target == NULL)
        status = base_error_set(error, AIRS_E_GONE, "%s", airs_status_text(AIRS_E_GONE));
    else if (rebind && from.raw == 0)
        status = base_error_set(error, AIRS_E_NOT_FOUND, "%s", airs_status_text(AIRS_E_NOT_FOUND));
    else
        status = actor_name_bind(target, base_bytes_of(name), from.raw, error);
    sched_read_leave(system->sched, read);
    return status;
}

airs_status airs_register(airs_system *system, const char *name, airs_actor_id actor_id, airs_error *error)
{
    return bind_name(system, name, false, (airs_actor_id){0}, actor_id, error);
}

airs_status airs_rebind(airs_system *system, const char *name, airs_actor_id from, airs_actor_id to, airs_error *error)
{
    return bind_name(system, name, true, from, to, error);
}

bool airs_unregister(airs_system *system, const char *name)
{
    airs_actor_id holder;
    if (airs_lookup(system, name, &holder) != AIRS_OK)
        return false;
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, holder.raw);
    bool ended = found != NULL && actor_name_unbind(found, base_bytes_of(name));
    sched_read_leave(system->sched, read);
    return ended;
}

/// What `airs_names` looks for.
typedef struct name_visit {
    const char *pattern;
    airs_name_fn fn;
    void *user;
} name_visit;

static bool visit_name(void *user, airs_bytes name, uint64_t value)
{
    const name_visit *visit = user;
    char text[129];
    base_text_copy(text, sizeof text, name);
    if (visit->pattern != NULL && !capability_pattern_matches(visit->pattern, text))
        return true;
    return visit->fn(visit->user, text, (airs_actor_id){value});
}

void airs_names(airs_system *system, const char *pattern, airs_name_fn fn, void *user)
{
    if (system == NULL || fn == NULL)
        return;
    name_visit visit = {pattern, fn, user};
    sched_read read = sched_read_enter(system->sched);
    ds_namemap_each(&system->actors.names, visit_name, &visit);
    sched_read_leave(system->sched, read);
}

// ---------------------------------------------------------------- info

static void copy_text(char *to, size_t size, const char *from)
{
    base_text_copy(to, size, base_bytes_of(from));
}

static void fill_info(actor *from, airs_actor_info *ret)
{
    *ret = (airs_actor_info){
        .id = {from->id},
        .supervisor = {from->supervisor == NULL ? 0 : from->supervisor->id},
        .kind = from->kind->kind,
        .state = (airs_actor_state)base_atomic_load_acquire(&from->state),
        .restarts = base_atomic_load_relaxed(&from->restarts),
        .messages_handled = base_atomic_load_relaxed(&from->handled),
        .messages_failed = base_atomic_load_relaxed(&from->failed),
        .mailbox_len = inbox_len(&from->inbox),
        .memory = base_atomic_load_relaxed(&from->memory),
        .execution_ms = base_atomic_load_relaxed(&from->ran_ticks) * WASM_TICK_NS / 1000000u,
        .connections = base_atomic_load_relaxed(&from->connections),
        .hold = (airs_hold)base_atomic_load_acquire(&from->hold),
        .health = (airs_health)base_atomic_load_relaxed(&from->health_shown),
        .children = supervisor_is(from) ? supervisor_children(from) : 0,
    };
    uint64_t ready_ns = base_atomic_load_relaxed(&from->ready_ns);
    uint64_t now_ns = sched_now_ns(from->space->sched);
    if (ready_ns != 0 && now_ns > ready_ns)
        ret->uptime_ms = (now_ns - ready_ns) / 1000000u;
    uint64_t due_ns = base_atomic_load_relaxed(&from->restart_due_ns);
    if (ret->hold == AIRS_HOLD_BACKOFF && due_ns > now_ns)
        ret->restart_due_ms = (due_ns - now_ns + 999999u) / 1000000u;
    actor_health_text(from, ret->health_text);
    copy_text(ret->name, sizeof ret->name, actor_name(from));
    os_mutex_lock(&from->info_lock);
    copy_text(ret->component, sizeof ret->component, from->component_name);
    copy_text(ret->version, sizeof ret->version, from->component_version);
    ret->restart = from->restart;
    ret->significant = from->significant;
    os_mutex_unlock(&from->info_lock);
    actor_failure last;
    if (actor_failures_last(from, &last)) {
        ret->last_exit = last.reason;
        memcpy(ret->last_failure, last.text, sizeof ret->last_failure);
    }
}

airs_status airs_actor_get_info(airs_system *system, airs_actor_id actor_id, airs_actor_info *ret_info)
{
    if (system == NULL || ret_info == NULL)
        return AIRS_E_INVALID;
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, actor_id.raw);
    if (found != NULL)
        fill_info(found, ret_info);
    sched_read_leave(system->sched, read);
    return found == NULL ? AIRS_E_GONE : AIRS_OK;
}

airs_status airs_actor_get_usage(airs_system *system, airs_actor_id actor_id, airs_usage *ret_usage)
{
    if (system == NULL || ret_usage == NULL)
        return AIRS_E_INVALID;
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, actor_id.raw);
    if (found != NULL) {
        *ret_usage = (airs_usage){.mailbox_len = inbox_len(&found->inbox)};
        os_mutex_lock(&found->info_lock);
        ret_usage->limits = found->limits;
        os_mutex_unlock(&found->info_lock);
        if (found->kind->kind == AIRS_KIND_COMPONENT)
            component_actor_usage(component_actor_of(found), ret_usage);
    }
    sched_read_leave(system->sched, read);
    return found == NULL ? AIRS_E_GONE : AIRS_OK;
}

airs_status airs_system_get_usage(airs_system *system, airs_system_usage *ret_usage)
{
    if (system == NULL || ret_usage == NULL)
        return AIRS_E_INVALID;
    airs_metrics metrics;
    airs_system_get_metrics(system, &metrics);
    *ret_usage = (airs_system_usage){.actors = metrics.actors,
                                     .actors_max = system->options.actors_max,
                                     .instances = metrics.instances,
                                     .instances_max = system->options.instances_max,
                                     .memory_max = system->options.memory_max};
    uint32_t cursor = 0;
    ds_handle handle;
    sched_read read = sched_read_enter(system->sched);
    for (actor *it; (it = ds_slotmap_next(&system->actors.actors, &cursor, &handle)) != NULL;)
        ret_usage->memory += base_atomic_load_relaxed(&it->memory);
    sched_read_leave(system->sched, read);
    return AIRS_OK;
}

airs_status airs_system_set_log_level(airs_system *system, airs_log_level level)
{
    if (system == NULL || (unsigned)level > AIRS_LOG_ERROR)
        return AIRS_E_INVALID;
    // Lines about the system, and lines about actors.
    base_log_set_level(&system->log, level);
    base_log_set_level(&system->actors.log, level);
    return AIRS_OK;
}

airs_status airs_actor_set_log_level(airs_system *system, airs_actor_id actor_id, const airs_log_level *level)
{
    if (system == NULL || (level != NULL && (unsigned)*level > AIRS_LOG_ERROR))
        return AIRS_E_INVALID;
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, actor_id.raw);
    if (found != NULL)
        actor_log_set_level(found, level);
    sched_read_leave(system->sched, read);
    return found == NULL ? AIRS_E_GONE : AIRS_OK;
}

uint64_t airs_actor_failures(airs_system *system, airs_actor_id actor_id, airs_failure_fn fn, void *user)
{
    if (system == NULL || system_is_worker(system))
        return 0;
    // The visit may take its time, so it holds the actor, not the read section.
    sched_read read = sched_read_enter(system->sched);
    actor *found = actor_find(&system->actors, actor_id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(system->sched, read);
    if (found == NULL)
        return 0;
    uint64_t count = actor_failures_each(found, fn, user);
    actor_release(found);
    return count;
}

// ---------------------------------------------------------------- list

typedef struct list_entry {
    uint64_t id;
    uint64_t serial;
    uint64_t supervisor_serial;
} list_entry;

/// By supervisor, then by age: the children of one are together, in the order of spawning.
static int compare_entries(const void *a, const void *b)
{
    const list_entry *x = a;
    const list_entry *y = b;
    if (x->supervisor_serial != y->supervisor_serial)
        return x->supervisor_serial < y->supervisor_serial ? -1 : 1;
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/// The first entry of a supervisor's children, or `count`.
static size_t first_child(const list_entry *entries, size_t count, uint64_t supervisor_serial)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (entries[middle].supervisor_serial < supervisor_serial)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/// Takes a picture of all actors; the root counts as the child of UINT64_MAX.
static size_t take_entries(airs_system *system, list_entry *entries, size_t capacity)
{
    size_t count = 0;
    uint32_t cursor = 0;
    ds_handle handle;
    sched_read read = sched_read_enter(system->sched);
    for (actor *found = ds_slotmap_next(&system->actors.actors, &cursor, &handle); found != NULL && count < capacity;
         found = ds_slotmap_next(&system->actors.actors, &cursor, &handle))
        entries[count++] =
            (list_entry){found->id, found->serial, found->supervisor == NULL ? UINT64_MAX : found->supervisor->serial};
    sched_read_leave(system->sched, read);
    return count;
}

/// Walks the tree depth first. Each entry is visited at most once, so `stack` needs no more than `count`.
static size_t walk(const list_entry *entries, size_t count, size_t *stack, airs_actor_id *ret_ids, size_t max)
{
    size_t visited = 0;
    size_t depth = 0;
    size_t root = first_child(entries, count, UINT64_MAX);
    if (root < count)
        stack[depth++] = root;
    while (depth > 0) {
        size_t at = stack[depth - 1];
        if (visited < max)
            ret_ids[visited] = (airs_actor_id){entries[at].id};
        visited++;
        // Its next sibling takes its place; its children go before that.
        bool sibling = at + 1 < count && entries[at + 1].supervisor_serial == entries[at].supervisor_serial;
        if (sibling)
            stack[depth - 1] = at + 1;
        else
            depth--;
        size_t child = first_child(entries, count, entries[at].serial);
        if (child < count && entries[child].supervisor_serial == entries[at].serial)
            stack[depth++] = child;
    }
    return visited;
}

size_t airs_actor_list(airs_system *system, airs_actor_id *ret_ids, size_t max)
{
    if (system == NULL || (ret_ids == NULL && max > 0))
        return 0;
    size_t capacity = (size_t)ds_slotmap_len(&system->actors.actors) + 64;
    list_entry *entries = base_alloc_array(system->allocator, capacity, sizeof *entries);
    size_t *stack = base_alloc_array(system->allocator, capacity + 1, sizeof *stack);
    size_t visited = 0;
    if (entries != NULL && stack != NULL) {
        size_t count = take_entries(system, entries, capacity);
        qsort(entries, count, sizeof *entries, compare_entries);
        visited = walk(entries, count, stack, ret_ids, max);
    }
    base_free(system->allocator, stack);
    base_free(system->allocator, entries);
    return visited;
}
