// SPDX-License-Identifier: MIT OR Apache-2.0
/// Components that are small, or at least allowed, and hard to compile. Made by a little writer of Wasm's binaries.
#ifndef HOSTILE_BOMBS_H
#define HOSTILE_BOMBS_H

#include <stddef.h>
#include <stdint.h>

typedef struct bomb {
    uint8_t *data;
    size_t len;
    size_t capacity;
} bomb;

/// One function of `size` bytes in which every value lives to the end.
bomb bomb_long_function(size_t size);
/// So many functions, each with a loop and a call.
bomb bomb_many_functions(uint32_t count);
/// One function of blocks in blocks.
bomb bomb_deep_blocks(uint32_t depth);
/// One function with so many `br_table`, each of as many targets as a table may have.
bomb bomb_branch_tables(uint32_t tables);
/// So many types of functions, each of 1,000 parameters.
bomb bomb_large_types(uint32_t count);

void bomb_free(bomb *self);

#endif
