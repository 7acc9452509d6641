// SPDX-License-Identifier: MIT OR Apache-2.0
/// A loaded component: its machine code in the engine, and what it says of itself.
#ifndef WASM_COMPONENT_H
#define WASM_COMPONENT_H

#include "airssys/component.h"
#include "base/atomics.h"
#include "engine.h"
#include "wasm/cache.h"
#include "wasm/compiler.h"
#include "wasm/metadata.h"

/// Shared by the actors made of it; the last release frees it. Immutable but for the count.
struct airs_component {
    BASE_ATOMIC(uint32_t) references;
    const airs_allocator *allocator;
    /// Whose code it is: no other engine can run it.
    const engine *machine;
    engine_component *code;
    /// Bits of engine_export.
    uint32_t exports;
    wasm_metadata metadata;
    /// What it asks to be granted (requests.h); NULL: nothing.
    char *requests;
    /// Of the bytes that it was loaded from: two with the same are the same component.
    uint8_t hash[WASM_CACHE_HASH_SIZE];
    /// What its traps are told with: see `engine_kit_trap_lines`. Empty when there is nothing, or no memory for it.
    engine_buffer debug_info;
};

/// Takes compiled code from the cache, or lets it be compiled and keeps it there. Memory is the compiler's allocator's.
/// Errors: as `airs_component_load`. Any thread.
airs_status wasm_component_load(engine *machine, const wasm_cache *cache, const wasm_compiler *compiler,
                                airs_bytes wasm, airs_component **ret_component, airs_error *error);

/// Whether both were loaded from the same bytes.
bool wasm_component_equal(const airs_component *a, const airs_component *b);

/// The status that says what an engine's result means to a caller of this library.
airs_status wasm_status(engine_result result);

#endif
