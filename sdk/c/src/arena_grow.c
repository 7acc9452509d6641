// SPDX-License-Identifier: MIT OR Apache-2.0
// The arena of a guest without a C library: all memory behind its data, grown page by page.
// Linear memory never shrinks, so the guest keeps what its largest event needed, once.
#include "arena.h"

#include <stdint.h>

enum {
    PAGE_SIZE = 65536
};

// Given by the linker: the first byte behind stack and data.
extern uint8_t __heap_base;

static uintptr_t start;
static uintptr_t top;
static uintptr_t end;

/// Makes room up to `wanted`, an address. Another's memory.grow may have come between: then the arena
/// goes on behind it, and what it had before is left alone.
static bool grow(uintptr_t wanted)
{
    size_t pages = (wanted - end + PAGE_SIZE - 1) / PAGE_SIZE;
    size_t old_pages = __builtin_wasm_memory_grow(0, pages);
    uintptr_t new_end;
    if (old_pages == SIZE_MAX || __builtin_mul_overflow(old_pages + pages, (uintptr_t)PAGE_SIZE, &new_end))
        return false;
    uintptr_t old_end = (uintptr_t)old_pages * PAGE_SIZE;
    if (old_end != end)
        start = top = old_end;
    end = new_end;
    return true;
}

static void begin(void)
{
    start = top = (uintptr_t)&__heap_base;
    end = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE_SIZE;
}

void *airs_arena_take(size_t size, size_t align)
{
    if (end == 0)
        begin();
    uintptr_t block, wanted;
    for (;;) {
        bool overflow = __builtin_add_overflow(top, align - 1, &block);
        block &= ~(uintptr_t)(align - 1);
        if (overflow || __builtin_add_overflow(block, size, &wanted))
            __builtin_trap();
        if (wanted <= end)
            break;
        if (!grow(wanted))
            __builtin_trap();
    }
    top = wanted;
    return (void *)block;
}

bool airs_arena_extend(void *block, size_t old_size, size_t new_size)
{
    uintptr_t at = (uintptr_t)block;
    if (at + old_size != top || new_size > end - at)
        return false;
    top = at + new_size;
    return true;
}

void airs_arena_reset(void)
{
    top = start;
}

uintptr_t airs_arena_top(void)
{
    return top;
}

void airs_arena_rewind(uintptr_t to)
{
    // Below `start` when it has gone on behind another's memory since: all of that is new.
    top = to > start ? to : start;
}
