// SPDX-License-Identifier: MIT OR Apache-2.0
/// What `airssys doctor` finds out about this machine: facts, and what follows from them.
#ifndef AIRS_CLI_DOCTOR_H
#define AIRS_CLI_DOCTOR_H

#include "airssys/status.h"

/// Limits of this process and its kernel. A limit that is not set is UINT64_MAX.
typedef struct cli_doctor_facts {
    uint32_t cores;
    uint64_t memory;
    uint64_t memory_available;
    uint64_t max_map_count;
    /// Mappings this process has already.
    uint64_t maps_used;
    /// 0 heuristic, 1 always, 2 never more than there is.
    uint64_t overcommit;
    uint64_t address_space;
    uint64_t open_files;
    uint64_t locked_memory;
    uint64_t threads;
} cli_doctor_facts;

/// How many component instances fit, and why not more.
typedef struct cli_doctor_capacity {
    uint64_t instances;
    /// "vm.max_map_count", "address space", "memory". Static.
    const char *first_limit;
} cli_doctor_capacity;

/// Reads the facts from the kernel; what can't be read is UINT64_MAX.
void cli_doctor_look(cli_doctor_facts *ret_facts);

/// Pure. Counts components that are each allowed `component_memory_max` bytes of memory.
cli_doctor_capacity cli_doctor_capacity_of(const cli_doctor_facts *facts, uint64_t component_memory_max);

#endif
