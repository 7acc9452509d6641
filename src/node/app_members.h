// SPDX-License-Identifier: MIT OR Apache-2.0
/// Who lives that is made of a template of an app: the children of its groups, and those that components have spawned
/// of it by themselves.
#ifndef NODE_APP_MEMBERS_H
#define NODE_APP_MEMBERS_H

#include "airssys/system.h"
#include "deploy/manifest.h"

/// Those that a change of the template concerns: a group whose children are of another one in the manifest that comes
/// has none of them.
typedef struct app_members {
    airs_system *system;
    const deploy_manifest *from;
    const deploy_manifest *to;
} app_members;

/// Visits them, as they are now. `fn` returns whether to go on. Any thread but a worker's.
void app_members_each(const app_members *self, const char *template_name, bool (*fn)(void *user, airs_actor_id member),
                      void *user);
/// The children of a group.
void app_members_of_group(const app_members *self, const char *group, bool (*fn)(void *user, airs_actor_id member),
                          void *user);

#endif
