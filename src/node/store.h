// SPDX-License-Identifier: MIT OR Apache-2.0
/// What a node knows of its apps, and what outlives it: the database of its state folder, and components by content.
///
///     node.db                       apps, their components, grants given and taken while they ran, what was stopped,
///                                   removed and spawned, deployments
///     components/HASH.wasm          each component once, under the BLAKE2b-256 of its bytes
///
/// What a function here has returned AIRS_OK for is on the disk. Any thread; calls wait for each other, and for the
/// disk. A visitor must not call the store. Errors of each: E_IO the disk is full or fails, or something is damaged;
/// E_NOMEM; texts name the file.
#ifndef NODE_STORE_H
#define NODE_STORE_H

#include "airssys/deploy.h"
#include "deploy/manifest.h"
#include "node/state.h"
#include "wasm/cache.h"

/// Counted up when a node of before would misunderstand what lies there.
#define NODE_STORE_FORMAT 3

typedef struct node_store node_store;

/// The hash that names a component.
typedef struct node_content {
    uint8_t hash[WASM_CACHE_HASH_SIZE];
} node_content;

#define NODE_CONTENT_DIGITS (2 * WASM_CACHE_HASH_SIZE)
/// The shortest beginning of a hash by which a component may be named.
#define NODE_CONTENT_DIGITS_MIN 8

/// Opens the store of a state folder, which is there; made where it is missing, and of this format from then on where
/// it is of one before.
/// Errors: also E_UNSUPPORTED, it is of a newer format.
AIRS_NODISCARD airs_status node_store_open(const char *folder, node_store **ret_store, airs_error *error);

/// Whether a folder has a store.
bool node_store_is_there(const char *folder);

/// NULL is allowed.
void node_store_close(node_store *store);

// ---------------------------------------------------------------- components

/// Keeps a component; one that is there already is told by `*ret_known` (may be NULL).
AIRS_NODISCARD airs_status node_store_add(node_store *store, airs_bytes wasm, node_content *ret_content,
                                          bool *ret_known, airs_error *error);

/// The file of a component.
AIRS_NODISCARD airs_status node_store_path(const node_store *store, const node_content *content,
                                           char ret_path[NODE_STATE_PATH_MAX], airs_error *error);

/// Reads a component, and checks that it is the one of its name. `ret_wasm` is the caller's.
AIRS_NODISCARD airs_status node_store_read(node_store *store, const node_content *content, airs_buffer *ret_wasm,
                                           airs_error *error);

/// The component whose hash begins with these digits. Errors: also E_NOT_FOUND none does; E_INVALID too few digits, no
/// digits, or several do.
AIRS_NODISCARD airs_status node_store_find(node_store *store, const char *digits, node_content *ret_content,
                                           airs_error *error);

/// As many components that nothing needs are kept by a node, to be deployed by their hash.
#define NODE_STORE_UNUSED_MAX 32u

typedef struct node_pruned {
    uint32_t count;
    uint64_t bytes;
} node_pruned;

/// Removes the components that no app is made of, or was before, so that it can go back; but for the `keep` newest of
/// them, and those that were given (`node_store_add`) within the last hour. Also what a process that was killed has
/// left of one. `ret_pruned` may be NULL. Killed meanwhile, nothing that is needed is lost.
/// Errors: also E_TAKEN a deployment is under way.
AIRS_NODISCARD airs_status node_store_prune(node_store *store, uint32_t keep, node_pruned *ret_pruned,
                                            airs_error *error);

/// As digits.
void node_content_format(const node_content *content, char ret_digits[NODE_CONTENT_DIGITS + 1]);
bool node_content_equal(const node_content *a, const node_content *b);

// ---------------------------------------------------------------- apps

/// An app of the store. Borrowed for the time of the visit.
typedef struct node_stored_app {
    const char *name;
    /// Where its manifest, or its only component, was: absolute.
    const char *source;
    /// Its text; `has_manifest` is false of an app that is a component alone.
    airs_bytes manifest;
    bool has_manifest;
    /// Of the manifest and the components that it was given with.
    node_content digest;
    /// Its part of the state folder; "": all of it.
    const char *folder;
} node_stored_app;

/// What an actor or a template of an app is made of.
typedef struct node_stored_version {
    deploy_kind kind;
    const char *name;
    node_content content;
    /// What it was made of before.
    node_content previous;
    bool has_previous;
} node_stored_version;

