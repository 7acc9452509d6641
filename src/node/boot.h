// SPDX-License-Identifier: MIT OR Apache-2.0
/// What an app starts from: as it is given, or as the store of the node has it.
///
/// The store has an app as it was given, and what was deployed to, granted to and asked of it since. Given again as it
/// was, with the same manifest and the same components, all of that counts; given anew, none of it.
#ifndef NODE_BOOT_H
#define NODE_BOOT_H

#include "deploy/addition.h"
#include "node/app.h"
#include "node/store.h"

typedef struct node_boot {
    deploy_manifest manifest;
    /// NULL: nothing is kept.
    node_store *store;
    /// It is the store's.
    bool stored;
    /// The store has another one of this name, whose deployments and grants will be forgotten.
    bool replaces;
    /// Where its manifest, or its only component, is: absolute.
    char source[NODE_STATE_PATH_MAX];
    node_content digest;
    /// Its part of the state folder; "": all of it.
    char folder[68];
    /// What its actors and templates are made of; the names are the manifest's.
    node_stored_version *versions;
    size_t versions_count;
    /// Of an app of the store: what of it is not to be there, and children of its groups that were asked for. The texts
    /// are the manifest's.
    node_app_absence *absences;
    size_t absences_count;
    node_stored_child *children;
    size_t children_count;
    /// Of `node_boot_with`: the actor that has come, or is another one; NULL: none. `added_anew`: it was not there, or
    /// had been removed.
    const char *added;
    bool added_anew;
    /// The grants that were said with it, as airs_grant_format writes them: it has each of them once, whatever was
    /// given and taken back by hand. The texts are the manifest's.
    const char **said;
    size_t said_count;
    /// Of `node_boot_past`, the way back of an addition: the actor that alone is another one, and whether it is there.
    const char *undone;
    bool undone_there;
} node_boot;

/// An app as it is given: a folder, a manifest, a component. `folder` is its part of the state folder if it is new
/// there; NULL: as it is named. Without a store it is only loaded.
/// Errors: those of `deploy_manifest_load`, of reading its components and of the store. On success ended with
/// `node_boot_fini`.
AIRS_NODISCARD airs_status node_boot_given(node_boot *boot, node_store *store, const char *path, const char *folder,
                                           airs_error *error);

/// An app as it is given, to be deployed in the place of the one of its name that the store has. Its files are read,
/// and `*ret_same` when it is the very same. Errors: as `node_boot_given`.
AIRS_NODISCARD airs_status node_boot_next(node_boot *boot, node_store *store, const char *path, bool *ret_same,
                                          airs_error *error);

/// What an app of the store was before its last deployment as a whole. Where that was the addition of an actor, all
/// else is as it is now. Errors: as `node_boot_stored`; E_NOT_FOUND it
/// has had none.
AIRS_NODISCARD airs_status node_boot_past(node_boot *boot, node_store *store, const char *name, airs_error *error);

/// Keeps the components of an app that was given, or of the actor that was added, and takes them from the store from
/// then on. Errors: E_IO also one has changed since it was read; E_NOMEM.
AIRS_NODISCARD airs_status node_boot_take_components(node_boot *boot, airs_error *error);

/// An app as the store is to keep it; the boot's.
node_stored_app node_boot_as_stored(const node_boot *boot);

/// Whether an actor or a group of the manifest was removed, or belongs to a group that was.
bool node_boot_is_removed(const node_boot *boot, const deploy_named *named);

/// An app of the store. Errors: E_NOT_FOUND there is none of this name; E_IO something of it is damaged; E_NOMEM.
AIRS_NODISCARD airs_status node_boot_stored(node_boot *boot, node_store *store, const char *name, airs_error *error);

/// `from`, an app of the store, with one more actor below its root; what it was given as stays what it is compared
/// with. `add->component` is an absolute path, or the beginning of the hash of a component that the store has. An actor
/// that came so before gets this component, and these settings and grants beside those that it has; of children of a
/// template, what is said now counts. A grant that was taken back by hand is given anew. Its name may have that of the
/// app in front.
/// Errors: E_INVALID the name is none; E_NOT_FOUND it is one of another app, or no such component; E_TAKEN something
/// else has the name; E_UNSUPPORTED it is an actor of the manifest that the app was given with, whose settings are
/// there, or the app has none; E_MANIFEST the manifest can't be with it; those of reading the component and the store.
AIRS_NODISCARD airs_status node_boot_with(node_boot *boot, const node_boot *from, const deploy_addition *add,
                                          airs_error *error);

/// Whether an actor of `from` was added, removed since, and left out of the manifest of `to` (`node_boot_with`).
bool node_boot_is_cut(const node_boot *from, const node_boot *to, const deploy_actor *actor);

/// The text of the manifest without actors that were added and removed since. One that is named by an actor that stays,
/// in a grant, stays in the text too, removed. `ret_text` is the caller's. Errors: E_NOMEM.
AIRS_NODISCARD airs_status node_boot_cut(const node_boot *boot, airs_buffer *ret_text, airs_error *error);

/// Takes the place away that an error begins with, "airssys.toml:17:8: ", where nobody could look at it: the manifest
/// is not that of the file.
void node_boot_say_plainly(const node_boot *boot, airs_error *error);

/// After the app has started: an app that is new to the store is kept there. It must not be told to be there before.
/// Errors: E_IO also a component has changed meanwhile; E_NOMEM.
AIRS_NODISCARD airs_status node_boot_keep(node_boot *boot, const node_app *app, airs_error *error);

/// All zero is allowed.
void node_boot_fini(node_boot *boot);

#endif
