// SPDX-License-Identifier: MIT OR Apache-2.0
/// Monitors, links, hooks, and what became of actors.
#include "sweep.h"

static void sweep_airs_context_monitor(const sweep *self)
{
    uint64_t monitor = 77;
    EXPECT("no context", airs_context_monitor(NULL, self->echo, &monitor), AIRS_E_INVALID);
    EXPECT("another one's", airs_context_monitor(self->stranger, self->echo, &monitor), AIRS_E_INVALID);
    airs_context *context = self->context;
    EXPECT("NULL ret", airs_context_monitor(context, self->echo, NULL), AIRS_E_INVALID);
    if (!self->inside)
        return;
    EXPECT("itself", airs_context_monitor(context, self->self, &monitor), AIRS_E_INVALID);
    EXPECT("nobody", airs_context_monitor(context, (airs_actor_id){0}, &monitor), AIRS_E_INVALID);
    EXPECT("untouched", monitor, 77);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        if (bad->id.raw != 0)
            EXPECT(bad->what, airs_context_monitor(context, bad->id, &monitor), AIRS_OK);
    }
    EXPECT("one", airs_context_monitor(context, self->echo, &monitor), AIRS_OK);
    EXPECT("ended", airs_context_demonitor(context, monitor), true);
}

static void sweep_airs_context_demonitor(const sweep *self)
{
    EXPECT("no context", airs_context_demonitor(NULL, 1), false);
    EXPECT("another one's", airs_context_demonitor(self->stranger, 1), false);
    EXPECT("none", airs_context_demonitor(self->context, 0), false);
    EXPECT("none", airs_context_demonitor(self->context, UINT64_MAX), false);
}

static void sweep_airs_context_link(const sweep *self)
{
    EXPECT("no context", airs_context_link(NULL, self->echo), AIRS_E_INVALID);
    EXPECT("another one's", airs_context_link(self->stranger, self->echo), AIRS_E_INVALID);
    if (!self->inside)
        return;
    EXPECT("itself", airs_context_link(self->context, self->self), AIRS_E_INVALID);
    EXPECT("nobody", airs_context_link(self->context, (airs_actor_id){0}), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        if (bad->id.raw != 0)
            EXPECT(bad->what, airs_context_link(self->context, bad->id), AIRS_OK);
    }
    EXPECT("one", airs_context_link(self->context, self->echo), AIRS_OK);
    airs_context_unlink(self->context, self->echo);
}

static void sweep_airs_context_unlink(const sweep *self)
{
    airs_context_unlink(NULL, self->echo);
    airs_context_unlink(self->stranger, self->echo);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        airs_context_unlink(self->context, bad->id);
    airs_context_unlink(self->context, self->self);
}

static bool see_failure(void *user, const airs_failure *failure)
{
    (void)failure;
    (*(int *)user)++;
    return true;
}

static void sweep_airs_actor_failures(const sweep *self)
{
    int seen = 0;
    EXPECT("NULL system", airs_actor_failures(NULL, self->echo, see_failure, &seen), 0);
    EXPECT("NULL function", airs_actor_failures(self->system, self->echo, NULL, NULL), 0);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_failures(self->system, bad->id, see_failure, &seen), 0);
    EXPECT("one that never failed", airs_actor_failures(self->system, self->echo, see_failure, &seen), 0);
    EXPECT("seen", seen, 0);
}

static void sweep_airs_system_set_hooks(const sweep *self)
{
    airs_hooks hooks = {0};
    airs_system_set_hooks(NULL, &hooks);
    airs_system *other = sweep_system_create(1);
    airs_system_set_hooks(other, &hooks);
    airs_system_set_hooks(other, NULL);
    airs_actor_id id;
    EXPECT("a supervisor", airs_spawn_supervisor(other, NULL, &id, NULL), AIRS_OK);
    airs_system_destroy(other);
}

// ---------------------------------------------------------------- what an operator does

typedef airs_status (*verb_fn)(airs_system *system, airs_actor_id actor);

static airs_status restart(airs_system *system, airs_actor_id actor)
{
    airs_error error;
    return airs_restart_actor(system, actor, &error);
}

/// What each of them says of no system, nobody, and the root.
static void check_verb(const sweep *self, verb_fn verb)
{
    EXPECT("NULL system", verb(NULL, self->echo), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, verb(self->system, bad->id), self->inside ? AIRS_E_WOULD_BLOCK : AIRS_E_GONE);
    airs_actor_id root;
    if (airs_actor_list(self->system, &root, 1) > 0)
        EXPECT("the root", verb(self->system, root), self->inside ? AIRS_E_WOULD_BLOCK : AIRS_E_INVALID);
    if (self->stopped)
        EXPECT("one that was stopped", verb(self->system, self->echo), AIRS_E_GONE);
}