/// A whole app in the place of the one that is there.
typedef struct node_stored_change {
    const node_stored_app *app;
    const node_stored_version *versions;
    size_t versions_count;
    const char *const *names;
    size_t names_count;
    /// Not NULL: it is the one that is there, and this actor has been added, or is another one. `names` are then those
    /// of which nothing of before is to be left, it among them where it was not there; and `past` is the manifest that
    /// it goes back to, which has none of them but, where `past_has_added`, the one of before that was removed.
    const char *added;
    airs_bytes past;
    bool past_has_added;
    /// Grants of it that the manifest has now: what was given and taken back of them by hand is forgotten.
    const char *const *said;
    size_t said_count;
    /// Not NULL: it goes back to what it was before this actor was added, or became another one, and nothing of the
    /// others changes. `undone_there`: it has the actor then; `undone_was_there`: it has it now.
    const char *undone;
    bool undone_there;
    bool undone_was_there;
} node_stored_change;

typedef airs_status (*node_stored_app_fn)(void *user, const node_stored_app *app, airs_error *error);
typedef airs_status (*node_stored_version_fn)(void *user, const node_stored_version *version, airs_error *error);

/// Visits all apps, in the order in which they came. An error of `fn` ends the visit, and is returned.
AIRS_NODISCARD airs_status node_store_each_app(node_store *store, node_stored_app_fn fn, void *user, airs_error *error);
AIRS_NODISCARD airs_status node_store_each_version(node_store *store, const char *app, node_stored_version_fn fn,
                                                   void *user, airs_error *error);

/// Keeps an app as it was given, in the place of one of the same name: what was deployed to, granted to and asked of
/// that is forgotten, the deployments in its history are not. The components are in the store.
AIRS_NODISCARD airs_status node_store_put_app(node_store *store, const node_stored_app *app,
                                              const node_stored_version *versions, size_t count, airs_error *error);

/// The app has been deployed to as a whole: what it was is what it may be rolled back to, and the record is written
/// down, as by `node_store_end_deploy`. Nothing is removed any more, and what was asked of the actors and groups named
/// by `change->names`, which have come or gone, is forgotten. Of the others of an app to which an actor was added all
/// of that stays. All of it, or nothing.
AIRS_NODISCARD airs_status node_store_change_app(node_store *store, const node_stored_change *change, int64_t row,
                                                 const airs_deploy_record *record, airs_error *error);

/// The app is another text that says the same: what it was given as is written anew, and what was granted by hand,
/// which it says by now, is its own. What is asked of it, what was revoked, and the way back stay. All of it, or
/// nothing.
AIRS_NODISCARD airs_status node_store_take_app(node_store *store, const node_stored_app *app, airs_error *error);

/// What an app was before its last deployment as a whole, as of `node_store_each_app` and `node_store_each_version`.
/// Errors: also E_NOT_FOUND it has had none since it was given.
AIRS_NODISCARD airs_status node_store_past_app(node_store *store, const char *app, node_stored_app_fn fn,
                                               node_stored_version_fn version_fn, void *user, airs_error *error);

/// The actor that has been added, or became another one, by the last deployment of an app as a whole.
typedef struct node_stored_addition {
    /// "": it was no such deployment.
    char name[DEPLOY_NAME_LEN_MAX + 1];
    /// The app that it goes back to has it.
    bool there;
} node_stored_addition;

AIRS_NODISCARD airs_status node_store_past_addition(node_store *store, const char *app, node_stored_addition *ret,
                                                    airs_error *error);

/// Forgets an app. Errors: also E_NOT_FOUND.
AIRS_NODISCARD airs_status node_store_remove_app(node_store *store, const char *app, airs_error *error);

// ---------------------------------------------------------------- grants

/// A grant that was given, or taken back, while the app ran. Borrowed for the time of the visit.
typedef struct node_stored_grant {
    /// "": it is about the app as a whole, and `text` is a pattern that it exposes, or does no more.
    const char *actor;
    /// As airs_grant_format writes it.
    const char *text;
    bool revoked;
    /// The actor's id, by which a child of a group is known; 0: it is none.
    uint64_t id;
} node_stored_grant;

typedef airs_status (*node_stored_grant_fn)(void *user, const node_stored_grant *grant, airs_error *error);

/// In the order in which they were given and taken.
AIRS_NODISCARD airs_status node_store_each_grant(node_store *store, const char *app, node_stored_grant_fn fn,
                                                 void *user, airs_error *error);

/// Adds all of them, or none. Those of actors that are neither the app's own nor children that were asked for are left
/// out. Revocations that can't be written down are owed: they are with those that come next, before these, which may be
/// none.
AIRS_NODISCARD airs_status node_store_add_grants(node_store *store, const char *app, const node_stored_grant *grants,
                                                 size_t count, airs_error *error);

// ---------------------------------------------------------------- what operators have asked for

