// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/live.h"

#include "base/alloc.h"
#include "base/error.h"
#include "component/children.h"
#include "node/system.h"
#include "os/clock.h"

// A group that is being restarted is waited for so long, and then looked at so often whether it can be left.
#define GIVE_TIMEOUT_MS 10000u
#define LOOK_MS 10u

// ---------------------------------------------------------------- adding

static void told(actor_terms *terms, airs_status status)
{
    node_live_change *change = ds_container_of(terms, node_live_change, terms);
    change->status = status;
    os_event_set(&change->done);
}

/// NULL: it has ended.
static actor *find_and_retain(const node_live *self, airs_actor_id id)
{
    sched_read read = sched_read_enter(self->system->sched);
    actor *found = actor_find(&self->system->actors, id.raw);
    if (found != NULL && !actor_retain(found))
        found = NULL;
    sched_read_leave(self->system->sched, read);
    return found;
}

/// Takes over the count on the cell.
static airs_status add(node_live *self, actor *cell, const actor_options *options, const supervisor_terms *group,
                       airs_error *error)
{
    node_live_change *made = base_alloc_zeroed(base_allocator_default(), sizeof *made);
    airs_status status = made == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for other settings")
                                      : actor_terms_init(&made->terms, cell, options, error);
    if (status != AIRS_OK) {
        base_free(base_allocator_default(), made);
        actor_release(cell);
        return status;
    }
    made->cell = cell;
    made->terms.told = told;
    if (group != NULL) {
        made->group = *group;
        made->terms.of_kind = &made->group;
    }
    made->next = self->changes;
    self->changes = made;
    return AIRS_OK;
}

airs_status node_live_add_actor(node_live *self, airs_actor_id actor_id, const airs_spawn_options *options,
                                airs_error *error)
{
    actor *cell = find_and_retain(self, actor_id);
    if (cell == NULL)
        return AIRS_OK;
    const actor_options made = template_actor_options(options);
    return add(self, cell, &made, NULL, error);
}

airs_status node_live_add_spawner(node_live *self, airs_actor_id actor_id, const airs_spawn_options *options,
                                  const airs_spawn_options *spawns, airs_error *error)
{
    node_live_change *before = self->changes;
    airs_status status = node_live_add_actor(self, actor_id, options, error);
    // One that has ended is left out.
    if (status != AIRS_OK || self->changes == before)
        return status;
    node_live_change *made = self->changes;
    made->terms.of_kind = &made->spawning;
    return children_options_init(&made->spawning, spawns, true, made->cell->space->allocator, error);
}

airs_status node_live_add_group(node_live *self, airs_actor_id group, const airs_supervisor_options *options,
                                airs_error *error)
{
    actor *cell = find_and_retain(self, group);
    if (cell == NULL)
        return AIRS_OK;
    // As of one that is spawned.
    uint32_t max_restarts = options->window_ms == 0 && options->max_restarts == 0 ? 3 : options->max_restarts;
    const supervisor_options wanted = {.strategy = options->strategy,
                                       .auto_shutdown = options->auto_shutdown,
                                       .max_restarts = max_restarts,
                                       .window_ms = options->window_ms == 0 ? 5000 : options->window_ms,
                                       .backoff = options->backoff,
                                       .children_max = options->children_max};
    const actor_options as_child = {.restart = options->restart, .significant = options->significant};
    supervisor_terms terms;
    airs_status status = supervisor_terms_init(&terms, cell, &wanted, error);
    if (status == AIRS_OK)
        return add(self, cell, &as_child, &terms, error);
    actor_release(cell);
    return status;
}

// ---------------------------------------------------------------- giving

/// Waits until it is told. False: it was taken back before that.
static bool wait(const node_live *self, node_live_change *change)
{
    uint64_t deadline_ns =
        os_deadline_ms(os_clock_now_ns(), self->give_timeout_ms == 0 ? GIVE_TIMEOUT_MS : self->give_timeout_ms);
    while (!system_wait(self->system, &change->done, deadline_ns)) {
        if (actor_terms_take_back(change->cell, &change->terms))
            return false;
        deadline_ns = os_deadline_ms(os_clock_now_ns(), LOOK_MS);
    }
    return true;
}

/// One that has ended needs nothing.
static airs_status exchange(const node_live *self, node_live_change *change, airs_error *error)
{
    os_event_init(&change->done);
    airs_status status = actor_terms_give(change->cell, &change->terms, error);
    if (status == AIRS_E_GONE)
        return AIRS_OK;
    if (status != AIRS_OK)
        return status;
    if (!wait(self, change))
        return base_error_set(error, AIRS_E_TIMEOUT,
                              "\"%s\" does not take its settings: it is being restarted, or in a health check",
                              actor_name(change->cell));
    if (change->status == AIRS_OK)
        change->given = !change->given;
    return AIRS_OK;
}

airs_status node_live_give(node_live *self, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (node_live_change *it = self->changes; status == AIRS_OK && it != NULL; it = it->next) {
        if (!it->given)
            status = exchange(self, it, error);
    }
    if (status != AIRS_OK)
        node_live_take_back(self);
    return status;
}

void node_live_take_back(node_live *self)
{
    airs_error why = {0};
    for (node_live_change *it = self->changes; it != NULL; it = it->next) {
        if (it->given && exchange(self, it, &why) != AIRS_OK)
            base_log_write(&self->system->log, AIRS_LOG_WARN, NULL, "%s keeps its new settings until it is started: %s",
                           actor_name(it->cell), why.text);
    }
}

void node_live_fini(node_live *self)
{
    while (self->changes != NULL) {
        node_live_change *it = self->changes;
        self->changes = it->next;
        actor_terms_fini(&it->terms);
        children_options_fini(&it->spawning, it->cell->space->allocator);
        actor_release(it->cell);
        base_free(base_allocator_default(), it);
    }
}
