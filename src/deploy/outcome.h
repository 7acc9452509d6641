// SPDX-License-Identifier: MIT OR Apache-2.0
/// What goes into a rollout and comes out of it, for those that have nothing to do with how it goes on (rollout.h).
#ifndef DEPLOY_OUTCOME_H
#define DEPLOY_OUTCOME_H

#include "actor/journal.h"
#include "airssys/deploy.h"

/// Fills in the defaults. Errors: E_INVALID; `error` names what is out of its range.
airs_status rollout_complete(airs_deploy_options *options, airs_error *error);

/// One message that was handled, and of which the state that is there knows nothing.
typedef struct rollout_lost {
    uint64_t actor;
    char name[129];
    /// Counts from the swap on.
    uint64_t number;
    actor_journal_entry entry;
} rollout_lost;

#endif
