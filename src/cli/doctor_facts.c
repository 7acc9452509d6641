// SPDX-License-Identifier: MIT OR Apache-2.0
#include "cli/doctor.h"

#include "node/capacity.h"
#include "os/mappings.h"
#include "os/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

// What a live instance takes: the pages that it touches: its bookkeeping, a page of stack, 64 KiB of memory.
#define BYTES_PER_INSTANCE (128u << 10)
// Memories that the pool keeps for each component.
#define MEMORIES_PER_INSTANCE 4
// What user space has of 48-bit addresses; half of one is left to everything else.
#define ADDRESS_SPACE (UINT64_C(1) << 47)

/// The number a file of /proc holds.
static uint64_t read_number(const char *path)
{
    FILE *file = fopen(path, "re");
    uint64_t number = UINT64_MAX;
    if (!file)
        return number;
    if (fscanf(file, "%" SCNu64, &number) != 1)
        number = UINT64_MAX;
    fclose(file);
    return number;
}

/// A line of /proc/meminfo, in bytes.
static uint64_t read_meminfo(const char *key)
{
    FILE *file = fopen("/proc/meminfo", "re");
    uint64_t bytes = UINT64_MAX;
    char line[128];
    size_t len = strlen(key);
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, key, len) == 0 && line[len] == ':')
            bytes = strtoull(line + len + 1, NULL, 10) * 1024;
    }
    if (file)
        fclose(file);
    return bytes;
}

static uint64_t read_limit(__rlimit_resource_t resource)
{
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return limit.rlim_cur;
}

void cli_doctor_look(cli_doctor_facts *ret_facts)
{
    *ret_facts = (cli_doctor_facts){
        .cores = os_cpu_count(),
        .memory = read_meminfo("MemTotal"),
        .memory_available = read_meminfo("MemAvailable"),
        .max_map_count = os_mappings_max(),
        .maps_used = os_mappings_used(),
        .overcommit = read_number("/proc/sys/vm/overcommit_memory"),
        .address_space = read_limit(RLIMIT_AS),
        .open_files = read_limit(RLIMIT_NOFILE),
        .locked_memory = read_limit(RLIMIT_MEMLOCK),
        .threads = read_limit(RLIMIT_NPROC),
    };
}

static void consider(cli_doctor_capacity *capacity, uint64_t instances, const char *limit)
{
    if (instances < capacity->instances)
        *capacity = (cli_doctor_capacity){instances, limit};
}

cli_doctor_capacity cli_doctor_capacity_of(const cli_doctor_facts *facts, uint64_t component_memory_max)
{
    cli_doctor_capacity capacity = {UINT64_MAX, "none"};
    if (facts->max_map_count != UINT64_MAX)
        consider(&capacity, capacity_of_mappings(facts->max_map_count, facts->maps_used), "vm.max_map_count");
    uint64_t space = facts->address_space < ADDRESS_SPACE ? facts->address_space : ADDRESS_SPACE;
    consider(&capacity, space / (MEMORIES_PER_INSTANCE * component_memory_max), "address space");
    if (facts->memory_available != UINT64_MAX)
        consider(&capacity, facts->memory_available / BYTES_PER_INSTANCE, "memory");
    return capacity;
}
