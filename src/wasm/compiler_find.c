// SPDX-License-Identifier: MIT OR Apache-2.0
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "wasm/compiler.h"

/// The file that this code is in: the library, or the program that it is linked into. False when that is not known for
/// sure: a relative name means another file in another folder.
static bool find_own_file(char ret_path[PATH_MAX])
{
    static const char here;
    Dl_info info;
    if (dladdr(&here, &info) != 0 && info.dli_fname != NULL && info.dli_fname[0] == '/' &&
        strstr(info.dli_fname, ".so") != NULL)
        return realpath(info.dli_fname, ret_path) != NULL;
    ssize_t len = readlink("/proc/self/exe", ret_path, PATH_MAX - 1);
    if (len <= 0)
        return false;
    ret_path[len] = '\0';
    return ret_path[0] == '/';
}

/// Whether `folder` + `rest` can be executed; then `ret_path` is that.
static bool is_there(const char *folder, const char *rest, char *ret_path, size_t size)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s%s", folder, rest);
    if (len <= 0 || (size_t)len >= sizeof path || (size_t)len >= size || access(path, X_OK) != 0)
        return false;
    memcpy(ret_path, path, (size_t)len + 1);
    return true;
}

airs_status wasm_compiler_find(char *ret_path, size_t size, airs_error *error)
{
    // No program that has more rights than who started it lets itself be told what to start.
    const char *named = secure_getenv("AIRSSYS_COMPILER");
    if (named != NULL && named[0] != '\0') {
        if (is_there(named, "", ret_path, size))
            return AIRS_OK;
        return base_error_set(error, AIRS_E_IO, "AIRSSYS_COMPILER: %s is no program", named);
    }
    char own[PATH_MAX];
    if (find_own_file(own)) {
        *strrchr(own, '/') = '\0';
        // Of an installed library `bin` is beside `lib`, or beside the folder that `lib/x86_64-linux-gnu` is in.
        static const char *const places[] = {"/airssys", "/../bin/airssys", "/../../bin/airssys"};
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            if (is_there(own, places[i], ret_path, size))
                return AIRS_OK;
        }
    }
    if (is_there(AIRS_BIN_FOLDER, "/airssys", ret_path, size))
        return AIRS_OK;
    return base_error_set(error, AIRS_E_IO,
                          "no compiler: the program airssys is neither beside this one nor in %s: name it with "
                          "compiler_path, or AIRSSYS_COMPILER",
                          AIRS_BIN_FOLDER);
}
