// SPDX-License-Identifier: MIT OR Apache-2.0
/// Canaries that run: who is chosen, and where they are found by those who promote one or roll it back.
#ifndef NODE_CANARIES_H
#define NODE_CANARIES_H

#include "airssys/system.h"

struct deploy_plan;
struct rollout;

typedef struct running_canary running_canary;

/// Decides who of the plan's targets gets the new version at first. `options` are complete; `canary_by` becomes what it
/// is going by. Errors: E_INVALID a group without children, `instance` without a group; E_UNSUPPORTED `message` of a
/// component with `state`; E_NOMEM.
airs_status canaries_choose(struct deploy_plan *plan, airs_deploy_options *options, airs_error *error);

/// The canary of a plan can be found from now on, until `canaries_remove`; the plan stays as long. NULL when there is
/// no memory. Any thread.
running_canary *canaries_add(struct deploy_plan *plan, const airs_deploy_options *options);
/// Its rollout has begun (NULL: it could not). Retained.
void canaries_begun(running_canary *self, struct rollout *of);
/// Says in the log and as an event that it runs. Any thread; waits for nobody.
void canaries_tell(const running_canary *self);
/// It has ended so; who waits for that is told.
void canaries_remove(running_canary *self, airs_status status, const airs_deploy_result *result,
                     const airs_error *error);

/// A number that names the canary which is about an actor or a group, as long as the system is; 0: none is. Any thread.
uint64_t canaries_number_of(airs_system *system, uint64_t actor_id);

/// One of those that run.
typedef struct canary_shown {
    /// Whom it is about, as the history says it.
    char actor[sizeof((airs_deploy_record *)NULL)->actor];
    airs_canary_info info;
} canary_shown;

/// Of more, so many are listed.
#define CANARIES_LISTED_MAX 32

/// Those that run; returns how many. Any thread.
size_t canaries_list(airs_system *system, canary_shown ret[static CANARIES_LISTED_MAX]);
/// How many those are, without measuring what they have done. Any thread.
size_t canaries_count(airs_system *system);

#endif
