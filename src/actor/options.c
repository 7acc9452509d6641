// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an actor may be given: defaults for what is 0, and what is refused.
#include <inttypes.h>

#include "actor/cell.h"
#include "base/error.h"
#include "base/quantity.h"

typedef struct limit_rule {
    const char *name;
    uint32_t fallback;
    uint32_t max;
} limit_rule;

static bool complete_u32(uint32_t *value, limit_rule rule, airs_error *error)
{
    if (*value == 0)
        *value = rule.fallback;
    if (*value <= rule.max)
        return true;
    (void)base_error_set(error, AIRS_E_INVALID, "%s is %" PRIu32 ", the largest is %" PRIu32, rule.name, *value,
                         rule.max);
    return false;
}

airs_status actor_limits_complete(airs_limits *limits, airs_error *error)
{
    if (limits->max_memory == 0)
        limits->max_memory = 64u << 20;
    if (limits->max_mailbox_age_ms == 0)
        limits->max_mailbox_age_ms = UINT32_MAX;
    if (limits->max_mailbox_age_ms != UINT32_MAX && limits->max_mailbox_age_ms > AIRS_TIME_MAX_MS)
        return base_error_set(error, AIRS_E_INVALID, "max_mailbox_age is %" PRIu32 ", the largest is %u",
                              limits->max_mailbox_age_ms, AIRS_TIME_MAX_MS);
    if (limits->max_rate == 0)
        limits->max_rate = UINT32_MAX;
    if (limits->max_rate != UINT32_MAX && limits->max_rate > AIRS_RATE_MAX)
        return base_error_set(error, AIRS_E_INVALID, "max_rate is %" PRIu32 ", the largest is %u", limits->max_rate,
                              AIRS_RATE_MAX);
    bool ok =
        complete_u32(&limits->mailbox_max, (limit_rule){"mailbox_max", 1024, AIRS_MAILBOX_MAX}, error) &&
        complete_u32(&limits->max_message, (limit_rule){"max_message", 1u << 20, ACTOR_MESSAGE_MAX}, error) &&
        complete_u32(&limits->max_execution_ms, (limit_rule){"max_execution", 1000, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&limits->max_park_ms, (limit_rule){"max_park", 30000, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&limits->start_timeout_ms, (limit_rule){"start_timeout", 5000, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&limits->stop_timeout_ms, (limit_rule){"stop_timeout", 5000, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&limits->max_tables, (limit_rule){"max_tables", AIRS_TABLES_MAX, AIRS_TABLES_MAX}, error) &&
        complete_u32(&limits->log_lines_per_second, (limit_rule){"log_lines_per_second", 100, AIRS_LOG_LINES_MAX},
                     error) &&
        complete_u32(&limits->max_refusals, (limit_rule){"max_refusals", 1000, AIRS_REFUSALS_MAX}, error) &&
        complete_u32(&limits->max_connections, (limit_rule){"max_connections", 64, AIRS_CONNECTIONS_MAX}, error) &&
        complete_u32(&limits->max_open_files, (limit_rule){"max_open_files", 64, AIRS_OPEN_FILES_MAX}, error);
    if (!ok)
        return AIRS_E_INVALID;
    if ((unsigned)limits->mailbox_policy > AIRS_MAILBOX_PARK_SENDER)
        return base_error_set(error, AIRS_E_INVALID, "mailbox_policy %d is none", (int)limits->mailbox_policy);
    return AIRS_OK;
}

airs_status actor_backoff_complete(airs_backoff *backoff, airs_error *error)
{
    if ((unsigned)backoff->kind > AIRS_BACKOFF_EXPONENTIAL)
        return base_error_set(error, AIRS_E_INVALID, "backoff %d is none", (int)backoff->kind);
    if (backoff->delay_max_ms == 0)
        backoff->delay_max_ms = backoff->delay_ms > 30000 ? backoff->delay_ms : 30000;
    else if (backoff->delay_ms == 0 && backoff->delay_max_ms < 100)
        backoff->delay_ms = backoff->delay_max_ms;
    bool ok =
        complete_u32(&backoff->delay_ms, (limit_rule){"backoff.delay", 100, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&backoff->delay_max_ms, (limit_rule){"backoff.delay_max", 30000, AIRS_TIME_MAX_MS}, error) &&
        complete_u32(&backoff->jitter_percent, (limit_rule){"backoff.jitter", 0, 100}, error) &&
        complete_u32(&backoff->reset_after_ms, (limit_rule){"backoff.reset_after", 60000, AIRS_TIME_MAX_MS}, error);
    if (!ok)
        return AIRS_E_INVALID;
    if (backoff->delay_ms > backoff->delay_max_ms)
        return base_error_set(error, AIRS_E_INVALID,
                              "backoff.delay, %" PRIu32 " ms, is over backoff.delay_max, %" PRIu32 " ms",
                              backoff->delay_ms, backoff->delay_max_ms);
    // Exactly 0 is what was not given.
    if (!(backoff->factor < 0.0) && !(backoff->factor > 0.0))
        backoff->factor = 2.0;
    char factor[BASE_QUANTITY_MAX];
    if (!(backoff->factor >= 1.0 && backoff->factor <= 100.0))
        return base_error_set(error, AIRS_E_INVALID, "backoff.factor is %s, it has to be 1 to 100",
                              base_number_format(factor, backoff->factor, 6));
    return AIRS_OK;
}
