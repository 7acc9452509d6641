// SPDX-License-Identifier: MIT OR Apache-2.0
/// Plain accesses: the sources of a model are compiled with -fsanitize=thread, but linked with this in place of the
/// sanitizer's library. So each access to memory that is not atomic comes here, and none has to be marked.
#include <string.h>

#include "model_impl.h"

// ---------------------------------------------------------------- races

// Bytes that are looked at together.
#define GRANULE 4
#define CELLS (1u << 15)

enum {
    PLAIN_READ,
    PLAIN_WRITE,
    ATOMIC_READ,
    ATOMIC_WRITE,
    USES
};

/// When each thread last used these bytes in which way, in steps of its own; 0: never.
typedef struct cell {
    uintptr_t granule;
    uint64_t execution;
    uint16_t when[USES][MODEL_THREADS_MAX];
    uint8_t bytes[USES][MODEL_THREADS_MAX];
} cell;

static struct {
    cell cells[CELLS];
    uint64_t execution;
    unsigned used;
} plains = {.execution = 1};

void plain_reset(void)
{
    plains.execution++;
    plains.used = 0;
}

static cell *cell_of(uintptr_t granule)
{
    for (uint64_t at = model_mix(0, granule);; at++) {
        cell *found = &plains.cells[at % CELLS];
        if (found->execution == plains.execution && found->granule == granule)
            return found;
        if (found->execution == plains.execution)
            continue;
        if (++plains.used > CELLS / 2)
            model_fail("more than %u words are used", CELLS / 2);
        *found = (cell){.granule = granule, .execution = plains.execution};
        return found;
    }
}

static bool conflict(int mine, int other)
{
    static const bool with[USES][USES] = {
        [PLAIN_READ] = {[PLAIN_WRITE] = true, [ATOMIC_WRITE] = true},
        [PLAIN_WRITE] = {true, true, true, true},
        [ATOMIC_READ] = {[PLAIN_WRITE] = true},
        [ATOMIC_WRITE] = {[PLAIN_READ] = true, [PLAIN_WRITE] = true},
    };
    return with[mine][other];
}

static void use(unsigned thread, uintptr_t granule, uint8_t bytes, int how)
{
    cell *at = cell_of(granule);
    for (unsigned other = 0; other < MODEL_THREADS_MAX; other++) {
        for (int was = 0; was < USES && other != thread; was++) {
            if (conflict(how, was) && (at->bytes[was][other] & bytes) != 0 &&
                at->when[was][other] > memory_time(thread, other))
                explore_race((const void *)(granule * GRANULE), other, at->when[was][other]);
        }
    }
    // What is plain stands between two steps: only the next one tells others of it.
    unsigned now = memory_time(thread, thread) + (how == PLAIN_READ || how == PLAIN_WRITE ? 1u : 0u);
    if (at->when[how][thread] != now)
        at->bytes[how][thread] = 0;
    at->when[how][thread] = (uint16_t)now;
    at->bytes[how][thread] |= bytes;
}

static void use_range(unsigned thread, const void *address, size_t size, int how)
{
    uintptr_t from = (uintptr_t)address;
    uintptr_t to = from + size;
    while (from < to) {
        uintptr_t granule = from / GRANULE;
        uint8_t bytes = 0;
        for (; from < to && from / GRANULE == granule; from++)
            bytes |= (uint8_t)(1u << from % GRANULE);
        use(thread, granule, bytes, how);
    }
}

void plain_access(unsigned thread, const void *address, size_t size, bool write)
{
    use_range(thread, address, size, write ? PLAIN_WRITE : PLAIN_READ);
}

void plain_atomic(unsigned thread, const void *address, size_t size, bool write)
{
    use_range(thread, address, size, write ? ATOMIC_WRITE : ATOMIC_READ);
}

// ---------------------------------------------------------------- the compiler's calls

static void plain(void *address, size_t size, bool write)
{
    unsigned thread = fiber_current();
    if (thread == MODEL_THREADS_MAX || fiber_owns(address) || fiber_is_local(address))
        return;
    plain_access(thread, address, size, write);
}

#define HOOKS(name, size)                             \
    void __tsan_read##name(void *address);            \
    void __tsan_write##name(void *address);           \
    void __tsan_read##name(void *address)             \
    {                                                 \
        plain(address, size, false);                  \
    }                                                 \
    void __tsan_write##name(void *address)            \
    {                                                 \
        plain(address, size, true);                   \
    }                                                 \
    void __tsan_unaligned_read##name(void *address);  \
    void __tsan_unaligned_write##name(void *address); \
    void __tsan_unaligned_read##name(void *address)   \
    {                                                 \
        plain(address, size, false);                  \
    }                                                 \
    void __tsan_unaligned_write##name(void *address)  \
    {                                                 \
        plain(address, size, true);                   \
    }

HOOKS(1, 1)
HOOKS(2, 2)
HOOKS(4, 4)
HOOKS(8, 8)
HOOKS(16, 16)

void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);
void __tsan_read_range(void *address, unsigned long size);
void __tsan_write_range(void *address, unsigned long size);
void *__tsan_memcpy(void *to, const void *from, unsigned long size);
void *__tsan_memset(void *to, int byte, unsigned long size);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

void __tsan_read_range(void *address, unsigned long size)
{
    plain(address, size, false);
}

void __tsan_write_range(void *address, unsigned long size)
{
    plain(address, size, true);
}

// What Clang makes of assignments of structures.
void *__tsan_memcpy(void *to, const void *from, unsigned long size)
{
    plain(to, size, true);
    return memcpy(to, from, size);
}

void *__tsan_memset(void *to, int byte, unsigned long size)
{
    plain(to, size, true);
    return memset(to, byte, size);
}
