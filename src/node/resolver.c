// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/resolver.h"

#include <string.h>

#include "os/resolve.h"

/// At once: of the system, and of one component with all that it has spawned.
#define LOOKUPS_MAX 8u
#define LOOKUPS_EACH_MAX 2u
/// The longest name, and its end.
#define NAME_MAX_SIZE 254u

static engine_resolve_tag tag_of(airs_status status)
{
    switch (status) {
    case AIRS_OK:
        return ENGINE_RESOLVE_OK;
    case AIRS_E_NOT_FOUND:
        return ENGINE_RESOLVE_UNKNOWN;
    case AIRS_E_TIMEOUT:
        return ENGINE_RESOLVE_AGAIN;
    default:
        return ENGINE_RESOLVE_FAILED;
    }
}

/// An answer may come when the system is gone: nothing of it is touched after the question.
static engine_resolve_tag resolve(void *user, engine_bytes name, engine_endpoint *ret, size_t max, size_t *ret_count)
{
    const airs_system_options *options = user;
    char text[NAME_MAX_SIZE];
    airs_address found[ENGINE_RESOLVED_MAX];
    if (name.len >= sizeof text)
        return ENGINE_RESOLVE_FAILED;
    memcpy(text, name.data, name.len);
    text[name.len] = '\0';
    if (max > ENGINE_RESOLVED_MAX)
        max = ENGINE_RESOLVED_MAX;
    size_t count = 0;
    airs_status status = options->resolve == NULL ? os_resolve(NULL, text, found, max, &count)
                                                  : options->resolve(options->resolve_user, text, found, max, &count);
    if (status != AIRS_OK)
        return tag_of(status);
    if (count > max)
        count = max;
    for (size_t i = 0; i < count; i++) {
        ret[i] = (engine_endpoint){.version = found[i].version == 4 ? 4 : 6};
        memcpy(ret[i].address, found[i].bytes, sizeof ret[i].address);
    }
    *ret_count = count;
    return ENGINE_RESOLVE_OK;
}

engine_resolver resolver_of(const airs_system_options *options)
{
    return (engine_resolver){.resolve = resolve,
                             .user = (void *)(uintptr_t)options,
                             .timeout_ms = options->lookup_timeout_ms,
                             .threads_max = LOOKUPS_MAX,
                             .each_max = LOOKUPS_EACH_MAX};
}
