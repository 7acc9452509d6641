// SPDX-License-Identifier: MIT OR Apache-2.0
/// The functions a compiler may call by itself, and strlen.
#ifndef AIRSSYS_FREESTANDING_STRING_H
#define AIRSSYS_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memmove(void *to, const void *from, size_t len);
void *memset(void *to, int byte, size_t len);
int memcmp(const void *a, const void *b, size_t len);
size_t strlen(const char *text);

#endif
