// SPDX-License-Identifier: MIT OR Apache-2.0
#include "node/capacity.h"

#include <inttypes.h>

#include "base/error.h"
#include "os/mappings.h"

#define MAPPINGS_OF_INSTANCE 4u
/// For the program itself, its threads and its heap.
#define MAPPINGS_LEFT 1000u
/// So few fit by any kernel's default: there is no need to look.
#define FIT_ANYWHERE 1000u

uint64_t capacity_of_mappings(uint64_t max, uint64_t used)
{
    uint64_t taken = used + MAPPINGS_LEFT;
    return max <= taken ? 0 : (max - taken) / MAPPINGS_OF_INSTANCE;
}

airs_status capacity_check(uint32_t instances_max, airs_error *error)
{
    if (instances_max <= FIT_ANYWHERE)
        return AIRS_OK;
    uint64_t max = os_mappings_max();
    // Counting them takes longer than most systems need.
    if (instances_max <= capacity_of_mappings(max / 2, 0))
        return AIRS_OK;
    uint64_t fit = capacity_of_mappings(max, os_mappings_used());
    if (instances_max <= fit)
        return AIRS_OK;
    uint64_t needed = ((uint64_t)instances_max + 1) * MAPPINGS_OF_INSTANCE * 11 / 10 + MAPPINGS_LEFT;
    return base_error_set(error, AIRS_E_LIMIT,
                          "instances_max is %" PRIu32 ", but vm.max_map_count (%" PRIu64 ") is enough for %" PRIu64
                          ": lower the one, or raise the other: sysctl -w vm.max_map_count=%" PRIu64,
                          instances_max, max, fit, needed);
}
