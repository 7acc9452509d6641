// SPDX-License-Identifier: MIT OR Apache-2.0
/// Three lines: a glob, another one, a path.
#include "fuzz.h"

#include "base/bytes.h"
#include "capability/glob.h"
#include "capability/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    airs_bytes rest = {data, size};
    static char granted[CAPABILITY_GLOB_MAX + 2];
    static char wanted[CAPABILITY_GLOB_MAX + 2];
    static char path[CAPABILITY_PATH_MAX + 2];
    (void)fuzz_take_line(&rest, granted, sizeof granted);
    (void)fuzz_take_line(&rest, wanted, sizeof wanted);
    (void)fuzz_take_line(&rest, path, sizeof path);
    bool granted_ok = capability_glob_check(granted, NULL) == AIRS_OK;
    bool wanted_ok = capability_glob_check(wanted, NULL) == AIRS_OK;
    bool path_ok = capability_path_is_normal(path);
    if (granted_ok && path_ok && capability_glob_is_literal(granted))
        AIRS_ASSERT(capability_glob_matches(granted, path) == (strcmp(granted, path) == 0));
    if (granted_ok)
        AIRS_ASSERT(capability_glob_covers("/**", granted));
    if (!granted_ok || !wanted_ok)
        return 0;
    bool covers = capability_glob_covers(granted, wanted);
    if (capability_glob_is_literal(wanted) && capability_path_is_normal(wanted))
        AIRS_ASSERT(covers == capability_glob_matches(granted, wanted));
    if (covers && path_ok && capability_glob_matches(wanted, path))
        AIRS_ASSERT(capability_glob_matches(granted, path));
    return 0;
}
