// SPDX-License-Identifier: MIT OR Apache-2.0
/// How many component instances fit into what the kernel gives a process.
///
/// An instance takes mappings: two for its stack, two for its memory. Past vm.max_map_count the kernel refuses the next
/// one to whoever comes, be it a component, a thread or the allocator; so a system that could come there is not made.
#ifndef NODE_CAPACITY_H
#define NODE_CAPACITY_H

#include "airssys/status.h"

/// Instances that fit beside `used` mappings where `max` are allowed, with some left for everything else.
uint64_t capacity_of_mappings(uint64_t max, uint64_t used);

/// Whether so many instances fit. Errors: E_LIMIT, `error` names vm.max_map_count and how many do. Any thread.
airs_status capacity_check(uint32_t instances_max, airs_error *error);

#endif
