// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/right.h"

#include "base/assert.h"
#include "base/bytes.h"

static const char *const kinds[CAPABILITY_KINDS] = {"files",  "network", "messaging", "spawn", "env",
                                                    "config", "clock",   "random",    "stdio", "custom"};

static const struct {
    capability_kind kind;
    const char *name;
} rights[CAPABILITY_RIGHTS] = {
#define CAPABILITY_RIGHT_ROW(kind, right, number, text) [number] = {CAPABILITY_##kind, text},
    CAPABILITY_RIGHT_MAP(CAPABILITY_RIGHT_ROW)
#undef CAPABILITY_RIGHT_ROW
};

const char *capability_kind_name(capability_kind kind)
{
    return (uint32_t)kind < CAPABILITY_KINDS ? kinds[kind] : "?";
}

const char *capability_right_name(capability_right right)
{
    return (uint32_t)right < CAPABILITY_RIGHTS ? rights[right].name : "?";
}

capability_kind capability_right_kind(capability_right right)
{
    AIRS_ASSERT((uint32_t)right < CAPABILITY_RIGHTS);
    return rights[right].kind;
}

bool capability_kind_find(airs_bytes name, capability_kind *ret_kind)
{
    for (uint32_t i = 0; i < CAPABILITY_KINDS; i++) {
        if (base_bytes_are(name, kinds[i])) {
            *ret_kind = (capability_kind)i;
            return true;
        }
    }
    return false;
}

bool capability_right_find(capability_kind kind, airs_bytes name, capability_right *ret_right)
{
    for (uint32_t i = 0; i < CAPABILITY_RIGHTS; i++) {
        if (rights[i].kind == kind && base_bytes_are(name, rights[i].name)) {
            *ret_right = (capability_right)i;
            return true;
        }
    }
    return false;
}
