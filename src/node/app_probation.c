// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/app_probation.h"

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "node/system.h"
#include "os/clock.h"

airs_status app_probation_init(app_probation *self, airs_system *system, size_t room, airs_error *error)
{
    *self = (app_probation){.system = system};
    base_atomic_init(&self->left, 1u);
    os_event_init(&self->over);
    self->trials = base_alloc_zeroed(base_allocator_default(), (room + 1) * sizeof *self->trials);
    return self->trials != NULL ? AIRS_OK : base_error_set(error, AIRS_E_NOMEM, "no memory for a deployment");
}

/// Whether such an end is what the actor is for.
static bool is_done(const app_trial *trial)
{
    return trial->reason == AIRS_EXIT_NORMAL && trial->actor->restart != AIRS_RESTART_PERMANENT;
}

static void leave(app_probation *self)
{
    if (base_atomic_fetch_sub_acq_rel(&self->left, 1u) == 1u)
        os_event_set(&self->over);
}

/// Why the deployment fails with it: E_FAILED.
static airs_status explain(const app_trial *trial, airs_error *error)
{
    const char *name = trial->actor->name.text;
    const char *why = trial->text[0] != '\0' ? trial->text : airs_exit_name(trial->reason);
    if (trial->reason == AIRS_EXIT_NORMAL)
        return base_error_set(error, AIRS_E_FAILED, "actor %s ends on probation, and is always to be there", name);
    return base_error_set(error, AIRS_E_FAILED, "actor %s %s on probation: %s", name,
                          trial->reason == AIRS_EXIT_SHUTDOWN ? "was stopped" : "fails", why);
}

static void on_end(actor_watch *watch, const actor_failure *end)
{
    app_trial *trial = ds_container_of(watch, app_trial, watch);
    trial->reason = end->reason;
    base_text_copy(trial->text, sizeof trial->text, base_bytes_of(end->text));
    base_atomic_store_release(&trial->has_ended, true);
    if (!is_done(trial)) {
        airs_error why;
        (void)explain(trial, &why);
        deploy_brake_pull(&trial->of->brake, why.text);
        os_event_set(&trial->of->over);
    }
    leave(trial->of);
    // All of it may be freed from here on.
    os_event_set(&trial->told);
}

/// As a temporary one that nobody depends on.
static airs_status spawn(node_app_trial *made, airs_system *system, airs_component *component,
                         const airs_spawn_options *options, airs_actor_id *ret_id, airs_error *error)
{
    app_trial *trial = ds_container_of(made, app_trial, made);
    airs_spawn_options first = *options;
    first.restart = AIRS_RESTART_TEMPORARY;
    first.significant = false;
    airs_status status = system_spawn_watched(system, component, &first, &trial->watch, &trial->watched, ret_id, error);
    if (status == AIRS_OK)
        trial->id = *ret_id;
    return status;
}

airs_status app_probation_make(app_probation *self, node_app *app, const deploy_manifest *manifest,
                               const deploy_actor *of, airs_error *error)
{
    app_trial *trial = &self->trials[self->count];
    *trial = (app_trial){.made.spawn = spawn, .watch.fn = on_end, .of = self, .actor = of};
    ds_list_init(&trial->watch.link);
    os_event_init(&trial->told);
    (void)base_atomic_fetch_add_relaxed(&self->left, 1u);
    airs_status status = node_app_make(app, manifest, of->name.text, &trial->made, error);
    if (trial->watched)
        self->count++;
    else
        leave(self);
    return status;
}

airs_status app_probation_check(const app_probation *self, airs_error *error)
{
    for (size_t i = 0; i < self->count; i++) {
        const app_trial *trial = &self->trials[i];
        if (base_atomic_load_acquire(&trial->has_ended) && !is_done(trial))
            return explain(trial, error);
    }
    return AIRS_OK;
}

airs_status app_probation_wait(app_probation *self, uint64_t deadline_ns, airs_error *error)
{
    leave(self);
    if (self->count > 0)
        (void)system_wait(self->system, &self->over, deadline_ns);
    return app_probation_check(self, error);
}

airs_status app_probation_add_terms(const app_probation *self, node_live *to, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; status == AIRS_OK && i < self->count; i++) {
        const app_trial *trial = &self->trials[i];
        const airs_spawn_options options = deploy_actor_options(trial->actor, (airs_actor_id){0});
        if (trial->id.raw != 0 && !base_atomic_load_acquire(&trial->has_ended))
            status = node_live_add_actor(to, trial->id, &options, error);
    }
    return status;
}

/// It is not told, or has been.
static void forget(const app_probation *self, app_trial *trial)
{
    sched_read read = sched_read_enter(self->system->sched);
    actor *found = trial->id.raw == 0 ? NULL : actor_find(&self->system->actors, trial->id.raw);
    bool removed = found != NULL && actor_watch_remove(found, &trial->watch);
    sched_read_leave(self->system->sched, read);
    if (!removed)
        (void)system_wait(self->system, &trial->told, OS_NEVER);
}

void app_probation_fini(app_probation *self)
{
    for (size_t i = 0; i < self->count; i++)
        forget(self, &self->trials[i]);
    base_free(base_allocator_default(), self->trials);
}
