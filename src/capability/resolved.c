// SPDX-License-Identifier: MIT OR Apache-2.0
#include "capability/resolved.h"

#include <string.h>

#include "base/alloc.h"

void capability_resolved_init(capability_resolved *self, const airs_allocator *allocator)
{
    *self = (capability_resolved){.allocator = allocator};
}

void capability_resolved_fini(capability_resolved *self)
{
    for (uint32_t i = 0; i < CAPABILITY_RESOLVED_NAMES_MAX; i++) {
        if (self->names[i] != NULL)
            base_free(self->allocator, self->names[i]);
        self->names[i] = NULL;
    }
}

/// The place of `host`, or the one that it takes.
static uint32_t place_of(const capability_resolved *self, const capability_host *host)
{
    for (uint32_t i = 0; i < CAPABILITY_RESOLVED_NAMES_MAX; i++) {
        if (self->names[i] != NULL && strcmp(self->names[i]->host.text, host->text) == 0)
            return i;
    }
    return self->next;
}

airs_status capability_resolved_add(capability_resolved *self, const capability_host *host,
                                    const capability_address *addresses, size_t count, uint64_t until_ns)
{
    uint32_t place = place_of(self, host);
    if (self->names[place] == NULL) {
        self->names[place] = base_alloc(self->allocator, sizeof *self->names[place]);
        if (self->names[place] == NULL)
            return AIRS_E_NOMEM;
    }
    if (place == self->next)
        self->next = (self->next + 1) % CAPABILITY_RESOLVED_NAMES_MAX;
    capability_resolved_name *name = self->names[place];
    name->host = *host;
    name->until_ns = until_ns;
    name->count = (uint32_t)(count < CAPABILITY_RESOLVED_ADDRESSES_MAX ? count : CAPABILITY_RESOLVED_ADDRESSES_MAX);
    for (uint32_t i = 0; i < name->count; i++)
        name->addresses[i] = addresses[i];
    return AIRS_OK;
}

static bool name_has(const capability_resolved_name *name, const capability_address *address)
{
    for (uint32_t i = 0; i < name->count; i++) {
        if (capability_address_equal(&name->addresses[i], address))
            return true;
    }
    return false;
}

bool capability_resolved_has(const capability_resolved *self, const capability_endpoint *endpoint,
                             const capability_address *address, uint64_t now_ns)
{
    if (self == NULL)
        return false;
    for (uint32_t i = 0; i < CAPABILITY_RESOLVED_NAMES_MAX; i++) {
        const capability_resolved_name *name = self->names[i];
        if (name != NULL && now_ns < name->until_ns && name_has(name, address) &&
            capability_endpoint_matches_host(endpoint, &name->host))
            return true;
    }
    return false;
}
