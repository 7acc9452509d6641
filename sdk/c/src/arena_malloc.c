// SPDX-License-Identifier: MIT OR Apache-2.0
// The arena of a guest with a C library, whose malloc owns the memory behind the data. One block is
// kept for the next event; the others, and large ones, are given back.
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>

enum {
    BLOCK_SIZE = 64 * 1024
};

typedef struct block {
    struct block *next;
    size_t size;
    uint8_t bytes[];
} block;

// The block that is filled now, before those that are full.
static block *blocks;
static uintptr_t top;
static uintptr_t end;

static void fill(block *with)
{
    top = (uintptr_t)with->bytes;
    end = top + with->size;
}

static void add_block(size_t size, size_t align)
{
    size_t needed;
    if (__builtin_add_overflow(size, sizeof(block), &needed) || __builtin_add_overflow(needed, align, &needed))
        __builtin_trap();
    if (needed < BLOCK_SIZE)
        needed = BLOCK_SIZE;
    block *added = malloc(needed);
    if (!added)
        __builtin_trap();
    added->size = needed - sizeof(block);
    added->next = blocks;
    blocks = added;
    fill(added);
}

/// Where the next block of this alignment begins; behind `end` when there is no room for any.
static uintptr_t aligned_top(size_t align)
{
    uintptr_t at;
    if (!blocks || __builtin_add_overflow(top, align - 1, &at))
        return UINTPTR_MAX;
    return at & ~(uintptr_t)(align - 1);
}

void *airs_arena_take(size_t size, size_t align)
{
    uintptr_t at = aligned_top(align);
    if (at > end || size > end - at) {
        add_block(size, align);
        at = aligned_top(align);
    }
    top = at + size;
    return (void *)at;
}

bool airs_arena_extend(void *memory, size_t old_size, size_t new_size)
{
    uintptr_t at = (uintptr_t)memory;
    if (at + old_size != top || new_size > end - at)
        return false;
    top = at + new_size;
    return true;
}

void airs_arena_reset(void)
{
    block *kept = NULL;
    while (blocks) {
        block *next = blocks->next;
        if (!kept && blocks->size <= BLOCK_SIZE)
            kept = blocks;
        else
            free(blocks);
        blocks = next;
    }
    if (!kept) {
        top = end = 0;
        return;
    }
    kept->next = NULL;
    blocks = kept;
    fill(kept);
}

uintptr_t airs_arena_top(void)
{
    return top;
}

void airs_arena_rewind(uintptr_t to)
{
    while (blocks && to - (uintptr_t)blocks->bytes > blocks->size) {
        block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
    if (blocks)
        fill(blocks);
    top = to;
}

void *airs_realloc_for_adapter(void *old, size_t old_size, size_t align, size_t new_size);

// The adapter from preview 1 of WASI keeps its own state in memory that it allocates once: that must
// not come from the arena.
__attribute__((export_name("cabi_realloc_adapter"))) void *airs_realloc_for_adapter(void *old, size_t old_size,
                                                                                    size_t align, size_t new_size)
{
    (void)old_size;
    if (new_size == 0)
        return (void *)align;
    void *memory = old ? realloc(old, new_size) : aligned_alloc(align, (new_size + align - 1) & ~(align - 1));
    if (!memory)
        __builtin_trap();
    return memory;
}
