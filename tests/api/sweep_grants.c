// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grants of running components.
#include "airssys/capability.h"
#include "sweep.h"

#include <string.h>

/// A component to work on; 0 where none can be spawned.
static airs_actor_id spawn(const sweep *self)
{
    airs_actor_id id = {0};
    if (self->inside || self->stopping ||
        airs_spawn_component(self->system, self->component, NULL, &id, NULL) != AIRS_OK)
        return (airs_actor_id){0};
    return id;
}

static void end(const sweep *self, airs_actor_id id)
{
    if (id.raw != 0)
        EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
}

static void sweep_airs_grant_parse(const sweep *self)
{
    static const char *const bad[] = {"",
                                      "x",
                                      "files",
                                      "files.",
                                      "files.x /a",
                                      "clock.wall,x",
                                      "env.read a b",
                                      "spawn.start a max=-1",
                                      "network.connect a:1 zones=",
                                      "custom. x"};
    airs_grant_text text = {.custom = "untouched"};
    airs_error error;
    EXPECT_ERROR("NULL", airs_grant_parse(NULL, &text, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_grant_parse("clock.wall", NULL, &error), AIRS_E_INVALID, &error);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR(bad[i], airs_grant_parse(bad[i], &text, &error), AIRS_E_INVALID, &error);
    EXPECT("untouched", strcmp(text.custom, "untouched"), 0);
    EXPECT("one", airs_grant_parse("custom.led red", &text, NULL), AIRS_OK);
    EXPECT("its texts", text.grant.pattern == text.pattern && text.grant.custom == text.custom, true);
}

static void sweep_airs_grant_format(const sweep *self)
{
    static const airs_grant grant = {.rights = AIRS_RIGHT_ENV_READ, .pattern = "APP_*"};
    char text[64] = "x";
    EXPECT("no room", strcmp(airs_grant_format(NULL, 0, &grant), ""), 0);
    EXPECT("no size", strcmp(airs_grant_format(text, 0, &grant), ""), 0);
    EXPECT("no grant", strcmp(airs_grant_format(text, sizeof text, NULL), ""), 0);
    EXPECT("no right", strcmp(airs_grant_format(text, sizeof text, &(airs_grant){.rights = UINT32_MAX}), ""), 0);
    EXPECT("one", strcmp(airs_grant_format(text, sizeof text, &grant), "env.read \"APP_*\""), 0);
    EXPECT("cut", strlen(airs_grant_format(text, 5, &grant)), 4);
}

static bool count_one(void *user, const airs_grant_info *info)
{
    (void)info;
    ++*(uint32_t *)user;
    return true;
}

static void sweep_airs_actor_each_grant(const sweep *self)
{
    uint32_t count = 0;
    EXPECT("NULL system", airs_actor_each_grant(NULL, self->echo, count_one, &count), AIRS_E_INVALID);
    EXPECT("NULL fn", airs_actor_each_grant(self->system, self->echo, NULL, &count), AIRS_E_INVALID);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_each_grant(self->system, bad->id, count_one, &count), AIRS_E_GONE);
    if (!self->stopped)
        EXPECT("a native actor", airs_actor_each_grant(self->system, self->echo, count_one, &count),
               AIRS_E_UNSUPPORTED);
    EXPECT("not called", count, 0);
    airs_actor_id id = spawn(self);
    if (id.raw != 0)
        EXPECT("one", airs_actor_each_grant(self->system, id, count_one, &count), AIRS_OK);
    EXPECT("the defaults", count, id.raw == 0 ? 0 : 4);
    end(self, id);
}

static void sweep_airs_actor_refusals(const sweep *self)
{
    EXPECT("NULL system", airs_actor_refusals(NULL, self->echo), 0);
    EXPECT("a native actor", airs_actor_refusals(self->system, self->echo), 0);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++)
        EXPECT(bad->what, airs_actor_refusals(self->system, bad->id), 0);
}

