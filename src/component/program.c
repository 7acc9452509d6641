// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/program.h"

#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/error.h"

static airs_status copy_args(component_program *self, const airs_spawn_options *from, const airs_allocator *allocator,
                             airs_error *error)
{
    size_t bytes = 0;
    for (size_t i = 0; i < from->args_count; i++) {
        if (from->args == NULL || from->args[i] == NULL)
            return base_error_set(error, AIRS_E_INVALID, "args[%zu] is NULL", i);
        // Each counts with its end, so that empty ones are bounded too.
        bytes += strlen(from->args[i]) + 1;
        if (bytes > AIRS_ARGS_MAX)
            return base_error_set(error, AIRS_E_INVALID, "args have more than %u bytes", AIRS_ARGS_MAX);
    }
    if (from->args_count == 0)
        return AIRS_OK;
    self->args = base_alloc(allocator, from->args_count * sizeof *self->args + bytes);
    if (self->args == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for arguments");
    self->args_count = from->args_count;
    uint8_t *to = (uint8_t *)(self->args + self->args_count);
    for (size_t i = 0; i < self->args_count; i++) {
        size_t len = strlen(from->args[i]);
        memcpy(to, from->args[i], len + 1);
        self->args[i] = (airs_bytes){to, len};
        to += len + 1;
    }
    return AIRS_OK;
}

static airs_status copy_input(component_program *self, airs_bytes from, const airs_allocator *allocator,
                              airs_error *error)
{
    if (from.len == 0)
        return AIRS_OK;
    if (from.data == NULL)
        return base_error_set(error, AIRS_E_INVALID, "input is NULL");
    if (from.len > AIRS_INPUT_MAX)
        return base_error_set(error, AIRS_E_INVALID, "input has %zu bytes, the most are %u", from.len, AIRS_INPUT_MAX);
    self->input = base_alloc(allocator, from.len);
    if (self->input == NULL)
        return base_error_set(error, AIRS_E_NOMEM, "no memory for the input");
    memcpy(self->input, from.data, from.len);
    self->input_len = from.len;
    return AIRS_OK;
}

airs_status component_program_init(component_program *self, const airs_spawn_options *options,
                                   const airs_allocator *allocator, airs_error *error)
{
    *self = (component_program){0};
    airs_status status = copy_args(self, options, allocator, error);
    return status == AIRS_OK ? copy_input(self, options->input, allocator, error) : status;
}

void component_program_fini(component_program *self, const airs_allocator *allocator)
{
    base_free(allocator, self->args);
    base_free(allocator, self->input);
    *self = (component_program){0};
}
