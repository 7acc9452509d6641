// SPDX-License-Identifier: MIT OR Apache-2.0
/// Deployment of a whole app: another manifest, with its components, in the place of the one that runs.
///
///   read       what is given, and what lies between the two (deploy/difference.h)
///   begin      components are kept and loaded, and it is noted that a deployment has begun
///   grant      what actors that stay are granted more
///   start      what is new, in the manifest's order, on probation (app_probation.h)
///   deploy     components, configurations, and what else instances are made with (limits, variables, checkpoints), as
///              one: rehearsed, swapped, on probation; templates are changed
///   live       what comes without another instance (live.h): of actors, of groups, of the root; and what is exposed
///   write      the new app is on the disk; before this a node that ends comes back with the old one, after it with the
///              new one
///   load       what `[node]` says of loading components counts
///   revoke     what actors that stay are granted no more
///   stop       what is no part of the app any more
///
/// Whatever fails until it is written, all goes back: what was started is stopped, what was granted is revoked.
#ifndef NODE_APP_DEPLOY_H
#define NODE_APP_DEPLOY_H

#include "deploy/difference.h"
#include "node/app.h"
#include "node/durable.h"

/// What would be done. All zero is allowed.
typedef struct node_app_plan {
    /// The app as the store has it, and as it is to be.
    node_boot from;
    node_boot to;
    deploy_difference difference;
    bool back;
    /// app_digest.h. Another one: another plan.
    node_content digest;
} node_app_plan;

/// What is to become of the app that runs.
typedef struct node_app_wish {
    /// A folder or a manifest; NULL: what it was before its last deployment as a whole.
    const char *path;
    /// In their place: what runs, and this actor beside it. NULL: none.
    const deploy_addition *add;
} node_app_wish;

/// Reads what it is to become, and compares.
/// Errors: those of `node_boot_given` and `node_boot_with`; E_INVALID it has another name; E_NOT_FOUND there is no way
/// back; E_UNSUPPORTED the node keeps no state. On success ended with `node_app_plan_fini`.
AIRS_NODISCARD airs_status node_app_plan_make(node_app_plan *plan, const node_durable *durable,
                                              const node_app_wish *wish, airs_error *error);
void node_app_plan_fini(node_app_plan *plan);

/// The canary that the manifest wants of one that gets another component; NULL: none. A whole app is all or none, so it
/// is deployed without: a part of it that runs two versions for as long as a condition takes would be neither.
const char *node_app_plan_canary(const node_app_plan *plan, const deploy_item *item);

/// A plan for which a share is asked is refused: for all of it, or for an actor that is added. `asked` "", "none": none
/// is.
void node_app_plan_check_canary(node_app_plan *plan, const char *asked);

/// Whether the difference is none, and the app as it is given is another text all the same, or is somewhere else.
bool node_app_plan_takes(const node_app_plan *plan);

/// Takes the app as it is given from then on, `node_app_plan_takes`: for the next start it is the very same app. Since
/// before the plan was made, nothing else has changed the app. Errors: those of the store; nothing has changed then.
AIRS_NODISCARD airs_status node_app_plan_take(node_app_plan *plan, const node_durable *durable, node_app *app,
                                              airs_error *error);

/// Carries it out, and waits until that has ended. Since before it was made, nothing else has changed the app
/// (`node_app_begin_change` of the whole). `options` are for what the manifest says nothing of; `count` of its times is
/// said.
/// Errors: E_UNSUPPORTED the difference is refused; those of what it does. Then the old app is there, and `ret_result`
/// says what became of it when the deployment had begun (its number is not 0).
AIRS_NODISCARD airs_status node_app_plan_carry_out(node_app_plan *plan, const node_durable *durable, node_app *app,
                                                   const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                   airs_error *error);

#endif
