// SPDX-License-Identifier: MIT OR Apache-2.0
#include "deploy/outcome.h"

#include <inttypes.h>

#include "base/error.h"
#include "deploy/condition.h"

#define DRAIN_TIMEOUT_MS 5000u
#define PROBATION_MS 10000u
#define PARALLEL_MAX 64u
#define DAY_MS 86400000u

const char *airs_canary_by_name(airs_canary_by by)
{
    static const char *const names[] = {"auto", "instance", "sender", "message"};
    return (unsigned)by < 4 ? names[by] : "?";
}

static airs_status complete_canary(airs_deploy_options *options, airs_error *error)
{
    condition ignored;
    const char *promote = options->promote_when, *rollback = options->rollback_when;
    bool promotes = promote != NULL && promote[0] != '\0', rolls_back = rollback != NULL && rollback[0] != '\0';
    if (!options->canary && (promotes || rolls_back))
        return base_error_set(error, AIRS_E_INVALID, "%s is of a canary, and there is none",
                              promotes ? "promote_when" : "rollback_when");
    if (options->canary_ppm > 1000000u)
        return base_error_set(error, AIRS_E_INVALID, "the canary's share is %" PRIu32 " millionths, more than all",
                              options->canary_ppm);
    if ((unsigned)options->canary_by > AIRS_CANARY_BY_MESSAGE)
        return base_error_set(error, AIRS_E_INVALID, "canary_by %d is none", (int)options->canary_by);
    airs_status status = promotes ? condition_parse(promote, "promote_when", &ignored, error) : AIRS_OK;
    return status == AIRS_OK && rolls_back ? condition_parse(rollback, "rollback_when", &ignored, error) : status;
}

airs_status rollout_complete(airs_deploy_options *options, airs_error *error)
{
    if (options->drain_timeout_ms == 0)
        options->drain_timeout_ms = DRAIN_TIMEOUT_MS;
    if (options->probation_ms == 0)
        options->probation_ms = PROBATION_MS;
    if (options->parallel_max == 0)
        options->parallel_max = PARALLEL_MAX;
    if (options->drain_timeout_ms > DAY_MS)
        return base_error_set(error, AIRS_E_INVALID, "drain_timeout is %" PRIu32 " ms, the largest is %u",
                              options->drain_timeout_ms, DAY_MS);
    if (options->probation_ms != AIRS_NO_PROBATION && options->probation_ms > DAY_MS)
        return base_error_set(error, AIRS_E_INVALID, "probation is %" PRIu32 " ms, the largest is %u",
                              options->probation_ms, DAY_MS);
    if ((unsigned)options->on_no_state > AIRS_NO_STATE_REFUSE)
        return base_error_set(error, AIRS_E_INVALID, "on_no_state %d is none", (int)options->on_no_state);
    if ((unsigned)options->rollback_state > AIRS_ROLLBACK_SNAPSHOT)
        return base_error_set(error, AIRS_E_INVALID, "rollback_state %d is none", (int)options->rollback_state);
    return complete_canary(options, error);
}
