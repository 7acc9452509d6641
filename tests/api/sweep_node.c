// SPDX-License-Identifier: MIT OR Apache-2.0
/// Nodes: what is not allowed of one that has no app. tests/embed has nodes with apps.
#include <string.h>

#include "airssys/node.h"
#include "sweep.h"

static const airs_node_options bad_options[] = {
    {.state_dir = ""}, {.socket_dir = ""}, {.memory_max = 1}, {.instances_max = UINT32_MAX}, {.log_level = 9},
};

static airs_node *make(const sweep *self)
{
    airs_node *node = NULL;
    EXPECT("a node", airs_node_create(NULL, &node, NULL), AIRS_OK);
    return node;
}

static void sweep_airs_node_create(const sweep *self)
{
    airs_error error;
    airs_node *node = NULL;
    EXPECT_ERROR("NULL ret", airs_node_create(NULL, NULL, &error), AIRS_E_INVALID, &error);
    for (size_t i = 0; i < sizeof bad_options / sizeof bad_options[0]; i++)
        EXPECT_ERROR("an option", airs_node_create(&bad_options[i], &node, &error), AIRS_E_INVALID, &error);
    const airs_node_options nowhere = {.state_dir = "/dev/null/state"};
    EXPECT_ERROR("no folder", airs_node_create(&nowhere, &node, &error), AIRS_E_IO, &error);
    EXPECT("untouched", node == NULL, true);
    airs_node_destroy(make(self));
}

static void sweep_airs_node_destroy(const sweep *self)
{
    airs_node_destroy(NULL);
    airs_node_destroy(make(self));
}

static void sweep_airs_node_stop(const sweep *self)
{
    airs_node *node = make(self);
    airs_node_stop(NULL);
    airs_node_stop(node);
    airs_node_stop(node);
    airs_node_destroy(node);
}

static void sweep_airs_node_add_app(const sweep *self)
{
    airs_error error;
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_add_app(NULL, "app", &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL path", airs_node_add_app(node, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no file", airs_node_add_app(node, "/no/such/app", &error), AIRS_E_NOT_FOUND, &error);
    EXPECT_ERROR("empty", airs_node_add_app(node, "", &error), AIRS_E_NOT_FOUND, &error);
    EXPECT("none", airs_node_app_count(node), 0);
    airs_node_destroy(node);
}

static void sweep_airs_node_add_stored_apps(const sweep *self)
{
    airs_error error;
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_add_stored_apps(NULL, &error), AIRS_E_INVALID, &error);
    EXPECT("no folder", airs_node_add_stored_apps(node, &error), AIRS_OK);
    airs_node_destroy(node);
}

static void sweep_airs_node_forget_app(const sweep *self)
{
    airs_error error;
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_forget_app(NULL, "app", &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL app", airs_node_forget_app(node, NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no folder", airs_node_forget_app(node, "app", &error), AIRS_E_UNSUPPORTED, &error);
    airs_node_destroy(node);
}

