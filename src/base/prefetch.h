// SPDX-License-Identifier: MIT OR Apache-2.0
/// Hints that a cache line is needed in a moment. Any address is allowed; nothing happens at one that is not there.
#ifndef AIRS_BASE_PREFETCH_H
#define AIRS_BASE_PREFETCH_H

/// To be read.
static inline void base_prefetch(const void *at)
{
    __builtin_prefetch(at, 0);
}

/// To be written: it comes as this core's own, where reading it first would let another one keep a copy.
static inline void base_prefetch_to_write(const void *at)
{
#if defined(__x86_64__)
    // The compilers' own hint is one to read, unless they are told that each processor has this instruction; one that
    // has not takes it for no operation.
    __asm__ volatile("prefetchw %0" : : "m"(*(const char *)at));
#else
    __builtin_prefetch(at, 1);
#endif
}

#endif
