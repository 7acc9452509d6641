// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/children.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "supervise/supervisor.h"

#define MAX_DEFAULT 100u
/// Of their supervisor, as of one that says nothing.
#define RESTARTS_MAX 3u
#define WINDOW_MS 5000u

/// Shared by the component and the watch on the children's supervisor: the last of the two frees it.
typedef struct children {
    BASE_ATOMIC(uint32_t) references;
    /// The supervisor has ended, and `end` is how. Released by the watch, acquired by the component.
    BASE_ATOMIC(bool) ended;
    actor_failure end;
    actor_watch watch;
    /// Counted as long as the watch waits.
    actor *owner;
    uint64_t supervisor;
    /// Those that were spawned, and by which grants; those that have ended are forgotten when their number counts.
    struct spawned {
        uint64_t id;
        uint32_t grant;
        /// The name of the template, its own.
        char *of;
    } * spawned;
    uint32_t spawned_count;
    uint32_t spawned_room;
} children;

airs_status children_options_init(children_options *self, const airs_spawn_options *from, bool resolve,
                                  const airs_allocator *allocator, airs_error *error)
{
    self->max = from->children_max == 0 ? MAX_DEFAULT : from->children_max;
    return template_list_copy(&self->templates, from->templates, from->templates_count, resolve, allocator, error);
}

void children_options_fini(children_options *self, const airs_allocator *allocator)
{
    template_list_free(&self->templates, allocator);
}

static void release(children *self, const airs_allocator *allocator)
{
    // acq_rel: what the other did with it comes before its end.
    if (base_atomic_fetch_sub_acq_rel(&self->references, 1u) != 1)
        return;
    for (uint32_t i = 0; i < self->spawned_count; i++)
        base_free(allocator, self->spawned[i].of);
    base_free(allocator, self->spawned);
    base_free(allocator, self);
}

bool children_take_terms(actor *cell, void *of_kind)
{
    component_actor *self = component_actor_of(cell);
    children_options *with = of_kind;
    if (with == NULL)
        return true;
    os_mutex_lock(&cell->info_lock);
    children_options before = self->children_of;
    self->children_of = *with;
    os_mutex_unlock(&cell->info_lock);
    *with = before;
    return true;
}

// ---------------------------------------------------------------- their supervisor

/// On a worker, when the supervisor has ended for good.
static void on_ended(actor_watch *watch, const actor_failure *end)
{
    children *self = ds_container_of(watch, children, watch);
    actor *owner = self->owner;
    self->end = *end;
    base_atomic_store_release(&self->ended, true);
    release(self, owner->space->allocator);
    sched_wake(owner->space->sched, &owner->task);
    actor_release(owner);
}

/// False when it has ended already.
static bool watch_supervisor(children *self)
{
    actor_space *space = self->owner->space;
    sched_read read = sched_read_enter(space->sched);
    actor *supervisor = actor_find(space, self->supervisor);
    // The owner is alive: it runs this.
    bool watched = supervisor != NULL && actor_retain(self->owner) && actor_watch_add(supervisor, &self->watch);
    if (supervisor != NULL && !watched)
        actor_release(self->owner);
    sched_read_leave(space->sched, read);
    return watched;
}

static void stop_supervisor(actor_space *space, uint64_t id)
{
    sched_read read = sched_read_enter(space->sched);
    actor *supervisor = actor_find(space, id);
    if (supervisor != NULL)
        actor_signal_send(supervisor, ACTOR_SIGNAL_STOP);
    sched_read_leave(space->sched, read);
}

/// Beside the component; where only children of a template stand, beside the supervisor of these.
static uint64_t place_for(const component_actor *self)
{
    const actor *above = self->cell.supervisor;
    while (above->supervisor != NULL && supervisor_is_simple(above))
        above = above->supervisor;
    return above->id;
}

static airs_status make(component_actor *self, airs_error *error)
{
    actor_space *space = self->cell.space;
    children *made = base_alloc_zeroed(space->allocator, sizeof *made);
    if (made == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a supervisor of children");
    supervisor_options options = {
        .supervisor = place_for(self),
        .strategy = AIRS_SIMPLE_ONE_FOR_ONE,
        .max_restarts = RESTARTS_MAX,
        .window_ms = WINDOW_MS,
        // How many there may be is looked at before each: that number may change.
        .restart = AIRS_RESTART_TEMPORARY,
    };
    airs_status status = supervisor_spawn(space, &options, &made->supervisor, error);
    if (status != AIRS_OK) {
        base_free(space->allocator, made);
        return status;
    }
    base_atomic_init(&made->references, 2u);
    made->watch.fn = on_ended;
    made->owner = &self->cell;
    if (!watch_supervisor(made)) {
        base_free(space->allocator, made);
        return base_error_set(error, AIRS_E_STOPPING, "the supervisor of this actor is stopping");
    }
    self->children = made;
    base_atomic_store_relaxed(&self->authority.children, made->supervisor);
    return AIRS_OK;
}

// ---------------------------------------------------------------- children

/// Lets go of a supervisor that has ended as it should: the next child gets another.
static void forget_ended(component_actor *self)
{
    if (self->children == NULL || !base_atomic_load_acquire(&self->children->ended))
        return;
    release(self->children, self->cell.space->allocator);
    self->children = NULL;
}

/// Whether there are as many as may be. One that ends is counted until its supervisor has seen that.
static bool are_all_there(const component_actor *self)
{
    const actor_space *space = self->cell.space;
    sched_read read = sched_read_enter(space->sched);
    const actor *supervisor = actor_find(space, self->children->supervisor);
    bool all = supervisor != NULL && supervisor_children(supervisor) >= self->children_of.max;
    sched_read_leave(space->sched, read);
    return all;
}

static uint32_t count_of(const children *self, uint32_t grant)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->spawned_count; i++)
        count += self->spawned[i].grant == grant;
    return count;
}

