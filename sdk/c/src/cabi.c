// SPDX-License-Identifier: MIT OR Apache-2.0
// The allocator that the runtime calls, and the moments at which the arena is emptied.
#include "airssys/guest.h"
#include "arena.h"
#include "convert.h"

#include <string.h>

// The imports are linked into every guest, and so is this file.
TYPES_ARE_TOLD_BY_BUILD(imports)

// No export is running: what the last one left is no longer needed.
static bool idle;

static void wake(void)
{
    if (!idle)
        return;
    idle = false;
    airs_arena_reset();
}

void airs_guest_enter(void)
{
    wake();
}

void airs_guest_leave(void)
{
    idle = true;
}

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size);

// Sizes and alignments come from the runtime; one that makes no sense is a trap and not a guess.
// Weak, so that a guest may bring its own.
__attribute__((weak, export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align,
                                                                      size_t new_size)
{
    wake();
    if (align == 0 || (align & (align - 1)) != 0)
        __builtin_trap();
    if (new_size == 0)
        return (void *)align;
    if (old_size > 0 && (new_size <= old_size || airs_arena_extend(old, old_size, new_size)))
        return old;
    void *block = airs_arena_take(new_size, align);
    if (old_size > 0)
        memcpy(block, old, old_size);
    return block;
}

void airs_arena_free(void *memory);

// Generated bindings are compiled with `free` named this: the arena frees all at once.
void airs_arena_free(void *memory)
{
    (void)memory;
}

void *airs_alloc(size_t size)
{
    void *memory = airs_arena_take(size, 16);
    return memset(memory, 0, size);
}
