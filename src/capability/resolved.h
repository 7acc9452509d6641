// SPDX-License-Identifier: MIT OR Apache-2.0
/// The addresses that one component resolved for itself: a grant of a name allows them, and no others.
///
/// Bounded: the name that was resolved first makes room for a new one, and of a name the first addresses are kept.
#ifndef CAPABILITY_RESOLVED_H
#define CAPABILITY_RESOLVED_H

#include "airssys/status.h"
#include "capability/endpoint.h"

#define CAPABILITY_RESOLVED_NAMES_MAX 64u
#define CAPABILITY_RESOLVED_ADDRESSES_MAX 16u

typedef struct capability_resolved_name {
    capability_host host;
    uint32_t count;
    /// On the monotonic clock; from then on it is as if it had not been resolved.
    uint64_t until_ns;
    capability_address addresses[CAPABILITY_RESOLVED_ADDRESSES_MAX];
} capability_resolved_name;

/// Of one component; its owner's thread only. All zero is empty, and needs no end.
typedef struct capability_resolved {
    const airs_allocator *allocator;
    capability_resolved_name *names[CAPABILITY_RESOLVED_NAMES_MAX];
    /// Whose place the next new name takes.
    uint32_t next;
} capability_resolved;

void capability_resolved_init(capability_resolved *self, const airs_allocator *allocator);
void capability_resolved_fini(capability_resolved *self);

/// Remembers what `host` resolved to, in place of what it did before. Errors: E_NOMEM, nothing is changed.
AIRS_NODISCARD airs_status capability_resolved_add(capability_resolved *self, const capability_host *host,
                                                   const capability_address *addresses, size_t count,
                                                   uint64_t until_ns);

/// Whether a name that matches `endpoint` has resolved to `address`. `self` may be NULL: nothing was.
bool capability_resolved_has(const capability_resolved *self, const capability_endpoint *endpoint,
                             const capability_address *address, uint64_t now_ns);

#endif
