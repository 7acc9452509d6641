// SPDX-License-Identifier: MIT OR Apache-2.0
/// The system itself. What would end the one under test is done to another one.
#include <string.h>

#include "sweep.h"

static void *no_memory(void *user, size_t size)
{
    (void)user;
    (void)size;
    return NULL;
}

static void *no_more_memory(void *user, void *memory, size_t size)
{
    (void)user;
    (void)memory;
    (void)size;
    return NULL;
}

static void no_free(void *user, void *memory)
{
    (void)user;
    (void)memory;
}

static void sweep_airs_system_create(const sweep *self)
{
    static const airs_allocator empty = {.alloc = no_memory, .realloc = no_more_memory, .free = no_free};
    static const airs_allocator incomplete[] = {{.alloc = no_memory, .realloc = no_more_memory},
                                                {.alloc = no_memory, .free = no_free},
                                                {.realloc = no_more_memory, .free = no_free}};
    airs_system *made = NULL;
    airs_error error;
    EXPECT_ERROR("NULL ret", airs_system_create(NULL, NULL, &error), AIRS_E_INVALID, &error);
    const struct {
        const char *what;
        airs_system_options options;
        airs_status status;
    } bad[] = {
        {"too many workers", {.workers = 257}, AIRS_E_INVALID},
        {"nearly none", {.workers = UINT32_MAX - 1}, AIRS_E_INVALID},
        {"too many actors", {.actors_max = UINT32_MAX}, AIRS_E_INVALID},
        {"too many restarts", {.max_restarts = UINT32_MAX}, AIRS_E_INVALID},
        {"a level that is none", {.log_level = (airs_log_level)4}, AIRS_E_INVALID},
        {"an allocator without free", {.allocator = &incomplete[0]}, AIRS_E_INVALID},
        {"an allocator without realloc", {.allocator = &incomplete[1]}, AIRS_E_INVALID},
        {"an allocator without alloc", {.allocator = &incomplete[2]}, AIRS_E_INVALID},
        {"an audit mode that is none", {.audit = {.mode = (airs_audit_mode)4}}, AIRS_E_INVALID},
        {"an audit log without a folder", {.audit = {.mode = AIRS_AUDIT_ALL, .key_file = "k"}}, AIRS_E_INVALID},
        {"an audit log without a key", {.audit = {.mode = AIRS_AUDIT_ALL, .folder = "f"}}, AIRS_E_INVALID},
        {"a way to fail that is none", {.audit = {.on_failure = (airs_audit_failure)2}}, AIRS_E_INVALID},
        {"an audit log that can't be made",
         {.audit = {.mode = AIRS_AUDIT_ALL, .folder = "/dev/null/x", .key_file = "/dev/null/k"}},
         AIRS_E_IO},
        {"an allocator without memory", {.allocator = &empty}, AIRS_E_NOMEM},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        EXPECT_ERROR(bad[i].what, airs_system_create(&bad[i].options, &made, &error), bad[i].status, &error);
    EXPECT("untouched", made == NULL, true);
    airs_system_options odd = {.workers = 1, .actors_max = 1, .window_ms = UINT32_MAX, .cache_dir = "/dev/null/x"};
    EXPECT("the root alone", airs_system_create(&odd, &made, NULL), AIRS_OK);
    airs_actor_id id;
    EXPECT("fills it", airs_spawn_supervisor(made, NULL, &id, &error), AIRS_E_LIMIT);
    airs_system_destroy(made);
}

static void sweep_airs_system_stop(const sweep *self)
{
    airs_system_stop(NULL);
    if (self->inside) {
        airs_system_stop(self->system);
        airs_actor_info info;
        EXPECT("nothing has ended", airs_actor_get_info(self->system, self->echo, &info), AIRS_OK);
    }
    if (self->stopped)
        airs_system_stop(self->system);
    airs_system *other = sweep_system_create(1);
    airs_system_stop(other);
    airs_system_stop(other);
    airs_actor_id id;
    EXPECT("stopped", airs_spawn_supervisor(other, NULL, &id, NULL), AIRS_E_STOPPING);
    airs_system_destroy(other);
}

static void sweep_airs_system_destroy(const sweep *self)
{
    airs_system_destroy(NULL);
    if (self->inside) {
        airs_system_destroy(self->system);
        airs_actor_info info;
        EXPECT("nothing has ended", airs_actor_get_info(self->system, self->echo, &info), AIRS_OK);
    }
    airs_system_destroy(sweep_system_create(2));
    airs_system_destroy(sweep_system_create(AIRS_WORKERS_NONE));
}

static void sweep_airs_system_run_once(const sweep *self)
{
    EXPECT("NULL", airs_system_run_once(NULL, 0), AIRS_E_INVALID);
    EXPECT("a system with workers", airs_system_run_once(self->system, UINT32_MAX), AIRS_E_INVALID);
    airs_system *driven = sweep_system_create(AIRS_WORKERS_NONE);
    EXPECT("one without", airs_system_run_once(driven, 0), AIRS_OK);
    EXPECT("for a moment", airs_system_run_once(driven, 1), AIRS_OK);
    airs_system_stop(driven);
    EXPECT("one that has stopped", airs_system_run_once(driven, 0), AIRS_OK);
    airs_system_destroy(driven);
}

static void sweep_airs_system_fd(const sweep *self)
{
    EXPECT("NULL", airs_system_fd(NULL), -1);
    EXPECT("a system with workers", airs_system_fd(self->system), -1);
    airs_system *driven = sweep_system_create(AIRS_WORKERS_NONE);
    EXPECT("one without", airs_system_fd(driven) >= 0, true);
    airs_system_destroy(driven);
}

static void sweep_airs_system_wait(const sweep *self)
{
    airs_error error = {.status = AIRS_OK, .text = ""};
    EXPECT("NULL", airs_system_wait(NULL, UINT32_MAX, &error), AIRS_FINISH_RUNNING);
    EXPECT("now", airs_system_wait(self->system, 0, &error), AIRS_FINISH_RUNNING);
    if (self->inside || self->stopped)
        EXPECT("for long", airs_system_wait(self->system, UINT32_MAX, &error), AIRS_FINISH_RUNNING);
    else
        EXPECT("for a moment", airs_system_wait(self->system, 1, NULL), AIRS_FINISH_RUNNING);
    EXPECT("no error", error.status, AIRS_OK);
}

static void on_event(void *user, const airs_event *event)
{
    (void)event;
    (*(_Atomic int *)user)++;
}

static void sweep_airs_system_on_event(const sweep *self)
{
    _Atomic int events = 0;
    airs_system_on_event(NULL, on_event, &events);
    airs_system *other = sweep_system_create(1);
    airs_system_on_event(other, on_event, &events);
    airs_system_on_event(other, NULL, NULL);
    airs_actor_id id;
    EXPECT("a supervisor", airs_spawn_supervisor(other, NULL, &id, NULL), AIRS_OK);
    airs_system_destroy(other);
    EXPECT("of which nobody is told", events, 0);
}

const sweep_row sweep_rows_system[] = {
    SWEEP_ROW(airs_system_create),   SWEEP_ROW(airs_system_stop),
    SWEEP_ROW(airs_system_destroy),  SWEEP_ROW(airs_system_run_once),
    SWEEP_ROW(airs_system_fd),       SWEEP_ROW(airs_system_wait),
    SWEEP_ROW(airs_system_on_event), {0},
};
