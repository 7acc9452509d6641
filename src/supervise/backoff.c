// SPDX-License-Identifier: MIT OR Apache-2.0
#include "supervise/backoff.h"

/// `base` to the power of `exponent`, by squaring; stops at `max`.
static double power(double base, uint32_t exponent, double max)
{
    double result = 1;
    for (; exponent > 0 && result < max; exponent >>= 1) {
        if (exponent & 1u)
            result *= base;
        base *= base;
    }
    return result;
}

/// Without jitter, and at most `max`.
static double plain_delay(const airs_backoff *backoff, uint32_t attempt, double max)
{
    double delay = backoff->delay_ms;
    switch (backoff->kind) {
    case AIRS_BACKOFF_INHERIT:
    case AIRS_BACKOFF_IMMEDIATE:
        return 0;
    case AIRS_BACKOFF_DELAY:
        break;
    case AIRS_BACKOFF_LINEAR:
        delay *= attempt;
        break;
    case AIRS_BACKOFF_EXPONENTIAL:
        delay *= power(backoff->factor, attempt - 1, max);
        break;
    }
    return delay < max ? delay : max;
}

uint32_t supervise_backoff_delay_ms(const airs_backoff *backoff, uint32_t attempt, base_random *random)
{
    double max = backoff->delay_max_ms;
    double delay = plain_delay(backoff, attempt, max);
    if (backoff->jitter_percent > 0 && delay > 0) {
        // From -1 to 1.
        double share = (double)base_random_below(random, 2000001u) / 1000000.0 - 1.0;
        delay += delay * share * backoff->jitter_percent / 100.0;
    }
    return (uint32_t)(delay < max ? delay : max);
}
