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

/// The difference's own.
typedef struct deploy_lines {
    char **items;
    size_t count;
} deploy_lines;

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
    /// Grants as texts (airs_grant_format). Of ADDED: all that it has.
    deploy_lines gains;
    deploy_lines loses;
    /// The names of variables of its own that it has more, and no more: it may read them as long as it has them.
    deploy_lines variables_gained;
    deploy_lines variables_lost;
    /// Of CHANGED: all other keys, with what they were and are, "limits.max_memory 1MiB -> 2MiB", as far as that can be
    /// said in a few words. Those that another instance brings; those of the actor itself, or of the group, which come
    /// without one; and those that can't change while it runs, "supervisor, grants.spawn".
    deploy_lines swapped;
    deploy_lines live;
    char fixed[160];
    /// What it may spawn of is another; that is in `live` too.
    bool spawning;
    /// Of a group: its children are of another template, and the rest of the item is what that changes for them.
    bool retemplated;
    /// The largest message is another: that is the instance's, and the mailbox's.
    bool max_message;
} deploy_item;

typedef struct deploy_difference {
    /// Those that are removed come last, and what is added before what changes; else as the manifests start them.
    deploy_item *items;
    size_t count;
    /// Something else has changed, of which nothing is to be done: a version, a policy of deployments.
    bool other;
    /// Of one of them what it may spawn of.
    bool spawning;
    /// Keys of `[supervisor]`, those of `[node]` that can change, and what `[app]` exposes: all come without another
    /// instance.
    deploy_lines root;
    /// Keys of `[node]` that a node reads when it starts, and that it can do without until then.
    deploy_lines next_start;
    /// What loading components may take, of `[node]`: that is in `root` too.
    bool loading;
    bool expose;
    /// Why it can't be; "" when it can.
    char refused[768];
} deploy_difference;

/// Errors: E_NOMEM; nothing is left then. On success ended with `deploy_difference_fini`. Any thread.
AIRS_NODISCARD airs_status deploy_difference_make(deploy_difference *self, const deploy_side *from,
                                                  const deploy_side *to, airs_error *error);
/// What one of the two manifests, which has it, says of whom an item stands for: the actor, the template, of a group
/// that is `retemplated` its template; NULL: it stands for itself.
const deploy_actor *deploy_item_described(const deploy_item *item, const deploy_manifest *manifest);

/// Whether both say the same.
bool deploy_difference_is_none(const deploy_difference *self);
void deploy_difference_fini(deploy_difference *self);

#endif
