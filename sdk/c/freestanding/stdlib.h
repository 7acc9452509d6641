// SPDX-License-Identifier: MIT OR Apache-2.0
/// What generated bindings name of stdlib.h. There is no heap without a C library: see `airs_alloc`.
#ifndef AIRSSYS_FREESTANDING_STDLIB_H
#define AIRSSYS_FREESTANDING_STDLIB_H

#include <stddef.h>

void free(void *memory);
void *realloc(void *memory, size_t size);
_Noreturn void abort(void);

#endif
