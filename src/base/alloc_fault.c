// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/alloc_fault.h"

#include <stdlib.h>

// Whether the next call is one of those that fail.
static bool fault_strikes(base_alloc_fault *fault)
{
    uint64_t call = base_atomic_fetch_add_relaxed(&fault->calls, 1u) + 1;
    uint64_t at = base_atomic_load_relaxed(&fault->fail_at);
    if (at == 0 || call < at || call - at >= base_atomic_load_relaxed(&fault->fail_count))
        return false;
    base_atomic_fetch_add_relaxed(&fault->failed, 1u);
    return true;
}

static void *fault_alloc(void *user, size_t size)
{
    base_alloc_fault *fault = user;
    if (fault_strikes(fault))
        return NULL;
    void *memory = malloc(size);
    if (memory != NULL)
        base_atomic_fetch_add_relaxed(&fault->live, 1u);
    return memory;
}

static void *fault_realloc(void *user, void *memory, size_t size)
{
    base_alloc_fault *fault = user;
    if (memory == NULL)
        return fault_alloc(user, size);
    return fault_strikes(fault) ? NULL : realloc(memory, size);
}

static void fault_free(void *user, void *memory)
{
    base_alloc_fault *fault = user;
    if (memory != NULL)
        base_atomic_fetch_sub_relaxed(&fault->live, 1u);
    free(memory);
}

void base_alloc_fault_init(base_alloc_fault *fault)
{
    fault->allocator = (airs_allocator){
        .alloc = fault_alloc,
        .realloc = fault_realloc,
        .free = fault_free,
        .user = fault,
    };
    base_atomic_init(&fault->calls, 0u);
    base_atomic_init(&fault->fail_at, 0u);
    base_atomic_init(&fault->fail_count, 0u);
    base_atomic_init(&fault->live, 0u);
    base_atomic_init(&fault->failed, 0u);
}

void base_alloc_fault_arm(base_alloc_fault *fault, uint64_t at, uint64_t count)
{
    base_atomic_store_relaxed(&fault->calls, 0u);
    base_atomic_store_relaxed(&fault->failed, 0u);
    base_atomic_store_relaxed(&fault->fail_count, count);
    base_atomic_store_relaxed(&fault->fail_at, at);
}

uint64_t base_alloc_fault_live(const base_alloc_fault *fault)
{
    return base_atomic_load_relaxed(&fault->live);
}

bool base_alloc_fault_hit(const base_alloc_fault *fault)
{
    return base_atomic_load_relaxed(&fault->failed) != 0;
}
