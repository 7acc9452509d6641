// SPDX-License-Identifier: MIT OR Apache-2.0
#include "component/rate_limit.h"

#define SECOND_NS 1000000000u

bool rate_limit_take(rate_limit *limit, uint64_t now_ns)
{
    uint32_t per_second = base_atomic_load_relaxed(&limit->per_second);
    if (per_second == RATE_NO_LIMIT)
        return true;
    uint64_t each_ns = SECOND_NS / per_second;
    uint64_t before_ns = base_atomic_load_relaxed(&limit->full_ns);
    uint64_t full_ns = (before_ns > now_ns ? before_ns : now_ns) + each_ns;
    if (full_ns > now_ns + SECOND_NS)
        return false;
    base_atomic_store_relaxed(&limit->full_ns, full_ns);
    return true;
}

uint32_t rate_limit_used(const rate_limit *limit, uint64_t now_ns)
{
    uint64_t full_ns = base_atomic_load_relaxed(&limit->full_ns);
    uint32_t per_second = base_atomic_load_relaxed(&limit->per_second);
    if (per_second == RATE_NO_LIMIT || full_ns <= now_ns)
        return 0;
    uint64_t each_ns = SECOND_NS / per_second;
    return (uint32_t)((full_ns - now_ns + each_ns - 1) / each_ns);
}
