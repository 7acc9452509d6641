// SPDX-License-Identifier: MIT OR Apache-2.0
/// What lies between two manifests of one app: what a deployment of the second onto the first has to do, and why it
/// can't be.
///
/// Nothing is asked of anybody: both manifests, and the hash of each component, are given.
#ifndef DEPLOY_DIFFERENCE_H
#define DEPLOY_DIFFERENCE_H

#include "deploy/manifest.h"
#include "wasm/cache.h"

typedef struct deploy_hash {
    uint8_t bytes[WASM_CACHE_HASH_SIZE];
} deploy_hash;

/// One of the two.
typedef struct deploy_side {
    const deploy_manifest *manifest;
    /// Of each actor, then of each template, in the manifest's order.
    const deploy_hash *hashes;
    /// Of each of `manifest->names`, whether it is there no more, although the manifest has it. NULL: none is.
    const bool *removed;
} deploy_side;

typedef enum deploy_what {
    DEPLOY_ADDED,
    DEPLOY_CHANGED,
    DEPLOY_REMOVED,
} deploy_what;

/// Grants as texts (airs_grant_format); the difference's own.
typedef struct deploy_grant_texts {
    char **items;
    size_t count;
} deploy_grant_texts;

/// One actor, group or template.
typedef struct deploy_item {
    deploy_what what;
    deploy_kind kind;
    /// The manifest's.
    const char *name;
    /// Its place in the list of its kind; of REMOVED in the old manifest, else in the new one.
    size_t place;
    /// Of CHANGED: what changes.
    bool component;
    bool config;
    /// Who is asked by others comes before them: smaller.
    uint32_t rank;
    /// Of ADDED: all that it has.
    deploy_grant_texts gains;
    deploy_grant_texts loses;
    /// Keys that change and can't while it runs: "limits, restart".
    char settings[160];
} deploy_item;

typedef struct deploy_difference {
    /// Those that are removed come last, and what is added before what changes; else as the manifests start them.
    deploy_item *items;
    size_t count;
    /// Something else has changed, of which nothing is to be done: a version, a policy of deployments.
    bool other;
    /// Why it can't be; "" when it can.
    char refused[512];
} deploy_difference;

/// Errors: E_NOMEM; nothing is left then. On success ended with `deploy_difference_fini`. Any thread.
AIRS_NODISCARD airs_status deploy_difference_make(deploy_difference *self, const deploy_side *from,
                                                  const deploy_side *to, airs_error *error);
void deploy_difference_fini(deploy_difference *self);

#endif
