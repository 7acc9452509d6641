// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a component is given as a program: its arguments, and what it reads from its standard input. Of an actor: each
/// incarnation is given the same from the beginning. Immutable, read by any thread.
#ifndef COMPONENT_PROGRAM_H
#define COMPONENT_PROGRAM_H

#include "airssys/actor.h"

/// All zero: there is nothing.
typedef struct component_program {
    /// In one block with their texts.
    airs_bytes *args;
    size_t args_count;
    uint8_t *input;
    size_t input_len;
} component_program;

/// Copies them.
/// Errors: E_INVALID a list or a text is NULL, or more than AIRS_ARGS_MAX or AIRS_INPUT_MAX bytes; E_NOMEM.
/// `component_program_fini` is allowed after each.
AIRS_NODISCARD airs_status component_program_init(component_program *self, const airs_spawn_options *options,
                                                  const airs_allocator *allocator, airs_error *error);
void component_program_fini(component_program *self, const airs_allocator *allocator);

#endif
