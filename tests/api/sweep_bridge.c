// SPDX-License-Identifier: MIT OR Apache-2.0
/// Bridges between systems. The one under test is put on none: others are.
#include <string.h>

#include "sweep.h"

#define LONG_65 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static airs_bridge *make(const sweep *self)
{
    airs_bridge *bridge = NULL;
    EXPECT("a bridge", airs_bridge_create(&bridge, NULL), AIRS_OK);
    return bridge;
}

static void sweep_airs_bridge_create(const sweep *self)
{
    airs_error error;
    EXPECT_ERROR("NULL ret", airs_bridge_create(NULL, &error), AIRS_E_INVALID, &error);
    airs_bridge_destroy(make(self));
}

static void sweep_airs_bridge_destroy(const sweep *self)
{
    airs_bridge_destroy(NULL);
    airs_bridge *bridge = make(self);
    airs_system *other = sweep_system_create(1);
    EXPECT("joins", airs_bridge_join(bridge, other, "a", NULL, 0, NULL), AIRS_OK);
    // It ends behind its last system.
    airs_bridge_destroy(bridge);
    airs_system_destroy(other);
}

static void sweep_airs_bridge_join(const sweep *self)
{
    static const char *const names[] = {"", "a/b", "a:b", "a b", "a*", "\xff", "n\xc3\xa4me", LONG_65};
    static const char *const bad[] = {"", "a b", "\n", NULL};
    static const char *const good[] = {"a-*"};
    airs_error error;
    airs_bridge *bridge = make(self);
    airs_system *other = sweep_system_create(1);
    EXPECT_ERROR("NULL bridge", airs_bridge_join(NULL, other, "a", NULL, 0, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL system", airs_bridge_join(bridge, NULL, "a", NULL, 0, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL app", airs_bridge_join(bridge, other, NULL, NULL, 0, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL list", airs_bridge_join(bridge, other, "a", NULL, 1, &error), AIRS_E_INVALID, &error);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        EXPECT_ERROR(names[i], airs_bridge_join(bridge, other, names[i], NULL, 0, &error), AIRS_E_INVALID, &error);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR("a pattern", airs_bridge_join(bridge, other, "a", &bad[i], 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("more than are allowed", airs_bridge_join(bridge, other, "a", good, 257, &error), AIRS_E_LIMIT,
                 &error);
    EXPECT("well", airs_bridge_join(bridge, other, "a", good, 1, &error), AIRS_OK);
    EXPECT_ERROR("twice", airs_bridge_join(bridge, other, "b", NULL, 0, &error), AIRS_E_INVALID, &error);
    airs_system *third = sweep_system_create(1);
    EXPECT_ERROR("taken", airs_bridge_join(bridge, third, "a", NULL, 0, &error), AIRS_E_TAKEN, &error);
    airs_system_stop(other);
    EXPECT("its name is free", airs_bridge_join(bridge, third, "a", NULL, 0, &error), AIRS_OK);
    if (self->stopping)
        EXPECT_ERROR("stopping", airs_bridge_join(bridge, self->system, "c", NULL, 0, &error), AIRS_E_STOPPING, &error);
    airs_system_destroy(other);
    airs_system_destroy(third);
    airs_bridge_destroy(bridge);
}

static void sweep_airs_bridge_expose(const sweep *self)
{
    static const char *const bad[] = {"a b", NULL};
    static const char *const good[] = {"a-*"};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_bridge_expose(NULL, good, 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("on no bridge", airs_bridge_expose(self->system, good, 1, &error), AIRS_E_INVALID, &error);
    airs_bridge *bridge = make(self);
    airs_system *other = sweep_system_create(1);
    EXPECT("joins", airs_bridge_join(bridge, other, "a", NULL, 0, NULL), AIRS_OK);
    EXPECT_ERROR("NULL list", airs_bridge_expose(other, NULL, 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("a pattern", airs_bridge_expose(other, bad, 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL pattern", airs_bridge_expose(other, bad + 1, 1, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("too many", airs_bridge_expose(other, good, 257, &error), AIRS_E_LIMIT, &error);
    EXPECT("well", airs_bridge_expose(other, good, 1, &error), AIRS_OK);
    EXPECT("nothing", airs_bridge_expose(other, NULL, 0, &error), AIRS_OK);
    airs_system_stop(other);
    EXPECT_ERROR("stopped", airs_bridge_expose(other, good, 1, &error), AIRS_E_STOPPING, &error);
    airs_system_destroy(other);
    airs_bridge_destroy(bridge);
}

const sweep_row sweep_rows_bridge[] = {
    SWEEP_ROW(airs_bridge_create),
    SWEEP_ROW(airs_bridge_destroy),
    SWEEP_ROW(airs_bridge_join),
    SWEEP_ROW(airs_bridge_expose),
    {0},
};