/// Somebody that something may be done to; only outside, while the system runs.
static bool spawn_victim(const sweep *self, airs_actor_id *ret_id)
{
    static const airs_native victim = {.kind = "victim"};
    return !self->inside && !self->stopping && airs_spawn_native(self->system, &victim, NULL, ret_id, NULL) == AIRS_OK;
}

static void sweep_airs_restart_actor(const sweep *self)
{
    check_verb(self, restart);
    airs_error error;
    EXPECT_ERROR("NULL system", airs_restart_actor(NULL, self->echo, &error), AIRS_E_INVALID, &error);
    airs_actor_id id;
    if (!spawn_victim(self, &id))
        return;
    EXPECT("one", airs_restart_actor(self->system, id, NULL), AIRS_OK);
    EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
    EXPECT("one that has ended", airs_restart_actor(self->system, id, NULL), AIRS_E_GONE);
}

static void sweep_airs_kill(const sweep *self)
{
    // That it kills is for other tests: here the root counts restarts.
    check_verb(self, airs_kill);
}

static void sweep_airs_pause(const sweep *self)
{
    check_verb(self, airs_pause);
}

static void sweep_airs_resume(const sweep *self)
{
    check_verb(self, airs_resume);
    airs_actor_id id;
    if (!spawn_victim(self, &id))
        return;
    EXPECT("to rest", airs_pause(self->system, id), AIRS_OK);
    EXPECT("it is ready for nobody", airs_send(self->system, id, "x", 1), AIRS_OK);
    EXPECT("on", airs_resume(self->system, id), AIRS_OK);
    EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
}

static void sweep_airs_quarantine(const sweep *self)
{
    check_verb(self, airs_quarantine);
}

static void sweep_airs_release(const sweep *self)
{
    check_verb(self, airs_release);
    airs_actor_id id;
    if (!spawn_victim(self, &id))
        return;
    EXPECT("one that is not quarantined", airs_release(self->system, id), AIRS_E_INVALID);
    EXPECT("away", airs_quarantine(self->system, id), AIRS_OK);
    EXPECT("and back", airs_release(self->system, id), AIRS_OK);
    EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
}

static void sweep_airs_actor_is_ready(const sweep *self)
{
    EXPECT("NULL system", airs_actor_is_ready(NULL, self->echo), false);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_is_ready(self->system, bad->id), false);
    EXPECT("one", airs_actor_is_ready(self->system, self->echo), !self->stopped);
}

static void sweep_airs_spawn_child(const sweep *self)
{
    static const airs_setting settings[] = {{NULL, "value"}, {"key", NULL}};
    airs_system *system = self->system;
    airs_actor_id id = {77};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_spawn_child(NULL, self->echo, NULL, NULL, 0, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_spawn_child(system, self->echo, NULL, NULL, 0, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL settings", airs_spawn_child(system, self->echo, NULL, NULL, 1, &id, &error), AIRS_E_INVALID,
                 &error);
    for (int i = 0; i < 2; i++)
        EXPECT_ERROR("half a setting", airs_spawn_child(system, self->echo, NULL, settings + i, 1, &id, &error),
                     AIRS_E_INVALID, &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_spawn_child(system, bad->id, NULL, NULL, 0, &id, &error),
                     sweep_blocking(self, AIRS_E_GONE), &error);
    EXPECT_ERROR("of one that is no supervisor", airs_spawn_child(system, self->echo, NULL, NULL, 0, &id, &error),
                 sweep_blocking(self, AIRS_E_UNSUPPORTED), &error);
    EXPECT("untouched", id.raw, 77);
}

const sweep_row sweep_rows_supervision[] = {
    SWEEP_ROW(airs_context_monitor),
    SWEEP_ROW(airs_context_demonitor),
    SWEEP_ROW(airs_context_link),
    SWEEP_ROW(airs_context_unlink),
    SWEEP_ROW(airs_actor_failures),
    SWEEP_ROW(airs_system_set_hooks),
    SWEEP_ROW(airs_restart_actor),
    SWEEP_ROW(airs_kill),
    SWEEP_ROW(airs_pause),
    SWEEP_ROW(airs_resume),
    SWEEP_ROW(airs_quarantine),
    SWEEP_ROW(airs_release),
    SWEEP_ROW(airs_actor_is_ready),
    SWEEP_ROW(airs_spawn_child),
    {0},
};
