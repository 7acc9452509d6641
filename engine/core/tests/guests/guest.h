// SPDX-License-Identifier: MIT OR Apache-2.0
// Guests for the engine's tests, lowered by hand: what a binding generator would write, and what a
// hostile one could. Offsets are the canonical ABI's.
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(interface, name) __attribute__((import_module("airssys:actor/" interface "@0.1.0"), import_name(name)))

#define HEAP_BYTES (256 << 10)

static uint8_t heap[HEAP_BYTES] __attribute__((aligned(16)));
static size_t heap_top;
/// Trap in the next allocation, or loop in it.
static int heap_mode;

enum {
    HEAP_GOOD,
    HEAP_TRAPS,
    HEAP_LOOPS,
    HEAP_LIES
};

EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_len, size_t align, size_t len)
{
    (void)old, (void)old_len;
    if (heap_mode == HEAP_TRAPS) {
        __builtin_trap();
    }
    for (volatile int i = 0; heap_mode == HEAP_LOOPS; i++) {
    }
    if (heap_mode == HEAP_LIES) {
        return (void *)0xfffffff0u;
    }
    heap_top = (heap_top + align - 1) & ~(align - 1);
    void *ret = heap + heap_top;
    heap_top += len;
    if (heap_top > HEAP_BYTES) {
        __builtin_trap();
    }
    return ret;
}

/// A result that is given back by a pointer to it.
static uint32_t ret_area[16] __attribute__((aligned(8)));
