// SPDX-License-Identifier: MIT OR Apache-2.0
/// Mappings of memory: how many the kernel lets this process have, and how many it has. Any thread.
#ifndef AIRS_OS_MAPPINGS_H
#define AIRS_OS_MAPPINGS_H

#include <stdint.h>

/// vm.max_map_count; UINT64_MAX when it can't be read.
uint64_t os_mappings_max(void);

/// Those of this process; 0 when they can't be read. Takes as long as there are many.
uint64_t os_mappings_used(void);

#endif
