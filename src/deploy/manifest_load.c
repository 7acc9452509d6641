// SPDX-License-Identifier: MIT OR Apache-2.0
/// From what a user names to a manifest: a folder, a manifest, a component.
#include "base/error.h"
#include "deploy/file.h"
#include "deploy/manifest.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MANIFEST_NAME "airssys.toml"
#define MANIFEST_BYTES_MAX (1u << 20)
// Of an app's name, with its NUL.
#define NAME_SIZE 65

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_component(const char *path)
{
    size_t len = strlen(path);
    return len >= 5 && strcmp(path + len - 5, ".wasm") == 0;
}

/// The name of a component's file without its ending; what no name may hold is `_`.
static void name_of_file(const char *path, char name[NAME_SIZE])
{
    const char *slash = strrchr(path, '/');
    const char *file = slash ? slash + 1 : path;
    snprintf(name, NAME_SIZE, "%.*s", (int)(strlen(file) - strlen(".wasm")), file);
    for (char *at = name; *at; at++) {
        char one[2] = {*at, 0};
        if (!deploy_name_valid(one, false) || strchr(":/", *at) || (at == name && strchr("-.", *at)))
            *at = '_';
    }
    if (!name[0])
        snprintf(name, NAME_SIZE, "component");
}

static airs_status load_file(deploy_manifest *manifest, const char *path, airs_error *error)
{
    airs_buffer text = {0};
    airs_status status = deploy_file_read(path, MANIFEST_BYTES_MAX, &text, error);
    if (status != AIRS_OK)
        return status;
    if (text.len >= 4 && memcmp(text.data, "\0asm", 4) == 0)
        status =
            base_error_set(error, AIRS_E_MANIFEST, "WebAssembly, not a manifest: %s: give it the ending .wasm", path);
    else
        status = deploy_manifest_parse(manifest, path, (airs_bytes){text.data, text.len}, error);
    airs_buffer_free(&text);
    return status;
}

airs_status deploy_manifest_load(deploy_manifest *manifest, const char *path, airs_error *error)
{
    if (!is_folder(path)) {
        if (!is_component(path))
            return load_file(manifest, path, error);
        char name[NAME_SIZE];
        name_of_file(path, name);
        return deploy_manifest_of_component(manifest, path, name, error);
    }
    char file[PATH_MAX];
    const char *between = path[strlen(path) - 1] == '/' ? "" : "/";
    if (snprintf(file, sizeof file, "%s%s%s", path, between, MANIFEST_NAME) >= (int)sizeof file)
        return base_error_set(error, AIRS_E_INVALID, "the path is too long: %s", path);
    airs_status status = load_file(manifest, file, error);
    if (status == AIRS_E_NOT_FOUND)
        return base_error_set(error, status, "no %s in the folder: %s", MANIFEST_NAME, path);
    return status;
}
