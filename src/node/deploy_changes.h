// SPDX-License-Identifier: MIT OR Apache-2.0
/// Several changes as one deployment, for who writes the history himself.
#ifndef NODE_DEPLOY_CHANGES_H
#define NODE_DEPLOY_CHANGES_H

#include "airssys/deploy.h"

/// `airs_deploy_all`, checked and without an entry in the history: what it would say is left in `*record`. Errors: as
/// that.
airs_status deploy_changes(airs_system *system, const airs_deploy_change *changes, size_t count,
                           const airs_deploy_options *options, airs_deploy_record *record, airs_error *error);

#endif
