// SPDX-License-Identifier: MIT OR Apache-2.0
/// What stands in an airssys.toml, key by key, before it is checked as a whole. Private to manifest*.c.
#ifndef AIRS_DEPLOY_MANIFEST_FILE_H
#define AIRS_DEPLOY_MANIFEST_FILE_H

#include "deploy/manifest.h"

typedef struct deploy_manifest_file {
    struct {
        deploy_text name;
        deploy_text version;
        deploy_text description;
        deploy_names expose;
    } app;
    struct {
        deploy_supervision supervision;
        /// Of deploy_group.
        deploy_records groups;
    } supervisor;
    deploy_node node;
    /// Of deploy_actor.
    deploy_records actors;
    deploy_records templates;
    /// The parts of a component's project are there.
    bool component;
    bool build;
} deploy_manifest_file;

/// What a file says that says nothing, and an actor of which nothing is said.
extern const deploy_manifest_file deploy_manifest_file_initial;
extern const deploy_actor deploy_actor_initial;

#endif
