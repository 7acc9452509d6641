// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/defaults.h"

#define RIGHT(name) CAPABILITY_BIT(CAPABILITY_##name)

static const struct {
    capability_kind kind;
    capability_grant grant;
} defaults[CAPABILITY_DEFAULTS] = {
    {CAPABILITY_CONFIG, {.rights = RIGHT(CONFIG_READ), .pattern = "*"}},
    {CAPABILITY_CLOCK, {.rights = RIGHT(CLOCK_WALL) | RIGHT(CLOCK_MONOTONIC)}},
    {CAPABILITY_RANDOM, {.rights = RIGHT(RANDOM_SECURE) | RIGHT(RANDOM_INSECURE)}},
    {CAPABILITY_STDIO, {.rights = RIGHT(STDIO_OUT) | RIGHT(STDIO_ERR)}},
};

size_t capability_defaults_add(uint32_t written, capability_grant *grants, size_t count)
{
    for (size_t i = 0; i < CAPABILITY_DEFAULTS; i++) {
        if ((written & CAPABILITY_KIND_BIT(defaults[i].kind)) == 0)
            grants[count++] = defaults[i].grant;
    }
    return count;
}

uint32_t capability_kinds_of(const capability_grant *grants, size_t count)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t rights = grants[i].rights;
        if (rights != 0 && rights < CAPABILITY_BIT(CAPABILITY_RIGHTS))
            kinds |= CAPABILITY_KIND_BIT(capability_right_kind((capability_right)__builtin_ctz(rights)));
    }
    return kinds;
}
