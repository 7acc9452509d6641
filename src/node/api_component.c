// SPDX-License-Identifier: MIT OR Apache-2.0
/// include/airssys/component.h, but for what src/wasm/component.c has.
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "capability/requests.h"
#include "node/system.h"
#include "os/file.h"

static airs_status check_load(airs_system *system, bool arguments, airs_component **ret_component, airs_error *error)
{
    if (system == NULL || ret_component == NULL || !arguments)
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    if (system_is_worker(system))
        return base_error_set(error, AIRS_E_WOULD_BLOCK, "%s", airs_status_text(AIRS_E_WOULD_BLOCK));
    if (base_atomic_load_acquire(&system->actors.stopping))
        return base_error_set(error, AIRS_E_STOPPING, "%s", airs_status_text(AIRS_E_STOPPING));
    return AIRS_OK;
}

airs_status airs_component_load(airs_system *system, const void *wasm, size_t len, airs_component **ret_component,
                                airs_error *error)
{
    airs_status status = check_load(system, wasm != NULL || len == 0, ret_component, error);
    if (status != AIRS_OK)
        return status;
    const system_loading loading = system_get_loading(system);
    if (len > loading.component_max)
        return base_error_set(error, AIRS_E_TOO_LARGE, "the component has %zu bytes, the limit is %llu", len,
                              (unsigned long long)loading.component_max);
    engine *machine;
    status = system_engine(system, &machine, error);
    if (status != AIRS_OK)
        return status;
    wasm_compiler compiler = system->compiler;
    compiler.memory_max = loading.compile_memory_max;
    compiler.timeout_ms = loading.compile_timeout_ms;
    return wasm_component_load(machine, &system->cache, &compiler, (airs_bytes){wasm, len}, ret_component, error);
}

airs_status airs_component_load_file(airs_system *system, const char *path, airs_component **ret_component,
                                     airs_error *error)
{
    airs_status status = check_load(system, path != NULL, ret_component, error);
    if (status != AIRS_OK)
        return status;
    airs_buffer file;
    status =
        os_file_read(system->allocator, path, OS_FILE_REGULAR, system_get_loading(system).component_max, &file, error);
    if (status != AIRS_OK)
        return status;
    status = airs_component_load(system, file.data, file.len, ret_component, error);
    if (status != AIRS_OK)
        base_error_prefix(error, "%s", path);
    airs_buffer_free(&file);
    return status;
}

typedef struct visit {
    airs_request_fn fn;
    void *user;
    bool ended;
} visit;

static void visit_request(void *user, const capability_grant *request, airs_bytes line)
{
    (void)line;
    visit *self = user;
    self->ended = self->ended || !self->fn(self->user, request);
}

airs_status airs_component_each_request(const airs_component *component, airs_request_fn fn, void *user,
                                        airs_error *error)
{
    if (component == NULL || fn == NULL)
        return base_error_set(error, AIRS_E_INVALID, "an argument is NULL");
    visit self = {.fn = fn, .user = user};
    return component->requests == NULL
               ? AIRS_OK
               : capability_requests_read(base_bytes_of(component->requests), base_allocator_default(), visit_request,
                                          &self, error);
}
