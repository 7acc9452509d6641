// SPDX-License-Identifier: MIT OR Apache-2.0
/// What changes an app while it runs, and is there again when the node is: deployments, grants.
///
/// Each is done and on the disk, or neither, once its function has returned. Without a store (NULL) it is only done.
#ifndef NODE_DURABLE_H
#define NODE_DURABLE_H

#include "airssys/capability.h"
#include "airssys/deploy.h"
#include "airssys/system.h"
#include "node/boot.h"

/// An app that runs, and where it is kept.
typedef struct node_durable {
    node_store *store;
    char app[65];
} node_durable;

/// After an app has started: its history is there again, what was before can be rolled back to, and what was granted
/// and revoked is. Errors: E_IO, E_NOMEM, and those of `airs_grant_add` and `airs_component_load`.
AIRS_NODISCARD airs_status node_durable_resume(const node_durable *self, airs_system *system, const node_boot *boot,
                                               airs_error *error);

/// `node_app_revive`: what is started again has what was deployed, granted and revoked.
/// Errors: also those of `node_boot_stored`.
AIRS_NODISCARD airs_status node_durable_revive(const node_durable *self, airs_system *system, node_app *app,
                                               const char *name, airs_error *error);

/// Loads a component: an absolute path, or the beginning of the hash of one that the node keeps.
/// Errors: those of `airs_component_load_file` and `node_store_find`.
AIRS_NODISCARD airs_status node_durable_load(const node_durable *self, airs_system *system, const char *component,
                                             airs_component **ret_component, airs_error *error);

/// `airs_deploy` of such a component to one actor. When the end can't be written down, the old version is put back.
/// Errors: also E_IO. Blocks as `airs_deploy` does.
AIRS_NODISCARD airs_status node_durable_deploy(const node_durable *self, airs_system *system, const char *component,
                                               airs_actor_id actor, const airs_deploy_options *options,
                                               airs_deploy_result *ret_result, airs_error *error);

/// `airs_rollback` of one actor.
AIRS_NODISCARD airs_status node_durable_rollback(const node_durable *self, airs_system *system, airs_actor_id actor,
                                                 const airs_deploy_options *options, airs_deploy_result *ret_result,
                                                 airs_error *error);

/// `airs_grant_add`; what can't be written down is taken back.
AIRS_NODISCARD airs_status node_durable_grant(const node_durable *self, airs_system *system, airs_actor_id actor,
                                              const airs_grant *grants, size_t count, uint32_t *ret_number,
                                              airs_error *error);

/// Keeps what an app exposes from now on, or with `hide` no more: it is so already. E_IO: it would not be after the
/// next start of the node.
AIRS_NODISCARD airs_status node_durable_expose(const node_durable *self, const char *const *patterns, size_t count,
                                               bool hide, airs_error *error);

/// `airs_grant_revoke`. E_IO: it is revoked, but would be there again after the next start of the node.
AIRS_NODISCARD airs_status node_durable_revoke(const node_durable *self, airs_system *system, airs_actor_id actor,
                                               const uint32_t *numbers, size_t count, airs_error *error);

#endif
