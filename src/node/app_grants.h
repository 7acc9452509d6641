// SPDX-License-Identifier: MIT OR Apache-2.0
/// Grants of actors that stay, and of the members of templates that change, in a deployment of a whole app: more before
/// anything else is done, and less when all of it is.
///
/// Each is as often there as the manifest says, so doing it again, for members that have come meanwhile, changes
/// nothing for the others.
#ifndef NODE_APP_GRANTS_H
#define NODE_APP_GRANTS_H

#include "node/app_settings.h"

/// Gives what an item is granted more, the right to read variables of its own included. Errors: those of
/// `airs_grant_add`. Any thread but a worker's.
AIRS_NODISCARD airs_status app_grants_give(const app_settings *of, const deploy_item *item, airs_error *error);

/// Takes that back: it is as before.
void app_grants_take_back(const app_settings *of, const deploy_item *item);

/// Takes what an item is granted no more.
void app_grants_take(const app_settings *of, const deploy_item *item);

#endif