static void forget_dead(children *self)
{
    const actor_space *space = self->owner->space;
    uint32_t kept = 0;
    sched_read read = sched_read_enter(space->sched);
    for (uint32_t i = 0; i < self->spawned_count; i++) {
        if (actor_find(space, self->spawned[i].id) != NULL)
            self->spawned[kept++] = self->spawned[i];
        else
            base_free(space->allocator, self->spawned[i].of);
    }
    sched_read_leave(space->sched, read);
    self->spawned_count = kept;
}

/// How many of a grant's children are alive, or fewer than it allows.
static uint32_t alive(void *user, uint32_t grant)
{
    const component_actor *self = user;
    if (self->children == NULL)
        return 0;
    const capability_grant *of = capability_policy_grant(self->authority.view.policy, grant);
    uint32_t count = count_of(self->children, grant);
    if (of == NULL || count < of->count_max)
        return count;
    forget_dead(self->children);
    return count_of(self->children, grant);
}

uint32_t children_alive_of(component_actor *self, airs_bytes template_name)
{
    uint32_t count = 0;
    if (self->children == NULL)
        return 0;
    forget_dead(self->children);
    for (uint32_t i = 0; i < self->children->spawned_count; i++)
        count += base_bytes_are(template_name, self->children->spawned[i].of);
    return count;
}

/// Room to note one more.
static bool reserve(children *self, const airs_allocator *allocator)
{
    if (self->spawned_count < self->spawned_room)
        return true;
    forget_dead(self);
    if (self->spawned_count < self->spawned_room / 2)
        return true;
    uint32_t room = self->spawned_room == 0 ? 8 : 2 * self->spawned_room;
    struct spawned *made = base_realloc(allocator, self->spawned, room * sizeof *made);
    if (made == NULL)
        return false;
    self->spawned = made;
    self->spawned_room = room;
    return true;
}

static airs_status place(component_actor *self, const airs_template *of, const template_child *child, uint32_t grant,
                         uint64_t *ret_id, airs_error *error)
{
    children *it = self->children;
    template_child placed = *child;
    placed.supervisor = it->supervisor;
    placed.parent = self;
    const airs_allocator *allocator = self->cell.space->allocator;
    char *name = base_strndup(allocator, of->name, strlen(of->name));
    airs_status status = name != NULL && reserve(it, allocator)
                             ? template_spawn(self->space, of, &placed, ret_id, error)
                             : base_error_set(error, AIRS_E_NOMEM, "no memory for a child");
    if (status == AIRS_OK)
        it->spawned[it->spawned_count++] = (struct spawned){*ret_id, grant, name};
    else
        base_free(allocator, name);
    return status;
}

airs_status children_spawn(component_actor *self, const airs_template *of, const template_child *child,
                           uint64_t *ret_id, airs_error *error)
{
    forget_ended(self);
    if (self->children != NULL && are_all_there(self)) {
        airs_status full =
            base_error_set(error, AIRS_E_LIMIT, "it has children_max children, %" PRIu32, self->children_of.max);
        authority_refuse(self, CAPABILITY_SPAWN_START, base_bytes_of(of->name), error->text);
        return full;
    }
    uint32_t grant;
    airs_status status = authority_check_spawn(self, base_bytes_of(of->name), alive, &grant);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s", self->text);
    if (self->children == NULL)
        status = make(self, error);
    return status == AIRS_OK ? place(self, of, child, grant, ret_id, error) : status;
}

bool children_has(const component_actor *self, const actor *child)
{
    return self->children != NULL && child->supervisor != NULL && child->supervisor->id == self->children->supervisor;
}

bool children_have_failed(component_actor *self, actor_failure *ret_failure)
{
    const children *it = self->children;
    if (it == NULL || !base_atomic_load_acquire(&it->ended) || !actor_exit_is_failure(it->end.reason))
        return false;
    (void)actor_fail(ret_failure, AIRS_EXIT_FAILED, "its children: %.200s", it->end.text);
    return true;
}

void children_end(component_actor *self)
{
    children_drop(self, self->children);
    self->children = NULL;
}

void children_drop(component_actor *self, children *aside)
{
    if (aside == NULL)
        return;
    stop_supervisor(self->cell.space, aside->supervisor);
    release(aside, self->cell.space->allocator);
}

children *children_put_aside(component_actor *self)
{
    children *aside = self->children;
    self->children = NULL;
    base_atomic_store_relaxed(&self->authority.children, 0u);
    return aside;
}

void children_seat(component_actor *self, children *list)
{
    self->children = list;
    base_atomic_store_relaxed(&self->authority.children, list == NULL ? 0u : list->supervisor);
}

void children_take_back(component_actor *self, children *aside)
{
    children_end(self);
    children_seat(self, aside);
}
