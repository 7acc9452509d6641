// SPDX-License-Identifier: MIT OR Apache-2.0
/// How an actor comes to be, and how its memory ends.
#include <string.h>

#include "actor/age.h"
#include "actor/failures.h"
#include "actor/health.h"
#include "actor/hooks.h"
#include "actor/journal.h"
#include "actor/links.h"
#include "actor/names.h"
#include "base/alloc.h"
#include "base/assert.h"
#include "base/bytes.h"
#include "base/error.h"

// ---------------------------------------------------------------- parts of a cell

static void free_config(actor *self)
{
    const airs_allocator *allocator = self->space->allocator;
    for (uint32_t i = 0; i < self->config_count; i++) {
        base_free(allocator, (void *)(uintptr_t)self->config[i].key);
        base_free(allocator, (void *)(uintptr_t)self->config[i].value);
    }
    base_free(allocator, self->config);
    self->config = NULL;
    self->config_count = 0;
}

static bool copy_config(actor *self, const airs_setting *config, size_t count)
{
    const airs_allocator *allocator = self->space->allocator;
    if (count == 0)
        return true;
    self->config = base_alloc_array(allocator, count, sizeof *self->config);
    if (self->config == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        self->config_count++;
        self->config[i].key = base_strndup(allocator, config[i].key, strlen(config[i].key));
        self->config[i].value = base_strndup(allocator, config[i].value, strlen(config[i].value));
        if (self->config[i].key == NULL || self->config[i].value == NULL)
            return false;
    }
    return true;
}

static void keep_text(char *to, size_t size, const char *text)
{
    base_text_copy(to, size, base_bytes_of(text));
}

void actor_set_component(actor *self, const char *name, const char *version, bool takes_downs)
{
    os_mutex_lock(&self->info_lock);
    keep_text(self->component_name, sizeof self->component_name, name);
    keep_text(self->component_version, sizeof self->component_version, version);
    os_mutex_unlock(&self->info_lock);
    base_atomic_store_relaxed(&self->takes_downs, takes_downs);
}

/// Everything but what makes it known to others.
static airs_status init_cell(actor *self, actor_space *space, const actor_kind *kind, const actor_options *options,
                             airs_error *error)
{
    actor_init_task(self);
    ds_list_init(&self->parked);
    ds_list_init(&self->watches);
    self->space = space;
    self->kind = kind;
    self->restart = options->restart;
    self->significant = options->significant;
    self->backoff = options->backoff;
    self->on_failure = options->on_failure;
    self->limits = options->limits;
    self->hooks = options->hooks == NULL ? space->hooks : options->hooks;
    self->user = options->user;
    base_atomic_init(&self->takes_downs, options->takes_downs);
    self->filters = self->hooks != NULL && self->hooks->on_message != NULL;
    self->started_fn = options->started_fn;
    self->started_user = options->started_user;
    self->incarnation = 1;
    keep_text(self->component_name, sizeof self->component_name, options->component_name);
    keep_text(self->component_version, sizeof self->component_version, options->component_version);
    airs_status status = actor_limits_complete(&self->limits, error);
    if (status != AIRS_OK)
        return status;
    if ((unsigned)self->restart > AIRS_RESTART_TEMPORARY)
        return base_error_set(error, AIRS_E_INVALID, "restart %d is none", (int)self->restart);
    status = actor_backoff_complete(&self->backoff, error);
    if (status != AIRS_OK)
        return status;
    if ((unsigned)options->restart > AIRS_RESTART_TEMPORARY)
        return base_error_set(error, AIRS_E_INVALID, "restart %d is none", (int)options->restart);
    status = actor_health_init(self, &options->health, error);
    if (status == AIRS_OK &&
        (actor_age_init(self) != AIRS_OK || (self->hooks != NULL && actor_hooks_init(space) != AIRS_OK)))
        status = base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    if (status != AIRS_OK)
        return status;
    inbox_init(&self->inbox, self->limits.mailbox_max, self->limits.mailbox_policy);
    base_atomic_init(&self->inbox.message_max, self->limits.max_message);
    self->inbox.name_head = inbox_name_head(options->name);
    if (options->name != NULL) {
        status = actor_name_check(base_bytes_of(options->name), error);
        if (status != AIRS_OK)
            return status;
        self->name = base_strndup(space->allocator, options->name, strlen(options->name));
    }
    if ((options->name != NULL && self->name == NULL) || !copy_config(self, options->config, options->config_count))
        return base_error_set(error, AIRS_E_NOMEM, "no memory for an actor");
    return AIRS_OK;
}

static void free_parts(actor *self)
{
    free_config(self);
    actor_failures_fini(self);
    actor_links_fini(self);
    actor_health_fini(self);
    actor_age_fini(self);
    actor_journal_destroy(self->journal);
    base_free(self->space->allocator, self->name);
    base_free(self->space->allocator, self->unanswered.ids);
    base_free(self->space->allocator, self->twin_unanswered.ids);
    base_free(self->space->allocator, self->requests.ids);
    base_free(self->space->allocator, self->unwanted.ids);
    base_free(self->space->allocator, self->subscriptions.ids);
    base_free(self->space->allocator, self->alarms.ids);
    base_free(self->space->allocator, self->names.texts);
    base_free(self->space->allocator, self->bound.texts);
    self->name = NULL;
}

