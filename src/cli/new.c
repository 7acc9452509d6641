// SPDX-License-Identifier: MIT OR Apache-2.0
/// airssys new: a project to start from.
#include "base/error.h"
#include "cli/args.h"
#include "cli/embedded.h"
#include "cli/output.h"
#include "cli/project.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PLACEHOLDER "@NAME@"

/// A file of the template, and what it is called in the project (`%s`: the name).
typedef struct template_file {
    const char *path;
    const char *name;
} template_file;

static const template_file template_files[] = {
    {"sdk/c/template/airssys.toml", "airssys.toml"},
    {"sdk/c/template/component.c", "%s.c"},
    {"sdk/c/template/gitignore", ".gitignore"},
};

/// Fills in the name. The first line, the template's own licence, is left out: the project is its author's.
static airs_status fill(const cli_embedded_file *file, const char *name, char **ret_text, airs_error *error)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (!out)
        return base_error_set(error, AIRS_E_NOMEM, "out of memory");
    const char *at = memchr(file->begin, '\n', cli_embedded_len(file));
    const char *end = (const char *)file->end;
    at = at ? at + 1 : end;
    while (at < end) {
        const char *next = memmem(at, (size_t)(end - at), PLACEHOLDER, strlen(PLACEHOLDER));
        const char *stop = next ? next : end;
        fwrite(at, 1, (size_t)(stop - at), out);
        if (next)
            fputs(name, out);
        at = next ? next + strlen(PLACEHOLDER) : end;
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return base_error_set(error, AIRS_E_NOMEM, "out of memory");
    }
    *ret_text = text;
    return AIRS_OK;
}

static airs_status write_file(const template_file *file, const char *folder, const char *name, airs_error *error)
{
    const cli_embedded_file *embedded = cli_embedded_find(file->path);
    if (!embedded)
        return base_error_set(error, AIRS_E_INTERNAL, "this binary lacks %s", file->path);
    char file_name[CLI_PATH_MAX], path[CLI_PATH_MAX];
    bool named = strncmp(file->name, "%s", 2) == 0;
    snprintf(file_name, sizeof file_name, "%s%s", named ? name : "", file->name + (named ? 2 : 0));
    airs_status status = cli_path_join(path, folder, file_name, error);
    char *text = NULL;
    if (status == AIRS_OK)
        status = fill(embedded, name, &text, error);
    if (status == AIRS_OK)
        status = cli_file_write(path, (airs_bytes){(const uint8_t *)text, strlen(text)}, error);
    free(text);
    return status;
}

static cli_exit new_run(const cli_args *args)
{
    char folder[CLI_PATH_MAX];
    char name[CLI_PATH_MAX];
    snprintf(folder, sizeof folder, "%s", cli_args_at(args, 0));
    // A shell completes the name of a folder that is there with slashes.
    for (size_t len = strlen(folder); len > 1 && folder[len - 1] == '/'; len--)
        folder[len - 1] = '\0';
    snprintf(name, sizeof name, "%s", cli_path_base(folder));
    if (!cli_project_name_valid(name)) {
        cli_error("%s: a component's name is 1 to 64 of a-z, 0-9 and -, a letter first", *name ? name : folder);
        return CLI_EXIT_USAGE;
    }
    if (!cli_folder_is_empty(folder)) {
        cli_error("%s is there already, and not empty", folder);
        return CLI_EXIT_FAILURE;
    }
    airs_error error;
    airs_status status = cli_folder_make(folder, &error);
    for (size_t i = 0; i < sizeof template_files / sizeof *template_files && status == AIRS_OK; i++)
        status = write_file(&template_files[i], folder, name, &error);
    if (status != AIRS_OK) {
        cli_error("%s", error.text);
        return cli_exit_of(status);
    }
    printf("%s: a component in C. Next:\n", folder);
    printf("  airssys build %s\n", folder);
    printf("  airssys call %s/build/%s.wasm world\n", folder, name);
    return CLI_EXIT_OK;
}

const cli_command cli_command_new = {
    .name = "new",
    .arguments = "NAME",
    .arguments_min = 1,
    .arguments_max = 1,
    .complete = CLI_COMPLETE_NOTHING,
    .summary = "starts a project: a folder with a component to build on",
    .details = "Makes the folder NAME with a component that builds and answers: airssys.toml,\n"
               "NAME.c, .gitignore. NAME may be a path; its last part is the component's name.\n"
               "A folder that is there must be empty.\n",
    .flags = {{.name = "lang",
               .letter = 'l',
               .value = "LANGUAGE",
               .choices = "c",
               .help = "the language; c, the only one yet"}},
    .run = new_run,
};
