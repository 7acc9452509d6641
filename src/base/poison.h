// SPDX-License-Identifier: MIT OR Apache-2.0
/// Tells AddressSanitizer which memory of a pool is free, so that a use after free is found there too.
/// Nothing in other builds.
#ifndef AIRS_BASE_POISON_H
#define AIRS_BASE_POISON_H

#if defined(__SANITIZE_ADDRESS__)
#define BASE_POISON_ON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BASE_POISON_ON 1
#endif
#endif

#ifdef BASE_POISON_ON
#include <sanitizer/asan_interface.h>
#define base_poison(memory, size) ASAN_POISON_MEMORY_REGION((memory), (size))
#define base_unpoison(memory, size) ASAN_UNPOISON_MEMORY_REGION((memory), (size))
#else
#define base_poison(memory, size) ((void)(memory), (void)(size))
#define base_unpoison(memory, size) ((void)(memory), (void)(size))
#endif

#endif
