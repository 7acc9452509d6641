// SPDX-License-Identifier: MIT OR Apache-2.0
/// What the apps of a node may use together, in parts.
#include "base/error.h"
#include "node/host.h"

#include <inttypes.h>

// Of an app that does not say how many it may have, as of airs_system_options.
#define INSTANCES_DEFAULT 1000u

/// What `reserved` of `max` leaves for each of `others` apps, at least `least`.
static airs_status share(const char *name, uint64_t max, uint64_t reserved, size_t others, uint64_t least,
                         uint64_t *ret_each, airs_error *error)
{
    *ret_each = 0;
    if (reserved > max)
        return base_error_set(error, AIRS_E_LIMIT,
                              "%s is less than what the [node] tables of the apps ask for: %" PRIu64, name, reserved);
    if (others > 0)
        *ret_each = (max - reserved) / others;
    if (others > 0 && *ret_each < least)
        return base_error_set(error, AIRS_E_LIMIT,
                              "%s leaves too little for those that ask for nothing, %zu of the apps", name, others);
    return AIRS_OK;
}

static airs_status share_memory(airs_node *self, const char *name, uint64_t max, airs_error *error)
{
    uint64_t reserved = 0;
    size_t others = 0;
    for (size_t i = 0; i < self->apps_count; i++) {
        uint64_t wanted = self->apps[i].boot.manifest.node.max_memory;
        others += wanted == 0;
        if (__builtin_add_overflow(reserved, wanted, &reserved))
            reserved = UINT64_MAX;
    }
    uint64_t each;
    airs_status status = share(name, max, reserved, others, NODE_HOST_MEMORY_MIN, &each, error);
    for (size_t i = 0; status == AIRS_OK && i < self->apps_count; i++) {
        uint64_t *wanted = &self->apps[i].boot.manifest.node.max_memory;
        *wanted = *wanted == 0 ? each : *wanted;
    }
    return status;
}

static airs_status share_instances(airs_node *self, const char *name, uint32_t max, airs_error *error)
{
    uint64_t reserved = 0;
    size_t others = 0;
    for (size_t i = 0; i < self->apps_count; i++) {
        uint32_t wanted = self->apps[i].boot.manifest.node.instances_max;
        others += wanted == 0;
        reserved += wanted;
    }
    uint64_t each;
    airs_status status = share(name, max, reserved, others, 1, &each, error);
    for (size_t i = 0; status == AIRS_OK && i < self->apps_count; i++) {
        uint32_t *wanted = &self->apps[i].boot.manifest.node.instances_max;
        *wanted = *wanted == 0 ? (uint32_t)(each < INSTANCES_DEFAULT ? each : INSTANCES_DEFAULT) : *wanted;
    }
    return status;
}

airs_status node_host_share(airs_node *self, const node_host_limits *limits, airs_error *error)
{
    airs_status status = AIRS_OK;
    if (limits->memory_max > 0)
        status = share_memory(self, limits->memory_name, limits->memory_max, error);
    if (status == AIRS_OK && limits->instances_max > 0)
        status = share_instances(self, limits->instances_name, limits->instances_max, error);
    return status;
}
