// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployments that have ended: the last 1,000 of a system, in memory.
#ifndef NODE_HISTORY_H
#define NODE_HISTORY_H

#include "airssys/deploy.h"
#include "deploy/outcome.h"

/// Keeps a copy of a record, which gets the next number, and returns that: never 0. When there is no memory for the
/// copy, the number is counted and the record is not listed. `lost` is its own from then on (NULL: none), of the
/// system's allocator. Any thread.
uint64_t history_add(airs_system *system, const airs_deploy_record *record, rollout_lost *lost, uint32_t lost_count);

/// Keeps a copy of a record of before, under its own number, which must be larger than those that are there. False when
/// there is no memory for it. Any thread.
bool history_restore(airs_system *system, const airs_deploy_record *record);

/// At the end of the system.
void history_fini(airs_system *system);

#endif
