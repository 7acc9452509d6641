// SPDX-License-Identifier: MIT OR Apache-2.0
/// What others hear of deployments: a line of the log, an event, a count in the metrics.
#ifndef NODE_DEPLOY_TOLD_H
#define NODE_DEPLOY_TOLD_H

#include "node/system.h"

/// A canary runs from now on: on `first`, or the group that this is. Any thread; waits for nobody.
void deploy_told_canary(airs_system *system, uint64_t first, const airs_canary_info *canary);

/// A deployment has ended, and has its number; a dry run is not told. `first`: the actor or group that it is about, or
/// the root; when that has ended meanwhile the line names nobody, and there is no event. Any thread; waits for nobody.
void deploy_told_end(airs_system *system, uint64_t first, const airs_deploy_record *record);

#endif
