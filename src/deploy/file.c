// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/file.h"

#include "base/alloc.h"
#include "os/file.h"

#include <string.h>
#include <unistd.h>

airs_status deploy_file_read(const char *path, size_t max, airs_buffer *ret_bytes, airs_error *error)
{
    if (strcmp(path, "-") == 0)
        return os_fd_read(base_allocator_default(), STDIN_FILENO, "stdin", max, ret_bytes, error);
    return os_file_read(base_allocator_default(), path, OS_FILE_ANY, max, ret_bytes, error);
}
