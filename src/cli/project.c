// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/project.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST "airssys.toml"
#define NAME_LEN_MAX 64

#define AT(member) .offset = offsetof(cli_project, member)

static const deploy_field component_fields[] = {
    {.key = "name", .kind = DEPLOY_FIELD_TEXT, .required = true, AT(name)},
    {.key = "version", .kind = DEPLOY_FIELD_TEXT, AT(version)},
    {.key = "description", .kind = DEPLOY_FIELD_TEXT, AT(description)},
    {.key = "license", .kind = DEPLOY_FIELD_TEXT, AT(license)},
    {.key = "authors", .kind = DEPLOY_FIELD_TEXT, AT(authors)},
    {.key = "source", .kind = DEPLOY_FIELD_TEXT, AT(source)},
    {.key = "requests", .kind = DEPLOY_FIELD_TABLE, .fields = deploy_grants_fields, AT(requests)},
    {0},
};

static const deploy_field build_fields[] = {
    {.key = "sources", .kind = DEPLOY_FIELD_TEXTS, .required = true, AT(sources)},
    {.key = "include", .kind = DEPLOY_FIELD_TEXTS, AT(include)},
    {.key = "flags", .kind = DEPLOY_FIELD_TEXTS, AT(flags)},
    {.key = "link_flags", .kind = DEPLOY_FIELD_TEXTS, AT(link_flags)},
    {.key = "wit", .kind = DEPLOY_FIELD_TEXTS, AT(wit)},
    {.key = "world", .kind = DEPLOY_FIELD_TEXT, AT(world)},
    {.key = "output", .kind = DEPLOY_FIELD_TEXT, AT(output)},
    // In the order of cli_contract and of cli_libc.
    {.key = "contract", .kind = DEPLOY_FIELD_CHOICE, .choices = "batch actor", AT(contract)},
    {.key = "libc", .kind = DEPLOY_FIELD_CHOICE, .choices = "none wasi", AT(libc)},
    {0},
};

// The rest of the file is the app's: `airssys run` checks it.
static const deploy_field file_fields[] = {
    {.key = "component", .kind = DEPLOY_FIELD_TABLE, .required = true, .fields = component_fields},
    {.key = "build", .kind = DEPLOY_FIELD_TABLE, .required = true, .fields = build_fields},
    {.key = "app", .kind = DEPLOY_FIELD_ELSEWHERE, AT(elsewhere)},
    {.key = "supervisor", .kind = DEPLOY_FIELD_ELSEWHERE, AT(elsewhere)},
    {.key = "node", .kind = DEPLOY_FIELD_ELSEWHERE, AT(elsewhere)},
    {.key = "actor", .kind = DEPLOY_FIELD_ELSEWHERE, AT(elsewhere)},
    {.key = "template", .kind = DEPLOY_FIELD_ELSEWHERE, AT(elsewhere)},
    {0},
};

bool cli_project_name_valid(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NAME_LEN_MAX || name[0] < 'a' || name[0] > 'z')
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/// Splits what the user named into the manifest's path and its folder.
static airs_status find_manifest(cli_project *project, const char *path, char manifest[CLI_PATH_MAX], airs_error *error)
{
    if (is_folder(path)) {
        airs_status status = cli_path_join(manifest, path, MANIFEST, error);
        if (status == AIRS_OK)
            snprintf(project->folder, sizeof project->folder, "%s", path);
        return status;
    }
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash ? (size_t)(slash - path) : 0;
    snprintf(project->folder, sizeof project->folder, "%.*s", (int)folder_len, path);
    if (folder_len == 0)
        snprintf(project->folder, sizeof project->folder, "%s", slash ? "/" : ".");
    return cli_path_join(manifest, "", path, error);
}

airs_status cli_project_path(const cli_project *project, const char *name, char path[CLI_PATH_MAX], airs_error *error)
{
    return cli_path_join(path, project->folder, name, error);
}

static airs_status check_files(const cli_project *project, const char *key, deploy_texts files, airs_error *error)
{
    for (size_t i = 0; i < files.count; i++) {
        char path[CLI_PATH_MAX];
        airs_status status = cli_project_path(project, files.items[i], path, error);
        if (status != AIRS_OK)
            return status;
        struct stat about;
        if (stat(path, &about) == 0 && S_ISREG(about.st_mode))
            continue;
        deploy_place at = deploy_document_item_place(&project->document, "build", key, i);
        return deploy_document_refuse(&project->document, at, error, "`%s` names %s: %s", key, files.items[i],
                                      is_folder(path) ? "a folder, not a file" : "there is no such file");
    }
    return AIRS_OK;
}

static airs_status check(cli_project *project, airs_error *error)
{
    const deploy_document *document = &project->document;
    if (!cli_project_name_valid(project->name.text))
        return deploy_document_refuse(
            document, project->name.at, error,
            "`name` is \"%s\": a component's name is 1 to %d of a-z, 0-9 and -, a letter first", project->name.text,
            NAME_LEN_MAX);
    if (project->sources.count == 0)
        return deploy_document_refuse(document, deploy_document_item_place(document, "build", "sources", 0), error,
                                      "`sources` is empty: name at least one C file");
    if (project->wit.count > 0 && !project->world.text)
        return deploy_document_refuse(document, deploy_document_item_place(document, "build", "wit", 0), error,
                                      "`wit` without `world`: say which world of it, as in \"my:package/world\"");
    airs_status status = check_files(project, "sources", project->sources, error);
    return status == AIRS_OK ? check_files(project, "wit", project->wit, error) : status;
}

static airs_status set_paths(cli_project *project, airs_error *error)
{
    char output[NAME_LEN_MAX + 16];
    snprintf(output, sizeof output, "build/%s.wasm", project->name.text);
    const char *name = project->output.text ? project->output.text : output;
    airs_status status = cli_project_path(project, name, project->output_path, error);
    return status == AIRS_OK ? cli_project_path(project, "build", project->build_folder, error) : status;
}

airs_status cli_project_open(cli_project *project, const char *path, airs_error *error)
{
    *project = (cli_project){0};
    char manifest[CLI_PATH_MAX];
    airs_status status = find_manifest(project, path, manifest, error);
    if (status == AIRS_OK)
        status = deploy_document_open_file(&project->document, manifest, error);
    if (status != AIRS_OK)
        return status;
    status = deploy_document_read(&project->document, file_fields, project, error);
    if (status == AIRS_OK)
        status = check(project, error);
    if (status == AIRS_OK)
        status = deploy_requests_make(&project->document, &project->requests, &project->requests_text, error);
    if (status == AIRS_OK)
        status = set_paths(project, error);
    if (status != AIRS_OK)
        cli_project_close(project);
    return status;
}

char *cli_project_text(cli_project *project, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    int len = vsnprintf(NULL, 0, format, list);
    va_end(list);
    char *text = len < 0 ? NULL : deploy_document_alloc(&project->document, (size_t)len + 1);
    if (!text)
        return NULL;
    va_start(list, format);
    vsnprintf(text, (size_t)len + 1, format, list);
    va_end(list);
    return text;
}

void cli_project_close(cli_project *project)
{
    deploy_document_close(&project->document);
}
