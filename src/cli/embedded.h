// SPDX-License-Identifier: MIT OR Apache-2.0
/// Files that travel inside the binary: the WIT contract, the C SDK and the template of a project.
/// Which ones is said in cmake/sdk.cmake. Static and immutable; any thread.
#ifndef AIRS_CLI_EMBEDDED_H
#define AIRS_CLI_EMBEDDED_H

#include <stddef.h>
#include <stdint.h>

typedef struct cli_embedded_file {
    /// As in the repository: "wit/actor.wit".
    const char *path;
    const uint8_t *begin;
    const uint8_t *end;
} cli_embedded_file;

extern const cli_embedded_file cli_embedded_files[];
extern const size_t cli_embedded_files_count;

/// NULL when there is none of this path.
const cli_embedded_file *cli_embedded_find(const char *path);

static inline size_t cli_embedded_len(const cli_embedded_file *file)
{
    return (size_t)(file->end - file->begin);
}

#endif