/// Told an actor or a group that was stopped, or `removed`; it may be in the manifest no more.
typedef airs_status (*node_stored_absence_fn)(void *user, const char *name, bool removed, airs_error *error);
AIRS_NODISCARD airs_status node_store_each_absence(node_store *store, const char *app, node_stored_absence_fn fn,
                                                   void *user, airs_error *error);

/// It is not to be there from now on.
AIRS_NODISCARD airs_status node_store_add_absence(node_store *store, const char *app, const char *name, bool removed,
                                                  airs_error *error);

/// Those of these names that were stopped are to be there again. All of them, or none.
AIRS_NODISCARD airs_status node_store_end_absences(node_store *store, const char *app, const char *const *names,
                                                   size_t count, airs_error *error);

/// A child of a group that somebody has asked for. Borrowed for the time of the visit.
typedef struct node_stored_child {
    int64_t place;
    const char *group;
    /// "": it has none.
    const char *name;
    /// Its own settings: an object of texts, as JSON.
    const char *config;
    /// The id that it has, or has had, in this life of the node or the one before; 0: it was not started.
    uint64_t actor;
    /// What it was given, and, `revoked`, what was taken back, in this order; of a `node_boot` alone.
    const airs_grant *grants;
    size_t grants_count;
} node_stored_child;

typedef airs_status (*node_stored_child_fn)(void *user, const node_stored_child *child, airs_error *error);

/// In the order in which they were asked for.
AIRS_NODISCARD airs_status node_store_each_child(node_store *store, const char *app, node_stored_child_fn fn,
                                                 void *user, airs_error *error);

typedef airs_status (*node_stored_child_grant_fn)(void *user, int64_t place, const node_stored_grant *grant,
                                                  airs_error *error);

/// What children were granted, and what was taken back: child by child, by their `place`, of each in the order in which
/// it was. It is forgotten with the child.
AIRS_NODISCARD airs_status node_store_each_child_grant(node_store *store, const char *app,
                                                       node_stored_child_grant_fn fn, void *user, airs_error *error);

/// Adds all of them, or none, each in the place of one of the same name; their `place` is not looked at.
AIRS_NODISCARD airs_status node_store_add_children(node_store *store, const char *app,
                                                   const node_stored_child *children, size_t count, airs_error *error);

/// Forgets those that have these ids, and with a `group` those of it that were not started. All of them, or none.
AIRS_NODISCARD airs_status node_store_remove_children(node_store *store, const char *app, const char *group,
                                                      const uint64_t *actors, size_t count, airs_error *error);

/// Some children go, others come.
typedef struct node_store_children_change {
    /// Not NULL: those of it that were not started go too.
    const char *group;
    const uint64_t *gone;
    size_t gone_count;
    const node_stored_child *added;
    size_t added_count;
} node_store_children_change;

/// What the two above do, as one: all of it, or nothing.
AIRS_NODISCARD airs_status node_store_change_children(node_store *store, const char *app,
                                                      const node_store_children_change *change, airs_error *error);

/// Whether an actor is a child that was asked for.
AIRS_NODISCARD airs_status node_store_has_child(node_store *store, const char *app, uint64_t actor, bool *ret_has,
                                                airs_error *error);

/// Which ids those at these places have now. All of them, or none.
AIRS_NODISCARD airs_status node_store_place_children(node_store *store, const char *app,
                                                     const node_stored_child *children, size_t count,
                                                     airs_error *error);

// ---------------------------------------------------------------- deployments

/// Notes that a deployment begins, so that one which the node did not live to end is not forgotten.
AIRS_NODISCARD airs_status node_store_begin_deploy(node_store *store, const char *app, const airs_deploy_record *record,
                                                   int64_t *ret_row, airs_error *error);

/// Notes how it has ended: the record, which has its number, and with `content` what the actor, or the template, of
/// that name is made of now.
AIRS_NODISCARD airs_status node_store_end_deploy(node_store *store, const char *app, int64_t row,
                                                 const airs_deploy_record *record, deploy_kind kind, const char *name,
                                                 const node_content *content, airs_error *error);

/// Forgets one that was never begun.
AIRS_NODISCARD airs_status node_store_drop_deploy(node_store *store, int64_t row, airs_error *error);

/// Gives those of an app that were not ended a number and a reason. Before the app runs.
AIRS_NODISCARD airs_status node_store_settle_deploys(node_store *store, const char *app, airs_error *error);

typedef airs_status (*node_stored_deploy_fn)(void *user, const airs_deploy_record *record, airs_error *error);

/// The last 1,000 of an app, the oldest first.
AIRS_NODISCARD airs_status node_store_each_deploy(node_store *store, const char *app, node_stored_deploy_fn fn,
                                                  void *user, airs_error *error);

#endif
