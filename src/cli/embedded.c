// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/embedded.h"

#include <string.h>

const cli_embedded_file *cli_embedded_find(const char *path)
{
    for (size_t i = 0; i < cli_embedded_files_count; i++) {
        if (strcmp(cli_embedded_files[i].path, path) == 0)
            return &cli_embedded_files[i];
    }
    return NULL;
}
