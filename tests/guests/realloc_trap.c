// SPDX-License-Identifier: MIT OR Apache-2.0
// Brings its own allocator, which traps once a message says so; "wild" makes it return a pointer outside.
#include <airssys/guest.h>

static enum {
    SOUND,
    TRAPS,
    WILD
} mood;
static uint8_t heap[65536];
static size_t top;

void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size);

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size)
{
    (void)old;
    (void)old_size;
    if (mood == TRAPS)
        __builtin_trap();
    if (mood == WILD)
        return (void *)(SIZE_MAX - 4096 + align);
    top = (top + align - 1) & ~(align - 1);
    void *block = heap + top;
    top += size;
    return block;
}

airs_result actor_handle(const airs_message *message)
{
    if (airs_equal(message->payload, airs_text("trap")))
        mood = TRAPS;
    if (airs_equal(message->payload, airs_text("wild")))
        mood = WILD;
    return airs_answer(airs_text("from now on"));
}
