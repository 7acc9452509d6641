// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who lives that is made of a template of an app: the children of its groups, and those that components have spawned
/// of it by themselves.
#ifndef NODE_APP_MEMBERS_H
#define NODE_APP_MEMBERS_H

#include "airssys/system.h"
#include "deploy/manifest.h"

/// Visits them, as they are now; groups are those of `manifest`. `fn` returns whether to go on. Any thread but a
/// worker's.
void app_members_each(airs_system *system, const deploy_manifest *manifest, const char *template_name,
                      bool (*fn)(void *user, airs_actor_id member), void *user);

#endif