static void sweep_airs_node_start(const sweep *self)
{
    airs_error error;
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_start(NULL, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no app", airs_node_start(node, &error), AIRS_E_INVALID, &error);
    airs_node_destroy(node);
}

static void sweep_airs_node_wait(const sweep *self)
{
    airs_error error;
    airs_node *node = make(self);
    EXPECT("NULL node", airs_node_wait(NULL, UINT32_MAX, &error), AIRS_FINISH_RUNNING);
    EXPECT("no app", airs_node_wait(node, UINT32_MAX, &error), AIRS_FINISH_RUNNING);
    airs_node_destroy(node);
}

static void sweep_airs_node_app_count(const sweep *self)
{
    airs_node *node = make(self);
    EXPECT("NULL node", airs_node_app_count(NULL), 0);
    EXPECT("no app", airs_node_app_count(node), 0);
    airs_node_destroy(node);
}

static void sweep_airs_node_app_name(const sweep *self)
{
    airs_node *node = make(self);
    EXPECT("NULL node", airs_node_app_name(NULL, 0) == NULL, true);
    EXPECT("no app", airs_node_app_name(node, 0) == NULL, true);
    EXPECT("far", airs_node_app_name(node, SIZE_MAX) == NULL, true);
    airs_node_destroy(node);
}

static void sweep_airs_node_app_socket(const sweep *self)
{
    airs_node *node = make(self);
    EXPECT("NULL node", strlen(airs_node_app_socket(NULL, "app")), 0);
    EXPECT("NULL app", strlen(airs_node_app_socket(node, NULL)), 0);
    EXPECT("no app", strlen(airs_node_app_socket(node, "app")), 0);
    airs_node_destroy(node);
}

static void sweep_airs_node_system(const sweep *self)
{
    airs_node *node = make(self);
    EXPECT("NULL node", airs_node_system(NULL, "app") == NULL, true);
    EXPECT("NULL app", airs_node_system(node, NULL) == NULL, true);
    EXPECT("no app", airs_node_system(node, "app") == NULL, true);
    airs_node_destroy(node);
}

static void sweep_airs_node_request(const sweep *self)
{
    airs_error error;
    airs_buffer result = {0};
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_request(NULL, "app", "{}", &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL request", airs_node_request(node, "app", NULL, &result, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("not started", airs_node_request(node, "app", "{}", &result, &error), AIRS_E_STOPPING, &error);
    EXPECT_ERROR("NULL result", airs_node_request(node, NULL, "{}", NULL, &error), AIRS_E_STOPPING, &error);
    EXPECT("untouched", result.data == NULL, true);
    airs_node_destroy(node);
}

static bool take_line(void *user, const char *line)
{
    (void)line;
    *(bool *)user = true;
    return true;
}

static void sweep_airs_node_follow(const sweep *self)
{
    airs_error error;
    bool told = false;
    airs_node *node = make(self);
    EXPECT_ERROR("NULL node", airs_node_follow(NULL, "app", "{}", take_line, &told, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL request", airs_node_follow(node, "app", NULL, take_line, &told, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL fn", airs_node_follow(node, "app", "{}", NULL, &told, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("not started", airs_node_follow(node, "app", "{}", take_line, &told, &error), AIRS_E_STOPPING, &error);
    EXPECT("not told", told, false);
    airs_node_destroy(node);
}

static void sweep_airs_state_add_component(const sweep *self)
{
    airs_error error;
    airs_state_component it = {.size = 7};
    EXPECT_ERROR("NULL path", airs_state_add_component("/tmp", NULL, &it, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("empty", airs_state_add_component("", "/dev/null", &it, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no file", airs_state_add_component("/dev/null", "/no/such", &it, &error), AIRS_E_NOT_FOUND, &error);
    EXPECT_ERROR("no component", airs_state_add_component("/dev/null/state", "/proc/self/exe", &it, &error),
                 AIRS_E_COMPONENT, &error);
    EXPECT_ERROR("no folder", airs_state_add_component("/dev/null/state", GUESTS "/counts.wasm", NULL, &error),
                 AIRS_E_IO, &error);
    EXPECT("untouched", it.size, 7);
}

static void sweep_airs_state_prune(const sweep *self)
{
    airs_error error;
    airs_state_pruned it = {.count = 7};
    EXPECT_ERROR("empty", airs_state_prune("", 0, &it, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("no state", airs_state_prune("/dev/null", 0, &it, &error), AIRS_E_NOT_FOUND, &error);
    EXPECT_ERROR("NULL ret", airs_state_prune("/no/such/state", UINT32_MAX, NULL, &error), AIRS_E_NOT_FOUND, &error);
    EXPECT("untouched", it.count, 7);
}

const sweep_row sweep_rows_node[] = {
    SWEEP_ROW(airs_node_create),
    SWEEP_ROW(airs_node_destroy),
    SWEEP_ROW(airs_node_stop),
    SWEEP_ROW(airs_node_add_app),
    SWEEP_ROW(airs_node_add_stored_apps),
    SWEEP_ROW(airs_node_forget_app),
    SWEEP_ROW(airs_node_start),
    SWEEP_ROW(airs_node_wait),
    SWEEP_ROW(airs_node_app_count),
    SWEEP_ROW(airs_node_app_name),
    SWEEP_ROW(airs_node_app_socket),
    SWEEP_ROW(airs_node_system),
    SWEEP_ROW(airs_node_request),
    SWEEP_ROW(airs_node_follow),
    SWEEP_ROW(airs_state_add_component),
    SWEEP_ROW(airs_state_prune),
    {0},
};
