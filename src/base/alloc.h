// SPDX-License-Identifier: MIT OR Apache-2.0
/// Memory from an allocator that is handed down, never from a global one.
///
/// Each object that allocates keeps the `const airs_allocator *` it was created with. Any thread.
#ifndef AIRS_BASE_ALLOC_H
#define AIRS_BASE_ALLOC_H

#include "airssys/status.h"

/// The C library's malloc. Static.
const airs_allocator *base_allocator_default(void);

/// `size` bytes, aligned as malloc's; NULL when there is no memory. A size of 0 gives a pointer of its own.
void *base_alloc(const airs_allocator *allocator, size_t size);

/// The same, all bytes 0.
void *base_alloc_zeroed(const airs_allocator *allocator, size_t size);

/// `count` elements of `size` bytes, all 0; NULL also when the product overflows.
void *base_alloc_array(const airs_allocator *allocator, size_t count, size_t size);

/// As realloc; on NULL `memory` is still valid.
void *base_realloc(const airs_allocator *allocator, void *memory, size_t size);

/// NULL is allowed.
void base_free(const airs_allocator *allocator, void *memory);

/// `size` bytes, all 0, at a multiple of `align` (a power of two); from 4 MiB on in large pages where the system has
/// them. Ended only with `base_free_aligned`.
void *base_alloc_aligned(const airs_allocator *allocator, size_t size, size_t align);

/// NULL is allowed.
void base_free_aligned(const airs_allocator *allocator, void *memory);

/// A NUL-terminated copy of `len` bytes; NULL when there is no memory.
char *base_strndup(const airs_allocator *allocator, const char *text, size_t len);

#endif
