// SPDX-License-Identifier: MIT OR Apache-2.0
/// Spawning, and components.
#include <string.h>

#include "sweep.h"

static const airs_native plain = {.kind = "plain"};

static airs_status spawn(const sweep *self, airs_spawn_options options, airs_error *error)
{
    airs_actor_id id = {77};
    airs_status status = airs_spawn_native(self->system, &plain, &options, &id, error);
    if (status == AIRS_OK)
        EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
    else
        EXPECT("untouched", id.raw, 77);
    return status;
}

/// Options that are wrong in themselves.
static void check_options(const sweep *self)
{
    static const char *const texts[] = {"a", NULL};
    static const airs_setting settings[] = {{"key", "value"}, {NULL, "value"}, {"key", NULL}};
    const struct {
        const char *what;
        airs_spawn_options options;
    } bad[] = {
        {"NULL settings", {.config_count = 1}},
        {"a NULL key", {.config = settings, .config_count = 2}},
        {"a NULL value", {.config = settings + 2, .config_count = 1}},
        {"NULL variables", {.env_count = 1}},
        {"NULL arguments", {.args_count = 1}},
        {"a NULL argument", {.args = texts + 1, .args_count = 1}},
        {"a NULL input", {.input = {NULL, 1}}},
        {"a variable without a name", {.env = settings + 1, .env_count = 1}},
        {"NULL grants", {.may_send_count = 1}},
        {"no list of grants", {.grants_count = 1}},
        {"no list of mounts", {.mounts_count = 1}},
        {"a NULL grant to send", {.may_send = texts, .may_send_count = 2}},
        {"a NULL grant to publish", {.may_publish = texts, .may_publish_count = 2}},
        {"a NULL grant to subscribe", {.may_subscribe = texts, .may_subscribe_count = 2}},
        {"a NULL grant to register", {.may_register = texts, .may_register_count = 2}},
    };
    airs_error error;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR(bad[i].what, spawn(self, bad[i].options, &error), AIRS_E_INVALID, &error);
    const struct {
        const char *what;
        airs_spawn_options options;
    } values[] = {
        {"a restart type", {.restart = (airs_restart)3}},
        {"a negative restart type", {.restart = (airs_restart)-1}},
        {"a policy", {.limits = {.mailbox_policy = (airs_mailbox_policy)4}}},
        {"max_message", {.limits = {.max_message = (uint32_t)SWEEP_PAYLOAD_MAX + 1}}},
        {"mailbox_max", {.limits = {.mailbox_max = UINT32_MAX}}},
        {"max_execution", {.limits = {.max_execution_ms = UINT32_MAX}}},
        {"max_park", {.limits = {.max_park_ms = UINT32_MAX}}},
        {"start_timeout", {.limits = {.start_timeout_ms = UINT32_MAX}}},
        {"stop_timeout", {.limits = {.stop_timeout_ms = UINT32_MAX}}},
        {"refusals", {.limits = {.max_refusals = UINT32_MAX}}},
        {"log lines", {.limits = {.log_lines_per_second = UINT32_MAX}}},
        {"max_connections", {.limits = {.max_connections = 65537}}},
        {"open files", {.limits = {.max_open_files = UINT32_MAX}}},
        {"a supervisor that is none", {.supervisor = self->stopped ? (airs_actor_id){0} : self->echo}},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        EXPECT_ERROR(values[i].what, spawn(self, values[i].options, &error), sweep_blocking(self, AIRS_E_INVALID),
                     &error);
}

static void sweep_airs_spawn_native(const sweep *self)
{
    airs_actor_id id = {77};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_spawn_native(NULL, &plain, NULL, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL kind", airs_spawn_native(self->system, NULL, NULL, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_spawn_native(self->system, &plain, NULL, NULL, &error), AIRS_E_INVALID, &error);
    check_options(self);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++)
        EXPECT_ERROR(bad->what, spawn(self, (airs_spawn_options){.name = bad->text}, &error),
                     sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT_ERROR("a taken name", spawn(self, (airs_spawn_options){.name = "echo"}, &error),
                 sweep_blocking(self, AIRS_E_TAKEN), &error);
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        if (bad->id.raw != 0)
            EXPECT_ERROR(bad->what, spawn(self, (airs_spawn_options){.supervisor = bad->id}, &error),
                         sweep_blocking(self, AIRS_E_GONE), &error);
    }
    airs_native huge = {.state_size = SIZE_MAX};
    EXPECT_ERROR("a state that is larger than memory", airs_spawn_native(self->system, &huge, NULL, &id, &error),
                 sweep_blocking(self, AIRS_E_INVALID), &error);
    EXPECT("untouched", id.raw, 77);
    EXPECT("no options", airs_spawn_native(self->system, &plain, NULL, &id, NULL), sweep_blocking(self, AIRS_OK));
    if (id.raw != 77)
        EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
    EXPECT("with a name", spawn(self, (airs_spawn_options){.name = "n"}, NULL), sweep_blocking(self, AIRS_OK));
}

static void sweep_airs_spawn_component(const sweep *self)
{
    airs_actor_id id = {77};
    airs_error error;
    airs_component *component = self->component;
    EXPECT_ERROR("NULL system", airs_spawn_component(NULL, component, NULL, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL component", airs_spawn_component(self->system, NULL, NULL, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_spawn_component(self->system, component, NULL, NULL, &error), AIRS_E_INVALID, &error);
    airs_status strange = sweep_blocking(self, AIRS_E_INVALID);
    EXPECT_ERROR("of another system", airs_spawn_component(self->system, self->strange_component, NULL, &id, &error),
                 strange, &error);
    airs_spawn_options memory = {.limits = {.max_memory = UINT64_MAX}};
    EXPECT_ERROR("more memory than is allowed", airs_spawn_component(self->system, component, &memory, &id, &error),
                 strange, &error);
    static const char *const topics[] = {"a..b"};
    airs_spawn_options grants = {.may_publish = topics, .may_publish_count = 1};
    EXPECT_ERROR("a grant that is no topic", airs_spawn_component(self->system, component, &grants, &id, &error),
                 strange, &error);
    static const airs_grant bad[] = {{.rights = 0},
                                     {.rights = UINT32_MAX, .pattern = "a"},
                                     {.rights = AIRS_RIGHT_ENV_READ},
                                     {.rights = AIRS_RIGHT_CLOCK_WALL, .pattern = "a"},
                                     {.rights = AIRS_RIGHT_FILES_READ, .pattern = "/nothing/is/mounted"},
                                     {.rights = AIRS_RIGHT_NETWORK_CONNECT, .pattern = "a:9-8"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        grants = (airs_spawn_options){.grants = &bad[i], .grants_count = 1};
        EXPECT_ERROR("a grant", airs_spawn_component(self->system, component, &grants, &id, &error), strange, &error);
    }
    static const airs_mount mounts[] = {{NULL, "/tmp"}, {"/data", NULL}, {"data", "/tmp"}};
    static const airs_setting pattern = {"A*", "x"};
    grants = (airs_spawn_options){.env = &pattern, .env_count = 1};
    EXPECT_ERROR("a variable that is a pattern", airs_spawn_component(self->system, component, &grants, &id, &error),
                 strange, &error);
    for (size_t i = 0; i < sizeof mounts / sizeof mounts[0]; i++) {
        grants = (airs_spawn_options){.mounts = &mounts[i], .mounts_count = 1};
        EXPECT_ERROR("a mount", airs_spawn_component(self->system, component, &grants, &id, &error), strange, &error);
    }
    EXPECT("untouched", id.raw, 77);
    EXPECT("one", airs_spawn_component(self->system, component, NULL, &id, NULL), sweep_blocking(self, AIRS_OK));
    if (id.raw != 77)
        EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
}

static void sweep_airs_spawn_supervisor(const sweep *self)
{
    airs_actor_id id = {77};
    airs_error error;
    EXPECT_ERROR("NULL system", airs_spawn_supervisor(NULL, NULL, &id, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_spawn_supervisor(self->system, NULL, NULL, &error), AIRS_E_INVALID, &error);
    airs_supervisor_options options = {.max_restarts = UINT32_MAX};
    EXPECT_ERROR("too many restarts", airs_spawn_supervisor(self->system, &options, &id, &error),
                 sweep_outside(self, AIRS_E_INVALID), &error);
    for (const bad_text *bad = sweep_bad_names; bad->what != NULL; bad++) {
        options = (airs_supervisor_options){.name = bad->text};
        EXPECT_ERROR(bad->what, airs_spawn_supervisor(self->system, &options, &id, &error),
                     sweep_outside(self, AIRS_E_INVALID), &error);
    }
    for (const bad_id *bad = sweep_bad_ids; bad->what != NULL; bad++) {
        options = (airs_supervisor_options){.supervisor = bad->id};
        if (bad->id.raw != 0)
            EXPECT_ERROR(bad->what, airs_spawn_supervisor(self->system, &options, &id, &error),
                         sweep_outside(self, AIRS_E_GONE), &error);
    }
    options = (airs_supervisor_options){.name = "echo"};
    EXPECT_ERROR("a taken name", airs_spawn_supervisor(self->system, &options, &id, &error),
                 sweep_outside(self, AIRS_E_TAKEN), &error);
    EXPECT("untouched", id.raw, 77);
    // One that a handler makes can only be stopped from outside: it ends with the system.
    if (self->inside)
        return;
    EXPECT("one", airs_spawn_supervisor(self->system, NULL, &id, NULL), sweep_outside(self, AIRS_OK));
    if (id.raw != 77)
        EXPECT("stopped again", airs_stop(self->system, id), AIRS_OK);
}

// ---------------------------------------------------------------- components

static void sweep_airs_component_load(const sweep *self)
{
    static const uint8_t module[] = {0, 'a', 's', 'm', 1, 0, 0, 0};
    static const uint8_t component[] = {0, 'a', 's', 'm', 13, 0, 1, 0};
    airs_component *loaded = NULL;
    airs_error error;
    EXPECT_ERROR("NULL system", airs_component_load(NULL, module, 8, &loaded, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL bytes", airs_component_load(self->system, NULL, 8, &loaded, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_component_load(self->system, module, 8, NULL, &error), AIRS_E_INVALID, &error);
    const struct {
        const char *what;
        const void *bytes;
        size_t len;
        airs_status status;
    } rows[] = {
        {"nothing", NULL, 0, AIRS_E_COMPONENT},
        {"no Wasm", "hello", 5, AIRS_E_COMPONENT},
        {"zeroes", sweep_payload, 4096, AIRS_E_COMPONENT},
        {"the beginning of one", component, 7, AIRS_E_COMPONENT},
        {"a core module", module, sizeof module, AIRS_E_COMPONENT},
        {"an empty component", component, sizeof component, AIRS_E_UNSUPPORTED},
        {"too large", sweep_payload, SWEEP_PAYLOAD_MAX + 1, AIRS_E_TOO_LARGE},
        {"as much as there can be", sweep_payload, SIZE_MAX, AIRS_E_TOO_LARGE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        EXPECT_ERROR(rows[i].what, airs_component_load(self->system, rows[i].bytes, rows[i].len, &loaded, &error),
                     sweep_blocking(self, rows[i].status), &error);
    EXPECT("untouched", loaded == NULL, true);
}

static void sweep_airs_component_load_file(const sweep *self)
{
    airs_component *loaded = NULL;
    airs_error error;
    EXPECT_ERROR("NULL system", airs_component_load_file(NULL, "x", &loaded, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL path", airs_component_load_file(self->system, NULL, &loaded, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL ret", airs_component_load_file(self->system, "x", NULL, &error), AIRS_E_INVALID, &error);
    static const struct {
        const char *path;
        airs_status status;
    } rows[] = {
        {"", AIRS_E_NOT_FOUND},
        {"/nowhere/at.all", AIRS_E_NOT_FOUND},
        {"/dev/null/x", AIRS_E_NOT_FOUND},
        {"/", AIRS_E_IO},
        {"/dev/null", AIRS_E_IO},
        {"/dev/zero", AIRS_E_IO},
        {"/etc/passwd", AIRS_E_COMPONENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        EXPECT_ERROR(rows[i].path, airs_component_load_file(self->system, rows[i].path, &loaded, &error),
                     sweep_blocking(self, rows[i].status), &error);
    EXPECT("untouched", loaded == NULL, true);
}

static void sweep_airs_component_retain(const sweep *self)
{
    airs_component_retain(NULL);
    airs_component_retain(self->component);
    airs_component_release(self->component);
}

static void sweep_airs_component_release(const sweep *self)
{
    airs_component_release(NULL);
    airs_component_retain(self->component);
    airs_component_retain(self->component);
    airs_component_release(self->component);
    airs_component_release(self->component);
}

static void sweep_airs_component_name(const sweep *self)
{
    EXPECT("of NULL", strcmp(airs_component_name(NULL), ""), 0);
    EXPECT("of one", strcmp(airs_component_name(self->component), "counts"), 0);
}

static bool count_request(void *user, const airs_grant *request)
{
    (void)request;
    ++*(uint32_t *)user;
    return true;
}

static void sweep_airs_component_each_request(const sweep *self)
{
    uint32_t count = 0;
    airs_error error;
    EXPECT_ERROR("NULL", airs_component_each_request(NULL, count_request, &count, &error), AIRS_E_INVALID, &error);
    EXPECT_ERROR("NULL fn", airs_component_each_request(self->component, NULL, &count, &error), AIRS_E_INVALID, &error);
    if (self->component != NULL)
        EXPECT("of one", airs_component_each_request(self->component, count_request, &count, NULL), AIRS_OK);
    EXPECT("asks for nothing", count, 0);
}

static void sweep_airs_component_version(const sweep *self)
{
    EXPECT("of NULL", strcmp(airs_component_version(NULL), ""), 0);
    EXPECT("of one", airs_component_version(self->component) != NULL, true);
}

const sweep_row sweep_rows_spawn[] = {
    SWEEP_ROW(airs_spawn_native),
    SWEEP_ROW(airs_spawn_component),
    SWEEP_ROW(airs_spawn_supervisor),
    SWEEP_ROW(airs_component_load),
    SWEEP_ROW(airs_component_load_file),
    SWEEP_ROW(airs_component_retain),
    SWEEP_ROW(airs_component_release),
    SWEEP_ROW(airs_component_name),
    SWEEP_ROW(airs_component_version),
    SWEEP_ROW(airs_component_each_request),
    {0},
};