// ---------------------------------------------------------------- spawn

/// Finds the supervisor and keeps a count on it for the child.
static airs_status find_supervisor(actor_space *space, uint64_t id, actor **ret_supervisor, airs_error *error)
{
    sched_read read = sched_read_enter(space->sched);
    actor *supervisor = actor_find(space, id);
    airs_status status = AIRS_OK;
    if (supervisor == NULL || !actor_retain(supervisor))
        status = base_error_set(error, AIRS_E_GONE, "no such supervisor");
    else if (supervisor->kind->take_report == NULL) {
        status = base_error_set(error, AIRS_E_INVALID, "actor \"%s\" is no supervisor", actor_name(supervisor));
        actor_release(supervisor);
    } else {
        *ret_supervisor = supervisor;
    }
    sched_read_leave(space->sched, read);
    return status;
}

static airs_status reserve_id_and_name(actor *self, airs_error *error)
{
    actor_space *space = self->space;
    airs_status status = ds_slotmap_reserve(&space->actors, &self->id);
    if (status != AIRS_OK)
        return base_error_set(error, status, "%s",
                              status == AIRS_E_LIMIT ? "actors_max actors are alive" : airs_status_text(status));
    if (self->name == NULL)
        return AIRS_OK;
    status = ds_namemap_insert(&space->names, base_bytes_of(self->name), self->id);
    if (status == AIRS_OK)
        return AIRS_OK;
    (void)ds_slotmap_remove(&space->actors, self->id);
    return base_error_set(error, status, status == AIRS_E_TAKEN ? "the name \"%s\" is taken" : "%s: no memory",
                          self->name);
}

/// Takes its place under its supervisor, then its id and name.
static airs_status join(actor *self, actor *supervisor, airs_error *error)
{
    airs_status status = supervisor == NULL ? AIRS_OK : supervisor->kind->admit(supervisor, self, error);
    if (status != AIRS_OK)
        return status;
    status = reserve_id_and_name(self, error);
    if (status != AIRS_OK && supervisor != NULL)
        supervisor->kind->dismiss(supervisor);
    return status;
}

/// Makes the actor known, to its supervisor first of all.
static void publish(actor *self)
{
    actor_space *space = self->space;
    ds_slotmap_publish(&space->actors, self->id, self);
    if (self->supervisor == NULL) {
        actor_signal_send(self, ACTOR_SIGNAL_START);
        return;
    }
    // In a read section: a supervisor that ends meanwhile takes in what came until its grace period is over.
    sched_read read = sched_read_enter(space->sched);
    if (actor_find(space, self->supervisor->id) != NULL) {
        actor_report_send(self, ACTOR_REPORT_ADD);
    } else {
        base_atomic_store_relaxed(&self->reports, (uint32_t)ACTOR_REPORT_ORPHAN);
        actor_signal_send(self, ACTOR_SIGNAL_STOP);
    }
    sched_read_leave(space->sched, read);
}

airs_status actor_spawn(actor_space *space, actor *memory, const actor_kind *kind, const actor_options *options,
                        uint64_t *ret_id, airs_error *error)
{
    if (base_atomic_load_acquire(&space->stopping))
        return base_error_set(error, AIRS_E_STOPPING, "the system is stopping");
    actor *supervisor = NULL;
    airs_status status =
        options->supervisor == 0 ? AIRS_OK : find_supervisor(space, options->supervisor, &supervisor, error);
    if (status != AIRS_OK)
        return status;
    status = init_cell(memory, space, kind, options, error);
    if (status == AIRS_OK)
        status = join(memory, supervisor, error);
    if (status != AIRS_OK) {
        free_parts(memory);
        if (supervisor != NULL)
            actor_release(supervisor);
        return status;
    }
    if (options->watch != NULL)
        ds_list_push_back(&memory->watches, &options->watch->link);
    memory->supervisor = supervisor;
    memory->serial = base_atomic_fetch_add_relaxed(&space->spawned, 1u);
    base_atomic_init(&memory->references, supervisor == NULL ? 1u : 2u);
    (void)base_atomic_fetch_add_relaxed(&space->cells, 1u);
    *ret_id = memory->id;
    actor_publish_state(memory);
    publish(memory);
    return AIRS_OK;
}

// ---------------------------------------------------------------- counts

bool actor_retain(actor *self)
{
    uint32_t count = base_atomic_load_relaxed(&self->references);
    while (count > 0) {
        if (base_atomic_cas_weak_relaxed(&self->references, &count, count + 1u))
            return true;
    }
    return false;
}

void actor_release(actor *self)
{
    // acq_rel: what other holders did with the cell comes before its end.
    if (base_atomic_fetch_sub_acq_rel(&self->references, 1u) != 1)
        return;
    actor_space *space = self->space;
    actor *supervisor = self->supervisor;
    self->kind->fini(self);
    free_parts(self);
    base_free_aligned(space->allocator, self);
    (void)base_atomic_fetch_sub_acq_rel(&space->cells, 1u);
    if (supervisor != NULL)
        actor_release(supervisor);
}
