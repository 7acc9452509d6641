// SPDX-License-Identifier: MIT OR Apache-2.0
#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/assert.h"

static void *default_alloc(void *user, size_t size)
{
    (void)user;
    return malloc(size);
}

static void *default_realloc(void *user, void *memory, size_t size)
{
    (void)user;
    return realloc(memory, size);
}

static void default_free(void *user, void *memory)
{
    (void)user;
    free(memory);
}

const airs_allocator *base_allocator_default(void)
{
    static const airs_allocator allocator = {
        .alloc = default_alloc,
        .realloc = default_realloc,
        .free = default_free,
    };
    return &allocator;
}

void *base_alloc(const airs_allocator *allocator, size_t size)
{
    return allocator->alloc(allocator->user, size == 0 ? 1 : size);
}

void *base_alloc_zeroed(const airs_allocator *allocator, size_t size)
{
    void *memory = base_alloc(allocator, size);
    if (memory != NULL)
        memset(memory, 0, size);
    return memory;
}

void *base_alloc_array(const airs_allocator *allocator, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return base_alloc_zeroed(allocator, bytes);
}

void *base_realloc(const airs_allocator *allocator, void *memory, size_t size)
{
    return allocator->realloc(allocator->user, memory, size == 0 ? 1 : size);
}

void base_free(const airs_allocator *allocator, void *memory)
{
    allocator->free(allocator->user, memory);
}

// Tables of this size are looked up all over: in large pages they need far fewer entries of the TLB.
#define HUGE_FROM ((size_t)4 * 1024 * 1024)
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

// The pointer that the allocator gave is kept just before the aligned memory.
void *base_alloc_aligned(const airs_allocator *allocator, size_t size, size_t align)
{
    AIRS_ASSERT(align != 0 && (align & (align - 1)) == 0);
    bool huge = size >= HUGE_FROM;
    if (huge && align < HUGE_PAGE)
        align = HUGE_PAGE;
    size_t bytes;
    if (__builtin_add_overflow(size, align + sizeof(void *), &bytes))
        return NULL;
    char *memory = base_alloc(allocator, bytes);
    if (memory == NULL)
        return NULL;
    char *aligned = memory + sizeof(void *);
    aligned += (align - (uintptr_t)aligned % align) % align;
    // Before the first touch, for that is when a page gets its size. Only a hint: a kernel without it says no.
    if (huge)
        (void)madvise(aligned, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
    memset(aligned, 0, size);
    memcpy(aligned - sizeof(void *), &memory, sizeof(void *));
    return aligned;
}

void base_free_aligned(const airs_allocator *allocator, void *memory)
{
    if (memory == NULL)
        return;
    void *given;
    memcpy(&given, (char *)memory - sizeof(void *), sizeof(void *));
    base_free(allocator, given);
}

char *base_strndup(const airs_allocator *allocator, const char *text, size_t len)
{
    char *copy = base_alloc(allocator, len + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
