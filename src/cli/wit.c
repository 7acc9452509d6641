// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys wit: the contract, for other toolchains.
#include "cli/args.h"
#include "cli/embedded.h"
#include "cli/files.h"
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "wit/"
#define DEFAULT_FOLDER "wit/airssys-actor"

static airs_bytes bytes_of(const cli_embedded_file *file)
{
    return (airs_bytes){file->begin, cli_embedded_len(file)};
}

/// Nothing is written when one file of another content is in the way.
static bool may_write(const char *folder, airs_error *error)
{
    for (size_t i = 0; i < cli_embedded_files_count; i++) {
        const cli_embedded_file *file = &cli_embedded_files[i];
        char path[CLI_PATH_MAX];
        if (strncmp(file->path, PREFIX, strlen(PREFIX)) != 0)
            continue;
        if (cli_path_join(path, folder, file->path + strlen(PREFIX), error) != AIRS_OK) {
            cli_error("%s", error->text);
            return false;
        }
        if (cli_file_compare(path, bytes_of(file)) == CLI_FILE_DIFFERENT) {
            cli_error("%s is there already and differs: --force overwrites it", path);
            return false;
        }
    }
    return true;
}

static airs_status write_files(const char *folder, airs_error *error)
{
    airs_status status = AIRS_OK;
    for (size_t i = 0; i < cli_embedded_files_count && status == AIRS_OK; i++) {
        const cli_embedded_file *file = &cli_embedded_files[i];
        char path[CLI_PATH_MAX];
        if (strncmp(file->path, PREFIX, strlen(PREFIX)) != 0)
            continue;
        status = cli_path_join(path, folder, file->path + strlen(PREFIX), error);
        if (status == AIRS_OK)
            status = cli_file_write(path, bytes_of(file), error);
        if (status == AIRS_OK)
            puts(path);
    }
    return status;
}

static cli_exit wit_run(const cli_args *args)
{
    const char *folder = cli_args_at(args, 0) ? cli_args_at(args, 0) : DEFAULT_FOLDER;
    airs_error error;
    if (!cli_args_flag(args, "force") && !may_write(folder, &error))
        return CLI_EXIT_FAILURE;
    airs_status status = write_files(folder, &error);
    if (status == AIRS_OK)
        return CLI_EXIT_OK;
    cli_error("%s", error.text);
    return cli_exit_of(status);
}

const cli_command cli_command_wit = {
    .name = "wit",
    .arguments = "[DIR]",
    .arguments_max = 1,
    .complete = CLI_COMPLETE_FOLDER,
    .summary = "writes out the WIT package of the contract, for other toolchains",
    .details = "Writes the package airssys:actor into DIR (" DEFAULT_FOLDER " when it is left\n"
               "out), for wit-bindgen and its like, and prints the files.\n",
    .flags = {{.name = "force", .letter = 'f', .help = "overwrite files that differ"}},
    .run = wit_run,
};
