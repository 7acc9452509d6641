// SPDX-License-Identifier: MIT OR Apache-2.0
#include "os/mappings.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t os_mappings_max(void)
{
    FILE *file = fopen("/proc/sys/vm/max_map_count", "re");
    uint64_t max;
    if (file == NULL)
        return UINT64_MAX;
    if (fscanf(file, "%" SCNu64, &max) != 1)
        max = UINT64_MAX;
    (void)fclose(file);
    return max;
}

uint64_t os_mappings_used(void)
{
    FILE *file = fopen("/proc/self/maps", "re");
    uint64_t lines = 0;
    if (file == NULL)
        return 0;
    for (int c; (c = getc(file)) != EOF;)
        lines += c == '\n';
    (void)fclose(file);
    return lines;
}
