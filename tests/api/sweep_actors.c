// SPDX-License-Identifier: MIT OR Apache-2.0
/// Stopping actors, and their names.
#include <stdio.h>
#include <string.h>

#include "sweep.h"

static void sweep_airs_stop(const sweep *self)
{
    EXPECT("NULL", airs_stop(NULL, self->echo), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_stop(self->system, bad->id), self->inside ? AIRS_E_WOULD_BLOCK : AIRS_E_GONE);
    airs_actor_id root;
    if (airs_actor_list(self->system, &root, 1) > 0)
        EXPECT("the root", airs_stop(self->system, root), self->inside ? AIRS_E_WOULD_BLOCK : AIRS_E_INVALID);
    if (self->inside)
        EXPECT("itself", airs_stop(self->system, self->self), AIRS_E_WOULD_BLOCK);
    if (self->stopped)
        EXPECT("one that was stopped", airs_stop(self->system, self->echo), AIRS_E_GONE);
}

static void sweep_airs_lookup(const sweep *self)
{
    airs_actor_id id = {77};
    EXPECT("NULL system", airs_lookup(NULL, "echo", &id), AIRS_E_INVALID);
    EXPECT("NULL name", airs_lookup(self->system, NULL, &id), AIRS_E_INVALID);
    EXPECT("NULL ret", airs_lookup(self->system, "echo", NULL), AIRS_E_INVALID);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_lookup(self->system, bad->text, &id), AIRS_E_NOT_FOUND);
    EXPECT("untouched", id.raw, 77);
    EXPECT("a name", airs_lookup(self->system, "echo", &id), self->stopped ? AIRS_E_NOT_FOUND : AIRS_OK);
    EXPECT("its id", id.raw, self->stopped ? 77 : self->echo.raw);
}

static void sweep_airs_register(const sweep *self)
{
    airs_error error;
    airs_status alive = self->stopped ? AIRS_E_GONE : AIRS_OK;
    EXPECT_ERROR("NULL system", airs_register(NULL, "n", self->echo, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL name", airs_register(self->system, NULL, self->echo, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_register(self->system, bad->text, self->echo, &error), AIRS_E_INVALID, &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_register(self->system, "n", bad->id, &error), AIRS_E_GONE, &error);
    EXPECT("its own name", airs_register(self->system, "echo", self->echo, NULL),
           self->stopped ? AIRS_E_GONE : AIRS_E_TAKEN);
    EXPECT("a name", airs_register(self->system, "n", self->echo, NULL), alive);
    EXPECT("a taken one", airs_register(self->system, "n", self->mute, &error),
           self->stopped ? AIRS_E_GONE : AIRS_E_TAKEN);
    EXPECT("ended", airs_unregister(self->system, "n"), !self->stopped);
    if (self->stopped)
        return;
    char name[32];
    for (int i = 0; i <= 64; i++) {
        (void)snprintf(name, sizeof name, "n-%d", i);
        EXPECT("64 names", airs_register(self->system, name, self->echo, NULL), i < 64 ? AIRS_OK : AIRS_E_LIMIT);
    }
    for (int i = 0; i < 64; i++) {
        (void)snprintf(name, sizeof name, "n-%d", i);
        EXPECT("each is ended", airs_unregister(self->system, name), true);
    }
}

static void sweep_airs_rebind(const sweep *self)
{
    airs_error error;
    EXPECT_ERROR("NULL system", airs_rebind(NULL, "n", self->echo, self->mute, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL name", airs_rebind(self->system, NULL, self->echo, self->mute, &error), AIRS_E_INVALID, &error);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, airs_rebind(self->system, bad->text, self->echo, self->mute, &error), AIRS_E_INVALID,
                     &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        EXPECT_ERROR(bad->what, airs_rebind(self->system, "n", self->echo, bad->id, &error), AIRS_E_GONE, &error);
        EXPECT_ERROR(bad->what, airs_rebind(self->system, "n", bad->id, self->echo, &error),
                     self->stopped ? AIRS_E_GONE : AIRS_E_NOT_FOUND, &error);
    }
    if (self->stopped)
        return;
    EXPECT("a name of nobody", airs_rebind(self->system, "n", self->echo, self->mute, &error), AIRS_E_NOT_FOUND);
    EXPECT("a name", airs_register(self->system, "n", self->echo, NULL), AIRS_OK);
    EXPECT("of another one", airs_rebind(self->system, "n", self->mute, self->large, NULL), AIRS_E_NOT_FOUND);
    EXPECT("to another one", airs_rebind(self->system, "n", self->echo, self->mute, NULL), AIRS_OK);
    airs_actor_id id = {0};
    EXPECT("it is", airs_lookup(self->system, "n", &id), AIRS_OK);
    EXPECT("that one's", id.raw, self->mute.raw);
    EXPECT("ended", airs_unregister(self->system, "n"), true);
}

static void sweep_airs_unregister(const sweep *self)
{
    EXPECT("NULL system", airs_unregister(NULL, "echo"), false);
    EXPECT("NULL name", airs_unregister(self->system, NULL), false);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_unregister(self->system, bad->text), false);
    EXPECT("nobody's", airs_unregister(self->system, "n"), false);
    EXPECT("that of the spawn", airs_unregister(self->system, "echo"), false);
}

/// What a visit of names saw.
typedef struct names_seen {
    uint32_t count;
    bool go_on;
} names_seen;

static bool see_name(void *user, const char *name, airs_actor_id actor)
{
    names_seen *seen = user;
    seen->count += strlen(name) > 0 && actor.raw != 0;
    return seen->go_on;
}

static uint32_t names_of(const sweep *self, const char *pattern, bool go_on)
{
    names_seen seen = {.go_on = go_on};
    airs_names(self->system, pattern, see_name, &seen);
    return seen.count;
}

static void sweep_airs_names(const sweep *self)
{
    names_seen seen = {.go_on = true};
    airs_names(NULL, NULL, see_name, &seen);
    airs_names(self->system, NULL, NULL, NULL);
    EXPECT("NULL", seen.count, 0);
    EXPECT("a name", names_of(self, "echo", true), !self->stopped);
    EXPECT("a pattern", names_of(self, "*cho", true), !self->stopped);
    EXPECT("all", names_of(self, NULL, true) >= 3, !self->stopped);
    EXPECT("all, but only one", names_of(self, NULL, false), !self->stopped);
    EXPECT("nothing", names_of(self, "", true), 0);
    EXPECT("no UTF-8", names_of(self, "\xff", true), 0);
    EXPECT("longer than any name", names_of(self, sweep_bad_names[1].text, true), 0);
}

const sweep_row sweep_rows_actors[] = {
    SWEEP_ROW(airs_stop),
    SWEEP_ROW(airs_lookup),
    SWEEP_ROW(airs_register),
    SWEEP_ROW(airs_rebind),
    SWEEP_ROW(airs_unregister),
    SWEEP_ROW(airs_names),
    {0},
};
