// SPDX-License-Identifier: MIT OR Apache-2.0
#include "wasm/component.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"
#include "wasm/requests.h"

airs_status wasm_status(engine_result result)
{
    switch (result) {
    case ENGINE_OK:
        return AIRS_OK;
    case ENGINE_INVALID:
    case ENGINE_CORE_MODULE:
        return AIRS_E_COMPONENT;
    case ENGINE_UNSUPPORTED:
    case ENGINE_NO_EXPORT:
        return AIRS_E_UNSUPPORTED;
    case ENGINE_LIMIT:
        return AIRS_E_LIMIT;
    case ENGINE_BUSY:
    case ENGINE_STALE:
    case ENGINE_PANIC:
        break;
    }
    return AIRS_E_INTERNAL;
}

/// Loads from the cache; false when the code has to be compiled.
static bool load_cached(engine *machine, const wasm_cache *cache, const uint8_t *hash, engine_component **ret)
{
    engine_bytes print = engine_fingerprint(machine);
    airs_buffer file;
    airs_bytes code;
    if (!wasm_cache_find(cache, (airs_bytes){print.data, print.len}, hash, &file, &code))
        return false;
    engine_error ignored;
    bool ok = engine_component_load(machine, (engine_bytes){code.data, code.len}, ret, &ignored) == ENGINE_OK;
    wasm_cache_release(cache, &file);
    return ok;
}

/// Compiles, keeps the code under the cache's MAC, and loads it from the same bytes.
static airs_status load_compiled(engine *machine, const wasm_cache *cache, const wasm_compiler *compiler,
                                 const uint8_t *hash, airs_bytes wasm, engine_component **ret, airs_error *error)
{
    airs_buffer code;
    airs_status status = wasm_compile(compiler, machine, wasm, &code, error);
    if (status != AIRS_OK)
        return status;
    engine_bytes print = engine_fingerprint(machine);
    wasm_cache_keep(cache, (airs_bytes){print.data, print.len}, hash, (airs_bytes){code.data, code.len});
    engine_error what = {0};
    engine_result result = engine_component_load(machine, (engine_bytes){code.data, code.len}, ret, &what);
    airs_buffer_free(&code);
    if (result == ENGINE_OK)
        return AIRS_OK;
    // It may quote names that are in the bytes.
    base_text_tidy(what.text);
    return base_error_set(error, wasm_status(result), "%s", what.text);
}

static airs_status keep_requests(airs_component *component, airs_bytes wasm, airs_error *error)
{
    airs_bytes text;
    airs_status status = wasm_requests_find(wasm, &text, error);
    if (status != AIRS_OK || text.len == 0)
        return status;
    component->requests = base_strndup(component->allocator, (const char *)text.data, text.len);
    return component->requests == NULL ? base_error_set(error, AIRS_E_NOMEM, "no memory for a component") : AIRS_OK;
}

airs_status wasm_component_load(engine *machine, const wasm_cache *cache, const wasm_compiler *compiler,
                                airs_bytes wasm, airs_component **ret_component, airs_error *error)
{
    const airs_allocator *allocator = compiler->allocator;
    airs_component *component = base_alloc(allocator, sizeof *component);
    if (component == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for a component");
    *component = (airs_component){.allocator = allocator, .machine = machine};
    base_atomic_init(&component->references, 1u);

    airs_status read = keep_requests(component, wasm, error);
    if (read != AIRS_OK) {
        base_free(allocator, component);
        return read;
    }
    wasm_cache_hash(wasm, component->hash);
    if (!load_cached(machine, cache, component->hash, &component->code)) {
        airs_status status = load_compiled(machine, cache, compiler, component->hash, wasm, &component->code, error);
        if (status != AIRS_OK) {
            base_free(allocator, component->requests);
            base_free(allocator, component);
            return status;
        }
    }
    component->exports = engine_component_exports(component->code);
    wasm_metadata_read(wasm, &component->metadata);
    // Without it traps are told by numbers: no reason to refuse the component.
    (void)engine_kit_debug_info((engine_bytes){wasm.data, wasm.len}, &component->debug_info, NULL);
    *ret_component = component;
    return AIRS_OK;
}

bool wasm_component_equal(const airs_component *a, const airs_component *b)
{
    return memcmp(a->hash, b->hash, sizeof a->hash) == 0;
}

void airs_component_retain(airs_component *component)
{
    if (component != NULL)
        (void)base_atomic_fetch_add_relaxed(&component->references, 1u);
}

void airs_component_release(airs_component *component)
{
    // acq_rel: what other holders did with the component comes before its end.
    if (component == NULL || base_atomic_fetch_sub_acq_rel(&component->references, 1u) != 1)
        return;
    engine_component_release(component->code);
    engine_buffer_free(&component->debug_info);
    base_free(component->allocator, component->requests);
    base_free(component->allocator, component);
}

const char *airs_component_name(const airs_component *component)
{
    return component == NULL ? "" : component->metadata.name;
}

const char *airs_component_version(const airs_component *component)
{
    return component == NULL ? "" : component->metadata.version;
}
