// SPDX-License-Identifier: MIT OR Apache-2.0
/// What has to hold between the parts of a manifest. Private to manifest*.c.
#ifndef AIRS_DEPLOY_MANIFEST_CHECK_H
#define AIRS_DEPLOY_MANIFEST_CHECK_H

#include "deploy/manifest.h"

/// Puts together what an actor or a template may spawn. Errors: E_NOMEM.
AIRS_NODISCARD airs_status deploy_manifest_take_spawn(deploy_manifest *manifest, deploy_actor *actor,
                                                      airs_error *error);

/// Names are unique, what is named exists, no group is below itself, no template spawns itself, children fit their
/// supervisors. Fills in `names` and `starts`. Errors: E_MANIFEST, E_NOMEM.
AIRS_NODISCARD airs_status deploy_manifest_check_tree(deploy_manifest *manifest, airs_error *error);

/// What is said of how a supervisor restarts, of a group, of an actor or a template does not contradict itself.
/// Errors: E_MANIFEST.
AIRS_NODISCARD airs_status deploy_manifest_check_backoff(const deploy_manifest *manifest, const deploy_backoff *backoff,
                                                         airs_error *error);
AIRS_NODISCARD airs_status deploy_manifest_check_group(const deploy_manifest *manifest, const deploy_group *group,
                                                       airs_error *error);
AIRS_NODISCARD airs_status deploy_manifest_check_actor(const deploy_manifest *manifest, const deploy_actor *actor,
                                                       airs_error *error);

/// What is exposed to other apps is there, or may be. After the tree. Errors: E_MANIFEST.
AIRS_NODISCARD airs_status deploy_manifest_check_expose(const deploy_manifest *manifest, airs_error *error);

/// What an actor or a template is granted means something, and its folders are there. Fills in the grants. After the
/// tree. Errors: E_MANIFEST, E_NOMEM.
AIRS_NODISCARD airs_status deploy_manifest_check_grants(deploy_manifest *manifest, deploy_actor *actor,
                                                        airs_error *error);

/// Takes the arguments, and reads the file that is its standard input. After the grants. Errors: E_MANIFEST, E_NOMEM.
AIRS_NODISCARD airs_status deploy_manifest_check_program(deploy_manifest *manifest, deploy_actor *actor,
                                                         airs_error *error);

/// `name` as seen from the folder of the manifest; NULL when there is no memory.
const char *deploy_manifest_path(deploy_document *document, const char *name);

#endif
