// SPDX-License-Identifier: MIT OR Apache-2.0
/// Canaries that run: who is chosen, and where they are found by those who promote one or roll it back.
#ifndef NODE_CANARIES_H
#define NODE_CANARIES_H

#include "node/deploy_plan.h"

typedef struct running_canary running_canary;

/// Decides who of the plan's targets gets the new version at first. `options` are complete; `canary_by` becomes what it
/// is going by. Errors: E_INVALID a group without children, `instance` without a group; E_UNSUPPORTED `message` of a
/// component with `state`; E_NOMEM.
airs_status canaries_choose(deploy_plan *plan, airs_deploy_options *options, airs_error *error);

/// The canary of a plan can be found from now on, until `canaries_remove`; the plan stays as long. NULL when there is
/// no memory. Any thread.
running_canary *canaries_add(deploy_plan *plan, const airs_deploy_options *options);
/// Its rollout has begun (NULL: it could not). Retained.
void canaries_begun(running_canary *self, rollout *of);
/// It has ended so; who waits for that is told.
void canaries_remove(running_canary *self, airs_status status, const airs_deploy_result *result,
                     const airs_error *error);

#endif
