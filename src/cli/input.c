// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/input.h"

#include "deploy/file.h"

#include <string.h>
#include <sys/stat.h>

airs_status cli_input_read(const char *path, size_t max, cli_input *ret_input, airs_error *error)
{
    return deploy_file_read(path, max, ret_input, error);
}

bool cli_is_component_file(const char *argument)
{
    size_t len = strlen(argument);
    struct stat about;
    return (len >= 5 && strcmp(argument + len - 5, ".wasm") == 0) ||
           (stat(argument, &about) == 0 && (!S_ISDIR(about.st_mode) || strchr(argument, '/') != NULL));
}

void cli_input_free(cli_input *input)
{
    airs_buffer_free(input);
}
