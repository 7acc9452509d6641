// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/log_limit.h"

#define SECOND_NS 1000000000u

bool log_limit_allows(log_limit *limit, uint64_t now_ns, uint32_t *ret_dropped)
{
    *ret_dropped = 0;
    if (limit->second_ns == 0 || now_ns - limit->second_ns >= SECOND_NS) {
        *ret_dropped = limit->dropped;
        limit->second_ns = now_ns;
        limit->lines = 0;
        limit->dropped = 0;
    }
    if (limit->lines < limit->lines_per_second) {
        limit->lines++;
        return true;
    }
    limit->dropped++;
    return false;
}
