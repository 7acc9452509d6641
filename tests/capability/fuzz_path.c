// SPDX-License-Identifier: MIT OR Apache-2.0
/// Two lines: a folder, and a path.
#include "fuzz.h"

#include "base/bytes.h"
#include "capability/path.h"

static void check(const char *base, airs_bytes raw)
{
    capability_path path;
    if (capability_path_normalize(base, raw, &path, NULL) != AIRS_OK)
        return;
    AIRS_ASSERT(path.len == strlen(path.text) && path.len >= 1 && path.len <= CAPABILITY_PATH_MAX);
    AIRS_ASSERT(path.text[0] == '/' && (path.len == 1 || path.text[path.len - 1] != '/'));
    AIRS_ASSERT(strstr(path.text, "//") == NULL && strstr(path.text, "/../") == NULL &&
                strstr(path.text, "/./") == NULL);
    AIRS_ASSERT(capability_path_is_normal(path.text));
    const char *rest;
    AIRS_ASSERT(base == NULL || capability_path_is_below(path.text, base, &rest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    airs_bytes rest = {data, size};
    static char base[CAPABILITY_PATH_MAX + 2];
    static char path[8 * CAPABILITY_PATH_MAX];
    (void)fuzz_take_line(&rest, base, sizeof base);
    airs_bytes raw = rest;
    (void)fuzz_take_line(&rest, path, sizeof path);
    check(NULL, raw);
    if (capability_path_is_normal(base))
        check(base, raw);
    return 0;
}