static void sweep_airs_grant_add(const sweep *self)
{
    static const airs_grant good = {.rights = AIRS_RIGHT_ENV_READ, .pattern = "A"};
    static const airs_grant bad[] = {{.rights = 0},
                                     {.rights = UINT32_MAX},
                                     {.rights = AIRS_RIGHT_ENV_READ},
                                     {.rights = AIRS_RIGHT_CLOCK_WALL | AIRS_RIGHT_STDIO_IN},
                                     {.rights = AIRS_RIGHT_FILES_READ, .pattern = "/a"},
                                     {.rights = AIRS_RIGHT_SPAWN_START, .pattern = "a"}};
    uint32_t number = 77;
    airs_error error;
    EXPECT_ERROR("NULL system", airs_grant_add(NULL, self->echo, &good, 1, &number, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL grants", airs_grant_add(self->system, self->echo, NULL, 1, &number, &error), AIRS_E_INVALID,
                 &error);
    for (const bad_id *of = sweep_bad_ids; of->what != NULL; of++)
        EXPECT_ERROR(of->what, airs_grant_add(self->system, of->id, &good, 1, &number, &error), AIRS_E_GONE, &error);
    if (!self->stopped)
        EXPECT_ERROR("a native actor", airs_grant_add(self->system, self->echo, &good, 1, &number, &error),
                     AIRS_E_UNSUPPORTED, &error);
    airs_actor_id id = spawn(self);
    for (size_t i = 0; id.raw != 0 && i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR("a grant", airs_grant_add(self->system, id, &bad[i], 1, &number, &error), AIRS_E_INVALID, &error);
    EXPECT("untouched", number, 77);
    if (id.raw != 0) {
        EXPECT("one", airs_grant_add(self->system, id, &good, 1, &number, NULL), AIRS_OK);
        EXPECT("its number", number, 4);
        EXPECT("none", airs_grant_add(self->system, id, NULL, 0, NULL, NULL), AIRS_OK);
    }
    end(self, id);
}

static void sweep_airs_grant_revoke(const sweep *self)
{
    static const uint32_t numbers[] = {0, 4, UINT32_MAX};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_grant_revoke(NULL, self->echo, numbers, 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL numbers", airs_grant_revoke(self->system, self->echo, NULL, 1, &error), AIRS_E_INVALID, &error);
    for (const bad_id *of = sweep_bad_ids; of->what != NULL; of++)
        EXPECT_ERROR(of->what, airs_grant_revoke(self->system, of->id, numbers, 1, &error), AIRS_E_GONE, &error);
    if (!self->stopped)
        EXPECT_ERROR("a native actor", airs_grant_revoke(self->system, self->echo, numbers, 1, &error),
                     AIRS_E_UNSUPPORTED, &error);
    airs_actor_id id = spawn(self);
    if (id.raw != 0) {
        EXPECT_ERROR("one behind the last", airs_grant_revoke(self->system, id, numbers, 2, &error), AIRS_E_NOT_FOUND,
                     &error);
        EXPECT_ERROR("none there is", airs_grant_revoke(self->system, id, numbers + 2, 1, &error), AIRS_E_NOT_FOUND,
                     &error);
        EXPECT("one", airs_grant_revoke(self->system, id, numbers, 1, NULL), AIRS_OK);
        EXPECT("once more", airs_grant_revoke(self->system, id, numbers, 1, NULL), AIRS_OK);
        EXPECT("none", airs_grant_revoke(self->system, id, NULL, 0, NULL), AIRS_OK);
    }
    end(self, id);
}

static bool allow(void *user, const airs_decision *decision)
{
    (void)user;
    (void)decision;
    return true;
}

/// Only before the first spawn: of a system that runs nothing but NULL is asked here; what it does is tested in
/// tests/hostile/rights_test.c.
static void sweep_airs_system_on_decision(const sweep *self)
{
    (void)self;
    airs_system_on_decision(NULL, allow, NULL);
    airs_system_on_decision(NULL, NULL, NULL);
    EXPECT("goes on", true, true);
}

const sweep_row sweep_rows_grants[] = {
    SWEEP_ROW(airs_grant_parse),        SWEEP_ROW(airs_grant_format),
    SWEEP_ROW(airs_actor_each_grant),   SWEEP_ROW(airs_actor_refusals),
    SWEEP_ROW(airs_grant_add),          SWEEP_ROW(airs_grant_revoke),
    SWEEP_ROW(airs_system_on_decision), {0},
};
